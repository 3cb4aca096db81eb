"""角色管理: what a role may do counts at the next click, nobody locks everybody out, and nothing is invented."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from core.access.permissions import PERMISSIONS, Permission
from core.access.roles import BASE, SHIPPED
from core.base.errors import Conflict, Forbidden, Refused, UserError
from data.access import account_admin, accounts, placements, roles, sessions
from data.filing import filings
from data.review import decisions
from tests.world import PASSWORD_HASH, World

READER = {"name": "统计员", "permissions": frozenset({"overview.read"}), "scope": "all"}


def permissions(world: World, persona: str) -> frozenset[str]:
    return world.visit(persona).permissions


def test_what_ships_stands_until_the_bureau_changes_it(world: World) -> None:
    assert roles.known(world.store) == dict(SHIPPED)
    for code, role in SHIPPED.items():
        assert role.permissions <= PERMISSIONS.keys(), code


def test_a_changed_role_counts_from_the_next_look_of_everybody_who_holds_it(world: World) -> None:
    keeper, before = world.visit("administrator"), permissions(world, "district")
    roles.change(keeper, "district_reviewer", 0, permissions=before - {"overview.read"}, second_factor=True)
    assert permissions(world, "district") == permissions(world, "other_district") == before - {"overview.read"}
    assert roles.known(world.store)["district_reviewer"].second_factor
    kept = world.store.facts("role:district_reviewer")[-1]
    assert (kept.kind, kept.account_id) == ("role.changed", keeper.account_id)
    roles.change(keeper, "district_reviewer", 1, permissions=before)
    assert world.store.facts("role:district_reviewer")[-1].body == {"permissions": sorted(before)}
    assert permissions(world, "district") == before
    with pytest.raises(Conflict):
        roles.change(keeper, "district_reviewer", 1, note="旧页面")


def test_a_new_role_is_given_and_removed_only_when_nobody_holds_it(world: World) -> None:
    keeper = world.visit("administrator")
    code = roles.add(keeper, **READER)
    row = account_admin.one(keeper, "local-officer")
    account_admin.change(keeper, "local-officer", row["revision"], {"role": code})
    assert permissions(world, "city") == {"overview.read"} | BASE
    with pytest.raises(Refused, match="1 个账号"):
        roles.remove(keeper, code, 1)
    account_admin.change(keeper, "local-officer", row["revision"] + 1, {"role": "city_officer"})
    roles.remove(keeper, code, 1)
    assert code not in roles.names(keeper)
    with pytest.raises(Refused, match="没有"):
        account_admin.change(keeper, "local-officer", row["revision"] + 2, {"role": code})


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"name": " "}, "角色名称"), ({"name": "系统管理员"}, "系统管理员"), ({"name": "字" * 21}, "20"),
        ({"permissions": frozenset({"fly"})}, "fly"), ({"permissions": frozenset({"filing.edit"})}, "企业填报人"),
        ({"permissions": frozenset({"review.city"})}, "查看管辖企业的填报"), ({"scope": "world"}, "world"),
        ({"scope": "custom"}, "至少一个机构"), ({"scope": "custom", "organisations": frozenset({"gone"})}, "已被删除"),
        ({"scope": "organisation", "permissions": frozenset({"role.manage"})}, "全部"), ({"note": "字" * 201}, "200"),
    ],
)  # fmt: skip
def test_a_role_that_does_not_fit_is_refused_by_name(world: World, given: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=word):
        roles.add(world.visit("administrator"), **(READER | given))
    assert roles.known(world.store) == dict(SHIPPED)


def test_the_enterprise_s_role_is_fixed_and_shipped_roles_stay(world: World) -> None:
    keeper = world.visit("administrator")
    with pytest.raises(Refused, match="固定"):
        roles.change(keeper, "enterprise", 0, permissions=frozenset())
    with pytest.raises(Refused, match="自带"):
        roles.remove(keeper, "city_officer", 0)


@pytest.mark.parametrize("persona", ["enterprise", "district", "city"])
def test_nobody_but_who_may_manages_roles(world: World, persona: str) -> None:
    visit = world.visit(persona)
    for deed in (
        lambda: roles.listing(visit),
        lambda: roles.add(visit, **READER),
        lambda: roles.change(visit, "administrator", 0, note="x"),
        lambda: roles.remove(visit, "x", 1),
    ):
        with pytest.raises(Forbidden):
            deed()


def second_administrator(world: World) -> Any:
    identity = accounts.create_local(
        world.store, username="second", name="另一位", role="administrator", password_hash=PASSWORD_HASH
    )
    return sessions.visit_of(
        world.store, sessions.token_id(sessions.start(world.store, identity, way="test", address=None, agent=None))
    )


@pytest.mark.parametrize("lost", ["role.manage", "account.manage", None])
def test_nobody_changes_the_role_he_holds(world: World, lost: str | None) -> None:
    """Neither to more nor to less, nor its second factor: another administrator of another role does."""
    keeper, second = world.visit("administrator"), second_administrator(world)
    given: dict[str, Any] = (
        {"permissions": SHIPPED["administrator"].permissions - {lost}} if lost else {"second_factor": False}
    )
    for visit in (keeper, second):
        with pytest.raises(Refused, match="自己所属的角色"):
            roles.change(visit, "administrator", 0, **given)
    other = roles.add(keeper, name="账号与角色", permissions=frozenset({"account.manage", "role.manage"}), scope="all")
    account_admin.change(keeper, "local-second", 1, {"role": other})
    second = sessions.visit_of(world.store, second.session_id)
    assert second is not None
    roles.change(second, "administrator", 0, **given)
    assert not lost or not world.visit("administrator").may(lost)


def test_who_manages_roles_but_no_accounts_edits_none_beyond_himself(world: World) -> None:
    """As it was: with role.manage alone one became administrator by way of one's own role."""
    keeper = world.visit("administrator")
    mine = roles.add(keeper, name="角色管理员", permissions=frozenset({"role.manage", "overview.read"}), scope="all")
    beyond = roles.add(keeper, name="复核", permissions=frozenset({"role.manage", "log.read"}), scope="all")
    account_admin.change(keeper, "local-officer", 1, {"role": mine})
    visit, all_of_it = world.visit("city"), SHIPPED["administrator"].permissions
    deeds = (
        lambda: roles.change(visit, mine, 1, permissions=all_of_it),
        lambda: roles.change(visit, beyond, 1, permissions=frozenset({"overview.read"})),
        lambda: roles.change(visit, "administrator", 0, second_factor=False),
        lambda: roles.change(visit, "district_reviewer", 0, note="x"),
        lambda: roles.add(visit, name="新", permissions=all_of_it, scope="all"),
        lambda: roles.remove(visit, beyond, 1),
    )
    before = world.store.data_version
    for deed in deeds:
        with pytest.raises(Refused, match=r"自己"):
            deed()
    assert world.store.data_version == before
    roles.remove(visit, roles.add(visit, **READER), 1)


