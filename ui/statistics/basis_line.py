"""The line under a dashboard's title: whose numbers, which year, how many behind them, as of when, by which rule. And the watch."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from core.statistics.selection import Selection
from core.statistics.standing import Standing
from ui.base.text import moment, plain

_SEEN = "dashboard.version"


def line(about: Standing, selection: Selection, *more: str) -> None:
    """Scope and filters · period · coverage · 数据截至 · policy version · `more`; and note which version of the data is drawn."""
    st.session_state[_SEEN] = about.version
    told = (
        plain(about.scope) + (f"：{selection.words}" if selection.words else ""),
        selection.period,
        f"有数据 {about.reported:,} 家／入库 {about.admitted:,} 家"
        + (f"（{about.coverage.rates}）" if about.coverage else ""),
        f"数据截至 {moment(about.as_of)}",
        f"政策版本 {plain(about.policy.version)}",
        *more,
    )
    st.caption(" · ".join(told))


def export(may: bool, report: str, asked: Selection | Mapping[str, str]) -> None:
    """For who may: a link to 报表导出 with this report of core.report.compose, and the year and filters or what else the page's address says."""
    given = {"year": asked.year_words, **asked.chosen} if isinstance(asked, Selection) else asked
    if may:
        st.link_button(
            "导出报表",
            f"/reports?{urlencode({'report': report, **given})}",
            icon=":material/summarize:",
            help="带着当前的年度与筛选",
        )


def follow(now: tuple[int, ...]) -> None:
    """In the page's watch fragment: draw the page again when the data has moved past what is drawn; else do nothing."""
    if st.session_state.setdefault(_SEEN, now) != now:
        st.session_state[_SEEN] = now
        st.rerun()
