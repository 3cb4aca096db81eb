"""站内信: what was received and answered; what was sent, with its receipts; and writing to those one looks after."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import paging
from core.base.dictionaries import DISTRICTS
from core.base.errors import UserError
from data.access import roles
from data.messaging import messages
from ui.base import answer
from ui.base.text import plain, say
from ui.messaging import messages as messaging_messages

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
    names = roles.names(visit)
    ways = {"enterprises": "指定企业", "district": "区内全部企业", "role": "某一角色全部人员"}
    way = st.radio("发给", list(ways), format_func=ways.__getitem__, key=f"{answer.turn()}way", horizontal=True)
    if way == "enterprises":
        query = st.text_input(
            "搜索企业",
            max_chars=60,
            key=f"{answer.turn()}query",
            placeholder="企业名称或信用代码",
            icon=":material/search:",
        )
        known = messaging_messages.kept(f"{answer.turn()}to", messages.enterprises(visit, query))
        chosen = st.multiselect(
            "企业",
            list(known),
            format_func=lambda each: plain(known.get(each, each)),
            key=f"{answer.turn()}to",
            placeholder="从搜索结果中选择，可多选",
        )
        to = messages.To(enterprises=tuple(chosen))
    elif way == "district":
        district = st.selectbox(
            "区域",
            ["", *DISTRICTS],
            format_func=lambda code: DISTRICTS.get(code, "管辖范围内全部区域"),
            key=f"{answer.turn()}district",
            placeholder="请选择区域",
        )
        to = messages.To(district=district)
    else:
        role = st.selectbox(
            "角色",
            list(names),
            format_func=lambda code: names.get(code, code),
            index=None,
            key=f"{answer.turn()}role",
            placeholder="请选择角色",
        )
        to = messages.To(role=role)
    accounts, enterprises = messages.reach(visit, to)
    st.caption(f"将发给 {accounts:,} 个账号，涉及 {enterprises:,} 家企业 · 范围：{plain(visit.scope.words)}")
    with st.form(f"{answer.turn()}write", enter_to_submit=False, border=False):
        title = st.text_input("标题", max_chars=messages.TITLE, key=f"{answer.turn()}title", placeholder="请输入标题")
        text = st.text_area(
            "内容", max_chars=messages.TEXT, height=200, key=f"{answer.turn()}text", placeholder="每行一段，纯文字"
        )
        copy = st.checkbox(
            "同时外发", key=f"{answer.turn()}copy", help="除站内信外，另按企业填报的联系电话和邮箱交给外发通道"
        )
        if st.form_submit_button("发送", type="primary", icon=":material/send:"):
            try:
                _, reached = messages.post(visit, to, title, text, copy=copy, key=messaging_messages.once())
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                answer.give(f"已发送给 {reached:,} 个账号。")
                st.rerun()
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
        with st.form(f"{answer.turn()}{chosen_message}reply"):
            words = st.text_area(
                "回复",
                max_chars=messages.TEXT,
                key=f"{answer.turn()}{chosen_message}words",
                placeholder="请输入回复内容",
            )
            if st.form_submit_button("回复", type="primary", icon=":material/reply:"):
                messages.reply(visit, chosen_message, words, key=messaging_messages.once())
                answer.give("已回复。")
                st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
