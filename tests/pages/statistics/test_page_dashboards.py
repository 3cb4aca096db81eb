"""产业总览, 名单认定, 运行状态: the numbers on the screen are the numbers of the store."""

import json
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from core.base import terms
from core.rule import policy as rule_policy
from core.statistics.totals import totals
from data.access import sessions
from data.directory import classified
from data.enterprise import designations
from data.filing import filings
from data.review import decisions
from data.store.store import SYSTEM
from tests.core import samples
from tests.pages.walk import Screen, written
from tests.world import World
from ui.base import charts

OVERVIEW, DESIGNATIONS, STATUS = "statistics/overview.py", "statistics/designations.py", "platform/status.py"


def metrics(screen: Screen) -> dict[str, str]:
    """Label -> value of the cards, without the units that stand in either."""
    found: dict[str, str] = {}
    for metric in screen.at.metric:
        assert "（家）" not in metric.label and "亿元" not in metric.label
        found[metric.label] = metric.value.removesuffix(" :small[家]").removesuffix(" :small[亿元]").removesuffix(" 家")
    return found


def charts_of(screen: Screen) -> list[dict[str, Any]]:
    """The figures on the page, in their order."""
    return [json.loads(chart.proto.spec) for chart in screen.at.get("plotly_chart")]


def numbers(values: Any) -> list[float]:
    """A trace's numbers; Plotly's JSON may pack them."""
    assert isinstance(values, list)
    return [float(value) for value in values]


