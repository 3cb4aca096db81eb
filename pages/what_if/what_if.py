"""阈值测算: every parameter of the policy to drag or type; what it would give, beside the policy in force. Never a figure."""

from functools import partial

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.rule.policy_draft import PolicyDraft, as_typed
from core.statistics.selection import Selection
from core.what_if import scenario
from data.rule import policies
from data.what_if import scenarios, thresholds
from ui.base import answer
from ui.base.text import say
from ui.statistics import basis_line
from ui.what_if import cards, outcome, parameters

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
known = presets | {each.id: each.preset for each in saved.values() if each.active}
found = scenarios.outcome(visit, basis, trial)
outcome.headline(found)
try:
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(border=True):
        st.header("参数", anchor=False)
        parameters.years(list(bases), asked if asked in bases else next(iter(bases)))
        opened = parameters.chooser(policy, trial, known)
        parameters.show(policy, trial)
        answer.show()
        if (gone := saved.get(removed or "")) and not gone.active and gone.own:
            cards.undo(gone, partial(scenarios.restore, visit, gone.id, gone.revision))
        with st.container(horizontal=True):
            parameters.reset(policy, trial)
            kept = saved.get(opened or "")
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
        if found.whole.enterprises:
            outcome.answers(found, trial)
        else:
            say("info", "管辖范围内还没有入库企业，各数为零。企业经市级审核入库后，本页自动更新。")
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
if found.whole.enterprises:
    outcome.breakdowns(found.groups)
st.header("情景并列（测算）", anchor=False)
chosen = parameters.several(known)
lines = [("当前", trial)] + [
    (each.name, made) for each in chosen if (made := scenario.standing(policy, each.changes)) is not None
]
results = [(name, scenario.described(policy, each), scenarios.outcome(visit, basis, each)) for name, each in lines]
outcome.beside(results)

st.header("谁变了（测算）", anchor=False)
cards.movers(found.movers, policy, trial, address)


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when what it rests on has moved; else do nothing."""
    if scenarios.version(gate.require(Permission.WHAT_IF_USE, watching=True)) != st.session_state["what_if_version"]:
        st.rerun()


watch()
