// What a screen reader needs of the forms and Streamlit does not say: which field a sentence in red is about, which year
// and period a figure belongs to, which row a button acts on. Taken from where things stand on the page.
const BLOCK = "[data-testid=stVerticalBlock]";
const textOf = (node) => node?.textContent.trim() ?? "";
const labelOf = (field) => textOf(field.querySelector("[data-testid=stWidgetLabel] p"));
const bare = (label) => label.replace(/^\* /, "").replace(/（[^（]*）$/, "");
const controlOf = (field) =>
  field.querySelector("input:not([type=radio]):not([type=checkbox]):not([type=file]), textarea, [role=radiogroup]");
const fieldsIn = (block) =>
  [...block.querySelectorAll("[data-testid=stElementContainer]")].filter((each) => controlOf(each) && labelOf(each));
const described = (control, ids) => {
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => !id.startsWith("wrong-"));
  say(control, "aria-describedby", [...others, ...ids].join(" ").trim());
};
const say = (node, name, value) => node.getAttribute(name) === value || node.setAttribute(name, value);

// A sentence begins with the label of its field and stands in the same block.
let sentences = 0;
let marked = new Map();
touches.push(() => {
  const wrong = new Map();
  for (const red of document.querySelectorAll("[data-testid=stMain] .stMarkdownColoredText")) {
    const [icon, ...rest] = red.childNodes;
    if (icon?.role !== "img" || textOf(icon) !== "error") continue;
    red.id ||= `wrong-${++sentences}`;
    say(red, "role", "alert");
    const sentence = rest.map(textOf).join("").trim();
    const about = fieldsIn(red.closest(BLOCK)).filter((field) => sentence.startsWith(bare(labelOf(field))));
    const longest = about.sort((a, b) => labelOf(b).length - labelOf(a).length)[0];
    if (longest) wrong.set(controlOf(longest), [...(wrong.get(controlOf(longest)) ?? []), red.id]);
  }
  for (const control of marked.keys()) {
    if (wrong.has(control)) continue;
    control.removeAttribute("aria-invalid");
    described(control, []);
  }
  for (const [control, ids] of wrong) {
    say(control, "aria-invalid", "true");
    described(control, ids);
  }
  marked = wrong;
});

// A column of figures is headed by its period; the year is a field above it.
const yearAbove = (node) => {
  for (let block = node.parentElement?.closest(BLOCK); block; block = block.parentElement?.closest(BLOCK)) {
    const year = fieldsIn(block).find((field) => bare(labelOf(field)) === "年份");
    if (year) return `${controlOf(year).value || "未填"}年`;
  }
  return null;
};
touches.push(() => {
  for (const column of document.querySelectorAll("[data-testid=stMain] [data-testid=stColumn]")) {
    const period = column.querySelector(":scope > * > :first-child [data-testid=stMarkdownContainer] strong");
    const figures = period ? fieldsIn(column) : [];
    const year = figures.length ? yearAbove(column) : null;
    if (!year) continue;
    for (const field of figures) say(controlOf(field), "aria-label", `${year}${textOf(period)}，${labelOf(field)}`);
  }
});

// The row's heading, or the file's name, stands in the same line as the button.
touches.push(() => {
  for (const button of document.querySelectorAll("[class*=st-key-] :is([data-testid=stButton], [data-testid=stPopover]) button")) {
    const said = textOf(button.querySelector("p"));
    if (!["删除", "移除", "删除此年度"].includes(said)) continue;
    const line = button.closest("[data-testid=stHorizontalBlock]");
    const row = said === "删除此年度" ? yearAbove(button) : textOf(line?.querySelector("strong, a"));
    if (row) say(button, "aria-label", `${said}：${row}`);
  }
});
