"""Every writer of a decision asks for permission and scope again, inside the write, where the state is current."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.access.permissions import Permission
from core.base.errors import Forbidden
from core.filing.filing import Filing
from data.access.visit import Visit
from data.enterprise import moves
from data.filing import filings
from data.review import decisions
from tests.world import NAMES, World


def stands(world: World, filing: Filing) -> tuple[Any, ...]:
    """How the filing stands, and how many facts there are of it."""
    now = filings.one(world.visit("city"), filing.id)
    return now.state, now.revision, now.decided_by, len(world.store.facts(filing.subject))


def decided(world: World, persona: str) -> Filing:
    """A filing on which this reviewer has just taken the step forward."""
    filing = world.submit("enterprise")
    for reviewer, action in (("district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(reviewer), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)
        if reviewer == persona:
            break
    return filing


# --- permission ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["enterprise", "district", "city"])
def test_who_may_read_but_not_decide_takes_nothing_back(world: World, reader: str) -> None:
    """Refused for the permission, before anything is said of whose decision it was."""
    filing = decided(world, "district")
    before, visit = stands(world, filing), world.visit(reader)
    reading = replace(visit, permissions=visit.permissions - {Permission.REVIEW_DISTRICT, Permission.REVIEW_CITY})
    with pytest.raises(Forbidden, match="没有此项权限"):
        decisions.undo(reading, filing.id, filing.revision)
    assert stands(world, filing) == before


@pytest.mark.parametrize(
    ("persona", "left"), [("district", Permission.REVIEW_CITY), ("city", Permission.REVIEW_DISTRICT)]
)
def test_who_decided_and_has_lost_the_permission_takes_nothing_back(
    world: World, persona: str, left: Permission
) -> None:
    """The other level's permission is left: enough to be let in, not for this decision."""
    filing = decided(world, persona)
    before = stands(world, filing)
    changed = replace(world.visit(persona), permissions=frozenset({Permission.FILING_READ, left}))
    with pytest.raises(Forbidden, match="没有此项权限"):
        decisions.undo(changed, filing.id, filing.revision)
    assert stands(world, filing) == before
    decisions.undo(world.visit(persona), filing.id, filing.revision)


# --- scope -----------------------------------------------------------------------------------------------


@pytest.fixture
def moved_before_the_write(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[Filing], None]:
    """Until the next write everything is as the page was drawn; right before it the enterprise goes to another district.

    A move leaves the filing's state and revision as they are: nothing but the scope can refuse what follows.
    """

    def arm(filing: Filing) -> None:
        write, city = world.store.write, world.visit("city")

        def late(job: Callable[..., Any], *, key: str | None = None) -> Any:
            monkeypatch.setattr(world.store, "write", write)
            seen, day = moves.standing(city, filing.enterprise_id).district, date(2026, 1, 10)
            moves.move(city, filing.enterprise_id, seen, district="HS", since=day, reason="迁址证明")
            return write(job, key=key)

        monkeypatch.setattr(world.store, "write", late)

    return arm


Armed = Callable[[Filing], None]


def left_the_scope(world: World, visit: Visit, filing: Filing, before: tuple[Any, ...]) -> None:
    """Out of sight, and otherwise as it was."""
    assert not visit.sees({"enterprise_id": filing.enterprise_id, "district": "HS"})
    assert world.store.rows("SELECT district FROM filings WHERE id = $1", [filing.id]) == [{"district": "HS"}]
    assert stands(world, filing) == before


@pytest.mark.parametrize("action", ["pass", "return"])
def test_a_filing_that_left_the_scope_meanwhile_is_not_decided(
    world: World, moved_before_the_write: Armed, action: str
) -> None:
    filing, visit = world.submit("enterprise"), world.visit("district")
    before = stands(world, filing)
    moved_before_the_write(filing)
    with pytest.raises(Forbidden, match="已不在您的管辖范围内"):
        decisions.decide(visit, filing.id, filing.revision, action, reasons={"": "请补充材料"})
    left_the_scope(world, visit, filing, before)


def test_of_several_the_one_that_left_the_scope_meanwhile_is_not_decided(
    world: World, moved_before_the_write: Armed
) -> None:
    gone, kept = world.submit("enterprise"), world.submit("other")
    visit, before = world.visit("district"), stands(world, gone)
    moved_before_the_write(gone)
    answer = decisions.decide_several(visit, {gone.id: gone.revision, kept.id: kept.revision})
    assert (answer.done, list(answer.left)) == ([NAMES["other"]], [gone.content["basic"]["enterprise_name"]])
    left_the_scope(world, visit, gone, before)


def test_a_decision_on_a_filing_that_left_the_scope_meanwhile_is_not_taken_back(
    world: World, moved_before_the_write: Armed
) -> None:
    filing, visit = decided(world, "district"), world.visit("district")
    before = stands(world, filing)
    moved_before_the_write(filing)
    with pytest.raises(Forbidden, match="已不在您的管辖范围内"):
        decisions.undo(visit, filing.id, filing.revision)
    left_the_scope(world, visit, filing, before)
