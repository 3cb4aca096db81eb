"""No way up: whatever roles, places and deeds come together, nobody gives, keeps, resets or edits what exceeds himself.

The model here knows nothing of the rules: a person's power is what his visit may do, and to whose data. A deed by
somebody who does not administer the whole city must leave everybody's power within what the doer had himself, or as it
was; and who could have done it within his own power is not refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from core.access.permissions import Permission
from core.access.roles import ADMINISTRATION, BASE, NEEDS, SHIPPED, fits
from core.base.errors import UserError
from data.access import account_admin, organisations, placements, roles, sessions
from data.access.visit import Visit
from tests.world import PASSWORD_HASH, World

Power = frozenset[tuple[str, str]]
#: Enough to have every kind: city-wide ones, one that needs another, plain ones.
PERMISSIONS = (
    Permission.ACCOUNT_MANAGE, Permission.ROLE_MANAGE, Permission.ORGANISATION_MANAGE, Permission.FILING_READ,
    Permission.REVIEW_DISTRICT, Permission.REVIEW_CITY, Permission.LOG_READ, Permission.POLICY_READ, Permission.POLICY_PUBLISH,
)  # fmt: skip
SCOPES = ("all", "organisation_below", "organisation", "own", "custom")


@dataclass
class Ground:
    """The city with two districts, a park in one, an enterprise in each place; and accounts to be made into anybody."""

    world: World
    park: str
    places: dict[str, dict[str, Any]]
    number: int = 0

    def person(self, name: str, role: dict[str, Any], place: str | None) -> str:
        """An account with a role of its own, as an administrator would have made it."""
        self.number += 1
        keeper = self.world.visit("administrator")
        code = roles.add(keeper, name=f"{name}{self.number}", **role)
        return account_admin.create(
            keeper,
            username=f"{name}{self.number}",
            name=name,
            role=code,
            organisation_id=place,
            password_hash=PASSWORD_HASH,
        )

    def visit(self, account: str) -> Visit:
        token = sessions.start(self.world.store, account, way="test", address=None, agent=None)
        visit = sessions.visit_of(self.world.store, sessions.token_id(token))
        assert visit is not None
        return visit

    def power(self, account: str) -> Power:
        """(permission, where it holds): the enterprises seen by name, and "" for the permission as such."""
        [row] = self.world.store.rows("SELECT active FROM accounts WHERE id = $1", [account])
        if not row["active"]:
            return frozenset()
        visit = self.visit(account)
        seen = [name for name, each in self.places.items() if visit.sees(each)]
        return frozenset((permission, place) for permission in visit.permissions - BASE for place in ("", *seen))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    world = World(Path(tmp_path_factory.mktemp("lattice")) / "library")
    keeper = world.visit("administrator")
    park = organisations.add(keeper, "试验园", "GX")
    world.admit("enterprise")
    inside = world.visit("enterprise").enterprise_id
    assert inside is not None
    placements.place(keeper, [inside], organisation_id=park, officer_id=None)
    places: dict[str, dict[str, Any]] = {
        "park": {"enterprise_id": inside, "district": "GX"}, "GX": {"enterprise_id": "e-gx", "district": "GX"},
        "HS": {"enterprise_id": "e-hs", "district": "HS"}, "nowhere": {"enterprise_id": "e-none", "district": None},
    }  # fmt: skip
    yield Ground(world, park, places)
    world.close()


@some.composite
def role_and_place(draw: some.DrawFn, *always: Permission) -> tuple[dict[str, Any], str | None]:
    permissions = frozenset(draw(some.sets(some.sampled_from(PERMISSIONS)))) | set(always)
    permissions |= {NEEDS[each] for each in permissions if each in NEEDS}
    scope = draw(some.sampled_from(SCOPES))
    if fits(permissions, scope):
        scope = "all"  # what counts for the whole city
    where = frozenset(draw(some.sets(some.sampled_from(("GX", "HS", "PARK", "city")), min_size=1)))
    place = draw(some.sampled_from(("GX", "HS", "PARK", "city")))
    role = {"permissions": permissions, "scope": scope, "organisations": where if scope == "custom" else frozenset()}
    return role, place


def set_out(ground: Ground, given: tuple[dict[str, Any], str | None]) -> tuple[dict[str, Any], str | None]:
    """With the park by its id."""
    role, place = given
    where = frozenset(ground.park if each == "PARK" else each for each in role["organisations"])
    return role | {"organisations": where}, ground.park if place == "PARK" else place


DEEDS = ("role", "place", "start", "reset", "factor", "unlock", "create", "edit", "add", "remove", "self", "edit own")


@pytest.mark.parametrize("deed", DEEDS)
@settings(
    max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    doer=role_and_place(Permission.ACCOUNT_MANAGE), other_doer=role_and_place(Permission.ROLE_MANAGE),
    target=role_and_place(), after=role_and_place(),
)  # fmt: skip
def test_nobody_gives_keeps_resets_or_edits_what_exceeds_himself(
    ground: Ground, deed: str, doer: Any, other_doer: Any, target: Any, after: Any
) -> None:
    world = ground.world
    me = ground.person("doer", *set_out(ground, other_doer if deed in ("edit", "add", "remove", "edit own") else doer))
    it = ground.person("target", *set_out(ground, target))
    shown = ground.person("shown", *set_out(ground, after))  # what the change would lead to, to measure it
    role_of = {row["id"]: row["role"] for row in world.store.rows("SELECT id, role FROM accounts")}
    next_role, next_place = set_out(ground, after)
    if deed == "start":
        account_admin.set_active(world.visit("administrator"), it, False)
    visit, mine, its, would = ground.visit(me), ground.power(me), ground.power(it), ground.power(shown)
    had = its or ground_power_of_stopped(ground, it)
    everything = visit.scope.everything and visit.permissions >= ADMINISTRATION
    revision = {row["subject"]: row["revision"] for row in world.store.rows(
        "SELECT subject, max(revision) AS revision FROM facts WHERE subject LIKE 'account:%' OR subject LIKE 'role:%' GROUP BY 1"
    )}  # fmt: skip
    acts: dict[str, Callable[[], Any]] = {
        "role": lambda: account_admin.change(
            visit, it, revision[f"account:{it}"], {"role": role_of[shown], "organisation_id": next_place}
        ),
        "place": lambda: account_admin.change(visit, it, revision[f"account:{it}"], {"organisation_id": next_place}),
        "start": lambda: account_admin.set_active(visit, it, True),
        "reset": lambda: account_admin.reset(visit, it, PASSWORD_HASH),
        "factor": lambda: account_admin.remove_second_factor(visit, it),
        "unlock": lambda: account_admin.unlock(visit, it),
        "create": lambda: account_admin.create(
            visit, username=f"made{ground.number}", name="新", role=role_of[shown], organisation_id=next_place,
            password_hash=PASSWORD_HASH,
        ),
        "edit": lambda: roles.change(visit, role_of[it], revision[f"role:{role_of[it]}"], **next_role),
        "add": lambda: roles.add(visit, name=f"加{ground.number}", **next_role),
        "remove": lambda: roles.remove(visit, role_of[shown], revision[f"role:{role_of[shown]}"]),
        "self": lambda: account_admin.change(
            visit, me, revision[f"account:{me}"], {"role": role_of[shown], "organisation_id": next_place}
        ),
        "edit own": lambda: roles.change(visit, visit.role, revision[f"role:{visit.role}"], **next_role),
    }  # fmt: skip
    if deed == "remove":
        account_admin.change(world.visit("administrator"), shown, revision[f"account:{shown}"], {"role": "district_reviewer", "organisation_id": "GX"})  # fmt: skip
    version = world.store.data_version
    try:
        acts[deed]()
        done = True
    except UserError:
        done = False
        assert world.store.data_version == version
    # My own power never grows, by no deed.
    assert ground.power(me) <= mine
    if everything:
        return
    made = f"local-made{ground.number}"
    for account in (it, shown, *([made] if deed == "create" and done else [])):
        now = ground.power(account)
        assert now <= (
            its if account == it else would if account == shown and deed != "remove" else frozenset()
        ) | mine or (deed == "remove" and account == shown)
    if done and deed in ("reset", "factor", "unlock", "start", "role", "place"):
        assert had <= mine  # whom one acts on, one could have been
    if done and deed in ("edit", "remove", "add"):
        assert {permission for permission, _ in would if deed != "remove"} <= {permission for permission, _ in mine}
    # And what lies within one's own power is not refused.
    if deed in ("reset", "factor", "unlock") and visit.scope.everything and visit.may(Permission.ACCOUNT_MANAGE):
        assert done == (had <= mine)


def ground_power_of_stopped(ground: Ground, account: str) -> Power:
    """What a stopped account could do if it were let in: measured by letting it in for a moment."""
    keeper = ground.world.visit("administrator")
    account_admin.set_active(keeper, account, True)
    power = ground.power(account)
    account_admin.set_active(keeper, account, False)
    return power


def test_the_shipped_roles_stand_in_the_lattice(ground: Ground) -> None:
    """The administrator alone administers; all others give no more than they have."""
    keeper, world = ground.world.visit("administrator"), ground.world
    assert roles.administers(keeper)
    assert set(account_admin.roles_open(keeper)) >= set(SHIPPED) - {"enterprise"}
    for persona in ("district", "city", "enterprise"):
        assert not roles.administers(world.visit(persona))
