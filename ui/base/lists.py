"""A list of enterprises of which one can be opened, a table whose cells lead somewhere."""

from collections.abc import Callable, Sequence
from typing import Literal

import polars as pl
import streamlit as st

from core.base.paging import pages

#: From this many rows on a table scrolls within itself.
_MOST = 20


def _height(rows: int) -> int | Literal["content"]:
    return "content" if rows <= _MOST else 36 + 33 * _MOST


def paged(count: int, size: int) -> int:
    """Where the page of the list begins that the address asks for; drawn below what is drawn until then."""
    many = pages(count, size)
    return ((st.pagination(many, key="page", bind="query-params") if many > 1 else 1) - 1) * size


def enterprise(table: pl.DataFrame, ids: Sequence[str], *, link: bool, key: str, alt: str) -> str | None:
    """Draw a list; the id of the row that was pressed, if `link`."""
    height = _height(table.height)
    if not link:
        st.dataframe(table, hide_index=True, alt=alt, key=key, height=height)
        return None
    picked = st.dataframe(
        table,
        hide_index=True,
        alt=alt,
        key=key,
        height=height,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )
    places = [*picked["selection"]["rows"], *(row for row, _ in picked["selection"]["cells"])]
    return ids[places[0]] if places and places[0] < len(ids) else None


def cells(table: pl.DataFrame, *, key: str, alt: str, take: Callable[[int, str], None], first: int) -> None:
    """Draw a table; `take` is called with the row and heading of the cell that is pressed. `first`: the width of its first column."""

    def pressed() -> None:
        found = st.session_state[key]["selection"]
        for row, heading in [*found["cells"], *((row, "") for row in found["rows"])][:1]:
            if row < table.height:
                take(row, heading)

    st.dataframe(
        table,
        hide_index=True,
        alt=alt,
        key=key,
        height=_height(table.height),
        on_select=pressed,
        selection_mode=["single-row", "single-cell"],
        column_config={table.columns[0]: st.column_config.Column(width=first)},
    )
