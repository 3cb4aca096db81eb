"""本周测算 of a 例会: which scenarios it can choose from, the one it has, and what that gives."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from core.access.permissions import Permission
from core.base.errors import Refused
from core.meeting import meeting as core
from core.meeting.meeting import Meeting
from core.rule.policy import Policy
from core.what_if import scenario as what_if_scenario
from core.what_if.scenario import Preset
from data.access.visit import Visit
from data.meeting import meetings
from data.meeting.figures import standing
from data.rule import policies
from data.store.store import Transaction, dump
from data.what_if import scenarios


@dataclass(frozen=True)
class Trial:
    """`policy`: what the meeting counts by; `frame`: its enterprises by `scenario`. A trial, never a figure."""

    name: str
    policy: Policy
    scenario: Policy
    frame: pl.DataFrame


def trial(visit: Visit, meeting: Meeting) -> Trial:
    """The meeting's scenario on the meeting's enterprises."""
    now = meetings.moment(visit, meeting)
    name, scenario_policy = core.trial(meeting, now.policy)
    return Trial(
        name,
        now.policy,
        scenario_policy,
        standing(visit.store, meetings.sample(visit, meeting), replace(now, policy=scenario_policy)),
    )


def choices(visit: Visit, meeting: Meeting) -> dict[str, Preset]:
    """code -> scenario: the ready ones and those that people have saved. The first, "", is the one of a meeting that has chosen none."""
    visit.check(Permission.MEETING_MANAGE)
    policy = meetings.moment(visit, meeting).policy
    default = core.default_scenario(policy)
    ready = {
        code: preset
        for code, preset in what_if_scenario.presets(policy).items()
        if preset.changes and preset != default
    }
    kept = scenarios.saved(visit) if visit.may(Permission.WHAT_IF_USE) else []
    saved = {
        each.id: Preset(each.name, each.note, each.changes)
        for each in kept
        if what_if_scenario.standing(policy, each.changes) not in (None, policy)
    }
    return {"": default, **ready, **saved}


def choose(visit: Visit, identity: str, revision: int, code: str) -> None:
    """Let a meeting that is not frozen show another scenario, kept with it as it is now. Raises Conflict on a stale revision."""
    visit.check(Permission.MEETING_MANAGE)

    def job(transaction: Transaction) -> None:
        row = meetings.live(visit, transaction, identity, revision)
        found = choices(visit, meetings.one(visit, identity)).get(code)
        if found is None:
            raise Refused("没有这个测算，可能刚刚被删除。未保存，请刷新页面后重选。")
        name, parameters = (found.name, dict(found.changes)) if code else ("", {})
        if (row["scenario"], row["parameters"]) != (name, dump(parameters)):
            transaction.append(
                visit.actor, "meeting.changed", f"meeting:{identity}", {"scenario": name, "parameters": parameters}
            )

    visit.write(job)


def address(visit: Visit, meeting: Meeting) -> Mapping[str, str]:
    """The meeting's scenario as the address of 阈值测算, which counts by the policy of now; {} for who may not open it."""
    if not visit.may(Permission.WHAT_IF_USE):
        return {}
    policy, scenario_policy = (
        policies.for_year(visit, meeting.year),
        core.trial(meeting, meetings.moment(visit, meeting).policy)[1],
    )
    return {
        "year": scenarios.named(scenarios.Basis(meeting.year, meeting.provisional, policy)),
        **what_if_scenario.address(policy, scenario_policy),
    }
