"""日志管理: the four logs, searched and filtered, exported, and the proof that nobody has touched them."""

from urllib.parse import urlencode

import streamlit as st

import gate
from core.access.permissions import Permission
from core.audit import wording
from core.base import paging, values
from core.base.errors import UserError
from data.audit import log
from data.platform import status
from ui.base.text import say

visit = gate.require(Permission.LOG_READ)
SIZE = 50


def afresh() -> None:
    """Other entries are asked for: from their first page."""
    st.session_state["page"] = 1


st.title("日志管理", anchor=False)
kind = (
    st.segmented_control(
        "日志",
        list(wording.LOGS),
        format_func=wording.LOGS.__getitem__,
        default="access",
        required=True,
        key="kind",
        bind="query-params",
        on_change=afresh,
    )
    or "access"
)
with st.grid(4):
    text = st.text_input(
        "搜索",
        key="q",
        placeholder="内容、对象、企业或姓名",
        icon=":material/search:",
        max_chars=100,
        bind="query-params",
        on_change=afresh,
    )
    account = st.text_input(
        "账号", key="account", placeholder="用户名、姓名或企业", max_chars=100, bind="query-params", on_change=afresh
    )
    first = st.text_input(
        "起始日期", key="since", placeholder="如 2026-01-05", max_chars=20, bind="query-params", on_change=afresh
    )
    last = st.text_input(
        "截止日期", key="until", placeholder="如 2026-01-31", max_chars=20, bind="query-params", on_change=afresh
    )
try:
    since, until = values.day(first, "起始日期"), values.day(last, "截止日期")
    query = log.Query(kind, text or "", account or "", since, until)
    total = log.count(visit, query)
except UserError as error:
    say("error", str(error))
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(f"{wording.LOGS[kind]}日志 · {total:,} 条，最新的在前 · 时间为北京时间", width="stretch")
    address = {"kind": kind, "q": text, "account": account, "since": first, "until": last}
    st.link_button(
        "导出 CSV",
        f"/exports/logs.csv?{urlencode({name: given for name, given in address.items() if given})}",
        icon=":material/download:",
        disabled=not total or not visit.may(Permission.LOG_EXPORT),
        help=f"按当前条件导出，最多 {log.MOST:,} 条，内容不缩短",
    )
    asked_to_verify = st.button("核验日志链", icon=":material/link:", help="逐条重算校验值，任何改动或缺失都会被发现")
if asked_to_verify:
    with st.spinner("正在核验……"):
        whole, sentence = status.verify(visit)
    say("success" if whole else "error", sentence)
if not total:
    filtered = any((text, account, first, last))
    say("info", "没有符合条件的记录。请放宽搜索或日期条件。" if filtered else f"还没有{wording.LOGS[kind]}记录。")
    st.stop()
here = st.container()
page = st.pagination(paging.pages(total, SIZE), key="page", bind="query-params")
rows = log.entries(visit, query, page=page, size=SIZE)
lines = wording.table(kind, rows, limit=wording.SHORT)
here.dataframe(
    lines,
    hide_index=True,
    height=560 if len(lines) > 15 else "content",
    column_order=wording.SHOWN.get(kind),
    alt=f"{wording.LOGS[kind]}日志",
)
