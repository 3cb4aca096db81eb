"""参数: the numbers of the platform that the administrator sets."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data.rule import parameters
from ui.base import answer
from ui.base.text import moment, plain, say

visit = gate.require(Permission.PARAMETER_MANAGE)
st.title("参数", anchor=False)
st.caption("修改后立即生效，对全市有效；每次修改都记入日志。统计规则的门槛与比例不在这里，见政策版本。")
answer.show()
for each in parameters.listing(visit):
    about, key = each.about, f"{each.about.code}#{each.revision}#"
    with st.form(f"{key}form"):
        st.markdown(f"**{about.label}**　{about.note}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = st.text_input(
                f"{about.label}（{about.unit}）",
                value=str(each.value),
                key=f"{key}value",
                max_chars=12,
                width=240,
                placeholder=f"{about.low} 至 {about.high}",
            )
            saved = st.form_submit_button("保存")
        set_by = f"{plain(each.who)} 于 {moment(each.at)} 设定" if each.at else "尚未改动"
        st.caption(
            f"允许 {about.low:,} 至 {about.high:,} {about.unit} · 默认 {about.default:,} {about.unit} · {set_by}"
        )
        if saved:
            try:
                number = parameters.put(visit, about.code, each.revision, typed)
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                answer.give(f"“{about.label}”为 {number:,} {about.unit}，已生效。")
                st.rerun()
