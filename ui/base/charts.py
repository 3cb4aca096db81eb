"""Charts as plain figure dictionaries: one look, the same colour for the same class everywhere.

Colours are from the Okabe–Ito set, told apart by the colour-blind and on a projector; every bar also
carries its number. The blue of amounts stands out at 3:1 and more from the light and the dark background. Figures are plain dictionaries because copying a template costs more than drawing.
"""

from dataclasses import replace
from typing import Any, Final

import polars as pl
import streamlit as st

from core.statistics.metrics import METRICS

CLASS_COLOURS: Final = {
    "core": "#0072B2",
    "related_software": "#E69F00",
    "related_hardware": "#009E73",
    "outside": "#8C8C8C",
    "undetermined": "#CC79A7",
    "missing": "#56B4E9",
}
AMOUNT_COLOUR: Final = "#4679c8"
_QUARTERS: Final = {"q1": "一季", "q2": "二季", "q3": "三季", "full_year": "四季"}
CONFIG: Final = {"displayModeBar": False, "responsive": True}


def layout(height: int, **more: Any) -> dict[str, Any]:
    """The layout every chart begins with; `more` adds to it or replaces parts of it."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 40, "t": 8, "b": 8},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "hoverlabel": {"namelength": -1},
        **more,
    }


def show(figure: dict[str, Any], *, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, alt=alt, config=CONFIG)


def classes_by(table: pl.DataFrame, by: str, names: dict[str, str]) -> dict[str, Any]:
    """Stacked bars: enterprises per class for each value of `by`; `table` is core.statistics.totals.totals."""
    table = table.reverse()
    labels = [names.get(value, "未填") for value in table[by]]
    whole_of = METRICS["enterprises"]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": METRICS[tier].label,
            "y": labels,
            "x": table[tier].to_list(),
            "marker": {"color": colour},
            "hovertemplate": f"%{{y}}　%{{fullData.name}} %{{x}} {METRICS[tier].unit.word}<extra></extra>",
        }
        for tier, colour in CLASS_COLOURS.items()
    ]
    whole = {
        "type": "scatter",
        "mode": "text",
        "y": labels,
        "x": table["enterprises"].to_list(),
        "textposition": "middle right",
        "text": [f" {count} {whole_of.unit.word}" for count in table["enterprises"]],
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    height = 150 + 28 * len(labels)
    axis = {"title": {"text": whole_of.unit.word}, "rangemode": "tozero"}
    return {"data": [*bars, whole], "layout": layout(height, barmode="stack", xaxis=axis, yaxis={"automargin": True})}


def counted_by(table: pl.DataFrame, by: str, names: dict[str, str]) -> dict[str, Any]:
    """Bars: 纳入统计 in 亿元 for each value of `by`."""
    table = table.reverse()
    metric = METRICS["counted_output"]
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": [names.get(value, "未填") for value in table[by]],
        "x": [metric.unit.drawn(amount) for amount in table["counted_output"]],
        "marker": {"color": AMOUNT_COLOUR},
        "text": [metric.text(amount) for amount in table["counted_output"]],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": f"%{{y}}　{metric.label} %{{text}} {metric.unit.word}<extra></extra>",
    }
    axis = {"title": {"text": metric.unit.word}, "rangemode": "tozero"}
    return {"data": [bar], "layout": layout(150 + 28 * table.height, xaxis=axis, yaxis={"automargin": True})}


def quarters(table: pl.DataFrame) -> dict[str, Any]:
    """Single-quarter AI revenue in 亿元 by year and quarter; quarters resting on forecasts are hatched and say so.

    A number that would not fit over its bar is left out rather than laid over its neighbour; touching the bar tells it.
    """
    rows = table.to_dicts()
    metric = METRICS["ai_revenue"]
    # Three years of quarters fit a phone side by side; the labels of more stand upright, never over each other.
    labels = [("" if len(rows) <= 12 else "<br>").join(_QUARTERS[row["period"]]) for row in rows]
    bar = {
        "type": "bar",
        "x": [[f"{row['year']}年" for row in rows], labels],
        "y": [metric.unit.drawn(amount) for amount in table["ai_revenue"]],
        "marker": {
            "color": AMOUNT_COLOUR,
            "line": {"color": AMOUNT_COLOUR, "width": 1.5},
            "pattern": {"shape": ["/" if row["forecast"] else "" for row in rows], "solidity": 0.4, "size": 7},
        },
        "text": [replace(metric.unit, places=1).text(row["ai_revenue"]) for row in rows],
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "hovertext": [
            f"{row['year']}年{_QUARTERS[row['period']]}{'（含全年预测）' if row['forecast'] else ''}<br>"
            f"{metric.label} {metric.said(row['ai_revenue'])}<br>可比企业 {METRICS['enterprises'].said(row['enterprises'])}"
            for row in rows
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    axes = {
        "xaxis": {"tickangle": 0, "tickfont": {"size": 10}, "fixedrange": True},
        # Room for the bars on a phone: the unit stands over the axis, not beside it.
        "yaxis": {"title": {"text": "", "standoff": 0}, "automargin": True, "rangemode": "tozero", "fixedrange": True},
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "annotations": [
            {"text": metric.unit.word, "xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "right", "yanchor": "bottom", "showarrow": False, "yshift": 8}
        ],
    }  # fmt: skip
    return {"data": [bar], "layout": layout(320, **axes, uniformtext={"minsize": 10, "mode": "hide"})}


def comparable(table: pl.DataFrame) -> str:
    """How many enterprises stand behind the quarters of each year: "2024年 992 家，2025年 980–1,296 家"."""
    spans = table.group_by("year").agg(
        pl.col("enterprises").min().alias("least"), pl.col("enterprises").max().alias("most")
    )
    return "，".join(
        f"{row['year']}年 {'' if row['least'] == row['most'] else '{:,}–'.format(row['least'])}{METRICS['enterprises'].said(row['most'])}"
        for row in spans.sort("year").iter_rows(named=True)
    )


def years(table: pl.DataFrame) -> dict[str, Any]:
    """Full-year 总收入 and AI业务收入 of one enterprise in 万元 by year; years that rest on forecasts are hatched."""
    names = [f"{row['year']}年{'（预测）' if row['forecast'] else ''}" for row in table.iter_rows(named=True)]
    bars = [
        {
            "type": "bar",
            "name": metric.heading_of_one,
            "x": names,
            "y": [None if amount is None else metric.one.drawn(amount) for amount in table[metric.code]],
            "marker": {
                "color": colour,
                "pattern": {"shape": ["/" if forecast else "" for forecast in table["forecast"]]},
            },
            "text": [metric.one.text(amount) for amount in table[metric.code]],
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": f"%{{x}}　%{{fullData.name}} %{{text}} {metric.one.word}<extra></extra>",
        }
        for metric, colour in (
            (METRICS["total_revenue"], CLASS_COLOURS["outside"]),
            (METRICS["ai_revenue"], AMOUNT_COLOUR),
        )
    ]
    axis = {"automargin": True, "rangemode": "tozero", "fixedrange": True}
    return {
        "data": bars,
        "layout": layout(300, barmode="group", xaxis={"type": "category", "fixedrange": True}, yaxis=axis),
    }
