"""企业信息 on the screen: what the list can be narrowed by."""

from collections.abc import Callable, Mapping

import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.enterprise.query import ADMITTED, CHAIN, COLUMNS, SORTS, STATES


def filters(afresh: Callable[[], None]) -> None:
    """The inputs of the search, kept in the address under their keys; `afresh`: called when something else is asked for."""

    def choice(label: str, key: str, names: Mapping[str, str], empty: str = "全部") -> None:
        st.selectbox(
            label,
            list(names),
            index=None,
            format_func=lambda code: names.get(code, code),
            key=key,
            placeholder=empty,
            bind="query-params",
            on_change=afresh,
        )

    st.text_input(
        "搜索",
        key="q",
        placeholder="企业名称或统一社会信用代码，边输入边查找",
        icon=":material/search:",
        max_chars=60,
        live="200ms",
        bind="query-params",
        on_change=afresh,
        autocomplete="off",
    )
    with st.grid(4, min_column_width=150):
        choice("区属", "district", DISTRICTS)
        choice("名录身份", "tier", terms.TIERS)
        choice("企业规模", "size", terms.SIZES)
        choice("产业链", "chain", CHAIN)
        choice("本期状态", "state", STATES)
        choice("入库", "admitted", ADMITTED)
        choice("排序", "sort", SORTS, "企业名称")
        st.multiselect(
            "显示的列",
            list(COLUMNS),
            format_func=COLUMNS.__getitem__,
            key="columns",
            placeholder="常用列",
            bind="query-params",
        )
