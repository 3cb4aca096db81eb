"""A reviewer's tools: the list, the way to the next filing, the decision with its reasons, the record.

A button remembers what its presser saw: it leaves behind (`asked`) the filing, its revision and the reasons
as they stood when it was drawn. The page carries that out, and `answer` says what came of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl
import streamlit as st

from core.audit.wording import EVENTS
from core.base import beijing, terms
from core.base.dictionaries import DISTRICTS
from core.filing.cells import label_of
from core.filing.filing import Filing
from core.filing.model import STEPS, fields
from core.filing.round import Round
from core.filing.states import STATES
from core.filing.timeline import TimelineStep
from core.review.queue import QueuedFiling
from core.statistics.metrics import METRICS
from ui.base.text import moment, plain, say

ACTIONS: Final = {
    "pass": "通过，报市级审核",
    "admit": "通过，入库",
    "return": "退回",
    "revoke": "撤销入库",
    "undo": "撤回本次决定",
}
_ROWS: Final = 5
_ADDRESS: Final = "filing"  # in the URL, so that a reload and a shared address open the same filing


@dataclass(frozen=True)
class Asked:
    """A decision asked for: on which filing, as seen at which revision, for which reasons."""

    action: str
    filing: str
    revision: int
    name: str
    reasons: dict[str, str]


def asked() -> Asked | None:
    """The decision asked for by the press that started this run, once."""
    pressed: Asked | None = st.session_state.pop("review.asked", None)
    return pressed


def answer(filing: str, kind: Literal["error", "success"], sentence: str) -> None:
    """What came of it; shown where the buttons were."""
    st.session_state["review.answer"] = (filing, kind, sentence)


def address() -> str | None:
    """The filing that the URL names."""
    return st.query_params.get(_ADDRESS) or None


def heading(name: str, filing: Filing, running: Round) -> None:
    """Whose filing this is and how it stands; of which round, when that is not the running one."""
    st.header(plain(name), anchor=False)
    st.caption(
        f"状态：{STATES[filing.state]} · 提交于 {moment(filing.submitted_at)} · 上次保存 {moment(filing.saved_at)}"
        + ("" if filing.round.id == running.id else f" · {plain(filing.round.name)}")
    )
    if filing.merged:
        say("warning", f"该企业{filing.merged}。")


def go(filing: str) -> None:
    """Name this filing in the URL."""
    if st.query_params.get(_ADDRESS) != filing:
        st.query_params[_ADDRESS] = filing


def _picked(ids: Sequence[str]) -> None:
    """A row of the list was clicked; `ids` are those of the list that was on the screen."""
    selection = st.session_state["review.list"]["selection"]
    rows = [*(row for row, _ in selection["cells"]), *selection["rows"]]
    if rows and rows[0] < len(ids):
        go(ids[rows[0]])


def _named() -> None:
    if st.session_state["review.filing"]:
        go(st.session_state["review.filing"])


def view(mine: str | None) -> tuple[str | None, Literal["impact", "submitted"]]:
    """The state asked for (None: all; `mine`: what waits for the visitor) and the order."""
    views = {"待我审核": mine, "全部": None} | {
        word: state for state, word in STATES.items() if state not in ("draft", mine)
    }
    orders: dict[str | None, Literal["impact", "submitted"]] = {"按影响": "impact", "按提交时间": "submitted"}
    with st.container(horizontal=True):
        asked = st.segmented_control(
            "范围",
            list(views),
            default="待我审核",
            required=True,
            key="view",
            bind="query-params",
            on_change=lambda: st.session_state.update({"review.moved": True}),
        )
        order = st.segmented_control(
            "排序",
            list(orders),
            default="按影响",
            required=True,
            key="order",
            bind="query-params",
            help="影响 = 规模 × 变化幅度 × 离认定线的远近，每份的理由在列表中",
        )
    return views.get(asked or "待我审核"), orders.get(order, "impact")


def counted(queue: pl.DataFrame, running: Round, scope: str, order: str, *, mine: bool) -> None:
    """How many filings the view holds, of which round and whose (`scope`, in words); `mine`: they wait for the visitor."""
    st.caption(f"{running.name} · {scope} · {queue.height} 份，{'影响最大' if order == 'impact' else '最早提交'}的在前")
    if queue.is_empty():
        st.success("没有需要处理的填报。" if mine else "没有符合条件的填报。", icon=":material/done_all:")


def _titles(frame: pl.DataFrame) -> dict[str, str]:
    """filing -> name; enterprises of one name are told apart."""
    same = pl.len().over("name") > 1
    title = pl.when(same).then(pl.format("{}（{}）", "name", "enterprise_id")).otherwise(pl.col("name"))
    return dict(frame.select("id", title.alias("title")).iter_rows())


def queue(frame: pl.DataFrame, head: QueuedFiling | None) -> None:
    """The filings of the view, as a searchable box and as a table to click; `head` is the open one."""
    ids, chosen = frame["id"].to_list(), head.id if head else None
    titles = _titles(frame)
    if head and chosen not in titles:
        titles = {head.id: head.name, **titles}
    st.session_state["review.filing"] = chosen
    st.selectbox(
        "打开填报",
        list(titles),
        index=None,
        format_func=lambda identity: titles.get(identity, identity),
        required=True,
        key="review.filing",
        on_change=_named,
        placeholder="请选择企业",
        help="可输入企业名称查找；不在当前范围内的企业，请先把范围改为“全部”",
    )
    if frame.is_empty():
        return
    st.session_state["review.list"] = {
        "selection": {"rows": [ids.index(chosen)] if chosen in ids else [], "columns": [], "cells": []}
    }
    amounts = [METRICS[code] for code in ("total_revenue", "ai_revenue")]
    st.dataframe(
        frame.select(
            pl.col("name").alias("企业名称"),
            pl.col("impact_reason").alias("排序理由"),
            pl.col("district").replace_strict(DISTRICTS, default="未填").alias("区属"),
            pl.col("state").replace_strict(STATES).alias("状态"),
            pl.col("directory_tier").replace_strict(terms.TIERS).alias("计算身份（预判）"),
            *((pl.col(each.code) / each.unit.size).round(4).alias(each.heading) for each in amounts),
            beijing.minutes(pl.col("submitted_at")).alias("提交时间"),
        ),
        hide_index=True,
        placeholder="—",
        height=36 + 35 * min(frame.height, _ROWS),
        alt="填报列表",
        key="review.list",
        on_select=lambda: _picked(ids),
        selection_mode=["single-row", "single-cell"],
        column_config={each.heading: st.column_config.NumberColumn(format="%.4f") for each in amounts},
    )


def neighbours(order: Sequence[str], view: Iterable[str], chosen: str) -> tuple[str | None, str | None]:
    """The filings of the view before and after the chosen one; past the end, what is left from the beginning.

    `order`: all filings as the list sorts them, so that one just decided, no longer in the view, keeps its place.
    """
    members = set(view)
    at = order.index(chosen) if chosen in order else 0
    before = next((identity for identity in reversed(order[:at]) if identity in members), None)
    after = next((identity for identity in order[at:] if identity in members and identity != chosen), None)
    if after is None and chosen not in members:
        after = next((identity for identity in order if identity in members), None)
    return before, after


def _reasons(prefix: str) -> dict[str, str]:
    """The reasons as typed so far."""
    paths = ["", *st.session_state.get(f"{prefix}paths", [])]
    return {path: st.session_state.get(f"{prefix}reason#{path}", "") for path in paths}


def _ask(action: str, filing: str, revision: int, name: str, prefix: str) -> None:
    go(filing)
    st.session_state["review.asked"] = Asked(action, filing, revision, name, _reasons(prefix))


def panel(
    actions: Sequence[str], filing: Filing, name: str, *, way: tuple[str | None, str | None], undo: bool = False
) -> None:
    """Reasons, the answer to the last press, the buttons of `actions`, and the way to the filings beside; `name`: of the enterprise.

    `undo`: the visitor's own decision has just been taken and may be taken back.
    """
    prefix = f"{filing.id}#{filing.state}#"
    if actions:
        st.subheader("审核意见", anchor=False)
        st.text_area("总体意见", key=f"{prefix}reason#", placeholder="退回或撤销时必填其一，企业可见")
        options = [f"{step}.{about.name}" for step, model in STEPS.items() for about in fields(model)]
        for path in st.multiselect(
            "按项目填写意见", options, format_func=label_of, key=f"{prefix}paths", placeholder="选择有问题的项目"
        ):
            st.text_input(label_of(path), key=f"{prefix}reason#{path}", placeholder="说明问题与修改要求")
    about, kind, sentence = st.session_state.get("review.answer", (None, "success", ""))
    done = about == filing.id and kind == "success"
    if about == filing.id:
        say(kind, f"{sentence}当前状态：{STATES[filing.state]}。" if done else sentence)
    if not done:
        st.session_state.pop("review.answer", None)
    with st.container(horizontal=True):
        for action in actions:
            # The revision in the key: a press on what was seen before is never taken for one on what is drawn now.
            key, args = f"{action}#{filing.id}#{filing.revision}", (action, filing.id, filing.revision, name, prefix)
            if action == "revoke":
                with st.popover(ACTIONS[action], icon=":material/gpp_bad:"):
                    st.markdown(f"将撤销 **{plain(name)}** 的入库资格，产业总览随即不再计入，企业可见原因。")
                    st.button(f"确认{ACTIONS[action]}", key=key, on_click=_ask, args=args, type="primary")
            else:
                st.button(
                    ACTIONS[action],
                    key=key,
                    on_click=_ask,
                    args=args,
                    type="secondary" if action == "return" else "primary",
                )
        if undo:
            key, args = f"undo#{filing.id}#{filing.revision}", ("undo", filing.id, filing.revision, name, prefix)
            st.button(ACTIONS["undo"], key=key, on_click=_ask, args=args, icon=":material/undo:")
    with st.container(horizontal=True):
        st.button(
            "上一份",
            key="way#before",
            on_click=go,
            args=(way[0],),
            disabled=way[0] is None,
            icon=":material/arrow_back:",
        )
        st.button(
            "下一份",
            key="way#after",
            on_click=go,
            args=(way[1],),
            disabled=way[1] is None,
            icon=":material/arrow_forward:",
            icon_position="right",
            type="primary" if done else "secondary",
        )


def record(steps: Sequence[TimelineStep]) -> None:
    """办理记录, newest first: when, what, who, and the reasons given."""
    with st.expander("办理记录"):
        for step in steps:
            st.markdown(f"{moment(step.at)}　**{EVENTS[step.kind]}**　{plain(step.who)}")
            for path, text in step.reasons.items():
                st.markdown(f"- {plain(label_of(path)) if path else '总体意见'}：{plain(text)}")
