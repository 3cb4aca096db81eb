"""沟通记录: the comments on a filing, by field, and the form for another one."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.base.errors import UserError
from core.filing.cells import label_of
from core.filing.model import STEPS, fields
from core.review.comment import Comment
from ui.base import answer
from ui.base.text import moment, plain, say

_OPTIONS = ["", *(f"{step}.{about.name}" for step, model in STEPS.items() for about in fields(model))]


def _label(path: str) -> str:
    return label_of(path) if path else "总体意见"


def show(filing: str, said: Sequence[Comment], add: Callable[[str, str], None]) -> None:
    """All comments on `filing`, those on one field together, then the form; `add(path, text)` is a function of data."""
    for path in dict.fromkeys(each.path for each in said):
        st.markdown(f"**{plain(_label(path))}**")
        for each in said:
            if each.path == path:
                side = "审核" if each.bureau else "企业"
                st.markdown(f"- {plain(each.text)}  \n:small[{side}　{plain(each.who)}　{moment(each.at_utc)}]")
    if not said:
        st.caption("还没有意见。审核人员与企业填报人都可以在此留言，双方可见；留言不改变填报状态。")
    key = f"{answer.turn()}comment#{filing}#"
    with st.form(f"{key}form", border=False):
        path = st.selectbox("针对项目", _OPTIONS, format_func=_label, key=f"{key}path", placeholder="选择项目")
        text = st.text_area("意见内容", key=f"{key}text", max_chars=1000, placeholder="写明问题或答复，对方可见")
        if st.form_submit_button("发出", icon=":material/chat:"):
            try:
                add(path, text)
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                answer.give("意见已发出，对方可见。")
                st.rerun()
