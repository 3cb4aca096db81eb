"""阈值附近的异常: whether enterprises crowd just over a line; and, for reviewers, drafts that crossed one before submission."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.statistics.selection import Selection
from core.what_if import bunching as core_bunching
from core.what_if.surface import LINES
from data.filing import periods
from data.rule import policies
from data.what_if import bunching, thresholds
from ui.base import charts
from ui.statistics import basis_line
from ui.what_if import bunching as screen
from ui.what_if import thresholds as shared

visit = gate.require(Permission.EDGE_READ)
st.title("阈值附近的异常", anchor=False)
found = thresholds.years(visit)
if not found:
    st.info("还没有入库企业的全年数。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
    st.stop()
year = shared.years(found)
policy = policies.for_year(visit, year[0])
basis = thresholds.Basis(*year, policy)
basis_line.line(thresholds.standing(visit, basis), Selection(*year))
st.caption(
    "检验只说明两侧的家数不像偶然，不说明任何一家有问题；p 值小于 0.05 才标出。正好在线上的企业按现行规则归入一侧。"
)
distances, density = bunching.distances(visit, basis), bunching.density(visit, basis)
with st.grid(3, min_column_width=300):
    for line in LINES:
        with st.container(border=True):
            st.header(f"{shared.label(line)}附近（家）", anchor=False)
            table = core_bunching.histogram(distances[line])
            charts.show(
                screen.histogram(table, line, policy),
                key=f"bunching_{line}",
                alt=f"{shared.label(line)}两侧各 20 格的企业数，斜纹为未越线",
            )
            screen.tests(core_bunching.sides(distances[line]), density, line)
if visit.may(Permission.FILING_READ) and (this_round := periods.current_round(visit)):
    st.header("提交前越线的草稿", anchor=False)
    crossed = bunching.crossed(visit, this_round.id, policies.for_year(visit, this_round.year))
    st.caption(
        f"仅审核人员可见 · {this_round.name} · 首次保存时在线的一侧、提交时在另一侧，共 {len(crossed):,} 家；离提交最近的改动在前"
        + (" · 点一行打开审核" if crossed else "")
    )
    if crossed:
        picked = st.dataframe(
            screen.crossed(crossed),
            hide_index=True,
            alt="提交前越线的草稿",
            key="bunching.drafts",
            on_select="rerun",
            height="content" if len(crossed) <= 12 else 456,
            selection_mode=["single-row", "single-cell"],
        )
        marked = [*picked["selection"]["rows"], *(row for row, _ in picked["selection"]["cells"])]
        if marked and marked[0] < len(crossed):
            st.switch_page("review/review.py", query_params={"filing": crossed[marked[0]].draft.id})


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has moved it or the test beside it is done; else do nothing."""
    visit = gate.require(Permission.EDGE_READ, watching=True)
    now = (thresholds.version(visit), bunching.density(visit, basis) is None)
    if st.session_state.setdefault("bunching_version", now) != now:
        st.session_state["bunching_version"] = now
        st.rerun()


watch()
