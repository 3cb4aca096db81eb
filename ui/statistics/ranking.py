"""企业画像榜单 on the screen: the shares of the largest, the curve, the list with its moves."""

from dataclasses import asdict
from typing import Any

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.statistics.metrics import METRICS
from core.statistics.ranking import Concentration, Measure
from ui.base import charts
from ui.base.text import tile


def tiles(measure: Measure, found: Concentration) -> None:
    """What all have together, and what the largest have of it."""
    with st.grid(4, min_column_width=150):
        st.metric(f"{measure.metric.label}合计", tile(measure.metric.unit, found.whole), border=True)
        for code in ("top4", "top10"):
            metric = METRICS[code]
            st.metric(metric.label, tile(metric.unit, metric.of(asdict(found))), border=True)
        hhi = METRICS["hhi"]
        st.metric(hhi.label, hhi.text(found.hhi), border=True, help=hhi.definition)


def curve(table: pl.DataFrame, found: Concentration, unit: str) -> dict[str, Any]:
    """Share of the whole that the n largest have together, n on a log axis; the tenth is marked."""
    rows = table.filter(pl.col("n") > 0)
    shares = [terms.share(each, found.whole) for each in rows["cumulative"]]
    y = (rows["cumulative"] / max(found.whole, 1) * 100).to_list()
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": rows["n"].to_list(),
        "y": y,
        "text": shares,
        "showlegend": False,
        "line": {"color": charts.AMOUNT_COLOUR, "width": 3},
        "hovertemplate": "前 %{x:,} 家　占 %{text}<extra></extra>",
    }
    marks = [(n, share, place) for n, share, place in zip(rows["n"], shares, y, strict=True) if n in (10, 100)]
    dots = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [n for n, _, _ in marks],
        "y": [place for _, _, place in marks],
        "text": [f"前 {n} 家 {share}" for n, share, _ in marks],
        "textposition": "top left",
        "showlegend": False,
        "hoverinfo": "skip",
        "marker": {"color": charts.AMOUNT_COLOUR, "size": 9, "symbol": "diamond"},
        "cliponaxis": False,
    }
    most = max(found.count, 10)
    ticks = [10**power for power in range(7) if 10**power <= most]
    layout = {
        "height": 320, "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
        "xaxis": {"type": "log", "tickvals": ticks, "ticktext": [f"{tick:,}" for tick in ticks], "title": {"text": f"企业按{unit}从大到小（家）"}, "tickangle": 0, "automargin": True, "fixedrange": True},
        "yaxis": {"range": [0, 109], "ticksuffix": "%", "automargin": True, "fixedrange": True},
    }  # fmt: skip
    return {"data": [line, dots], "layout": layout}


def table(rows: pl.DataFrame, measure: Measure, top: int) -> pl.DataFrame:
    """Rows of `core.statistics.ranking.ranked` in words; 新进: among the first `top` now and not the year before."""
    metric, ai = measure.metric, METRICS["ai_revenue"]
    lines = []
    for row in rows.iter_rows(named=True):
        then = {f"上年{ai.heading_of_one}": ai.one.text(row["ai_revenue_before"])}
        if measure.before:
            rank = f"{row['rank_before']:,}" if row["rank_before"] else "—"
            then = {"上年": metric.one.text(row[measure.before]), "上年名次": rank, "变化": _moved(row, top)}
        revenue = {} if metric is ai else {ai.heading_of_one: ai.one.text(row["ai_revenue"])}
        line = {
            "名次": f"{row['rank']:,}",
            "企业名称": row["name"],
            metric.heading_of_one: metric.one.text(row[metric.code]),
            **revenue,
            **then,
            "名录身份": terms.TIERS[row["directory_tier"]],
            "区属": DISTRICTS.get(row["district"], "未填"),
            "企业规模": terms.SIZES.get(row["size"], "未填"),
        }
        lines.append(line)
    return pl.DataFrame(lines)


def _moved(row: dict[str, Any], top: int) -> str:
    before, moved = row["rank_before"], row["moved"]
    if before is None or (row["rank"] <= top < before):
        return "新进" if row["rank"] <= top else "上年无"
    return f"升 {moved}" if moved > 0 else f"降 {-moved}" if moved < 0 else "持平"


def left(rows: pl.DataFrame, top: int) -> str:
    """Who stood among the first `top` the year before and does not now; "" when nobody."""
    gone = rows.filter((pl.col("rank_before") <= top) & (pl.col("rank") > top)).sort("rank_before")
    names = "、".join(
        f"{row['name']}（{row['rank_before']}→{row['rank']}）" for row in gone.head(10).iter_rows(named=True)
    )
    return names + (f"等 {gone.height} 家" if gone.height > 10 else "")
