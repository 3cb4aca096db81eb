"""产业总览, 区域, 产业链 as they are asked: filters, chips and marks change what is shown, and the address says so."""

import json
from typing import Any

import pytest

from core.base import terms
from data.filing import filings
from data.review import decisions
from data.rule import parameters
from tests.core import samples
from tests.data.directory.test_classified import firm, full, load
from tests.pages.statistics.test_page_dashboards import charts_of, metrics, two
from tests.pages.walk import Screen
from tests.world import World
from ui.statistics import region_charts

OVERVIEW, REGIONS, CHAIN = "statistics/overview.py", "statistics/regions.py", "statistics/chain.py"
PAGES = (OVERVIEW, REGIONS, CHAIN)


def library(world: World) -> None:
    """GX: one up to core, one down from it; HS: one that left."""
    load(world, [
        firm(0, "GX", full("6000", "4200", "4200", "0"), full("5000", "2000", "1500", "500", "2024")),
        firm(1, "GX", full("100", "30", "30", "0"), full("100", "60", "60", "0", "2024")),
        firm(2, "HS", full("100", "10", "10", "0"), full("300", "200", "200", "0", "2024")),
    ])  # fmt: skip


def asked(world: World, persona: str, page: str, /, **address: str) -> Screen:
    screen = Screen(world, persona)
    for name, value in address.items():
        screen.at.query_params[name] = value
    screen.open(page)
    assert not screen.at.exception
    return screen


def listed(screen: Screen) -> list[str]:
    """The enterprises behind the numbers: the last table."""
    return list(screen.tables[-1]["企业名称"])


def address(screen: Screen) -> dict[str, str]:
    return {name: value[-1] if isinstance(value, list) else value for name, value in screen.at.query_params.items()}


def press(screen: Screen, key: str, **selection: Any) -> Screen:
    """What the browser says when a mark of a chart or a row of a table is pressed."""
    element = next(
        each for kind in ("plotly_chart", "dataframe") for each in screen.at.get(kind) if each.proto.id.endswith(key)
    )
    state = (
        {"points": [], "point_indices": [], "box": [], "lasso": []}
        if element.type == "plotly_chart"
        else {"rows": [], "columns": [], "cells": []}
    )
    original = screen.at._tree.get_widget_states

    def with_press() -> Any:
        states = original()
        widget = states.widgets.add()
        widget.id = element.proto.id
        widget.string_value = json.dumps({"selection": state | selection})
        return states

    screen.at._tree.get_widget_states = with_press
    return screen.run()


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_library_says_what_fills_it(world: World, page: str) -> None:
    screen = asked(world, "city", page, district="GX")
    assert "还没有入库企业" in screen.said("info")
    assert not charts_of(screen)


@pytest.mark.parametrize("page", PAGES)
def test_a_filter_of_the_address_holds_for_the_page_and_its_chip_lifts_it(world: World, page: str) -> None:
    library(world)
    screen = asked(world, "city", page, district="GX", tier="core")
    assert listed(screen) == ["虚构企业0"]
    assert "全市：东湖高新区、核心企业 · 2025年度全年实际 · 有数据 1 家／入库 1 家" in screen.said("caption")
    screen.click("chip.tier")
    assert listed(screen) == ["虚构企业0", "虚构企业1"]
    assert address(screen) == {"district": "GX"}
    screen.set("filter.district", "HS")
    assert listed(screen) == ["虚构企业2"]
    assert address(screen) == {"district": "HS"}
    screen.set("filter.size", "small")
    assert "没有符合条件的企业" in screen.said("caption")
    screen.click("chip.all")
    assert len(listed(screen)) == 3
    assert address(screen) == {}


@pytest.mark.parametrize("page", PAGES)
def test_a_filter_that_does_not_exist_is_said_and_not_used(world: World, page: str) -> None:
    library(world)
    screen = asked(world, "city", page, district="<b>", layer="technology")
    assert "地址中的筛选“\\<b\\>”不存在，未使用。" in screen.said("info")
    assert "产业链层：技术层" in screen.said("button")


@pytest.mark.parametrize("page", PAGES)
def test_a_district_sees_its_own_and_can_ask_for_no_other(world: World, page: str) -> None:
    library(world)
    screen = asked(world, "district", page)
    assert listed(screen) == ["虚构企业0", "虚构企业1"]
    assert screen.widget("filter.district").options == ["东湖高新区"]
    assert "虚构企业2" not in str(screen.tables) + screen.said()
    foreign = asked(world, "district", page, district="HS")
    assert "“洪山区”不在您的数据范围（东湖高新区）" in foreign.said("warning").replace("\\", "")
    assert listed(foreign) == ["虚构企业0", "虚构企业1"], "never 0 of another district"
    assert "不在您的数据范围" not in asked(world, "city", page, district="HS").said("warning")


