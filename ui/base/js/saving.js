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
// A pause after which Streamlit sends what stands in a field (300 ms), with room for a slow clock.
const PAUSE = 200;
// [filing, path] as text -> { filing, path, was: values that may have been sent before, now, at: when it was typed;
// conflict: another value stands there; left: typed into a page that is gone }
const pending = new Map();
let connected = true, refused = "", typedAt = 0, askedAt = 0, later = 0, renewed = 0, sending = false;
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
const waiting = () => [...pending.values()].filter((entry) => !entry.conflict);
const bodies = () => [...new Set(waiting().map(({ filing }) => filing))].map((filing) => {
  const entries = waiting().filter((entry) => entry.filing === filing);
  return { filing, cells: Object.fromEntries(entries.map(({ path, was, now }) => [path, { was, now }])) };
});
const keep = () => {
  try {
    if (pending.size) sessionStorage.setItem(KEPT, JSON.stringify([...pending.values()]));
    else sessionStorage.removeItem(KEPT);
  } catch { /* no room, or none allowed: the beacon remains */ }
};
const held = new WeakMap(); // what stood in a cell when it was entered
addEventListener("focusin", ({ target }) => isCell(target) && held.set(target, target.value), true);
const typed = ({ target, isComposing }) => {
  const path = isCell(target), filing = newest()?.dataset.filing;
  if (isComposing || !path || !filing) return;
  const key = `${filing} ${path}`, entry = pending.get(key), at = performance.now();
  const was = entry?.was ?? [held.get(target) ?? ""];
  // Only what stood through a pause, or was confirmed by leaving the field, can have been sent.
  if (entry && (entry.left || entry.sent || at - entry.at > PAUSE)) was.push(entry.now);
  pending.set(key, { filing, path, was: [...new Set(was)], now: target.value, at });
  typedAt = at;
  later = 0;
  keep();
  say();
};
for (const name of ["input", "compositionend"]) addEventListener(name, typed, true);
addEventListener("change", ({ target }) => {
  const entry = isCell(target) && pending.get(`${newest()?.dataset.filing} ${pathOf(target)}`);
  if (entry) entry.sent = true;
}, true);
const forget = (unwanted) => {
  for (const [key, entry] of pending) if (unwanted(entry)) pending.delete(key);
  if (!waiting().length) refused = "";
  keep();
};
// What the server has stored is no longer pending; nor what it keeps itself, or what a person has chosen about.
const settle = () => {
  const mark = newest();
  if (!mark || !pending.size) return;
  const { filing, unsaved } = mark.dataset, stored = JSON.parse(mark.dataset.stored);
  const offered = mark.dataset.offered.split(" "), conflicts = mark.dataset.conflicts.split(" ");
  const mine = [...pending.values()].filter((entry) => entry.filing === filing);
  for (const entry of mine) entry.conflict ||= !entry.left && conflicts.includes(entry.path);
  forget((entry) => mine.includes(entry)
    && (stored[entry.path] === entry.now || offered.includes(entry.path) || (entry.conflict && !entry.left && unsaved === "0")));
};
const say = () => {
  const shown = document.querySelector(".st-key-filing-bar .filing-state");
  const mark = newest();
  if (!shown || !mark) return;
  mark.dataset.words ??= mark.textContent;
  const unsent = waiting().length;
  const left = [...pending.values()].filter((entry) => entry.conflict && entry.left).map((entry) => `“${entry.now}”`);
  const count = Math.max(unsent, Number(mark.dataset.unsaved));
  const words = left.length ? `未保存 ${left.length} 项：离开前输入的${left.join("、")}与别处保存的不同，没有覆盖（点此表示知道了）`
    : refused ? `未保存 ${count} 项：${refused}`
    : !connected && unsent ? `未保存 ${count} 项，连接恢复后自动保存`
    : unsent ? "保存中……" : mark.dataset.words;
  shown.role = "status";
  if (shown.textContent !== words) shown.textContent = words;
};
const press = (place) => document.querySelector(`.st-key-filing-${place} button:not(:disabled)`)?.click();
const renew = () => {
  if (performance.now() - renewed < 5000) return;
  renewed = performance.now();
  press("renew");
};
const send = async () => {
  if (sending || performance.now() < later) return;
  sending = true;
  try {
    for (const body of bodies()) {
      const of = (path) => pending.get(`${body.filing} ${path}`);
      const same = (path) => of(path)?.now === body.cells[path].now;
      const answer = await fetch("/filing/cells", {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), cache: "no-store",
      });
      if (answer.ok) {
        const { stored, conflicts } = await answer.json();
        for (const path of stored) if (same(path)) pending.delete(`${body.filing} ${path}`);
        for (const path of conflicts) if (same(path)) of(path).conflict = true;
        refused = "";
      } else if (answer.status === 403) {
        // Not this person's: somebody else has signed in here since.
        for (const path of Object.keys(body.cells)) if (of(path)?.left) pending.delete(`${body.filing} ${path}`);
      } else if (answer.status === 409) {
        refused = (await answer.json()).error;
        later = performance.now() + 10_000;
        renew(); // the page says so, and keeps what was typed
      }
    }
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
  if (waiting().length && waits > (connected ? 3000 : 300)) send();
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
  for (const body of bodies()) navigator.sendBeacon("/filing/cells", new Blob([JSON.stringify(body)], { type: "application/json" }));
});
addEventListener("beforeunload", (event) => {
  if (waiting().length && (!connected || refused)) event.preventDefault();
});
// What a page that is gone could not send, or sent without an answer: to send it twice does no harm.
try {
  for (const entry of JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")) {
    pending.set(`${entry.filing} ${entry.path}`, { ...entry, at: -Infinity, left: true });
  }
  send();
} catch { sessionStorage.removeItem(KEPT); }
addEventListener("click", ({ target }) => {
  if (target.closest?.(".st-key-filing-bar .filing-state")) forget((entry) => entry.conflict && entry.left);
});
// When nothing more is typed and no run is under way, the head and the foot of the page follow what was typed.
const rest = () => {
  const quiet = document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-script-state") === "notRunning";
  if (!quiet || typedAt <= askedAt || performance.now() - typedAt < 900 || waiting().length) return;
  askedAt = performance.now();
  for (const place of ["at-rest", "at-foot"]) press(place);
};
setInterval(() => { settle(); say(); rest(); }, 250);
// Whether the filing was submitted, returned, locked or saved elsewhere meanwhile: then the page is drawn anew.
let asking = false;
const look = async () => {
  const mark = newest();
  if (!mark || !connected || asking || document.hidden || waiting().length || performance.now() - typedAt < 1500) return;
  asking = true;
  try {
    const answer = await fetch(`/filing/state?filing=${encodeURIComponent(mark.dataset.filing)}`, { cache: "no-store" });
    if (!answer.ok) return;
    const { revision, state } = await answer.json(), shown = newest();
    const moved = shown && (shown.dataset.state !== state || Number(shown.dataset.revision) < revision);
    if (moved && !waiting().length) renew();
  } catch { /* without a connection there is nothing to be told */ } finally { asking = false; }
};
setInterval(look, 2500);
}
