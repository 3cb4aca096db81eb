"""One filing step on the screen: drawn from the tab's sheet, saved as it is typed, conflicts shown side by side."""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from core.base.errors import UserError
from core.base.values import shown
from core.filing.cells import GONE, field_of, get, label_of
from core.filing.checks import Check
from core.filing.filing import Filing
from core.filing.model import STEP_NAMES, STEPS, About, Content, in_words, progress, read_part
from core.filing.states import STATES
from ui.base.text import plain, say
from ui.filing.forms import Form, part, sections
from ui.filing.legal import legal_head
from ui.filing.sheet import Attach, Save, Sheet, held, named, sheet_of

#: Findings that a step does not repeat under its form: stars say what is missing, fields what cannot be read.
_SAID_ELSEWHERE = ("required", "unreadable", "required_column")
PAGES = {step: f"filing/{step}.py" for step in STEP_NAMES}
_ADDRESS = "round"


def of_address(read: Callable[[str | None], Filing | None]) -> Filing:
    """The filing of the round that the address names, else of the current one, a function of data; stops the page without one."""
    named = st.query_params.get(_ADDRESS)
    try:
        filing = read(named)
        if named and filing and (current := read(None)) and current.id == filing.id:
            del st.query_params[_ADDRESS]  # it is no earlier one
    except UserError as error:
        say("error", str(error))
        st.page_link("filing/workbench.py", label="回到工作台", icon=":material/arrow_back:")
        st.stop()
    if filing is None:
        st.info("目前没有开放的填报期。开放后将在此填写，届时会另行通知。", icon=":material/event_upcoming:")
        st.stop()
    return filing


def way() -> dict[str, str] | None:
    """What a link to another page of the same filing says in its address."""
    named = st.query_params.get(_ADDRESS)
    return {_ADDRESS: named} if named else None


def unfinished(filing: Filing, today: date) -> bool:
    """Whether a filing of an earlier round asks for something: it can be mended, or has come back."""
    return filing.editable_on(today) or (filing.state == "returned" and not filing.merged)


def earlier(filings: Sequence[Filing], today: date) -> None:
    """The filings of earlier rounds, to open; what is unfinished says what can be done."""
    for filing in filings:
        if filing.editable_on(today):
            why = "已被退回" if filing.state == "returned" else "已为贵企业重新开放"
            say("warning", f"往期填报“{filing.round.name}”{why}，可填至 {filing.closes}，请修改后提交。")
        elif unfinished(filing, today):
            say(
                "info",
                f"往期填报“{filing.round.name}”已被退回，但已于 {filing.closes} 截止。如需修改，请联系所在区经信部门解锁。",
            )
        word = "修改" if filing.editable_on(today) else "查看"
        with st.container(horizontal=True, vertical_alignment="center"):
            state = STATES[filing.state] if filing.revision else "尚未填写"
            st.markdown(
                f"**{plain(filing.round.name)}**　{state}  \n:small[{filing.round.opens} 至 {filing.round.closes}]"
            )
            st.page_link(
                PAGES["basic"],
                label=f"{word}{filing.round.id}期填报",
                icon=":material/history:",
                query_params={_ADDRESS: filing.round.id},
            )


def header(filing: Filing, content: Content, today: date) -> None:
    """The round, the days left, the state, and how far each step is."""
    left = (filing.closes - today).days
    until = f"{filing.closes:%Y-%m-%d} 截止，还有 {left} 天" if left >= 0 else f"已于 {filing.closes:%Y-%m-%d} 截止"
    st.caption(f"{filing.round.name} · {until} · 当前状态：{STATES[filing.state]}")
    legal_head(filing.round)
    if way():
        say(
            "info",
            f"这是往期填报“{filing.round.name}”（{filing.round.opens} 至 {filing.round.closes}），保存和提交都记入这一期。",
        )
        st.page_link("filing/workbench.py", label="回到工作台，办理本期填报", icon=":material/arrow_back:")
    if filing.merged:
        say("warning", f"贵企业{filing.merged}。")
    elif filing.state == "returned":
        say("warning", "填报被退回，请按下列意见修改后重新提交。")
        for path, text in filing.reasons.items():
            st.markdown(f"- **{plain(label_of(path)) if path else '总体意见'}**：{plain(text)}")
    elif not filing.editable_on(today):
        why = "本期填报已截止" if left < 0 else f"填报状态为“{STATES[filing.state]}”"
        say("info", f"{why}，内容只供查看。如需更正，请联系所在区审核员退回。")
    if filing.revision == 0 and "technology" in filing.content:
        say("info", "已带入上期填报的内容供核对，请逐步检查、更新，填写本期数据后提交。")
    counts = progress(content, filing.round)
    for place, (step, (done, needed)) in zip(st.columns(len(counts)), counts.items(), strict=True):
        filled = content.get(step) and done == needed
        text = f"{STEP_NAMES[step]}　{f'{done}/{needed}' if needed else '选填'}"
        icon = ":material/check_circle:" if filled else ":material/radio_button_unchecked:"
        place.page_link(PAGES[step], label=text, icon=icon, query_params=way())


