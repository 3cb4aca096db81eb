"""字典: the codes that ship with the product, each with how much it is used; to read, not to change."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from data.platform import dictionaries
from ui.base.text import plain

visit = gate.require(Permission.DICTIONARY_READ)
st.title("字典", anchor=False)
st.caption(
    "区属、产业链环节、所属行业和需求类型按法定口径随系统提供，只供查看；如口径调整，随系统升级更新，已填报的数据不变。"
)
kind = (
    st.segmented_control(
        "字典",
        list(dictionaries.KINDS),
        format_func=dictionaries.KINDS.__getitem__,
        default="district",
        required=True,
        key="kind",
        bind="query-params",
    )
    or "district"
)
word = dictionaries.KINDS[kind]
found = dictionaries.listing(visit, kind)
table = found.select(
    pl.col("code").alias("代码"),
    pl.col("name").alias("名称"),
    *([pl.col("group").alias("产业链层")] if kind == "segment" else []),
    pl.col("filings").alias("填报（份）"),
    pl.col("admitted").alias("在库企业（家）"),
)
with st.container(horizontal=True, vertical_alignment="center"):
    note = "一家企业可属多个环节。" if kind == "segment" else "一份填报可有多项需求。" if kind == "demand" else ""
    st.caption(
        plain(f"{word}共 {table.height} 项 · 填报含各期、各状态，在库企业按入库的那份填报计。{note}"), width="stretch"
    )
    st.download_button(
        "导出 CSV",
        lambda: b"\xef\xbb\xbf" + table.write_csv().encode(),
        f"字典-{word}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
st.dataframe(table, hide_index=True, height="content", alt=f"{word}字典")
