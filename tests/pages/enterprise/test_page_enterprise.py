"""企业画像: found as one types, one enterprise whole, corrected by the bureau and told to the filer."""

import pytest

from core.filing.filing import Filing
from data.filing import filings
from tests.core import samples
from tests.pages.walk import Screen
from tests.world import NAMES, World

PAGE = "enterprise/enterprise.py"
AI = "business.years.0.full_year.ai_revenue"


def screen_of(world: World, filing: Filing, persona: str = "city") -> Screen:
    screen = Screen(world, persona, PAGE)
    screen.at.query_params["id"] = filing.enterprise_id
    screen.run()
    assert not screen.at.exception
    return screen


def said(screen: Screen, *kinds: str) -> str:
    return screen.said(*kinds).replace("\\", "")


def test_an_enterprise_is_found_and_opened(world: World) -> None:
    filing = world.admit("enterprise")
    screen = Screen(world, "city", PAGE)
    assert "请输入企业名称" in said(screen, "info")
    screen.set("portrait.q", "dem013")
    assert "找到 1 家" in said(screen, "caption")
    screen.click(filing.enterprise_id)
    assert NAMES["enterprise"] in said(screen, "header")
    assert screen.widget("portrait.q").value == ""


@pytest.mark.parametrize("persona", ["city", "district", "administrator"])
def test_the_page_shows_class_derivation_figures_filings_demands_and_log(world: World, persona: str) -> None:
    screen = screen_of(world, world.admit("enterprise"), persona)
    assert "名录身份：核心企业" in said(screen, "markdown")
    assert "政策版本" in said(screen, "caption")
    assert "训练算力" in said(screen, "markdown")
    figures, letters, log, profile = screen.tables
    assert letters["标题"].to_list() == ["填报已通过审核，企业已入库"]
    assert letters["已读"].to_list() == ["0 / 1"]
    assert figures["AI业务收入（万元）"].to_list() == ["4,200"]
    assert "中型企业" in str(profile.values)
    assert log["事件"].to_list()[0] == "市级审核通过，入库"
    links = [link.proto.label for link in screen.at.get("page_link")]
    assert ("打开填报" in links) == (persona != "administrator")


def test_another_district_s_enterprise_is_refused_like_one_that_is_not(world: World) -> None:
    filing = world.admit("enterprise")
    screen = screen_of(world, filing, "other_district")
    assert "不在您的管辖范围内" in said(screen, "error")
    assert NAMES["enterprise"] not in said(screen)


def test_the_city_corrects_a_figure_and_the_filer_sees_it(world: World) -> None:
    filing = world.admit("enterprise")
    screen = screen_of(world, filing)
    screen.set("@path", AI)
    assert "现值：4200 万元" in said(screen, "caption")
    screen.widget(f"after#{AI}").set_value("1000")
    screen.press("更正")
    assert "请写明更正的原因" in said(screen, "error")
    assert screen.widget(f"after#{AI}").value == "1000"
    screen.widget(f"after#{AI}").set_value("1000")
    screen.widget("@reason").set_value("与审计报告不一致")
    screen.widget("@document").set_value("武审字1号")
    screen.press("更正")
    assert "已更正" in said(screen, "success")
    assert "4200 万元 → 1000 万元" in said(screen, "markdown")
    assert filings.one(world.visit("city"), filing.id).revision == filing.revision + 1
    submit = Screen(world, "enterprise", "filing/submit.py")
    for words in ("4200 万元 → 1000 万元", "与审计报告不一致", "武审字1号"):
        assert words in said(submit, "markdown")


@pytest.mark.parametrize("path", ["basic.size", "technology.segments", "technology.has_standards", "basic.founded"])
def test_every_kind_of_value_has_its_input(world: World, path: str) -> None:
    screen = screen_of(world, world.admit("enterprise"))
    screen.set("@path", path)
    assert not screen.at.exception
    assert screen.widget(f"after#{path}").value


@pytest.mark.parametrize("persona", ["district", "administrator"])
def test_who_may_not_correct_has_no_form(world: World, persona: str) -> None:
    screen = screen_of(world, world.admit("enterprise"), persona)
    assert not screen.keys("@path")


def test_before_admission_there_is_nothing_to_correct_and_no_figures(world: World) -> None:
    screen = screen_of(world, world.submit("enterprise"))
    assert "还没有入库数据" in said(screen, "info")
    assert not screen.keys("@path")


def test_hostile_words_are_text(world: World) -> None:
    content = samples.put(
        samples.clean(), {"market.demands.0.title": "**b** :red[x]", "basic.contact_name": "[l](http://x)"}
    )
    filing = world.admit("enterprise", content)
    screen = screen_of(world, filing)
    assert "**b**" not in screen.said("markdown")
    screen.set("@path", "basic.contact_name")
    screen.widget("@reason").set_value("**粗** :red[x]")
    screen.widget("after#basic.contact_name").set_value("李四")
    screen.press("更正")
    assert "**粗**" not in screen.said("markdown") and "粗" in screen.said("markdown")


def test_without_letters_it_says_so(world: World) -> None:
    screen = screen_of(world, world.submit("enterprise"), "district")
    assert "没有与本企业往来的站内信" in said(screen, "caption")
