// The server closes the websocket of an ended session, and Streamlit would only say that the connection is lost. So at
// a lost connection, at coming back to the tab and every 20 seconds ask whether the session lives; to ask is no use of
// it. Text not yet sent is sent when the warning comes, while the session still takes it. Needs isText of typing.js
// and strip of banner.js.
const commit = () => {
  const typing = document.activeElement;
  if (!isText(typing)) return;
  typing.blur();
  typing.focus();
};
const NOTICE = 300; // seconds before the end
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
    final = seconds <= NOTICE && (final || method === "POST");
    warn();
  }
};
const warn = () => {
  const left = Math.ceil((until - Date.now()) / 1000);
  if (left > NOTICE) {
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
  const minutes = left >= 60 ? `${Math.floor(left / 60)} 分 ` : "";
  warning.firstChild.textContent = `还有 ${minutes}${Math.max(left, 0) % 60} 秒${why}`;
  warning.lastChild.hidden = final;
};
const banner = () => {
  const box = strip("session-ending", "top");
  const said = box.appendChild(document.createElement("span"));
  const stay = box.appendChild(document.createElement("button"));
  Object.assign(box, { role: "alertdialog", ariaLabel: "即将退出登录", ariaLive: "assertive" });
  // Announced once, at its coming, not with every second.
  said.role = "timer";
  stay.textContent = "继续";
  stay.style.cssText = `flex:none;min-height:40px;padding:0 16px;border:1px solid;border-radius:6px;
    background:none;color:inherit;font:inherit;font-weight:600;cursor:pointer`;
  stay.onclick = () => alive("POST");
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
