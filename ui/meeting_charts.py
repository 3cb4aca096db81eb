"""Charts of 例会 as plain figure dictionaries, for a projector: bars that lie, their numbers beside them.

Sizes of text are set by ui/stage.css with the height of the screen; nothing can be pointed at.
"""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

import polars as pl
import streamlit as st

from core import terms
from core.change import PARTS
from ui.charts import AMOUNT_COLOUR

#: Up, down, and the two ends; each bar also carries its sign.
UP, DOWN, END = "#009E73", "#D55E00", AMOUNT_COLOUR
_YI: Final = 100_000_000


def show(figure: dict[str, Any], *, key: str, alt: str) -> None:
    """Fill what height there is."""
    st.plotly_chart(figure, key=key, alt=alt, height="stretch", config={"displayModeBar": False, "responsive": True, "staticPlot": True})


def signed(amount: int) -> str:
    """Yuan -> 亿元 with its sign: '+1.20', '-0.35', '0.00'."""
    return f"{'+' if amount > 0 else ''}{terms.yi(amount)}"


def _figure(bar: dict[str, Any]) -> dict[str, Any]:
    values = {"visible": False, "fixedrange": True}
    labels = {"autorange": "reversed", "automargin": True, "fixedrange": True, "ticks": "", "tickfont": {"size": 22}}
    layout = {"margin": {"l": 8, "r": 8, "t": 4, "b": 4}, "showlegend": False, "xaxis": values, "yaxis": labels, "bargap": 0.3}
    common = {"orientation": "h", "textposition": "outside", "cliponaxis": False, "constraintext": "none", "textfont": {"size": 22}}
    return {"data": [{**common, **bar}], "layout": layout}


def waterfall(before: int, parts: Mapping[str, int], after: int) -> dict[str, Any]:
    """From 纳入统计 of before (yuan) by its parts to that of after, in 亿元; the parts sum to the difference."""
    names = ["上次", *(PARTS[name] for name in parts), "本次"]
    amounts = [before, *parts.values(), after]
    levels = list(accumulate(amounts[:-1]))
    low, span = min(levels), max(levels) - min(levels)
    figure = _figure(
        {
            "type": "waterfall", "y": names, "x": [amount / _YI for amount in amounts],
            "measure": ["absolute", *("relative" for _ in parts), "total"],
            "text": [terms.yi(before), *map(signed, parts.values()), terms.yi(after)],
            "increasing": {"marker": {"color": UP}}, "decreasing": {"marker": {"color": DOWN}}, "totals": {"marker": {"color": END}},
            "connector": {"line": {"color": "#8C8C8C", "width": 1}},
        }
    )  # fmt: skip
    # Small changes of a large sum are seen only when the axis starts near them.
    start = origin(levels)
    figure["layout"]["xaxis"] |= {"range": [start / _YI, (low + span + max(span, low - start) * 0.4) / _YI]}
    return figure


def origin(levels: list[int]) -> int:
    """Where the axis of a waterfall starts (yuan): at 0, unless all that happens lies far from it."""
    low, span = min(levels), max(levels) - min(levels)
    return 0 if not span or span * 3 >= low else low - span


def counted(table: pl.DataFrame, by: str, names: Mapping[str, str], before: pl.DataFrame | None) -> dict[str, Any]:
    """Bars of 纳入统计 in 亿元 with the enterprises that count, and the change since `before` where it is given.

    `table`, `before`: core.aggregation.totals by the same column.
    """
    past = dict(before.select(by, "counted_output").iter_rows()) if before is not None else None
    texts = [
        f"{terms.yi(row['counted_output'])}（{row['core']:,} 家核心）"
        + (f"　{signed(row['counted_output'] - past.get(row[by], 0))}" if past is not None else "")
        for row in table.iter_rows(named=True)
    ]
    labels = [names.get(value, "未填") for value in table[by]]
    amounts = (table["counted_output"] / _YI).to_list()
    figure = _figure({"type": "bar", "y": labels, "x": amounts, "text": texts, "marker": {"color": AMOUNT_COLOUR}})
    # Room beside the longest bar for what stands there.
    figure["layout"]["xaxis"] |= {"range": [0, max(amounts, default=0) * 1.6 or 1]}
    return figure
