// What Streamlit has drawn is touched up by the scripts that follow: once a frame, when something has changed.
const touches = [];
let touching = false;
const touch = () => {
  touching = false;
  for (const each of touches) each();
};
const look = () => {
  if (!touching) requestAnimationFrame(touch);
  touching = true;
};
const changes = { childList: true, characterData: true, attributes: true, attributeFilter: ["aria-label"], subtree: true };
new MutationObserver(look).observe(document, changes);
addEventListener("resize", look);
