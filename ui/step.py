"""One filing step on the screen: drawn from the draft, saved as it is typed, conflicts shown side by side."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Protocol

import polars as pl
import streamlit as st

from core.errors import Conflict, DoorError
from core.filing import STEP_NAMES, STEPS, Content, apply, field, label_of, progress, read_part, shown
from core.round import Round
from core.terms import STATES
from ui.text import clock, plain, say

PAGES = {step: f"enterprise/{step}.py" for step in STEP_NAMES}


class Filed(Protocol):
    """What a step needs of a filing (see data.filings.Filing)."""

    @property
    def id(self) -> str: ...
    @property
    def round(self) -> Round: ...
    @property
    def state(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def content(self) -> Content: ...
    @property
    def saved_at(self) -> datetime | None: ...
    @property
    def reasons(self) -> dict[str, str]: ...
    def editable_on(self, day: date) -> bool: ...


class Answer(Protocol):
    """What a save answers (see data.filings.Saved)."""

    @property
    def revision(self) -> int: ...
    @property
    def at(self) -> datetime: ...


Save = Callable[[int, Mapping[str, Any]], Answer]


def header(filing: Filed, content: Content, today: date) -> None:
    """The round, the days left, the state, and how far each step is."""
    left = filing.round.days_left(today)
    until = f"{filing.round.closes:%Y-%m-%d} 截止，还有 {left} 天" if left >= 0 else f"已于 {filing.round.closes:%Y-%m-%d} 截止"
    st.caption(f"{filing.round.name} · {until} · 当前状态：{STATES[filing.state]}")
    if filing.state == "returned":
        say("warning", "填报被退回，请按下列意见修改后重新提交。")
        for path, text in filing.reasons.items():
            st.markdown(f"- **{plain(label_of(path)) if path else '总体意见'}**：{plain(text)}")
    elif not filing.editable_on(today):
        why = "本期填报已截止" if left < 0 else f"填报状态为“{STATES[filing.state]}”"
        say("info", f"{why}，内容只供查看。如需更正，请联系所在区审核员退回。")
    counts = progress(content, filing.round)
    for place, (step, (done, needed)) in zip(st.columns(len(counts)), counts.items(), strict=True):
        text = f"{STEP_NAMES[step]}　{'选填' if not needed else f'{done}/{needed}'}"
        icon = ":material/check_circle:" if done == needed else ":material/radio_button_unchecked:"
        place.page_link(PAGES[step], label=text, icon=icon)


def edit(filing: Filed, step: str, *, today: date, save: Save, draw: Callable[[Mapping[str, Any], str, bool], dict[str, Any]]) -> None:
    """Draw `step`, save what has changed since it was drawn, and say so.

    `draw(raw, key, locked)` draws the form and returns what stands on the page; `save(revision, patch)` is the
    store's door. What the page was drawn from is remembered per tab, so that a save made elsewhere
    meanwhile is noticed and never overwritten.
    """
    memory = st.session_state.get("step", {"of": None, "turn": 0})
    if memory["of"] != (filing.id, step):
        memory = st.session_state["step"] = {"of": (filing.id, step), "turn": memory["turn"]}
        _take(memory, filing, step)
    top, locked, key = st.container(), not filing.editable_on(today), f"{step}#{memory['turn']}"
    now = draw(memory["raw"], key, locked)
    patch = {f"{step}.{name}": value for name, value in now.items() if _differs(value, memory["raw"].get(name))}
    status = st.container()
    pressed = st.button("保存企业信息", type="primary", key=f"{key}#save", disabled=locked, icon=":material/save:")
    with top:
        header(filing, {**filing.content, step: {**filing.content.get(step, {}), **now}}, today)
    if patch and not locked:
        try:
            answer = save(memory["revision"], patch)
        except Conflict as conflict:
            _show_conflict(conflict, step, patch, save)
            return
        except DoorError as error:
            say("error", f"{error}（编号 {error.reference}）")
            return
        memory.update(revision=answer.revision, saved_at=answer.at, raw={**memory["raw"], **now})
    elif filing.revision != memory["revision"]:
        # Saved elsewhere, nothing typed here since: show what stands now.
        _draw_anew()
    if locked:
        return
    with status:
        _say_saved(memory["saved_at"] or filing.saved_at)
        if pressed:
            _, problems = read_part(STEPS[step], now, step)
            if problems:
                labels = "、".join(dict.fromkeys(problem.label for problem in problems))
                say("warning", f"已保存。本步骤还有 {len(problems)} 项未填或有误：{labels}。")
            else:
                say("success", f"{STEP_NAMES[step]}已保存，本步骤填写完整。")


def _draw_anew() -> None:
    """Forget what the page was drawn from and start again from what is stored."""
    st.session_state["step"]["of"] = None
    st.rerun()


def _take(memory: dict[str, Any], filing: Filed, step: str) -> None:
    """Draw the form anew from what is stored."""
    memory.update(turn=memory["turn"] + 1, revision=filing.revision, raw=dict(filing.content.get(step, {})), saved_at=None)


def _differs(value: Any, before: Any) -> bool:
    """Whether a widget's value is another than the stored one; nothing typed equals nothing stored."""
    if isinstance(before, bool):
        before = "是" if before else "否"
    if before is None or value is None:
        return bool(value) != bool(before)
    if isinstance(value, list):
        return _bare(value) != _bare(before)
    return bool(str(value) != str(before))


def _bare(value: Any) -> Any:
    """Rows without their empty entries, so that drawing a row does not count as filling it."""
    if isinstance(value, dict):
        bare = {name: _bare(item) for name, item in value.items()}
        return {name: item for name, item in bare.items() if item not in (None, "", {}, [])}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _say_saved(at: datetime | None) -> None:
    st.caption(f":material/cloud_done: 已保存 {clock(at)}" if at else "输入后自动保存")


def _show_conflict(conflict: Conflict, step: str, patch: Mapping[str, Any], save: Save) -> None:
    """Both versions of every field in question, and the choice between them."""
    say("warning", str(conflict))
    if conflict.current is None:
        return
    current: Content = conflict.current.content
    mine = apply(current, patch)
    names = [path.split(".")[1] for path in patch]
    table = pl.DataFrame(
        {
            "项目": [field(STEPS[step], name).label for name in names],
            "已保存的": [shown(current.get(step, {}).get(name) or "（空）", 200) for name in names],
            "本页输入的": [shown(mine[step].get(name) or "（空）", 200) for name in names],
        }
    )
    st.dataframe(table, hide_index=True, alt="两份内容的对比")
    keep, take = st.columns(2)
    if keep.button("保留本页输入的", key="conflict#mine", type="primary", width="stretch"):
        save(conflict.current.revision, patch)
        _draw_anew()
    if take.button("采用已保存的", key="conflict#theirs", width="stretch"):
        _draw_anew()
