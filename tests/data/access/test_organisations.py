"""机构管理: a tree without cycles, nothing removed while it is used, and what each scope sees of it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import polars as pl
import pytest

from core.access.organisations import SHIPPED, below, district_of, full_name
from core.access.scope import Scope
from core.base.errors import Conflict, Forbidden, Refused
from core.rule import policy
from data.access import account_admin, accounts, organisations, placements, roles
from data.access.visit import Visit
from data.directory import classified
from data.filing import attachments, filings
from data.review import decisions
from data.review import queue as review_queue
from tests.core import samples
from tests.world import USCC, World

NEAR, FAR = (accounts.enterprise_id(USCC[name]) for name in ("enterprise", "other"))


@pytest.fixture
def keeper(world: World) -> Visit:
    return world.visit("administrator")


def revision(world: World, identity: str) -> int:
    return world.store.facts(f"organisation:{identity}")[-1].revision


def test_the_tree_grows_below_the_districts(world: World, keeper: Visit) -> None:
    park = organisations.add(keeper, "光谷软件园", "GX")
    inner = organisations.add(keeper, "二期", park)
    tree = organisations.tree(world.store)
    assert full_name(tree, inner) == "东湖高新区 / 光谷软件园 / 二期"
    assert (district_of(tree, inner), below(tree, "GX")) == ("GX", {"GX", park, inner})
    organisations.change(keeper, inner, 1, name="三期", parent="GX")
    assert organisations.names(keeper)[inner] == "东湖高新区 / 三期"
    assert set(organisations.names(keeper)) == set(SHIPPED) | {park, inner}


def test_no_cycle_and_no_park_without_a_district(world: World, keeper: Visit) -> None:
    park = organisations.add(keeper, "甲", "GX")
    inner = organisations.add(keeper, "乙", park)
    for parent, word in ((park, "循环"), (inner, "循环"), ("city", "区"), ("gone", "上级")):
        with pytest.raises(Refused, match=word):
            organisations.change(keeper, park, 1, name="甲", parent=parent)
    with pytest.raises(Refused):
        organisations.add(keeper, "丙", "city")
    assert organisations.tree(world.store)[park].parent == "GX"


def test_two_moves_at_once_make_no_cycle(world: World, keeper: Visit) -> None:
    one, two = organisations.add(keeper, "甲", "GX"), organisations.add(keeper, "乙", "GX")
    organisations.change(keeper, one, 1, name="甲", parent=two)
    with pytest.raises(Refused, match="循环"):
        organisations.change(keeper, two, 1, name="乙", parent=one)


@pytest.mark.parametrize(("name", "word"), [(" ", "机构名称"), ("甲", "甲"), ("字" * 31, "30")])
def test_a_name_that_does_not_fit_is_refused(keeper: Visit, name: str, word: str) -> None:
    organisations.add(keeper, "甲", "GX")
    organisations.add(keeper, "甲", "HS")  # elsewhere the same name is no confusion
    with pytest.raises(Refused, match=word):
        organisations.add(keeper, name, "GX")


def test_what_ships_can_be_neither_changed_nor_removed(keeper: Visit) -> None:
    for identity in ("city", "GX"):
        with pytest.raises(Refused, match="自带"):
            organisations.change(keeper, identity, 0, name="x", parent="HS")
        with pytest.raises(Refused, match="自带"):
            organisations.remove(keeper, identity, 0)


def test_nothing_is_removed_while_it_is_used(world: World, keeper: Visit) -> None:
    world.admit("enterprise")
    park = organisations.add(keeper, "园区", "GX")
    inner = organisations.add(keeper, "片区", park)

    def refused(word: str) -> None:
        with pytest.raises(Refused, match=word):
            organisations.remove(keeper, park, revision(world, park))

    refused("1 个下级机构")
    organisations.remove(keeper, inner, 1)
    account_admin.change(keeper, "local-gxreviewer", 1, {"organisation_id": park})
    refused("1 个账号")
    account_admin.change(keeper, "local-gxreviewer", 2, {"organisation_id": "GX"})
    placements.place(keeper, [NEAR], organisation_id=park, officer_id=None)
    refused("1 家企业")
    with pytest.raises(Refused, match="1 家企业"):
        organisations.change(keeper, park, 1, name="园区", parent="HS")
    placements.place(keeper, [NEAR], organisation_id=None, officer_id=None)
    role = roles.add(
        keeper,
        name="园区统计",
        permissions=frozenset({"overview.read"}),
        scope="custom",
        organisations=frozenset({park}),
    )
    refused("1 个角色")
    roles.remove(keeper, role, 1)
    with pytest.raises(Conflict):
        organisations.remove(keeper, park, 7)
    organisations.remove(keeper, park, revision(world, park))
    assert park not in organisations.tree(world.store)


def test_an_enterprise_is_placed_only_within_its_own_district(world: World, keeper: Visit) -> None:
    world.admit("enterprise")
    park = organisations.add(keeper, "园区", "HS")
    for place, word in ((park, "区属不是洪山区"), ("GX", "园区"), ("gone", "园区")):
        with pytest.raises(Refused, match=word):
            placements.place(keeper, [NEAR], organisation_id=place, officer_id=None)
    with pytest.raises(Refused, match="联系人"):
        placements.place(keeper, [NEAR], organisation_id=None, officer_id=world.account("enterprise"))
    assert world.store.rows("SELECT * FROM placements") == []


def test_an_enterprise_that_moves_leaves_its_park(world: World, keeper: Visit) -> None:
    world.admit("enterprise")
    park = organisations.add(keeper, "园区", "GX")
    placements.place(keeper, [NEAR], organisation_id=park, officer_id="local-officer")
    body = {"year": 2025, "columns": ["full_year"], "opens": "2026-01-08", "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(keeper.actor, "round.opened", "round:again", body))
    content = samples.clean()
    content["basic"]["district"] = "HS"
    filing = world.submit("enterprise", content)
    for reviewer, action in (("other_district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(reviewer), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)
    placed = world.store.rows("SELECT organisation_id, officer_id FROM placements")
    assert placed == [{"organisation_id": None, "officer_id": "local-officer"}]


# --- what each scope sees --------------------------------------------------------------------------------


def in_park(world: World, keeper: Visit) -> tuple[str, str]:
    """Two parks in GX; "enterprise" lies in the inner one, "other" in none. Both are admitted in GX."""
    world.admit("enterprise"), world.admit("other")
    park = organisations.add(keeper, "园区", "GX")
    inner = organisations.add(keeper, "片区", park)
    placements.place(keeper, [NEAR], organisation_id=inner, officer_id=None)
    return park, inner


def seen(visit: Visit, year: int) -> set[str]:
    """By every function that shows enterprises: they must agree."""
    by_overview = set(classified.classified(visit, year, policy.shipped()[-1])["enterprise_id"])
    by_review = set(review_queue.filings(visit, "2025")["enterprise_id"])
    by_row = {each for each in (NEAR, FAR) if visit.sees({"enterprise_id": each, "district": "GX"})}
    condition, parameters = visit.scope_sql(1)
    by_sql = {
        r["enterprise_id"] for r in visit.store.rows(f"SELECT enterprise_id FROM filings WHERE {condition}", parameters)
    }
    by_one = set()
    for each in (NEAR, FAR):
        with suppress(Forbidden):
            by_one.add(filings.one(visit, f"{each}.2025").enterprise_id)
    assert by_overview == by_review == by_row == by_sql == by_one
    return by_row


SEES: dict[str, tuple[Callable[[str, str], dict[str, Any]], set[str]]] = {
    "all": (lambda park, inner: {"scope": "all"}, {NEAR, FAR}),
    "below the city": (lambda park, inner: {"scope": "organisation_below", "at": "city"}, {NEAR, FAR}),
    "the city itself": (lambda park, inner: {"scope": "organisation", "at": "city"}, set()),
    "below the district": (lambda park, inner: {"scope": "organisation_below", "at": "GX"}, {NEAR, FAR}),
    "the district itself": (lambda park, inner: {"scope": "organisation", "at": "GX"}, {FAR}),
    "another district": (lambda park, inner: {"scope": "organisation_below", "at": "HS"}, set()),
    "below the park": (lambda park, inner: {"scope": "organisation_below", "at": park}, {NEAR}),
    "the park itself": (lambda park, inner: {"scope": "organisation", "at": park}, set()),
    "the inner park": (lambda park, inner: {"scope": "organisation", "at": inner}, {NEAR}),
    "custom": (lambda park, inner: {"scope": "custom", "organisations": frozenset({park, "HS"})}, {NEAR}),
    "custom districts": (
        lambda park, inner: {"scope": "custom", "organisations": frozenset({"GX", "HS"})},
        {NEAR, FAR},
    ),
    "own": (lambda park, inner: {"scope": "own"}, set()),
}


@pytest.mark.parametrize("case", SEES)
def test_every_door_shows_what_the_scope_says(world: World, keeper: Visit, case: str) -> None:
    make, expected = SEES[case]
    given = make(*in_park(world, keeper))
    place = given.pop("at", None)
    allowed = frozenset({"filing.read", "overview.read"})
    code = roles.add(keeper, name="试", permissions=allowed, **given)
    account_admin.change(keeper, "local-officer", 1, {"role": code, "organisation_id": place})
    officer = world.visit("city")
    year = classified.years(keeper)[0][0]
    assert seen(officer, year) == expected


def test_a_file_follows_the_scope(world: World, keeper: Visit) -> None:
    digest = attachments.add(world.visit("enterprise"), "证书.pdf", b"%PDF-1.7 x").split("/")[0]
    park, inner = in_park(world, keeper)
    code = roles.add(keeper, name="园区", permissions=frozenset({"filing.read"}), scope="organisation")
    for place, allowed in ((inner, True), (park, False), ("GX", False)):
        revision = account_admin.one(keeper, "local-officer")["revision"]
        account_admin.change(keeper, "local-officer", revision, {"role": code, "organisation_id": place})
        if allowed:
            assert attachments.open_for(world.visit("city"), digest)[1].enterprise_id == NEAR
        else:
            with pytest.raises(Forbidden):
                attachments.open_for(world.visit("city"), digest)


def test_a_frame_and_a_row_are_judged_alike() -> None:
    rows = [{"enterprise_id": e, "district": d} for e in "abc" for d in ("GX", "HS", None)]
    frame = pl.DataFrame(rows)
    for scope in (
        Scope("", everything=True), Scope(""), Scope("", districts=frozenset({"GX", ""}), without=frozenset("a")),
        Scope("", districts=frozenset({"HS"}), enterprises=frozenset("b")), Scope("", enterprises=frozenset("c")),
    ):  # fmt: skip
        assert scope.within(frame).to_dicts() == [row for row in rows if scope.sees(row)]
