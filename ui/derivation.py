"""The derivation card: why an enterprise is in its class, test by test."""

import streamlit as st

from core.classification import Derivation
from ui.text import plain


def card(derivation: Derivation, *, caption: str) -> None:
    """Each test with its numbers and clause, the result and the policy version."""
    with st.container(border=True):
        st.markdown(f"**{plain(derivation.conclusion)}**")
        for test in derivation.tests:
            sign = {
                True: ":green[:material/check_circle: 满足]",
                False: ":red[:material/cancel: 不满足]",
                None: ":blue[:material/info: 说明]",
            }[test.met]
            st.markdown(f"{sign}　**{test.name}**：{plain(test.sentence)}  \n:small[依据：{plain(test.clause)}]")
        st.caption(f"{caption}　政策版本：{plain(derivation.policy.version)}")
