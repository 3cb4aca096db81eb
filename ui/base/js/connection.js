// Streamlit greys out the page of a lost connection and says little. Its websocket's close is the moment to say more;
// the open of the next one is the end of it. No word when the page is being left, nor when the session is over: then
// session.js leads to the login page.
const OVER = 4401;
let leaving = false, lost;
addEventListener("pagehide", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });
const disconnected = ({ code }) => {
  if (leaving || lost || code === OVER) return;
  lost = strip("connection-lost", "bottom");
  lost.role = "alert";
  lost.textContent = "连接已断开，正在重连；已输入的内容保留在本页，请不要刷新或关闭。恢复后请看一眼是否已保存。";
};
const connected = () => {
  lost?.remove();
  lost = null;
};
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("open", connected);
    this.addEventListener("close", disconnected);
  }
};
