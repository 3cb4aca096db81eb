"""通知公告: the published notices for the visiting person, pinned first."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data.messaging import notices
from ui.base.text import moment, plain, say
from ui.messaging import messages

visit = gate.require(Permission.NOTICE_READ)
st.title("通知公告", anchor=False)
mine = notices.mine(visit)
if not mine:
    say("info", "目前没有公告。有新公告时，左侧菜单上方会提示未读条数。")
    st.stop()
messages.listing(
    "notice",
    [each.notice.id for each in mine],
    {
        "状态": ["已读" if each.read_at else "未读" for each in mine],
        "标题": [f"【置顶】{each.notice.title}" if each.notice.pinned else each.notice.title for each in mine],
        "发布时间": [moment(each.notice.published_at) for each in mine],
    },
    alt="公告列表",
)
chosen = messages.address("notice")
if chosen is None:
    st.stop()
try:
    opened = notices.one(visit, chosen)
except UserError as error:
    say("error", str(error))
    st.stop()
if opened.newly:
    st.rerun()  # the number of those unread stands above
notice = opened.notice
st.header(plain(notice.title), anchor=False)
changed = "" if notice.changed_at == notice.published_at else f" · 修改于 {moment(notice.changed_at)}"
st.caption(f"发布于 {moment(notice.published_at)}{changed}" + (f" · 展示至 {notice.until}" if notice.until else ""))
messages.paragraphs(notice.text)
