"""A report as a PowerPoint file: a slide for each exhibit with a native chart that can be edited, and its table behind it.

The chart's own workbook holds what the exhibit's frame holds: what is withheld is in neither.
"""

import io
from typing import Any, Final

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from core.base import terms
from core.meeting.change import origin
from core.report.model import WITHHELD, Column, Exhibit, Report, halves
from exports.telling import Tell

#: In every Office since 2007 on Windows and macOS; elsewhere the office program takes its own Chinese font.
FONT: Final = "Microsoft YaHei"
#: As on the dashboards.
COLOURS: Final = {
    "core": "0072B2",
    "related_software": "E69F00",
    "related_hardware": "009E73",
    "outside": "8C8C8C",
    "undetermined": "CC79A7",
    "missing": "56B4E9",
}
_OTHERS: Final = ("4679C8", "E69F00", "009E73", "8C8C8C", "CC79A7", "56B4E9", "0072B2")
#: Of a waterfall: what carries, the two ends, up, down; the last two as on the screen of a meeting.
WATERFALL: Final = ("", "4679C8", "009E73", "D55E00")
_INK, _QUIET, _BAND = RGBColor(0x0C, 0x11, 0x19), RGBColor(0x4A, 0x55, 0x66), RGBColor(0xEA, 0xF0, 0xF9)
_KINDS: Final = {
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "stacked": XL_CHART_TYPE.BAR_STACKED,
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "waterfall": XL_CHART_TYPE.COLUMN_STACKED,
}
#: Lines of a table that fit a slide.
LINES: Final = 15
#: Inches between the margins of a slide.
_ROOM: Final = 12.3


def write(report: Report, tell: Tell) -> bytes:
    """The .pptx, 16:9."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    about = deck.core_properties  # else those of the library's template
    about.title, about.author, about.subject, about.language = (
        report.title,
        terms.PRODUCT,
        " · ".join(report.basis),
        "zh-CN",
    )
    about.last_modified_by, about.keywords, about.comments = terms.PRODUCT, "", ""
    _cover(deck, report)
    for number, exhibit in enumerate(report.exhibits):
        tell(number / len(report.exhibits), f"正在绘制“{exhibit.title}”")
        if exhibit.drawn and exhibit.plotted.height:
            _chart(_slide(deck, report, exhibit.title), exhibit)
        parts = _parts(exhibit)
        for place, lines in enumerate(parts, start=1):
            more = "" if len(parts) == 1 else f"（{place}/{len(parts)}）"
            _table(_slide(deck, report, f"{exhibit.title}：数据{more}"), exhibit, lines, last=place == len(parts))
    target = io.BytesIO()
    deck.save(target)
    return target.getvalue()


def _chinese(properties: Any) -> None:
    """Give a run's properties the font for East Asian letters too: `font.name` sets the Latin one only."""
    for tag in ("a:ea", "a:cs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
        properties.append(properties.makeelement(qn(tag), {"typeface": FONT}))


def _write(
    frame: Any, text: str, size: float, *, bold: bool = False, colour: RGBColor = _INK, align: Any = None
) -> None:
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    paragraph.alignment = align
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run.font.color.rgb = colour
    run.font.language_id = 2052  # 简体中文
    _chinese(run.font._rPr)


def _box(slide: Any, left: float, top: float, width: float, height: float) -> Any:
    return slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height)).text_frame


def _cover(deck: Any, report: Report) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _write(_box(slide, 0.9, 2.3, 11.5, 0.6), terms.PRODUCT, 20, colour=_QUIET)
    _write(_box(slide, 0.9, 2.9, 11.5, 1.1), report.title, 40, bold=True)
    for number, words in enumerate(report.basis):
        _write(_box(slide, 0.9, 4.2 + 0.45 * number, 11.5, 0.45), words, 18, colour=_QUIET)


