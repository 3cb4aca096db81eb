"""阈值测算 as figures: flows between classes, differences by group, what each unclear clause moves."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from core.base import terms
from core.rule.policy import clauses
from core.statistics.metrics import METRICS
from ui.base.charts import AMOUNT_COLOUR, CLASS_COLOURS

_COUNTED: Final = METRICS["counted_output"]


def sankey(cells: pl.DataFrame) -> dict[str, Any]:
    """Flows from the class in force to the class of the trial; those who move in the colour of where they go."""
    sides = {
        end: [tier for tier in terms.TIERS if tier in set(cells[f"directory_tier{end}"])] for end in ("", "_after")
    }
    places = {
        (end, tier): at for at, (end, tier) in enumerate((end, tier) for end, tiers in sides.items() for tier in tiers)
    }
    counts = {
        end: dict(cells.group_by(f"directory_tier{end}").agg(pl.col("enterprises").sum()).iter_rows()) for end in sides
    }
    labels = [f"{terms.TIERS[tier]} {counts[end][tier]:,}" for end, tier in places]
    rows = cells.to_dicts()
    stays = [row["directory_tier"] == row["directory_tier_after"] for row in rows]
    link = {
        "source": [places["", row["directory_tier"]] for row in rows],
        "target": [places["_after", row["directory_tier_after"]] for row in rows],
        "value": [row["enterprises"] for row in rows],
        "color": [
            "rgba(140,140,140,0.25)" if stay else f"{CLASS_COLOURS[row['directory_tier_after']]}aa"
            for row, stay in zip(rows, stays, strict=True)
        ],
        "customdata": [
            f"{terms.TIERS[row['directory_tier']]} → {terms.TIERS[row['directory_tier_after']]}<br>{METRICS['enterprises'].said(row['enterprises'])}，{_COUNTED.label} "
            f"{_COUNTED.text(row['counted_output'])} → {_COUNTED.said(row['counted_output_after'])}"
            for row in rows
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    node = {
        "label": labels,
        "color": [CLASS_COLOURS[tier] for _, tier in places],
        "pad": 14,
        "thickness": 14,
        "line": {"width": 0},
        "hovertemplate": f"%{{label}} {METRICS['enterprises'].unit.word}<extra></extra>",
    }
    layout = {"height": 340, "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "font": {"size": 13}}
    return {"data": [{"type": "sankey", "node": node, "link": link, "arrangement": "fixed"}], "layout": layout}


def differences(table: pl.DataFrame, names: Mapping[str, str], by: str) -> dict[str, Any]:
    """Winners and losers: the difference of 纳入统计 in 亿元, winners on top."""
    rows = table.reverse().to_dicts()
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": [names.get(row[by], "未填") for row in rows],
        "x": [_COUNTED.unit.drawn(row["difference"]) for row in rows],
        "marker": {
            "color": [AMOUNT_COLOUR if row["difference"] >= 0 else CLASS_COLOURS["related_software"] for row in rows],
            "pattern": {"shape": ["" if row["difference"] >= 0 else "/" for row in rows], "solidity": 0.4},
        },
        "text": [f"{_COUNTED.signed(row['difference'])}（{METRICS['moved'].said(row['moved'])}）" for row in rows],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}　%{text}<extra></extra>",
    }
    least, most = (
        _COUNTED.unit.drawn(edge) for edge in (min([0, *table["difference"]]), max([0, *table["difference"]]))
    )
    room = (most - least or 1) * 0.75  # for the words beyond the bars
    axis = {
        "title": {"text": _COUNTED.unit.word},
        "range": [least - (room if least < 0 else 0), most + room],
        "zeroline": True,
    }
    layout = {
        "height": _height(len(rows)),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": axis,
        "yaxis": {"automargin": True},
        "showlegend": False,
    }
    return {"data": [bar], "layout": layout}


def before_after(table: pl.DataFrame, names: Mapping[str, str], by: str) -> dict[str, Any]:
    """纳入统计 in 亿元 in force and by the trial; the trial's bars are hatched."""
    rows = table.sort("counted_output").to_dicts()
    labels = [names.get(row[by], "未填") for row in rows]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": word,
            "y": labels,
            "x": [_COUNTED.unit.drawn(row[code]) for row in rows],
            "marker": {"color": colour, "pattern": {"shape": shape, "solidity": 0.4}},
            "text": [_COUNTED.text(row[code]) for row in rows],
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": f"%{{y}}　%{{fullData.name}} %{{text}} {_COUNTED.unit.word}<extra></extra>",
        }
        for code, word, colour, shape in (
            ("counted_output_after", "测算", AMOUNT_COLOUR, "/"),
            ("counted_output", "现行", CLASS_COLOURS["outside"], ""),
        )
    ]
    layout = {
        "height": _height(2 * len(rows)),
        "margin": {"l": 8, "r": 48, "t": 8, "b": 8},
        "barmode": "group",
        "yaxis": {"automargin": True},
        "xaxis": {"title": {"text": _COUNTED.unit.word}, "rangemode": "tozero"},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "reversed"},
    }
    return {"data": bars, "layout": layout}


def tornado(bars: pl.DataFrame, standing: int) -> dict[str, Any]:
    """What each unclear clause alone moves; the line is the trial as it stands."""
    rows = bars.reverse().to_dicts()
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": [_folded(clauses()[row["clause"]].label) for row in rows],
        "base": [_COUNTED.unit.drawn(row["least"]) for row in rows],
        "x": [_COUNTED.unit.drawn(row["spread"]) for row in rows],
        "marker": {"color": AMOUNT_COLOUR},
        "text": [f"差 {_COUNTED.text(row['spread'])}" for row in rows],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [
            f"{row['low']} {_COUNTED.said(row['least'])}<br>{row['high']} {_COUNTED.said(row['most'])}" for row in rows
        ],
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }
    least, most = (
        _COUNTED.unit.drawn(end) for end in (min([standing, *bars["least"]]), max([standing, *bars["most"]]))
    )
    room = (most - least) * 0.5 or 1
    layout = {
        "height": _height(len(rows)),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False,
        "xaxis": {"title": {"text": _COUNTED.heading}, "range": [least - room / 4, most + room]},
        "yaxis": {"automargin": True, "tickfont": {"size": 11}},
        "shapes": [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": _COUNTED.unit.drawn(standing),
                "x1": _COUNTED.unit.drawn(standing),
                "y0": 0,
                "y1": 1,
                "line": {"dash": "dot", "width": 1.5, "color": "#8C8C8C"},
            }
        ],
    }
    return {"data": [bar], "layout": layout}


def _height(rows: int) -> int:
    return 110 + 34 * rows


def _folded(label: str) -> str:
    """A long label on two lines, so that a phone leaves room for the bars."""
    half = (len(label) + 1) // 2
    return label if len(label) <= 10 else f"{label[:half]}<br>{label[half:]}"
