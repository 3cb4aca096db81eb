"""The table of metrics: unit, scale and formula of each, on a tiny frame worked out by hand, wherever it is shown."""

import ast
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.base.values import YUAN_LIMIT
from core.report.growth import beside, measures
from core.report.model import Exhibit, Report
from core.report.talent import people
from core.rule.classification import classify
from core.rule.policy import Policy
from core.statistics import ranking, talent, year_on_year
from core.statistics.coverage import coverage
from core.statistics.metrics import COMPARISONS, METRICS, ratio, ratios
from core.statistics.totals import SUMMED, totals
from core.what_if import scenario
from exports.tables import lines
from ui.base import charts
from ui.statistics import enterprise_list, regions
from ui.statistics import ranking as ranking_screen
from ui.statistics import talent as talent_screen

ROOT = Path(__file__).parents[3]
POLICY = Policy()
MILLION = 1_000_000


def classified(*rows: tuple[str, int, int]) -> pl.DataFrame:
    """enterprise, total and AI revenue in millions of yuan, all of it software."""
    frame = pl.DataFrame(
        [
            {
                "enterprise_id": name, "name": f"虚构{name}", "uscc": name, "district": "GX", "layer": "technology", "size": "small", "segments": "",
                "total_revenue": total * MILLION, "ai_revenue": ai * MILLION, "software_revenue": ai * MILLION, "hardware_revenue": None,
            }
            for name, total, ai in rows
        ],
        schema_overrides={"hardware_revenue": pl.Int64},
    )  # fmt: skip
    return classify(frame, POLICY)


#: In 亿元: total 4.00, AI 2.55, counted 3 + 0.25 + 0.5. c is new: on the same sample AI goes from 1.55 to 2.15.
NOW = classified(("a", 300, 200), ("b", 50, 15), ("c", 50, 40)).with_columns(
    last_revenue=pl.Series([200 * MILLION, 50 * MILLION, None])
)
BEFORE = classified(("a", 200, 150), ("b", 50, 5))
PAIRS = year_on_year.paired(NOW, BEFORE)
WHOLE, GROWN = totals(NOW).row(0, named=True), year_on_year.growth(PAIRS).row(0, named=True)
TOP = year_on_year.concentration(NOW).row(0, named=True)
#: a has 80 persons, 20 of them in research, 6 inventions; c has none, and so no part in what is told per head.
PEOPLE = NOW.with_columns(filed=pl.lit(True), **{code: pl.lit(1) for code in talent.COUNTS}).with_columns(
    insured_staff=pl.Series([80, 20, 0]), researchers=pl.Series([20, 5, 2]), ip_invention=pl.Series([6, 1, 9])
)
HEADS = talent.sums(PEOPLE).row(0, named=True)
COMPARED = scenario.compare(NOW, POLICY.scenario(core_share_bp=7_000, core_ai_revenue=300 * MILLION))
TRIED = scenario.groups(COMPARED).row(0, named=True)
QUARTER = {"ai_revenue_single": 123_456_789, "hhi": 1_234, "top4": 90, "top10": 100, "whole": 120}
SUMS = {
    **HEADS, **WHOLE, **GROWN, **coverage(NOW).row(0, named=True), **TOP, **TRIED, **QUARTER, "ai_revenue_of_all": 510 * MILLION,
    "software_revenue": 270 * MILLION, "hardware_revenue": 0,
}  # fmt: skip

