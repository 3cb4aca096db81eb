"""区属调整: the form with which a city officer hands an enterprise to another district."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from core.base.dictionaries import DISTRICTS
from core.base.errors import UserError
from core.base.values import day
from core.enterprise.changes import DistrictStanding
from ui.base import answer
from ui.base.text import plain, say


def show(enterprise: DistrictStanding, move: Callable[[str, date | None, str], bool]) -> None:
    """Where the enterprise stands and the form; `move(district, since, reason)` is a function of data."""
    with st.expander("区属调整", icon=":material/moving:"):
        moved = f"，自 {enterprise.effective} 起（{plain(enterprise.reason or '')}）" if enterprise.effective else ""
        st.caption(
            f"当前区属：{DISTRICTS.get(enterprise.district or '', '未填')}{moved}。"
            "调整后，未办结的填报由新的区审核，统计随即计入新的区；此前各时点的统计不变。"
        )
        key = f"{answer.turn()}move#{enterprise.id}#"
        with st.form(f"{key}form", border=False):
            district = st.selectbox(
                "调整为",
                list(DISTRICTS),
                index=None,
                format_func=lambda code: DISTRICTS[code],
                key=f"{key}district",
                placeholder="请选择区属",
            )
            since = st.text_input("生效日期", key=f"{key}since", placeholder="例如 2026-01-05，可填今后的日期")
            reason = st.text_input(
                "调整依据", key=f"{key}reason", max_chars=500, placeholder="文件名称、文号或原因，企业可见"
            )
            if st.form_submit_button("调整区属"):
                try:
                    now = move(district or "", day(since, "生效日期"), reason)
                except UserError as error:
                    say("error", f"{error}（编号 {error.reference}）")
                else:
                    words = (
                        f"的区属{'已调整为' if now else f'将自 {since.strip()} 起调整为'}{DISTRICTS[district or '']}"
                    )
                    answer.give(
                        f"“{enterprise.name}”{words}{'。' if now else '，到时自动办理，此前可在企业画像中撤回。'}"
                    )
                    st.rerun()
