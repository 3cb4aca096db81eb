"""阈值测算 on the screen, the side where it is answered: what a trial gives beside the policy in force. All of it says 测算."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.rule.policy import Policy, clauses
from core.statistics.metrics import METRICS, headed
from core.what_if import scenario as what_if_scenario
from core.what_if.scenario import Outcome
from ui.base.charts import show
from ui.base.text import plain, tile
from ui.what_if.figures import before_after, differences, sankey, tornado

_COUNTED: Final = METRICS["counted_output"]
#: Groupings: column -> (word, names).
GROUPS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "district": ("区属", DISTRICTS), "layer": ("产业链层", terms.LAYERS), "size": ("企业规模", terms.SIZES),
}  # fmt: skip


def span(least: int, most: int) -> str:
    """Yuan in 亿元: “12.30–13.45”, one number where both are the same."""
    low, high = _COUNTED.text(least), _COUNTED.text(most)
    return low if low == high else f"{low}–{high}"


def headline(found: Outcome) -> None:
    """Before → after with the difference, and the range over all readings of the unclear clauses."""
    least, most = what_if_scenario.spans(found.band)["counted_output"]
    before = what_if_scenario.spans(found.policy_band)["counted_output"]
    whole = found.whole
    with st.grid(4, min_column_width=150):
        for metric in (METRICS[code] for code in what_if_scenario.HEADLINE):
            was, now = getattr(whole, metric.code), getattr(whole, f"{metric.code}_after")
            written = f"{metric.signed(now - was)} {metric.unit.word}"
            # The amounts in force stand in the sentence below; beside the difference there is no room for them.
            then = None if metric is _COUNTED else f"现行 {metric.text(was)}"
            _metric(f"{metric.label}（测算）", tile(metric.unit, now), now - was, written, then)
        moved, everybody = METRICS["moved"], METRICS["enterprises"].said(whole.enterprises)
        _metric(f"{moved.label}（测算）", tile(moved.unit, whole.moved), 0, f"共 {everybody}", None)
    unit = _COUNTED.unit.word
    st.markdown(
        f"**{_COUNTED.label}由 {_COUNTED.text(whole.counted_output)} 变为 {_COUNTED.said(whole.counted_output_after)}（测算），"
        f"各种读法下为 {span(least, most)} {unit}**；"
        f"现行规则各种读法下为 {span(*before)} {unit}。原文不清的条款有三处，每处的读法都是一个开关，区间取遍所有组合。"
    )


def _metric(label: str, value: str, difference: int, written: str, before: str | None) -> None:
    """What the trial gives; under it the difference and what is in force."""
    still: dict[str, Any] = {} if difference else {"delta_color": "off", "delta_arrow": "off"}
    st.metric(label, value, delta=written, delta_description=before, border=True, **still)


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


def answers(found: Outcome, trial: Policy) -> None:
    """Who moves where, and which clause moves the headline most."""
    with st.container(border=True):
        st.header(f"身份流向（测算，{METRICS['moved'].unit.word}）", anchor=False)
        st.caption("左为现行规则，右为测算；灰色为身份不变，彩色为改变。")
        show(sankey(found.moves), key="sankey", alt="测算：各名录身份由现行规则到测算的流向，下表同")
        st.dataframe(matrix(found.moves), hide_index=True, alt="测算：身份流向表", height="content")
    bars = what_if_scenario.tornado(found.band, trial)
    with st.container(border=True):
        st.header(f"原文不清的条款各影响多少（测算，{_COUNTED.unit.word}）", anchor=False)
        widest = bars.row(0, named=True)
        if widest["spread"]:
            st.caption(
                f"影响最大的是“{plain(clauses()[widest['clause']].label)}”，相差 {_COUNTED.said(widest['spread'])}。每条只改这一处，其余不变；虚线为当前测算。"
            )
        show(
            tornado(bars, found.whole.counted_output_after),
            key="tornado",
            alt=f"测算：各条款不同读法下{_COUNTED.label}的高低，下表同",
        )
        st.dataframe(clause_table(bars), hide_index=True, alt="测算：各条款的读法与结果")


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


def breakdowns(groups: Mapping[str, pl.DataFrame]) -> None:
    """Winners and losers by district; layer and size before and after."""
    left, right = st.columns(2)
    for by, (word, names) in GROUPS.items():
        with left if by == "district" else right, st.container(border=True):
            title = "各区增减" if by == "district" else f"各{word}前后"
            st.header(f"{title}（测算，{_COUNTED.unit.word}）", anchor=False)
            if by == "district":
                st.caption(f"{_COUNTED.label}增减，增加的在前；括号内为{METRICS['moved'].label}的家数。")
            draw = differences if by == "district" else before_after
            show(draw(groups[by], names, by), key=f"groups_{by}", alt=f"测算：各{word}{_COUNTED.label}的变化，下表同")
            st.dataframe(grouped(groups[by], by), hide_index=True, alt=f"测算：各{word}前后", height="content")


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


def beside(lines: Sequence[tuple[str, str, Outcome]]) -> None:
    """Scenarios side by side, one a line: (name, what differs, what it gives)."""
    table = [
        {
            "情景": name,
            METRICS["core"].label: found.whole.core_after,
            METRICS["related"].label: found.whole.related_after,
            METRICS["moved"].label: found.whole.moved,
            _COUNTED.heading: _COUNTED.text(found.whole.counted_output_after),
            headed("与现行相差", _COUNTED.unit): _COUNTED.signed(found.whole.difference),
            headed("各读法区间", _COUNTED.unit): span(*what_if_scenario.spans(found.band)["counted_output"]),
            "与现行的差别": words or "—",
        }
        for name, words, found in lines
    ]
    st.dataframe(pl.DataFrame(table), hide_index=True, alt="测算：情景并列比较")
