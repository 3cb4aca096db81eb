// A strip over the page, at its top or bottom, above Streamlit's dialogs too and not closed to the keyboard by them.
const strip = (id, edge) => {
  const app = document.querySelector("[data-testid=stApp]");
  const dark = app && getComputedStyle(app).colorScheme.includes("dark");
  const [ink, paper, line] = dark ? ["#ffe2a0", "#3a2e10", "#8a6d1f"] : ["#5c3d00", "#fff4d6", "#c79a2b"];
  const box = document.createElement("div");
  box.id = id;
  box.dataset.reactAriaTopLayer = "true";
  box.style.cssText = `position:fixed;z-index:1000100;${edge}:12px;left:50%;transform:translateX(-50%);display:flex;
    align-items:center;gap:16px;width:max-content;max-width:calc(100vw - 24px);box-sizing:border-box;padding:10px 16px;
    border:1px solid ${line};border-radius:6px;background:${paper};color:${ink};box-shadow:0 6px 24px rgb(0 0 0/25%);
    font:16px/1.5 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif`;
  document.body.append(box);
  return box;
};
