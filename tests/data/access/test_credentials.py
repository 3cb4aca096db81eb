"""Credentials: what a change of password ends and remembers, codes and tickets that count once, slowing down."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from core.base.errors import Conflict, Refused
from data.access import accounts, credentials, sessions
from data.store.store import Actor
from tests.world import PASSWORD_HASH, World

OFFICER = "local-officer"
ACTOR = Actor(OFFICER)


def row(world: World) -> dict[str, Any]:
    return world.store.rows("SELECT * FROM credentials WHERE account_id = $1", [OFFICER])[0]


def another_session(world: World, account: str = OFFICER) -> str:
    return sessions.token_id(sessions.start(world.store, account, way="test", address=None, agent=None))


def test_a_change_ends_every_other_session_at_once_and_none_of_anybody_else(world: World) -> None:
    own, other, foreign = (another_session(world, account) for account in (OFFICER, OFFICER, "local-keeper"))
    assert credentials.set_password(world.store, OFFICER, "second", actor=ACTOR, but=own) == 1
    alive = {identity for identity in (own, other, foreign) if sessions.visit_of(world.store, identity)}
    assert alive == {own, foreign}
    assert world.store.facts(f"session:{other}")[-1].body["reason"] == "修改密码"
    assert credentials.set_password(world.store, OFFICER, "third", actor=ACTOR) == 1
    assert sessions.visit_of(world.store, own) is None


def test_a_change_remembers_five_and_forgets_the_rest(world: World) -> None:
    for number in range(7):
        credentials.set_password(world.store, OFFICER, f"hash{number}", actor=ACTOR)
    now = row(world)
    assert (now["password_hash"], now["earlier"]) == ("hash6", '["hash5","hash4","hash3","hash2","hash1"]')


def test_a_change_is_dated_and_clears_the_demand_unless_set_by_another(world: World) -> None:
    credentials.set_password(world.store, OFFICER, "given", actor=Actor("local-keeper"), must_change=True)
    assert row(world)["must_change"]
    world.clock.now += timedelta(days=3)
    credentials.set_password(world.store, OFFICER, "own", actor=ACTOR)
    assert not row(world)["must_change"]
    assert world.clock.now - row(world)["changed_at"] < timedelta(minutes=1)


def test_facts_tell_of_changes_and_carry_no_secret(world: World) -> None:
    credentials.set_password(world.store, OFFICER, "HASHED", actor=ACTOR)
    credentials.enrol_second_factor(world.store, OFFICER, "SECRET", 7, actor=ACTOR)
    credentials.remove_second_factor(world.store, OFFICER, actor=ACTOR)
    facts = world.store.facts(f"account:{OFFICER}")
    assert [fact.kind for fact in facts[1:]] == ["password.changed", "second_factor.enrolled", "second_factor.removed"]
    assert not any(word in str(fact.body) for fact in facts for word in ("HASHED", "SECRET", PASSWORD_HASH))


def test_a_rebuild_of_the_projections_leaves_credentials_and_accounts_as_they_are(world: World) -> None:
    credentials.set_password(world.store, OFFICER, "HASHED", actor=ACTOR)
    before = row(world), world.store.rows("SELECT * FROM accounts ORDER BY id")
    world.store.rebuild(("accounts",))
    assert (row(world), world.store.rows("SELECT * FROM accounts ORDER BY id")) == before


def test_of_two_changes_made_from_the_same_password_the_second_is_refused(world: World) -> None:
    credentials.set_password(world.store, OFFICER, "one", actor=ACTOR, replaces=PASSWORD_HASH)
    with pytest.raises(Conflict):
        credentials.set_password(world.store, OFFICER, "two", actor=ACTOR, replaces=PASSWORD_HASH)
    assert row(world)["password_hash"] == "one"


def test_an_enterprise_of_the_platform_has_no_password_to_change(world: World) -> None:
    with pytest.raises(Refused, match="统一身份认证"):
        credentials.set_password(world.store, world.account("enterprise"), "x", actor=ACTOR)
    me = credentials.mine(world.visit("enterprise"))
    assert (me.local, me.second_factor, me.changed_at) == (False, False, None)


def test_a_new_account_may_have_to_change_its_first_password(world: World) -> None:
    accounts.create_local(
        world.store, username="fresh", name="新人", role="city_officer", password_hash="x", must_change=True
    )
    known = credentials.local_credentials(world.store, "fresh")
    assert known is not None
    assert known["must_change"]
    officer = credentials.of_account(world.store, OFFICER)
    assert officer is not None
    assert not officer["must_change"]


def test_what_a_person_reads_of_oneself_holds_no_secret(world: World) -> None:
    credentials.enrol_second_factor(world.store, OFFICER, "SECRET", 7, actor=ACTOR)
    me = credentials.mine(world.visit("city"))
    assert (me.username, me.local, me.second_factor) == ("officer", True, True)
    assert "SECRET" not in str(me)
    assert PASSWORD_HASH not in str(me)


# --- the second factor -----------------------------------------------------------------------------------


def test_a_step_counts_once_and_none_before_it(world: World) -> None:
    credentials.enrol_second_factor(world.store, OFFICER, "SECRET", 7, actor=ACTOR)
    assert [credentials.use_step(world.store, OFFICER, step) for step in (6, 7, 9, 9, 8, 10)] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]


def test_of_many_who_show_one_code_at_once_one_gets_in(world: World) -> None:
    credentials.enrol_second_factor(world.store, OFFICER, "SECRET", 7, actor=ACTOR)
    tickets = [credentials.open_ticket(world.store, OFFICER, "/") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda ticket: credentials.prove(world.store, ticket, 8), tickets)) == 1


def test_a_second_authenticator_does_not_replace_the_first(world: World) -> None:
    credentials.enrol_second_factor(world.store, OFFICER, "SECRET", 7, actor=ACTOR)
    with pytest.raises(Refused):
        credentials.enrol_second_factor(world.store, OFFICER, "OTHER", 8, actor=ACTOR)
    assert row(world)["totp_secret"] == "SECRET"


# --- tickets ---------------------------------------------------------------------------------------------


def test_a_ticket_is_kept_as_a_hash(world: World) -> None:
    ticket = credentials.open_ticket(world.store, OFFICER, "/basic")
    assert len(ticket) >= 40
    kept = world.store.rows("SELECT * FROM sign_in_steps")
    assert ticket not in str(kept)
    found = credentials.ticket_row(world.store, ticket)
    assert found == {"account_id": OFFICER, "wanted": "/basic", "proven": False, "secret": None}
    assert credentials.ticket_row(world.store, kept[0]["id"]) is None


def test_a_ticket_is_spent_once(world: World) -> None:
    ticket = credentials.open_ticket(world.store, OFFICER, "/")
    assert credentials.offer_secret(world.store, ticket, "FIRST") == "FIRST"
    assert credentials.offer_secret(world.store, ticket, "SECOND") == "FIRST"
    credentials.spend(world.store, ticket)
    over(world, ticket)
    assert world.store.rows("SELECT secret FROM sign_in_steps") == [{"secret": None}]


def test_a_ticket_lives_ten_minutes(world: World) -> None:
    ticket = credentials.open_ticket(world.store, OFFICER, "/")
    world.clock.now += timedelta(minutes=9, seconds=59)
    assert credentials.ticket_row(world.store, ticket)
    world.clock.now += timedelta(seconds=1)
    over(world, ticket)


def test_a_change_of_password_spends_the_tickets_of_the_account(world: World) -> None:
    ticket, foreign = (credentials.open_ticket(world.store, account, "/") for account in (OFFICER, "local-keeper"))
    credentials.set_password(world.store, OFFICER, "new", actor=ACTOR)
    over(world, ticket)
    assert credentials.ticket_row(world.store, foreign)


def over(world: World, ticket: str) -> None:
    """Nothing can be done with this ticket any more."""
    assert credentials.ticket_row(world.store, ticket) is None
    uses: list[Callable[[], object]] = [
        lambda: credentials.spend(world.store, ticket),
        lambda: credentials.prove(world.store, ticket, 10**9),
        lambda: credentials.offer_secret(world.store, ticket, "X"),
        lambda: credentials.enrol_second_factor(world.store, OFFICER, "X", 1, actor=ACTOR, ticket=ticket),
    ]
    for use in uses:
        with pytest.raises(Refused):
            use()
    assert row(world)["totp_secret"] is None


# --- slowing down ----------------------------------------------------------------------------------------


def test_an_address_slows_down_after_ten_failures_up_to_eight_seconds(world: World) -> None:
    seen = []
    for number in range(30):
        seen.append(credentials.delay(world.store, "10.0.0.1"))
        credentials.record_failure(world.store, f"name{number}", "10.0.0.1")
    assert seen[:11] == [0] * 11
    assert seen[11:14] == [0.5, 1, 1.5]
    assert seen == sorted(seen)
    assert seen[-1] == 8
    assert credentials.delay(world.store, "10.0.0.2") == 0
    assert credentials.delay(world.store, None) == 0
    world.clock.now += credentials.LOCK
    assert credentials.delay(world.store, "10.0.0.1") == 0


def test_the_slowing_down_outlives_a_restart(world: World) -> None:
    for number in range(12):
        credentials.record_failure(world.store, f"name{number}", "10.0.0.1")
    world.close()
    again = World(world.folder, clock=world.clock)
    try:
        assert credentials.delay(again.store, "10.0.0.1") == 1
    finally:
        again.close()