#: code -> the value for these enterprises with its unit, and the heads of its column for a group and for one enterprise.
EXPECTED = {
    "enterprises": ("3 家", "入库企业（家）", "入库企业（家）"),
    "core": ("2 家", "核心企业（家）", "核心企业（家）"),
    "related_software": ("1 家", "相关企业（软件）（家）", "相关企业（软件）（家）"),
    "related_hardware": ("0 家", "相关企业（硬件）（家）", "相关企业（硬件）（家）"),
    "outside": ("0 家", "未达相关线（家）", "未达相关线（家）"),
    "undetermined": ("0 家", "无法认定（家）", "无法认定（家）"),
    "missing": ("0 家", "缺报（家）", "缺报（家）"),
    "related": ("1 家", "相关企业（家）", "相关企业（家）"),
    "moved": ("1 家", "身份改变（家）", "身份改变（家）"),
    "counted_output": ("3.75 亿元", "纳入统计（亿元）", "纳入统计（万元）"),
    "ai_revenue": ("2.55 亿元", "AI业务收入（亿元）", "AI业务收入（万元）"),
    "total_revenue": ("4.00 亿元", "总收入（亿元）", "总收入（万元）"),
    "software_revenue": ("2.70 亿元", "软件收入（亿元）", "软件收入（万元）"),
    "hardware_revenue": ("0.00 亿元", "硬件收入（亿元）", "硬件收入（万元）"),
    "difference": ("-1.50 亿元", "差额（亿元）", "差额（万元）"),
    "ai_revenue_single": ("1.23 亿元", "单季AI业务收入（亿元）", "单季AI业务收入（亿元）"),
    "share": ("63.75%", "AI收入占比", "AI收入占比"),
    "coverage": ("100.00%", "覆盖（按家数）", "覆盖（按家数）"),
    "coverage_revenue": ("100.00%", "覆盖（按上次总收入）", "覆盖（按上次总收入）"),
    "weight": ("50.00%", "AI收入占合计", "AI收入占合计"),
    "growth": ("38.71%", "AI业务收入同口径增速", "AI业务收入同口径增速"),
    "ai_revenue_top_share": ("100.00%", "AI业务收入前 10 家占比", "AI业务收入前 10 家占比"),
    "counted_output_top_share": ("100.00%", "纳入统计前 10 家占比", "纳入统计前 10 家占比"),
    "total_revenue_top_share": ("100.00%", "总收入前 10 家占比", "总收入前 10 家占比"),
    "top4": ("75.00%", "前 4 家占比", "前 4 家占比"),
    "top10": ("83.33%", "前 10 家占比", "前 10 家占比"),
    "hhi": ("1,234", "集中度指数", "集中度指数"),
    "reported": ("3 家", "有数据（家）", "有数据（家）"),
    "insured_staff": ("100 人", "社保人数（人）", "社保人数（人）"),
    "researchers": ("27 人", "研发人员（人）", "研发人员（人）"),
    "developers": ("3 人", "AI算法研发（人）", "AI算法研发（人）"),
    "software_staff": ("3 人", "AI应用软件开发（人）", "AI应用软件开发（人）"),
    "insured_doctors": ("3 人", "博士（人）", "博士（人）"),
    "insured_masters": ("3 人", "硕士（人）", "硕士（人）"),
    "insured_bachelors": ("3 人", "本科（人）", "本科（人）"),
    "staff_of_ai": ("100 人", "两项都有的社保人数（人）", "两项都有的社保人数（人）"),
    "ip_count": ("3 项", "自主知识产权（项）", "自主知识产权（项）"),
    "ip_invention": ("16 项", "发明专利（项）", "发明专利（项）"),
    "ip_utility": ("3 项", "实用新型专利（项）", "实用新型专利（项）"),
    "ip_software": ("3 项", "软件著作权（项）", "软件著作权（项）"),
    "ip_layout": ("3 项", "集成电路布图设计（项）", "集成电路布图设计（项）"),
    "honours": ("3 项", "荣誉资质（项）", "荣誉资质（项）"),
    "standards": ("3 项", "参与标准（项）", "参与标准（项）"),
    "researchers_average": ("9.0 人", "每家平均研发人员（人）", "每家平均研发人员（人）"),
    "inventions_average": ("7.0 项", "每百人发明专利（项）", "每百人发明专利（项）"),
    "ai_revenue_average": ("215.00 万元", "人均AI业务收入（万元）", "人均AI业务收入（万元）"),
}  # fmt: skip


