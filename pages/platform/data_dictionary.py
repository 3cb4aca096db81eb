"""数据字典: every field of a filing as the models define it, searched and downloaded."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.filing.data_dictionary import entries
from exports import table
from ui.base.text import say

gate.require(Permission.DEVELOPER_USE)
st.title("数据字典", anchor=False)
st.caption("由填报模型直接列出：表单、审核关系和打印用的是同一份定义。方括号表示可有多行。")
text = st.text_input(
    "搜索", key="q", placeholder="名称、代码、类型或选项", icon=":material/search:", max_chars=100, bind="query-params"
)
everything = entries()
query = (text or "").strip().lower()
found = [line for line in everything if query in "\n".join(line.values()).lower()]
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(f"{len(found):,} 项，共 {len(everything):,} 项", width="stretch")
    st.download_button(
        "下载 CSV",
        table.csv(pl.DataFrame(found)) if found else b"",
        "数据字典.csv",
        "text/csv",
        icon=":material/download:",
        disabled=not found,
        on_click="ignore",
    )
if found:
    st.dataframe(found, hide_index=True, height=620 if len(found) > 16 else "content", alt="数据字典：填报的每个字段")
else:
    say("info", "没有符合条件的字段。请换一个词搜索。")
