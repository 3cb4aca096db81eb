"""阈值测算 on the screen, the side where it is answered: what a trial gives beside the policy in force. All of it says 测算."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.rule.policy import Policy, clauses
from core.what_if import scenario as what_if_scenario
from core.what_if.scenario import Outcome
from ui.base.charts import show
from ui.base.text import plain
from ui.what_if.figures import before_after, differences, sankey, signed, tornado

#: Groupings: column -> (word, names).
GROUPS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "district": ("区属", DISTRICTS), "layer": ("产业链层", terms.LAYERS), "size": ("企业规模", terms.SIZES),
}  # fmt: skip


def span(least: int, most: int) -> str:
    """Yuan in 亿元: “12.30–13.45”, one number where both are the same."""
    low, high = terms.yi(least), terms.yi(most)
    return low if low == high else f"{low}–{high}"


def headline(found: Outcome) -> None:
    """Before → after with the difference, and the range over all readings of the unclear clauses."""
    least, most = what_if_scenario.spans(found.band)["counted_output"]
    before = what_if_scenario.spans(found.policy_band)["counted_output"]
    whole = found.whole
    with st.grid(4, min_column_width=150):
        for word, was, now in (
            ("核心企业", whole.core, whole.core_after),
            ("相关企业", whole.related, whole.related_after),
        ):
            _metric(
                f"{word}（测算）",
                f"{now:,} :small[家]",
                now - was,
                f"{signed(now - was, f'{now - was:,}')} 家",
                f"现行 {was:,}",
            )
        was, now = whole.counted_output, whole.counted_output_after
        _metric(
            "纳入统计（测算）", f"{terms.yi(now)} :small[亿元]", now - was, signed(now - was, terms.yi(now - was)), None
        )
        _metric("身份改变（测算）", f"{whole.moved:,} :small[家]", 0, f"共 {whole.enterprises:,} 家", None)
    st.markdown(
        f"**纳入统计由 {terms.yi(was)} 变为 {terms.yi(now)} 亿元（测算），各种读法下为 {span(least, most)} 亿元**；"
        f"现行规则各种读法下为 {span(*before)} 亿元。原文不清的条款有三处，每处的读法都是一个开关，区间取遍所有组合。"
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
                "企业（家）": row["enterprises"],
                "现行纳入统计（亿元）": terms.yi(row["counted_output"]),
                "测算纳入统计（亿元）": terms.yi(row["counted_output_after"]),
                "差额（亿元）": signed(row["difference"], terms.yi(row["difference"])),
            }
            for row in rows
        ]
    )


def answers(found: Outcome, trial: Policy) -> None:
    """Who moves where, and which clause moves the headline most."""
    with st.container(border=True):
        st.header("身份流向（测算，家）", anchor=False)
        st.caption("左为现行规则，右为测算；灰色为身份不变，彩色为改变。")
        show(sankey(found.moves), key="sankey", alt="测算：各名录身份由现行规则到测算的流向，下表同")
        st.dataframe(matrix(found.moves), hide_index=True, alt="测算：身份流向表", height="content")
    bars = what_if_scenario.tornado(found.band, trial)
    with st.container(border=True):
        st.header("原文不清的条款各影响多少（测算，亿元）", anchor=False)
        widest = bars.row(0, named=True)
        if widest["spread"]:
            st.caption(
                f"影响最大的是“{plain(clauses()[widest['clause']].label)}”，相差 {terms.yi(widest['spread'])} 亿元。每条只改这一处，其余不变；虚线为当前测算。"
            )
        show(
            tornado(bars, found.whole.counted_output_after),
            key="tornado",
            alt="测算：各条款不同读法下纳入统计的高低，下表同",
        )
        st.dataframe(clause_table(bars), hide_index=True, alt="测算：各条款的读法与结果")


def clause_table(bars: pl.DataFrame) -> pl.DataFrame:
    """The tornado as a table: each unclear clause, its readings at either end and what they give."""
    return pl.DataFrame(
        [
            {
                "条款": clauses()[row["clause"]].label,
                "相差（亿元）": terms.yi(row["spread"]),
                "最低": f"{terms.yi(row['least'])}（{row['low']}）",
                "最高": f"{terms.yi(row['most'])}（{row['high']}）",
            }
            for row in bars.iter_rows(named=True)
        ]
    )


def breakdowns(groups: Mapping[str, pl.DataFrame]) -> None:
    """Winners and losers by district; layer and size before and after."""
    left, right = st.columns(2)
    for by, (word, names) in GROUPS.items():
        with left if by == "district" else right, st.container(border=True):
            st.header(f"{'各区增减' if by == 'district' else f'各{word}前后'}（测算，亿元）", anchor=False)
            if by == "district":
                st.caption("纳入统计增减，增加的在前；括号内为身份改变的家数。")
            draw = differences if by == "district" else before_after
            show(draw(groups[by], names, by), key=f"groups_{by}", alt=f"测算：各{word}纳入统计的变化，下表同")
            st.dataframe(grouped(groups[by], by), hide_index=True, alt=f"测算：各{word}前后", height="content")


def grouped(table: pl.DataFrame, by: str) -> pl.DataFrame:
    """A grouping as a table, before and after."""
    word, names = GROUPS[by]
    return pl.DataFrame(
        [
            {
                word: names.get(row[by], "未填"),
                "企业（家）": row["enterprises"],
                "核心企业": f"{row['core']:,} → {row['core_after']:,}",
                "相关企业": f"{row['related']:,} → {row['related_after']:,}",
                "身份改变": row["moved"],
                "纳入统计（亿元）": f"{terms.yi(row['counted_output'])} → {terms.yi(row['counted_output_after'])}",
                "差额（亿元）": signed(row["difference"], terms.yi(row["difference"])),
            }
            for row in table.iter_rows(named=True)
        ]
    )


def beside(lines: Sequence[tuple[str, str, Outcome]]) -> None:
    """Scenarios side by side, one a line: (name, what differs, what it gives)."""
    table = [
        {
            "情景": name,
            "核心企业": found.whole.core_after,
            "相关企业": found.whole.related_after,
            "身份改变": found.whole.moved,
            "纳入统计（亿元）": terms.yi(found.whole.counted_output_after),
            "与现行相差（亿元）": signed(found.whole.difference, terms.yi(found.whole.difference)),
            "各读法区间（亿元）": span(*what_if_scenario.spans(found.band)["counted_output"]),
            "与现行的差别": words or "—",
        }
        for name, words, found in lines
    ]
    st.dataframe(pl.DataFrame(table), hide_index=True, alt="测算：情景并列比较")
