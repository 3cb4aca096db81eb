"""例会: the meetings, next and past; call one, prepare it, compare it, show it, freeze it; its notes and 决议."""

from functools import partial

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.meeting.meeting import whose
from data.directory import classified
from data.meeting import meetings, scenario
from ui.base import answer
from ui.base.text import say
from ui.meeting import agenda as draw
from ui.meeting import decisions

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
live, changed = own and not meeting.frozen, meetings.changed(visit, meeting)
draw.standing(
    meeting,
    whose(visit.scope.words, meeting),
    meetings.moment(visit, meeting).policy,
    changed.earlier if changed else None,
)
try:
    with st.container(horizontal=True, vertical_alignment="center"):
        draw.links(meeting, export=visit.may(Permission.REPORT_EXPORT), trial=scenario.address(visit, meeting))
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
            draw.freezing(meeting, key, partial(meetings.freeze, visit, meeting.id, meeting.revision))
    st.header("决议", anchor=False)
    decisions.show(
        meetings.decisions(visit, meeting),
        key,
        settle=partial(meetings.settle, visit, meeting.id) if own else None,
        strike=partial(meetings.strike, visit, meeting.id) if live else None,
    )
    if live:
        decisions.record(key, partial(meetings.decide, visit, meeting.id))
    st.header("备注", anchor=False)
    st.caption("主持人的备注只在本页显示，不上屏。")
    draw.notes(meeting)
    if live:
        draw.write_note(meeting, key, partial(meetings.note, visit, meeting.id, meeting.revision))
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
if since := meetings.since(visit, meeting):
    st.header("此后变化", anchor=False)
    draw.since(since.parts, since.now.policy)