def test_every_metric_is_worked_out_by_hand_here() -> None:
    assert list(EXPECTED) == list(METRICS)
    assert [each.code for each in METRICS.values()] == list(METRICS)
    assert len({each.label for each in METRICS.values()}) == len(METRICS)
    assert all(each.period in ("full_year", "quarter", "moment") and each.definition for each in METRICS.values())


@pytest.mark.parametrize("code", EXPECTED)
def test_its_value_its_unit_and_its_heads(code: str) -> None:
    metric = METRICS[code]
    assert (metric.said(metric.of(SUMS)), metric.heading, metric.heading_of_one) == EXPECTED[code]


@pytest.mark.parametrize(("code", "said"), [("counted_output", "12,345.6789"), ("ai_revenue", "12,345.6789"), ("total_revenue", "12,345.6789"), ("difference", "12,345.6789")])  # fmt: skip
def test_the_amount_of_one_enterprise_is_exact(code: str, said: str) -> None:
    assert METRICS[code].one.text(123_456_789) == said


def test_nothing_is_a_dash_and_a_change_bears_its_sign() -> None:
    assert {each.text(None) for each in METRICS.values()} == {"—"}
    counted = METRICS["counted_output"]
    assert [counted.signed(each) for each in (120 * MILLION, -35 * MILLION, 0)] == ["+1.20", "-0.35", "0.00"]
    assert METRICS["core"].signed(-1_234) == "-1,234"


amounts = st.integers(0, YUAN_LIMIT)


@given(st.integers(-YUAN_LIMIT, YUAN_LIMIT), amounts)
def test_a_ratio_of_columns_is_that_of_numbers(part: int, whole: int) -> None:
    frame = pl.DataFrame({"part": [part], "whole": [whole]})
    assert frame.select(ratios(pl.col("part"), pl.col("whole"))).item() == ratio(part, whole)


def test_a_ratio_rounds_half_away_from_zero() -> None:
    assert [ratio(5, 2, 1), ratio(-5, 2, 1), ratio(4, 3, 1), ratio(3, 0), ratio(None, 3)] == [3, -3, 1, None, None]


# --- wherever it is shown --------------------------------------------------------------------------------------


def screen(draw: Callable[..., None], **given: Any) -> AppTest:
    """What a function draws; it imports what it needs itself."""
    at = AppTest.from_function(draw, kwargs=given)
    at.run(timeout=30)
    assert not at.exception
    return at


def cards(at: AppTest) -> dict[str, str]:
    return {each.label: each.value.replace(":small[", "").replace("]", "") for each in at.metric}


def said(code: str) -> str:
    """The value of a card, read without the brackets of its unit."""
    return EXPECTED[code][0]


def exhibit(found: list[Exhibit], code: str) -> dict[str, dict[str, str]]:
    """first cell -> heading -> cell, as a file writes them for people."""
    (one,) = [each for each in found if each.code == code]
    heads = [column.heading for column in one.columns]
    return {line[0]: dict(zip(heads, line, strict=True)) for line in one.lines()}


def test_the_tiles_of_the_overview() -> None:
    def draw(whole: object, growth: object, top: object) -> None:
        from ui.statistics import headline

        headline.tiles(whole, growth, top, (4, 800_000_000), 95)

    at = screen(draw, whole=WHOLE, growth=GROWN, top=TOP)
    shown = cards(at)
    for code in ("core", "related_software", "counted_output", "ai_revenue", "ai_revenue_top_share"):
        assert shown[METRICS[code].label] == said(code)
    told = [each.value for each in at.caption]
    assert "较上年 +1.00（+64.52%）  \n同口径 +0.60（+38.71%）" in told  # AI revenue
    assert "全市目标 8 亿元，占 46.88%  \n较上年 +1.75（+87.50%）  \n同口径 +1.25（+62.50%）" in told
    assert "全市目标 4 家，占 50.00%  \n较上年 +1（+100.00%）  \n同口径 0（0.00%）" in told
    assert "纳入统计前 10 家占比 100.00%" in told


