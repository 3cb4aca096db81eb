"""阈值测算 on the screen: the parameters to drag or type, with the scenario in the address, and what comes of them.

The address is the scenario: every input writes there what differs from the policy in force, and is drawn from there.
Everything that a trial gives says 测算.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.base.errors import Refused
from core.rule import policy_draft
from core.rule.policy import CHOICES, Policy, clauses, in_words, written
from core.statistics.metrics import METRICS, headed
from core.what_if import scenario as what_if_scenario
from ui.base.charts import AMOUNT_COLOUR, CLASS_COLOURS, show
from ui.base.text import plain, say, tile

Row = Mapping[str, Any]
#: Groupings: column -> (word, names).
GROUPS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "district": ("区属", DISTRICTS), "layer": ("产业链层", terms.LAYERS), "size": ("企业规模", terms.SIZES),
}  # fmt: skip
#: The slider of the revenue line ends at 1 亿元, in 万元; higher lines can be typed.
_MOST_WAN: Final = 10_000
_COUNTED: Final = METRICS["counted_output"]
_SMALL: Final = "core_share_small_bp"


# --- the address ------------------------------------------------------------------------------------------


def _put(policy: Policy, name: str, value: Any) -> None:
    """Name one parameter in the address, or leave it out where it is as in force."""
    if value == getattr(policy, name):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value).lower()
    st.session_state.pop("what_if.problem", None)


def choose(policy: Policy, changes: Mapping[str, Any]) -> None:
    """Name a whole scenario in the address and nothing else."""
    for name in clauses():
        _put(policy, name, changes.get(name, getattr(policy, name)))


def _dragged(policy: Policy, name: str) -> None:
    value = st.session_state[f"{name}.slider"]
    _put(policy, name, round(value * 100) if name.endswith("_bp") else value * 10_000)


def _typed(policy: Policy, name: str) -> None:
    try:
        _put(policy, name, policy_draft.parameter(name, st.session_state[f"{name}.text"]))
    except Refused as error:
        st.session_state["what_if.problem"] = str(error).replace("未保存", "未采用，各数仍按上一次的值")


def _switched(policy: Policy, name: str) -> None:
    _put(policy, name, st.session_state[f"{name}.switch"])


def _apart(policy: Policy, trial: Policy) -> None:
    """小微企业 get a line of their own, at first that of all; or lose it."""
    _put(policy, _SMALL, trial.core_share_bp if st.session_state[f"{_SMALL}.own"] else None)


# --- the parameters ---------------------------------------------------------------------------------------


def parameters(policy: Policy, trial: Policy) -> None:
    """Every parameter beside the one in force: a slider and the same to type, or a switch; both drawn from the address."""
    for name, about in clauses().items():
        value, now = getattr(trial, name), in_words(name, getattr(policy, name))
        label = f"{about.label}{'（已改）' if value != getattr(policy, name) else ''}"
        if name == _SMALL:
            st.session_state[f"{name}.own"] = value is not None
            st.toggle(
                f"小微企业另设核心线（现行：{now}）",
                key=f"{name}.own",
                help=about.clause,
                on_change=_apart,
                args=(policy, trial),
            )
            if value is None:
                continue
        if name in CHOICES or isinstance(value, bool):
            words = {True: "是", False: "否"} if isinstance(value, bool) else CHOICES[name]
            st.session_state[f"{name}.switch"] = value
            st.segmented_control(
                f"{label}　现行：{now}",
                list(words),
                format_func=words.__getitem__,
                key=f"{name}.switch",
                required=True,
                help=about.clause,
                on_change=_switched,
                args=(policy, name),
            )
            continue
        text, unit = written(name, value)
        shares = name.endswith("_bp")
        st.session_state[f"{name}.text"] = text
        st.session_state[f"{name}.slider"] = value / 100 if shares else min(value // 10_000, _MOST_WAN)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            ends: dict[str, Any] = (
                {"min_value": 0.0, "max_value": 100.0, "step": 0.5, "format": "%g%%"}
                if shares
                else {"min_value": 0, "max_value": _MOST_WAN, "step": 100}
            )
            st.slider(
                f"{label}　现行：{now}",
                **ends,
                key=f"{name}.slider",
                help=about.clause,
                on_change=_dragged,
                args=(policy, name),
            )
            st.text_input(
                f"{about.label}，键入（{unit}）",
                key=f"{name}.text",
                max_chars=20,
                placeholder=f"现行 {now}",
                label_visibility="collapsed",
                on_change=_typed,
                args=(policy, name),
                width=96,
                autocomplete="off",
            )
    if problem := st.session_state.get("what_if.problem"):
        say("error", problem)


def chooser(policy: Policy, trial: Policy, known: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
    """The ready scenarios: presets and saved ones, code -> (name, changes); the one that stands is named."""
    now = what_if_scenario.changes(policy, trial)
    differ = {
        code: {name: value for name, value in given.items() if value != getattr(policy, name, None)}
        for code, (_, given) in known.items()
    }
    st.session_state["chosen"] = next((code for code, given in differ.items() if given == now), None)

    def take() -> None:
        if code := st.session_state["chosen"]:
            choose(policy, known[code][1])

    st.selectbox(
        "情景",
        list(known),
        format_func=lambda code: known[code][0],
        key="chosen",
        placeholder="自行调整的参数",
        on_change=take,
    )


# --- the answer -------------------------------------------------------------------------------------------


def span(least: int, most: int) -> str:
    """Yuan in 亿元: “12.30–13.45”, one number where both are the same."""
    low, high = _COUNTED.text(least), _COUNTED.text(most)
    return low if low == high else f"{low}–{high}"


def _metric(label: str, value: str, difference: int, written: str, before: str | None) -> None:
    """What the trial gives; under it the difference and what is in force."""
    still: dict[str, Any] = {} if difference else {"delta_color": "off", "delta_arrow": "off"}
    st.metric(label, value, delta=written, delta_description=before, border=True, **still)


def headline(whole: Row, band: pl.DataFrame, policy_band: pl.DataFrame) -> None:
    """Before → after with the difference, and the range over all readings of the unclear clauses."""
    least, most = what_if_scenario.spans(band)["counted_output"]
    before = what_if_scenario.spans(policy_band)["counted_output"]
    with st.grid(4, min_column_width=150):
        for metric in (METRICS[code] for code in what_if_scenario.HEADLINE):
            was, now = whole[metric.code], whole[f"{metric.code}_after"]
            written, then = (
                (metric.signed(now - was), None)
                if metric is _COUNTED
                else (f"{metric.signed(now - was)} {metric.unit.word}", f"现行 {metric.text(was)}")
            )
            _metric(f"{metric.label}（测算）", tile(metric.unit, now), now - was, written, then)
        moved, everybody = METRICS["moved"], METRICS["enterprises"].said(whole["enterprises"])
        _metric(f"{moved.label}（测算）", tile(moved.unit, whole["moved"]), 0, f"共 {everybody}", None)
    unit = _COUNTED.unit.word
    st.markdown(
        f"**{_COUNTED.label}由 {_COUNTED.text(was)} 变为 {_COUNTED.said(now)}（测算），各种读法下为 {span(least, most)} {unit}**；"
        f"现行规则各种读法下为 {span(*before)} {unit}。原文不清的条款有三处，每处的读法都是一个开关，区间取遍所有组合。"
    )


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


def matrix(cells: pl.DataFrame) -> pl.DataFrame:
    """The flows as a table, its equal: those who move first."""
    rows = sorted(
        cells.to_dicts(), key=lambda row: (row["directory_tier"] == row["directory_tier_after"], -row["enterprises"])
    )
    return pl.DataFrame(
        [
            {
                "现行身份": terms.TIERS[row["directory_tier"]],
                "测算身份": terms.TIERS[row["directory_tier_after"]],
                METRICS["enterprises"].heading_brief: row["enterprises"],
                f"现行{_COUNTED.heading}": _COUNTED.text(row["counted_output"]),
                f"测算{_COUNTED.heading}": _COUNTED.text(row["counted_output_after"]),
                METRICS["difference"].heading: METRICS["difference"].signed(row["difference"]),
            }
            for row in rows
        ]
    )


def _height(rows: int) -> int:
    return 110 + 34 * rows


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


def grouped(table: pl.DataFrame, by: str) -> pl.DataFrame:
    """A grouping as a table, before and after."""
    word, names = GROUPS[by]
    return pl.DataFrame(
        [
            {
                word: names.get(row[by], "未填"),
                METRICS["enterprises"].heading_brief: row["enterprises"],
                **{
                    METRICS[code].label: f"{METRICS[code].text(row[code])} → {METRICS[code].text(row[f'{code}_after'])}"
                    for code in ("core", "related")
                },
                METRICS["moved"].label: row["moved"],
                _COUNTED.heading: f"{_COUNTED.text(row['counted_output'])} → {_COUNTED.text(row['counted_output_after'])}",
                METRICS["difference"].heading: METRICS["difference"].signed(row["difference"]),
            }
            for row in table.iter_rows(named=True)
        ]
    )


def _folded(label: str) -> str:
    """A long label on two lines, so that a phone leaves room for the bars."""
    half = (len(label) + 1) // 2
    return label if len(label) <= 10 else f"{label[:half]}<br>{label[half:]}"


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


def clause_table(bars: pl.DataFrame) -> pl.DataFrame:
    """The tornado as a table: each unclear clause, its readings at either end and what they give."""
    return pl.DataFrame(
        [
            {
                "条款": clauses()[row["clause"]].label,
                headed("相差", _COUNTED.unit): _COUNTED.text(row["spread"]),
                "最低": f"{_COUNTED.text(row['least'])}（{row['low']}）",
                "最高": f"{_COUNTED.text(row['most'])}（{row['high']}）",
            }
            for row in bars.iter_rows(named=True)
        ]
    )


def answers(moves: pl.DataFrame, band: pl.DataFrame, trial: Policy, standing: int) -> None:
    """Who moves where, and which clause moves the headline most."""
    with st.container(border=True):
        st.header(f"身份流向（测算，{METRICS['moved'].unit.word}）", anchor=False)
        st.caption("左为现行规则，右为测算；灰色为身份不变，彩色为改变。")
        show(sankey(moves), key="sankey", alt="测算：各名录身份由现行规则到测算的流向，下表同")
        st.dataframe(matrix(moves), hide_index=True, alt="测算：身份流向表", height="content")
    bars = what_if_scenario.tornado(band, trial)
    with st.container(border=True):
        st.header(f"原文不清的条款各影响多少（测算，{_COUNTED.unit.word}）", anchor=False)
        widest = bars.row(0, named=True)
        if widest["spread"]:
            st.caption(
                f"影响最大的是“{plain(clauses()[widest['clause']].label)}”，相差 {_COUNTED.said(widest['spread'])}。每条只改这一处，其余不变；虚线为当前测算。"
            )
        show(tornado(bars, standing), key="tornado", alt=f"测算：各条款不同读法下{_COUNTED.label}的高低，下表同")
        st.dataframe(clause_table(bars), hide_index=True, alt="测算：各条款的读法与结果")


def breakdowns(groups: Mapping[str, pl.DataFrame]) -> None:
    """Winners and losers by district; layer and size before and after."""
    left, right = st.columns(2)
    for by, (word, names) in GROUPS.items():
        with left if by == "district" else right, st.container(border=True):
            st.header(
                f"{'各区增减' if by == 'district' else f'各{word}前后'}（测算，{_COUNTED.unit.word}）", anchor=False
            )
            if by == "district":
                st.caption(f"{_COUNTED.label}增减，增加的在前；括号内为{METRICS['moved'].label}的家数。")
            draw = differences if by == "district" else before_after
            show(draw(groups[by], names, by), key=f"groups_{by}", alt=f"测算：各{word}{_COUNTED.label}的变化，下表同")
            st.dataframe(grouped(groups[by], by), hide_index=True, alt=f"测算：各{word}前后", height="content")


def beside(rows: Sequence[tuple[str, str, Row, pl.DataFrame]]) -> None:
    """Scenarios side by side, one a line: (name, what differs, headline, band)."""
    table = [
        {
            "情景": name,
            **{METRICS[code].label: row[f"{code}_after"] for code in ("core", "related")},
            METRICS["moved"].label: row["moved"],
            _COUNTED.heading: _COUNTED.text(row["counted_output_after"]),
            headed("与现行相差", _COUNTED.unit): _COUNTED.signed(row["difference"]),
            headed("各读法区间", _COUNTED.unit): span(*what_if_scenario.spans(band)["counted_output"]),
            "与现行的差别": words or "—",
        }
        for name, words, row, band in rows
    ]
    st.dataframe(pl.DataFrame(table), hide_index=True, alt="测算：情景并列比较")


def years(names: Sequence[str], standing: str) -> None:
    """Of which year's figures; in the address."""
    if len(names) < 2:
        return
    st.session_state["year"] = standing
    st.segmented_control(
        "统计年度",
        list(names),
        key="year",
        required=True,
        help="“预判”按全年（预测）数计算",
        on_change=lambda: st.query_params.update(year=st.session_state["year"]),
    )
