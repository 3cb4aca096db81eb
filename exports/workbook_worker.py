"""Reads one table out of a workbook that a person has sent, in a process of its own with limits.

`python -I workbook_worker.py`: on stdin a line of JSON {"headings", "most"}, then the file; on stdout JSON, either
{"sentence"} for what was refused or {"sheet", "lines", "wrong", "notes"} (see `exports.workbook.Table`).

It parses cell by cell and keeps cells that hold something, so that no claim of a file about its own size costs
anything; it knows no store and no module of the product. Numbers and dates are seen as the file holds them: a number
of Excel has 15 digits, and what was typed beyond them is gone.
"""

import contextlib
import io
import json
import re
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, Final
from xml.etree import ElementTree

MEMORY: Final = 512 * 2**20
CPU_SECONDS: Final = 10
#: Most bytes of the parts that are read, unpacked.
UNPACKED: Final = 32 * 2**20
PARTS: Final = 2_000
STRINGS: Final = 200_000
#: Most cells that hold something, and how far from the corner they may stand.
CELLS: Final = 100_000
ROWS: Final = 20_000
COLUMNS: Final = 200
LONGEST: Final = 500
#: The headings stand in one of the first rows: above them there may be a title.
HEAD: Final = 10
_TOLD: Final = 20
#: Built-in number formats that show a date or a time.
_DATES: Final = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NO_WORKBOOK: Final = "这个文件不是能读取的 Excel 工作簿（.xlsx），没有导入。请下载模板填写后再上传。"
_COPY: Final = "请把要导入的几列复制到模板中再上传。"


