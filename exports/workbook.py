"""Excel workbooks: one sheet of text cells written with its headings; what people send read as rows of text."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import xlsxwriter

from core.base.errors import Refused, Unavailable
from exports import workbook_worker

LARGEST: Final = 10 * 2**20
SECONDS: Final = 20
#: So many are read at once: each may take its whole allowance of memory and a core.
_room: Final = threading.BoundedSemaphore(2)


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


@dataclass(frozen=True)
class Table:
    """What a workbook's first visible sheet holds under the headings asked for.

    `lines`: (row as the sheet numbers it, heading -> text, stripped), empty rows passed over. `wrong`: a sentence for
    each cell that is no text (a date, TRUE, an error, a number of more than 15 digits); its text is "". `notes`: what
    was not read (other and hidden sheets), and what was although it is hidden.
    """

    sheet: str
    lines: list[tuple[int, dict[str, str]]]
    wrong: list[str]
    notes: list[str]


def read(content: bytes, headings: Sequence[str], *, most: int) -> Table:
    """The table of a workbook from a person, read by a process with limits on memory, time, cells and unpacked size.

    Raises Refused, naming it, for what is no workbook, too large, lacks a heading, has no rows or more than `most`;
    Unavailable when others are being read.
    """
    if len(content) > LARGEST:
        raise Refused(
            f"这个文件有 {len(content) / 2**20:.1f} MB，最多 {LARGEST // 2**20} MB，没有导入。请只保留要导入的几列。"
        )
    if not _room.acquire(timeout=SECONDS):
        raise Unavailable("正在读取其他人上传的表格，没有导入。请稍后再试。")
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", workbook_worker.__file__],
            input=json.dumps({"headings": list(headings), "most": most}).encode() + b"\n" + content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},  # Windows
        )
    except subprocess.TimeoutExpired:
        raise Refused(
            f"读取这个文件超过 {SECONDS} 秒，已停止，没有导入。请把要导入的几列复制到模板中再上传。"
        ) from None
    except OSError as error:
        raise Unavailable("读取表格的进程没有启动，没有导入。请稍后重试；若再次出现请联系管理员。") from error
    finally:
        _room.release()
    if done.returncode or not done.stdout:
        raise Refused("读取这个文件占用的时间或内存过多，已停止，没有导入。请把要导入的几列复制到模板中再上传。")
    answer = json.loads(done.stdout)
    if "sentence" in answer:
        raise Refused(answer["sentence"])
    return Table(answer["sheet"], [(line, cells) for line, cells in answer["lines"]], answer["wrong"], answer["notes"])
