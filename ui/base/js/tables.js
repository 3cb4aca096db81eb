// A table wider than its place scrolls sideways; Streamlit gives its frame no place in the order of the keyboard.
let looking = false;
const reach = () => {
  looking = false;
  for (const frame of document.querySelectorAll("[data-testid=stTable] > div")) {
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }
};
const look = () => {
  if (!looking) requestAnimationFrame(reach);
  looking = true;
};
new MutationObserver(look).observe(document, { childList: true, subtree: true });
addEventListener("resize", look);
