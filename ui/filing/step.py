"""One filing step on the screen: drawn from the draft, saved as it is typed, conflicts shown side by side."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date, datetime
from threading import Lock
from typing import Any

import streamlit as st

from core.base.errors import Conflict, UserError
from core.filing.checks import Check
from core.filing.filing import Filing, Saved
from core.filing.model import STEP_NAMES, STEPS, Content, bare, field, in_words, label_of, progress, read_part
from core.filing.states import STATES
from ui.base.text import clock, plain, say
from ui.filing.legal import legal_head

#: Findings that a step does not repeat under its form: stars say what is missing, fields what cannot be read.
_SAID_ELSEWHERE = ("required", "unreadable", "required_column")
PAGES = {step: f"filing/{step}.py" for step in STEP_NAMES}
Save = Callable[[int, Mapping[str, Any]], Saved]
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


def keep(save: Callable[[str, int, Mapping[str, Any]], Saved]) -> None:
    """Save what was typed into a step that this run may not even draw; the first thing of every run.

    Someone who types and at once goes elsewhere has sent the value with the very message that changes the
    page; widgets' callbacks have put it into the tab's memory, and `save(filing id, revision, patch)` keeps it.
    """
    book = st.session_state.get("filing", _book(None))
    identity = book["id"]
    for step, memory in book["steps"].items():
        if _patch(step, memory):
            try:
                _save_typed(book, step, memory, lambda revision, patch: save(identity, revision, patch))
            except UserError as error:
                memory["trouble"] = error
            else:
                memory["trouble"] = None


def warn_elsewhere(drawn: str | None) -> None:
    """On another page than its own: what typed into a step could not be saved, and where to see to it."""
    for step, memory in st.session_state.get("filing", {"steps": {}})["steps"].items():
        if memory.get("trouble") and step != drawn:
            say("warning", f"“{STEP_NAMES[step]}”中刚才输入的内容还没有保存：{memory['trouble']}请回到该步骤处理。")


def edit(
    filing: Filing,
    step: str,
    *,
    today: date,
    save: Save,
    draw: Callable[[Mapping[str, Any], str, bool], dict[str, Any]],
    check: Callable[[Content], list[Check]],
) -> None:
    """Draw `step`, save what has changed since it was drawn, and say so.

    `draw(raw, key, locked)` draws the form and returns what stands on the page; `save(revision, patch)` is the
    writer; `check(content)` finds what contradicts. What the page was drawn from is remembered per tab, so
    that a save made elsewhere meanwhile is noticed and never overwritten.
    """
    book = st.session_state.setdefault("filing", _book(filing.id))
    if book["id"] != filing.id:
        if book["steps"].get(step, {}).get("trouble"):
            say("warning", f"另一期“{STEP_NAMES[step]}”中刚才输入的内容没有保存：{book['steps'][step]['trouble']}")
        book.update(id=filing.id, steps={})
    memory = book["steps"].setdefault(step, {"turn": 0, "revision": -1, "now": None, "trouble": None})
    if filing.revision > memory["revision"] and not _patch(step, memory):
        # First shown, or saved elsewhere with nothing typed here since: show what stands now. What was read before
        # this tab's own last save is no news.
        raw = deepcopy(filing.content.get(step, {}))
        memory.update(turn=memory["turn"] + 1, revision=filing.revision, raw=raw, now=None, saved_at=None, trouble=None)
    top, locked, key = st.container(), not filing.editable_on(today), f"{filing.round.id}#{step}#{memory['turn']}"
    memory["now"] = now = draw(memory["now"] or memory["raw"], key, locked)
    patch = _patch(step, memory)
    status = st.container()
    pressed = st.button("保存企业信息", type="primary", key=f"{key}#save", disabled=locked, icon=":material/save:")
    content = {**filing.content, step: {**filing.content.get(step, {}), **now}}
    with top:
        header(filing, content, today)
    if patch:
        try:
            _save_typed(book, step, memory, save)
        except Conflict as conflict:
            _show_conflict(conflict, memory, step, patch, save)
            return
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
            return
    memory["trouble"] = None
    if locked:
        return
    with status:
        _say_saved(memory["saved_at"] or filing.saved_at, today, len(_patch(step, memory)))
        for finding in check(content):
            if finding.step == step and finding.severity == "blocking" and finding.code not in _SAID_ELSEWHERE:
                st.markdown(f":red[:material/error: {plain(finding.message)}{plain(finding.remedy)}]")
        if pressed:
            _, problems = read_part(STEPS[step], now, step)
            if problems:
                labels = "、".join(dict.fromkeys(problem.label for problem in problems))
                say("warning", f"已保存。本步骤还有 {len(problems)} 项未填或有误：{labels}。")
            else:
                say("success", f"{STEP_NAMES[step]}已保存，本步骤填写完整。")


def _patch(step: str, memory: Mapping[str, Any]) -> dict[str, Any]:
    """What stands on the page and is not stored: "step.field" -> raw value."""
    now = memory["now"] or {}
    return {f"{step}.{name}": value for name, value in now.items() if _differs(value, memory["raw"].get(name))}


def _book(identity: str | None) -> dict[str, Any]:
    """What a tab remembers of the filing it edits. `lock`: held by the one save of the tab that is under way."""
    return {"id": identity, "steps": {}, "lock": Lock()}


def _save_typed(book: dict[str, Any], step: str, memory: dict[str, Any], save: Save) -> None:
    """Send what stands on the page and is not stored, and note just that. Raises what `save` raises; nothing is noted then.

    While a save waits, the browser's next message starts a second run of this tab, whose callbacks write into the same
    memory: what stands there after the answer is not what was sent. The second run's own save waits here, and then sends
    what has come since. No call of Streamlit may stand under the lock: it may end the run between saving and noting.
    """
    with book["lock"]:
        if sent := deepcopy(_patch(step, memory)):
            _note_saved(book, memory, save(memory["revision"], sent), sent)


def _note_saved(book: dict[str, Any], memory: dict[str, Any], answer: Saved, sent: Mapping[str, Any]) -> None:
    """Remember what is stored now; the other steps stay current, unless someone else saved in between."""
    before = memory["revision"]
    memory.update(
        saved_at=answer.at, raw={**memory["raw"], **{path.partition(".")[2]: value for path, value in sent.items()}}
    )
    if before == 0 or answer.revision == before + 1:
        for other in book["steps"].values():
            if other["revision"] == before:
                other["revision"] = answer.revision


def _differs(value: Any, before: Any) -> bool:
    """Whether a widget's value is another than the stored one; nothing typed equals nothing stored."""
    if isinstance(before, bool):
        before = "是" if before else "否"
    if before is None or value is None:
        return bool(value) != bool(before)
    if isinstance(value, list):
        # Drawing a row does not fill it; a row that was added or taken away is a change.
        return bool(bare(value) != bare(before))
    return bool(str(value) != str(before))


