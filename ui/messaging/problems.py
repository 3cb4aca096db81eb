"""报告问题: the small form in the head of every page of a filer."""

import secrets
from collections.abc import Callable

import streamlit as st

from core.base.errors import UserError
from ui.base.text import say

#: Where a tab keeps the name of the form that is being filled, and what came of the last.
_FORM, _SAID = "problem.form", "problem.said"


def form(page: str, most: int, send: Callable[[str, str], str]) -> None:
    """Draw the way to report what does not work on `page`. `send(text, key)` tells the office; whom it reached."""
    name = st.session_state.setdefault(_FORM, secrets.token_hex(8))
    # Under another key the next one is closed again.
    with (
        st.popover("报告问题", icon=":material/flag:", type="tertiary", key=f"problem#{name}#popover"),
        st.form(f"problem#{name}", border=False),
    ):
        st.markdown(f"以站内信发给所在区的审核人员，并附上页面“{page}”和时间。")
        text = st.text_area(
            "遇到了什么问题",
            max_chars=most,
            key=f"problem#{name}#text",
            placeholder="例如 上传证明材料之后，页面没有显示文件名",
        )
        if not st.form_submit_button("发送", type="primary", icon=":material/send:"):
            return
        try:
            reached = send(text, name)
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
            return
    del st.session_state[_FORM]
    st.session_state[_SAID] = f"问题已发给{reached}，答复会出现在“站内信”。"
    st.rerun()


def answer() -> None:
    """What came of the last report, once."""
    if sentence := st.session_state.pop(_SAID, ""):
        say("success", sentence)
