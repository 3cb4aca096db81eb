// On a phone: the menu lies over the page, so a choice in it closes it; and what is asked for brings its own keyboard,
// known by the unit or the word at the end of the label.
const narrow = matchMedia("(max-width: 768px)");
addEventListener("click", ({ target }) => {
  if (!narrow.matches || !target.closest?.("[data-testid=stSidebar] a")) return;
  setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
}, true);
const KEYBOARDS = [
  [/（(元|万元|亿元|%)）$/, "decimal"],
  [/（(人|项|家|个|天)）$|年份$/, "numeric"],
  [/(电话|手机|手机号码)$/, "tel"],
  [/邮箱$/, "email"],
];
touches.push(() => {
  for (const input of document.querySelectorAll("[data-testid=stTextInputField]")) {
    const known = KEYBOARDS.find(([label]) => label.test(input.ariaLabel));
    input.inputMode = known ? known[1] : "";
  }
});
