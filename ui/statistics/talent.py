"""人才与知识产权 on the screen: totals and ratios, heads and rights by group, and both against revenue."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.statistics.talent import HEADS, RECOGNISED, RIGHTS, per
from ui.base import charts

#: grouping -> word, its values, and the filter that a mark of it sets.
GROUPS: Final[dict[str, tuple[str, Mapping[str, str], str]]] = {
    "district": ("区属", DISTRICTS, "district"),
    "layer": ("产业链层", terms.LAYERS, "layer"),
    "size": ("企业规模", terms.SIZES, "size"),
    "directory_tier": ("名录身份", terms.TIERS, "tier"),
}
#: What can be laid against revenue.
ACROSS: Final = {
    "researchers": ("研发人员", "人"), "insured_staff": ("社保人数", "人"), "ip_count": ("自主知识产权", "项"), "ip_invention": ("发明专利", "项"),
}  # fmt: skip
_HEADS: Final = {"developers": ("#0072B2", ""), "software_staff": ("#E69F00", "/")}
_RIGHTS: Final = {
    "ip_invention": ("#0072B2", ""),
    "ip_utility": ("#E69F00", "/"),
    "ip_software": ("#009E73", "x"),
    "ip_layout": ("#CC79A7", "."),
}
_SYMBOLS: Final = {
    "core": "circle",
    "related_software": "square",
    "related_hardware": "diamond",
    "outside": "x",
    "undetermined": "triangle-up",
}


def _ratio(amount: int | None, unit: int, places: int) -> str:
    return "—" if amount is None else terms.scaled(amount, unit, places)


def tiles(whole: Mapping[str, int]) -> None:
    """The totals, and the ratios by those who reported both sides."""
    listed = sum(whole[name] for name in RIGHTS)
    with st.grid(4, min_column_width=150):
        st.metric(
            "研发人员",
            f"{whole['researchers']:,} :small[人]",
            border=True,
            help="AI算法研发人员与AI应用软件开发人员之和",
        )
        st.metric("社保人数", f"{whole['insured_staff']:,} :small[人]", border=True)
        degrees = whole["insured_doctors"] + whole["insured_masters"]
        st.metric(
            f"硕士及以上（{terms.share(degrees, whole['insured_staff'])}）", f"{degrees:,} :small[人]", border=True
        )
        average = per(whole["researchers"] * 10, whole["reported"])
        st.metric("每家平均研发人员", f"{_ratio(average, 10, 1)} :small[人]", border=True)
        st.metric(
            "自主知识产权",
            f"{whole['ip_count']:,} :small[项]",
            border=True,
            help=f"申报数；其中列出明细 {listed:,} 项，分类以明细为准",
        )
        st.metric("发明专利（明细）", f"{whole['ip_invention']:,} :small[项]", border=True)
        each = per(whole["inventions"] * 10, whole["staff_of_rights"], 100)
        st.metric(
            "每百人发明专利",
            f"{_ratio(each, 10, 1)} :small[项]",
            border=True,
            help="发明专利明细数 ÷ 社保人数 × 100；只计列出了明细或声明没有知识产权的企业",
        )
        head = per(whole["ai_staffed"], whole["staff_of_ai"])
        st.metric(
            "人均AI业务收入",
            f"{_ratio(head, 10_000, 2)} :small[万元]",
            border=True,
            help="AI业务收入 ÷ 社保人数，只计两项都有的企业",
        )


def heads_by(table: pl.DataFrame, by: str) -> dict[str, Any]:
    """Stacked bars of 研发人员 by kind, for each value of `by`."""
    return _stacked(table, by, {name: HEADS[name] for name in _HEADS}, _HEADS, "人")


def rights_by(table: pl.DataFrame, by: str) -> dict[str, Any]:
    """Stacked bars of listed rights by kind, for each value of `by`."""
    return _stacked(table, by, RIGHTS, _RIGHTS, "项")


def _stacked(
    table: pl.DataFrame, by: str, words: Mapping[str, str], looks: Mapping[str, tuple[str, str]], unit: str
) -> dict[str, Any]:
    """Kinds told apart by colour and by hatching, the sum behind the bar."""
    table = table.reverse()
    labels = [GROUPS[by][1].get(value, "未填") for value in table[by]]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": words[name],
            "y": labels,
            "x": table[name].to_list(),
            "marker": {"color": colour, "pattern": {"shape": shape, "solidity": 0.35, "size": 6}},
            "hovertemplate": f"%{{y}}　%{{fullData.name}} %{{x:,}} {unit}<extra></extra>",
        }
        for name, (colour, shape) in looks.items()
    ]
    sums = table.select(pl.sum_horizontal(list(words))).to_series().to_list()
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
    lines = []
    for row in frame.iter_rows(named=True):
        each = per(row["inventions"] * 10, row["staff_of_rights"], 100)
        lines.append(
            {word: names.get(row[by], "未填"), "有数据／入库": f"{row['reported']:,}／{row['enterprises']:,}"}
            | {f"{words}（人）": f"{row[name]:,}" for name, words in HEADS.items()}
            | {"自主知识产权（项）": f"{row['ip_count']:,}"}
            | {f"{words}（项）": f"{row[name]:,}" for name, words in (RIGHTS | RECOGNISED).items()}
            | {
                "每百人发明专利（项）": _ratio(each, 10, 1),
                "人均AI业务收入（万元）": _ratio(per(row["ai_staffed"], row["staff_of_ai"]), 10_000, 2),
            }
        )
    return pl.DataFrame(lines)


def scatter(rows: pl.DataFrame, across: str) -> str | None:
    """AI业务收入 against `across` on log axes, classes by colour and symbol; the enterprise whose mark was pressed."""
    label, unit = ACROSS[across]
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
                    "y": (part["ai_revenue"] / 10_000).to_list(),
                    "customdata": part["enterprise_id"].to_list(),
                    "text": [
                        f"{name}<br>{label} {count:,} {unit}<br>AI业务收入 {terms.wan(amount)} 万元"
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
        "xaxis": {**axis, "title": {"text": f"{label}（{unit}）"}},
        "yaxis": {**axis, "title": {"text": "AI业务收入（万元）", "standoff": 4}},
    }
    picked = st.plotly_chart(
        {"data": traces, "layout": layout},
        key=f"scatter.{across}",
        config={"displayModeBar": False, "responsive": True},
        alt=f"企业的{label}与AI业务收入，按名录身份分颜色和符号",
        on_select="rerun",
        selection_mode="points",
    )
    point = next(iter(picked["selection"]["points"]), None)
    mark = point and point.get("customdata")
    identity = mark[0] if isinstance(mark, list | tuple) and mark else mark
    return str(identity) if identity in set(rows["enterprise_id"]) else None
