"""The range that missing respondents leave, beside the headline numbers it belongs to."""

import polars as pl
import streamlit as st

from core.base import terms
from core.statistics.imputation import METHOD, Range, Span, sentence
from core.statistics.metrics import METRICS, Metric
from ui.base.text import plain


def line(span: Span) -> None:
    """One line under the headline numbers; nothing while nobody is missing. The rule opens on demand."""
    if words := sentence(span):
        st.caption(plain(words), help=plain(METHOD))


def whole(span: Span) -> None:
    """The three headlines with their range as a table, and the rule in full."""
    st.dataframe(
        pl.DataFrame([_row(metric, each) for metric, each in span.of_metrics()]),
        hide_index=True,
        alt=f"{'、'.join(metric.label for metric, _ in span.of_metrics())}的已报数和含缺报插补区间",
        height="content",
    )
    unknown = f"，其中 {span.unknown:,} 家没有历史数、未插补" if span.unknown else ""
    st.caption(
        plain(f"{METRICS['missing'].label} {span.missing:,} 家{unknown}。插补数只用于说明区间，不计入任何正式数。")
        if span.missing
        else "没有缺报企业，区间即已报数。"
    )
    st.caption(plain(METHOD))


def _row(metric: Metric, each: Range) -> dict[str, str]:
    return {
        "指标": metric.heading,
        "已报数（下限）": metric.text(each.observed),
        "沿用": metric.text(each.carried),
        "上限": metric.text(each.high),
        "上限比已报数": terms.share(each.high - each.observed, each.observed),
    }
