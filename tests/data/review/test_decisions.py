"""Taking a decision back within a minute, and deciding several at once: what stands afterwards, and what is refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.base.errors import Conflict, Forbidden, Refused, UserError
from core.filing.filing import Filing
from core.rule.policy import Policy
from data.access import organisations, placements
from data.directory import classified
from data.filing import filings
from data.projections import PROJECTED
from data.review import decisions
from data.review import queue as review_queue
from data.store.store import SYSTEM
from tests.core import samples
from tests.world import NAMES, World

POLICY = Policy()


def current(world: World, filing: Filing) -> Filing:
    return filings.one(world.visit("city"), filing.id)


def decide(world: World, persona: str, filing: Filing, action: str, reason: str = "") -> Filing:
    decisions.decide(world.visit(persona), filing.id, filing.revision, action, reasons={"": reason})
    return current(world, filing)


def undo(world: World, persona: str, filing: Filing) -> Filing:
    decisions.undo(world.visit(persona), filing.id, filing.revision)
    return current(world, filing)


def counted(world: World, as_of: datetime | None = None) -> Any:
    """All that a dashboard shows."""
    city = world.visit("city")
    return (
        classified.classified(city, 2025, POLICY, as_of=as_of).sort("enterprise_id").to_dicts(),
        classified.years(city, as_of=as_of),
        classified.newest_figures(world.store, as_of)
        .drop("seq", "at_utc")
        .sort("enterprise_id", "year", "period")
        .to_dicts(),
    )


def snapshot(world: World) -> dict[str, list[str]]:
    return {table: sorted(map(repr, world.store.rows(f"SELECT * FROM {table}"))) for table in PROJECTED}


def open_round(world: World, identity: str, opens: str) -> None:
    body = {"year": 2025, "columns": ["full_year"], "opens": opens, "closes": "2026-02-28"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", f"round:{identity}", body))


# --- taking back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persona", "action", "before"),
    [
        ("district", "pass", "submitted"),
        ("district", "return", "submitted"),
        ("city", "return", "city_review"),
        ("city", "admit", "city_review"),
        ("city", "revoke", "admitted"),
    ],
)
def test_a_decision_taken_back_leaves_the_filing_as_it_was(
    world: World, persona: str, action: str, before: str
) -> None:
    filing = world.submit("enterprise")
    if before != "submitted":
        filing = decide(world, "district", filing, "pass")
    if before == "admitted":
        filing = decide(world, "city", filing, "admit")
    decided = decide(world, persona, filing, action, "请补充材料")
    assert decisions.seconds_left(world.visit(persona), decided) in (59, 60)
    assert decisions.seconds_left(world.visit("administrator"), decided) == 0
    undone = undo(world, persona, decided)
    assert undone.revision == decided.revision + 1
    assert (undone.state, undone.reasons, undone.decided_at, undone.decided_by) == (
        filing.state,
        {},
        filing.decided_at,
        filing.decided_by,
    )
    assert undone.content == filing.content
    with pytest.raises(Refused, match="只能撤回本人刚刚作出的"):
        undo(world, persona, undone)
    assert filings.timeline(world.visit("enterprise"), filing.id)[0].kind == "filing.undone"
    again = decide(world, persona, undone, action, "请补充材料")
    assert again.state == decided.state


def test_a_first_admission_taken_back_counts_no_more_but_did_in_between(world: World) -> None:
    filing = decide(world, "district", world.submit("enterprise"), "pass")
    before = counted(world)
    filing = decide(world, "city", filing, "admit")
    between, moment = counted(world), world.clock.now
    assert between != before
    undo(world, "city", filing)
    assert counted(world) == before == ([], [], [])
    assert counted(world, moment) == between
    assert counted(world, world.clock.now) == before
    enterprise = world.store.rows("SELECT district FROM enterprises WHERE id = $1", [filing.enterprise_id])
    assert enterprise == [{"district": None}]
    kept = snapshot(world)
    world.store.rebuild(PROJECTED)
    assert snapshot(world) == kept


def test_a_later_admission_taken_back_gives_way_to_the_figures_and_the_place_before(world: World) -> None:
    first = world.admit("enterprise")
    keeper = world.visit("administrator")
    park = organisations.add(keeper, "园区", "GX")
    placements.place(keeper, [first.enterprise_id], organisation_id=park, officer_id=None)
    open_round(world, "2025-2", "2026-01-08")
    rows = [
        samples.year("2025", full_year=samples.figures("9000", "5000", "5000", "0")),
        samples.year("2024", full_year=samples.figures("8000", "1", "1", "0")),
    ]
    second = samples.put(samples.clean(), {"business.years": rows, "basic.district": "HS"})
    second["explanations"] = {"year_on_year@business.years.0.full_year.ai_revenue": "新签三年期算力服务合同"}
    second["explanations"]["unit_slip@business.years.0.full_year.ai_revenue"] = "新签三年期算力服务合同"
    filing = decide(world, "other_district", world.submit("enterprise", second), "pass")
    before = counted(world)
    filing = decide(world, "city", filing, "admit")
    between, moment = counted(world), world.clock.now
    assert between[1] == [(2025, False), (2024, False)]
    undo(world, "city", filing)
    assert counted(world) == before
    assert before[1] == [(2025, False)]
    assert counted(world, moment) == between
    place = world.store.rows("SELECT organisation_id FROM placements")
    assert place == [{"organisation_id": park}]
    assert world.store.rows("SELECT district FROM enterprises WHERE id = $1", [filing.enterprise_id]) == [
        {"district": "GX"}
    ]
    again = decide(world, "city", current(world, filing), "admit")
    assert counted(world) == between
    assert again.state == "admitted"
    kept = snapshot(world)
    world.store.rebuild(PROJECTED)
    assert snapshot(world) == kept


def test_a_revocation_taken_back_counts_again(world: World) -> None:
    filing = world.admit("enterprise")
    before = counted(world)
    revoked = decide(world, "city", filing, "revoke", "虚假填报")
    moment = world.clock.now
    undo(world, "city", revoked)
    assert counted(world) == before
    assert counted(world, moment)[0] == []


def test_after_a_minute_by_the_store_s_clock_a_decision_stands(world: World) -> None:
    filing = decide(world, "district", world.submit("enterprise"), "pass")
    world.clock.now += timedelta(seconds=61)
    assert decisions.seconds_left(world.visit("district"), filing) == 0
    with pytest.raises(Refused, match="超过 60 秒"):
        undo(world, "district", filing)
    assert current(world, filing).state == "city_review"


def test_nobody_takes_back_what_another_has_decided_or_what_others_have_gone_on_with(world: World) -> None:
    filing = decide(world, "district", world.submit("enterprise"), "pass")
    for stranger in ("city", "other_district", "administrator", "enterprise"):
        with pytest.raises((Refused, Forbidden)):
            undo(world, stranger, filing)
    assert current(world, filing).state == "city_review"
    admitted = decide(world, "city", filing, "admit")
    for revision in (filing.revision, admitted.revision):
        with pytest.raises(UserError):
            decisions.undo(world.visit("district"), filing.id, revision)
    returned = decide(world, "district", world.submit("other"), "return", "请补充材料")
    world.save("other")
    with pytest.raises(Conflict, match="又有了新的变化"):
        undo(world, "district", returned)
    assert decisions.seconds_left(world.visit("district"), current(world, returned)) == 0


# --- several at once -------------------------------------------------------------------------------------


def test_several_pass_and_are_admitted_each_with_its_own_fact(world: World) -> None:
    both = [world.submit("enterprise"), world.submit("other")]
    answer = decisions.decide_several(world.visit("district"), {filing.id: filing.revision for filing in both})
    assert sorted(answer.done) == sorted(NAMES.values())
    assert answer.left == {}
    now = [current(world, filing) for filing in both]
    assert [filing.state for filing in now] == ["city_review"] * 2
    answer = decisions.decide_several(world.visit("city"), {filing.id: filing.revision for filing in now})
    assert [current(world, filing).state for filing in both] == ["admitted"] * 2
    assert {world.store.facts(filing.subject)[-1].kind for filing in both} == {"filing.admitted"}
    assert classified.classified(world.visit("city"), 2025, POLICY).height == 2


def test_what_changed_meanwhile_is_left_alone_and_named(world: World) -> None:
    one, two = world.submit("enterprise"), world.submit("other")
    decide(world, "district", two, "return", "请补充材料")
    answer = decisions.decide_several(world.visit("district"), {one.id: one.revision, two.id: two.revision})
    assert answer.done == [NAMES["enterprise"]]
    assert list(answer.left) == [current(world, two).content["basic"]["enterprise_name"]]
    assert "当前状态为“退回”" in next(iter(answer.left.values()))
    assert [current(world, filing).state for filing in (one, two)] == ["city_review", "returned"]


@pytest.mark.parametrize("why", ["explained", "near"])
def test_what_is_flagged_is_not_passed_unseen(world: World, why: str) -> None:
    ai = "3100" if why == "near" else "4200"
    rows = [samples.year("2025", full_year=samples.figures("6000", ai, ai if why == "near" else "4000", "0"))]
    content = samples.put(samples.clean(), {"business.years": rows})
    if why == "explained":
        content["explanations"] = {
            "parts_differ@business.years.0.full_year.ai_revenue": "差额为咨询服务收入，合同未拆分"
        }
    filing = world.submit("enterprise", content)
    assert review_queue.filings(world.visit("district"), "2025")["flagged"].to_list() == [True]
    answer = decisions.decide_several(world.visit("district"), {filing.id: filing.revision})
    assert answer.done == []
    assert "逐份审核" in next(iter(answer.left.values()))
    assert current(world, filing).state == "submitted"


def test_several_are_for_reviewers_within_their_scope_and_not_too_many(world: World) -> None:
    filing = world.submit("enterprise")
    for stranger in ("administrator", "enterprise", "other_district"):
        with pytest.raises(Forbidden):
            decisions.decide_several(world.visit(stranger), {filing.id: filing.revision})
    answer = decisions.decide_several(world.visit("city"), {filing.id: filing.revision})
    assert answer.done == [], "it does not wait for the city"
    with pytest.raises(Refused, match="1 至 50 份"):
        decisions.decide_several(world.visit("district"), {})
    with pytest.raises(Refused, match="1 至 50 份"):
        decisions.decide_several(world.visit("district"), {f"x{number}": 1 for number in range(51)})
    assert current(world, filing).state == "submitted"