def sweep(save: Callable[[str], Save]) -> None:
    """Send what was typed into a step that this run may not even draw; the first thing of every run.

    Someone who types and at once goes elsewhere has sent the value with the very message that changes the page.
    `save(filing id)` is the writer for that filing.
    """
    if (sheet := held()) is not None:
        sheet.sweep(save(sheet.filing_id))


def warn_elsewhere(page: str | None) -> None:
    """On another page than its own: what typed into a step could not be saved, and where to see to it."""
    if (sheet := held()) is None:
        return
    sheet.leave(page or "")
    for step in dict.fromkeys(path.partition(".")[0] for path in sheet.unsaved):
        if step != page:
            why = sheet.trouble or "有人在别处修改了同一项。"
            say("warning", f"“{STEP_NAMES[step]}”中刚才输入的内容还没有保存：{why}请回到该步骤处理。")


def edit(
    filing: Filing,
    step: str,
    *,
    today: date,
    save: Save,
    check: Callable[[Content], list[Check]],
    attach: Attach | None = None,
) -> None:
    """Draw `step` and save what is typed into it. `save` is the writer; `check(content)` finds what contradicts.

    Each section is a fragment of its own: typing draws it anew and nothing else. What stands above them (conflicts,
    progress, findings) follows when the page is at rest, asked for by the browser.
    """
    sheet, other = sheet_of(filing)
    if other is not None and (lost := other.unsaved | other.offered):
        labels = "、".join(f"“{label_of(path)}”填的“{shown(raw)}”" for path, raw in lost.items())
        say("warning", f"另一期填报中刚才输入的内容没有保存：{labels}。")
    locked = not filing.editable_on(today)
    sheet.see(filing, step, today=today, locked=locked)
    form = Form(sheet, save, filing.round, locked, attach)
    _head(filing, form, today)
    for number, (heading, abouts) in enumerate(sections(STEPS[step])):
        if heading:
            st.header(heading, anchor=False)
        with st.container(key=f"section-{step}-{number}"):
            _section(form, step, abouts)
    _foot(step, form, check)
    pressed = st.button("保存企业信息", type="primary", key=f"{step}#save", disabled=locked, icon=":material/save:")
    st.button("重读", key="filing-renew")  # pressed by the browser when the filing has changed elsewhere
    _bar(step, sheet)
    if pressed and not locked:
        _say_complete(step, form)


@st.fragment
def _section(form: Form, step: str, abouts: list[About]) -> None:
    conflicts = dict(form.sheet.conflicts)
    form.sheet.sweep(form.save)
    if sentence := form.sheet.said():
        say("warning", sentence)
    part(form, STEPS[step], abouts, step)
    form.sheet.state()
    if form.sheet.conflicts != conflicts:  # they are shown at the top
        st.rerun()


