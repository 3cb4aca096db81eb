"""A report as a PDF in Chinese, and its charts as pictures: set by typst on this machine, without any network."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import typst

from core.base import terms
from core.base.errors import Refused
from core.meeting.change import origin
from core.report.model import WITHHELD, Exhibit, Report, halves
from exports.presentation import COLOURS, WATERFALL
from exports.telling import Tell

#: The first that this machine has is taken: Debian's fonts-noto-cjk, Windows, macOS, and other distributions.
FAMILIES: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "DengXian",
    "SimHei",
    "SimSun",
    "PingFang SC",
    "Hiragino Sans GB",
    "Songti SC",
    "STHeiti",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
_OTHERS: Final = ("4679C8", "E69F00", "009E73", "8C8C8C", "CC79A7", "56B4E9", "0072B2")
TEMPLATE: Final = Path(__file__).with_name("brief.typ")


def font() -> str:
    """The Chinese font to set in. Raises Refused when this machine has none: letters would be empty boxes."""
    known = set(typst.Fonts(include_embedded_fonts=False).families())
    found = next((family for family in FAMILIES if family in known), None)
    if found is None:
        raise Refused(
            "服务器上没有中文字体，PDF 和图片不能生成，其他格式不受影响。请系统管理员安装（Debian：apt install fonts-noto-cjk）后重试。"
        )
    return found


def write(report: Report, tell: Tell) -> bytes:
    """The PDF, A4. Raises Refused without a Chinese font."""
    tell(0.3, "正在排版")
    return _set(report, report.exhibits, "pdf")[0]


def pictures(report: Report, tell: Tell) -> bytes:
    """A .zip with a PNG of each chart, each saying what it rests on. Raises Refused without a Chinese font or a chart."""
    drawn = [each for each in report.exhibits if _bars(each)]
    if not drawn:
        raise Refused(f"“{report.title}”没有图表，图片没有生成。请改选其他格式。")
    tell(0.3, "正在绘制")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as kept:
        for number, (exhibit, content) in enumerate(zip(drawn, _set(report, drawn, "png"), strict=True), start=1):
            kept.writestr(f"{number:02d}-{exhibit.title}.png", content)
    return target.getvalue()


def _set(report: Report, exhibits: Sequence[Exhibit], kind: Literal["pdf", "png"]) -> list[bytes]:
    """The document, or the picture of each page."""
    given = {
        "font": font(),
        "product": terms.PRODUCT,
        "title": report.title,
        "basis": report.basis,
        "picture": kind == "png",
        "exhibits": [_exhibit(each) for each in exhibits],
    }
    # As data, not as markup: a name may hold any letter.
    said = {"report": json.dumps(given, ensure_ascii=False)}
    made: Any = typst.compile(TEMPLATE.read_bytes(), format=kind, ppi=160, sys_inputs=said)
    return [bytes(page) for page in made] if isinstance(made, list) else [bytes(made)]


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "title": exhibit.title,
        "note": exhibit.note,
        "headings": [column.heading for column in exhibit.columns],
        "right": [column.unit is not None for column in exhibit.columns],
        "lines": exhibit.lines(),
        "widths": exhibit.widths(),
        "whole": exhibit.whole,
        "chart": _bars(exhibit),
    }


def _bars(exhibit: Exhibit) -> dict[str, Any] | None:
    """Horizontal bars: each row's parts as shares of the longest row, and its number in words."""
    drawn, rows = exhibit.drawn, exhibit.plotted
    if not drawn or rows.is_empty():
        return None
    if exhibit.chart == "waterfall":
        return _steps(exhibit)
    # Stacked parts are one bar; of several amounts the first is drawn, the table shows the others.
    parts = drawn if exhibit.chart == "stacked" else drawn[:1]
    sums = [sum(max(row[part.code] or 0, 0) for part in parts) for row in rows.iter_rows(named=True)]
    longest = max(sums) or 1
    hidden = {number for number, code in exhibit.withheld if code in {part.code for part in parts}}
    # Beside a stack stands its total, the column before its parts.
    said = (
        [line[1] for line in exhibit.lines()]
        if exhibit.chart == "stacked"
        else [WITHHELD if number in hidden else parts[0].text(each) for number, each in enumerate(sums)]
    )
    return {
        "unit": parts[0].beside,
        # Names that a narrow column cannot hold on one line.
        "wide": max(halves(row[exhibit.columns[0].code]) for row in rows.iter_rows(named=True)) > 20,
        "legend": [
            [part.label, f"#{COLOURS.get(part.code, other)}"] for part, other in zip(parts, _OTHERS, strict=False)
        ],
        "rows": [
            {
                "label": row[exhibit.columns[0].code],
                "parts": [max(row[part.code] or 0, 0) / longest for part in parts],
                "text": said[number] + (f"（含 {WITHHELD}）" if number in hidden and said[number] != WITHHELD else ""),
            }
            for number, row in enumerate(rows.iter_rows(named=True))
        ],
    }


def _steps(exhibit: Exhibit) -> dict[str, Any]:
    """A waterfall lying: what carries a part is a bar that is not to be seen."""
    levels = exhibit.frame["level"].to_list()
    start = origin(levels)
    longest = max(max(levels) - start, 1)
    carrying, end, *changes = exhibit.drawn
    return {
        "unit": end.beside,
        "wide": False,
        "legend": [
            ["", "#FFFFFF00"],
            *([part.label, f"#{colour}"] for part, colour in zip((end, *changes), WATERFALL[1:], strict=True)),
        ],
        "rows": [
            {
                "label": row["label"],
                # The ends stand on the axis itself, as does what would reach below it.
                "parts": [
                    max(row[part.code] - (start if part in (carrying, end) else 0), 0) / longest
                    for part in exhibit.drawn
                ],
                "text": line[1],
            }
            for row, line in zip(exhibit.frame.iter_rows(named=True), exhibit.lines(), strict=True)
        ],
    }
