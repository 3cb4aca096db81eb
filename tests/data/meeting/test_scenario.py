"""本周测算 of a 例会: which scenario, kept with the meeting; and rules by size in all that a meeting computes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.audit import wording
from core.base.errors import Conflict, Forbidden, Refused
from core.meeting.change import summed
from core.statistics.totals import totals
from core.what_if import scenario as what_if_scenario
from data.meeting import meetings
from data.meeting import scenario as meeting_scenario
from data.projections import PROJECTED
from data.what_if import scenarios
from tests.core import samples
from tests.data.directory.test_classified import admitted, firm, full, load, open_forecast_round
from tests.data.meeting.test_meetings import called, everything_shown, frozen, let_districts_call
from tests.data.rule.test_policies import on, published
from tests.world import World


def test_a_meeting_tries_the_other_reading_of_the_lines_until_another_scenario_is_chosen(world: World) -> None:
    admitted(world, "enterprise", full("4000", "2000", "2000", "0"))  # exactly 50 %, exactly 2,000 万元
    meeting, city = called(world), world.visit("city")
    trial = meeting_scenario.trial(city, meeting)
    assert what_if_scenario.changes(trial.policy, trial.scenario) == {"threshold_inclusive": True}
    assert (totals(meetings.figures(city, meeting))["core"][0], totals(trial.frame)["core"][0]) == (0, 1)

    meeting_scenario.choose(city, meeting.id, meeting.revision, "city_2023")
    chosen = meetings.one(city, meeting.id)
    trial = meeting_scenario.trial(city, chosen)
    assert trial.name == "全市2023年规则"
    assert trial.scenario == what_if_scenario.scenario(
        trial.policy, what_if_scenario.presets(trial.policy)["city_2023"].changes
    )
    assert totals(trial.frame)["core"][0] == 1
    with pytest.raises(Conflict):
        meeting_scenario.choose(city, meeting.id, meeting.revision, "")
    with pytest.raises(Refused, match="没有这个测算"):
        meeting_scenario.choose(city, meeting.id, chosen.revision, "nobody")
    facts = world.store.data_version
    meeting_scenario.choose(city, meeting.id, chosen.revision, "city_2023")
    assert world.store.data_version == facts  # nothing to change
    meeting_scenario.choose(city, meeting.id, chosen.revision, "")
    assert (
        meeting_scenario.trial(city, meetings.one(city, meeting.id)).name
        == what_if_scenario.presets(trial.policy)["threshold_inclusive.true"].name
    )


def test_a_saved_scenario_is_kept_with_the_meeting_whatever_becomes_of_it(world: World) -> None:
    admitted(world, "enterprise", full("4000", "1700", "1700", "0"))
    meeting, city = called(world), world.visit("city")
    policy = meetings.moment(city, meeting).policy
    saved = scenarios.save(city, "四成", "", policy, what_if_scenario.scenario(policy, {"core_share_bp": 4000}))
    assert meeting_scenario.choices(city, meeting)[saved].name == "四成"
    meeting_scenario.choose(city, meeting.id, meeting.revision, saved)
    scenarios.remove(city, saved, 1)
    meeting = meetings.one(city, meeting.id)
    assert (meeting.scenario, meeting.parameters) == ("四成", {"core_share_bp": 4000})
    assert saved not in meeting_scenario.choices(city, meeting)
    meetings.freeze(city, meeting.id, meeting.revision)
    world.clock.now += timedelta(minutes=1)
    shown = everything_shown(world, meeting.id)
    assert (shown["trial"][0], [row["directory_tier"] for row in shown["trial"][2]]) == ("四成", ["core"])
    with pytest.raises(Refused, match="已经冻结"):
        meeting_scenario.choose(city, meeting.id, meetings.one(city, meeting.id).revision, "")
    published(world, core_share_bp="40", core_ai_revenue="90000")
    on(world, date(2026, 2, 2))
    world.store.rebuild(PROJECTED)
    assert everything_shown(world, meeting.id) == shown
    # The address says what differs from the policy of 2025, which a version of 2026 leaves as it was.
    again = meetings.one(world.visit("city"), meeting.id)
    assert meeting_scenario.address(world.visit("city"), again) == {"year": "2025", "core_share_bp": "4000"}


def test_who_calls_no_meetings_chooses_no_scenario(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    with pytest.raises(Forbidden):
        meeting_scenario.choose(world.visit("district"), meeting.id, meeting.revision, "city_2023")
    with pytest.raises(Forbidden):
        meeting_scenario.choices(world.visit("district"), meeting)
    let_districts_call(world)
    with pytest.raises(Forbidden):  # the city's meeting is not the district's to change
        meeting_scenario.choose(world.visit("district"), meeting.id, meeting.revision, "city_2023")
    assert meetings.one(world.visit("city"), meeting.id) == meeting


def test_parameters_that_fit_no_more_leave_the_policy_as_it_is(world: World) -> None:
    admitted(world, "enterprise")
    meeting = replace(called(world), scenario="旧情景", parameters={"gone": 1})
    trial = meeting_scenario.trial(world.visit("city"), meeting)
    assert (trial.name, trial.scenario) == ("旧情景", trial.policy)


def test_a_rule_by_size_is_split_and_banded_like_any_other(world: World) -> None:
    """A line of their own for 小微: between two meetings the rule alone has changed, for a medium enterprise by its size."""
    open_forecast_round(world)
    ahead = samples.year("2026", full_year=samples.figures("10000", "6000", "6000", "0"))
    load(world, [firm(0, "GX", ahead)], "2026-2")  # were it small, it would stay core
    first = frozen(world, year=2026, provisional=True)
    shown = everything_shown(world, first.id)
    assert meetings.figures(world.visit("city"), first)["size"].to_list() == ["medium"]
    published(world, core_share_bp="90", core_share_small_bp="40", core_ai_revenue="90000")
    on(world, date(2026, 2, 2))
    second = called(world, day="2026-02-02", year=2026, provisional=True)
    policy = meetings.moment(world.visit("city"), second).policy
    assert policy.by_size
    found = meetings.changed(world.visit("city"), second)
    assert found is not None
    assert {name: amount for name, amount in summed(found.parts, "core").items() if amount} == {"rule": -1}
    assert {name: amount for name, amount in summed(found.parts, "counted_output").items() if amount} == {
        "rule": -50_000_000
    }
    assert meetings.figure_bands(world.visit("city"), second)["core"] == (0, 0)
    assert meeting_scenario.trial(world.visit("city"), second).scenario.by_size
    meetings.freeze(world.visit("city"), second.id, second.revision)
    assert everything_shown(world, first.id) == shown


def test_the_band_is_over_all_readings_of_all_unclear_clauses(world: World) -> None:
    admitted(world, "enterprise", full("10000", "3000", "1500", "1500"))  # as much software as hardware
    meeting, city = called(world), world.visit("city")
    assert meetings.figure_bands(city, meeting) == what_if_scenario.spans(
        what_if_scenario.band(meetings.figures(city, meeting), meetings.moment(city, meeting).policy)
    )
    assert meetings.figure_bands(city, meeting)["counted_output"] == (20_000_000, 50_000_000)


def test_the_log_says_a_chosen_scenario_in_words(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    meeting_scenario.choose(world.visit("city"), meeting.id, meeting.revision, "city_2023")
    fact = next(each for each in world.store.facts(f"meeting:{meeting.id}") if each.kind == "meeting.changed")
    said = wording.effect(fact.kind, fact.body)
    assert said["scenario"] == "全市2023年规则" and said["core_share_small_bp"] == 4000 and "parameters" not in said
