"""Every writer of a decision asks for permission and scope again, inside the write, where the state is current."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Event
from typing import Any

import pytest

from core.access.permissions import Permission
from core.access.roles import SHIPPED
from core.base.errors import Forbidden
from core.filing.filing import Filing
from core.filing.states import WAITING
from data.access import account_admin, roles
from data.access.visit import Visit
from data.enterprise import moves
from data.filing import filings
from data.review import comments, decisions
from tests.world import NAMES, STAFF, World


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
    before, keeper, code = stands(world, filing), world.visit("administrator"), STAFF[persona][1]
    had = SHIPPED[code].permissions
    roles.change(keeper, code, 0, permissions=frozenset({Permission.FILING_READ, left}))
    with pytest.raises(Forbidden, match="没有此项权限"):
        decisions.undo(world.visit(persona), filing.id, filing.revision)
    roles.change(keeper, code, 1, permissions=had)
    assert stands(world, filing) == before
    decisions.undo(world.visit(persona), filing.id, filing.revision)


def _stop(world: World, visit: Visit) -> None:
    account_admin.set_active(world.visit("administrator"), visit.account_id, False)


def _demote(world: World, visit: Visit) -> None:
    given = {"name": "只读", "permissions": frozenset({Permission.FILING_READ}), "scope": "all"}
    code = roles.add(world.visit("administrator"), **given)
    account_admin.change(world.visit("administrator"), visit.account_id, 1, {"role": code})


def _weaken(world: World, visit: Visit) -> None:
    less = SHIPPED[visit.role].permissions - set(WAITING)
    roles.change(world.visit("administrator"), visit.role, 0, permissions=less)


def _sign_out(world: World, visit: Visit) -> None:
    account_admin.sign_out(world.visit("administrator"), visit.account_id)


def _elsewhere(world: World, visit: Visit) -> None:
    account_admin.change(world.visit("administrator"), visit.account_id, 1, {"organisation_id": "HS"})


@pytest.mark.parametrize("taken", [_stop, _demote, _weaken, _sign_out, _elsewhere], ids=lambda each: each.__name__)
@pytest.mark.parametrize("deed", ["pass", "several", "undo", "comment"])
def test_what_was_taken_from_the_person_after_the_page_was_drawn_counts_no_more(
    world: World, taken: Callable[[World, Visit], None], deed: str
) -> None:
    filing = decided(world, "district") if deed == "undo" else world.submit("enterprise")
    visit, before = world.visit("district"), stands(world, filing)  # the page holds this visit until it has run
    taken(world, visit)
    deeds: dict[str, Callable[[], Any]] = {
        "pass": lambda: decisions.decide(visit, filing.id, filing.revision, "pass"),
        "several": lambda: decisions.decide_several(visit, {filing.id: filing.revision}),
        "undo": lambda: decisions.undo(visit, filing.id, filing.revision),
        "comment": lambda: comments.add(visit, filing.id, "", "请补充材料"),
    }
    with pytest.raises(Forbidden, match=r"登录已结束|刚刚有变化"):
        deeds[deed]()
    assert stands(world, filing) == before


def test_what_is_taken_in_the_same_batch_counts_too(world: World) -> None:
    """Both wait while the writer is busy: the first stops the account, the second is that account's decision."""
    filing, visit, keeper, hold = (
        world.submit("enterprise"),
        world.visit("district"),
        world.visit("administrator"),
        Event(),
    )
    before = stands(world, filing)
    busy = world.store.send(lambda _: hold.wait(10))
    with ThreadPoolExecutor() as pool:
        stopped = pool.submit(account_admin.set_active, keeper, visit.account_id, False)
        time.sleep(0.2)
        decided = pool.submit(decisions.decide, visit, filing.id, filing.revision, "pass")
        time.sleep(0.2)
        hold.set()
        assert busy.result() and stopped.result()
        assert isinstance(decided.exception(), Forbidden)
    assert stands(world, filing) == before


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
