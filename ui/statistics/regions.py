"""区域 and 产业链 on the screen: the measures of a group, its map, its table, its classes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.statistics import industry_chain
from core.statistics.coverage import COVERAGE
from core.statistics.metrics import DEMANDS, METRICS, headed
from core.statistics.selection import FILTERS, Selection
from core.statistics.year_on_year import difference
from ui.base import charts
from ui.statistics import filters as statistics_filters
from ui.statistics import region_charts

#: What a map or a treemap may show.
MEASURES: Final = {
    code: METRICS[code].brief if code == "enterprises" else METRICS[code].label
    for code in ("counted_output", "ai_revenue", "enterprises", "core")
}
_WANTED: Final = headed("市场需求", DEMANDS)
_OUTSIDE: Final = ("outside", "undetermined", "missing")


def unit(measure: str) -> str:
    return METRICS[measure].unit.word


def written(measure: str, value: int) -> str:
    """For a map and its parts, where there is room for one decimal."""
    of = METRICS[measure].unit
    return replace(of, places=min(of.places or 0, 1)).text(value)


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
        "text": [METRICS[tier].said(whole[tier]) for tier in tiers],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}　%{text}<extra></extra>",
    }
    layout = charts.layout(
        300, xaxis={"title": {"text": METRICS["core"].unit.word}, "rangemode": "tozero"}, yaxis={"automargin": True}
    )
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
                    f"{written(measure, part[4])} {unit(measure)}{'' if part[1] or METRICS[measure].unit.kind == 'yuan' else '次'}"
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
            METRICS["core"].label: row["core"],
            METRICS["enterprises"].brief: row["enterprises"],
            **({} if wanted is None else {_WANTED: wanted[row["segment"]]}),
        }
        for row in rows.iter_rows(named=True)
    ]
    statistics_filters.rows(lines, rows["segment"].to_list(), key="weak", alt="缺链与薄弱环节", by="segment")


def listing(
    table: pl.DataFrame,
    growth: pl.DataFrame | None,
    top: pl.DataFrame,
    coverage: pl.DataFrame,
    *,
    by: str,
    asked: Selection,
    measure: str,
    wanted: Mapping[str, int] | None = None,
) -> None:
    """Every group with its measures; a row that is pressed sets the filter `by`.

    `table`, `growth`, `top`: core.statistics.totals.totals and core.statistics.year_on_year.growth and .concentration by the same, as is `coverage` (core.statistics.coverage). `wanted`: demands for each.
    """
    (label, names), code = FILTERS[by], asked.chosen.get(by)
    whole = int(table["ai_revenue"].sum()) if by != "segment" else 0
    weight, top_share = METRICS["weight"], METRICS["ai_revenue_top_share"]
    rows = table.join(top.select(by, "ai_revenue_top"), on=by, how="left", nulls_equal=True)
    rows = rows.join(coverage, on=by, how="left", nulls_equal=True)
    if growth is not None:
        same = growth.select(by, "ai_revenue_same", "ai_revenue_same_before")
        rows = rows.join(same, on=by, how="left", nulls_equal=True)
    rows = rows.sort(measure, by, descending=[True, False], nulls_last=True)
    lines = [
        {
            label: names.get(row[by], "未填") + ("（已选）" if row[by] and row[by] == code else ""),
            METRICS["enterprises"].brief: row["enterprises"],
            **{METRICS[tier].brief: row[tier] for tier in terms.TIERS if tier not in _OUTSIDE},
            **{METRICS[code].label: METRICS[code].text(row[code]) for code in ("counted_output", "ai_revenue")},
            METRICS["growth"].brief: difference(row["ai_revenue_same"], row["ai_revenue_same_before"])
            if growth is not None
            else "—",
            **{METRICS[code].label: METRICS[code].text(METRICS[code].of(row)) for code in COVERAGE},
            **({weight.label: weight.text(weight.of({**row, "ai_revenue_of_all": whole}))} if whole else {}),
            top_share.brief: top_share.text(top_share.of(row)),
            **({} if wanted is None else {_WANTED: wanted.get(row[by], 0)}),
            **{METRICS[tier].label: row[tier] for tier in _OUTSIDE},
        }
        for row in rows.iter_rows(named=True)
    ]
    statistics_filters.rows(
        lines,
        rows[by].to_list(),
        key=f"listing.{by}",
        alt=f"各{label}{'、'.join(MEASURES.values())}、增速与集中度",
        by=by,
    )
