"""账号管理: who may, what ends at once, and that the last administrator stays."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from core.access.roles import SHIPPED
from core.base.errors import Conflict, Forbidden, Refused
from data.access import account_admin, credentials, roles, sessions
from data.access.visit import Visit
from tests.world import PASSWORD_HASH, PERSONAS, World

OFFICER = "local-officer"


def create(world: World, **given: Any) -> str:
    row = {"username": "NewOne", "name": " 王五 ", "role": "district_reviewer", "organisation_id": "HS"} | given
    return account_admin.create(world.visit("administrator"), **row, password_hash=PASSWORD_HASH)


DEEDS: tuple[Callable[[Visit], Any], ...] = (
    account_admin.count,
    account_admin.listing,
    lambda visit: account_admin.one(visit, OFFICER),
    lambda visit: account_admin.create(
        visit, username="x1", name="x", role="administrator", organisation_id=None, password_hash=PASSWORD_HASH
    ),
    lambda visit: account_admin.change(visit, OFFICER, 1, {"role": "administrator"}),
    lambda visit: account_admin.set_active(visit, "local-keeper", False),
    lambda visit: account_admin.sign_out(visit, "local-keeper"),
    lambda visit: account_admin.reset(visit, "local-keeper", PASSWORD_HASH),
    lambda visit: account_admin.remove_second_factor(visit, "local-keeper"),
    lambda visit: account_admin.unlock(visit, OFFICER),
)


@pytest.mark.parametrize("persona", sorted(set(PERSONAS) - {"administrator"}))
def test_nobody_but_an_administrator_may(world: World, persona: str) -> None:
    visit, before = world.visit(persona), world.store.data_version
    for deed in DEEDS:
        with pytest.raises(Forbidden):
            deed(visit)
    assert world.store.data_version == before


def test_a_new_account_is_known_at_once_and_must_change_its_password(world: World) -> None:
    identity = create(world)
    row = account_admin.one(world.visit("administrator"), identity)
    assert (row["username"], row["name"], row["organisation_id"], row["must_change"]) == ("newone", "王五", "HS", True)
    fact = world.store.facts(f"account:{identity}")[0]
    assert (fact.kind, fact.account_id, fact.session_id) == (
        "account.created",
        "local-keeper",
        world.visit("administrator").session_id,
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"username": "a b"}, "用户名"), ({"username": "张三"}, "用户名"), ({"username": "x"}, "用户名"),
        ({"username": "OFFICER"}, "officer"), ({"name": " "}, "姓名"), ({"name": "长" * 61}, "姓名"),
        ({"role": None}, "角色"), ({"role": "king"}, "king"), ({"role": "enterprise"}, "角色"), ({"organisation_id": None}, "机构"),
        ({"organisation_id": "XX"}, "机构"),
    ],
)  # fmt: skip
def test_a_new_account_that_does_not_fit_is_refused_by_name(world: World, given: dict[str, Any], named: str) -> None:
    before = world.store.data_version
    world.visit("administrator")
    before = world.store.data_version
    with pytest.raises(Refused, match=named):
        create(world, **given)
    assert world.store.data_version == before


def test_accounts_are_found_by_name_role_and_state(world: World) -> None:
    visit = world.visit("administrator")
    world.account("enterprise")
    account_admin.set_active(visit, OFFICER, False)

    def found(**asked: Any) -> list[str]:
        rows = account_admin.listing(visit, **asked)
        assert account_admin.count(visit, **asked) == len(rows)
        return [row["username"] for row in rows]

    assert found() == ["gxreviewer", "hsreviewer", "keeper", "officer", "91420199ma0dem013c"]
    assert found(text="REVIEWER") == ["gxreviewer", "hsreviewer"]
    assert found(text="测试智能") == ["91420199ma0dem013c"]
    assert found(text="%") == found(text="_") == []
    assert found(role="administrator") == ["keeper"]
    assert found(active=False) == ["officer"]
    assert found(text="officer", active=True) == []
    assert account_admin.listing(visit, page=2) == []
    assert [row["live_sessions"] for row in account_admin.listing(visit, text="keeper")] == [1]


def test_stopping_ends_every_session_and_starting_lets_in_again(world: World) -> None:
    visit, identity = world.visit("administrator"), sessions.token_id(world.token("city"))
    assert account_admin.set_active(visit, OFFICER, False) == 1
    assert sessions.visit_of(world.store, identity) is None
    with pytest.raises(Refused):
        sessions.start(world.store, OFFICER, way="test", address=None, agent=None)
    assert account_admin.set_active(visit, OFFICER, False) == 0
    account_admin.set_active(visit, OFFICER, True)
    assert sessions.visit_of(world.store, identity) is None
    assert sessions.start(world.store, OFFICER, way="test", address=None, agent=None)


def test_sign_out_ends_the_sessions_and_leaves_the_account(world: World) -> None:
    identity = sessions.token_id(world.token("district"))
    assert account_admin.sign_out(world.visit("administrator"), "local-gxreviewer") == 1
    assert sessions.visit_of(world.store, identity) is None
    assert world.store.facts(f"session:{identity}")[-1].body == {"reason": "强制下线"}
    assert world.visit("district").organisation_id == "GX"


def test_a_reset_password_must_be_changed_unlocks_and_ends_the_sessions(world: World) -> None:
    visit, identity = world.visit("administrator"), sessions.token_id(world.token("city"))
    for _ in range(5):
        credentials.record_failure(world.store, "officer", None)
    assert account_admin.one(visit, OFFICER)["locked"]
    assert account_admin.reset(visit, OFFICER, "another") == 1
    row = account_admin.one(visit, OFFICER)
    assert (row["locked"], row["must_change"]) == (False, True)
    assert sessions.visit_of(world.store, identity) is None
    known = credentials.local_credentials(world.store, "officer")
    assert known is not None
    assert known["password_hash"] == "another"
    with pytest.raises(Forbidden):
        account_admin.reset(visit, visit.account_id, "mine")


def test_unlocking_forgets_what_was_and_counts_what_comes(world: World) -> None:
    visit = world.visit("administrator")
    for _ in range(5):
        credentials.record_failure(world.store, "officer", None)
    account_admin.unlock(visit, OFFICER)
    assert not credentials.locked(world.store, "officer")
    for _ in range(5):
        assert not credentials.locked(world.store, "officer")
        credentials.record_failure(world.store, "officer", None)
    assert credentials.locked(world.store, "officer")


def test_a_changed_role_counts_at_once_and_is_a_fact(world: World) -> None:
    visit, identity = world.visit("administrator"), sessions.token_id(world.token("district"))
    row = account_admin.one(visit, "local-gxreviewer")
    changes = {"name": "新名", "role": "city_officer", "organisation_id": "GX"}
    account_admin.change(visit, row["id"], row["revision"], changes)
    now = sessions.visit_of(world.store, identity)
    assert now is not None
    assert (now.name, now.role, now.scope.everything) == ("新名", "city_officer", True)
    assert world.store.facts(f"account:{row['id']}")[-1].body == {"name": "新名", "role": "city_officer"}
    with pytest.raises(Conflict):
        account_admin.change(visit, row["id"], row["revision"], {"name": "旧页面"})


def test_an_enterprise_account_is_not_renamed_nor_given_a_password_but_may_be_stopped(world: World) -> None:
    visit, account = world.visit("administrator"), world.account("enterprise")
    with pytest.raises(Refused):
        account_admin.change(visit, account, 1, {"name": "别名"})
    with pytest.raises(Refused):
        account_admin.reset(visit, account, PASSWORD_HASH)
    identity = sessions.token_id(world.token("enterprise"))
    assert account_admin.set_active(visit, account, False) == 1
    assert sessions.visit_of(world.store, identity) is None


def test_nobody_changes_his_own_role_or_place_nor_stops_or_unlocks_himself(world: World) -> None:
    """So that one administrator always stays, too."""
    visit = world.visit("administrator")
    revision = account_admin.one(visit, "local-keeper")["revision"]
    for changes in ({"role": "city_officer"}, {"organisation_id": "GX"}):
        with pytest.raises(Refused, match="自己的角色或机构"):
            account_admin.change(visit, "local-keeper", revision, changes)
    with pytest.raises(Refused, match="自己"):
        account_admin.set_active(visit, "local-keeper", False)
    with pytest.raises(Forbidden, match="自己"):
        account_admin.unlock(visit, "local-keeper")
    account_admin.change(visit, "local-keeper", revision, {"name": "新名"})
    second = create(world, username="second", role="administrator", organisation_id=None)
    token = sessions.start(world.store, second, way="test", address=None, agent=None)
    other = sessions.visit_of(world.store, sessions.token_id(token))
    assert other is not None
    account_admin.change(other, "local-keeper", revision + 1, {"role": "city_officer"})
    assert world.visit("administrator").role == "city_officer"


def test_two_administrators_who_demote_each_other_at_once_leave_one(world: World) -> None:
    second = create(world, username="second", role="administrator", organisation_id=None)
    token = sessions.start(world.store, second, way="test", address=None, agent=None)
    other = sessions.visit_of(world.store, sessions.token_id(token))
    assert other is not None
    mine, hold = world.visit("administrator"), Event()
    # While the writer is busy both wait, and are then decided in one batch.
    busy = world.store.send(lambda _: hold.wait(10))
    with ThreadPoolExecutor() as pool:
        deeds = [
            pool.submit(account_admin.change, by, whom, 1, {"role": "city_officer"})
            for by, whom in ((mine, second), (other, "local-keeper"))
        ]
        time.sleep(0.2)
        hold.set()
    assert busy.result()
    failed = [deed.exception() for deed in deeds if deed.exception()]
    assert len(failed) == 1
    assert isinstance(failed[0], Forbidden)
    assert account_admin.count(mine if deeds[1].exception() else other, role="administrator") == 1


def manager(world: World, scope: str, organisation: str | None) -> Visit:
    """Somebody who may what a district reviewer may and manages accounts, but no roles."""
    code = roles.add(
        world.visit("administrator"),
        name="账号管理员",
        scope=scope,
        permissions=SHIPPED["district_reviewer"].permissions | {"account.manage"},
    )
    create(world, username="head", role=code, organisation_id=organisation)
    token = sessions.start(world.store, "local-head", way="test", address=None, agent=None)
    visit = sessions.visit_of(world.store, sessions.token_id(token))
    assert visit is not None
    return visit


@pytest.fixture
def head(world: World) -> Visit:
    """The head of the office of GX, who manages the accounts there."""
    return manager(world, "organisation_below", "GX")


ACTS: tuple[Callable[[Visit, str], Any], ...] = (
    lambda visit, who: account_admin.change(visit, who, 1, {"name": "新名"}),
    lambda visit, who: account_admin.set_active(visit, who, False),
    account_admin.sign_out,
    lambda visit, who: account_admin.reset(visit, who, "another"),
    account_admin.remove_second_factor,
    account_admin.unlock,
)


@pytest.mark.parametrize("role", ["administrator", "city_officer"])
def test_a_head_of_an_office_acts_on_nobody_who_may_more(world: World, head: Visit, role: str) -> None:
    """Also when the account works in his own office."""
    target = create(world, username="above", role=role, organisation_id="GX")
    before = world.store.facts(f"account:{target}")
    credential = world.store.rows("SELECT * FROM credentials WHERE account_id = $1", [target])
    for act in ACTS:
        with pytest.raises(Refused, match="超出您的范围"):
            act(head, target)
    assert world.store.facts(f"account:{target}") == before
    assert world.store.rows("SELECT * FROM credentials WHERE account_id = $1", [target]) == credential


def test_who_manages_accounts_of_the_whole_city_but_no_roles_neither_makes_an_administrator_nor_acts_on_one(
    world: World,
) -> None:
    visit = manager(world, "all", None)
    assert {"administrator", "city_officer"}.isdisjoint(account_admin.roles_open(visit))
    assert "district_reviewer" in account_admin.roles_open(visit)
    for act in ACTS:
        with pytest.raises(Refused, match="超出您的范围"):
            act(visit, "local-keeper")


def test_a_head_of_an_office_acts_on_his_reviewers_and_enterprises_and_not_on_another_office(
    world: World, head: Visit
) -> None:
    filer = world.account("enterprise")
    world.admit("enterprise")
    for act in ACTS:
        act(head, "local-gxreviewer")
        with pytest.raises(Refused, match="没有这个账号"):
            act(head, "local-hsreviewer")
    kinds = [fact.kind for fact in world.store.facts("account:local-gxreviewer")]
    assert kinds == ["account.created", "account.changed", "account.changed", "password.reset", "account.unlocked"]
    account_admin.set_active(head, filer, False)
    assert not account_admin.one(world.visit("administrator"), filer)["active"]


def test_whether_one_may_comes_before_whether_it_fits(world: World) -> None:
    with pytest.raises(Forbidden):
        account_admin.create(
            world.visit("city"),
            username="不合要求",
            name="x",
            role="administrator",
            organisation_id=None,
            password_hash="x",
        )
