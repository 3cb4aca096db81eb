"""项目库 on the screen: what the demands can be narrowed by, and the list of them."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
import streamlit as st

from core.base.dictionaries import DISTRICTS
from core.base.paging import pages
from core.enterprise.matching import PROJECT_STATES
from core.filing.model import DEMAND_KINDS

_LIST: Final = "projects.list"
_PAGE: Final = 50


def filters() -> tuple[str, str | None, str | None, str | None]:
    """The inputs of the search, kept in the address under their keys: text, kind, district, state ("" is none yet)."""

    def choice(label: str, key: str, names: Mapping[str, str]) -> str | None:
        return st.selectbox(
            label,
            list(names),
            index=None,
            format_func=lambda code: names.get(code, code),
            key=key,
            placeholder="全部",
            bind="query-params",
            on_change=_afresh,
        )

    text = st.text_input(
        "搜索",
        key="q",
        placeholder="企业、标题或说明，边输入边查找",
        icon=":material/search:",
        max_chars=60,
        live="200ms",
        bind="query-params",
        on_change=_afresh,
        autocomplete="off",
    )
    with st.grid(3):
        kind, district = choice("需求类型", "kind", DEMAND_KINDS), choice("区属", "district", DISTRICTS)
        word = choice("进展", "state", {word: word for word in PROJECT_STATES.values()})
    state = next((code for code, name in PROJECT_STATES.items() if name == word), None)
    return text, kind, district, state


def _afresh() -> None:
    """Others are asked for: from their first page."""
    st.session_state["page"] = 1


def demands(found: pl.DataFrame) -> None:
    """The demands that were found, a page at a time; the one that is clicked is named in the address."""
    above = st.container()
    page = st.pagination(pages(found.height, _PAGE), key="page", bind="query-params") if found.height > _PAGE else 1
    rows = found.slice((page - 1) * _PAGE, _PAGE)
    listed = rows.select(
        pl.col("kind").replace_strict(DEMAND_KINDS, default="未填").alias("类型"),
        pl.col("title").alias("标题"),
        pl.col("name").alias("企业"),
        pl.col("district").replace_strict(DISTRICTS, default="未填").alias("区属"),
        pl.col("scale").alias("金额或规模"),
        pl.col("needed_by").alias("期望时间"),
        pl.col("state").replace_strict(PROJECT_STATES).alias("进展"),
    )
    with above:
        st.dataframe(
            listed,
            hide_index=True,
            alt="需求列表",
            key=_LIST,
            height=36 + 35 * min(rows.height, 10),
            on_select=lambda: _pick(rows["id"].to_list()),
            selection_mode=["single-row", "single-cell"],
        )


def _pick(ids: Sequence[str]) -> None:
    """A row was clicked; `ids` are those of the list that was on the screen."""
    selection = st.session_state[_LIST]["selection"]
    marked = [*selection["rows"], *(row for row, _ in selection["cells"])]
    if marked and marked[0] < len(ids):
        st.query_params["demand"] = ids[marked[0]]
