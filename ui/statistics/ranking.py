"""企业画像榜单 on the screen: the shares of the largest, the curve, the list with its moves."""

from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.statistics.ranking import Concentration, Measure
from ui.base import charts

#: How a value of a measure is written, by its unit.
_WRITTEN: Final[dict[str, Any]] = {
    "万元": terms.wan,
    "%": lambda bp: "—" if bp is None else f"{terms.scaled(bp, 100, 2)}%",
}


def written(measure: Measure, value: int | None) -> str:
    """A value in the words of its measure, without the unit unless it is %: '1,234.5', '-12.30%', '—'."""
    return _WRITTEN[measure.unit](value) if measure.unit in _WRITTEN else "—" if value is None else f"{value:,}"


def tiles(measure: Measure, found: Concentration) -> None:
    """What all have together, and what the largest have of it."""
    with st.grid(4, min_column_width=150):
        whole = (
            f"{terms.yi(found.whole)} :small[亿元]"
            if measure.unit == "万元"
            else f"{found.whole:,} :small[{measure.unit}]"
        )
        st.metric(f"{measure.label}合计", whole, border=True)
        st.metric("前 4 家占比", terms.share(found.top4, found.whole), border=True)
        st.metric("前 10 家占比", terms.share(found.top10, found.whole), border=True)
        st.metric(
            "集中度指数",
            f"{found.hhi:,}",
            border=True,
            help="赫芬达尔指数（HHI）：各企业占比（%）的平方和，最大 10,000；低于 1,500 一般视为分散，高于 2,500 视为高度集中",
        )


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
    unit = "" if measure.unit == "%" else f"（{measure.unit}）"
    lines = []
    for row in rows.iter_rows(named=True):
        then = {"上年AI业务收入（万元）": terms.wan(row["ai_revenue_before"])}
        if measure.before:
            rank = f"{row['rank_before']:,}" if row["rank_before"] else "—"
            then = {"上年": written(measure, row[measure.before]), "上年名次": rank, "变化": _moved(row, top)}
        ai = {} if measure.value == "ai_revenue" else {"AI业务收入（万元）": terms.wan(row["ai_revenue"])}
        line = {
            "名次": f"{row['rank']:,}",
            "企业名称": row["name"],
            f"{measure.label}{unit}": written(measure, row[measure.value]),
            **ai,
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