def _slide(deck: Any, report: Report, title: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _write(_box(slide, 0.5, 0.3, 12.3, 0.7), title, 26, bold=True)
    _write(_box(slide, 0.5, 7.0, 12.3, 0.4), " · ".join(report.basis), 11, colour=_QUIET)
    return slide


def _note(slide: Any, note: str) -> None:
    if note:
        _write(_box(slide, 0.5, 6.5, 12.3, 0.5), note, 11, colour=_QUIET)


def _chart(slide: Any, exhibit: Exhibit) -> None:
    """A native chart: numbers and their format in the chart's workbook."""
    rows, drawn = exhibit.plotted, exhibit.drawn
    label = exhibit.columns[0].code
    data = CategoryChartData(number_format=drawn[0].number_format)
    # What is withheld leaves a gap; the category says that it does.
    marked = {number for number, code in exhibit.withheld if code in {column.code for column in drawn}}
    data.categories = [f"{name} {WITHHELD}" if number in marked else name for number, name in enumerate(rows[label])]
    for column in drawn:
        data.add_series(column.heading, [column.value(raw) for raw in rows[column.code]], column.number_format)
    frame = slide.shapes.add_chart(_KINDS[exhibit.chart], Inches(0.5), Inches(1.05), Inches(12.3), Inches(5.4), data)
    frame.name = exhibit.title
    frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{exhibit.title}，数据见下一页表格")
    chart = frame.chart
    chart.has_title = False
    chart.font.size, chart.font.name = Pt(12), FONT
    _chinese(chart._chartSpace.txPr.find(f".//{qn('a:defRPr')}"))
    chart.has_legend = len(drawn) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    _axes(chart, exhibit, drawn)
    plot = chart.plots[0]
    plot.gap_width = 45
    for series, column, other in zip(plot.series, drawn, _OTHERS * 2, strict=False):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = RGBColor.from_string(COLOURS.get(column.code, other))
        series.invert_if_negative = False
    plot.has_data_labels = True
    labels = plot.data_labels
    # Parts of a bar that are 0 carry no number.
    labels.number_format = drawn[0].number_format + (";;" if exhibit.chart == "stacked" else "")
    labels.number_format_is_linked = False
    labels.font.size = Pt(10 if exhibit.chart == "stacked" or rows.height * len(drawn) <= 24 else 8)
    if exhibit.chart == "waterfall":
        _waterfall(chart, exhibit)
    elif exhibit.chart == "stacked":
        plot.overlap = 100
    else:
        labels.position = XL_LABEL_POSITION.OUTSIDE_END
    _note(slide, exhibit.note)


def _waterfall(chart: Any, exhibit: Exhibit) -> None:
    """Stacked columns on one that is not to be seen, nor named, nor numbered; the axis starts where changes can be seen."""
    plot, signs = chart.plots[0], ("", "", "+", "\\-")
    plot.overlap = 100
    for series, sign, colour in zip(plot.series, signs, WATERFALL, strict=True):
        labels = series.data_labels
        labels.show_value = series.name != exhibit.drawn[0].heading
        labels.number_format, labels.number_format_is_linked = f"{sign}#,##0.00;;", False
        labels.font.size = Pt(10)
        if colour:
            series.format.fill.fore_color.rgb = RGBColor.from_string(colour)
        else:
            series.format.fill.background()
    hidden = chart.legend._element.makeelement(qn("c:legendEntry"), {})
    for tag in ("c:idx", "c:delete"):
        hidden.append(hidden.makeelement(qn(tag), {"val": "0" if tag == "c:idx" else "1"}))
    chart.legend._element.insert(1, hidden)  # after the position, as the format asks
    chart.value_axis.minimum_scale = exhibit.drawn[0].value(origin(exhibit.frame["level"].to_list()))


def _axes(chart: Any, exhibit: Exhibit, drawn: list[Column]) -> None:
    values, names = chart.value_axis, chart.category_axis
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = RGBColor(0xD9, 0xDF, 0xE8)
    values.format.line.fill.background()
    values.minimum_scale = (
        0
        if min((row for column in drawn for row in exhibit.plotted[column.code].drop_nulls()), default=0) >= 0
        else None
    )
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = (
        "#,##0.##" if "." in drawn[0].number_format and drawn[0].beside else "General",
        False,
    )
    values.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    values.has_title = bool(drawn[0].beside)
    if values.has_title:
        _write(values.axis_title.text_frame, drawn[0].beside, 11, colour=_QUIET)
    names.has_major_gridlines = False
    if exhibit.chart in ("bar", "stacked"):
        names.reverse_order = True  # the first row on top, as in the table
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH


def _parts(exhibit: Exhibit) -> list[list[list[str]]]:
    """The lines by slide: `LINES` on each, fewer where text is broken."""
    wide = exhibit.widths()
    # At 11 points an inch holds 13 halves of a Chinese character; a fifth of an inch is margins.
    room = [max(int(13 * (_ROOM * width / sum(wide) - 0.2)), 1) for width in wide]
    parts: list[list[list[str]]] = [[]]
    used = 0
    for line in exhibit.lines():
        height = 2 + 3 * max(-(-halves(text) // most) for text, most in zip(line, room, strict=True))
        if parts[-1] and used + height > 5 * LINES:
            parts.append([])
            used = 0
        parts[-1].append(line)
        used += max(height, 5)
    return parts


def _table(slide: Any, exhibit: Exhibit, lines: list[list[str]], *, last: bool) -> None:
    columns = exhibit.columns
    shape = slide.shapes.add_table(
        len(lines) + 1, len(columns), Inches(0.5), Inches(1.05), Inches(_ROOM), Inches(0.33 * (len(lines) + 1))
    )
    table = shape.table
    wide = exhibit.widths()
    for place, width in enumerate(wide):
        table.columns[place].width = Inches(width * _ROOM / sum(wide))
    table.horz_banding = False
    for row, texts in enumerate([[column.heading for column in columns], *lines]):
        table.rows[row].height = Inches(0.33)
        whole = exhibit.whole and last and row == len(lines)
        for place, text in enumerate(texts):
            cell = table.cell(row, place)
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.fill.solid()
            cell.fill.fore_color.rgb = _BAND if row == 0 or whole else RGBColor(0xFF, 0xFF, 0xFF)
            right = PP_ALIGN.RIGHT if columns[place].unit else PP_ALIGN.LEFT
            _write(cell.text_frame, text, 11, bold=row == 0 or whole, align=right)
    _note(slide, exhibit.note if last else "")
