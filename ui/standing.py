"""The line under a dashboard's title: whose numbers, which year, how many behind them, as of when, by which rule. And the watch."""

from datetime import datetime
from typing import Protocol

import streamlit as st

from core.policy import Policy
from core.selection import Selection
from ui.text import moment

_SEEN = "dashboard.version"


class About(Protocol):
    """What `data.dashboards.standing` says."""

    @property
    def scope(self) -> str: ...
    @property
    def law(self) -> Policy: ...
    @property
    def reported(self) -> int: ...
    @property
    def admitted(self) -> int: ...
    @property
    def as_of(self) -> datetime | None: ...
    @property
    def version(self) -> tuple[int, ...]: ...


def line(about: About, selection: Selection) -> None:
    """Scope and filters · period · coverage · 数据截至 · policy version; and note which version of the data is drawn."""
    st.session_state[_SEEN] = about.version
    whose = about.scope + (f"：{selection.words}" if selection.words else "")
    st.caption(
        f"{whose} · {selection.period} · 有数据 {about.reported:,} 家／入库 {about.admitted:,} 家"
        f" · 数据截至 {moment(about.as_of)} · 政策版本 {about.law.version}"
    )


def follow(now: tuple[int, ...]) -> None:
    """In the page's watch fragment: draw the page again when the data has moved past what is drawn; else do nothing."""
    if st.session_state.setdefault(_SEEN, now) != now:
        st.session_state[_SEEN] = now
        st.rerun()
