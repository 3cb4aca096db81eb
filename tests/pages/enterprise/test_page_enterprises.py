"""企业信息: what is looked for is in the address, the table follows, and a saved view brings it back."""

from urllib.parse import parse_qs, urlsplit

import pytest

from core.base.dictionaries import DISTRICTS
from data.enterprise import search as enterprise_search
from tests.core import samples
from tests.pages.walk import Screen
from tests.world import NAMES, World

PAGE = "enterprise/enterprises.py"
IN_HS = samples.put(samples.clean(), {"basic.district": "HS"})


def screen_of(world: World, persona: str = "city") -> Screen:
    world.admit("enterprise")
    world.submit("other", IN_HS)
    screen = Screen(world, persona, PAGE)
    assert not screen.at.exception
    return screen


def listed(screen: Screen) -> list[str]:
    return [name for table in screen.tables for name in table["企业名称"]]


def test_typing_narrows_the_list_and_the_count(world: World) -> None:
    screen = screen_of(world)
    assert listed(screen) == sorted(NAMES.values())
    assert "2 家" in screen.said("caption")
    screen.set("q", "０２１７")
    assert listed(screen) == [NAMES["other"]]
    assert "1 家" in screen.said("caption")
    screen.set("q", "没有")
    assert not listed(screen)
    assert "没有符合条件的企业" in screen.said("info")


@pytest.mark.parametrize("page", [PAGE, "enterprise/projects.py"])
def test_a_district_out_of_scope_is_said_not_shown_as_none(world: World, page: str) -> None:
    screen = Screen(world, "district")
    screen.at.query_params["district"] = DISTRICTS["HS"]
    screen.open(page)
    assert "“洪山区”不在您的数据范围（东湖高新区）" in screen.said("warning").replace("\\", "")
    assert not screen.at.exception


def test_the_search_is_sent_while_one_types(world: World) -> None:
    assert screen_of(world).widget("q").proto.live_debounce_ms == 200


def test_filters_and_columns_shape_the_table_and_the_export(world: World) -> None:
    screen = screen_of(world)
    screen.set("district", "GX").set("columns", ["uscc", "share"])
    assert list(screen.tables[0].columns) == ["企业名称", "统一社会信用代码", "AI收入占比"]
    assert listed(screen) == [NAMES["enterprise"]]
    (link,) = screen.at.get("link_button")
    asked = urlsplit(link.proto.url)
    assert asked.path == "/exports/enterprises.csv"
    assert parse_qs(asked.query) == {"district": ["GX"], "columns": ["name,uscc,share"]}


def test_a_view_is_saved_opened_and_deleted(world: World) -> None:
    screen = screen_of(world)
    screen.set("state", "submitted").set("columns", ["uscc"])
    screen.widget("view.name").set_value("待审")
    screen.press("保存当前视图")
    assert enterprise_search.views(world.visit("city")) == {"待审": {"state": "submitted", "columns": "uscc"}}
    assert "已保存" in screen.said("success")
    screen.set("state", None).set("columns", []).set("q", "测试")
    assert listed(screen) == [NAMES["enterprise"]]
    screen.click("view#待审")
    assert listed(screen) == [NAMES["other"]]
    assert (screen.widget("q").value, screen.widget("columns").value) == ("", ["uscc"])
    screen.click("forget#待审")
    assert enterprise_search.views(world.visit("city")) == {}
    screen.press("保存当前视图")
    assert "“视图名称”须为" in screen.said("error").replace("\\", "")


def test_a_district_sees_its_own(world: World) -> None:
    assert listed(screen_of(world, "other_district")) == [NAMES["other"]]