def test_a_mark_sets_its_filter_and_pressed_again_lifts_it(world: World) -> None:
    library(world)
    screen = asked(world, "city", OVERVIEW)
    press(screen, "classes_district#####", points=[{"customdata": "GX"}])
    assert address(screen) == {"district": "GX"}
    assert listed(screen) == ["虚构企业0", "虚构企业1"]
    bar = charts_of(screen)[0]["data"][0]
    assert dict(zip(bar["customdata"], bar["marker"]["opacity"], strict=True)) == {"GX": 1, "HS": 0.35}
    press(screen, "classes_district#GX####", points=[{"customdata": "GX"}])
    assert address(screen) == {}
    assert len(listed(screen)) == 3


def test_a_district_on_the_map_and_a_row_of_the_table_filter(world: World) -> None:
    library(world)
    screen = asked(world, "city", REGIONS)
    press(screen, "map.全市#####", points=[{"customdata": "HS"}])
    assert address(screen) == {"district": "HS"}
    assert "洪山区各名录身份企业数（家）" in screen.said("header")
    table = screen.tables[0]
    assert list(table["区属"]) == ["东湖高新区", "洪山区（已选）"]
    press(screen, "listing.district#HS####", rows=[0])
    assert address(screen) == {"district": "GX"}
    press(screen, "map.中心城区#GX####", points=[{"customdata": "none"}])
    assert address(screen) == {"district": "GX"}


def test_a_part_of_the_treemap_filters_by_segment_or_layer(world: World) -> None:
    library(world)
    screen = asked(world, "city", CHAIN)
    press(screen, "tree#####", points=[{"id": "platforms"}])
    assert address(screen) == {"segment": "platforms"}
    press(screen, "tree###platforms##", points=[{"id": "layer:technology"}])
    assert address(screen) == {"segment": "platforms", "layer": "technology"}
    assert "没有符合条件的企业" in screen.said("caption")


@pytest.mark.parametrize("page", [REGIONS, CHAIN])
def test_the_measure_is_chosen_and_stays_in_the_address(world: World, page: str) -> None:
    library(world)
    screen = asked(world, "city", page)
    assert "纳入统计（亿元）" in screen.said("header")
    screen.set("one.measure", "core")
    assert address(screen) == {"measure": "core"}
    assert "核心企业（家）" in screen.said("header")
    assert asked(world, "city", page, measure="core").widget("one.measure").value == "core"
    assert asked(world, "city", page, measure="nonsense").widget("one.measure").value == "counted_output"


def test_the_map_shows_each_district_s_number_and_functional_areas_as_bubbles(world: World) -> None:
    library(world)
    screen = asked(world, "city", REGIONS, measure="enterprises")
    city, centre = charts_of(screen)[:2]
    shapes = [trace for trace in city["data"] if trace.get("fill") == "toself"]
    assert (
        sum(each is None for trace in shapes for each in trace["x"] if len(trace["x"]) > 1) >= 13
    )  # a gap after every polygon
    bubbles = next(trace for trace in centre["data"] if trace.get("texttemplate"))
    assert dict(zip(bubbles["customdata"], bubbles["texttemplate"], strict=True)) == {
        "GX": "东湖高新<br>2",
        "FJ": "东湖风景<br>0",
        "XQ": "长江新区<br>0",
    }
    told = {
        code
        for figure in (city, centre)
        for trace in figure["data"]
        if trace.get("customdata")
        for code in trace["customdata"]
    }
    assert len(told) == 16  # every district can be pressed somewhere
    assert "审图号 GS(2024)0650号" in screen.said("caption")


def test_the_steps_of_the_scale_hold_about_as_many_districts_each() -> None:
    assert region_charts.steps(list(range(1, 11))) == [2, 4, 6, 8, 10]
    assert region_charts.steps([0, 0, 7]) == [7]
    assert region_charts.steps([]) == region_charts.steps([0]) == []
    assert region_charts.steps([5, 5, 5, 9]) == [5, 9]


def test_the_tiles_tell_the_change_in_all_and_on_the_same_sample(world: World) -> None:
    library(world)
    said = asked(world, "city", OVERVIEW).said("caption")
    assert "较上年 −1（−50.00%）  \n同口径 −1（−50.00%）" in said  # core: two before, one now
    assert "较上年 +0.20（+87.61%）" in said  # AI revenue: 2,260 to 4,240 万元
    assert "“同口径”只计两年都能认定的 3 家。" in said
    first = asked(world, "city", OVERVIEW, year="2024")
    assert "上年没有数据，不能比较" in first.said("caption")
    assert "比上年的名录变动（家）" not in first.said("header")


def test_a_year_that_has_not_reported_is_not_compared_as_a_whole(world: World) -> None:
    """Half of last year has not reported: that is no fall, and the page says why it shows none."""
    load(world, [
        firm(0, "GX", full("120", "70", "70", "0"), full("100", "60", "60", "0", "2024")),
        firm(1, "HS", full("", "", "", ""), full("100", "60", "60", "0", "2024")),
    ])  # fmt: skip
    screen = asked(world, "city", OVERVIEW)
    said = screen.said("caption")
    assert metrics(screen)["缺报"] == "1"
    assert "无法认定 0 家" in said
    assert "本年已报企业只占 50.00%，不足 95%，不作“较上年”，只作“同口径”" in said
    assert "较上年 " not in said and "同口径 +0.00（+20.00%）" in said
    assert "覆盖 50.00%，按上次总收入 50.00%" in said
    parts = next(table for table in screen.tables if "部分" in table).to_dict("records")
    assert [row["部分"] for row in parts] == ["上年纳入统计", "缺报", "同口径增减", "本年纳入统计"]
    for page in (REGIONS, CHAIN):
        table = next(each for each in asked(world, "city", page).tables if "覆盖（按家数）" in each)
        assert {"覆盖（按家数）", "覆盖（按上次总收入）", "缺报"} <= set(table.columns), page


