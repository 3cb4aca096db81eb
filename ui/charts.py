"""Charts as plain figure dictionaries: one look, the same colour for the same class everywhere.

Colours are from the Okabe–Ito set, told apart by the colour-blind and on a projector; every bar also
carries its number. Figures are plain dictionaries because copying a template costs more than drawing.
"""

from typing import Any, Final

import polars as pl
import streamlit as st

from core import terms

CLASS_COLOURS: Final = {
    "core": "#0072B2",
    "related_software": "#E69F00",
    "related_hardware": "#009E73",
    "outside": "#8C8C8C",
    "undetermined": "#CC79A7",
}
_QUARTERS: Final = {"q1": "一季度", "q2": "二季度", "q3": "三季度", "full_year": "四季度"}
_CONFIG: Final = {"displayModeBar": False, "responsive": True}


def _layout(height: int, **more: Any) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 40, "t": 8, "b": 8},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "hoverlabel": {"namelength": -1},
        **more,
    }


def show(figure: dict[str, Any], *, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, alt=alt, config=_CONFIG)


def classes_by(table: pl.DataFrame, by: str, names: dict[str, str]) -> dict[str, Any]:
    """Stacked bars: enterprises per class for each value of `by`; `table` is core.aggregation.totals."""
    table = table.reverse()
    labels = [names.get(value, "未填") for value in table[by]]
    bars = [
        {
            "type": "bar", "orientation": "h", "name": terms.TIERS[tier], "y": labels, "x": table[tier].to_list(),
            "marker": {"color": colour}, "hovertemplate": "%{y}　%{fullData.name} %{x} 家<extra></extra>",
        }
        for tier, colour in CLASS_COLOURS.items()
    ]  # fmt: skip
    whole = {
        "type": "scatter", "mode": "text", "y": labels, "x": table["enterprises"].to_list(), "textposition": "middle right",
        "text": [f" {count} 家" for count in table["enterprises"]], "showlegend": False, "hoverinfo": "skip",
        "cliponaxis": False,
    }  # fmt: skip
    height = 150 + 28 * len(labels)
    axis = {"title": {"text": "家"}, "rangemode": "tozero"}
    return {"data": [*bars, whole], "layout": _layout(height, barmode="stack", xaxis=axis, yaxis={"automargin": True})}


def counted_by(table: pl.DataFrame, by: str, names: dict[str, str]) -> dict[str, Any]:
    """Bars: 纳入统计 in 亿元 for each value of `by`."""
    table = table.reverse()
    bar = {
        "type": "bar", "orientation": "h", "y": [names.get(value, "未填") for value in table[by]],
        "x": (table["counted_output"] / 100_000_000).to_list(), "marker": {"color": "#1f4e9e"},
        "text": [terms.yi(amount) for amount in table["counted_output"]], "textposition": "outside", "cliponaxis": False,
        "hovertemplate": "%{y}　纳入统计 %{text} 亿元<extra></extra>",
    }  # fmt: skip
    axis = {"title": {"text": "亿元"}, "rangemode": "tozero"}
    return {"data": [bar], "layout": _layout(150 + 28 * table.height, xaxis=axis, yaxis={"automargin": True})}


def quarters(table: pl.DataFrame) -> dict[str, Any]:
    """Single-quarter AI revenue in 亿元; quarters resting on forecasts are hatched and say so."""
    labels = [
        f"{row['year']}年<br>{_QUARTERS[row['period']]}<br>{row['enterprises']}家" for row in table.iter_rows(named=True)
    ]
    bar = {
        "type": "bar", "x": labels, "y": (table["ai_revenue"] / 100_000_000).to_list(),
        "marker": {"color": "#1f4e9e", "pattern": {"shape": ["/" if forecast else "" for forecast in table["forecast"]]}},
        "text": [terms.yi(amount, 1) + ("（预测）" if forecast else "") for amount, forecast in zip(table["ai_revenue"], table["forecast"], strict=True)],
        "textposition": "outside", "cliponaxis": False,
        "customdata": table["enterprises"].to_list(),
        "hovertemplate": "AI业务收入 %{text} 亿元，%{customdata} 家<extra></extra>",
    }  # fmt: skip
    return {"data": [bar], "layout": _layout(320, yaxis={"title": {"text": "亿元"}, "rangemode": "tozero"})}
