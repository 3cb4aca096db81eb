"""例会: live until frozen; what a frozen one shows never moves, and what has changed since is split to the yuan."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from core.access.roles import SHIPPED
from core.base import beijing
from core.base.errors import Conflict, Forbidden, Refused
from core.meeting.change import summed
from core.meeting.meeting import Meeting, MeetingDraft
from core.rule.policy import shipped
from core.statistics.totals import totals
from data.access import roles
from data.enterprise import moves, projects
from data.filing import filings
from data.meeting import meetings, scenario
from data.projections import PROJECTED
from data.review import corrections, decisions, desk
from data.rule import policies
from tests.core import samples
from tests.data.directory.test_classified import admitted, full
from tests.data.rule.test_policies import on, published
from tests.world import World

CALL = MeetingDraft("2026-01-12", "全市周例会", "", 2025, provisional=False)


def called(world: World, persona: str = "city", **given: Any) -> Meeting:
    visit = world.visit(persona)
    return meetings.one(visit, meetings.call(visit, replace(CALL, **given)))


def given_of(meeting: Meeting, **changes: Any) -> MeetingDraft:
    """The form of a meeting as it is filled in, with these changes."""
    kept = {each.name: getattr(meeting, each.name) for each in fields(MeetingDraft)} | {"day": str(meeting.day)}
    return MeetingDraft(**kept | changes)


def frozen(world: World, persona: str = "city", **given: Any) -> Meeting:
    meeting = called(world, persona, **given)
    meetings.freeze(world.visit(persona), meeting.id, meeting.revision)
    world.clock.now += timedelta(minutes=1)
    return meetings.one(world.visit(persona), meeting.id)


def everything_shown(world: World, identity: str, persona: str = "city") -> dict[str, Any]:
    """All the figures of a meeting, as its screens read them."""
    visit = world.visit(persona)
    meeting = meetings.one(visit, identity)
    changed, late, demands = (
        meetings.changed(visit, meeting),
        meetings.late(visit, meeting),
        meetings.demands(visit, meeting),
    )
    trial = scenario.trial(visit, meeting)
    return {
        "moment": meetings.moment(visit, meeting),
        "figures": meetings.figures(visit, meeting).sort("enterprise_id").to_dicts(),
        "bands": meetings.figure_bands(visit, meeting),
        "changed": changed and (changed.parts.sort("enterprise_id").to_dicts(), changed.earlier and changed.earlier.id),
        "late": late and (late[0], late[1].sort("enterprise_id").to_dicts()),
        "demands": demands is not None and demands.sort("enterprise_id", "kind").to_dicts(),
        "trial": (trial.name, trial.policy, trial.frame.sort("enterprise_id").to_dicts()),
        "notes": meeting.notes,
        "filters": (meeting.layer, meeting.size, meeting.year, meeting.provisional),
    }


def sums(world: World, meeting: Meeting, measure: str = "counted_output") -> dict[str, int]:
    found = meetings.since(world.visit("city"), meeting)
    assert found is not None
    return {name: amount for name, amount in summed(found.parts, measure).items() if amount}


# --- the figures of a frozen meeting never move -----------------------------------------------------------


def test_a_frozen_meeting_shows_the_same_figures_whatever_happens_after(world: World) -> None:
    first = admitted(world, "enterprise", full("6000", "1800", "1800", "0"))
    frozen(world, title="第一次")
    second = called(world, title="第二次", day="2026-01-19")
    meetings.note(world.visit("city"), second.id, second.revision, "headline", "先讲总量")
    world.clock.now += timedelta(minutes=1)
    second = meetings.one(world.visit("city"), second.id)
    meetings.freeze(world.visit("city"), second.id, second.revision)
    shown = everything_shown(world, second.id)
    assert [row["progress"] for row in shown["late"][1]] == ["admitted"]  # "other" is not registered yet
    assert [row["counted_output"] for row in shown["figures"]] == [30_000_000]
    world.clock.now += timedelta(minutes=1)

    admitted(world, "other", district="HS")
    corrections.correct(
        world.visit("city"),
        first.id,
        first.revision,
        "business.years.0.full_year.ai_revenue",
        "4200",
        reason="登记有误",
    )
    moves.move(world.visit("city"), first.enterprise_id, "GX", district="HS", since=world.store.today, reason="迁址")
    project = projects.demands(world.visit("city"))["id"][0]
    projects.open_project(world.visit("city"), project)
    published(world, core_share_bp="90", core_ai_revenue="90000", related_share_bp="10")
    on(world, date(2026, 2, 2))
    assert policies.in_force(world.visit("city")).core_share_bp == 9000
    assert everything_shown(world, second.id) == shown
    world.store.rebuild(PROJECTED)
    assert everything_shown(world, second.id) == shown
    # A year later, on a new year's policy and data.
    on(world, date(2027, 3, 1))
    assert everything_shown(world, second.id) == shown
    assert everything_shown(world, second.id)["moment"].policy == shipped()[-1]


def test_what_has_changed_since_is_split_to_the_yuan(world: World) -> None:
    filing = admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    meeting = frozen(world)
    assert sums(world, meeting) == {}
    admitted(world, "other", full("1000", "900", "900", "0"), district="HS")
    assert sums(world, meeting) == {"entry": 10_000_000}
    corrections.correct(
        world.visit("city"),
        filing.id,
        filing.revision,
        "business.years.0.full_year.total_revenue",
        "7000",
        reason="登记有误",
    )
    assert sums(world, meeting) == {"entry": 10_000_000, "revision": 10_000_000}
    published(world, core_weight_bp="90")
    on(world, date(2026, 2, 2))
    # A version of 2026 is none of the closed year 2025.
    assert sums(world, meeting) == {"entry": 10_000_000, "revision": 10_000_000}
    found = meetings.since(world.visit("city"), meeting)
    assert found is not None
    for measure in ("counted_output", "ai_revenue"):
        before, after = (totals(frame)[measure][0] for frame in (found.before, found.after))
        assert sum(summed(found.parts, measure).values()) == after - before
    current = filings.one(world.visit("city"), filing.id)
    decisions.decide(world.visit("city"), filing.id, current.revision, "revoke", reasons={"": "虚假填报"})
    assert sums(world, meeting) == {"entry": 10_000_000, "exit": -60_000_000}
    assert sums(world, meeting, "core") == {"entry": 1, "exit": -1}


def test_a_live_meeting_moves_and_says_nothing_of_since(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    assert meetings.since(world.visit("city"), meeting) is None
    assert meetings.figures(world.visit("city"), meeting).height == 1
    admitted(world, "other", district="HS")
    assert meetings.figures(world.visit("city"), meeting).height == 2


def test_what_is_committed_with_the_freezing_is_of_the_time_after(world: World) -> None:
    """One batch has one moment: an admission in it must not slip into what was frozen."""
    admitted(world, "enterprise")
    meeting = called(world)
    meetings.freeze(world.visit("city"), meeting.id, meeting.revision)
    fact = next(each for each in world.store.facts(f"meeting:{meeting.id}") if each.kind == "meeting.frozen")
    assert datetime.fromisoformat(fact.body["as_of"]) < fact.at_utc


def test_a_clock_set_back_lets_nothing_into_what_was_frozen(world: World) -> None:
    admitted(world, "enterprise")
    meeting = frozen(world)
    before = everything_shown(world, meeting.id)
    world.clock.now -= timedelta(days=1)
    assert world.store.clock_behind > timedelta(hours=23)
    admitted(world, "other", district="HS")
    times = [fact.at_utc for fact in world.store.facts()]
    assert times == sorted(times)
    assert everything_shown(world, meeting.id)["figures"] == before["figures"]
    assert world.store.verify()


def test_a_meeting_on_the_next_year_is_not_compared_with_one_on_the_last(world: World) -> None:
    admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    first = frozen(world)
    body = {"year": 2026, "columns": ["full_year"], "opens": "2027-01-05", "closes": "2027-01-31"}
    world.store.write(lambda t: t.append(world.visit("city").actor, "round.opened", "round:2026", body))
    on(world, date(2027, 1, 6))
    admitted(world, "enterprise", full("9000", "6300", "6300", "0", "2026"), full("6100", "4200", "4200", "0"))
    meeting = called(world, year=2026, day="2027-01-11")
    city = world.visit("city")
    assert meetings.changed(city, meeting) is None
    assert meetings.incomparable(city, meeting) == first


@pytest.mark.parametrize(
    "other",
    [{"year": 2026}, {"provisional": True}, {"district": "HS"}, {"layer": "application"}, {"size": "small"}],
    ids=str,
)
def test_meetings_are_comparable_only_where_all_that_is_measured_agrees(world: World, other: dict[str, Any]) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    assert meeting.comparable(replace(meeting, id="another", title="另一次", notes={"title": "。"}))
    assert not meeting.comparable(replace(meeting, **other))


# --- compared with which ----------------------------------------------------------------------------------


def test_a_meeting_is_compared_with_the_last_frozen_unless_another_is_chosen(world: World) -> None:
    admitted(world, "enterprise")
    city = world.visit("city")
    first, second = frozen(world, title="第一次"), frozen(world, title="第二次")
    meeting = called(world, title="第三次")
    assert [each.id for each in meetings.earlier(city, meeting)] == [second.id, first.id]

    def compared(given: Meeting) -> str:
        found = meetings.changed(city, given)
        assert found is not None and found.earlier is not None
        return found.earlier.id

    assert compared(meeting) == second.id
    meetings.change(city, meeting.id, meeting.revision, given_of(meeting, compared=first.id))
    meeting = meetings.one(city, meeting.id)
    assert compared(meeting) == first.id
    with pytest.raises(Refused, match="已冻结"):
        meetings.change(city, meeting.id, meeting.revision, given_of(meeting, compared=meeting.id))
    # What it was compared with by default stays when it is frozen.
    assert compared(meetings.one(city, second.id)) == first.id
    assert meetings.changed(city, first) is None


@pytest.mark.parametrize("other", [{"layer": "application"}, {"size": "small"}], ids=["a layer", "a size"])
def test_what_is_about_something_else_is_named_and_never_subtracted(world: World, other: dict[str, Any]) -> None:
    admitted(world, "enterprise")
    city = world.visit("city")
    first, second = frozen(world, title="第一次"), frozen(world, title="别的口径", **other)
    third = called(world, title="第三次")
    assert meetings.earlier(city, second) == [] and meetings.changed(city, second) is None
    assert meetings.incomparable(city, second) == first
    # The last one before it is about something else; the one before that is not.
    found = meetings.changed(city, third)
    assert found is not None and found.earlier is not None and found.earlier.id == first.id
    with pytest.raises(Refused, match="口径"):
        meetings.change(city, third.id, third.revision, given_of(third, compared=second.id))


# --- who sees, who does -----------------------------------------------------------------------------------


def let_districts_call(world: World) -> None:
    permissions = SHIPPED["district_reviewer"].permissions | {"meeting.manage"}
    roles.change(world.visit("administrator"), "district_reviewer", 0, permissions=permissions)


def test_a_district_calls_its_own_meetings_which_another_does_not_see(world: World) -> None:
    near, far = admitted(world, "enterprise"), admitted(world, "other", district="HS")
    let_districts_call(world)
    own = called(world, "district", district="GX", title="高新区例会")
    for district in ("", "HS"):
        with pytest.raises(Forbidden):
            called(world, "district", district=district)
    assert [each.id for each in meetings.listing(world.visit("other_district"))] == []
    with pytest.raises(Forbidden):
        meetings.one(world.visit("other_district"), own.id)
    for read in (
        meetings.figures,
        meetings.late,
        meetings.demands,
        meetings.decisions,
        meetings.changed,
        scenario.trial,
    ):
        if read is not meetings.changed:  # of which there is none yet, and nothing is said
            with pytest.raises(Forbidden):
                read(world.visit("other_district"), own)
    for act in (
        lambda visit: meetings.freeze(visit, own.id, own.revision),
        lambda visit: meetings.note(visit, own.id, own.revision, "title", "x"),
        lambda visit: meetings.decide(visit, own.id, "决议内容", "甲某", None),
        lambda visit: meetings.change(visit, own.id, own.revision, given_of(own, title="改名")),
    ):
        with pytest.raises(Forbidden):
            act(world.visit("other_district"))
    assert meetings.one(world.visit("city"), own.id).title == "高新区例会"
    assert meetings.figures(world.visit("city"), own)["enterprise_id"].to_list() == [near.enterprise_id]
    # The city's meeting is for every district, each in its own figures.
    city = called(world)
    assert meetings.figures(world.visit("district"), city)["enterprise_id"].to_list() == [near.enterprise_id]
    assert meetings.figures(world.visit("other_district"), city)["enterprise_id"].to_list() == [far.enterprise_id]
    with pytest.raises(Forbidden):
        meetings.freeze(world.visit("district"), city.id, city.revision)


def test_who_may_only_read_calls_nothing(world: World) -> None:
    admitted(world, "enterprise")
    for persona in ("district", "administrator", "enterprise"):
        with pytest.raises(Forbidden):
            called(world, persona)
    with pytest.raises(Forbidden):
        meetings.listing(world.visit("enterprise"))


def test_filters_keep_to_what_they_name(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world, layer="application")
    city = world.visit("city")
    assert meetings.figures(city, meeting).height == 1
    meetings.change(city, meeting.id, meeting.revision, given_of(meeting, layer="foundation"))
    assert meetings.figures(city, meetings.one(city, meeting.id)).is_empty()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": " "}, "名称"), ({"title": "长" * 61}, "61"), ({"day": ""}, "日期"), ({"year": 2019}, "年度"),
        ({"provisional": True}, "年度"), ({"layer": "x"}, "筛选"), ({"size": "x"}, "筛选"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(world: World, given: dict[str, Any], said: str) -> None:
    admitted(world, "enterprise")
    with pytest.raises(Refused, match=said):
        called(world, **given)
    assert meetings.listing(world.visit("city")) == []


# --- notes and decisions ----------------------------------------------------------------------------------


def test_a_note_is_kept_and_refused_after_the_freezing_and_when_stale(world: World) -> None:
    admitted(world, "enterprise")
    meeting, city = called(world), world.visit("city")
    meetings.note(city, meeting.id, meeting.revision, "late", "点名三个区")
    with pytest.raises(Conflict):
        meetings.note(city, meeting.id, meeting.revision, "late", "另一段")
    meeting = meetings.one(city, meeting.id)
    assert meeting.notes == {"late": "点名三个区"}
    for screen, text, said in (("x", "甲", "没有这一屏"), ("late", "长" * 2001, "2,001")):
        with pytest.raises(Refused, match=said):
            meetings.note(city, meeting.id, meeting.revision, screen, text)
    meetings.freeze(city, meeting.id, meeting.revision)
    meeting = meetings.one(city, meeting.id)
    for act in (
        lambda: meetings.note(city, meeting.id, meeting.revision, "late", "改口"),
        lambda: meetings.change(city, meeting.id, meeting.revision, given_of(meeting, title="改名")),
        lambda: meetings.decide(city, meeting.id, "补一条决议", "甲某", None),
        lambda: meetings.freeze(city, meeting.id, meeting.revision),
    ):
        with pytest.raises(Refused, match="已经冻结"):
            act()
    assert meetings.one(city, meeting.id) == meeting


def test_decisions_are_recorded_struck_and_marked_done_after_the_freezing(world: World) -> None:
    admitted(world, "enterprise")
    meeting, city = called(world), world.visit("city")
    for text in ("洪山区周五前报齐", "写错的一条", "核对大额更正"):
        meetings.decide(city, meeting.id, text, "各区", date(2026, 1, 16))
    meetings.strike(city, meeting.id, 2)
    assert [(each.number, each.text, each.done) for each in meetings.decisions(city, meeting)] == [
        (1, "洪山区周五前报齐", False),
        (3, "核对大额更正", False),
    ]
    assert meetings.decide(city, meeting.id, "再加一条", "各区", None) == 4
    with pytest.raises(Refused, match="没有这项决议"):
        meetings.settle(city, meeting.id, 2, True)
    meetings.freeze(city, meeting.id, meetings.one(city, meeting.id).revision)
    with pytest.raises(Refused, match="已经冻结"):
        meetings.strike(city, meeting.id, 1)
    facts = world.store.data_version
    for done in (True, True):
        meetings.settle(city, meeting.id, 1, done)
    assert world.store.data_version == facts + 1
    first = meetings.decisions(world.visit("district"), meeting)[0]
    assert (first.done, first.who, first.due) == (True, "各区", date(2026, 1, 16))
    with pytest.raises(Forbidden):
        meetings.settle(world.visit("district"), meeting.id, 1, False)


# --- since the last meeting, on the desk --------------------------------------------------------------------


def test_the_desk_counts_from_the_last_frozen_meeting_and_before_the_first_from_the_weekday(world: World) -> None:
    admitted(world, "enterprise")
    visit = world.visit("city")
    monday = beijing.start(date(2026, 1, 5))  # the Monday before Saturday 10 January
    assert desk.last_meeting(visit) == monday
    called(world)
    assert desk.last_meeting(visit) == monday
    meeting = frozen(world)
    assert desk.last_meeting(visit) == meeting.as_of
    assert desk.last_meeting(world.visit("other_district")) == meeting.as_of
    let_districts_call(world)
    own = frozen(world, "district", district="GX")
    assert desk.last_meeting(world.visit("district")) == own.as_of
    assert desk.last_meeting(world.visit("other_district")) == meeting.as_of


def test_late_filers_are_those_who_have_still_to_file(world: World) -> None:
    admitted(world, "enterprise")
    world.save("other", samples.put(samples.clean(), {"basic.district": "HS"}))
    meeting = called(world)
    found = meetings.late(world.visit("city"), meeting)
    assert found is not None
    assert found[1].sort("progress").select("district", "progress", pl.col("name").is_null()).rows() == [
        ("GX", "admitted", True),
        ("HS", "draft", False),
    ]
    near = meetings.late(world.visit("district"), meeting)
    assert near is not None and near[1]["district"].to_list() == ["GX"]
    assert meetings.late(world.visit("administrator"), meeting) is None  # has no right to the progress of filing