def test_growth_in_the_report_and_its_file() -> None:
    found = beside(NOW, BEFORE, (POLICY, POLICY), None)
    assert exhibit(found, "growth")["AI业务收入"] == {
        "指标": "AI业务收入", "本年（亿元）": "2.55", "上年（亿元）": "1.55", "较上年": "64.52%", "同口径本年（亿元）": "2.15", "同口径上年（亿元）": "1.55", "同口径增减": "38.71%",
    }  # fmt: skip
    assert exhibit(found, "growth_classes")["核心企业"] == {
        "名录身份": "核心企业", "本年（家）": "2", "上年（家）": "1", "增减（家）": "1", "同口径本年（家）": "1", "同口径上年（家）": "1",
    }  # fmt: skip
    report = Report("x", "x", "全市", "2025", False, None, "v", "inside", found)
    written = lines(report, found[0]).decode("utf-8-sig")
    ai = next(row for row in csv.DictReader(io.StringIO(written)) if row["指标"] == "AI业务收入")
    assert (ai["本年（亿元）"], ai["较上年"], ai["同口径增减"]) == ("2.55", "0.6452", "0.3871")


def test_the_table_of_districts_and_its_report() -> None:
    def draw(table: object, growth: object, top: object, covered: object) -> None:
        from core.statistics.selection import Selection
        from ui.statistics import regions

        regions.listing(table, growth, top, covered, by="district", asked=Selection(2025), measure="ai_revenue")

    at = screen(
        draw,
        table=totals(NOW, "district"),
        growth=year_on_year.growth(PAIRS, "district"),
        top=year_on_year.concentration(NOW, "district"),
        covered=coverage(NOW, "district"),
    )
    (row,) = at.dataframe[0].value.to_dict("records")
    shown = [row[name] for name in ("企业数", "核心", "纳入统计", "AI业务收入", "AI收入同口径增速", "AI收入占合计")]
    assert shown == [3, 2, "3.75", "2.55", "+38.71%", "100.00%"]
    line = exhibit([measures(NOW, BEFORE, "district")], "measures_district")["东湖高新区"]
    names = ("企业数（家）", "AI业务收入（亿元）", "同口径企业（家）", "AI收入同口径增速", "AI收入占合计")
    assert [line[name] for name in names] == ["3", "2.55", "2", "38.71%", "100.00%"]


def test_the_maps_and_bars() -> None:
    assert [(regions.written(code, WHOLE[code]), regions.unit(code)) for code in regions.MEASURES] == [
        ("3.8", "亿元"), ("2.6", "亿元"), ("3", "家"), ("2", "家"),
    ]  # fmt: skip
    names = {"GX": "东湖高新区"}
    counted = charts.counted_by(totals(NOW, "district"), "district", names)
    (bar,) = counted["data"]
    assert (bar["x"], bar["text"], counted["layout"]["xaxis"]["title"]["text"]) == ([3.75], ["3.75"], "亿元")
    assert bar["hovertemplate"] == "%{y}　纳入统计 %{text} 亿元<extra></extra>"
    classes = charts.classes_by(totals(NOW, "district"), "district", names)
    assert {trace["name"]: trace["x"] for trace in classes["data"][:2]} == {"核心企业": [2], "相关企业（软件）": [1]}
    assert (classes["data"][-1]["text"], classes["layout"]["xaxis"]["title"]["text"]) == ([" 3 家"], "家")
    quarter = pl.DataFrame(
        [{"year": 2025, "period": "q1", "ai_revenue": 270 * MILLION, "enterprises": 3, "forecast": False}]
    )
    (bar,) = charts.quarters(quarter)["data"]
    assert (bar["y"], bar["text"]) == ([2.7], ["2.7"])
    assert bar["hovertext"] == ["2025年一季<br>AI业务收入 2.70 亿元<br>可比企业 3 家"]
    year = pl.DataFrame({"year": [2025], "total_revenue": [300 * MILLION], "ai_revenue": [None], "forecast": [False]})
    total, ai = charts.years(year)["data"]
    assert (total["name"], total["y"], total["text"], ai["y"]) == ("总收入（万元）", [30_000.0], ["30,000"], [None])


