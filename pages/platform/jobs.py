"""任务: what the service does by itself, how it last went, and each of them now."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data import jobs
from ui.base import answer
from ui.base.text import moment, plain, say

visit = gate.require(Permission.JOB_MANAGE)
st.title("任务", anchor=False)
st.caption("服务每天按时自行完成的工作，时间为北京时间。服务停止期间错过的，启动后补做一次。失败记入异常日志。")
answer.show()
for job in jobs.listing(visit):
    with st.container(border=True):
        state = {
            True: ":green[:material/check_circle: 成功]",
            False: ":red[:material/error: 失败]",
            None: ":blue[:material/schedule: 尚未运行]"
            if job.started_at is None
            else ":orange[:material/pending: 正在运行或中断]",
        }[job.ok]
        st.subheader(plain(job.name), anchor=False)
        following = moment(job.next_at) if job.next_at else "即将运行"
        st.markdown(f"{state}　每天 {job.at:%H:%M}　上次 {moment(job.started_at)}　下次 {following}")
        if job.result:
            st.markdown(plain(job.result))
        if st.button("立即运行", key=f"{job.code}#run", icon=":material/play_arrow:"):
            try:
                with st.spinner("正在运行……"):
                    ok, sentence = jobs.run(visit, job.code)
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                if ok:
                    answer.give(f"任务“{job.name}”已完成。")
                    st.rerun()
                say("error", f"任务“{job.name}”失败：{sentence}")
