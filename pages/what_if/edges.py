"""临界企业: which line each enterprise is nearest to, how far away, and what its crossing would do to the city's sum."""

from urllib.parse import urlencode

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.dictionaries import DISTRICTS
from core.base.paging import pages
from core.statistics.metrics import METRICS
from core.statistics.selection import Selection
from core.what_if import thresholds as core_edges
from core.what_if.surface import LINES
from data.rule import policies
from data.what_if import thresholds
from ui.base.text import say
from ui.statistics import basis_line
from ui.what_if import thresholds as screen

visit = gate.require(Permission.EDGE_READ)
SIZE = 50


def afresh() -> None:
    """Others are asked for: from their first page."""
    st.session_state["page"] = 1


st.title("临界企业", anchor=False)
found = thresholds.years(visit)
if not found:
    st.info("还没有入库企业的全年数。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
    st.stop()
year = screen.years(found)
policy = policies.for_year(visit, year[0])
basis = thresholds.Basis(*year, policy)
basis_line.line(thresholds.standing(visit, basis), Selection(*year))
with st.container(border=True):
    st.header("各线附近的企业与纳入统计", anchor=False)
    st.dataframe(
        screen.resting(thresholds.resting(visit, basis), policy),
        hide_index=True,
        height="content",
        alt="各线附近的企业与纳入统计",
    )
    st.caption(
        "只计越过这条线会改变名录身份或纳入统计的企业。占比线按百分点，AI收入线按线的百分之几。越线后的变化为测算。"
    )
st.header("名单", anchor=False)
with st.grid(4, min_column_width=170):
    line = st.selectbox(
        "哪条线",
        list(LINES),
        index=None,
        format_func=screen.label,
        key="line",
        bind="query-params",
        placeholder="最近的一条",
        on_change=afresh,
    )
    side = st.selectbox(
        "在线的哪一侧",
        list(core_edges.SIDES),
        index=None,
        format_func=core_edges.SIDES.__getitem__,
        key="side",
        bind="query-params",
        placeholder="两侧",
        on_change=afresh,
    )
    band = st.selectbox(
        "距线",
        list(map(str, core_edges.BANDS)),
        index=None,
        format_func=lambda each: f"±{each}（百分点或%）以内",
        key="band",
        bind="query-params",
        placeholder="不限",
        on_change=afresh,
    )
    district = st.selectbox(
        "区属",
        [code for code in DISTRICTS if visit.scope.everything or code in visit.scope.districts],
        index=None,
        format_func=DISTRICTS.__getitem__,
        key="district",
        bind="query-params",
        placeholder="全部",
        on_change=afresh,
    )
    order = st.selectbox(
        "排序",
        list(core_edges.ORDERS),
        format_func=core_edges.ORDERS.__getitem__,
        key="order",
        bind="query-params",
        placeholder="请选择",
        on_change=afresh,
    )
given = {
    "year": str(st.session_state["year"]),
    "line": line,
    "side": side,
    "band": band,
    "district": district,
    "order": order,
}
rows = core_edges.chosen(thresholds.ledger(visit, basis), policy, given)
change, counted = rows["counted_change"], METRICS["counted_output"]
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(
        f"{rows.height:,} 家 · 到线的另一侧后，增加的共 {counted.said(int(change.filter(change > 0).sum()))}，"
        f"减少的共 {counted.said(-int(change.filter(change < 0).sum()))}（逐家测算）· 点一行打开企业画像",
        width="stretch",
    )
    address = urlencode({name: value for name, value in given.items() if value})
    st.link_button(
        "导出 CSV",
        f"/exports/edges.csv?{address}",
        icon=":material/download:",
        disabled=rows.is_empty(),
        help="按当前条件导出",
    )
if rows.is_empty():
    say("info", "没有符合条件的企业。请放宽条件。")
    st.stop()
above = st.container()
page = st.pagination(pages(rows.height, SIZE), key="page", bind="query-params")
shown = rows.slice((page - 1) * SIZE, SIZE)
with above:
    pressed = screen.edges(core_edges.table(shown), link=visit.may(Permission.ENTERPRISE_READ))
st.caption(
    "距离：总收入、软件收入、硬件收入不变时，AI业务收入再增加或减少多少元就到线的另一侧，至少 1 元。变化：该企业越线后全市纳入统计的增减（测算）。"
)
if pressed is not None:
    st.switch_page("enterprise/enterprise.py", query_params={"id": shown["enterprise_id"][pressed]})
