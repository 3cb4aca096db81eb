// Two habits of the browser side that save what is typed. A press on a link first ends the typing and waits a
// moment, for the value must leave before the change of page, or it would bring the old page back. And a pause in a
// long text sends it, as short inputs do by themselves; but not in a form, where that key would press its button.
const isText = (node) => node?.matches?.("input:not([type=checkbox]):not([type=radio]), textarea");
let ended = -1000;
addEventListener("pointerdown", ({ target }) => {
  if (!isText(document.activeElement) || !target.closest?.("a, button, [role=button]")) return;
  document.activeElement.blur();
  ended = performance.now();
}, true);
addEventListener("click", (event) => {
  const link = event.target.closest?.("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || performance.now() - ended > 150) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ended = -1000;
  setTimeout(() => link.click(), 150);
}, true);
const pauses = new WeakMap();
const pause = ({ target, isComposing }) => {
  if (!target.matches?.("textarea") || target.closest("[data-testid=stForm]")) return;
  clearTimeout(pauses.get(target));
  if (isComposing) return; // in the middle of an input method's composition nothing is sent
  const send = { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true };
  pauses.set(target, setTimeout(() => target.dispatchEvent(new KeyboardEvent("keydown", send)), 800));
};
for (const name of ["input", "compositionend"]) addEventListener(name, pause, true);
