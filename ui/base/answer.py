"""The answer to the last press, shown once on the run after it; and forms that come back empty once it is given."""

import streamlit as st

from ui.base.text import say


def give(sentence: str, *, secret: str = "") -> None:
    """What came of a press, for the run after it; `secret`: a password that is shown this once."""
    st.session_state["answer"] = (sentence, secret)
    st.session_state["answer.turn"] = st.session_state.get("answer.turn", 0) + 1


def show() -> None:
    """Show the answer, once."""
    sentence, secret = st.session_state.pop("answer", ("", ""))
    if sentence:
        say("success", sentence)
    if secret:
        st.code(secret, language=None)
        st.caption("初始密码只显示这一次，请当面或电话告知本人；首次登录时须修改。")


def turn() -> str:
    """The start of a form's keys: a form whose work is done comes back empty, one with an error keeps what was typed."""
    return f"{st.session_state.get('answer.turn', 0)}@"
