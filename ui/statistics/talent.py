"""人才与知识产权 on the screen: totals and ratios, heads and rights by group, and both against revenue."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.statistics.metrics import METRICS
from core.statistics.talent import HEADS, RECOGNISED, RIGHTS
from ui.base import charts
from ui.base.text import tile

#: grouping -> word, its values, and the filter that a mark of it sets.
GROUPS: Final[dict[str, tuple[str, Mapping[str, str], str]]] = {
    "district": ("区属", DISTRICTS, "district"),
    "layer": ("产业链层", terms.LAYERS, "layer"),
    "size": ("企业规模", terms.SIZES, "size"),
    "directory_tier": ("名录身份", terms.TIERS, "tier"),
}
#: What can be laid against revenue.
ACROSS: Final = {code: METRICS[code] for code in ("researchers", "insured_staff", "ip_count", "ip_invention")}
_HEADS: Final = {"developers": ("#0072B2", ""), "software_staff": ("#E69F00", "/")}
_RIGHTS: Final = {
    "ip_invention": ("#0072B2", ""),
    "ip_utility": ("#E69F00", "/"),
    "ip_software": ("#009E73", "x"),
    "ip_layout": ("#CC79A7", "."),
}
#: The columns of the table, by code.
_COLUMNS: Final = (*HEADS, "ip_count", *RIGHTS, *RECOGNISED, "inventions_average", "ai_revenue_average")
_SYMBOLS: Final = {
    "core": "circle",
    "related_software": "square",
    "related_hardware": "diamond",
    "outside": "x",
    "undetermined": "triangle-up",
    "missing": "triangle-down",
}


def tiles(whole: Mapping[str, int]) -> None:
    """The totals, and the ratios by those who reported both sides."""
    listed = sum(whole[name] for name in RIGHTS)

    def card(code: str, *, said: str = "") -> None:
        metric = METRICS[code]
        st.metric(metric.label, tile(metric.unit, metric.of(whole)), border=True, help=said or None)

    with st.grid(4, min_column_width=150):
        card("researchers", said=METRICS["researchers"].definition)
        card("insured_staff")
        degrees = whole["insured_doctors"] + whole["insured_masters"]
        unit = METRICS["insured_masters"].unit
        st.metric(f"硕士及以上（{terms.share(degrees, whole['insured_staff'])}）", tile(unit, degrees), border=True)
        card("researchers_average")
        rights, inventions = METRICS["ip_count"].unit, METRICS["ip_invention"]
        card("ip_count", said=f"申报数；其中列出明细 {rights.said(listed)}，分类以明细为准")
        st.metric(f"{inventions.label}（明细）", tile(inventions.unit, inventions.of(whole)), border=True)
        card("inventions_average", said=METRICS["inventions_average"].definition)
        card("ai_revenue_average", said=METRICS["ai_revenue_average"].definition)


def heads_by(table: pl.DataFrame, by: str) -> dict[str, Any]:
    """Stacked bars of 研发人员 by kind, for each value of `by`."""
    return _stacked(table, by, _HEADS)


def rights_by(table: pl.DataFrame, by: str) -> dict[str, Any]:
    """Stacked bars of listed rights by kind, for each value of `by`."""
    return _stacked(table, by, _RIGHTS)


def _stacked(table: pl.DataFrame, by: str, looks: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Kinds of one unit told apart by colour and by hatching, the sum behind the bar."""
    unit = METRICS[next(iter(looks))].unit.word
    table = table.reverse()
    labels = [GROUPS[by][1].get(value, "未填") for value in table[by]]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": METRICS[name].label,
            "y": labels,
            "x": table[name].to_list(),
            "marker": {"color": colour, "pattern": {"shape": shape, "solidity": 0.35, "size": 6}},
            "hovertemplate": f"%{{y}}　%{{fullData.name}} %{{x:,}} {unit}<extra></extra>",
        }
        for name, (colour, shape) in looks.items()
    ]
    sums = table.select(pl.sum_horizontal(list(looks))).to_series().to_list()
    whole = {
        "type": "scatter",
        "mode": "text",
        "y": labels,
        "x": sums,
        "text": [f" {each:,}" for each in sums],
        "textposition": "middle right",
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    layout = {
        "height": 150 + 28 * len(labels),
        "margin": {"l": 8, "r": 48, "t": 8, "b": 8},
        "barmode": "stack",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "hoverlabel": {"namelength": -1},
        "xaxis": {"title": {"text": unit}, "tickformat": ",d", "nticks": 5, "rangemode": "tozero", "fixedrange": True},
        "yaxis": {"automargin": True, "fixedrange": True},
    }
    return {"data": [*bars, whole], "layout": layout}


def table(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """Every count by group, and the ratios."""
    word, names, _ = GROUPS[by]
    lines = [
        {word: names.get(row[by], "未填"), "有数据／入库": f"{row['reported']:,}／{row['enterprises']:,}"}
        | {METRICS[code].heading: METRICS[code].text(METRICS[code].of(row)) for code in _COLUMNS}
        for row in frame.iter_rows(named=True)
    ]
    return pl.DataFrame(lines)


def scatter(rows: pl.DataFrame, across: str) -> str | None:
    """AI业务收入 against `across` on log axes, classes by colour and symbol; the enterprise whose mark was pressed."""
    metric, ai = ACROSS[across], METRICS["ai_revenue"]
    traces = []
    for tier, words in terms.TIERS.items():
        part = rows.filter(pl.col("directory_tier") == tier)
        if not part.is_empty():
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": words,
                    "x": part[across].to_list(),
                    "y": [ai.one.drawn(amount) for amount in part["ai_revenue"]],
                    "customdata": part["enterprise_id"].to_list(),
                    "text": [
                        f"{name}<br>{metric.label} {metric.said(count)}<br>{ai.label} {ai.one.said(amount)}"
                        for name, count, amount in part.select("name", across, "ai_revenue").iter_rows()
                    ],
                    "hovertemplate": "%{text}<extra></extra>",
                    "marker": {
                        "color": charts.CLASS_COLOURS[tier],
                        "symbol": _SYMBOLS[tier],
                        "size": 8,
                        "opacity": 0.75,
                    },
                }
            )
    axis = {
        "type": "log",
        "dtick": 1,
        "automargin": True,
        "fixedrange": True,
        "tickformat": ",~r",
        "exponentformat": "none",
    }
    layout = {
        "height": 460,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "hoverlabel": {"namelength": -1},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "xaxis": {**axis, "title": {"text": metric.heading}},
        "yaxis": {**axis, "title": {"text": ai.heading_of_one, "standoff": 4}},
    }
    picked = st.plotly_chart(
        {"data": traces, "layout": layout},
        key=f"scatter.{across}",
        config={"displayModeBar": False, "responsive": True},
        alt=f"企业的{metric.label}与{ai.label}，按名录身份分颜色和符号",
        on_select="rerun",
        selection_mode="points",
    )
    point = next(iter(picked["selection"]["points"]), None)
    mark = point and point.get("customdata")
    identity = mark[0] if isinstance(mark, list | tuple) and mark else mark
    return str(identity) if identity in set(rows["enterprise_id"]) else None
