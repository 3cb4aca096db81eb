"""What the law asks of a survey form: its head, on every step and before submitting."""

import streamlit as st

from core.filing.round import Round
from ui.base.text import plain


def legal_head(this_round: Round) -> None:
    """表号, 制定机关, 批准或备案文号, 有效期至 in one line; a round set without them shows none."""
    if said := this_round.legal_head:
        st.caption("　".join(f"{label}：{plain(text)}" for label, text in said))
