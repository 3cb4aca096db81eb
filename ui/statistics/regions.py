"""区域 and 产业链 on the screen: the measures of a group, its map, its table, its classes."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.statistics import industry_chain
from core.statistics.selection import FILTERS, Selection
from core.statistics.year_on_year import difference
from ui.base import charts
from ui.statistics import filters as statistics_filters
from ui.statistics import region_charts

#: What a map or a treemap may show.
MEASURES: Final = {
    "counted_output": "纳入统计",
    "ai_revenue": "AI业务收入",
    "enterprises": "企业数",
    "core": "核心企业数",
}
_OUTSIDE: Final = ("outside", "undetermined")
_AMOUNTS: Final = ("counted_output", "ai_revenue")


def unit(measure: str) -> str:
    return "亿元" if measure in _AMOUNTS else "家"


def written(measure: str, value: int) -> str:
    return terms.yi(value, 1) if measure in _AMOUNTS else f"{value:,}"


def name_of(asked: Selection) -> str:
    """The district that is chosen, before a heading."""
    return FILTERS["district"][1][asked.district] if asked.district else ""


def map_of(table: pl.DataFrame, measure: str, code: str | None, *, centre: bool) -> dict[str, Any]:
    """The map of `table` (core.statistics.totals.totals by district)."""
    values = {district: value for district, value in table.select("district", measure).iter_rows() if district}
    words = {district: written(measure, value) for district, value in values.items()}
    ends = [(end, written(measure, end)) for end in region_charts.steps(list(values.values()))]
    return region_charts.figure(values, words, code=code, unit=f" {unit(measure)}", centre=centre, ends=ends)


def classes(whole: Mapping[str, int], code: str | None) -> dict[str, Any]:
    """Bars: enterprises of each class."""
    tiers = list(terms.TIERS)[::-1]
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": [terms.TIERS[tier] for tier in tiers],
        "x": [whole[tier] for tier in tiers],
        "marker": {"color": [charts.CLASS_COLOURS[tier] for tier in tiers]},
        "text": [f"{whole[tier]:,} 家" for tier in tiers],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}　%{text}<extra></extra>",
    }
    layout = charts.layout(300, xaxis={"title": {"text": "家"}, "rangemode": "tozero"}, yaxis={"automargin": True})
    return statistics_filters.marked({"data": [bar], "layout": layout}, tiers, code)


def tree(strength: pl.DataFrame, table: pl.DataFrame, measure: str, asked: Selection) -> dict[str, Any]:
    """The chain as a treemap: layers, and in them their segments. Parts carry their codes."""
    values = {segment: value for segment, value in table.select("segment", measure).iter_rows()}
    layers: dict[str, int] = {}
    for segment, layer in strength.select("segment", "layer").iter_rows():
        layers[layer] = layers.get(layer, 0) + values.get(segment, 0)
    parts = [(f"layer:{layer}", "", terms.LAYERS[layer], layer, layers[layer]) for layer in layers]
    parts += [
        (segment, f"layer:{layer}", FILTERS["segment"][1][segment], layer, values.get(segment, 0))
        for segment, layer in strength.select("segment", "layer").iter_rows()
    ]
    return {
        "data": [
            {
                "type": "treemap",
                "branchvalues": "total",
                "ids": [part[0] for part in parts],
                "parents": [part[1] for part in parts],
                "labels": [part[2] for part in parts],
                "values": [part[4] for part in parts],
                "tiling": {"pad": 3},
                "pathbar": {"visible": False},
                "marker": {
                    "colors": [_LAYER_COLOURS[part[3]] for part in parts],
                    "line": {
                        "width": [5 if part[0] in (asked.segment, f"layer:{asked.layer}") else 1 for part in parts],
                        "color": "#10161f",
                    },
                },
                "text": [
                    f"{written(measure, part[4])} {unit(measure)}{'' if part[1] or measure in _AMOUNTS else '次'}"
                    for part in parts
                ],
                "texttemplate": "%{label}<br>%{text}",
                "hovertemplate": "%{label}　%{text}<extra></extra>",
                "textfont": {"color": "#10161f", "size": 13},
            }
        ],
        "layout": charts.layout(
            430, margin={"l": 0, "r": 0, "t": 0, "b": 0}, uniformtext={"minsize": 10, "mode": "hide"}
        ),
    }


#: Light enough for dark letters in either theme.
_LAYER_COLOURS: Final = {"foundation": "#a9cbec", "technology": "#f3cf8e", "application": "#a5d8c6"}


def weak(strength: pl.DataFrame, wanted: Mapping[str, int] | None) -> None:
    """The segments without core enterprises or with few; a row that is pressed filters."""
    rows = strength.filter(pl.col("state") != "").sort("core", "enterprises")
    if rows.is_empty():
        st.caption("没有缺链或薄弱的环节。")
        return
    lines = [
        {
            "产业链环节": FILTERS["segment"][1][row["segment"]],
            "产业链层": terms.LAYERS[row["layer"]],
            "判断": industry_chain.STATES[row["state"]],
            "核心企业": row["core"],
            "全部企业": row["enterprises"],
            **({} if wanted is None else {"市场需求（条）": wanted[row["segment"]]}),
        }
        for row in rows.iter_rows(named=True)
    ]
    statistics_filters.rows(lines, rows["segment"].to_list(), key="weak", alt="缺链与薄弱环节", by="segment")


def listing(
    table: pl.DataFrame,
    growth: pl.DataFrame | None,
    top: pl.DataFrame,
    *,
    by: str,
    asked: Selection,
    measure: str,
    wanted: Mapping[str, int] | None = None,
) -> None:
    """Every group with its measures; a row that is pressed sets the filter `by`.

    `table`, `growth`, `top`: core.statistics.totals.totals and core.statistics.year_on_year.growth and .concentration by the same. `wanted`: demands for each.
    """
    (label, names), code = FILTERS[by], asked.chosen.get(by)
    whole = int(table["ai_revenue"].sum()) if by != "segment" else 0
    rows = table.join(top.select(by, "ai_revenue_top"), on=by, how="left", nulls_equal=True)
    if growth is not None:
        same = growth.select(by, "ai_revenue_same", "ai_revenue_same_before")
        rows = rows.join(same, on=by, how="left", nulls_equal=True)
    rows = rows.sort(measure, by, descending=[True, False], nulls_last=True)
    lines = [
        {
            label: names.get(row[by], "未填") + ("（已选）" if row[by] and row[by] == code else ""),
            "企业": row["enterprises"],
            **{word.replace("企业", ""): row[tier] for tier, word in terms.TIERS.items() if tier not in _OUTSIDE},
            "纳入统计": terms.yi(row["counted_output"]),
            "AI业务收入": terms.yi(row["ai_revenue"]),
            "AI收入同口径增速": difference(row["ai_revenue_same"], row["ai_revenue_same_before"])
            if growth is not None
            else "—",
            **({"AI收入占比重": terms.share(row["ai_revenue"], whole)} if whole else {}),
            "AI收入前10家占比": terms.share(row["ai_revenue_top"], row["ai_revenue"]),
            **({} if wanted is None else {"市场需求（条）": wanted.get(row[by], 0)}),
            **{terms.TIERS[tier]: row[tier] for tier in _OUTSIDE},
        }
        for row in rows.iter_rows(named=True)
    ]
    statistics_filters.rows(
        lines,
        rows[by].to_list(),
        key=f"listing.{by}",
        alt=f"各{label}企业数、纳入统计、AI业务收入、增速与集中度",
        by=by,
    )
