"""运行状态: is the service well, which versions run, how much does the store hold, is the log whole."""

import streamlit as st

import gate
from core.access.permissions import Permission
from data.access import roles
from data.platform import status
from data.rule import policies
from ui.base.text import duration, moment, say

visit = gate.require(Permission.SYSTEM_READ)
st.title("运行状态", anchor=False)
now, here, names = status.summary(visit), status.process(visit), roles.names(visit)
if behind := status.clock_behind(visit):
    say(
        "error",
        f"服务器时钟比最近一条记录的时间慢 {duration(behind)}。新的记录按先后顺序保存，不会混入已冻结的统计，但日期与截止时间会不准。请校正服务器时间。",
    )
with st.grid(3):
    st.metric("记录条数", f"{now.facts:,} 条", border=True)
    st.metric("最近记录", moment(now.newest), border=True)
    st.metric("在线会话", f"{now.sessions:,} 个", border=True)
    st.metric("企业", f"{now.enterprises:,} 家", border=True)
    st.metric("填报", f"{now.filings:,} 份", border=True)
    st.metric("数据库大小", f"{now.megabytes:,} MB", border=True)
policy = policies.in_force(visit)
st.caption(f"现行政策版本 {policy.version}，自 {policy.effective_from:%Y-%m-%d} 起 · {policy.reference}")
st.header("服务", anchor=False)
with st.grid(3):
    st.metric("已运行", duration(here.up), border=True)
    st.metric("内存", "—" if here.memory is None else f"{here.memory:,} MB", border=True)
    st.metric("磁盘剩余", f"{here.free:,} MB", border=True)
backup = here.backup
if backup is None:
    st.caption("还没有备份，首次备份在今晚。")
else:
    st.caption(
        f"最近备份：{moment(backup.made_at)}，{ {None: '未校验', True: '校验通过，可以恢复', False: '校验未通过'}[backup.whole] }"
    )
st.caption(
    f"版本 {here.product} · 数据表结构 {here.schema} · Python {here.python} · Streamlit {st.__version__} · DuckDB {here.duckdb}"
)
st.header("日志链", anchor=False)
st.markdown("每条记录都以前一条的校验值为基础计算校验值，任何改动或缺失都会使链条断开。")
if st.button("核验日志链", icon=":material/link:"):
    with st.spinner("正在核验……"):
        ok, sentence = status.verify(visit)
    say("success" if ok else "error", sentence)
st.header("账号", anchor=False)
st.dataframe(
    [{"角色": names.get(role, role), "账号数": many} for role, many in now.accounts],
    hide_index=True,
    alt="各角色账号数",
)
