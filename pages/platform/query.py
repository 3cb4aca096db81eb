"""查询: read-only SQL over views without contact data, for administrators."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data.platform import query
from exports import table
from ui.base.text import say

visit = gate.require(Permission.DEVELOPER_USE)
st.title("查询", anchor=False)
st.caption(
    f"只读。一次一条 SELECT，最长 {query.SECONDS:.0f} 秒，最多显示 {query.LIMIT:,} 行；视图不含联系方式、账号和填报原文。"
    "金额单位为元，时间为 UTC。每次查询记入操作日志。"
)
with st.expander("可查询的视图", icon=":material/table_view:"):
    st.dataframe(
        [{"视图": name, "内容": about, "列": "、".join(columns)} for name, about, columns in query.views(visit)],
        hide_index=True,
        alt="可查询的视图和各自的列",
    )
with st.form("query.form"):
    sql = st.text_area(
        "查询语句", key="sql", height=160, max_chars=query.LONGEST, placeholder="请输入一条 SELECT 语句，可用的视图见上"
    )
    asked = st.form_submit_button("运行", type="primary", icon=":material/play_arrow:")
if asked:
    # Kept for the runs after it: a download of what is shown must not ask again.
    st.session_state.pop("query.answer", None)
    try:
        with st.spinner("正在查询……"):
            st.session_state["query.answer"] = query.run(visit, sql or "")
    except UserError as error:
        say("error", f"{error}（编号 {error.reference}）")
answer = st.session_state.get("query.answer")
if answer is None:
    st.stop()
if answer.error:
    say("error", "数据库没有接受这条查询，原文如下。请对照视图和列名修改后重试。")
    st.code(answer.error, language=None, wrap_lines=True)
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(f"{answer.frame.height:,} 行" + ("（还有更多，只取到上限）" if answer.more else ""), width="stretch")
    st.download_button(
        "下载 CSV", table.csv(answer.frame), "查询结果.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )
if answer.frame.is_empty():
    say("info", "没有符合条件的行。")
else:
    st.dataframe(answer.frame, hide_index=True, height=560 if answer.frame.height > 15 else "content", alt="查询结果")
