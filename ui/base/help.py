"""帮助: the manual's words for the page one is on, in the head of the page."""

import streamlit as st

from core.base.help import Help


def popover(page: str, help: Help) -> None:
    """`page`: its title."""
    with st.popover("帮助", icon=":material/help:", type="tertiary", key=f"help#{page}"):
        st.markdown(f"**{page}**\n\n{help.text}")
        if help.source:
            st.caption(f"据《系统操作手册》{help.source}")
