"""Charts of 例会 as plain rows of bars, for a projector: bars that lie, each with its number beside it.

Sizes are those of the screen (ui/stage.css), in which a chart grows with its text and nothing can be laid over anything;
the library of the other dashboards measures its text in pixels and cannot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import polars as pl
import streamlit as st

from core.meeting.change import PARTS, levels, origin
from core.statistics.metrics import METRICS
from ui.base.charts import AMOUNT_COLOUR

#: Up and down, told apart by the colour-blind; each bar also carries its sign.
UP: Final = "#009E73"
DOWN: Final = "#D55E00"

_COUNTED: Final = METRICS["counted_output"]


@dataclass(frozen=True)
class Bar:
    """`start`, `end`: where it lies, in parts of 100 of the width; `text`: its number."""

    label: str
    text: str
    start: float
    end: float
    colour: str = AMOUNT_COLOUR


def show(bars: Sequence[Bar], *, alt: str) -> None:
    """Draw the bars under one another, filling what height there is."""
    rows = "".join(
        f'<li class="bar"><span class="bar-label">{escape(bar.label)}</span><span class="bar-track">'
        f'<span class="bar-body" style="left: {bar.start:.2f}%; width: {bar.end - bar.start:.2f}%; background: {bar.colour}"></span>'
        f'<span class="bar-text" style="left: {bar.end:.2f}%">{escape(bar.text)}</span></span></li>'
        for bar in bars
    )
    st.html(f'<ul class="bars" aria-label="{escape(alt)}">{rows}</ul>')


def _parts(start: int, end: int, low: int, high: int) -> tuple[float, float]:
    """Where a bar from `start` to `end` lies on an axis from `low` to `high` (all yuan)."""
    width = max(high - low, 1)
    first, last = ((min(max(each, low), high) - low) * 100 / width for each in (min(start, end), max(start, end)))
    return first, last


def waterfall(before: int, parts: Mapping[str, int], names: tuple[str, str] = ("上次", "本次")) -> list[Bar]:
    """From 纳入统计 of before (yuan) by its parts to what it is now, in 亿元; `names` of the two ends."""
    steps = levels(before, parts)
    low, high = origin(steps), max(steps)
    middle = [
        Bar(PARTS[name], _COUNTED.signed(amount), *_parts(start, start + amount, low, high), UP if amount > 0 else DOWN)
        for (name, amount), start in zip(parts.items(), steps, strict=False)
    ]
    first, last = (
        Bar(label, _COUNTED.text(amount), *_parts(low, amount, low, high))
        for label, amount in zip(names, (before, steps[-1]), strict=True)
    )
    return [first, *middle, last]


def counted(table: pl.DataFrame, by: str, names: Mapping[str, str], before: pl.DataFrame | None) -> list[Bar]:
    """纳入统计 in 亿元 for each value of `by`, and the change since `before` where it is given.

    `table`, `before`: core.statistics.totals.totals by the same column.
    """
    past = dict(before.select(by, "counted_output").iter_rows()) if before is not None else None
    most = max(table["counted_output"].to_list(), default=0)
    return [
        Bar(
            names.get(row[by], "未填"),
            _COUNTED.text(row["counted_output"])
            + (f"（{_COUNTED.signed(row['counted_output'] - past.get(row[by], 0))}）" if past is not None else ""),
            *_parts(0, row["counted_output"], 0, most),
        )
        for row in table.iter_rows(named=True)
    ]
