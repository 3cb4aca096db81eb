"""决议 of a meeting on the list page: what was decided, whether it is done, and the form that records one."""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from core.base import values
from core.meeting.meeting import Decision
from ui.base import answer
from ui.base.text import plain


def show(
    decided: Sequence[Decision],
    key: str,
    *,
    settle: Callable[[int, bool], None] | None,
    strike: Callable[[int], None] | None,
) -> None:
    """Every 决议. Functions of data, None for who may not: `settle(number, done)`, `strike(number)`."""
    if not decided:
        st.caption("还没有决议。")
    for each in decided:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            state = "已办结" if each.done else "办理中"
            st.markdown(
                f"**{plain(each.text)}**  \n:small[{plain(each.who)} · 期限 {each.due or '未定'} · {state}]",
                width="stretch",
            )
            if settle and st.button(
                "改为办理中" if each.done else "办结", key=f"{key}settle#{each.number}", icon=":material/task_alt:"
            ):
                settle(each.number, not each.done)
                answer.give(f"“{each.text}”已标记为{'办理中' if each.done else '已办结'}。")
                st.rerun()
            if strike and st.button("删去", key=f"{key}strike#{each.number}", icon=":material/delete:"):
                strike(each.number)
                answer.give(f"“{each.text}”已删去，日志中仍可查到。")
                st.rerun()


def record(key: str, decide: Callable[[str, str, date | None], object]) -> None:
    """The form of a 决议: `decide(text, who, due)`, a function of data."""
    with st.expander("记录决议", icon=":material/add:", key=f"{key}decide"), st.form(f"{key}decision", border=False):
        text = st.text_area("决议", key=f"{key}text", max_chars=200, placeholder="如 各区于周五前完成催报")
        who = st.text_input("责任人", key=f"{key}who", max_chars=40, placeholder="单位或姓名")
        due = st.text_input("期限", key=f"{key}due", max_chars=20, placeholder="如 2026-01-23，可不填")
        if st.form_submit_button("记录", type="primary"):
            decide(text, who, values.day(due, "“期限”"))
            answer.give("决议已记录。")
            st.rerun()