def test_two_ways_out_taken_at_once_leave_one_administrator(world: World) -> None:
    """One administrator weakens the other's role while that one demotes him: decided in one batch, one is refused."""
    keeper, second = world.visit("administrator"), second_administrator(world)
    other = roles.add(keeper, name="账号与角色", permissions=frozenset({"account.manage", "role.manage"}), scope="all")
    account_admin.change(keeper, "local-second", 1, {"role": other})
    second = sessions.visit_of(world.store, second.session_id)
    assert second is not None
    hold = Event()
    busy = world.store.send(lambda _: hold.wait(10))
    with ThreadPoolExecutor() as pool:
        deeds = [
            pool.submit(roles.change, keeper, other, 1, permissions=frozenset({"overview.read"})),
            pool.submit(account_admin.change, second, "local-keeper", 1, {"role": "city_officer"}),
        ]
        time.sleep(0.2)
        hold.set()
        busy.result()
        failed = [deed.exception() for deed in deeds]
    assert sorted(type(error) for error in failed if error) == [Forbidden]


def test_who_sees_only_his_office_makes_nobody_who_sees_more(world: World) -> None:
    keeper = world.visit("administrator")
    code = roles.add(
        keeper,
        name="区级账号管理员",
        permissions=SHIPPED["district_reviewer"].permissions | {"account.manage"},
        scope="organisation_below",
    )
    row = account_admin.one(keeper, "local-gxreviewer")
    account_admin.change(keeper, "local-gxreviewer", row["revision"], {"role": code})
    head = world.visit("district")
    world.save("enterprise"), world.save("other")
    seen = {each["username"] for each in account_admin.listing(head)}
    assert seen == {"gxreviewer"}  # enterprises count once they are admitted into the district
    fields = {"username": "new", "name": "新", "password_hash": PASSWORD_HASH}
    account_admin.create(head, **fields, role="district_reviewer", organisation_id="GX")
    for role, place in (("administrator", "GX"), ("city_officer", "GX"), ("district_reviewer", "HS"), (code, None)):
        with pytest.raises(Refused):
            account_admin.create(head, **fields | {"username": "more"}, role=role, organisation_id=place)
    for deed in (account_admin.sign_out, account_admin.unlock, account_admin.one, account_admin.remove_second_factor):
        with pytest.raises(UserError):
            deed(head, "local-keeper")
    with pytest.raises(Refused):
        account_admin.reset(head, "local-hsreviewer", PASSWORD_HASH)
    assert "administrator" not in account_admin.roles_open(head)
    assert set(account_admin.organisations_open(head)) == {"GX"}


def test_a_role_of_somebody_who_sees_only_his_own(world: World) -> None:
    """仅本人: the enterprises one looks after, and no other, whatever the district."""
    keeper = world.visit("administrator")
    near, far = world.submit("enterprise"), world.submit("other")
    code = roles.add(keeper, name="联络员", permissions=frozenset({"filing.read", "review.district"}), scope="own")
    account_admin.change(keeper, "local-officer", 1, {"role": code})
    assert not world.visit("city").sees({"enterprise_id": near.enterprise_id, "district": "GX"})
    placements.place(keeper, [near.enterprise_id], organisation_id=None, officer_id="local-officer")
    officer = world.visit("city")
    assert filings.one(officer, near.id).id == near.id
    with pytest.raises(Forbidden):
        filings.one(officer, far.id)
    decisions.decide(officer, near.id, near.revision, "pass")


def test_a_stored_permission_that_is_no_longer_known_counts_for_nothing(world: World) -> None:
    keeper = world.visit("administrator")
    code = roles.add(keeper, name="旧角色", permissions=frozenset({"desk.read"}), scope="all")
    body = {"permissions": ["desk.read", "fax.send"]}
    world.store.write(lambda transaction: transaction.append(keeper.actor, "role.changed", f"role:{code}", body))
    kept = roles.known(world.store)[code].permissions
    assert kept == BASE | {Permission.DESK_READ}
    assert all(isinstance(each, Permission) for each in kept)
    roles.change(keeper, code, 2, name="新角色")
    assert roles.known(world.store)[code].name == "新角色"
