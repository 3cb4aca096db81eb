"""项目库 and 供需对接 on the screen: from a demand to two who have agreed."""

import pytest

from data.access import accounts
from data.enterprise import projects
from tests.core import samples
from tests.pages.walk import Screen
from tests.world import NAMES, USCC, World

LIBRARY, OFFERS = "enterprise/projects.py", "enterprise/matches.py"
OTHER = accounts.enterprise_id(USCC["other"])


@pytest.fixture
def two(world: World) -> World:
    world.submit("enterprise")
    world.submit("other", samples.put(samples.clean(), {"technology.segments": ["chips"], "market.demands": []}))
    return world


def identity(world: World) -> str:
    return str(projects.demands(world.visit("city"))["id"][0])


def library(world: World, persona: str = "city") -> Screen:
    screen = Screen(world, persona, LIBRARY)
    screen.at.query_params["demand"] = identity(world)
    screen.run()
    assert not screen.at.exception
    return screen


def said(screen: Screen, *kinds: str) -> str:
    return screen.said(*kinds).replace("\\", "")


def test_the_whole_way_from_a_demand_to_two_who_agree(two: World) -> None:
    screen = library(two)
    assert "产业链环节对口：智能芯片及IP" in said(screen, "markdown")
    assert not screen.keys(f"propose#{OTHER}")
    screen.press("立项")
    assert projects.one(two.visit("city"), identity(two)).state == "open"
    screen.click(f"propose#{OTHER}")
    assert [row.enterprise_id for row in projects.proposals(two.visit("city"), identity(two))] == [OTHER]
    for persona, other in (("enterprise", "other"), ("other", "enterprise")):
        offers = Screen(two, persona, OFFERS)
        assert NAMES[other] in said(offers, "markdown")
        assert "13800138000" not in said(offers)
        offers.press("同意")
        assert not offers.at.exception
    assert "对方联系人：张三，13800138000" in said(offers, "success")
    screen.run()
    assert "需求方同意，供给方同意" in said(screen, "markdown")
    screen.widget("outcome").set_value("done")
    screen.press("结束项目")
    assert "写明结果或原因" in said(screen, "error")
    screen.widget("outcome").set_value("done")
    screen.widget("reason").set_value("已签约")
    screen.press("结束项目")
    assert projects.one(two.visit("city"), identity(two)).state == "done"
    assert "已完成" in said(Screen(two, "enterprise", OFFERS), "markdown")


def test_an_answer_may_be_no(two: World) -> None:
    projects.open_project(two.visit("city"), identity(two))
    projects.propose(two.visit("city"), identity(two), OTHER)
    offers = Screen(two, "other", OFFERS)
    offers.press("不同意")
    assert projects.proposals(two.visit("city"), identity(two))[0].supply is False
    assert "贵企业不同意，对方未答复" in said(offers, "caption")


def test_the_list_is_searched_and_filtered(two: World) -> None:
    screen = library(two)
    assert screen.tables[0]["标题"].to_list() == ["训练算力"]
    screen.set("kind", "data")
    assert not screen.tables
    screen.set("kind", None).set("state", "未立项").set("q", "微调")
    assert screen.tables[0]["企业"].to_list() == [NAMES["enterprise"]]


def test_a_district_reads_and_decides_nothing(two: World) -> None:
    screen = library(two, "district")
    assert "训练算力" in said(screen, "header")
    assert not [button.label for button in screen.at.button if button.label in ("立项", "向双方提出", "结束项目")]
