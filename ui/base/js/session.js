// The server closes the websocket of an ended session, and Streamlit would only say that the connection is lost. So at
// a lost connection, at coming back to the tab and every 20 seconds ask whether the session lives; to ask is no use of
// it. Text not yet sent is sent when the warning comes, while the session still takes it. Needs isText of typing.js.
const commit = () => {
  const typing = document.activeElement;
  if (!isText(typing)) return;
  typing.blur();
  typing.focus();
};
let until = Infinity, final = false, warning;
const alive = async (method = "GET") => {
  const answer = await fetch("/auth/alive", { method, cache: "no-store" }).catch(() => null);
  if (answer?.status === 401) {
    commit();
    const here = encodeURIComponent(location.pathname + location.search);
    location.replace(`/auth/login?ended=1&next=${here}`);
  } else if (answer?.ok) {
    const { seconds } = await answer.json();
    until = Date.now() + 1000 * seconds;
    // Using it helps against idleness, not against the twelve hours.
    final = seconds <= 120 && (final || method === "POST");
    warn();
  }
};
const warn = () => {
  const left = Math.ceil((until - Date.now()) / 1000);
  if (left > 120) {
    warning?.remove();
    warning = null;
    return;
  }
  if (left <= 0) alive();
  if (!warning) {
    commit();
    setTimeout(() => alive(), 1500);
    warning = banner();
  }
  const why = final ? "因登录满 12 小时将退出登录" : "因长时间未操作将退出登录";
  warning.firstChild.textContent = `还有 ${Math.max(left, 0)} 秒${why}`;
  warning.lastChild.hidden = final;
};
const banner = () => {
  const app = document.querySelector("[data-testid=stApp]");
  const dark = app && getComputedStyle(app).colorScheme.includes("dark");
  const [ink, paper, line] = dark ? ["#ffe2a0", "#3a2e10", "#8a6d1f"] : ["#5c3d00", "#fff4d6", "#c79a2b"];
  const box = document.createElement("div");
  const said = box.appendChild(document.createElement("span"));
  const stay = box.appendChild(document.createElement("button"));
  Object.assign(box, { id: "session-ending", role: "alertdialog", ariaLabel: "即将退出登录", ariaLive: "assertive" });
  // Above Streamlit's dialogs too, and not closed to the keyboard by them.
  box.dataset.reactAriaTopLayer = "true";
  box.style.cssText = `position:fixed;z-index:1000100;top:12px;left:50%;transform:translateX(-50%);display:flex;
    align-items:center;gap:16px;width:max-content;max-width:calc(100vw - 24px);box-sizing:border-box;padding:10px 16px;
    border:1px solid ${line};border-radius:6px;background:${paper};color:${ink};box-shadow:0 6px 24px rgb(0 0 0/25%);
    font:16px/1.5 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif`;
  // Announced once, at its coming, not with every second.
  said.role = "timer";
  stay.textContent = "继续使用";
  stay.style.cssText = `flex:none;min-height:40px;padding:0 16px;border:1px solid ${ink};border-radius:6px;
    background:none;color:${ink};font:inherit;font-weight:600;cursor:pointer`;
  stay.onclick = () => alive("POST");
  document.body.append(box);
  return box;
};
setInterval(warn, 1000);
setInterval(() => alive(), 20000);
addEventListener("load", () => alive());
addEventListener("pageshow", ({ persisted }) => persisted && alive());
document.addEventListener("visibilitychange", () => document.hidden || alive());
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("close", () => alive());
  }
};
