"""企业合并 on the screen: who has gone into whom, what waits for its day, and the forms of the city officer."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from core.base.errors import UserError
from core.base.terms import CHANGES
from core.base.values import day
from core.enterprise.changes import MergerStanding, PlannedChange
from ui.base import answer
from ui.base.text import moment, plain, say

_PAGE = "enterprise/enterprise.py"


def state(standing: MergerStanding, planned: Mapping[str, PlannedChange]) -> None:
    """Into which enterprise this one has gone, which have gone into it, and what is to happen on a day to come."""
    if standing.into_id:
        document = f"，依据：{standing.document}" if standing.document else ""
        say(
            "warning",
            f"自 {standing.effective} 起已并入“{standing.into_name}”，不再填报和统计，此前的数据不变。原因：{standing.reason}{document}。",
        )
        if standing.readable:
            _link(standing.into_id, f"已并入：{standing.into_name}")
    for each in standing.absorbed:
        text = f"并入企业：{each.name}（自 {each.effective} 起）"
        if each.readable:
            _link(each.enterprise_id, text)
        else:
            st.markdown(plain(text))
    for change, waiting in planned.items():
        st.markdown(
            f":orange-badge[待生效] **{CHANGES[change]}**：自 {waiting.effective} 起，{'并入' if change == 'merge' else '调整为'}“{plain(waiting.target_name)}”  \n"
            f"原因：{plain(waiting.reason)}　:small[{plain(waiting.who)} 登记于 {moment(waiting.at_utc)}]"
        )


def _link(enterprise_id: str, label: str) -> None:
    st.page_link(_PAGE, label=plain(label), icon=":material/merge:", query_params={"id": enterprise_id})


def withdrawing(planned: Mapping[str, PlannedChange], withdraw: Callable[[str, int, str], None]) -> None:
    """For each change that waits, the form that takes it back: `withdraw(change, seq, reason)`, a function of data."""
    for change, each in planned.items():
        with (
            st.popover(f"撤回待生效的{CHANGES[change]}", icon=":material/event_busy:"),
            st.form(f"{answer.turn()}{change}#drop", border=False),
        ):
            reason = st.text_input(
                "撤回原因",
                key=f"{answer.turn()}{change}#drop.reason",
                max_chars=500,
                placeholder="企业可见，如 文件已撤销",
            )
            if st.form_submit_button("确认撤回", type="primary"):
                _do(
                    lambda change=change, each=each, reason=reason: withdraw(change, each.seq, reason),  # type: ignore[misc]
                    f"待生效的{CHANGES[change]}已撤回。",
                )


def merging(
    name: str, search: Callable[[str], Mapping[str, str]], merge: Callable[[str, date | None, str, str], bool]
) -> None:
    """The form that merges: search for the other side, say since when and why, read what follows, confirm."""
    with st.expander("企业合并", icon=":material/merge:"):
        st.caption("登记本企业并入另一家企业。并入的企业自生效之日起不再填报和统计；此前的填报、入库数据与统计不变。")
        key = f"{answer.turn()}merge#"
        text = st.text_input(
            "查找并入的企业",
            key=f"{key}q",
            placeholder="企业名称或统一社会信用代码",
            max_chars=60,
            icon=":material/search:",
        )
        found = search(text)
        if text.strip() and not found:
            say("info", "没有符合条件的企业，或它自身已并入别的企业。请核对名称。")
        into = st.selectbox(
            "并入企业",
            list(found),
            index=0 if len(found) == 1 else None,
            format_func=lambda code: found.get(code, code),
            key=f"{key}{text}#into",
            placeholder="先查找，再选择",
        )
        since = st.text_input("生效日期", key=f"{key}since", placeholder="如 2026-01-05，可填今后的日期", max_chars=20)
        reason = st.text_input("合并原因", key=f"{key}reason", max_chars=500, placeholder="双方企业可见，如 吸收合并")
        document = st.text_input("依据文件", key=f"{key}document", max_chars=200, placeholder="文号或文件名称，选填")
        with st.popover("办理合并", icon=":material/merge:"):
            st.markdown(
                f"将登记 **{plain(name)}** 并入 **{plain(found.get(into or '', '（未选择）'))}**，自 {plain(since or '（未填）')} 起：\n"
                "- 前者不再应填报，不再催报，未办结的填报停止办理；\n- 前者的入库不再计入统计，此前各时点的统计不变；\n"
                "- 前者的账号仍可登录，只能查看此前填报的内容；\n- 双方企业收到站内信。登记有误可以撤销。"
            )
            if st.button("确认合并", key=f"{key}confirm", type="primary"):
                _do(lambda: _merged(name, merge(into or "", day(since, "“生效日期”"), reason, document)), "")


def _merged(name: str, now: bool) -> str:
    return (
        f"“{name}”的合并已登记并生效，双方企业已收到站内信。"
        if now
        else f"“{name}”的合并已登记，到生效之日自动办理，此前可以撤回。"
    )


def unmerging(into_name: str, unmerge: Callable[[str], None]) -> None:
    """The form that takes a merger back: `unmerge(reason)`, a function of data."""
    with st.popover("撤销企业合并", icon=":material/undo:"), st.form(f"{answer.turn()}unmerge", border=False):
        st.markdown(
            f"撤销后，本企业不再算作并入 **{plain(into_name)}**，恢复填报；原来的入库自即日起重新计入统计。双方企业收到站内信。"
        )
        reason = st.text_input(
            "撤销原因", key=f"{answer.turn()}unmerge.reason", max_chars=500, placeholder="双方企业可见，如 登记有误"
        )
        if st.form_submit_button("确认撤销", type="primary"):
            _do(lambda: unmerge(reason), "企业合并已撤销，本企业恢复填报和统计。")


def _do(job: Callable[[], Any], sentence: str) -> None:
    """Do what was asked, and say so on the run after it; an error is said at once and what was typed stays."""
    try:
        said = job()
    except UserError as error:
        say("error", f"{error}（编号 {error.reference}）")
    else:
        answer.give(said if isinstance(said, str) else sentence)
        st.rerun()
