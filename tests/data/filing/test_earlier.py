"""Filings of rounds that are over: reached again once sent back or unlocked, saved into their own round and no other."""

from datetime import date, timedelta

import pytest

from core.base.errors import Forbidden, Refused
from core.filing.filing import Filing
from core.rule.policy import Policy
from data.access.accounts import enterprise_id
from data.directory import classified, register
from data.filing import filings, rounds
from data.messaging import messages
from data.projections import PROJECTED
from data.review import decisions, desk
from data.review import queue as review_queue
from tests.core import samples
from tests.data.filing import setting
from tests.world import USCC, World, save

A = enterprise_id(USCC["enterprise"])
LATER = "2026"


def open_next(world: World, year: int = 2026) -> None:
    """The round of the world is over, another one runs."""
    world.clock.now += timedelta(days=40)
    columns = ("q1",) if year == 2026 else ("full_year",)
    setting.add(
        world.visit("city"),
        year=year,
        columns=columns,
        opens=date(2026, 2, 10),
        closes=date(2026, 3, 10),
        obliged="all",
        districts=(),
    )


def unlock(world: World, until: date = date(2026, 3, 1)) -> None:
    rounds.unlock(world.visit("city"), A, until, "企业来函说明", round_id="2025")


def sent_back(world: World, year: int = 2026) -> Filing:
    """Submitted in time, sent back after a newer round began, and unlocked."""
    filing = world.submit("enterprise")
    open_next(world, year)
    decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons={"basic.size": "规模有误"})
    unlock(world)
    return filings.one(world.visit("city"), filing.id)


def counted(world: World) -> list[int]:
    return list(classified.classified(world.visit("city"), 2025, Policy())["total_revenue"])


def test_it_is_named_opened_mended_and_submitted_again(world: World) -> None:
    sent_back(world)
    visit = world.visit("enterprise")
    assert [(each.id, each.state, each.editable_on(world.store.today)) for each in filings.earlier(visit)] == [
        (f"{A}.2025", "returned", True)
    ]
    old, new = filings.mine(visit, "2025"), filings.mine(visit)
    assert old is not None
    assert new is not None
    assert (old.id, new.id) == (f"{A}.2025", f"{A}.2026")
    saved = save(visit, old, {"basic.contact_name": "王五"})
    assert filings.mine(visit, "2025").content["basic"]["contact_name"] == "王五"  # type: ignore[union-attr]
    assert world.store.rows("SELECT id FROM filings") == [{"id": old.id}], "nothing was saved into the round that runs"
    assert filings.mine(visit).revision == 0  # type: ignore[union-attr]
    filings.submit(visit, old.id, saved.revision)
    assert filings.earlier(visit)[0].state == "submitted"


def test_reviewers_find_it_beside_the_round_that_runs(world: World) -> None:
    old = sent_back(world)
    assert review_queue.filings(world.visit("district"), LATER, others=True).is_empty()
    filings.submit(world.visit("enterprise"), old.id, old.revision)
    for round_id in (LATER, "2025"):
        assert review_queue.filings(world.visit("district"), round_id, others=True)["id"].to_list() == [old.id]
    assert review_queue.filings(world.visit("district"), LATER).is_empty()
    assert review_queue.filings(world.visit("other_district"), LATER, others=True).is_empty()
    waiting = desk.waiting(world.visit("district"))
    assert waiting is not None
    assert waiting[0]["id"].to_list() == [old.id]
    now = filings.one(world.visit("district"), old.id)
    decisions.decide(world.visit("district"), old.id, now.revision, "pass")
    assert review_queue.filings(world.visit("city"), LATER, state="city_review", others=True)["id"].to_list() == [
        old.id
    ]


def test_one_locked_can_be_seen_and_not_changed(world: World) -> None:
    sent_back(world)
    rounds.relock(world.visit("city"), A, round_id="2025")
    visit = world.visit("enterprise")
    seen = filings.mine(visit, "2025")
    assert seen is not None
    assert (seen.state, seen.editable_on(world.store.today)) == ("returned", False)
    with pytest.raises(Refused, match="已于 2026-01-31 截止"):
        save(visit, seen, {"basic.contact_name": "王五"})


def test_who_had_saved_nothing_may_begin_once_let_in(world: World) -> None:
    world.account("enterprise")
    open_next(world)
    visit = world.visit("enterprise")
    with pytest.raises(Forbidden, match="没有这一期的填报"):
        filings.mine(visit, "2025")
    unlock(world)
    assert [each.id for each in filings.earlier(visit)] == [f"{A}.2025"]
    old = filings.mine(visit, "2025")
    assert old is not None
    assert old.content["business"]["years"] == [{"id": "y2025", "year": "2025"}], (
        "of its own year, not of the round that runs"
    )
    save(visit, old, {"basic.contact_name": "王五"})
    assert world.store.rows("SELECT round_id FROM filings") == [{"round_id": "2025"}]


