"""敏感性: what any two thresholds would give, as a heat map; and backwards, which threshold gives a wished-for number."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.base.errors import UserError
from core.rule.policy import in_words
from core.statistics.selection import Selection
from core.what_if import scenario
from core.what_if import thresholds as core_edges
from data.rule import policies
from data.what_if import thresholds as what_if_thresholds
from ui.base.text import plain, say, say_outside
from ui.statistics import basis_line
from ui.what_if import sensitivity as screen
from ui.what_if import thresholds as shared

visit = gate.require(Permission.WHAT_IF_USE)
st.title("敏感性", anchor=False)
found = what_if_thresholds.years(visit)
if not found:
    st.info("还没有入库企业的全年数。企业填报经区级、市级审核入库后，本页自动可用。", icon=":material/hourglass_empty:")
    st.stop()
# Asked before the widgets: what none of them offers is taken out of the address.
say_outside(st.query_params.get("area"), places := visit.places, "该范围未使用，所示为您范围内的数据")
areas = {
    **{f"district.{code}": name for code, name in places.districts.items()},
    **{f"layer.{code}": name for code, name in terms.LAYERS.items()},
}
with st.grid(4, min_column_width=210):
    year = shared.years(found)
    pair, measure, area = screen.asked(areas, visit.scope.words)
policy = policies.for_year(visit, year[0])
trial, problems = scenario.read(policy, st.query_params.to_dict())
for problem in problems:
    say("warning", problem)
across, up = screen.PAIRS[pair]
column, _, code = (area or "").partition(".")
basis = what_if_thresholds.Basis(*year, policy, (column, code) if area else None)
(third,) = {line for each in screen.PAIRS.values() for line in each} - {across, up}
basis_line.line(
    what_if_thresholds.standing(visit, basis),
    Selection.asked(*year, {column: code} if area else {}),
    "测算，不是统计结果",
    f"{shared.label(third)}等其余参数按现行规则（{in_words(third, core_edges.value_of(policy, third))}）",
)
x, y = screen.axis(across, policy), screen.axis(up, policy)
marks = {"现行": policy} | ({} if trial is policy else {"情景": trial})
with st.container(border=True):
    st.header(screen.heading(measure), anchor=False)
    figure = screen.surface(what_if_thresholds.surface(visit, basis, x, y), x, y, measure, marks)
    picked = screen.pick(
        figure,
        pair,
        key=f"surface.{pair}",
        alt=f"{screen.MEASURES[measure]}随{shared.label(across)}和{shared.label(up)}变化的热力图与等值线，已标出现行规则",
    )
    st.caption(
        "颜色越深越多；黑线是等值线。恰在线上的企业按现行规则归入一侧。点图上一处（每 5 格一点）查看并带到“阈值测算”。"
    )
trials = (
    {"现行规则": policy}
    | ({} if trial is policy else {"网址中的情景": trial})
    | ({"选中的点": scenario.scenario(policy, picked)} if picked else {})
)
screen.trials(
    trials,
    policy,
    (across, up),
    lambda each: what_if_thresholds.counts(visit, what_if_thresholds.Basis(*year, each, basis.area)),
)

st.header("反过来问", anchor=False)
line, wanted, most = screen.backwards()
steps = what_if_thresholds.profile(visit, basis, line)
try:
    parts = core_edges.parts(most)
    kept = core_edges.around(steps, core_edges.value_of(policy, line), parts)
    if kept:
        screen.keeps(line, kept, parts)
    if wanted:
        stretches = core_edges.for_core_count(steps, count := core_edges.whole(wanted))
        say("info", screen.told(line, count, stretches) + "（测算）。")
        edge = core_edges.at_edge(
            what_if_thresholds.enterprises(visit, basis), policy, line, stretches[0].first, stretches[0].last
        )
        screen.at_ends(line, stretches[0], edge)
except UserError as error:
    say("error", plain(str(error)))


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when what it shows has moved; else do nothing."""
    now = what_if_thresholds.version(gate.require(Permission.WHAT_IF_USE, watching=True))
    if st.session_state.setdefault("sensitivity_version", now) != now:
        st.session_state["sensitivity_version"] = now
        st.rerun()


watch()
