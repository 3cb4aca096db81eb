"""阈值测算: every parameter of the policy to drag or type; what it would give, beside the policy in force. Never a figure."""

from functools import partial
from urllib.parse import urlencode

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.base.paging import pages
from core.rule.policy_draft import PolicyDraft, as_typed
from core.statistics.selection import Selection
from core.what_if import scenario
from data.rule import policies
from data.what_if import scenarios, thresholds
from ui.base import answer
from ui.base.text import plain, say
from ui.statistics import basis_line
from ui.what_if import cards
from ui.what_if import what_if as screen

PAGE = 50

visit = gate.require(Permission.WHAT_IF_USE)
st.title("阈值测算", anchor=False)
st.session_state["what_if_version"] = scenarios.version(visit)
bases = {scenarios.named(each): each for each in scenarios.bases(visit)}
if not bases:
    say("info", "还没有入库企业的全年数，无法测算。企业填报经区级、市级审核入库后，本页自动可用。")
    st.stop()
asked = st.query_params.get("year", next(iter(bases)))
basis = bases.get(asked) or next(iter(bases.values()))
policy = basis.policy
trial, problems = scenario.read(policy, st.query_params.to_dict())
basis_line.line(
    thresholds.standing(visit, thresholds.Basis(basis.year, basis.provisional, policy)),
    Selection(basis.year, basis.provisional),
    "测算，不是统计结果，数字不保存",
    "网址即情景",
)
address = {"year": scenarios.named(basis), **scenario.address(policy, trial)}
basis_line.export(visit.may(Permission.REPORT_EXPORT), "what_if", address)
for problem in problems:
    say("warning", problem)
removed = st.query_params.get("removed")
saved = {each.id: each for each in scenarios.saved(visit, removed=removed)}
presets = scenario.presets(policy)
known = {code: (preset.name, preset.changes) for code, preset in presets.items()}
known |= {
    each.id: (f"{each.name}（{each.author}，{each.day}）", each.changes) for each in saved.values() if each.active
}
found = scenarios.outcome(visit, basis, trial)
whole = found.whole
screen.headline(whole, found.band, found.policy_band)
try:
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(border=True):
        st.header("参数", anchor=False)
        screen.years(list(bases), asked if asked in bases else next(iter(bases)))
        screen.chooser(policy, trial, known)
        opened = st.session_state["chosen"]
        if opened in presets:
            st.caption(plain(presets[opened].source))
        elif opened:
            st.caption(f"{plain(saved[opened].note) or '没有说明'} · 保存时的现行版本 {plain(saved[opened].version)}")
        screen.parameters(policy, trial)
        answer.show()
        if (gone := saved.get(removed or "")) and not gone.active and gone.own:
            cards.undo(gone, partial(scenarios.restore, visit, gone.id, gone.revision))
        with st.container(horizontal=True):
            st.button(
                "恢复现行参数",
                icon=":material/restart_alt:",
                disabled=trial == policy,
                on_click=screen.choose,
                args=(policy, {}),
            )
            kept = saved.get(opened)
            if kept and kept.own:
                cards.manage(
                    kept,
                    change=partial(scenarios.change, visit, kept.id, kept.revision),
                    remove=partial(scenarios.remove, visit, kept.id, kept.revision),
                )
            if trial != policy and not kept:
                cards.keep(lambda name, note: scenarios.save(visit, name, note, policy, trial))
            if visit.may(Permission.POLICY_DRAFT):
                cards.propose(
                    lambda typed: policies.draft(visit, PolicyDraft(**typed, parameters=as_typed(trial))),
                    title=kept.name if kept else "",
                    reference=kept.note if kept else "",
                    words=scenario.described(policy, trial),
                )
    with right:
        if whole["enterprises"]:
            screen.answers(found.moves, found.band, trial, whole["counted_output_after"])
        else:
            say("info", "管辖范围内还没有入库企业，各数为零。企业经市级审核入库后，本页自动更新。")
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
if whole["enterprises"]:
    screen.breakdowns(found.groups)
st.header("情景并列（测算）", anchor=False)
chosen = st.multiselect(
    "并列的情景",
    list(known),
    default=[code for code in ("in_force", "city_2023") if code in known],
    key="beside",
    placeholder="最多选四个",
    format_func=lambda code: known[code][0] if code in known else code,
    bind="query-params",
    max_selections=4,
)
lines = [("当前", trial)] + [
    (known[code][0], made) for code in chosen[:4] if (made := scenario.standing(policy, known[code][1])) is not None
]
results = [(name, scenario.described(policy, each), scenarios.outcome(visit, basis, each)) for name, each in lines]
screen.beside([(name, words, each.whole, each.band) for name, words, each in results])

st.header("谁变了（测算）", anchor=False)
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(
        f"身份、口径或纳入统计改变的 {found.movers.height:,} 家，变动大的在前；点一行看前后推导。", width="stretch"
    )
    st.link_button(
        "导出 CSV",
        f"/exports/what-if.csv?{urlencode(address)}",
        icon=":material/download:",
        disabled=found.movers.is_empty(),
        help="每一行都注明测算",
    )
above = st.container()
last = pages(found.movers.height, PAGE)
if st.session_state.get("page", 1) > last:  # fewer move than before
    st.session_state["page"] = 1
page = st.pagination(last, key="page") if last > 1 else 1
with above:
    cards.movers(found.movers, policy, trial, page=page, size=PAGE, year=scenarios.named(basis))


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when what it rests on has moved; else do nothing."""
    if scenarios.version(gate.require(Permission.WHAT_IF_USE, watching=True)) != st.session_state["what_if_version"]:
        st.rerun()


watch()