class Refusal(Exception):
    """A Chinese sentence: why the file is not read."""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str:
    """An attribute by its local name, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if _local(key) == name), "")


class _Book:
    """The parts of the file, counted as they are unpacked."""

    def __init__(self, content: bytes) -> None:
        if content.startswith(b"\xd0\xcf\x11\xe0"):
            raise Refusal("这个文件是旧版 .xls，或设有打开密码，没有导入。请另存为不带密码的 .xlsx 后再上传。")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError) as error:
            raise Refusal(_NO_WORKBOOK) from error
        self._known = {each.filename.lower(): each for each in self._zip.infolist()}
        if len(self._zip.infolist()) > PARTS:
            raise Refusal(f"这个文件由 {len(self._zip.infolist())} 个部分组成，最多 {PARTS} 个，没有导入。{_COPY}")
        self._left = UNPACKED

    def open(self, name: str) -> IO[bytes] | None:
        """A part for reading; None when there is none. The sizes written in the file bound what is unpacked."""
        known = self._known.get(name.lower().lstrip("/"))
        if known is None:
            return None
        self._left -= known.file_size
        if self._left < 0:
            raise Refusal(f"这个文件展开后超过 {UNPACKED // 2**20} MB，没有导入。{_COPY}")
        return self._zip.open(known)

    def elements(self, name: str, *wanted: str) -> Iterator[ElementTree.Element]:
        """The elements of these local names in a part, each whole, freed once it has been looked at."""
        part = self.open(name)
        if part is None:
            return
        with part:
            path: list[ElementTree.Element] = []
            for event, element in ElementTree.iterparse(part, ("start", "end")):  # noqa: S314  entities: expat's own limit
                if event == "start":
                    path.append(element)
                    continue
                path.pop()
                if _local(element.tag) in wanted:
                    yield element
                    element.clear()
                    if path:
                        path[-1].remove(element)


def _text(element: ElementTree.Element) -> str:
    """The text of a string with its runs, without reading aids (rPh)."""
    found = []
    for child in element:
        name = _local(child.tag)
        if name == "t":
            found.append(child.text or "")
        elif name == "r":
            found.append(_text(child))
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), "".join(found))


def _strings(book: _Book) -> list[str]:
    found: list[str] = []
    for element in book.elements("xl/sharedStrings.xml", "si"):
        if len(found) >= STRINGS:
            raise Refusal(f"这个文件有超过 {STRINGS:,} 段文字，没有导入。{_COPY}")
        found.append(_text(element))
    return found


def _date_styles(book: _Book) -> set[int]:
    """The numbers of the cell styles that show a date or a time."""
    own: set[int] = set()
    found: set[int] = set()
    for part in book.elements("xl/styles.xml", "numFmts", "cellXfs"):
        if _local(part.tag) == "numFmts":
            for each in part:
                code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|General', "", each.get("formatCode", ""), flags=re.I)
                if re.search("[ymdhs]", code, re.I) and (each.get("numFmtId") or "").isdecimal():
                    own.add(int(each.get("numFmtId", "0")))
        else:
            for number, each in enumerate(part):
                kind = each.get("numFmtId") or "0"
                if kind.isdecimal() and int(kind) in _DATES | own:
                    found.add(number)
    return found


def _sheets(book: _Book) -> tuple[str, str, list[str]]:
    """Name and part of the first sheet that is shown, and what is to be said about the others."""
    targets = {
        _attribute(each, "Id"): each.get("Target", "")
        for each in book.elements("xl/_rels/workbook.xml.rels", "Relationship")
    }
    shown: list[tuple[str, str]] = []
    hidden: list[str] = []
    for part in book.elements("xl/workbook.xml", "sheets"):
        for each in part:
            target = targets.get(next((v for k, v in each.attrib.items() if k.endswith("}id")), ""), "")
            if each.get("state", "visible") == "visible":
                shown.append((each.get("name", ""), target))
            else:
                hidden.append(each.get("name", ""))
    if not shown:
        raise Refusal(_NO_WORKBOOK)
    notes = []
    if others := [name for name, _ in shown[1:]]:
        notes.append(f"没有读取其他工作表：{_listed(others)}。")
    if hidden:
        notes.append(f"没有读取隐藏的工作表：{_listed(hidden)}。")
    name, target = shown[0]
    return name, target if target.startswith("/") else f"xl/{target}", notes


def _listed(names: list[str]) -> str:
    more = f"等 {len(names)} 个" if len(names) > 5 else ""
    return "、".join(name[:60] for name in names[:5]) + more


def _plain(heading: str) -> str:
    """A heading without what people put around it: blanks, line breaks, stars, colons."""
    return re.sub(r"[\s*:\u200b\ufeff]", "", unicodedata.normalize("NFKC", heading)).casefold()


def _place(reference: str, row: int, column: int) -> tuple[int, int]:
    """Row and column (from 1) of "B7"; where the file leaves it out, those given."""
    match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
    if not match:
        return row, column
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return int(match[2]), number


class _Cell:
    """What a cell holds as text, or why it is none."""

    def __init__(self, text: str, wrong: str = "") -> None:
        self.text, self.wrong = text, wrong


def _cell(element: ElementTree.Element, strings: list[str], dates: set[int]) -> _Cell | None:
    """None for a cell that holds nothing."""
    kind = element.get("t", "n")
    inner = {_local(child.tag): child for child in element}
    value = (inner["v"].text or "") if "v" in inner else ""
    if kind == "inlineStr":
        text = _text(inner["is"]) if "is" in inner else ""
        return _Cell(text) if text.strip() else None
    if kind == "s":
        number = int(value) if value.isdecimal() else -1
        if not 0 <= number < len(strings):
            raise Refusal(_NO_WORKBOOK)
        return _Cell(strings[number]) if strings[number].strip() else None
    if not value.strip():
        return _Cell("", "是公式，还没有算出结果，请改填文字") if "f" in inner else None
    if kind == "str":
        return _Cell(value)
    if kind == "b":
        return _Cell("", f"是逻辑值 {'TRUE' if value.strip() == '1' else 'FALSE'}，不是文字，请改填文字")
    if kind == "e":
        return _Cell("", f"是错误值 {value[:20]}，请改填文字")
    style = element.get("s", "")
    if kind == "d" or (style.isdecimal() and int(style) in dates):
        return _Cell("", "是日期或时间，不是文字，请把单元格设为“文本”后重新填写")
    return _number(value.strip())


def _number(value: str) -> _Cell:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", value):
        raise Refusal(_NO_WORKBOOK)
    if abs(float(value)) >= 1e15:
        return _Cell("", "是超过 15 位的数字，Excel 已把后面的位数改成别的数，请把单元格设为“文本”后重新填写完整号码")
    number = float(value)
    return _Cell(str(int(number)) if number == int(number) else value)


Lines = list[tuple[int, dict[str, str]]]


def read(content: bytes, headings: list[str], most: int) -> dict[str, Any]:
    """See the module. Raises Refusal."""
    book = _Book(content)
    sheet, part, notes = _sheets(book)
    strings, dates = _strings(book), _date_styles(book)
    wanted = {_plain(heading): heading for heading in headings}
    columns: dict[int, str] = {}
    best: set[str] = set()
    lines: Lines = []
    wrong: list[str] = []
    hidden_rows: list[int] = []
    count = row = held = 0
    columns_hidden: set[int] = set()
    for element in book.elements(part, "col", "row"):
        if _local(element.tag) == "col":
            if element.get("hidden") in ("1", "true"):
                first, last = int(element.get("min", "0")), int(element.get("max", "0"))
                columns_hidden |= set(range(first, min(last, COLUMNS) + 1))
            continue
        row = int(element.get("r") or row + 1)
        column, cells = 0, {}
        for each in element:
            _, column = _place(each.get("r", ""), row, column + 1)
            cell = _cell(each, strings, dates)
            if cell is None:
                continue
            held += 1
            if row > ROWS or column > COLUMNS:
                raise Refusal(
                    f"工作表“{sheet[:60]}”的 {each.get('r') or f'第 {row} 行'} 还有内容，最多读到第 {ROWS} 行、第 {COLUMNS} 列，"
                    f"没有导入。{_COPY}"
                )
            if held > CELLS:
                raise Refusal(f"工作表“{sheet[:60]}”有超过 {CELLS:,} 个有内容的单元格，没有导入。{_COPY}")
            cells[column] = cell
        if not columns:
            named = {place: _plain(cell.text) for place, cell in cells.items()}
            found = [name for name in named.values() if name in wanted]
            best = max(best, set(found), key=len)
            if twice := sorted({wanted[name] for name in found if found.count(name) > 1}):
                raise Refusal(f"第 {row} 行的“{'、'.join(twice)}”列出现不止一次，没有导入。请只保留一列。")
            if len(found) == len(wanted):
                columns = {place: wanted[name] for place, name in named.items() if name in wanted}
            elif row >= HEAD:
                break
            continue
        filled = {heading: cells[place] for place, heading in columns.items() if place in cells}
        if not filled:
            continue
        if element.get("hidden") in ("1", "true"):
            hidden_rows.append(row)
        count += 1
        for heading, cell in filled.items():
            if len(cell.text) > LONGEST:
                cell.wrong = f"有 {len(cell.text)} 字，最多 {LONGEST} 字"
                cell.text = ""
            if cell.wrong and len(wrong) <= _TOLD:
                wrong.append(f"第 {row} 行：“{heading}”{cell.wrong}。")
        if count <= most:
            given = {heading: filled[heading].text.strip() if heading in filled else "" for heading in headings}
            lines.append((row, given))
    if not columns:
        missing = [heading for name, heading in wanted.items() if name not in best]
        raise Refusal(
            f"工作表“{sheet[:60]}”的前 {HEAD} 行里没有同时含“{'、'.join(headings)}”的标题行，"
            f"缺少“{'、'.join(missing)}”列，没有导入。请下载模板填写后再上传。"
        )
    if not count:
        raise Refusal("表格里没有数据行，没有导入。请从标题行的下一行开始填写。")
    if count > most:
        raise Refusal(f"表格有 {count} 行，一次最多导入 {most} 行，没有导入。请分成几个文件。")
    if hidden_rows:
        notes.append(f"第 {'、'.join(map(str, hidden_rows[:_TOLD]))} 行在表格里是隐藏的，也已读入，请核对。")
    if unseen := [heading for place, heading in columns.items() if place in columns_hidden]:
        notes.append(f"“{'、'.join(unseen)}”列在表格里是隐藏的，也已读入，请核对。")
    return {"sheet": sheet[:60], "lines": lines, "wrong": wrong[:_TOLD], "notes": notes}


def main() -> None:
    with contextlib.suppress(ImportError):  # not on Windows: the caller's time limit and the counts above hold there
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        answer = read(sys.stdin.buffer.read(), asked["headings"], asked["most"])
    except Refusal as refusal:
        answer = {"sentence": str(refusal)}
    except MemoryError:
        answer = {"sentence": f"读取这个文件占用的内存过多，没有导入。{_COPY}"}
    except (
        ElementTree.ParseError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        LookupError,
        RuntimeError,
    ):
        answer = {"sentence": _NO_WORKBOOK}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