def two(world: World, *second: str) -> None:
    """A core enterprise in GX, and one in HS: outside, unless it has other figures."""
    world.admit("enterprise")
    changes = {
        "basic.district": "HS",
        "business.years.0.full_year": samples.figures(*(second or ("6000", "600", "600", "0"))),
    }
    filing = world.submit("other", samples.put(samples.clean(), changes))
    for reviewer, action in (("other_district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(reviewer), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)


def test_an_empty_library_says_what_fills_it(world: World) -> None:
    screen = Screen(world, "city", OVERVIEW)
    assert "还没有入库企业" in screen.said("info")
    assert not screen.at.metric


@pytest.mark.parametrize(("persona", "core", "outside", "scope"), [
    ("city", 1, 1, "全市"), ("administrator", 1, 1, "全市"),
    ("district", 1, 0, "东湖高新区"), ("other_district", 0, 1, "洪山区"),
])  # fmt: skip
def test_the_numbers_are_those_of_the_store_within_the_scope(
    world: World, persona: str, core: int, outside: int, scope: str
) -> None:
    two(world)
    screen = Screen(world, persona, OVERVIEW)
    assert not screen.at.exception
    policy = rule_policy.in_force(rule_policy.shipped(), world.store.today)
    whole = totals(classified.classified(world.visit(persona), 2025, policy)).row(0, named=True)
    assert (whole["core"], whole["outside"]) == (core, outside)
    shown = metrics(screen)
    assert shown["核心企业"] == f"{core}"
    assert (shown["相关企业（软件）"], shown["相关企业（硬件）"], shown["缺报"]) == ("0", "0", "0")
    assert shown["未达相关线"] == f"{outside}"
    assert shown["纳入统计"] == terms.yi(whole["counted_output"]) == ("0.60" if core else "0.00")
    assert shown["AI业务收入"] == terms.yi(whole["ai_revenue"])
    caption = screen.said("caption")
    assert scope in caption
    assert f"有数据 {core + outside} 家／入库 {core + outside} 家" in caption
    assert f"政策版本 {policy.version}" in caption.replace("\\", "")
    assert "数据截至 2026-01-10 10:00" in caption


def test_each_number_has_its_unit_period_moment_and_policy(world: World) -> None:
    two(world)
    screen = Screen(world, "city", OVERVIEW)
    *numbers_, share = [metric.value for metric in screen.at.metric]
    assert [number.rsplit(" ", 1)[1] for number in numbers_] == [":small[家]"] * 5 + [":small[亿元]"] * 2
    assert share == "100.00%"
    assert len(screen.at.header) == 8
    assert all(header.value.endswith(("（家）", "（亿元）", " 家）")) for header in screen.at.header)
    assert not screen.at.subheader
    caption = next(text.value for text in screen.at.main.caption if "数据截至" in text.value)
    assert all(word in caption for word in ("2025年度全年实际", "数据截至 ", "政策版本 "))


def test_the_headline_says_what_the_unclear_clauses_leave_open(world: World) -> None:
    two(
        world, "30000", "3000", "3000", "0"
    )  # core by revenue with a share of 10 %: counted by half, not at all, or with its AI revenue
    said = Screen(world, "city", OVERVIEW).said("caption")
    assert "核心企业 2 家，纳入统计 0.60–2.10 亿元" in said
    assert "相差 1.50 亿元" in said
    assert "纳入统计 0.60 亿元。" in Screen(world, "district", OVERVIEW).said("caption")


@pytest.mark.parametrize("persona", ["city", "district"])
def test_districts_layers_and_sizes_each_sum_to_the_whole(world: World, persona: str) -> None:
    two(world)
    screen = Screen(world, persona, OVERVIEW)
    policy = rule_policy.in_force(rule_policy.shipped(), world.store.today)
    frame = classified.classified(world.visit(persona), 2025, policy)
    whole = totals(frame).row(0, named=True)
    shown = metrics(screen)
    # Who cannot be classified stands in the tile of who has not reported.
    shown |= {terms.TIERS["undetermined"]: str(whole["undetermined"])}
    assert f"{terms.TIERS['undetermined']} {whole['undetermined']} 家" in screen.said("caption")
    assert sum(int(shown[word]) for word in terms.TIERS.values()) == whole["enterprises"]
    *groups, _ = charts_of(screen)
    assert len(groups) == 6
    for counts, amounts in zip(groups[::2], groups[1::2], strict=True):
        for trace in counts["data"]:
            if trace["type"] == "bar":
                assert f"{sum(numbers(trace['x'])):.0f}" == shown[trace["name"]]
            else:
                assert sum(numbers(trace["x"])) == whole["enterprises"]
        (bar,) = amounts["data"]
        assert terms.yi(round(sum(numbers(bar["x"])) * 100_000_000)) == shown["纳入统计"]
    for by in ("district", "layer", "size"):
        for name in ("enterprises", "counted_output", "ai_revenue", *terms.TIERS):
            assert totals(frame, by)[name].sum() == whole[name]


def test_the_quarters_stand_under_their_years_with_forecasts_hatched(world: World) -> None:
    columns = {
        name: samples.figures(str(1500 * n), str(1050 * n), str(1050 * n), "0")
        for n, name in enumerate(("q1", "q2", "q3", "full_year"), 1)
    }
    table = pl.DataFrame(
        {
            "year": [2025] * 4 + [2026] * 4,
            "period": ["q1", "q2", "q3", "full_year"] * 2,
            "ai_revenue": [10_000_000_000] * 8,
            "enterprises": [4, 5, 5, 6, 1_296, 1_296, 1_296, 1_296],
            "forecast": [False] * 7 + [True],
        }
    )
    (bar,) = charts.quarters(table)["data"]
    assert bar["x"] == [["2025年"] * 4 + ["2026年"] * 4, ["一季", "二季", "三季", "四季"] * 2]
    assert bar["marker"]["pattern"]["shape"] == [""] * 7 + ["/"]
    assert bar["text"] == ["100.0"] * 8
    assert bar["hovertext"][-1] == "2026年四季（含全年预测）<br>AI业务收入 100.00 亿元<br>可比企业 1,296 家"
    assert "预测" not in bar["hovertext"][0]
    assert charts.quarters(table)["layout"]["uniformtext"]["mode"] == "hide"
    assert charts.comparable(table) == "2025年 4–6 家，2026年 1,296 家"
    years = [
        samples.year("2025", **columns),
        samples.year("2024", full_year=samples.figures("6000", "4200", "4200", "0")),
    ]
    world.admit("enterprise", samples.put(samples.clean(), {"business.years": years}))
    screen = Screen(world, "city", OVERVIEW)
    drawn = charts_of(screen)[-1]["data"][0]
    assert drawn["x"][0] and set(drawn["x"][1]) <= {"一季", "二季", "三季", "四季"}
    assert "斜纹为含全年（预测）的季度。可比企业：20" in screen.said("caption")


def test_the_amounts_stand_out_from_the_light_and_the_dark_background() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for background in ("#ffffff", "#10161f"):
        lighter, darker = sorted((light(charts.AMOUNT_COLOUR), light(background)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 3


def test_a_district_without_an_admitted_enterprise_says_so(world: World) -> None:
    world.admit("enterprise")
    screen = Screen(world, "other_district", OVERVIEW)
    assert not screen.at.exception
    assert "本区还没有入库企业" in screen.said("info")
    assert set(metrics(screen).values()) == {"0", "0.00", "—"}
    assert "本区" not in Screen(world, "city", OVERVIEW).said("info")


def test_an_admission_shows_at_the_next_run(world: World) -> None:
    screen = Screen(world, "city", OVERVIEW)
    world.admit("enterprise")
    screen.run()
    assert metrics(screen)["核心企业"] == "1"
    filing = filings.mine(world.visit("enterprise"))
    assert filing is not None
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "材料不实"})
    assert metrics(screen.run())["核心企业"] == "0"


def test_a_filing_not_yet_admitted_is_not_counted(world: World) -> None:
    world.admit("enterprise")
    world.submit("other")
    assert metrics(Screen(world, "city", OVERVIEW))["核心企业"] == "1"


def test_the_year_is_chosen_and_a_forecast_is_called_so(world: World) -> None:
    rows = [
        samples.year("2025", full_year=samples.figures("6000", "4200", "4200", "0")),
        samples.year("2024", full_year=samples.figures("6000", "600", "600", "0")),
    ]
    content = samples.put(samples.clean(), {"business.years": rows})
    content["explanations"] = {
        f"year_on_year@business.years.0.full_year.{name}": "并购了一家同行企业，合同与收入随之转入"
        for name in ("total_revenue", "ai_revenue")
    }
    world.admit("enterprise", content)
    screen = Screen(world, "city", OVERVIEW)
    assert list(screen.widget("year").options) == ["2025", "2024"]
    assert metrics(screen)["核心企业"] == "1"
    screen.set("year", "2024")
    assert metrics(screen)["核心企业"] == "0"
    assert metrics(screen)["未达相关线"] == "1"
    assert "2024年度全年实际" in screen.said("caption")
    # The same round opened within its year asks for a forecast.
    body = {"year": 2026, "columns": ["full_year"], "opens": "2026-01-08", "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026", body))
    ahead = [samples.year("2026", full_year=samples.figures("7000", "4900", "4900", "0"))]
    world.admit("other", samples.put(samples.clean(), {"business.years": ahead}))
    screen = Screen(world, "city", OVERVIEW)
    assert list(screen.widget("year").options) == ["2026预判", "2025", "2024"]
    assert screen.widget("year").value == "2025"
    screen.set("year", "2026预判")
    assert "预判" in screen.said("caption")
    assert metrics(screen)["核心企业"] == "1"
    assert metrics(screen)["缺报"] == "1"
    assert "无法认定 0 家" in screen.said("caption")


@pytest.mark.parametrize(("asked", "said"), [
    ("1999", "没有1999年的数据，已显示2025年。"), ("2026预判", "没有“2026预判”的数据，已显示2025年。"),
    ("<script>", "没有“\\<script\\>”的数据，已显示2025年。"), ("", "没有“”的数据，已显示2025年。"),
])  # fmt: skip
def test_a_year_in_the_address_without_data_is_said(world: World, asked: str, said: str) -> None:
    world.admit("enterprise")
    screen = Screen(world, "city")
    screen.at.query_params["year"] = asked
    screen.open(OVERVIEW)
    assert not screen.at.exception
    assert metrics(screen)["核心企业"] == "1"
    assert screen.widget("year").value == "2025"
    assert screen.said("info") == said


def test_the_year_of_the_address_is_shown_without_a_word(world: World) -> None:
    world.admit("enterprise")
    screen = Screen(world, "city")
    screen.at.query_params["year"] = "2025"
    screen.open(OVERVIEW)
    assert screen.widget("year").value == "2025"
    assert not screen.at.info


def test_a_list_without_a_match_says_so_and_stays(world: World) -> None:
    designations.record_shipped(world.store)
    world.admit("enterprise")
    screen = Screen(world, "city", DESIGNATIONS)
    assert "库中没有名称相符的入库企业" in screen.said("markdown")
    (table,) = screen.tables
    assert len(table) == 33


def test_designations_stand_beside_the_computed_class(world: World) -> None:
    designations.record_shipped(world.store)
    world.admit("enterprise")
    body = {"designation": "related_software", "source": designations.SOURCE}
    world.store.write(lambda t: t.append(SYSTEM, "designation.recorded", "designation:武汉测试智能", body))
    for persona in ("city", "administrator"):
        screen = Screen(world, persona, DESIGNATIONS)
        assert not screen.at.exception
        (table,) = screen.tables
        row = table[table["名单企业"] == "武汉测试智能"].iloc[0]
        assert row["计算身份"] == "核心企业"
        assert row["名单认定"] == "相关企业（软件）"
        assert row["比较"] == "不一致"
        assert len(table) == 34
        assert "名单共 34 家，库中按名称匹配到 1 家" in screen.said("markdown")
    # The computed class itself is untouched by the list.
    assert metrics(Screen(world, "city", OVERVIEW))["核心企业"] == "1"


def test_the_status_page_counts_and_verifies(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "administrator", STATUS)
    written(world)  # that the page was opened is noted behind it: count again
    screen.run()
    assert not screen.at.exception
    shown = metrics(screen)
    assert shown["记录条数"] == f"{len(world.store.facts())} 条"
    assert (shown["企业"], shown["填报"], shown["在线会话"]) == ("1", "1 份", "2 个")
    version = world.store.data_version
    screen.press("核验日志链")
    assert f"日志链完整，共 {len(world.store.facts())} 条记录" in screen.said("success")
    assert world.store.data_version == version
    visit = world.visit("enterprise")
    sessions.end(world.store, visit.session_id or "", reason="退出登录", actor=visit.actor)
    assert metrics(screen.run())["在线会话"] == "1 个"


def test_a_changed_record_is_found(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "administrator", STATUS)

    def tamper(transaction: object) -> None:
        change = "UPDATE facts SET body = replace(body, '张三', '李四') WHERE kind = 'filing.saved'"
        world.store._writer_cursor.execute(change)

    world.store.write(tamper)
    screen.press("核验日志链")
    assert "断开" in screen.said("error")
    assert not screen.at.success


def test_sessions_past_their_hours_are_not_counted(world: World) -> None:
    world.token("enterprise")
    world.clock.now += timedelta(hours=sessions.HOURS, minutes=1)
    assert metrics(Screen(world, "administrator", STATUS))["在线会话"] == "1 个"
