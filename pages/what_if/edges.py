"""临界企业: which line each enterprise is nearest to, how far away, and what its crossing would do to the city's sum."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.paging import pages
from core.statistics.selection import Selection
from core.what_if import thresholds as core_edges
from data.rule import policies
from data.what_if import thresholds
from ui.base.text import say, say_outside
from ui.statistics import basis_line
from ui.what_if import edges as screen
from ui.what_if import thresholds as shared

visit = gate.require(Permission.EDGE_READ)
SIZE = 50
st.title("临界企业", anchor=False)
found = thresholds.years(visit)
if not found:
    st.info("还没有入库企业的全年数。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
    st.stop()
year = shared.years(found)
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
# Asked before the widgets: what none of them offers is taken out of the address.
say_outside(st.query_params.get("district"), places := visit.places, "该筛选未使用，所示为您范围内的数据")
given = {"year": str(st.session_state["year"]), **screen.filters(places.districts)}
rows = core_edges.chosen(thresholds.ledger(visit, basis), policy, given)
screen.found(rows, given)
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
