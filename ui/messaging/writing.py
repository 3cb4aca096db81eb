"""写信 on the screen: whom to write to, and the letter."""

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from core.base.dictionaries import DISTRICTS
from core.base.errors import UserError
from core.messaging.letter import TEXT, TITLE, To
from ui.base import answer
from ui.base.text import plain, say
from ui.messaging.messages import kept

_WAYS: Final = {"enterprises": "指定企业", "district": "区内全部企业", "role": "某一角色全部人员"}


def to(roles: Mapping[str, str], search: Callable[[str], Mapping[str, str]]) -> To:
    """Whom to write to. `roles`: code -> name; `search`: text -> id -> name of enterprises, a function of data."""
    turn = answer.turn()
    way = st.radio("发给", list(_WAYS), format_func=_WAYS.__getitem__, key=f"{turn}way", horizontal=True)
    if way == "enterprises":
        query = st.text_input(
            "搜索企业", max_chars=60, key=f"{turn}query", placeholder="企业名称或信用代码", icon=":material/search:"
        )
        known = kept(f"{turn}to", search(query))
        chosen = st.multiselect(
            "企业",
            list(known),
            format_func=lambda each: plain(known.get(each, each)),
            key=f"{turn}to",
            placeholder="从搜索结果中选择，可多选",
        )
        return To(enterprises=tuple(chosen))
    if way == "district":
        district = st.selectbox(
            "区域",
            ["", *DISTRICTS],
            format_func=lambda code: DISTRICTS.get(code, "管辖范围内全部区域"),
            key=f"{turn}district",
            placeholder="请选择区域",
        )
        return To(district=district)
    role = st.selectbox(
        "角色",
        list(roles),
        format_func=lambda code: roles.get(code, code),
        index=None,
        key=f"{turn}role",
        placeholder="请选择角色",
    )
    return To(role=role)


def letter(post: Callable[[str, str, bool], int]) -> None:
    """The form of a letter: `post(title, text, copy)`, a function of data, gives how many accounts it went to."""
    turn = answer.turn()
    with st.form(f"{turn}write", enter_to_submit=False, border=False):
        title = st.text_input("标题", max_chars=TITLE, key=f"{turn}title", placeholder="请输入标题")
        text = st.text_area("内容", max_chars=TEXT, height=200, key=f"{turn}text", placeholder="每行一段，纯文字")
        copy = st.checkbox("同时外发", key=f"{turn}copy", help="除站内信外，另按企业填报的联系电话和邮箱交给外发通道")
        if st.form_submit_button("发送", type="primary", icon=":material/send:"):
            try:
                reached = post(title, text, copy)
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                answer.give(f"已发送给 {reached:,} 个账号。")
                st.rerun()


def reply(message: str, send: Callable[[str], object]) -> None:
    """The form of an answer to a message (its id): `send(text)`, a function of data."""
    key = f"{answer.turn()}{message}"
    with st.form(f"{key}reply"):
        words = st.text_area("回复", max_chars=TEXT, key=f"{key}words", placeholder="请输入回复内容")
        if st.form_submit_button("回复", type="primary", icon=":material/reply:"):
            send(words)
            answer.give("已回复。")
            st.rerun()
