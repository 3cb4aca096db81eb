"""Several filings at once: where nothing is flagged they can be ticked in a list and decided with one press."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
import streamlit as st

from core.base import beijing, terms
from core.base.dictionaries import DISTRICTS
from core.statistics.metrics import METRICS
from ui.base.text import say
from ui.review.decision import ACTIONS

_LIST: Final = "review.several"
_ROWS: Final = 8


def asked() -> dict[str, int]:
    """The filings (id -> revision as it was drawn) of the press that started this run, once."""
    wanted: dict[str, int] = st.session_state.pop("review.several.asked", {})
    return wanted


def answer(done: Sequence[str], left: Mapping[str, str]) -> None:
    """What came of it, for this run."""
    if done:
        say("success", f"已办理 {len(done)} 份：{'、'.join(done)}。")
    for name, sentence in left.items():
        say("warning", f"{name}：{sentence}")


def _ask(rows: Sequence[tuple[str, int]]) -> None:
    ticked = st.session_state.get(_LIST, {}).get("selection", {}).get("rows", [])
    st.session_state["review.several.asked"] = dict(rows[row] for row in ticked if row < len(rows))


def choose(frame: pl.DataFrame, action: str, most: int) -> None:
    """The list to tick and the button; `frame`: what waits and is not flagged, `most`: so many at a time."""
    if frame.is_empty():
        return
    with st.expander(f"批量{ACTIONS[action]}（{frame.height} 份无异议）", icon=":material/checklist:"):
        st.caption(
            "只列审核关系无核实事项、身份与上期一致、不紧邻认定线的填报。"
            f"勾选后一次办理，每次最多 {most} 份；打开本页后有变化的不办理，并逐份说明。"
        )
        shown, total = frame.head(most), METRICS["total_revenue"]
        st.dataframe(
            shown.select(
                pl.col("name").alias("企业名称"),
                pl.col("district").replace_strict(DISTRICTS, default="未填").alias("区属"),
                pl.col("directory_tier").replace_strict(terms.TIERS).alias("计算身份（预判）"),
                (pl.col("total_revenue") / total.unit.size).round(4).alias(total.heading),
                beijing.minutes(pl.col("submitted_at")).alias("提交时间"),
            ),
            hide_index=True,
            placeholder="—",
            height=36 + 35 * min(shown.height, _ROWS),
            alt="可批量办理的填报",
            key=_LIST,
            on_select="rerun",
            selection_mode="multi-row",
            column_config={total.heading: st.column_config.NumberColumn(format="%.4f")},
        )
        ticked = len(st.session_state.get(_LIST, {}).get("selection", {}).get("rows", []))
        st.button(
            f"办理所选 {ticked} 份",
            key="review.several.press",
            type="primary",
            disabled=not ticked,
            icon=":material/done_all:",
            on_click=_ask,
            args=(list(shown.select("id", "revision").iter_rows()),),
        )
