"""Excel workbooks: one sheet of text cells written with its headings, and read back as rows of text."""

import io
from collections.abc import Sequence

import fastexcel
import xlsxwriter

from core.base.errors import Refused


def write(sheet: str, headings: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> bytes:
    """An .xlsx with one table; cells are text, so that nothing is taken for a formula or a number. `notes`: a sheet 说明."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold, text = book.add_format({"bold": True, "bg_color": "#EAF0F9"}), book.add_format({"num_format": "@"})
        page = book.add_worksheet(sheet)
        page.set_column(0, len(headings) - 1, 22, text)
        page.write_row(0, 0, headings, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell)
        page.freeze_panes(1, 0)
        if notes:
            said = book.add_worksheet("说明")
            said.set_column(0, 0, 90)
            said.write_column(0, 0, notes)
    return target.getvalue()


def read(content: bytes, headings: Sequence[str], *, most: int) -> list[tuple[int, dict[str, str]]]:
    """The first sheet's rows as (line in the sheet, heading -> text, stripped); empty rows are passed over.

    Raises Refused, naming it, for what is no workbook, a missing heading, no rows, or more than `most`.
    """
    try:
        frame = fastexcel.read_excel(content).load_sheet(0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise Refused("这个文件不是能读取的 Excel 工作簿（.xlsx），没有导入。请下载模板填写后再上传。") from error
    if missing := [heading for heading in headings if heading not in frame.columns]:
        raise Refused(f"表格第一行缺少“{'、'.join(missing)}”列，没有导入。请下载模板填写后再上传。")
    rows = []
    for line, row in enumerate(frame.select(headings).iter_rows(), start=2):
        cells = {heading: (cell or "").strip() for heading, cell in zip(headings, row, strict=True)}
        if any(cells.values()):
            rows.append((line, cells))
    if not rows:
        raise Refused("表格里没有数据行，没有导入。请从第二行开始填写。")
    if len(rows) > most:
        raise Refused(f"表格有 {len(rows)} 行，一次最多导入 {most} 行，没有导入。请分成几个文件。")
    return rows
