"""A district of which nothing can lie within the data scope: every page that takes one says so, and every export refuses it.

Who looks after single enterprises, or works in a park, has no district as such: theirs are those of the enterprises.
"""

from collections.abc import Callable
from typing import Any

import pytest

from core.access.permissions import Permission
from core.base.dictionaries import DISTRICTS
from core.base.errors import Forbidden
from core.enterprise import query
from data.access import account_admin, accounts, organisations, placements, roles
from data.access.visit import Visit
from data.enterprise import moves, search
from data.report import reports
from data.what_if import thresholds
from tests.core import samples
from tests.pages.walk import ROUTER, Screen
from tests.test_architecture import sources
from tests.world import START, USCC, World
from ui.base.menu import PAGES

MINE = accounts.enterprise_id(USCC["enterprise"])
#: What all pages and exports that take a district ask for together, without what is for the whole city only.
MAY = frozenset({
    Permission.OVERVIEW_READ, Permission.ENTERPRISE_READ, Permission.PROJECT_READ, Permission.EDGE_READ,
    Permission.WHAT_IF_USE, Permission.REPORT_EXPORT,
})  # fmt: skip
#: The pages that look at where anything of the scope lies -> the name of the district in their address, and whether it is its code.
TAKING = {
    **dict.fromkeys((f"statistics/{each}.py" for each in ("overview", "regions", "chain", "ranking", "talent", "quality")), ("district", True)),
    **dict.fromkeys(("enterprise/enterprises.py", "enterprise/projects.py", "what_if/edges.py"), ("district", False)),
    "what_if/sensitivity.py": ("area", False),
}  # fmt: skip
#: Open to the whole city only.
CITYWIDE = {"enterprise/placements.py"}
EXPORTS: dict[str, Callable[[Visit, str], Any]] = {
    "enterprises": lambda v, code: search.export(v, query.from_address({"district": DISTRICTS[code]}), ("uscc",), "x"),
    "edges": lambda v, code: thresholds.export(v, {"year": "2025", "district": code}, "x"),
    "report": lambda v, code: reports.gather(
        v, reports.Order("overview", 2025, False, "inside", "csv", filters=(("district", code),))
    ),
}


def officer(world: World, scope: str, *, park: bool = False) -> None:
    """The city's officer sees one enterprise of GX from now on: as the one who looks after it, or as one of its park."""
    keeper = world.visit("administrator")
    place = organisations.add(keeper, "光谷软件园", "GX") if park else None
    placements.place(keeper, [MINE], organisation_id=place, officer_id="local-officer")
    code = roles.add(keeper, name="联系人", permissions=MAY, scope=scope)
    account_admin.change(keeper, "local-officer", 1, {"role": code, "organisation_id": place})


@pytest.fixture(params=["own", "organisation_below"])
def few(world: World, request: pytest.FixtureRequest) -> World:
    world.admit("enterprise")
    world.submit("other", samples.put(samples.clean(), {"basic.district": "HS"}))
    officer(world, request.param, park=True)
    return world


def opened(world: World, page: str, district: str) -> Screen:
    name, coded = TAKING[page]
    screen = Screen(world, "city")
    screen.at.query_params[name] = district if coded else DISTRICTS[district]
    screen.open(page)
    assert not screen.at.exception
    assert screen.titles == [next(title for _, path, title, _, _ in PAGES if path == page)]
    return screen


def test_every_page_that_takes_a_district_is_asked() -> None:
    folder = ROUTER.removesuffix("router.py")
    taking = {str(file).removeprefix(folder) for file in sources("pages") if "visit.places" in file.read_text("utf-8")}
    assert taking == TAKING.keys() | CITYWIDE


@pytest.mark.parametrize("page", TAKING)
def test_a_district_without_any_of_one_s_enterprises_is_said_not_shown_as_none(few: World, page: str) -> None:
    words = few.visit("city").scope.words
    said = opened(few, page, "HS").said("warning").replace("\\", "")
    assert f"“洪山区”不在您的数据范围（{words}）" in said
    assert "不在您的数据范围" not in opened(few, page, "GX").said("warning")


@pytest.mark.parametrize("export", EXPORTS)
def test_no_file_is_made_of_it(few: World, export: str) -> None:
    EXPORTS[export](few.visit("city"), "GX")
    with pytest.raises(Forbidden, match="“洪山区”不在您的数据范围"):
        EXPORTS[export](few.visit("city"), "HS")


def test_the_filter_offers_where_one_s_enterprises_lie(few: World) -> None:
    screen = opened(few, "statistics/overview.py", "GX")
    assert screen.widget("filter.district").options == ["东湖高新区"]


def test_before_the_first_admission_it_lies_where_it_filed(world: World) -> None:
    world.save("enterprise")
    officer(world, "own")
    assert set(world.visit("city").places.districts) == {"GX"}


def test_after_a_move_both_districts_are_its_own(world: World) -> None:
    """A report of a day in the past is of the district of that day."""
    world.admit("enterprise")
    moves.move(world.visit("city"), MINE, "GX", district="HS", since=START.date(), reason="迁址证明")
    officer(world, "own")
    assert set(world.visit("city").places.districts) == {"GX", "HS"}