def _say_saved(at: datetime | None, today: date, unsaved: int) -> None:
    if unsaved:  # typed while the save was under way: the run that brought it saves it
        st.caption(f":material/sync: 未保存 {unsaved} 项，正在保存")
        return
    st.caption(f":material/cloud_done: 已保存 {clock(at, today)}" if at else "输入后自动保存")


def _show_conflict(conflict: Conflict, memory: dict[str, Any], step: str, patch: Mapping[str, Any], save: Save) -> None:
    """Both versions of every field in question, and the choice between them."""
    say("warning", str(conflict))
    if conflict.current is None:
        return
    current: Content = conflict.current.content
    names = [path.split(".")[1] for path in patch]
    for name in names:
        about = field(STEPS[step], name)
        st.markdown(f"**{plain(about.label)}**")
        theirs, mine = st.columns(2)
        theirs.caption(f"已保存的：{plain(in_words(about, current.get(step, {}).get(name)))}")
        mine.caption(f"本页输入的：{plain(in_words(about, patch[f'{step}.{name}']))}")
    keep_mine, take = st.columns(2)
    if keep_mine.button("保留本页输入的", key="conflict#mine", type="primary", width="stretch"):
        save(conflict.current.revision, patch)
        memory.update(revision=-1, now=None)  # no stored revision: the form is drawn anew
        st.rerun()
    if take.button("采用已保存的", key="conflict#theirs", width="stretch"):
        memory.update(revision=-1, now=None)  # no stored revision: the form is drawn anew
        st.rerun()
