// What is typed into a filing step is the person's until the server has said that it is stored. Streamlit's own way takes
// a value only while its connection and its page live; this keeps every text typed since the last word of the server,
// sends it when the page is left (beacon) or the connection was lost (again and again), and says in the bar what is true.
// The server says what is stored in the marks that ui/filing/sheet.py draws with every run (data-stored: path -> value).
{
const style = document.createElement("style");
style.textContent = `.st-key-filing-at-rest, .st-key-filing-at-foot, .st-key-filing-renew { display: none }
[data-testid=stElementContainer]:has(.filing-state) { display: none }
.st-key-filing-bar [data-testid=stElementContainer]:has(.filing-state) { display: flex }`;
document.head.append(style);
const KEPT = "filing.pending";
const pending = new Map(); // path -> { was: values the cell has held, now }
let filing = "", connected = true, refused = "", typedAt = 0, askedAt = 0, sending = false;
// "st-key-cell-7-basic-contact_name" -> "basic.contact_name"
const pathOf = (node) => {
  const box = node.closest?.("[class*='st-key-cell-']");
  const name = box && [...box.classList].find((each) => each.startsWith("st-key-cell-"));
  return name && name.replace(/^st-key-cell-\d+-/, "").replaceAll("-", ".");
};
const isCell = (node) => node?.matches?.("input[type=text], input:not([type]), textarea") && pathOf(node);
// Older marks of other parts of the page still stand beside the newest.
const newest = () => [...document.querySelectorAll(".filing-state[data-filing]")]
  .sort((one, other) => one.dataset.turn - other.dataset.turn).at(-1);
const body = () => JSON.stringify({ filing, cells: Object.fromEntries(pending) });
const keep = () => {
  try {
    if (pending.size && filing) sessionStorage.setItem(KEPT, body());
    else sessionStorage.removeItem(KEPT);
  } catch { /* no room, or none allowed: the beacon remains */ }
};
const held = new WeakMap(); // what stood in a cell when it was entered
addEventListener("focusin", ({ target }) => isCell(target) && held.set(target, target.value), true);
const typed = ({ target, isComposing }) => {
  const path = isCell(target);
  if (isComposing || !path) return;
  const entry = pending.get(path);
  const was = entry ? [...entry.was, entry.now] : [held.get(target) ?? ""];
  pending.set(path, { was: [...new Set(was)], now: target.value });
  typedAt = performance.now();
  keep();
  say();
};
for (const name of ["input", "compositionend"]) addEventListener(name, typed, true);
// What the server has stored is no longer pending.
const settle = () => {
  const mark = newest();
  if (!mark) return;
  filing = mark.dataset.filing;
  if (!pending.size) return;
  const stored = JSON.parse(mark.dataset.stored);
  for (const [path, entry] of pending) {
    // Of a conflict the page itself has the person choose; once that is done nothing is left of it.
    const chosen = entry.conflict && !entry.left && mark.dataset.unsaved === "0";
    if (stored[path] === entry.now || chosen) pending.delete(path);
  }
  keep();
};
const say = () => {
  const shown = document.querySelector(".st-key-filing-bar .filing-state");
  const mark = newest();
  if (!shown || !mark) return;
  mark.dataset.words ??= mark.textContent;
  const unsaved = Math.max(pending.size, Number(mark.dataset.unsaved));
  const left = [...pending.values()].filter((entry) => entry.conflict && entry.left).map((entry) => `“${entry.now}”`);
  const words = left.length ? `未保存 ${left.length} 项：离开前输入的${left.join("、")}与别处保存的不同，没有覆盖（点此表示知道了）`
    : refused ? `未保存 ${unsaved} 项：${refused}`
    : !connected && pending.size ? `未保存 ${unsaved} 项，连接恢复后自动保存`
    : pending.size && Number(mark.dataset.unsaved) && [...pending.values()].every((entry) => entry.conflict) ? mark.dataset.words
    : pending.size ? "保存中……" : mark.dataset.words;
  shown.role = "status";
  if (shown.textContent !== words) shown.textContent = words;
};
const send = async () => {
  if (![...pending.values()].some((entry) => !entry.conflict) || !filing || sending) return;
  sending = true;
  const sent = new Map([...pending].map(([path, entry]) => [path, entry.now]));
  try {
    const answer = await fetch("/filing/cells", {
      method: "POST", headers: { "content-type": "application/json" }, body: body(), cache: "no-store",
    });
    if (answer.ok) {
      const { stored, conflicts } = await answer.json();
      for (const path of stored) if (pending.get(path)?.now === sent.get(path)) pending.delete(path);
      for (const path of conflicts) if (pending.get(path)?.now === sent.get(path)) pending.get(path).conflict = true;
      refused = "";
    } else if (answer.status === 409) refused = (await answer.json()).error;
  } catch { /* still without a connection */ } finally {
    sending = false;
    keep();
    say();
  }
};
// A lost connection loses what was under way: it is sent by itself until it is stored. So is what the page has not
// brought through in three seconds, whatever the reason.
setInterval(() => {
  const waits = performance.now() - typedAt;
  if (pending.size && waits > (connected ? 3000 : 300)) send();
}, 1000);
const sockets = new Set();
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("open", () => { sockets.add(this); connected = true; say(); });
    this.addEventListener("close", () => { sockets.delete(this); connected = sockets.size > 0; say(); });
  }
};
addEventListener("pagehide", () => {
  if (!pending.size || !filing) return;
  if (navigator.sendBeacon("/filing/cells", new Blob([body()], { type: "application/json" }))) pending.clear();
});
addEventListener("beforeunload", (event) => {
  if (pending.size && (!connected || refused)) event.preventDefault();
});
// What a page that is gone could not send, or sent without an answer: to send it twice does no harm.
try {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept) {
    filing = kept.filing;
    for (const [path, entry] of Object.entries(kept.cells)) pending.set(path, { was: entry.was, now: entry.now, left: true });
    send();
  }
} catch { sessionStorage.removeItem(KEPT); }
addEventListener("click", ({ target }) => {
  if (!target.closest?.(".st-key-filing-bar .filing-state")) return;
  for (const [path, entry] of pending) if (entry.conflict && entry.left) pending.delete(path);
  keep();
});
// When nothing more is typed and no run is under way, the head and the foot of the page follow what was typed.
const rest = () => {
  const app = document.querySelector("[data-testid=stApp]");
  const quiet = app?.dataset.testScriptState === "notRunning" || app?.getAttribute("data-test-script-state") === "notRunning";
  if (!quiet || typedAt <= askedAt || performance.now() - typedAt < 900 || pending.size) return;
  askedAt = performance.now();
  for (const place of ["rest", "foot"]) document.querySelector(`.st-key-filing-at-${place} button:not(:disabled)`)?.click();
};
setInterval(() => { settle(); say(); rest(); }, 250);
// Whether the filing was submitted, returned, locked or saved elsewhere meanwhile: then the page is drawn anew.
let asking = false, renewed = 0;
const look = async () => {
  const mark = newest();
  if (!mark || !connected || asking || document.hidden || pending.size || performance.now() - typedAt < 1500) return;
  asking = true;
  try {
    const answer = await fetch(`/filing/state?filing=${encodeURIComponent(mark.dataset.filing)}`, { cache: "no-store" });
    if (!answer.ok) return;
    const { revision, state } = await answer.json(), shown = newest();
    const moved = shown && (shown.dataset.state !== state || Number(shown.dataset.revision) < revision);
    if (!moved || pending.size || performance.now() - renewed < 5000) return;
    renewed = performance.now();
    document.querySelector(".st-key-filing-renew button")?.click();
  } catch { /* without a connection there is nothing to be told */ } finally { asking = false; }
};
setInterval(look, 2500);
}