def test_the_list_and_the_ranking_of_enterprises() -> None:
    row = enterprise_list.table(NOW).to_dicts()[0]
    assert [row[METRICS[code].label] for code in ("ai_revenue", "total_revenue", "share", "counted_output")] == [
        "20,000", "30,000", "66.67%", "30,000",
    ]  # fmt: skip
    paired = PAIRS.with_columns(
        **{
            f"{name}{end}": pl.lit(7)
            for name in ("developers", "software_staff", "ip_count")
            for end in ("", "_before")
        }
    )
    frame = ranking.measured(paired)
    first = {
        code: ranking_screen.table(ranking.ranked(frame, measure), measure, 10).to_dicts()[0]
        for code, measure in ranking.MEASURES.items()
    }
    assert (first["ai_revenue"]["AI业务收入（万元）"], first["ai_revenue"]["上年"]) == ("20,000", "15,000")
    assert first["counted_output"]["纳入统计（万元）"] == "30,000"
    assert first["growth"]["AI业务收入同口径增速"] == "200.00%"  # b: from 5 to 15 million
    assert first["growth"]["上年AI业务收入（万元）"] == "500"
    assert (first["share"]["AI收入占比"], first["share"]["上年"]) == ("80.00%", "—")
    assert (first["researchers"]["研发人员（人）"], first["ip_count"]["自主知识产权（项）"]) == ("14", "7")

    def draw(found: object) -> None:
        from core.statistics.ranking import MEASURES
        from ui.statistics import ranking

        ranking.tiles(MEASURES["ai_revenue"], found)
        ranking.tiles(MEASURES["ip_count"], found)

    shown = [each.value for each in screen(draw, found=ranking.concentration(NOW["ai_revenue"])).metric]
    assert shown == [
        "2.55 :small[亿元]", "100.00%", "100.00%", "6,432", "255,000,000 :small[项]", "100.00%", "100.00%", "6,432",
    ]  # fmt: skip


def test_heads_and_rights() -> None:
    def draw(whole: object) -> None:
        from ui.statistics import talent

        talent.tiles(whole)

    shown = cards(screen(draw, whole=HEADS))
    for code in (
        "researchers", "insured_staff", "researchers_average", "ip_count", "inventions_average", "ai_revenue_average",
    ):  # fmt: skip
        assert shown[METRICS[code].label] == said(code)
    (row,) = talent_screen.table(talent.sums(PEOPLE, "district"), "district").to_dicts()
    assert {name: row[name] for name in list(row)[2:]} == {
        METRICS[code].heading: said(code).split(" ")[0]
        for code in (*talent.HEADS, "ip_count", *talent.RIGHTS, *talent.RECOGNISED, "inventions_average", "ai_revenue_average")
    }  # fmt: skip
    found = people(PEOPLE, None)
    assert exhibit(found, "average_district")["东湖高新区"] == {
        "区属": "东湖高新区", "两项都有的社保人数（人）": "100", "人均AI业务收入（万元）": "215.00",
    }  # fmt: skip
    assert exhibit(found, "heads_district")["合计"]["研发人员（人）"] == "27"
    (average,) = [each for each in found if each.code == "average_district"]
    written = lines(Report("x", "x", "全市", "2025", False, None, "v", "inside", found), average).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(written)))["人均AI业务收入（万元）"] == "215"
    (bars, *_) = talent_screen.heads_by(talent.sums(PEOPLE, "district"), "district")["data"]
    assert (bars["name"], bars["hovertemplate"]) == ("AI算法研发", "%{y}　%{fullData.name} %{x:,} 人<extra></extra>")


def test_the_screens_of_a_meeting() -> None:
    def draw(now: object, before: object) -> None:
        from ui.meeting import stage

        stage.change(before, now, "上次")

    at = screen(draw, now=NOW, before=BEFORE)
    shown = cards(at)
    for code in ("counted_output", "ai_revenue", "enterprises", "core", "related_software"):
        assert shown[METRICS[code].label] == said(code)
    assert [each.delta for each in at.metric][:4] == ["+1.75 亿元", "+1.00 亿元", "+1 家", "+1 家"]


