"""A report as a description: what is shown, in which columns, how it is drawn. Every file is written from it alone.

Amounts are whole yuan; a column's `unit` says how it is written. A value that is withheld is null in the frame and
stands in `withheld`, so that no file can give away what another hides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import polars as pl

from core.base import beijing, terms
from core.statistics.metrics import METRICS, Unit, headed

#: bar and stacked lie, column and waterfall stand.
Chart = Literal["bar", "stacked", "column", "waterfall", "none"]

#: 对外 leaves the bureau: small cells are withheld. 内部 does not.
AUDIENCES: Final = {"outside": "对外", "inside": "内部"}
#: Kind of file -> what it is called, its ending, its media type.
FILES: Final = {
    "pptx": ("PPTX 演示文稿", ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "pdf": ("PDF 简报", ".pdf", "application/pdf"),
    "xlsx": ("XLSX 工作簿", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV 压缩包", ".zip", "application/zip"),
    "png": ("PNG 图片", ".zip", "application/zip"),
}
WITHHELD: Final = "＊"
WITHHELD_NOTE: Final = "＊ 企业不足 4 家、前两家合计超过 85%，或为防止由合计倒推而不公布。"


#: Widest column of a table, in halves of a Chinese character.
_WIDEST: Final = 44


def halves(text: str) -> int:
    """How wide a text is set, in halves of a Chinese character; figures and capitals take a little more than a half."""
    return sum(5 if each.isascii() else 8 for each in text) // 4


@dataclass(frozen=True)
class Column:
    """`unit`: of a whole number, None: text. `drawn`: the chart shows it."""

    code: str
    label: str
    unit: Unit | None = None
    drawn: bool = False

    @property
    def heading(self) -> str:
        return headed(self.label, self.unit) if self.unit else self.label

    @property
    def beside(self) -> str:
        """The unit of an axis; "" for text and percentages."""
        return self.unit.beside if self.unit else ""

    @property
    def number_format(self) -> str:
        """How spreadsheets write it."""
        if self.unit is None:
            return "General"
        decimals = f".{'0' * self.unit.places}" if self.unit.places else ""
        return f"0{decimals}%" if self.unit.kind == "bp" else f"#,##0{decimals}"

    @property
    def _size(self) -> int:
        """How many of the whole number make one of a program's: a percentage is a share of 1 there."""
        assert self.unit is not None
        return self.unit.size * 100 if self.unit.kind == "bp" else self.unit.size

    def value(self, raw: Any) -> Any:
        """As a number for charts and spreadsheets: 亿元, a share of 1; for drawing only."""
        return raw if raw is None or self.unit is None or self._size == 1 else raw / self._size

    def exact(self, raw: int) -> str:
        """As a number for programs: 亿元 to the yuan, a share of 1; without separators."""
        if self._size == 1:
            return str(raw)
        places = len(str(self._size)) - 1
        return terms.scaled(raw, self._size, places).replace(",", "").rstrip("0").rstrip(".")

    def text(self, raw: Any) -> str:
        """As people read it; '—' for nothing."""
        if raw is None:
            return "—"
        return self.unit.text(raw) if self.unit else str(raw)


def of_metric(code: str, *, brief: bool = False, drawn: bool = False) -> Column:
    """The column of a metric of groups, by its code."""
    metric = METRICS[code]
    return Column(code, metric.brief if brief else metric.label, metric.unit, drawn)


@dataclass(frozen=True)
class Exhibit:
    """One table and how it is drawn; the first column names the rows. `withheld`: (row, code of column).

    `whole`: the last row is the total of the others; charts leave it out. `bars`: what the chart
    is drawn of where that is no column of the table; of a waterfall the first is not to be seen and carries the others.
    """

    code: str
    title: str
    frame: pl.DataFrame
    columns: Sequence[Column]
    chart: Chart = "none"
    note: str = ""
    whole: bool = False
    withheld: frozenset[tuple[int, str]] = field(default=frozenset())
    bars: Sequence[Column] = ()

    @property
    def drawn(self) -> list[Column]:
        return [column for column in self.bars or self.columns if column.drawn] if self.chart != "none" else []

    @property
    def plotted(self) -> pl.DataFrame:
        """The rows that the chart shows."""
        return self.frame.head(-1) if self.whole else self.frame

    def widths(self) -> list[int]:
        """How wide each column is to be beside the others, in halves of a Chinese character; long text is broken."""
        lines = self.lines()
        return [
            min(max([8, halves(column.heading) // 2 + 2, *(halves(line[place]) for line in lines)]), _WIDEST)
            + 3  # margins
            for place, column in enumerate(self.columns)
        ]

    def lines(self) -> list[list[str]]:
        """The cells as people read them."""
        return [
            [
                WITHHELD if (number, column.code) in self.withheld else column.text(row[column.code])
                for column in self.columns
            ]
            for number, row in enumerate(self.frame.iter_rows(named=True))
        ]


@dataclass(frozen=True)
class Report:
    """`scope`: whose data, in words. `data_as_of`: naive UTC of the newest admission; None before the first."""

    code: str
    title: str
    scope: str
    period: str
    provisional: bool
    data_as_of: datetime | None
    policy_version: str
    audience: str
    exhibits: Sequence[Exhibit]
    #: Of a trial: what is tried, in words.
    trial: str = ""
    #: Who made it and when, and the head of the journal then, in words.
    made: str = ""
    #: How much has reported, in words.
    coverage: str = ""

    @property
    def basis(self) -> list[str]:
        """What stands on every page: scope and period, 数据截至, policy version, for whom."""
        at = beijing.minute(self.data_as_of) if self.data_as_of else "—"
        return [
            f"{self.scope} {self.period}{'（预判）' if self.provisional else ''}",
            f"数据截至 {at}",
            *([self.coverage] if self.coverage else []),
            f"政策版本 {self.policy_version}",
            *([f"测算，不是统计结果：{self.trial}"] if self.trial else []),
            AUDIENCES[self.audience],
            *([self.made] if self.made else []),
        ]
