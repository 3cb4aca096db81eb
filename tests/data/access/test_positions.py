"""职位管理: names once, none removed while held, every change a fact."""

import pytest

from core.base.errors import Conflict, Forbidden, Refused
from data.access import account_admin, positions
from data.projections import PROJECTED
from tests.world import World


def hold(world: World, position: str | None) -> None:
    visit = world.visit("administrator")
    row = account_admin.one(visit, "local-officer")
    account_admin.change(visit, row["id"], row["revision"], {"position_id": position})


def test_a_position_is_added_renamed_and_removed_each_by_a_fact(world: World) -> None:
    visit = world.visit("administrator")
    identity = positions.add(visit, " 科长 ", "产业科")
    positions.change(visit, identity, 1, "处长", "产业科")
    assert [(row.name, row.note, row.accounts) for row in positions.listing(visit)] == [("处长", "产业科", 0)]
    positions.remove(visit, identity, 2)
    assert positions.listing(visit) == []
    facts = world.store.facts(f"position:{identity}")
    assert [fact.kind for fact in facts] == ["position.created", "position.changed", "position.removed"]
    assert {fact.account_id for fact in facts} == {"local-keeper"}


def test_a_name_is_given_once(world: World) -> None:
    visit = world.visit("administrator")
    first, second = positions.add(visit, "科长"), positions.add(visit, "处长")
    for deed in (lambda: positions.add(visit, " 科长"), lambda: positions.change(visit, second, 1, "科长", "")):
        with pytest.raises(Refused, match="科长"):
            deed()
    positions.remove(visit, first, 1)
    assert positions.add(visit, "科长")


@pytest.mark.parametrize(("name", "note"), [("", ""), (" ", ""), ("长" * 31, ""), ("科长", "长" * 201)])
def test_what_does_not_fit_is_refused(world: World, name: str, note: str) -> None:
    with pytest.raises(Refused):
        positions.add(world.visit("administrator"), name, note)
    assert positions.listing(world.visit("administrator")) == []


def test_a_position_in_use_is_not_removed(world: World) -> None:
    visit = world.visit("administrator")
    identity = positions.add(visit, "科长")
    hold(world, identity)
    assert positions.listing(visit)[0].accounts == 1
    with pytest.raises(Refused, match="1 个账号在用"):
        positions.remove(visit, identity, 1)
    hold(world, None)
    positions.remove(visit, identity, 1)
    with pytest.raises(Refused, match="职位"):
        hold(world, identity)


def test_two_who_change_it_do_not_overwrite_one_another(world: World) -> None:
    visit = world.visit("administrator")
    identity = positions.add(visit, "科长")
    positions.change(visit, identity, 1, "处长", "")
    with pytest.raises(Conflict):
        positions.change(visit, identity, 1, "主任", "")
    with pytest.raises(Conflict):
        positions.remove(visit, identity, 1)


@pytest.mark.parametrize("persona", ["enterprise", "district", "city"])
def test_only_those_who_may(world: World, persona: str) -> None:
    visit = world.visit(persona)
    for deed in (
        lambda: positions.listing(visit),
        lambda: positions.add(visit, "x"),
        lambda: positions.change(visit, "x", 1, "y", ""),
        lambda: positions.remove(visit, "x", 1),
        lambda: account_admin.positions_open(visit),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_positions_are_rebuilt_from_the_facts(world: World) -> None:
    visit = world.visit("administrator")
    kept, gone = positions.add(visit, "科长"), positions.add(visit, "处长")
    hold(world, kept)
    positions.remove(visit, gone, 1)
    before = (
        world.store.rows("SELECT * FROM positions ORDER BY id"),
        world.store.rows("SELECT * FROM accounts ORDER BY id"),
    )
    world.store.rebuild(PROJECTED)
    assert (
        world.store.rows("SELECT * FROM positions ORDER BY id"),
        world.store.rows("SELECT * FROM accounts ORDER BY id"),
    ) == before
