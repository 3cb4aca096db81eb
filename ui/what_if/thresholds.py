"""What 敏感性, 临界企业 and 阈值附近的异常 share on the screen: years, lines and distances in words, figures."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.rule.policy import Policy, clauses, in_words
from core.statistics.metrics import ENTERPRISES, METRICS, headed
from core.what_if import surface as surface_of
from core.what_if import thresholds as what_if_thresholds
from core.what_if.bunching import Sides
from core.what_if.thresholds import Stretch
from ui.base import charts
from ui.base.text import duration, moment

#: The two thresholds of a surface: code -> (across, up).
PAIRS: Final = {
    "core": ("core_share_bp", "core_ai_revenue"), "shares": ("core_share_bp", "related_share_bp"),
    "related": ("related_share_bp", "core_ai_revenue"),
}  # fmt: skip
MEASURES: Final = {code: METRICS[code].label for code in surface_of.MEASURES if code != "undetermined"}
#: Lines on each axis of a surface.
_LINES: Final = 101
_SCALE: Final = [[0, "#f7fbff"], [0.5, "#a8cdea"], [1, "#4a8fcb"]]


def label(line: str) -> str:
    return clauses()[line].label


def short(pair: str) -> str:
    """The two thresholds of a surface in few words."""
    return " × ".join(label(line).replace("企业", "").removesuffix("线") for line in PAIRS[pair])


def years(found: Sequence[tuple[int, bool]]) -> tuple[int, bool]:
    """Which year: (year, provisional); the last full one unless another is asked for."""
    names = {f"{year}预判" if forecast else str(year): (year, forecast) for year, forecast in found}
    usual = next((name for name, (_, forecast) in names.items() if not forecast), next(iter(names)))
    chosen = st.segmented_control(
        "统计年度",
        list(names),
        default=usual,
        required=True,
        key="year",
        bind="query-params",
        help="“预判”按全年（预测）数计算，不是正式认定",
    )
    return names[chosen or usual]


def axis(line: str, policy: Policy) -> tuple[str, tuple[int, ...]]:
    """The lines of an axis: every percentage point; the revenue line in twentieths of the one in force."""
    step = 100 if line.endswith("_bp") else max(policy.core_ai_revenue // 20, 1)
    return line, tuple(step * at for at in range(_LINES))


def _shown(line: str, value: int) -> float:
    """A threshold on an axis: per cent, 万元."""
    return value / (100 if line.endswith("_bp") else 10_000)


def _unit(line: str) -> str:
    return "%" if line.endswith("_bp") else " 万元"


def _axis(line: str, values: Sequence[int]) -> dict[str, Any]:
    return {
        "title": {"text": f"{label(line)}（{_unit(line).strip()}）"},
        "fixedrange": True,
        "automargin": True,
        "range": [_shown(line, values[0]), _shown(line, values[-1])],
        "tickformat": ",~f",
    }


def amount(measure: str, value: int) -> str:
    return METRICS[measure].said(value)


def heading(measure: str) -> str:
    return f"{MEASURES[measure]}（{METRICS[measure].unit.word}，测算）"


def counted(counts: Mapping[str, int]) -> str:
    """What a point of a surface gives, in one line."""
    return "　".join(f"{METRICS[code].label} {amount(code, counts[code])}" for code in ("core", "counted_output"))


def surface(
    table: pl.DataFrame,
    x: tuple[str, Sequence[int]],
    y: tuple[str, Sequence[int]],
    measure: str,
    marks: dict[str, Policy],
) -> dict[str, Any]:
    """Heat map with contours of core.what_if.surface.surface; `marks`: word -> the policy to mark. Every fifth node can be picked."""
    (across, xs), (up, ys) = x, y
    unit = METRICS[measure].unit
    values = [unit.drawn(value) for value in table[measure]]
    heat = {
        "type": "contour",
        "x": [_shown(across, value) for value in xs],
        "y": [_shown(up, value) for value in ys],
        "z": [values[row :: len(ys)] for row in range(len(ys))],
        "colorscale": _SCALE,
        "hoverinfo": "skip",
        "contours": {"coloring": "heatmap", "showlabels": True, "labelfont": {"size": 11, "color": "#1a1a1a"}},
        "line": {"color": "#1a1a1a", "width": 0.6},
        "ncontours": 12,
        "colorbar": {"title": {"text": unit.word}, "thickness": 12, "len": 0.9},
    }
    picked = table.filter(pl.col("x").is_in(list(xs[::5])) & pl.col("y").is_in(list(ys[::5])))
    nodes = {
        "type": "scatter",
        "mode": "markers",
        "showlegend": False,
        "x": [_shown(across, value) for value in picked["x"]],
        "y": [_shown(up, value) for value in picked["y"]],
        "marker": {"size": 9, "color": "rgba(0,0,0,0.01)"},
        "text": [amount(measure, value) for value in picked[measure]],
        "hovertemplate": f"{label(across)} %{{x:,~f}}{_unit(across)}<br>{label(up)} %{{y:,~f}}{_unit(up)}<br>{MEASURES[measure]} %{{text}}<extra></extra>",
        # What is picked keeps to a small sign; nothing else fades.
        "selected": {"marker": {"color": "#1a1a1a", "size": 9}},
        "unselected": {"marker": {"opacity": 0.01}},
    }
    signs = [
        {
            "type": "scatter",
            "mode": "markers+text",
            "showlegend": False,
            "hoverinfo": "skip",
            "cliponaxis": False,
            "x": [_shown(across, int(getattr(policy, across)))],
            "y": [_shown(up, int(getattr(policy, up)))],
            "text": [f"<b>{word}</b>"],
            "textposition": "top center" if at == 0 else "bottom center",
            "textfont": {"size": 13, "color": "#1a1a1a"},
            # A node that is picked must not let the signs fade.
            "unselected": {"marker": {"opacity": 1}, "textfont": {"color": "#1a1a1a"}},
            "marker": {
                "size": 13,
                "symbol": ("circle", "diamond")[at],
                "color": ("#D55E00", "#009E73")[at],
                "line": {"color": "#ffffff", "width": 2},
            },
        }
        for at, (word, policy) in enumerate(marks.items())
    ]
    layout = {
        "height": 520,
        "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
        "xaxis": _axis(across, xs),
        "yaxis": _axis(up, ys),
        "clickmode": "event+select",
        "hoverlabel": {"namelength": -1},
        "dragmode": False,
        "showlegend": False,
    }
    return {"data": [heat, *signs, nodes], "layout": layout}


def pick(figure: dict[str, Any], pair: str, *, key: str, alt: str) -> dict[str, int] | None:
    """Show a surface; the thresholds of the node that was picked, None before."""
    event = st.plotly_chart(
        figure,
        key=key,
        alt=alt,
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False, "responsive": True},
    )
    points = event["selection"]["points"]
    if not points:
        return None
    return {
        line: round(points[0][at] * (100 if line.endswith("_bp") else 10_000))
        for at, line in zip("xy", PAIRS[pair], strict=True)
    }


# --- backwards ---------------------------------------------------------------------------------------


def span(line: str, first: int, last: int) -> str:
    """A stretch of a threshold: one value, or from … to …"""
    return in_words(line, first) if first == last else f"{in_words(line, first)} 至 {in_words(line, last)}"


def told(line: str, wanted: int, stretches: Sequence[Stretch]) -> str:
    """The answer to: which value of a threshold gives so many core enterprises?"""
    core, counted = METRICS["core"], METRICS["counted_output"]
    words = [
        f"{label(line)}取 {span(line, each.first, each.last)} 时，{core.label} {core.said(each.core)}，{counted.label} "
        + ("" if each.least == each.most else f"{counted.text(each.least)} 至 ")
        + counted.said(each.most)
        for each in stretches
    ]
    if [each.core for each in stretches] == [wanted]:
        return words[0]
    if len(stretches) == 1:
        return f"这条线取任何值都得不到 {wanted:,} 家，最接近的：{words[0]}"
    return f"没有哪个值正好得到 {wanted:,} 家，因为几家企业在同一点上同时越线。最接近的：{'；'.join(words)}"


def at_edge(frame: pl.DataFrame) -> pl.DataFrame:
    """core.what_if.thresholds.at_edge as people read it."""
    side = pl.when("leaves").then(pl.lit("线再高就退出")).otherwise(pl.lit("线再低就进入")).alias("在哪一端")
    return frame.with_columns(what_if_thresholds.shares(frame)).select(
        pl.col("name").alias("企业名称"),
        side,
        METRICS["share"].label,
        pl.col("ai_revenue").alias(what_if_thresholds.AMOUNTS[2]),
        pl.col("district").replace_strict(DISTRICTS, default="未填").alias("区属"),
    )


# --- the ledger --------------------------------------------------------------------------------------

WIDE: Final = {name: st.column_config.NumberColumn(format="localized") for name in what_if_thresholds.AMOUNTS}


def edges(table: pl.DataFrame, *, link: bool) -> int | None:
    """Draw a page of the list of enterprises near a line; the place of the row that was pressed, if `link`."""
    height = 36 + 35 * min(table.height, 15)
    if not link:
        st.dataframe(table, hide_index=True, alt="临界企业名单", key="edges.list", height=height, column_config=WIDE)
        return None
    picked = st.dataframe(
        table,
        hide_index=True,
        alt="临界企业名单",
        key="edges.list",
        height=height,
        column_config=WIDE,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )
    places = [*picked["selection"]["rows"], *(row for row, _ in picked["selection"]["cells"])]
    return places[0] if places and places[0] < table.height else None


def resting(table: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """core.what_if.thresholds.resting as people read it."""
    counted = METRICS["counted_output"]
    rows = [
        (
            f"{label(row['line'])} {in_words(row['line'], int(getattr(policy, row['line'])))}",
            f"±{row['band']} {'个百分点' if row['line'].endswith('_bp') else '%'}",
            f"{row['below']:,}",
            f"{row['above']:,}",
            counted.text(row["counted_output"]),
            counted.text(row["gain"]),
            counted.text(row["loss"]),
        )
        for row in table.iter_rows(named=True)
    ]
    heads = (
        "线",
        "范围",
        headed("未越线", ENTERPRISES),
        headed("已越线", ENTERPRISES),
        f"现{counted.heading}",
        headed("未越线的都越线", counted.unit),
        headed("已越线的都退回", counted.unit),
    )
    return pl.DataFrame(rows, schema=list(heads), orient="row")


# --- bunching ----------------------------------------------------------------------------------------


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


def crossed(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """data.what_if.bunching.crossed as people read it."""
    ai = METRICS["ai_revenue"]
    return pl.DataFrame(
        [
            {
                "企业名称": row["name"],
                "越过的线": "、".join(
                    f"{label(line)}（{'升至线上' if over else '降至线下'}）" for line, over in row["lines"].items()
                ),
                "首次保存的占比": terms.share(row["first_ai"], row["first_total"]),
                "提交的占比": terms.share(row["ai_revenue"], row["total_revenue"]),
                "最后改动到提交": duration(int((row["submitted_at"] - row["changed_at"]).total_seconds()))
                if row["changed_at"]
                else "—",
                f"首次{ai.heading_of_one}": ai.one.text(row["first_ai"]),
                f"提交的{ai.heading_of_one}": ai.one.text(row["ai_revenue"]),
                "提交时间": moment(row["submitted_at"]),
                "区属": DISTRICTS.get(row["district"], "未填"),
            }
            for row in rows
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