def test_the_share_of_the_city_s_target_is_told_once_it_is_set(world: World) -> None:
    library(world)
    assert "全市目标尚未设定，由系统管理员在“参数”中设定。" in asked(world, "city", OVERVIEW).said("caption")
    keeper = world.visit("administrator")
    parameters.put(keeper, "core_target", 0, "4")
    parameters.put(keeper, "counted_target", 0, "2")
    said = asked(world, "city", OVERVIEW).said("caption")
    assert "全市目标 4 家，占 25.00%" in said
    assert "全市目标 2 亿元，占 30.25%" in said
    assert "尚未设定" not in said


def test_who_moved_is_listed_with_the_reason(world: World) -> None:
    library(world)
    screen = asked(world, "city", OVERVIEW, change="up")
    assert screen.widget("one.change").options == [
        "新增 0",
        "退出 1",
        "升级 1",
        "降级 1",
        "软硬转类 0",
        "缺报 0",
        "口径调整 0",
    ]

    def shown() -> list[Any]:
        return next(table for table in screen.tables if "原因" in table).to_dict("records")

    (row,) = shown()
    assert row["企业名称"] == "虚构企业0"
    assert row["名录身份"] == "相关企业（软件） → 核心企业"
    assert row["AI业务收入"] == "2,000 → 4,200"
    assert row["原因"].endswith("本年占比超过 50%")
    screen.set("one.change", "left")
    assert [row["企业名称"] for row in shown()] == ["虚构企业2"]
    assert address(screen) == {"change": "left"}
    screen.set("one.change", "entered")
    assert "没有新增的企业。" in screen.said("caption")


def test_the_ten_largest_are_told(world: World) -> None:
    load(world, [firm(n, "GX", full("100", "60")) for n in range(12)])
    assert metrics(asked(world, "city", OVERVIEW))["AI业务收入前 10 家占比"] == terms.share(10, 12)


def test_quarters_are_shown_single_or_cumulative(world: World) -> None:
    columns = {
        period: samples.figures(total, ai)
        for period, total, ai in (("q1", "10", "5"), ("q2", "20", "11"), ("q3", "30", "18"), ("full_year", "45", "27"))
    }
    load(world, [firm(0, "GX", samples.year("2025", **columns))])
    screen = asked(world, "city", OVERVIEW)
    assert charts_of(screen)[-1]["data"][0]["y"] == pytest.approx([0.0005, 0.0006, 0.0007, 0.0009])
    screen.set("one.quarters", "cumulative")
    assert charts_of(screen)[-1]["data"][0]["y"] == pytest.approx([0.0005, 0.0011, 0.0018, 0.0027])
    assert "累计数为年初至季末" in screen.said("caption")


def test_weak_segments_and_demands_are_told_to_who_may_see_them(world: World) -> None:
    demand = {"kind": "compute", "title": "需要算力", "description": "训练用", "scale": "", "needed_by": ""}
    world.admit("enterprise", samples.put(samples.clean(), {"market.demands": [demand]}))
    screen = asked(world, "city", CHAIN)
    weak = next(table for table in screen.tables if "判断" in table)
    assert set(weak["判断"]) == {"缺链"}
    assert len(weak) == 10  # of twelve, two have the one core enterprise
    assert weak.set_index("产业链环节")["市场需求（条）"]["算力设施"] == 1
    keeper = asked(world, "administrator", CHAIN)
    assert not any("市场需求（条）" in table for table in keeper.tables)


@pytest.mark.parametrize("page", [REGIONS, CHAIN])
def test_an_admission_shows_at_the_next_run(world: World, page: str) -> None:
    two(world)
    screen = asked(world, "city", page)
    assert len(listed(screen)) == 2
    filing = filings.mine(world.visit("enterprise"))
    assert filing is not None
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "材料不实"})
    assert len(listed(screen.run())) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_row_of_the_list_opens_the_enterprise(world: World, page: str) -> None:
    library(world)
    screen = asked(world, "city", page)
    press(screen, "behind", rows=[1])
    assert screen.titles == ["企业画像"]
    assert "虚构企业1" in screen.said()


@pytest.mark.parametrize("page", PAGES)
def test_the_list_is_paged_and_begins_anew_with_a_filter(world: World, page: str) -> None:
    load(world, [firm(n, "GX" if n % 2 else "HS", full(str(1000 - n), "60")) for n in range(50)])
    screen = asked(world, "city", page, page="3")
    assert len(listed(screen)) == 10
    screen.set("filter.district", "GX")
    assert address(screen) == {"district": "GX"}
    assert len(listed(screen)) == 20