@st.fragment
def _head(filing: Filing, form: Form, today: date) -> None:
    """What depends on the whole of what was typed; the hidden button is pressed by the browser when the page is at rest."""
    sheet = form.sheet
    sheet.sweep(form.save)
    st.button("更新", key="filing-at-rest", disabled=form.locked)
    if not form.locked:
        _say_conflicts(sheet, form.save)
    content = sheet.content
    header(filing, content, today)
    if sheet.offered:
        _say_offered(sheet, form)
    if form.locked:
        return
    if sheet.trouble is not None:
        say("error", f"{sheet.trouble}（编号 {sheet.trouble.reference}）")
    if sheet.elsewhere:
        with st.container(horizontal=True, vertical_alignment="center"):
            say("info", f"{len(sheet.elsewhere)} 项已在别处修改，本页还是原来的内容。")
            if st.button("刷新显示", key="filing#refresh", icon=":material/refresh:"):
                sheet.refresh()
                st.rerun()
    sheet.state()


@st.fragment
def _foot(step: str, form: Form, check: Callable[[Content], list[Check]]) -> None:
    """What contradicts, under the form: it comes and goes at rest, and must not move the field that is being filled in."""
    form.sheet.sweep(form.save)
    st.button("更新", key="filing-at-foot", disabled=form.locked)
    for finding in check(form.sheet.content) if not form.locked else ():
        if finding.step == step and finding.severity == "blocking" and finding.code not in _SAID_ELSEWHERE:
            st.markdown(f":red[:material/error: {plain(finding.message)}{plain(finding.remedy)}]")


def _say_conflicts(sheet: Sheet, save: Save) -> None:
    """Of every cell in question both values, and the choice between them."""
    if sheet.conflicts:
        say(
            "warning",
            "下列各项在您打开之后已被保存过（可能在另一个窗口或另一台设备上），没有覆盖。请逐项选择，其余各项已照常保存。",
        )
    for path, stands in list(sheet.conflicts.items()):
        about, mine = field_of(path), sheet.unsaved.get(path)
        if about is None:
            continue
        gone = get(sheet.newest, path) is GONE
        with st.container(border=True):
            st.markdown(f"**{plain(label_of(path, named(sheet, path)))}**")
            theirs, own = st.columns(2)
            theirs.caption("这一条已在别处删除" if gone else f"已保存的：{plain(in_words(about, stands))}")
            own.caption(f"本页输入的：{plain(in_words(about, mine))}")
            if own.button("保留本页输入的", key=f"{path}#conflict#mine", type="primary"):
                sheet.keep(path, stands, save)
                st.rerun()
            if theirs.button("采用已保存的", key=f"{path}#conflict#theirs"):
                sheet.take(path)
                st.rerun()


def _say_offered(sheet: Sheet, form: Form) -> None:
    """What was typed when the filing was no longer to be changed: kept here, and put in once it is again."""
    say("warning", "下列内容是在填报不能修改之后输入的，没有保存，先保留在本页：")
    for path, raw in sheet.offered.items():
        if about := field_of(path):
            st.markdown(f"- **{plain(label_of(path, named(sheet, path)))}**：{plain(in_words(about, raw))}")
    if not form.locked and st.button("填入并保存", key="filing#offered", icon=":material/input:"):
        sheet.put_in(form.save)
        st.rerun()


def _bar(step: str, sheet: Sheet) -> None:
    """上一步, whether all is saved, 下一步: always in reach."""
    order = [*STEP_NAMES, "submit"]
    place = order.index(step)
    with (
        st.bottom,
        st.container(key="filing-bar", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"),
    ):
        if place:
            st.page_link(PAGES[order[place - 1]], label="上一步", icon=":material/arrow_back:", query_params=way())
        sheet.state()
        following = order[place + 1]
        words = "核对提交" if following == "submit" else "下一步"
        target = PAGES.get(following, "filing/submit.py")
        st.page_link(target, label=words, icon=":material/arrow_forward:", query_params=way())


def _say_complete(step: str, form: Form) -> None:
    """After 保存企业信息: the answer to having asked for it, and what is still missing."""
    try:
        form.sheet.confirm(form.save)
    except UserError as error:
        say("error", f"{error}（编号 {error.reference}）")
        return
    _, problems = read_part(STEPS[step], form.sheet.content.get(step, {}), step)
    if problems:
        labels = "、".join(dict.fromkeys(problem.label for problem in problems))
        say("warning", f"已保存。本步骤还有 {len(problems)} 项未填或有误：{labels}。")
    else:
        say("success", f"{STEP_NAMES[step]}已保存，本步骤填写完整。")
