"""Two steps that ask for two people: not by one person, nor from accounts that he has made or reset."""

import pytest

from core.access.permissions import Permission
from core.access.roles import SHIPPED
from core.base.errors import Refused
from core.rule.policy import CHOICES, clauses, shipped, written
from core.rule.policy_draft import PolicyDraft
from data.access import account_admin, roles, sessions
from data.access.visit import Visit
from data.filing import filings
from data.filing.filings import Filing
from data.review import decisions
from data.rule import policies
from tests.world import PASSWORD_HASH, World

BOTH = SHIPPED["city_officer"].permissions | {Permission.REVIEW_DISTRICT, Permission.ACCOUNT_MANAGE}


def visit_of(world: World, account: str) -> Visit:
    token = sessions.start(world.store, account, way="test", address=None, agent=None)
    visit = sessions.visit_of(world.store, sessions.token_id(token))
    assert visit is not None
    return visit


def made(by: Visit, username: str, role: str) -> str:
    return account_admin.create(
        by, username=username, name=username, role=role, organisation_id=None, password_hash=PASSWORD_HASH
    )


@pytest.fixture
def both(world: World) -> str:
    """A role that reviews at both levels and manages accounts; held by the city's officer."""
    keeper = world.visit("administrator")
    code = roles.add(keeper, name="两级审核", permissions=BOTH, scope="all")
    account_admin.change(keeper, "local-officer", 1, {"role": code})
    return code


def passed(world: World, visit: Visit) -> Filing:
    filing = world.submit("enterprise")
    decisions.decide(visit, filing.id, filing.revision, "pass")
    return filings.one(visit, filing.id)


def refused(visit: Visit, filing: Filing) -> None:
    """However often it is asked; nothing is written."""
    with pytest.raises(Refused, match="不能再由您入库"):
        decisions.decide(visit, filing.id, filing.revision, "admit")
    with pytest.raises(Refused, match="不能再由您入库"):
        decisions.decide(visit, filing.id, filing.revision, "admit", key="again")
    assert filings.one(visit, filing.id).state == "city_review"


def test_who_passed_a_filing_does_not_admit_it_and_another_does(world: World, both: str) -> None:
    officer = world.visit("city")
    filing = passed(world, officer)
    refused(officer, filing)
    other = visit_of(world, made(world.visit("administrator"), "another", "city_officer"))
    decisions.decide(other, filing.id, filing.revision, "admit")


def test_of_several_the_one_that_one_has_passed_oneself_is_left(world: World, both: str) -> None:
    filing = passed(world, world.visit("city"))
    less = BOTH - {Permission.REVIEW_DISTRICT}
    roles.change(world.visit("administrator"), both, 1, permissions=less)
    answer = decisions.decide_several(world.visit("city"), {filing.id: filing.revision})
    assert not answer.done
    assert "不能再由您入库" in "".join(answer.left.values())


@pytest.mark.parametrize("who", ["created", "reset", "factor", "by a third", "the other way"])
def test_accounts_that_one_has_in_hand_are_no_second_person(world: World, both: str, who: str) -> None:
    officer, keeper = world.visit("city"), world.visit("administrator")
    if who in ("created", "the other way"):
        hand = made(officer, "hand", both)
    elif who == "by a third":
        hand = made(visit_of(world, made(officer, "third", both)), "hand", both)
    else:
        hand = made(keeper, "hand", both)
        if who == "reset":
            account_admin.reset(officer, hand, PASSWORD_HASH)
        else:
            row = world.store.rows("SELECT * FROM credentials WHERE account_id = $1", [hand])[0]
            world.store.write(lambda t: t.put("credentials", {**row, "totp_secret": "JBSWY3DPEHPK3PXP"}))
            account_admin.remove_second_factor(officer, hand)
    first, second = (visit_of(world, hand), officer) if who != "the other way" else (officer, visit_of(world, hand))
    refused(second, passed(world, first))


def test_two_whom_an_administrator_has_made_are_two_people(world: World, both: str) -> None:
    keeper = world.visit("administrator")
    one, two = (visit_of(world, made(keeper, name, both)) for name in ("one", "two"))
    filing = passed(world, one)
    decisions.decide(two, filing.id, filing.revision, "admit")


def test_an_admission_taken_back_is_judged_by_who_passed(world: World, both: str) -> None:
    filing = passed(world, world.visit("district"))
    officer = world.visit("city")
    saved = decisions.decide(officer, filing.id, filing.revision, "admit")
    undone = decisions.undo(officer, filing.id, saved.revision)
    decisions.decide(officer, filing.id, undone.revision, "admit")


def typed() -> PolicyDraft:
    """The form of a draft as it comes prefilled."""
    policy = shipped()[-1]
    values = {name: written(name, getattr(policy, name))[0] for name in clauses()}
    values |= {name: getattr(policy, name) for name in CHOICES}
    return PolicyDraft("试", "试行", "武经信〔2026〕1号", "2026-06-01", values)


@pytest.mark.parametrize("hand", ["created", "reset"])
def test_a_policy_from_an_account_that_one_has_made_or_reset_is_published_by_another(world: World, hand: str) -> None:
    keeper = world.visit("administrator")
    second = visit_of(world, made(keeper, "second", "administrator"))
    author = made(keeper, "author", "city_officer") if hand == "created" else "local-officer"
    if hand == "reset":
        account_admin.reset(keeper, author, PASSWORD_HASH)
    identity = policies.draft(visit_of(world, author), typed())
    with pytest.raises(Refused, match="另一位管理员"):
        policies.publish(keeper, identity, 1)
    policies.publish(second, identity, 1)
