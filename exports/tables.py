"""The tables of a report: an Excel workbook with real numbers, and CSV files with the mark that spreadsheets look for."""

import csv
import io
import zipfile
from typing import Any, Final

import xlsxwriter

from core.base import terms
from core.base.spreadsheet import cell
from core.report.model import WITHHELD, Column, Exhibit, Report
from core.statistics.metrics import METRICS, YI
from exports.telling import Tell

_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def workbook(report: Report, tell: Tell) -> bytes:
    """An .xlsx: 说明, then a sheet for each exhibit; amounts as numbers in 亿元."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": report.title, "author": terms.PRODUCT, "subject": " · ".join(report.basis)})
        said = book.add_worksheet("说明")
        said.set_column(0, 0, 100)
        said.write_column(0, 0, about(report))
        for number, exhibit in enumerate(report.exhibits):
            tell(number / len(report.exhibits), f"正在写“{exhibit.title}”")
            _sheet(book, report, exhibit)
    return target.getvalue()


def _sheet(book: Any, report: Report, exhibit: Exhibit) -> None:
    page = book.add_worksheet(exhibit.title.translate(_FORBIDDEN)[:31])
    head = book.add_format({"bold": True, "bg_color": "#EAF0F9", "text_wrap": True, "valign": "vcenter"})
    formats = {column.number_format for column in exhibit.columns}
    numbers = {each: book.add_format({"num_format": each}) for each in sorted(formats)}
    right, quiet = book.add_format({"align": "right"}), book.add_format({"font_color": "#4A5566"})
    page.write_row(0, 0, [column.heading for column in exhibit.columns], head)
    for place, column in enumerate(exhibit.columns):
        page.set_column(place, place, 14 if column.unit else 34 if column.code == "label" else 22)
    for number, row in enumerate(exhibit.frame.iter_rows(named=True)):
        for place, column in enumerate(exhibit.columns):
            raw = row[column.code]
            if (number, column.code) in exhibit.withheld:
                page.write_string(number + 1, place, WITHHELD, right)
            elif raw is None:
                page.write_blank(number + 1, place, None)
            elif column.unit is None:
                page.write_string(number + 1, place, raw)
            else:
                page.write_number(number + 1, place, column.value(raw), numbers[column.number_format])
    page.freeze_panes(1, 1)
    page.repeat_rows(0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.write_column(
        exhibit.frame.height + 2, 0, [line for line in (exhibit.note, " · ".join(report.basis)) if line], quiet
    )


def about(report: Report) -> list[str]:
    """What stands on the sheet 说明."""
    share = METRICS["share"]
    notes = [f"{exhibit.title}：{exhibit.note}" for exhibit in report.exhibits if exhibit.note]
    return [
        report.title,
        *report.basis,
        f"金额单位为{YI.word}，按整数元计算后换算；{share.label}：{share.definition}。",
        *notes,
    ]


def archive(report: Report, tell: Tell) -> bytes:
    """A .zip with a CSV file for each exhibit."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as kept:
        for number, exhibit in enumerate(report.exhibits):
            tell(number / len(report.exhibits), f"正在写“{exhibit.title}”")
            kept.writestr(f"{number + 1:02d}-{exhibit.title}.csv", lines(report, exhibit))
    return target.getvalue()


def lines(report: Report, exhibit: Exhibit) -> bytes:
    """One exhibit as CSV in UTF-8 with the mark; below the table what it rests on."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.heading for column in exhibit.columns)
    for number, row in enumerate(exhibit.frame.iter_rows(named=True)):
        writer.writerow(
            _text(column, row[column.code], (number, column.code) in exhibit.withheld) for column in exhibit.columns
        )
    writer.writerow([])
    writer.writerows([cell(line)] for line in (exhibit.note, " · ".join(report.basis)) if line)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _text(column: Column, raw: Any, withheld: bool) -> str:
    """A number without separators, exact; text that no spreadsheet runs."""
    if withheld:
        return WITHHELD
    if raw is None:
        return ""
    return cell(str(raw)) if column.unit is None else column.exact(raw)
