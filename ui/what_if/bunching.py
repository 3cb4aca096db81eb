"""阈值附近的异常 on the screen: how many stand on either side of a line, the tests, and drafts that crossed one."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.rule.policy import Policy, in_words
from core.statistics.metrics import METRICS
from core.what_if.bunching import Crossed, Sides
from ui.base import charts
from ui.base.text import duration, moment
from ui.what_if.thresholds import label


def histogram(table: pl.DataFrame, line: str, policy: Policy) -> dict[str, Any]:
    """Bars on both sides of a line: those that meet it stand full, the others hatched."""
    steps, unit = table["step"].to_list(), "个百分点" if line.endswith("_bp") else "%"
    over = [step >= 0 for step in steps]
    bars = {
        "type": "bar",
        "x": [step + 0.5 for step in steps],
        "y": table["enterprises"].to_list(),
        "width": 0.92,
        "marker": {
            "color": [charts.AMOUNT_COLOUR if each else charts.CLASS_COLOURS["outside"] for each in over],
            "pattern": {"shape": ["" if each else "/" for each in over], "solidity": 0.3, "size": 6},
        },
        "hovertext": [f"距线 {step} 至 {step + 1} {unit}：{count:,} 家" for step, count in table.iter_rows()],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    layout = {
        "height": 280,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "bargap": 0,
        "xaxis": {"title": {"text": f"距线的距离（{unit}）"}, "fixedrange": True, "zeroline": False, "ticksuffix": ""},
        "yaxis": {"fixedrange": True, "rangemode": "tozero", "automargin": True},
        "shapes": [
            {
                "type": "line",
                "x0": 0,
                "x1": 0,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": "#D55E00", "width": 2},
            }
        ],
        "annotations": [
            {
                "text": f"{label(line)} {in_words(line, int(getattr(policy, line)))}",
                "x": 0,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12},
            }
        ],
    }
    return {"data": [bars], "layout": layout}


def crossed(found: Sequence[Crossed]) -> pl.DataFrame:
    """data.what_if.bunching.crossed as people read it."""
    ai = METRICS["ai_revenue"]
    return pl.DataFrame(
        [
            {
                "企业名称": each.draft.name,
                "越过的线": "、".join(
                    f"{label(line)}（{'升至线上' if over else '降至线下'}）" for line, over in each.lines.items()
                ),
                "首次保存的占比": terms.share(each.draft.first_ai, each.draft.first_total),
                "提交的占比": terms.share(each.draft.ai_revenue, each.draft.total_revenue),
                "最后改动到提交": duration(int((each.draft.submitted_at - each.draft.changed_at).total_seconds()))
                if each.draft.changed_at
                else "—",
                f"首次{ai.heading_of_one}": ai.one.text(each.draft.first_ai),
                f"提交的{ai.heading_of_one}": ai.one.text(each.draft.ai_revenue),
                "提交时间": moment(each.draft.submitted_at),
                "区属": DISTRICTS.get(each.draft.district or "", "未填"),
            }
            for each in found
        ]
    )


def probability(p_value: float) -> str:
    return "小于 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def tests(found: Sides, density: dict[str, float | None] | None, line: str) -> None:
    """The two tests of a line in numbers, the exact one first; too small a sample says so instead."""
    where = "±5 个百分点" if line.endswith("_bp") else "线的 ±5%"
    st.markdown(f"{where}内：未越线 **{found.below:,}** 家，越线 **{found.above:,}** 家。")
    if not found.enough:
        st.markdown(f":gray-badge[样本不足]　{where}内共 {found.below + found.above:,} 家，少于 150 家，不作检验。")
        return
    uneven = found.p_value < 0.05
    st.markdown(
        f"**精确二项检验**（两侧各半）：p 值 {probability(found.p_value)}　"
        + (":orange-badge[两侧明显不均]" if uneven else ":gray-badge[未见明显不均]")
    )
    if density is None:
        st.markdown("**密度间断检验**：正在计算，算完自动显示。")
    elif (p_value := density.get(line)) is None:
        st.markdown("**密度间断检验**：这组数据不能给出结果。")
    else:
        st.markdown(
            f"**密度间断检验**（线两侧密度是否相接）：p 值 {probability(p_value)}　"
            + (":orange-badge[线上有间断]" if p_value < 0.05 else ":gray-badge[未见间断]")
        )