def test_it_does_not_begin_from_what_was_filed_later(world: World) -> None:
    world.account("enterprise")
    open_next(world)
    visit = world.visit("enterprise")
    new = filings.mine(visit)
    assert new is not None
    save(visit, new, {"basic.contact_name": "今年的人"})
    unlock(world)
    assert "contact_name" not in filings.mine(visit, "2025").content.get("basic", {})  # type: ignore[union-attr]


@pytest.mark.parametrize("named", ["", "1999", "2025.x", "../2025"])
def test_a_round_that_is_not_ones_own_is_refused(world: World, named: str) -> None:
    sent_back(world)
    with pytest.raises(Forbidden, match="没有这一期的填报"):
        filings.mine(world.visit("enterprise"), named)
    with pytest.raises(Forbidden):
        filings.mine(world.visit("other"), "2025")


def test_a_round_to_come_cannot_be_opened(world: World) -> None:
    setting.add(
        world.visit("city"),
        year=2026,
        columns=("q1",),
        opens=date(2026, 4, 1),
        closes=date(2026, 4, 30),
        obliged="all",
        districts=(),
    )
    with pytest.raises(Forbidden):
        filings.mine(world.visit("enterprise"), "2026")
    with pytest.raises(Refused, match="截止"):
        filings.save(world.visit("enterprise"), f"{A}.2026", {"basic.contact_name": (None, "王五")})


def test_another_enterprise_cannot_save_into_it(world: World) -> None:
    old = sent_back(world)
    with pytest.raises(Forbidden):
        save(world.visit("other"), old, {"basic.contact_name": "王五"})


def test_the_officer_finds_what_was_left_unfinished_and_lets_one_in(world: World) -> None:
    filing = world.submit("enterprise")
    open_next(world)
    city = world.visit("city")
    assert [row.filing_id for row in rounds.enterprises(city, "测试")] == [f"{A}.2026"]
    decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons={"": "规模有误"})
    assert [row.filing_id for row in rounds.enterprises(city, "测试")] == [f"{A}.2026", f"{A}.2025"]
    unlock(world)
    assert [(row.filing_id, row.until) for row in rounds.unlocked(city)] == [(f"{A}.2025", date(2026, 3, 1))]
    message = messages.inbox(world.visit("enterprise"))[0].id
    assert messages.one(world.visit("enterprise"), message).message.link == "/submit?round=2025"
    rounds.relock(city, A, round_id="2025")
    assert rounds.unlocked(city) == []
    with pytest.raises(Refused):
        rounds.unlock(city, A, date(2026, 3, 1), "企业来函说明", round_id="1999")


@pytest.mark.parametrize("year", [2026, 2025])
def test_admitted_late_it_speaks_for_its_year_but_not_for_what_a_later_round_asked(world: World, year: int) -> None:
    """`year`: that of the later round. What it says of the enterprise, and of the columns it asks for, stands."""
    old = sent_back(world, year)
    business = samples.clean()["business"]["years"]
    if year == 2026:
        business = [{"year": "2026", "q1": business[0]["full_year"]}, *business]
    world.admit(
        "enterprise", samples.put(samples.clean(), {"technology.algorithm_staff": "31", "business.years": business})
    )
    newest = register.newest_admissions(world.store, None).row(0, named=True)
    assert (newest["filing_id"] == old.id, newest["developers"]) == (False, 31)
    stood, before = counted(world), world.clock.now
    now = filings.one(world.visit("enterprise"), old.id)
    years = [
        {**now.content["business"]["years"][0], "full_year": {**business[-1]["full_year"], "total_revenue": "6100"}}
    ]
    assert years[0]["year"] == "2025"
    saved = save(world.visit("enterprise"), now, {"business.years": years})
    filings.submit(world.visit("enterprise"), old.id, saved.revision)
    for reviewer, action in (("district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(reviewer), old.id, filings.one(world.visit("city"), old.id).revision, action)
    after = register.newest_admissions(world.store, None).row(0, named=True)
    assert {**after, "seq": 0, "at_utc": 0} == {**newest, "seq": 0, "at_utc": 0}
    assert counted(world) == ([61_000_000] if year == 2026 else stood)
    assert list(classified.classified(world.visit("city"), 2025, Policy(), as_of=before)["total_revenue"]) == stood
    kept = {name: sorted(map(repr, world.store.rows(f"SELECT * FROM {name}"))) for name in PROJECTED}
    world.store.rebuild(PROJECTED)
    assert {name: sorted(map(repr, world.store.rows(f"SELECT * FROM {name}"))) for name in PROJECTED} == kept
    decisions.undo(world.visit("city"), old.id, filings.one(world.visit("city"), old.id).revision)
    assert counted(world) == stood
