"""工作台 of the staff: what waits for me, who is late, what has changed since the last meeting, how the service is."""

import streamlit as st

import gate
from core.access.permissions import Permission
from data.review import desk
from ui.base.text import plain
from ui.review import desk as screen

visit = gate.require(Permission.DESK_READ)
st.title("工作台", anchor=False)
st.caption(f"{plain(visit.name)} · 数据范围：{plain(visit.scope.words)}")
since = desk.last_meeting(visit)
waiting, due, service = desk.waiting(visit), desk.late(visit), desk.health(visit)
with st.grid(2, min_column_width=420):
    if waiting:
        with st.container(border=True):
            screen.queue(*waiting, desk.SHOWN)
    if due:
        with st.container(border=True):
            screen.late(*due, desk.SHOWN)
    if visit.may(Permission.FILING_READ) or visit.may(Permission.OVERVIEW_READ):
        with st.container(border=True):
            screen.changes(since, desk.decided(visit, since), desk.moved(visit, since))
    if service:
        with st.container(border=True):
            screen.health(service)
