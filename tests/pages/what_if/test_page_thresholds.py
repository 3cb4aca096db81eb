"""敏感性, 临界企业, 阈值附近的异常: what stands on the screen is what the rule gives, within the scope."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.rule.policy import Policy
from data.what_if import thresholds
from data.what_if.thresholds import Basis
from tests.core import samples
from tests.data.directory.test_classified import firm, full, load
from tests.data.what_if.test_thresholds import crossing, several
from tests.pages.statistics.test_page_dashboards import charts_of
from tests.pages.walk import Screen
from tests.world import World

SENSITIVITY, EDGES, BUNCHING = "what_if/sensitivity.py", "what_if/edges.py", "what_if/bunching.py"
POLICY = Policy()


def opened(world: World, persona: str, page: str, **address: str) -> Screen:
    screen = Screen(world, persona)
    for name, value in address.items():
        screen.at.query_params[name] = value
    screen.open(page)
    assert not screen.at.exception
    return screen


@pytest.mark.parametrize("page", [SENSITIVITY, EDGES, BUNCHING])
def test_an_empty_library_says_what_fills_it(world: World, page: str) -> None:
    assert "还没有入库企业" in opened(world, "city", page).said("info")


@pytest.mark.parametrize(("persona", "at_45"), [("city", 4), ("district", 3), ("other_district", 1)])
def test_the_heat_map_holds_the_counts_of_the_scope(world: World, persona: str, at_45: int) -> None:
    several(world)
    screen = opened(world, persona, SENSITIVITY)
    heat, policy, nodes = charts_of(screen)[0]["data"]
    assert (len(heat["x"]), len(heat["y"]), len(heat["z"]), len(heat["z"][0])) == (101, 101, 101, 101)
    assert heat["z"][20][50] == 0  # at 50 % and 2,000 万元 nobody is core
    assert heat["z"][20][20] == at_45
    assert (policy["x"], policy["y"], policy["text"]) == ([50], [2000], ["<b>现行</b>"])
    assert len(nodes["x"]) == 21 * 21
    assert "测算，不是统计结果" in screen.said("caption")


@pytest.mark.parametrize("page", [SENSITIVITY, EDGES, BUNCHING, "what_if/what_if.py"])
def test_the_line_under_the_title_is_that_of_every_dashboard(world: World, page: str) -> None:
    load(
        world,
        [
            firm(0, "GX", full("100", "49", "49", "0")),
            firm(1, "HS", full("", "", "", ""), full("300", "200", "200", "0", "2024")),
        ],
    )
    about = "全市 · 2025年度全年实际 · 有数据 1 家／入库 2 家（覆盖 50.00%"
    (line,) = [
        each.value
        for each in opened(world, "city", "statistics/overview.py").at.caption
        if each.value.startswith(about)
    ]
    # Where no rate is shown, no coverage stands beside it.
    line = re.sub("（覆盖[^）]*）", "", line)
    assert any(
        each.value == line or each.value.startswith(f"{line} · 测算") for each in opened(world, "city", page).at.caption
    )


def test_the_scenario_of_the_address_is_marked_counted_and_taken_on(world: World) -> None:
    several(world)
    screen = opened(world, "city", SENSITIVITY, core_share_bp="4700")
    signs = [trace for trace in charts_of(screen)[0]["data"] if "text" in trace and trace["mode"] == "markers+text"]
    assert [(sign["text"], sign["x"]) for sign in signs] == [(["<b>现行</b>"], [50]), (["<b>情景</b>"], [47])]
    shown = screen.said("markdown")
    assert "核心企业 0 家" in shown and "核心企业 2 家" in shown
    (link,) = screen.at.get("link_button")
    asked = urlsplit(link.proto.url)
    assert (asked.path, parse_qs(asked.query)) == ("/what_if", {"core_share_bp": ["4700"]})


def test_an_address_that_cannot_be_read_is_said(world: World) -> None:
    several(world)
    screen = opened(world, "city", SENSITIVITY, core_share_bp="viel")
    assert "不能识别" in screen.said("warning")
    assert not screen.at.get("link_button")


def test_measure_lines_and_area_are_chosen(world: World) -> None:
    several(world)
    screen = opened(world, "city", SENSITIVITY)
    screen.set("measure", "counted_output").set("pair", "shares").set("area", "district.HS")
    heat = charts_of(screen)[0]["data"][0]
    table = thresholds.surface(
        world.visit("city"),
        Basis(2025, False, POLICY, ("district", "HS")),
        ("core_share_bp", (4700,)),
        ("related_share_bp", (2000,)),
    )
    assert heat["z"][20][47] == table["counted_output"][0] / 100_000_000 == 0.01
    assert "洪山区" in screen.said("caption")


def test_a_wished_for_count_is_answered_with_the_enterprises_at_the_edge(world: World) -> None:
    several(world)
    screen = opened(world, "city", SENSITIVITY).set("wanted", "2")
    assert "核心企业占比线取 45% 至 47.99% 时，核心企业 2 家，纳入统计 0.03 亿元（测算）。" in screen.said(
        "info"
    ).replace("\\", "")
    rows = screen.tables[-1].to_dict("records")
    assert [(row["企业名称"], row["在哪一端"]) for row in rows] == [
        ("虚构企业3", "线再高就退出"),
        ("虚构企业1", "线再低就进入"),
    ]
    screen.set("wanted", "七")
    assert "请填整数" in screen.said("error")


def test_how_far_a_line_may_move_is_said(world: World) -> None:
    several(world)
    screen = opened(world, "city", SENSITIVITY)
    assert "核心企业占比线取 49% 至 100% 之间的任何值，纳入统计与现行规则相差都不超过 1%" in screen.said("info")
    screen.set("most", "x")
    assert "请填百分数" in screen.said("error")


def test_the_ledger_lists_the_nearest_first_and_filters(world: World) -> None:
    several(world)
    screen = opened(world, "city", EDGES)
    listed = screen.tables[-1].to_dict("records")
    assert [row["企业名称"] for row in listed] == ["虚构企业2", "虚构企业0", "虚构企业3", "虚构企业1"]
    assert listed[1]["距线（元）"] == 10_001
    assert listed[1]["全市纳入统计变化（万元）"] == 50
    assert "4 家 · 到线的另一侧后，增加的共 0.02 亿元，减少的共 0.01 亿元" in screen.said("caption")
    assert parse_qs(urlsplit(screen.at.get("link_button")[0].proto.url).query) == {
        "year": ["2025"],
        "order": ["distance"],
    }
    assert [row["企业名称"] for row in screen.set("side", "above").tables[-1].to_dict("records")] == ["虚构企业2"]
    screen.set("side", None).set("line", "core_share_bp").set("band", "2").set("district", "GX")
    assert [row["企业名称"] for row in screen.tables[-1].to_dict("records")] == ["虚构企业0"]
    screen.set("district", "HY")
    assert "没有符合条件的企业" in screen.said("info")


def test_the_ledger_of_a_district_is_its_own(world: World) -> None:
    several(world)
    assert [row["企业名称"] for row in opened(world, "other_district", EDGES).tables[-1].to_dict("records")] == [
        "虚构企业3"
    ]


def test_a_small_sample_says_so_and_nothing_is_tested(world: World) -> None:
    several(world)
    shown = opened(world, "city", BUNCHING).said("markdown")
    assert shown.count("样本不足") == 3
    assert "p 值" not in shown


def test_the_exact_test_comes_first_and_the_other_is_awaited(world: World) -> None:
    shares = [50.01 + n * 0.01 for n in range(120)] + [46 + n * 0.1 for n in range(40)]
    load(world, [firm(n, "GX", full("1000", f"{share * 10:.2f}")) for n, share in enumerate(shares)])
    shown = opened(world, "city", BUNCHING).said("markdown")
    assert "未越线 **40** 家，越线 **120** 家" in shown
    assert "精确二项检验" in shown and "小于 0.001" in shown and "两侧明显不均" in shown
    assert shown.index("精确二项检验") < shown.index("密度间断检验")


@pytest.mark.parametrize(("persona", "seen"), [("city", True), ("district", True), ("other_district", False)])
def test_drafts_that_crossed_a_line_are_shown_within_the_scope(world: World, persona: str, seen: bool) -> None:
    load(world, [firm(1, "HS", full("100", "49", "49", "0"))])
    crossing(world, "enterprise", "GX")
    screen = opened(world, persona, BUNCHING)
    rows: list[dict[str, Any]] = screen.tables[-1].to_dict("records") if screen.tables else []
    assert [(row["越过的线"], row["首次保存的占比"], row["提交的占比"], row["最后改动到提交"]) for row in rows] == (
        [("核心企业占比线（升至线上）", "48.33%", "51.67%", "1 小时 0 分钟")] if seen else []
    )
    assert ("共 1 家" if seen else "共 0 家") in screen.said("caption")


def test_a_forecast_is_called_so(world: World) -> None:
    world.admit("enterprise")
    body = {"year": 2026, "columns": ["full_year"], "opens": "2026-01-08", "closes": "2026-01-31"}
    from data.store.store import SYSTEM

    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026", body))
    world.admit("other", samples.put(samples.clean(), {"business.years": [full("7000", "4900", "4900", "0", "2026")]}))
    screen = opened(world, "city", EDGES).set("year", "2026预判")
    assert "全年（预测），预判" in screen.said("caption")
