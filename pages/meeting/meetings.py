"""例会: the meetings, next and past; call one, prepare it, compare it, show it, freeze it; its notes and 决议."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import values
from core.base.errors import UserError
from core.meeting.meeting import SCREENS, screens, whose
from data.directory import classified
from data.meeting import meetings, scenario
from ui.base import answer
from ui.base.text import plain, say
from ui.meeting import agenda as draw
from ui.meeting import stage

visit = gate.require(Permission.MEETING_READ)
st.title("例会", anchor=False)
st.caption(
    "未冻结的例会，数字随入库更新；冻结后保留数据时点、政策版本、条件和备注，日后打开仍是当时的数字，并列出此后变化。"
)
answer.show()
known, years, manages = (
    {each.id: each for each in meetings.listing(visit)},
    classified.years(visit),
    visit.may(Permission.MEETING_MANAGE),
)
try:
    if manages and not years:
        say("info", "还没有入库企业，例会没有可讲的数字。企业入库后即可召集。")
    elif manages:
        with (
            st.expander("召集例会", icon=":material/add:", key=f"{answer.turn()}new"),
            st.form(f"{answer.turn()}new.form", border=False),
        ):
            typed = draw.fields(f"{answer.turn()}new.", years, meetings.districts(visit))
            if st.form_submit_button("召集", type="primary"):
                st.query_params["id"] = meetings.call(visit, typed)
                answer.give(f"已召集“{typed.title.strip()}”。")
                st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
if not known:
    say("info", "还没有例会。市级管理员召集后出现在这里。")
    st.stop()
asked = st.query_params.get("id", next(iter(known)))
if asked not in known:
    say("info", "没有这次例会，或不在您的管辖范围内，已显示最近的一次。")
chosen = st.session_state["meeting"] = asked if asked in known else next(iter(known))
st.selectbox(
    "例会",
    list(known),
    key="meeting",
    format_func=lambda code: draw.name(known[code], visit.store.today),
    placeholder="请选择",
    on_change=lambda: st.query_params.update(id=st.session_state["meeting"]),
)
meeting = known[chosen]
own, key = meetings.may_manage(visit, meeting), f"{answer.turn()}{meeting.id}#"
live, changed, decided = (
    own and not meeting.frozen,
    meetings.changed(visit, meeting),
    meetings.decisions(visit, meeting),
)
draw.standing(
    meeting,
    whose(visit.scope.words, meeting),
    meetings.moment(visit, meeting).policy,
    changed.earlier if changed else None,
)
try:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "meeting/meeting.py",
            label="放映",
            icon=":material/slideshow:",
            query_params={"id": meeting.id, "screen": "1"},
        )
        st.html(stage.themes(meeting.id, 1), width="content")
        if visit.may(Permission.REPORT_EXPORT):
            st.page_link(
                "report/reports.py",
                label="导出",
                icon=":material/download:",
                query_params={"report": "meeting", "meeting": meeting.id},
            )
        if address := scenario.address(visit, meeting):
            st.page_link("what_if/what_if.py", label="本周测算", icon=":material/tune:", query_params=address)
        if live:
            with st.popover("修改", icon=":material/edit:"), st.form(f"{key}form", border=False):
                typed = draw.fields(key, years, meetings.districts(visit), meeting, meetings.earlier(visit, meeting))
                if st.form_submit_button("保存", type="primary"):
                    meetings.change(visit, meeting.id, meeting.revision, typed)
                    answer.give("例会已修改。")
                    st.rerun()
            with st.popover("选测算", icon=":material/checklist:"), st.form(f"{key}trial", border=False):
                code = draw.scenario(key, scenario.choices(visit, meeting), meeting)
                if st.form_submit_button("保存测算", type="primary"):
                    if code is not None:
                        scenario.choose(visit, meeting.id, meeting.revision, code)
                    answer.give("本周测算已保存。")
                    st.rerun()
            with st.popover("冻结", icon=":material/lock_clock:"):
                st.markdown("冻结后，数字、条件和备注不再变动，也不能撤回；决议仍可标记办结。")
                if st.button("确认冻结", key=f"{key}freeze", type="primary"):
                    meetings.freeze(visit, meeting.id, meeting.revision)
                    answer.give(f"已冻结“{meeting.title}”。同一地址以后打开，仍是现在的数字。")
                    st.rerun()
    st.header("决议", anchor=False)
    if not decided:
        st.caption("还没有决议。")
    for row in decided:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            state = "已办结" if row["done"] else "办理中"
            st.markdown(
                f"**{plain(row['text'])}**  \n:small[{plain(row['who'])} · 期限 {row['due'] or '未定'} · {state}]",
                width="stretch",
            )
            if own and st.button(
                "改为办理中" if row["done"] else "办结", key=f"{key}settle#{row['number']}", icon=":material/task_alt:"
            ):
                meetings.settle(visit, meeting.id, row["number"], not row["done"])
                answer.give(f"“{row['text']}”已标记为{'办理中' if row['done'] else '已办结'}。")
                st.rerun()
            if live and st.button("删去", key=f"{key}strike#{row['number']}", icon=":material/delete:"):
                meetings.strike(visit, meeting.id, row["number"])
                answer.give(f"“{row['text']}”已删去，日志中仍可查到。")
                st.rerun()
    if live:
        with (
            st.expander("记录决议", icon=":material/add:", key=f"{key}decide"),
            st.form(f"{key}decision", border=False),
        ):
            text = st.text_area("决议", key=f"{key}text", max_chars=200, placeholder="如 各区于周五前完成催报")
            who = st.text_input("责任人", key=f"{key}who", max_chars=40, placeholder="单位或姓名")
            due = st.text_input("期限", key=f"{key}due", max_chars=20, placeholder="如 2026-01-23，可不填")
            if st.form_submit_button("记录", type="primary"):
                meetings.decide(visit, meeting.id, text, who, values.day(due, "“期限”"))
                answer.give("决议已记录。")
                st.rerun()
    st.header("备注", anchor=False)
    st.caption("主持人的备注只在本页显示，不上屏。")
    draw.notes(meeting)
    if live:
        with st.expander("写备注", icon=":material/edit_note:", key=f"{key}notes"):
            code = st.selectbox(
                "屏",
                screens(frozen=False),
                format_func=SCREENS.__getitem__,
                key=f"{meeting.id}#screen",
                placeholder="请选择",
            )
            with st.form(f"{key}note#{code}", border=False):
                words = st.text_area(
                    "备注",
                    meeting.notes.get(code, ""),
                    key=f"{key}words@{code}",
                    max_chars=2000,
                    placeholder="这一屏讲什么",
                )
                if st.form_submit_button("保存备注"):
                    meetings.note(visit, meeting.id, meeting.revision, code, words)
                    answer.give(f"“{SCREENS[code]}”的备注已保存。")
                    st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
if since := meetings.since(visit, meeting):
    st.header("此后变化", anchor=False)
    draw.since(since.parts, since.now.policy)
