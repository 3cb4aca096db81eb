"""企业画像榜单, 人才与知识产权, 数据质量: what the store says, within filters and scope; the address makes the page again."""

import json
from typing import Any

import pytest

from core.statistics.quality import ISSUES
from core.statistics.ranking import MEASURES
from data.filing import filings
from data.review import decisions
from tests.core import samples
from tests.pages.walk import Screen
from tests.world import NAMES, World

RANKING, TALENT, QUALITY = "statistics/ranking.py", "statistics/talent.py", "statistics/quality.py"
ALL = (RANKING, TALENT, QUALITY)
ONE, OTHER = NAMES["enterprise"], NAMES["other"]


def both(world: World) -> None:
    """A core enterprise in GX; one in HS that is outside, a small one by what it says and a medium one by the rule."""
    world.admit("enterprise")
    changes = {
        "basic.district": "HS",
        "basic.size": "small",
        "technology.algorithm_staff": "10",
        "business.years": [
            samples.year("2025", full_year=samples.figures("6000", "600", "600", "0")),
            samples.year("2024", full_year=samples.figures("5000", "9000", "9000", "0")),
        ],
    }
    changes["business.years"][1]["full_year"] = samples.figures("5000", "500", "500", "0")
    content = samples.put(samples.clean(), changes)
    content["explanations"] = {"size_differs@basic.size": "按上年末经审计的营业收入划型"}
    filing = world.submit("other", content)
    for reviewer, action in (("other_district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(reviewer), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)


def at(world: World, persona: str, path: str, **address: str) -> Screen:
    screen = Screen(world, persona)
    for name, value in address.items():
        screen.at.query_params[name] = value
    screen.open(path)
    assert not screen.at.exception
    return screen


def address(screen: Screen) -> dict[str, Any]:
    return {name: value if isinstance(value, str) else value[0] for name, value in screen.at.query_params.items()}


def metric(screen: Screen, label: str) -> str:
    return next(str(each.value) for each in screen.at.metric if each.label == label).split(" ")[0]


def charts_of(screen: Screen) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in screen.at.get("plotly_chart")]


def table(screen: Screen, heading: str) -> list[dict[str, Any]]:
    """The table with this heading, row by row."""
    (found,) = [each for each in screen.tables if heading in each.columns]
    rows: list[dict[str, Any]] = found.to_dict("records")
    return rows


@pytest.mark.parametrize("page", ALL)
def test_an_empty_library_says_what_fills_it(world: World, page: str) -> None:
    screen = at(world, "city", page)
    assert "还没有入库企业" in screen.said("info")
    assert not screen.at.metric and not screen.tables


@pytest.mark.parametrize("page", ALL)
def test_each_says_its_period_coverage_moment_and_policy(world: World, page: str) -> None:
    both(world)
    caption = next(text.value for text in at(world, "city", page).at.main.caption if "数据截至" in text.value)
    assert all(
        word in caption
        for word in ("全市", "2025年度全年实际", "有数据 2 家／入库 2 家", "数据截至 2026-01-10", "政策版本 ")
    )


@pytest.mark.parametrize("page", ALL)
@pytest.mark.parametrize(("persona", "sees", "hidden"), [("district", ONE, OTHER), ("other_district", OTHER, ONE)])
def test_a_district_sees_its_own_only_whatever_the_address_asks(
    world: World, page: str, persona: str, sees: str, hidden: str
) -> None:
    both(world)
    for more in (
        {},
        {"show": "due"},
        {"show": "imputed"},
        {"district": "HS" if persona == "district" else "GX", "show": "due"},
    ):
        screen = at(world, persona, page, **more)
        shown = screen.said() + str(screen.tables) + json.dumps(charts_of(screen), ensure_ascii=False)
        assert hidden not in shown
        if "district" not in more and page != QUALITY:
            assert sees in shown


@pytest.mark.parametrize("page", ALL)
def test_an_admission_shows_at_the_next_run(world: World, page: str) -> None:
    world.admit("enterprise")
    screen = at(world, "city", page)
    assert "有数据 1 家／入库 1 家" in screen.said("caption")
    world.admit("other")
    assert "有数据 2 家／入库 2 家" in screen.run().said("caption")


# --- 榜单 -----------------------------------------------------------------------------------------------


def test_the_list_ranks_and_says_what_moved(world: World) -> None:
    both(world)
    rows = table(at(world, "city", RANKING), "名次")
    assert [
        (row["名次"], row["企业名称"], row["AI业务收入（万元）"], row["上年名次"], row["变化"]) for row in rows
    ] == [("1", ONE, "4,200", "—", "新进"), ("2", OTHER, "600", "1", "降 1")]
    screen = at(world, "city", RANKING)
    assert (metric(screen, "AI业务收入合计"), metric(screen, "前 10 家占比"), metric(screen, "前 4 家占比")) == (
        "0.48",
        "100.00%",
        "100.00%",
    )
    (curve,) = charts_of(screen)
    assert curve["data"][0]["text"] == ["87.50%", "100.00%"]


def test_the_measure_the_length_and_the_filter_stand_in_the_address(world: World) -> None:
    both(world)
    screen = at(world, "city", RANKING)
    screen.set("by", "share").set("top", "50")
    assert (address(screen)["by"], address(screen)["top"]) == ("share", "50")
    assert [row["AI收入占比"] for row in table(screen, "名次")] == ["70.00%", "10.00%"]
    assert "累计占比" not in screen.said("header")
    again = at(world, "city", RANKING, **address(screen), tier="outside")
    assert (again.widget("by").value, again.widget("top").value) == ("share", "50")
    assert [row["企业名称"] for row in table(again, "名次")] == [OTHER]
    again.click("chip.tier")
    assert len(table(again, "名次")) == 2 and "tier" not in address(again)
    assert address(again)["by"] == "share"


@pytest.mark.parametrize("code", MEASURES)
def test_every_measure_can_be_asked_for(world: World, code: str) -> None:
    both(world)
    screen = at(world, "city", RANKING, by=code)
    assert screen.widget("by").value == code
    assert [row["企业名称"] for row in table(screen, "名次")] == ([OTHER] if code == "growth" else [ONE, OTHER])
    if code == "growth":
        assert table(screen, "名次")[0]["AI业务收入同口径增速"] == "20.00%"


def test_what_an_address_makes_up_is_not_followed(world: World) -> None:
    both(world)
    screen = at(world, "city", RANKING, by="<script>", top="7", page="99")
    assert (screen.widget("by").value, screen.widget("top").value) == ("ai_revenue", "10")
    assert len(table(screen, "名次")) == 2
    assert at(world, "city", TALENT, group="x", across="y").widget("group").value == "district"
    assert at(world, "city", QUALITY, show="x").widget("show").value is None


def test_a_selection_of_nobody_says_so(world: World) -> None:
    both(world)
    assert "没有符合条件的企业" in at(world, "city", RANKING, district="FJ").said("info")
    assert "没有这一年度入库的人员" in at(world, "city", TALENT, district="FJ").said("info")
    assert not at(world, "city", QUALITY, district="FJ").at.exception


# --- 人才与知识产权 ----------------------------------------------------------------------------------------


def test_totals_groups_and_ratios(world: World) -> None:
    both(world)
    screen = at(world, "city", TALENT)
    assert (metric(screen, "研发人员"), metric(screen, "社保人数"), metric(screen, "自主知识产权")) == (
        "120",
        "240",
        "2",
    )
    assert metric(screen, "人均AI业务收入") == "20.00"  # 48 million by 240 persons
    assert metric(screen, "硕士及以上（33.33%）") == "80"
    assert "2 家有数据／入库 2 家" in screen.said("caption")
    rows = {row["区属"]: row for row in table(screen, "社保人数（人）")}
    assert (
        rows["东湖高新区"]["研发人员（人）"],
        rows["洪山区"]["研发人员（人）"],
        rows["洪山区"]["人均AI业务收入（万元）"],
    ) == ("70", "50", "5.00")
    heads, rights, scatter = charts_of(screen)
    assert [trace["name"] for trace in heads["data"] if trace["type"] == "bar"] == ["AI算法研发", "AI应用软件开发"]
    shapes = [trace["marker"]["pattern"]["shape"] for trace in rights["data"] if trace["type"] == "bar"]
    assert len(set(shapes)) == 4  # told apart without colour
    assert {trace["marker"]["symbol"] for trace in scatter["data"]} == {"circle", "x"}
    assert scatter["layout"]["xaxis"]["type"] == scatter["layout"]["yaxis"]["type"] == "log"


def test_group_axis_and_filters_round_trip_through_the_address(world: World) -> None:
    both(world)
    screen = at(world, "city", TALENT)
    screen.set("group", "directory_tier").set("across", "ip_count")
    assert (address(screen)["group"], address(screen)["across"]) == ("directory_tier", "ip_count")
    again = at(world, "city", TALENT, **address(screen), tier="core")
    assert (metric(again, "研发人员"), again.widget("group").value, again.widget("across").value) == (
        "70",
        "directory_tier",
        "ip_count",
    )
    assert [row["名录身份"] for row in table(again, "社保人数（人）")] == [
        "核心企业",
        "未达相关线",
    ]  # the group itself stays whole, to choose another


# --- 数据质量 --------------------------------------------------------------------------------------------


def test_issues_are_counted_and_lead_to_the_list(world: World) -> None:
    both(world)
    screen = at(world, "city", QUALITY)
    rows = {row["问题"]: row for row in table(screen, "判定规则")}
    assert len(rows) == len(ISSUES)
    assert (rows["企业规模与计算不符"]["企业数（家）"], rows["企业规模与计算不符"]["已有说明（家）"]) == (1, "1")
    assert rows["疑为单位填错"]["企业数（家）"] == 0
    screen.set("show", "size_differs")
    assert address(screen)["show"] == "size_differs"
    assert table(screen, "情况") == [
        {
            "企业名称": OTHER,
            "区属": "洪山区",
            "企业规模": "小微企业",
            "情况": "填 小微企业，计算为 中型企业",
            "已有说明": "是",
        }
    ]
    again = at(world, "city", QUALITY, **address(screen))
    assert [row["企业名称"] for row in table(again, "情况")] == [OTHER]


@pytest.mark.parametrize(
    "code", [*ISSUES, "imputed", "due", "filed", "city_review", "admitted", "returned", "draft", "missing"]
)
def test_every_list_can_be_asked_for(world: World, code: str) -> None:
    both(world)
    screen = at(world, "city", QUALITY, show=code)
    assert screen.widget("show").value == code
    expected = {"size_differs": 1, "due": 2, "filed": 2, "admitted": 2}.get(code, 0)
    found = [each for each in screen.tables if "情况" in each.columns]
    assert sum(len(each) for each in found) == expected


def test_coverage_stands_by_district_and_size_and_the_range_names_its_rule(world: World) -> None:
    both(world)
    screen = at(world, "city", QUALITY)
    assert [(row["区属"], row["应报"], row["已报"], row["入库"], row["已报率"]) for row in table(screen, "应报")] == [
        ("洪山区", 1, 1, 1, "100.00%"),
        ("东湖高新区", 1, 1, 1, "100.00%"),
    ]
    screen.set("group", "size")
    assert [row["企业规模"] for row in table(screen, "应报")] == ["小微企业", "中型企业"]
    assert "没有缺报企业" in screen.said("caption")
    assert "上四分位数" in screen.said("caption")


def test_a_missing_respondent_widens_the_range_and_leaves_the_number(world: World) -> None:
    rows = [samples.year("2024", full_year=samples.figures("6000", "4200", "4200", "0"))]
    both(world)
    world.store.write(
        lambda t: t.append(
            world.visit("city").actor,
            "round.opened",
            "round:2023",
            {"year": 2024, "columns": ["full_year"], "opens": "2025-01-05", "closes": "2025-01-31"},
        )
    )
    content = samples.put(samples.clean(), {"business.years": rows, "basic.enterprise_name": "缺报企业（虚构）"})

    def past(transaction: Any) -> None:
        body = {"enterprise_id": "absent", "round_id": "2023", "content": content}
        transaction.append(
            world.visit("city").actor,
            "enterprise.registered",
            "enterprise:absent",
            {"uscc": "code", "name": "缺报企业（虚构）"},
        )
        transaction.append(world.visit("city").actor, "filing.opened", "filing:absent.2023", body)
        for kind in ("submitted", "passed", "admitted"):
            transaction.append(world.visit("city").actor, f"filing.{kind}", "filing:absent.2023", {})

    world.store.write(past)
    screen = at(world, "city", QUALITY, show="imputed")
    rows_of = {row["指标"]: row for row in table(screen, "已报数（下限）")}
    assert (rows_of["核心企业（家）"]["已报数（下限）"], rows_of["核心企业（家）"]["沿用"]) == ("1", "2")
    assert (rows_of["AI业务收入（亿元）"]["已报数（下限）"], rows_of["AI业务收入（亿元）"]["沿用"]) == ("0.48", "0.90")
    assert "缺报 1 家" in screen.said("caption")
    assert table(screen, "情况")[0]["情况"] == "沿用 1 年前：总收入 6,000，AI业务收入 4,200 万元"
