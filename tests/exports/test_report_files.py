"""The files of a report, opened again: the same numbers in each, Chinese fonts, no formula, and nothing of what is withheld."""

import csv
import io
import random
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import fastexcel
import polars as pl
import pytest
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml.ns import qn

from core.base import terms
from core.base.errors import Refused
from core.filing.reminders import PROGRESS
from core.meeting.change import split
from core.meeting.meeting import Decision
from core.report import table as report_table
from core.report.compose import KINDS, REPORTS, Head, Material, compose
from core.report.meeting import Shown
from core.report.model import FILES, WITHHELD, Column, Exhibit, Report
from core.rule import policy
from core.rule.classification import OUTPUTS, classify
from core.statistics import revisions
from core.statistics.metrics import PERCENT
from core.statistics.quality import ISSUES
from core.statistics.talent import COUNTS
from core.what_if import scenario as what_if_scenario
from exports import brief, presentation, tables, worker
from ui.base import charts

POLICY = policy.shipped()[-1]
BASIS = ["全市 2025年度全年实际", "数据截至 2026-01-10 10:00", f"政策版本 {POLICY.version}"]


def material() -> Material:
    """Three hundred enterprises, most in one district, some districts with a few."""
    chance = random.Random(7)
    districts = ["GX"] * 60 + ["HS"] * 25 + ["JA"] * 10 + ["HP"] * 4 + ["XZ"]
    rows: list[dict[str, Any]] = []
    for number in range(300):
        total = chance.randint(1, 900) * 1_000_000
        ai = total * chance.randint(0, 100) // 100
        rows.append(
            {
                "enterprise_id": f"e{number}",
                "uscc": f"91{number:016d}",
                "name": f'=cmd|"/C calc"!A{number}',
                "district": chance.choice(districts),
                "layer": chance.choice(["foundation", "technology", "application"]),
                "size": chance.choice(["small", "small", "medium", "large"]),
                "segments": chance.choice(["platforms", "platforms,application_software", "application_software"]),
                "total_revenue": total,
                "ai_revenue": ai,
                "software_revenue": ai * chance.randint(0, 1),
                "hardware_revenue": 0,
            }
        )
    quarters = pl.DataFrame(
        [
            {"year": 2025, "period": period, "forecast": period == "full_year", "ai_revenue_single": 1_000_000 + number}
            for period in ("q1", "q2", "q3", "full_year")
            for number in range(40)
        ]
    )
    progress = pl.DataFrame(
        {
            "enterprise_id": [row["enterprise_id"] for row in rows],
            "district": [row["district"] for row in rows],
            "progress": [chance.choice(list(PROGRESS)) for _ in rows],
        }
    )
    classified = classify(pl.DataFrame(rows), POLICY).with_columns(last_revenue=pl.col("total_revenue") // 2)
    former = [
        {
            **row,
            "total_revenue": row["total_revenue"] * 4 // 5,
            "ai_revenue": row["ai_revenue"] * chance.randint(0, 4) // 5,
        }
        for row in rows
    ]
    people = classified.with_columns(
        pl.Series("filed", [chance.random() < 0.9 for _ in rows]),
        *(pl.Series(name, [chance.randint(0, 90) for _ in rows]) for name in COUNTS),
    ).with_columns(pl.when("filed").then(pl.col(name)).alias(name) for name in COUNTS)
    judged = classified.with_columns(
        pl.Series(
            "explained", [["year_on_year"] if chance.random() < 0.1 else [] for _ in rows], dtype=pl.List(pl.String)
        ),
        pl.Series("filed_year", [chance.choice([2025] * 9 + [2024]) for _ in rows]),
        *(
            pl.Series(code, [chance.random() < rate for _ in rows])
            for rate, code in zip((0.005, 0.1, 0.3) * 5, ISSUES, strict=True)
        ),
    )
    corrections = pl.DataFrame(
        {"name": ["=甲"], "at": [datetime(2026, 1, 9, 2)], "who": ["王五"], "label": ["总收入"], "reason": ["见附件"]}
    )
    return Material(
        classified,
        quarters,
        progress.with_columns(pl.Series("size", [row["size"] for row in rows])),
        classify(pl.DataFrame(former), POLICY),
        (POLICY, POLICY),
        POLICY.scenario(core_share_bp=4000),
        people,
        judged,
        corrections,
        {"platforms": 3},
        "2025年度年报",
        shown(classified, progress),
        revisions=revisions.table([revisions.State(date(2026, 1, 31), 300, 9, 9, 9)], closed=False),
    )


def shown(figures: pl.DataFrame, progress: pl.DataFrame) -> Shown:
    """A meeting: ten enterprises new, ten gone, some corrected since the one before."""
    corrected = (
        pl.when(pl.col("enterprise_id").str.ends_with("7"))
        .then(pl.col("total_revenue") // 2)
        .otherwise("total_revenue")
    )
    before, after = classify(figures.drop(OUTPUTS).with_columns(corrected).head(290), POLICY), figures.tail(290)
    named = figures.select("enterprise_id", "name", "district")
    demands = named.head(20).with_columns(
        kind=pl.lit("scene"), state=pl.Series(["", "open"] * 10), title=pl.col("name"), scale=pl.lit("=1+1")
    )
    late = progress.join(named.select("enterprise_id", "name"), on="enterprise_id").with_columns(
        unreported_revenue=pl.lit(10_000_000)
    )
    trial_policy = POLICY.scenario(threshold_inclusive=True)
    decision = Decision(1, '=cmd|"/C calc"', "各区", None, done=False)
    return Shown(
        after,
        what_if_scenario.spans(what_if_scenario.band(after, POLICY)),
        "2026-01-05 周例会",
        before,
        split(before, after, POLICY).join(named, on="enterprise_id"),
        ("2025年度", late),
        demands,
        ("含等于", what_if_scenario.described(POLICY, trial_policy), classify(after.drop(OUTPUTS), trial_policy)),
        [decision],
    )


MATERIAL = material()


def report(which: str = "overview", audience: str = "outside", *, provisional: bool = False) -> Report:
    words = "核心企业占比线 50% → 40%" if which == "what_if" else ""
    head = Head(
        which, "全市", "2025年度全年实际", provisional, datetime(2026, 1, 10, 2), POLICY.version, audience, words
    )
    return compose(head, MATERIAL)


def quiet(*_: object) -> None:
    pass


EVERY = [
    (which, audience)
    for which in REPORTS
    for audience in ("outside", "inside")
    if audience == "inside" or not KINDS[which].inside_only
]


# --- what is in a report ---------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [which for which in REPORTS if not KINDS[which].inside_only])
def test_outside_and_inside_differ_in_what_is_withheld_and_in_nothing_else(which: str) -> None:
    outside, inside = report(which), {each.code: each for each in report(which, "inside").exhibits}
    assert any(each.withheld for each in outside.exhibits)
    for each in outside.exhibits:
        other = inside[each.code]
        for number, row in enumerate(each.frame.iter_rows(named=True)):
            for column in each.columns:
                if (number, column.code) in each.withheld:
                    assert row[column.code] is None
                    assert each.lines()[number][list(each.columns).index(column)] == WITHHELD
                else:
                    assert row[column.code] == other.frame[column.code][number]
        assert bool(each.withheld) == (WITHHELD in each.note)
        assert not other.withheld
        if each.whole:  # all enterprises and their amounts are published as they are
            assert each.frame.row(-1)[1] == other.frame.row(-1)[1] is not None


@pytest.mark.parametrize(("which", "audience"), EVERY)
def test_totals_are_those_of_their_parts(which: str, audience: str) -> None:
    for each in report(which, audience).exhibits:
        for column in each.columns if each.whole else ():
            if (
                column.unit
                and column.unit.kind in ("count", "yuan")
                and not any(code == column.code for _, code in each.withheld)
            ):
                assert each.plotted[column.code].sum() == each.frame[column.code][-1]


def test_who_is_named_is_not_named_outside() -> None:
    with pytest.raises(Refused, match="只供内部使用"):
        report("ranking")
    assert report("ranking", "inside").exhibits[0].frame.height == 100


def test_amounts_are_withheld_where_their_number_is_risky() -> None:
    counts, amounts = report("regions").exhibits
    few = {number for number, n in enumerate(report("regions", "inside").exhibits[0].frame["enterprises"]) if n <= 3}
    assert all((number, "enterprises") in counts.withheld and (number, "share") in amounts.withheld for number in few)


def test_a_trial_says_so_in_every_title_and_on_every_page_and_stays_inside() -> None:
    made = report("what_if", "inside")
    assert made.title == "阈值测算（测算）" and all(each.title.endswith("（测算）") for each in made.exhibits)
    for slide in opened(made).slides:
        text = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert "测算，不是统计结果：核心企业占比线 50% → 40%" in text and "（测算）" in text
    book = fastexcel.read_excel(tables.workbook(made, quiet))
    assert all(name.endswith("（测算）") for name in book.sheet_names[1:])
    with pytest.raises(Refused, match="不是统计结果"):
        report("what_if")


def test_a_trial_changes_what_its_policy_changes() -> None:
    made = {each.code: each for each in report("what_if", "inside").exhibits}
    core = (
        classify(MATERIAL.classified.drop(OUTPUTS), POLICY.scenario(core_share_bp=4000))
        .filter(pl.col("directory_tier") == "core")
        .height
    )
    last = made["trial_district"].frame.row(-1, named=True)
    assert (
        last["core_after"]
        == core
        > last["core"]
        == MATERIAL.classified.filter(pl.col("directory_tier") == "core").height
    )
    assert made["trial_movers"].frame.height and "有改动" in made["parameters"].frame["changed"].to_list()


def by_code(which: str, audience: str = "outside", made: Material | None = None) -> dict[str, Exhibit]:
    head = Head(which, "全市", "2025年度全年实际", False, None, POLICY.version, audience)
    return {each.code: each for each in compose(head, made or MATERIAL).exhibits}


def test_lists_of_enterprises_stay_inside() -> None:
    for which, lists in (
        ("overview", {"movers", "growth_parts"}),
        ("quality", {"concerned", "corrected", "revised"}),
        ("regions", {"measures_district"}),
        ("chain", {"measures_segment"}),
    ):
        assert lists <= by_code(which, "inside").keys()
        assert not lists & by_code(which).keys()


def test_growth_is_beside_the_year_before() -> None:
    made = by_code("overview", "inside")["growth"].frame.row(1, named=True)
    now, before = MATERIAL.classified["ai_revenue"].sum(), MATERIAL.former["ai_revenue"].sum()
    assert (made["now"], made["before"]) == (now, before)
    assert made["rate"] == round((now - before) * 10_000 / before)
    assert Column("rate", "", PERCENT).text(-150) == "-1.50%"


def test_the_same_sample_leaves_only_without_a_few_who_are_in_one_year_only() -> None:
    everybody = by_code("overview")["growth"]
    assert not everybody.withheld
    others = MATERIAL.former.with_columns(
        pl.when(pl.col("enterprise_id").is_in(["e1", "e2"]))
        .then(pl.lit("undetermined"))
        .otherwise("directory_tier")
        .alias("directory_tier")
    )
    shut = by_code("overview", made=replace(MATERIAL, former=others))["growth"]
    assert {code for _, code in shut.withheld} == {"same", "same_before", "same_rate"}
    assert "家" not in shut.note.partition("＊")[0].replace("企业", "")


def test_few_who_moved_hide_who_moved() -> None:
    moved = by_code("overview")["moved"]
    counts = by_code("overview", "inside")["moved"].frame["enterprises"]
    assert bool(moved.withheld) == any(0 < each <= 3 for each in (*counts, MATERIAL.classified.height - counts.sum()))
    still = by_code("overview", made=replace(MATERIAL, former=MATERIAL.classified))["moved"]
    assert not still.withheld and not still.frame["enterprises"].sum()


@pytest.mark.parametrize("kind", ["heads", "rights"])
def test_no_line_of_people_is_of_a_few_or_of_all_but_a_few(kind: str) -> None:
    made = by_code("talent")
    for by in ("district", "layer", "size", "directory_tier"):
        each = made[f"{kind}_{by}"]
        names = dict(report_table.NAMES[by][1])
        for (code,), group in MATERIAL.people.group_by(by):
            filed = group["filed"].sum()
            if 0 < filed <= 3 or 0 < group.height - filed <= 3:
                number = each.frame["label"].to_list().index(names[str(code)])
                assert (number, "reported") in each.withheld
        lines = {number for number, _ in each.withheld}
        assert len(lines) != 1  # one alone is the total less the others


def test_few_with_an_issue_are_not_told_nor_what_gives_them_away() -> None:
    issues = by_code("quality")["issues"]
    inside = by_code("quality", "inside")["issues"].frame
    assert 0 in {number for number, _ in issues.withheld}
    for number, found in enumerate(inside["found"]):
        if 0 < found <= 3:
            assert {(number, "found"), (number, "share")} <= issues.withheld


# --- PowerPoint ------------------------------------------------------------------------------------------


def opened(each: Report) -> Any:
    return Presentation(io.BytesIO(presentation.write(each, quiet)))


def charts_of(deck: Any) -> list[Any]:
    return [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]


@pytest.mark.parametrize(("which", "audience"), EVERY)
def test_a_chart_is_native_and_holds_the_numbers_of_its_exhibit(which: str, audience: str) -> None:
    made = report(which, audience)
    drawn = [each for each in made.exhibits if each.drawn]
    found = charts_of(opened(made))
    assert len(found) == len(drawn)
    for chart, each in zip(found, drawn, strict=True):
        categories = [str(name).removesuffix(f" {WITHHELD}") for name in chart.plots[0].categories]
        assert categories == each.plotted["label"].to_list()
        for series, column in zip(chart.plots[0].series, each.drawn, strict=True):
            assert series.name == column.heading
            assert list(series.values) == pytest.approx(
                [column.value(raw) for raw in each.plotted[column.code]], nan_ok=True
            )
            assert series._element.find(f".//{qn('c:formatCode')}").text in ("#,##0", "#,##0.00", "0.00%")
        # The workbook behind it, which 编辑数据 opens, says the same.
        book = fastexcel.read_excel(chart.part.chart_workbook.xlsx_part.blob).load_sheet(0).to_polars()
        for place, column in enumerate(each.drawn, start=1):
            assert book.to_series(place).to_list() == pytest.approx(
                [column.value(raw) for raw in each.plotted[column.code]]
            )


def test_every_letter_has_a_chinese_font() -> None:
    deck = opened(report())
    runs = [run for slide in deck.slides for run in slide.element.iter(qn("a:rPr"))]
    fonts = [chart._chartSpace.txPr.find(f".//{qn('a:defRPr')}") for chart in charts_of(deck)]
    assert len(runs) > 100 and fonts
    for properties in [*runs, *fonts]:
        assert [properties.find(qn(tag)).get("typeface") for tag in ("a:latin", "a:ea")] == [presentation.FONT] * 2


@pytest.mark.parametrize("provisional", [True, False])
def test_every_slide_says_period_day_version_and_audience(provisional: bool) -> None:
    deck = opened(report(provisional=provisional))
    assert deck.core_properties.author == terms.PRODUCT
    assert (deck.slide_width, deck.slide_height) == (12191695, 6858000)  # 16:9
    for slide in deck.slides:
        text = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert all(words in text for words in (*BASIS, "对外"))
        assert ("预判" in text) is provisional


def test_no_shape_leaves_its_slide() -> None:
    deck = opened(report("ranking", "inside"))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width and shape.top + shape.height <= deck.slide_height


def test_colours_are_those_of_the_dashboards() -> None:
    assert {code: f"#{colour}" for code, colour in presentation.COLOURS.items()} == charts.CLASS_COLOURS


def test_the_waterfall_of_a_meeting_stands_on_a_column_that_is_not_to_be_seen() -> None:
    made = report("meeting", "inside")
    (each,) = [exhibit for exhibit in made.exhibits if exhibit.chart == "waterfall"]
    (chart,) = [chart for chart in charts_of(opened(made)) if chart.plots[0].series[0].name == "底（亿元）"]
    assert chart.chart_type == XL_CHART_TYPE.COLUMN_STACKED
    carrying, *others = chart.plots[0].series
    assert carrying._element.spPr.find(qn("a:noFill")) is not None
    assert not carrying.data_labels.show_value and all(series.data_labels.show_value for series in others)
    assert [element.get("val") for element in chart.legend._element.iter(qn("c:idx"), qn("c:delete"))] == ["0", "1"]
    # Every part begins where the one before it ended, and the last reaches the end.
    base, total, up, down = (each.frame[name].to_list() for name in ("base", "total", "up", "down"))
    level = total[0]
    for number in range(1, each.frame.height - 1):
        assert level == base[number] + down[number]
        level = base[number] + up[number]
        assert level == each.frame["level"][number]
    assert level == total[-1] == each.frame["amount"][-1]
    assert (up[1], down[2]) == (each.frame["amount"][1], -each.frame["amount"][2])
    assert chart.value_axis.minimum_scale <= min(each.frame["level"]) / 100_000_000


# --- spreadsheets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("which", "audience"), EVERY)
def test_a_sheet_for_each_exhibit_with_real_numbers(which: str, audience: str) -> None:
    made = report(which, audience)
    book = fastexcel.read_excel(tables.workbook(made, quiet))
    assert book.sheet_names == ["说明", *(each.title for each in made.exhibits)]
    said = book.load_sheet(0, header_row=None).to_polars().to_series().to_list()
    assert all(words in said for words in BASIS)
    for each in made.exhibits:
        sheet = book.load_sheet(each.title, dtypes="string", n_rows=each.frame.height).to_polars()
        assert sheet.columns == [column.heading for column in each.columns]
        for number, row in enumerate(each.frame.iter_rows(named=True)):
            for column, text in zip(each.columns, sheet.row(number), strict=True):
                if (number, column.code) in each.withheld:
                    assert text == WITHHELD
                elif row[column.code] is not None and column.unit:
                    assert float(text) == pytest.approx(column.value(row[column.code]))
                else:
                    assert text == row[column.code]


def test_numbers_are_numbers_and_names_no_formulas() -> None:
    content = tables.workbook(report("ranking", "inside"), quiet)
    frame = fastexcel.read_excel(content).load_sheet("企业榜单", n_rows=50).to_polars()
    assert frame.schema["总收入（亿元）"].is_numeric()
    assert frame["企业名称"][0].startswith("=cmd")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_csv_has_the_mark_its_basis_and_no_formula() -> None:
    made = report("ranking", "inside")
    with zipfile.ZipFile(io.BytesIO(tables.archive(made, quiet))) as kept:
        (name,) = kept.namelist()
        content = kept.read(name)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0] == [column.heading for column in made.exhibits[0].columns]
    assert rows[1][0].startswith("'=cmd")
    assert float(rows[1][4]) == made.exhibits[0].frame["counted_output"][0] / 100_000_000
    assert all(words in rows[-1][0] for words in (*BASIS, "内部"))


# --- the brief and pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize(("which", "audience"), EVERY)
def test_the_brief_is_a_pdf(which: str, audience: str) -> None:
    content = brief.write(report(which, audience), quiet)
    assert content.startswith(b"%PDF-")
    assert re.search(rb"/FontName\s*/\w+\+NotoSansCJK\w*|/FontName\s*/\w+\+\w+", content)


def test_names_are_never_markup() -> None:
    """What typst would run or set differently, as a name."""
    head = report("ranking", "inside")
    first = head.exhibits[0]
    frame = first.frame.with_columns(label=pl.lit('#import "x": * $a$ *b* @c `d` \\ [ ]'))
    hostile = Exhibit(first.code, first.title, frame, first.columns, note="#panic()")
    made = Report("ranking", "#panic()", "全市", "2025", False, None, "1", "inside", [hostile])
    assert brief.write(made, quiet).startswith(b"%PDF-")


def test_a_machine_without_a_chinese_font_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief, "FAMILIES", ("No Such Font",))
    for write in (brief.write, brief.pictures):
        with pytest.raises(Refused, match="没有中文字体"):
            write(report(), quiet)


def test_a_picture_of_each_chart() -> None:
    made = report()
    with zipfile.ZipFile(io.BytesIO(brief.pictures(made, quiet))) as kept:
        assert len(kept.namelist()) == sum(bool(each.drawn) for each in made.exhibits)
        assert all(kept.read(name).startswith(b"\x89PNG") for name in kept.namelist())
    with pytest.raises(Refused, match="没有图表"):
        brief.pictures(report("ranking", "inside"), quiet)


def test_every_kind_of_file_has_a_writer_that_tells_how_far_it_is() -> None:
    assert worker.WRITERS.keys() == FILES.keys()
    for write in worker.WRITERS.values():
        told: list[float] = []
        write(report(), lambda share, words, told=told: told.append(share) or None)
        assert told and told == sorted(told) and all(0 <= share <= 1 for share in told)
