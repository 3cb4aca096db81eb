"""Workbooks from people: read cell by cell in a process with limits; what is hostile or mistaken is said in a sentence."""

import io
import os
import re
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from core.base.errors import Refused
from exports import workbook, workbook_worker

HEADINGS = ["用户名", "姓名", "证件号码"]
GOOD = ["zhangsan", "张三", "420106199001011234"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(content: bytes, most: int = 200) -> workbook.Table:
    return workbook.read(content, HEADINGS, most=most)


def raw(sheet: str, *, strings: str = "", extra: dict[str, str] | None = None) -> bytes:
    """A workbook of these very parts, as an attacker writes it."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{relation}"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **({"xl/sharedStrings.xml": strings} if strings else {}),
        **(extra or {}),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as kept:
        for name, text in parts.items():
            kept.writestr(name, text)
    return target.getvalue()


def sheet(rows: str, before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def inline(row: int, *texts: str) -> str:
    cells = "".join(
        f'<c r="{chr(65 + place)}{row}" t="inlineStr"><is><t>{text}</t></is></c>' for place, text in enumerate(texts)
    )
    return f'<row r="{row}">{cells}</row>'


HEAD = inline(1, *HEADINGS)


def book(rows: list[list[object]], *, headings: list[str] = HEADINGS, **formats: object) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as made:
        page = made.add_worksheet("名单")
        page.write_row(0, 0, headings)
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(number, place, value, day)  # type: ignore[arg-type]
                else:
                    page.write(number, place, value)
    return target.getvalue()


# --- hostile -----------------------------------------------------------------------------------------------


def far_away() -> bytes:
    return raw(sheet(HEAD + inline(2, *GOOD) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def claims_much() -> bytes:
    """The dimension says everything; only one cell is there."""
    return raw(sheet(HEAD + '<row r="2"><c r="CV2"/></row>', before='<dimension ref="A1:XFD1048576"/>'))


def zip_bomb() -> bytes:
    return raw(sheet(HEAD + " " * (100 * 2**20)))


def lying_zip_bomb() -> bytes:
    """As `zip_bomb`, and its directory says that the sheet has 100 bytes."""
    content = bytearray(raw(sheet(HEAD + " " * (60 * 2**20))))
    size = len(sheet(HEAD + " " * (60 * 2**20)).encode()).to_bytes(4, "little")
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = (100).to_bytes(4, "little")
    return bytes(content)


def huge_strings() -> bytes:
    text = "".join(f"<si><t>{os.urandom(8).hex()}</t></si>" for _ in range(700_000))
    return raw(sheet(HEAD), strings=f'<sst xmlns="{MAIN}">{text}</sst>')


def many_cells() -> bytes:
    one = "".join(f'<c t="n"><v>{number % 10}</v></c>' for number in range(150))
    return raw(sheet(HEAD + "".join(f'<row r="{row}">{one}</row>' for row in range(2, 900))))


def laughs() -> bytes:
    """An entity of entities of entities, 10 to the 9th of them."""
    entities = '<!ENTITY a0 "haha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return raw(f"<!DOCTYPE x [{entities}]>{sheet(inline(1, *HEADINGS[:2], '&a9;'))}")


def many_parts() -> bytes:
    return raw(sheet(HEAD), extra={f"x/{number}": "" for number in range(3_000)})


@pytest.mark.parametrize(
    ("hostile", "word"),
    [
        (far_away, "XFD1048576"), (claims_much, "没有数据行"), (zip_bomb, "展开后超过"), (lying_zip_bomb, "不是能读取"),
        (huge_strings, "没有导入"), (many_cells, "100,000"), (laughs, "不是能读取"), (many_parts, "部分组成"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)  # fmt: skip
def test_a_hostile_workbook_is_refused_with_a_sentence_and_costs_nothing_here(
    hostile: Callable[[], bytes], word: str
) -> None:
    content = hostile()
    assert len(content) < workbook.LARGEST * 2
    before, started = resident(), time.monotonic()
    with pytest.raises(Refused, match=word):
        read(content)
    assert time.monotonic() - started < workbook.SECONDS
    assert resident() - before < 64 * 2**20


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_a_file_over_the_limit_is_refused_before_it_is_opened() -> None:
    with pytest.raises(Refused, match="10 MB"):
        read(b"PK\x03\x04" + bytes(13 * 2**20))


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of the system there")
def test_the_system_ends_a_reader_that_takes_too_much(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the counts let through: the limits of the process hold, and the person is told."""
    source = Path(workbook_worker.__file__).read_text("utf-8")
    for name, greedy in {"memory": "held = bytearray(2**30)", "time": "while True: pass"}.items():
        worker = tmp_path / f"{name}.py"
        changed = source.replace("    book = _Book(content)\n", f"    {greedy}\n", 1)
        worker.write_text(changed.replace("CPU_SECONDS: Final = 10", "CPU_SECONDS: Final = 1"), "utf-8")
        monkeypatch.setattr(workbook_worker, "__file__", str(worker))
        started = time.monotonic()
        with pytest.raises(Refused, match="内存"):
            read(book([GOOD]))
        assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "不是能读取"), (b"not a workbook", "不是能读取"), (b"\xd0\xcf\x11\xe0" + bytes(600), "旧版"), (b"PK\x03\x04", "不是能读取")],
)  # fmt: skip
def test_what_is_no_workbook_is_said_so(content: bytes, word: str) -> None:
    with pytest.raises(Refused, match=word):
        read(content)


