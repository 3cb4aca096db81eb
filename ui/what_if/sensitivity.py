"""敏感性 on the screen: which two thresholds, their surface with the rules marked, and the questions asked backwards."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.rule.policy import Policy, in_words
from core.statistics.metrics import METRICS
from core.statistics.totals import Totals
from core.what_if import scenario
from core.what_if import surface as core_surface
from core.what_if import thresholds as what_if_thresholds
from core.what_if.thresholds import Stretch
from ui.base.text import say
from ui.what_if.thresholds import WIDE, label

#: The two thresholds of a surface: code -> (across, up).
PAIRS: Final = {
    "core": ("core_share_bp", "core_ai_revenue"), "shares": ("core_share_bp", "related_share_bp"),
    "related": ("related_share_bp", "core_ai_revenue"),
}  # fmt: skip
MEASURES: Final = {code: METRICS[code].label for code in core_surface.MEASURES if code != "undetermined"}
#: Lines on each axis of a surface.
_LINES: Final = 101
_SCALE: Final = [[0, "#f7fbff"], [0.5, "#a8cdea"], [1, "#4a8fcb"]]


def asked(areas: Mapping[str, str], whole: str) -> tuple[str, str, str | None]:
    """Which two thresholds (of `PAIRS`), what of it (of `MEASURES`) and of which part: one of `areas`, None for the `whole`."""
    pair = st.selectbox(
        "两条线（横 × 纵）", list(PAIRS), format_func=short, key="pair", bind="query-params", placeholder="请选择"
    )
    measure = st.selectbox(
        "看什么",
        list(MEASURES),
        format_func=MEASURES.__getitem__,
        key="measure",
        bind="query-params",
        placeholder="请选择",
    )
    area = st.selectbox(
        "范围",
        list(areas),
        index=None,
        format_func=areas.__getitem__,
        key="area",
        bind="query-params",
        placeholder=whole,
    )
    return pair, measure, area


def short(pair: str) -> str:
    """The two thresholds of a surface in few words."""
    return " × ".join(label(line).replace("企业", "").removesuffix("线") for line in PAIRS[pair])


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


def trials(
    policies: Mapping[str, Policy], in_force: Policy, lines: Sequence[str], counts: Callable[[Policy], Totals]
) -> None:
    """Each policy in a card with its two `lines` and what it gives; `counts` is a function of data. A trial says so."""
    with st.grid(3, min_column_width=300):
        for name, each in policies.items():
            with st.container(border=True):
                found = counts(each)
                st.markdown(f"**{name}**　" + ("" if each is in_force else ":orange-badge[测算]"))
                st.markdown(
                    "　".join(
                        f"{label(line)} {in_words(line, what_if_thresholds.value_of(each, line))}" for line in lines
                    )
                )
                st.markdown(
                    "　".join(
                        f"{METRICS[code].label} {amount(code, found.of(code))}" for code in ("core", "counted_output")
                    )
                )
                if each is not in_force:
                    st.link_button(
                        "在“阈值测算”中打开",
                        f"/what_if?{urlencode(scenario.address(in_force, each))}",
                        icon=":material/tune:",
                    )


# --- backwards ---------------------------------------------------------------------------------------


def backwards() -> tuple[str, str, str]:
    """The line that is asked for, and as typed: how many core enterprises, how many per cent counted output may move."""
    with st.grid(3, min_column_width=260):
        line = st.selectbox(
            "哪条线", list(core_surface.LINES), format_func=label, key="line", bind="query-params", placeholder="请选择"
        )
        wanted = st.text_input(
            "希望有多少家核心企业", key="wanted", placeholder="如 500", max_chars=9, bind="query-params"
        )
        most = st.text_input(
            "纳入统计的变化不超过（%）", value="1", key="most", placeholder="如 1", max_chars=6, bind="query-params"
        )
    return line, wanted, most


def keeps(line: str, kept: tuple[int, int], parts: int) -> None:
    """Between which values of a line counted output stays within `parts` in ten thousand of today's."""
    say(
        "info",
        f"{label(line)}取 {span(line, *kept)} 之间的任何值，纳入统计与现行规则相差都不超过 {terms.percent(parts)}（测算）。",
    )


def at_ends(line: str, stretch: Stretch, edge: pl.DataFrame) -> None:
    """The enterprises for which a stretch ends (core.what_if.thresholds.at_edge)."""
    st.caption(f"在 {span(line, stretch.first, stretch.last)} 两端的企业：线再高一点就退出，或再低一点就进入。")
    st.dataframe(
        at_edge(edge),
        hide_index=True,
        alt="两端的企业",
        column_config=WIDE,
        height="content" if edge.height < 12 else 400,
    )


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