def test_a_trial() -> None:
    def draw(found: object) -> None:
        from ui.what_if import outcome

        outcome.headline(found)

    band, nothing = scenario.band(NOW, POLICY), pl.DataFrame()
    at = screen(draw, found=scenario.Outcome(scenario.whole(COMPARED), {}, nothing, nothing, band, band))
    after = scenario.groups(COMPARED).row(0, named=True)["counted_output_after"]
    assert after == 225 * MILLION
    assert cards(at) == {
        "核心企业（测算）": "1 家",
        "相关企业（测算）": "2 家",
        "纳入统计（测算）": "2.25 亿元",
        "身份改变（测算）": "1 家",
    }
    assert [each.delta for each in at.metric] == ["-1 家", "+1 家", "-1.50 亿元", "共 3 家"]
    listed = scenario.listing(scenario.movers(COMPARED)).to_dicts()[0]
    assert [listed[name] for name in ("现行纳入统计（万元）", "测算纳入统计（万元）", "差额（万元）")] == [
        "30,000",
        "15,000",
        "-15,000",
    ]


def test_totals_are_of_metrics_and_comparisons_of_their_endings() -> None:
    assert totals(NOW).columns == list(SUMMED)
    assert [(each.label, each.now, each.before, each.same) for each in COMPARISONS.values()] == [
        ("较上年", "", "_before", False),
        ("同口径", "_same", "_same_before", True),
    ]


# --- known once ------------------------------------------------------------------------------------------------

#: Files where a word of the table is another thing of the same name, and which.
ELSEWHERE = {"ui/filing/forms.py": set[str]()}
#: Words that are said of other things, too.
COMMON = {"有数据", "相关", "核心", "差额", "单季", "博士", "硕士", "本科"}
SAID = sorted(
    ({name for each in METRICS.values() for name in (each.label, each.brief)} - COMMON)
    | {each.label for each in COMPARISONS.values()},
    key=len,
    reverse=True,
)
_NAMES = "|".join(map(re.escape, SAID))
#: A whole text that is a label, with its unit or without; and one with its unit within another text.
ALONE = re.compile(rf"\W*({_NAMES})(（(亿元|万元|元|家|人|项|%)）)?\W*")
HEADED = re.compile(rf"({_NAMES})（(亿元|万元|元|家|人|项|%)）")
#: A label at the edge of a text, where a value is put.
BEFORE_A_VALUE = re.compile(rf"({_NAMES})[\s*：]*$")


def repeated(source: str) -> list[str]:
    """Labels that stand as strings: alone, with a unit, or in front of a value."""
    tree = ast.parse(source)
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for part, after in zip(node.values, [*node.values[1:], None], strict=True):
                text = part.value if isinstance(part, ast.Constant) else ""
                alone = ALONE.fullmatch(text) or HEADED.search(text)
                if alone or (isinstance(after, ast.FormattedValue) and BEFORE_A_VALUE.search(text)):
                    found.append(text)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (inner | docs):
            found += [node.value] if ALONE.fullmatch(node.value) or HEADED.search(node.value) else []
    return found


FILES = [file for folder in ("ui", "pages", "exports", "core/report") for file in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_label_is_read_from_the_table(file: Path) -> None:
    assert repeated(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ['st.metric("纳入统计", x)', 'Column("a", "AI业务收入（亿元）")', 'f"纳入统计 {x} 亿元"', 'f"{x} 家，**核心企业** {y}"', 'f"各{x}企业数（家）"', 'f"{x}总收入"'],
)  # fmt: skip
def test_the_rule_sees_a_label(source: str) -> None:
    assert repeated(source)


def test_the_rule_lets_sentences_be() -> None:
    assert repeated('def f():\n    "纳入统计"\n    return "按纳入统计由大到小", f"{x} 家入库企业里"') == []
