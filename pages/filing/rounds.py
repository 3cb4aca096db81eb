"""填报期: the reporting rounds, and letting one enterprise file after the end."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import values
from core.base.dictionaries import DISTRICTS
from core.base.errors import Refused, UserError
from core.filing.states import STATES
from data.filing import periods, rounds
from ui.base import answer
from ui.base.text import plain, say
from ui.filing import rounds as screen

visit = gate.require(Permission.ROUND_MANAGE)
st.title("填报期", anchor=False)
st.caption(
    "填报期规定企业填哪一年、哪几列，从哪天到哪天。同一天只能有一个填报期开放；截止后自动锁定，可为个别企业解锁。"
)
answer.show()
today, current = visit.store.today, periods.current_round(visit)
known = rounds.listing(visit)
if not known:
    say("info", "还没有填报期。请在下面新设，企业从开始日期起即可填报。")
try:
    for each, counts in known:
        state = "待开始" if today < each.opens else "开放中" if each.open_on(today) else "已截止"
        key = f"{each.id}#{counts.revision}#"
        with st.expander(f"{each.name}（{state}）", key=f"{key}row", expanded=each == current):
            st.markdown(f"{each.opens} 至 {each.closes} · 填报对象：{plain(each.who)}")
            with st.grid(4, min_column_width=120):
                st.metric("应填报", f"{counts.obliged:,} 家")
                st.metric("已保存", f"{counts.saved:,} 份")
                st.metric("已提交", f"{counts.filed:,} 份")
                st.metric("已入库", f"{counts.admitted:,} 份")
            with st.popover("调整", icon=":material/edit_calendar:"), st.form(f"{key}form", border=False):
                if counts.saved:
                    st.caption("已有企业保存过填报：年度、填报列和开始日期不能再改，已填的数据属于原来的年度和列。")
                typed = screen.fields(key, each, fixed=bool(counts.saved))
                if st.form_submit_button("保存", type="primary"):
                    rounds.change(visit, each.id, counts.revision, screen.read(typed))
                    answer.give(f"填报期“{each.name}”已保存。")
                    st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")

with st.expander("新设填报期", icon=":material/add:", key="new"), st.form(f"{answer.turn()}new.form", border=False):
    typed = screen.fields(f"{answer.turn()}new.")
    if st.form_submit_button("新设", type="primary"):
        try:
            rounds.add(visit, screen.read(typed))
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
        else:
            answer.give(f"已新设 {typed.year} 年度的填报期，{typed.opens} 起开放。")
            st.rerun()

st.header("为企业解锁", anchor=False)
if current is None:
    st.caption("有填报期开始后，才能为企业解锁。")
    st.stop()
st.caption(
    f"本期：{current.name}，{current.closes} 截止。往期未办结的填报也可解锁。解锁后，该企业可以填报到指定的日期，其他企业不受影响。"
)
try:
    text = st.text_input(
        "查找企业", key="unlock.q", placeholder="企业名称或统一社会信用代码", max_chars=60, icon=":material/search:"
    )
    found = {each.filing_id: each for each in rounds.enterprises(visit, text)}
    if text and not found:
        say("info", "没有符合条件的企业。请核对名称或统一社会信用代码。")
    if found:
        if len(found) == rounds.MOST:
            st.caption(f"只列出前 {rounds.MOST} 家，请写得更完整。")
        with st.form(f"{answer.turn()}unlock.form"):
            chosen = st.selectbox(
                "企业",
                list(found),
                index=0 if len(found) == 1 else None,
                key=f"{answer.turn()}{text}#unlock.enterprise",
                placeholder="请选择",
                format_func=lambda code: " · ".join(
                    (
                        found[code].name,
                        DISTRICTS.get(found[code].district or "", "区属未填"),
                        STATES.get(found[code].state or "", "尚未填报"),
                        *([] if code.endswith(f".{current.id}") else [found[code].round]),
                    )
                ),
            )
            until = st.text_input(
                "可填至", key=f"{answer.turn()}unlock.until", placeholder="如 2026-02-10", max_chars=20
            )
            reason = st.text_input(
                "原因", key=f"{answer.turn()}unlock.reason", placeholder="如 企业来函说明情况，同意补报", max_chars=200
            )
            if st.form_submit_button("解锁", type="primary", icon=":material/lock_open:"):
                if chosen is None:
                    raise Refused("请先选择企业。未执行。")
                day = values.day(until, "“可填至”")
                if day is None:
                    raise Refused("“可填至”须填写，未执行。")
                rounds.unlock(visit, found[chosen].enterprise_id, day, reason, round_id=chosen.partition(".")[2])
                answer.give(f"已为“{found[chosen].name}”解锁，可填至 {day}。")
                st.rerun()
    for one in rounds.unlocked(visit):
        state = STATES.get(one.state or "", "尚未填报")
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(
                f"**{plain(one.name)}** 可填至 {one.until} · {plain(one.round)} · {state} · {plain(one.reason)}（{plain(one.who)}）"
            )
            if st.button("取消解锁", key=f"{one.filing_id}#relock", icon=":material/lock:"):
                rounds.relock(visit, one.enterprise_id, round_id=one.filing_id.partition(".")[2])
                answer.give(f"已取消“{one.name}”的解锁，已保存的内容保留。")
                st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
