"""Around a trial: keeping it, renaming and deleting what was kept, proposing it, and who moves with both derivations."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from core.base.paging import pages
from core.rule.classification import explain
from core.rule.policy import Policy
from core.what_if import scenario as what_if_scenario
from core.what_if.scenario import Saved
from ui.base import answer
from ui.base.text import plain
from ui.rule import derivation

_PAGE: Final = 50


def keep(save: Callable[[str, str], Any]) -> None:
    """Save the scenario under a name."""
    with st.popover("保存测算", icon=":material/bookmark_add:"), st.form(f"{answer.turn()}keep.form", border=False):
        st.caption("保存的是参数，不是数字；本系统的工作人员都能看到。")
        name = st.text_input("名称", max_chars=40, key=f"{answer.turn()}keep.name", placeholder="如 占比四成")
        note = st.text_area("说明", max_chars=200, key=f"{answer.turn()}keep.note", placeholder="为什么这样调，选填")
        if st.form_submit_button("保存", type="primary"):
            save(name, note)
            answer.give(f"测算“{name.strip()}”已保存。")
            st.rerun()


def manage(saved: Saved, *, change: Callable[[str, str], None], remove: Callable[[], None]) -> None:
    """Rename a saved scenario, change its note, delete it; the address remembers what was deleted, to bring it back."""
    key = f"{saved.id}#{saved.revision}#"
    with st.popover("改名称与说明", icon=":material/edit:"), st.form(f"{key}form", border=False):
        name = st.text_input("名称", value=saved.name, max_chars=40, key=f"{key}name", placeholder="必填")
        note = st.text_area("说明", value=saved.note, max_chars=200, key=f"{key}note", placeholder="选填")
        if st.form_submit_button("保存修改", type="primary"):
            change(name, note)
            answer.give(f"测算“{name.strip()}”已保存。")
            st.rerun()
    if st.button("删除", key=f"{key}remove", icon=":material/delete:", help="删除后可以立即撤销"):
        remove()
        st.query_params["removed"] = saved.id
        st.rerun()


def undo(gone: Saved, restore: Callable[[], None]) -> None:
    """Bring back what has just been deleted."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"已删除“{plain(gone.name)}”。", width="content")
        if st.button("撤销删除", key="restore", icon=":material/undo:"):
            restore()
            st.query_params.pop("removed", None)
            answer.give(f"已恢复“{gone.name}”。")
            st.rerun()


def propose(draft: Callable[[dict[str, str]], Any], *, title: str, reference: str, words: str) -> None:
    """Turn the scenario into a draft version, which another publishes; nothing changes until then."""
    with (
        st.popover("提出为政策草案", icon=":material/gavel:", disabled=not words),
        st.form(f"{answer.turn()}propose.form", border=False),
    ):
        st.caption(f"{plain(words)}。草案由另一人复核发布，从生效日起有效；在此之前统计不变。")
        key = f"{answer.turn()}propose#{title}#"
        typed = {
            "version": st.text_input("版本号", max_chars=30, key=f"{key}version", placeholder="如 2026-12-01"),
            "title": st.text_input(
                "标题",
                value=title,
                max_chars=60,
                key=f"{key}title",
                placeholder="如 人工智能产业统计原则（2026年修订）",
            ),
            "effective_from": st.text_input(
                "生效日期", max_chars=20, key=f"{key}effective_from", placeholder="明天或以后，如 2027-01-01"
            ),
            "reference": st.text_input(
                "文件依据", value=reference, max_chars=200, key=f"{key}reference", placeholder="发文机关、文号、日期"
            ),
        }
        if st.form_submit_button("提出", type="primary"):
            draft(typed)
            answer.give(f"已提出草案“{typed['version'].strip()}”，由另一人复核后发布。")
            st.rerun()
    st.page_link("rule/policies.py", label="政策版本与草案", icon=":material/gavel:")


def movers(rows: pl.DataFrame, policy: Policy, trial: Policy, address: Mapping[str, str]) -> None:
    """Those who move, a page at a time, and of the chosen one the derivation in force and by the trial.

    `address`: of the trial, with its year, for the file of them all.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"身份、口径或纳入统计改变的 {rows.height:,} 家，变动大的在前；点一行看前后推导。", width="stretch")
        st.link_button(
            "导出 CSV",
            f"/exports/what-if.csv?{urlencode(address)}",
            icon=":material/download:",
            disabled=rows.is_empty(),
            help="每一行都注明测算",
        )
    above = st.container()
    last = pages(rows.height, _PAGE)
    if st.session_state.get("page", 1) > last:  # fewer move than before
        st.session_state["page"] = 1
    page = st.pagination(last, key="page") if last > 1 else 1
    with above:
        _movers(rows, policy, trial, page, address["year"])


def _movers(rows: pl.DataFrame, policy: Policy, trial: Policy, page: int, year: str) -> None:
    if rows.is_empty():
        st.caption("没有企业改变。")
        return
    part = rows.slice((page - 1) * _PAGE, _PAGE)
    picked = st.dataframe(
        what_if_scenario.listing(part),
        hide_index=True,
        alt="测算：身份或纳入统计改变的企业",
        key=f"movers#{page}",
        height=36 + 35 * min(part.height, 12),
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )
    marked = [*picked["selection"]["rows"], *(row for row, _ in picked["selection"]["cells"])]
    if marked and marked[0] < part.height:
        st.query_params["enterprise"] = part["enterprise_id"][marked[0]]
    asked = rows.filter(pl.col("enterprise_id") == st.query_params.get("enterprise", ""))
    if asked.is_empty():
        return
    row = asked.row(0, named=True)
    st.subheader(f"{plain(row['name'])}（测算）", anchor=False)
    with st.container(horizontal=True):
        st.page_link(
            "enterprise/enterprise.py",
            label="企业画像",
            icon=":material/contact_page:",
            query_params={"id": row["enterprise_id"]},
        )
        st.page_link(
            "enterprise/derivation.py",
            label="认定依据",
            icon=":material/account_tree:",
            query_params={"id": row["enterprise_id"], "year": year},
        )
    for side, each, words in zip(st.columns(2), (policy, trial), ("现行规则", "测算，不是认定"), strict=True):
        with side:
            derivation.card(explain(row, each), caption=words)
