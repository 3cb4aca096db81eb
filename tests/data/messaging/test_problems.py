"""报告问题: it reaches the office of the district, once, with page and time; nobody else."""

import pytest

from core.base.errors import Refused
from data.messaging import messages, problems
from tests.world import World


def titles(world: World, persona: str) -> list[str]:
    return [row.title for row in messages.inbox(world.visit(persona))]


def test_a_problem_reaches_the_districts_reviewers_with_page_and_time_and_can_be_answered(world: World) -> None:
    world.submit("enterprise")
    filer = world.visit("enterprise")
    assert problems.report(filer, "AI业务条件", " 保存之后数字变了 ", key="1") == "东湖高新区审核人员"
    (row,) = messages.inbox(world.visit("district"))
    letter = messages.one(world.visit("district"), row.id).message
    assert (letter.kind, letter.title) == ("problem", "报告问题：AI业务条件")
    assert letter.text == "保存之后数字变了\n\n页面：AI业务条件\n时间：2026-01-10 10:00"
    for other in ("other_district", "city", "administrator", "other"):
        assert titles(world, other) == []
    messages.reply(world.visit("district"), row.id, "已经修好，请刷新页面。")
    assert titles(world, "enterprise") == ["回复：报告问题：AI业务条件"]


def test_a_press_that_comes_twice_is_one_report(world: World) -> None:
    world.submit("enterprise")
    for _ in range(2):
        problems.report(world.visit("enterprise"), "基础信息", "打不开", key="1")
    assert len(titles(world, "district")) == 1
    problems.report(world.visit("enterprise"), "基础信息", "还是打不开", key="2")
    assert len(titles(world, "district")) == 2


def test_without_a_district_or_a_reviewer_the_city_gets_it(world: World) -> None:
    assert problems.report(world.visit("enterprise"), "基础信息", "打不开") == "市级管理人员"
    assert titles(world, "city") == ["报告问题：基础信息"]
    assert titles(world, "district") == titles(world, "administrator") == []


@pytest.mark.parametrize("text", ["", "  \n ", "长" * (problems.MOST + 1)])
def test_nothing_and_too_much_are_refused(world: World, text: str) -> None:
    with pytest.raises(Refused, match="“内容”须为 1 至 500 个字"):
        problems.report(world.visit("enterprise"), "基础信息", text)
    assert titles(world, "city") == []
