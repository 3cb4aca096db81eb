// A table wider than its place scrolls sideways; Streamlit gives its frame no place in the order of the keyboard.
touches.push(() => {
  for (const frame of document.querySelectorAll("[data-testid=stTable] > div")) {
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }
});