# --- mistaken ----------------------------------------------------------------------------------------------


def test_text_is_read_as_it_stands() -> None:
    table = read(book([GOOD, ["lisi", " 李四\n", 12345], [], ["wangwu", "王五", ""]]))
    assert table.lines == [
        (2, dict(zip(HEADINGS, GOOD, strict=True))),
        (3, {"用户名": "lisi", "姓名": "李四", "证件号码": "12345"}),
        (5, {"用户名": "wangwu", "姓名": "王五", "证件号码": ""}),
    ]
    assert (table.sheet, table.wrong, table.notes) == ("名单", [], [])


@pytest.mark.parametrize(
    ("value", "word"),
    [(420106199001011234, "15 位"), (-(10**15), "15 位"), (True, "TRUE"), (date(2026, 1, 2), "日期"), ("=1/0", "错误值|公式")],
)  # fmt: skip
def test_a_cell_that_is_no_text_is_named_with_its_line_and_not_guessed(value: object, word: str) -> None:
    if value == "=1/0":
        content = raw(sheet(HEAD + '<row r="7"><c r="A7" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'))
        line = 7
    else:
        content, line = book([GOOD, ["lisi", value, "1"]]), 3
    table = read(content)
    [wrong] = table.wrong
    assert wrong.startswith(f"第 {line} 行")
    assert re.search(word, wrong)
    assert value not in table.lines[-1][1].values()


def test_every_number_of_fifteen_digits_arrives_whole() -> None:
    table = read(book([["a", "b", 999_999_999_999_999]]))
    assert table.lines[0][1]["证件号码"] == "999999999999999"
    assert not table.wrong


def test_headings_are_understood_with_what_people_put_around_them() -> None:
    table = read(book([GOOD], headings=["* 用 户 名", "姓\n名＊：", "\u3000证件号码 "]))
    assert table.lines == [(2, dict(zip(HEADINGS, GOOD, strict=True)))]


def test_a_title_above_the_headings_is_passed_over_and_lines_keep_the_numbers_of_the_sheet() -> None:
    table = read(raw(sheet(inline(1, "名单（2026 年）") + inline(4, *HEADINGS) + inline(9, *GOOD))))
    assert [line for line, _ in table.lines] == [9]


@pytest.mark.parametrize(
    ("headings", "word"),
    [(["用户名", "姓名", "号码"], "缺少“证件号码”"), ([*HEADINGS, "姓 名"], "不止一次")],
)  # fmt: skip
def test_headings_that_do_not_fit_are_named(headings: list[str], word: str) -> None:
    with pytest.raises(Refused, match=word):
        read(book([GOOD], headings=headings))


def test_what_is_hidden_and_what_is_not_read_is_said() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as made:
        old, page, other = (made.add_worksheet(name) for name in ("旧表", "名单", "另一张"))
        old.hide()
        page.activate()
        page.set_first_sheet()
        for each in (old, page, other):
            each.write_row(0, 0, HEADINGS)
            each.write_row(1, 0, [each.get_name(), "名", "1"])
        page.write_row(2, 0, GOOD)
        page.set_row(2, None, None, {"hidden": True})
        page.set_column(2, 2, None, None, {"hidden": True})
    table = read(target.getvalue())
    assert (table.sheet, [line for line, _ in table.lines]) == ("名单", [2, 3])
    said = "".join(table.notes)
    for word in ("另一张", "隐藏的工作表：旧表", "第 3 行", "“证件号码”列在表格里是隐藏的"):
        assert word in said


def test_strings_in_runs_are_whole_and_reading_aids_are_left_out() -> None:
    strings = "".join(f"<si><t>{heading}</t></si>" for heading in HEADINGS)
    strings += "<si><r><t>张</t></r><r><t>三_x000D_</t></r><rPh><t>zhang</t></rPh></si>"
    cells = "".join(f'<c r="{"ABC"[n]}1" t="s"><v>{n}</v></c>' for n in range(3))
    content = raw(
        sheet(f'<row r="1">{cells}</row><row r="2"><c r="B2" t="s"><v>3</v></c></row>'),
        strings=f'<sst xmlns="{MAIN}">{strings}</sst>',
    )
    assert read(content).lines[0][1]["姓名"] == "张三"
