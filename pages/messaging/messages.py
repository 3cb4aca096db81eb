"""站内信: what was received and answered; what was sent, with its receipts; and writing to those one looks after."""

from functools import partial

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import paging
from core.base.errors import UserError
from data.access import roles
from data.messaging import messages
from ui.base import answer
from ui.base.text import plain, say
from ui.messaging import messages as messaging_messages
from ui.messaging import writing

visit = gate.require(Permission.MESSAGE_READ)
VIEWS = ["收件箱", "已发送", "写信"] if visit.may(Permission.MESSAGE_SEND) else ["收件箱"]
st.title("站内信", anchor=False)
answer.show()


def afresh() -> None:
    """Another list is asked for: from its first page, with nothing opened."""
    st.session_state["page"] = 1
    st.query_params.pop("message", None)


view = VIEWS[0]
if len(VIEWS) > 1:
    view = (
        st.segmented_control(
            "视图",
            VIEWS,
            default=view,
            required=True,
            key="view",
            bind="query-params",
            label_visibility="collapsed",
            on_change=afresh,
        )
        or view
    )

if view == "写信":
    to = writing.to(roles.names(visit), partial(messages.enterprises, visit))
    accounts, enterprises = messages.reach(visit, to)
    st.caption(f"将发给 {accounts:,} 个账号，涉及 {enterprises:,} 家企业 · 范围：{plain(visit.scope.words)}")
    writing.letter(
        lambda title, text, copy: messages.post(visit, to, title, text, copy=copy, key=messaging_messages.once())[1]
    )
    st.stop()

received = view == "收件箱"
only = received and st.checkbox("只看未读", key="only", bind="query-params", on_change=afresh)
total = messages.count(visit, only_unread=only) if received else messages.count_sent(visit)
if not total:
    say(
        "info",
        ("没有未读的站内信。" if only else "还没有收到站内信。")
        if received
        else "还没有发送过站内信。可在“写信”中发送。",
    )
else:
    above = st.container()
    page = (
        st.pagination(paging.pages(total, messages.PAGE), key="page", bind="query-params")
        if total > messages.PAGE
        else 1
    )
    with above:
        if received:
            messaging_messages.inbox(messages.inbox(visit, page=page, only_unread=only))
        else:
            messaging_messages.sent(messages.sent(visit, page=page))
if (
    not received
    and total
    and st.button("重试外发", icon=":material/refresh:", help="把待交付和失败的外发再交给外发通道一次")
):
    done, failed = messages.hand_over(visit)
    if failed:
        say("error", f"外发成功 {done:,} 份，仍有 {failed:,} 份未成功，已记入日志。请稍后再试，或联系系统管理员。")
    else:
        answer.give(f"外发成功 {done:,} 份，没有未成功的。")
        st.rerun()
if received and messages.unread(visit) and st.button("全部已读", icon=":material/done_all:"):
    answer.give(f"{messages.read_all(visit):,} 封站内信已标为已读。")
    st.rerun()

chosen_message = messaging_messages.address("message")
if chosen_message is None:
    st.stop()
try:
    opened = messages.one(visit, chosen_message)
    if opened.newly:
        st.rerun()  # the number of those unread stands above
    st.header(plain(opened.message.title), anchor=False)
    messaging_messages.conversation(opened.conversation)
    messaging_messages.way_to(opened.message.link, f"{chosen_message}.link")
    if not opened.received:
        messaging_messages.receipts(messages.receipts(visit, chosen_message))
    elif opened.answerable:
        reply = partial(messages.reply, visit, chosen_message, key=messaging_messages.once())
        writing.reply(chosen_message, reply)
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
