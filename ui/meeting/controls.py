"""Turning the screens of a meeting: buttons and keys."""

from collections.abc import Callable

import streamlit as st

Go = Callable[[int], None]


def turning(number: int, last: int, go: Go) -> None:
    """The buttons to another screen; `go(number)` turns to it."""
    st.button("首屏", key="first", icon=":material/first_page:", shortcut="Home", on_click=go, args=(1,))
    st.button("上一屏", key="before", icon=":material/chevron_left:", shortcut="Left", on_click=go, args=(number - 1,))
    st.caption(f"{'○' * (number - 1)}●{'○' * (last - number)}　{number} / {last}", width="content")
    st.button("下一屏", key="after", icon=":material/chevron_right:", shortcut="Right", on_click=go, args=(number + 1,))
    st.button("末屏", key="last", icon=":material/last_page:", shortcut="End", on_click=go, args=(last,))


def keys(number: int, go: Go) -> None:
    """Further keys that turn; their buttons are not shown."""
    with st.container(key="keys"):
        for shortcut, to in (("Space", number + 1), ("PageDown", number + 1), ("PageUp", number - 1)):
            st.button("翻页", key=f"key.{shortcut}", shortcut=shortcut, on_click=go, args=(to,))
