"""The derivation card: why an enterprise is in its class, test by test; and the whole 认定依据 around it."""

from urllib.parse import urlencode

import polars as pl
import streamlit as st

from core.enterprise.derivation import Card
from core.rule.classification import Derivation
from ui.base.text import plain


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


def address(path: str, enterprise_id: str, year: int, day: object) -> str:
    """Where the same card is printed ("print") or read by programs ("api")."""
    return f"/{path}/derivation?{urlencode({'id': enterprise_id, 'year': year, 'as_of': str(day)})}"


def whole(made: Card) -> None:
    """The card with its numbers and the readings of the unclear clauses, and where to print it."""
    st.caption(plain(made.basis))
    card(made.derivation, caption="预判，不是正式认定。" if made.provisional else "按全年实际。")
    for heading, columns, rows in (
        ("数据（全年）", ["项目", "数额"], made.amounts),
        ("原文不清处采用的读法", ["条款", "读法", "依据"], made.readings),
    ):
        st.subheader(heading, anchor=False)
        frame = pl.DataFrame([[plain(text) for text in row] for row in rows], schema=columns, orient="row")
        st.table(frame, hide_index=True, border="horizontal", alt=heading)
    with st.container(horizontal=True):
        where = (made.subject.enterprise_id, made.year, made.day)
        st.link_button("打印", address("print", *where), icon=":material/print:")
        st.link_button("接口数据", address("api", *where), icon=":material/data_object:", help="同样的内容，供程序读取")
