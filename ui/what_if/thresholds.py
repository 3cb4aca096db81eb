"""What 敏感性, 临界企业 and 阈值附近的异常 share on the screen: the year, a line in words, amounts in a table."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.rule.policy import clauses
from core.what_if.thresholds import AMOUNTS

#: How the amounts of a table of enterprises are written.
WIDE: Final = {name: st.column_config.NumberColumn(format="localized") for name in AMOUNTS}


def label(line: str) -> str:
    return clauses()[line].label


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
