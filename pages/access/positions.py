"""职位管理: the positions of the bureaus' staff."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data.access import positions
from ui.base import answer
from ui.base.text import plain, say

visit = gate.require(Permission.POSITION_MANAGE)
st.title("职位管理", anchor=False)
st.caption("职位只说明身份，不带权限；权限由角色决定。在账号管理中为工作人员设定职位。")
answer.show()
with st.form(f"{answer.turn()}new.form"):
    st.subheader("新增职位", anchor=False)
    name = st.text_input("职位名称", max_chars=30, key=f"{answer.turn()}new.name", placeholder="例如 产业发展科科长")
    note = st.text_input("说明", max_chars=200, key=f"{answer.turn()}new.note", placeholder="选填")
    if st.form_submit_button("新增", type="primary"):
        try:
            positions.add(visit, name, note)
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
        else:
            answer.give(f"已新增职位“{name.strip()}”。")
            st.rerun()
known = positions.listing(visit)
st.subheader("现有职位", anchor=False)
if not known:
    say("info", "还没有职位。可在上面新增。")
for row in known:
    key = f"{row.id}#{row.revision}#"
    with st.expander(f"{plain(row.name)}（{row.accounts} 个账号）", key=f"{key}row"):
        new_name = st.text_input("职位名称", value=row.name, max_chars=30, key=f"{key}name", placeholder="必填")
        new_note = st.text_input("说明", value=row.note, max_chars=200, key=f"{key}note", placeholder="选填")
        with st.container(horizontal=True):
            saved = st.button("保存", key=f"{key}save", type="primary")
            removed = st.button("删除", key=f"{key}remove", icon=":material/delete:", help="有账号在用时不能删除")
        try:
            if saved:
                positions.change(visit, row.id, row.revision, new_name, new_note)
                answer.give(f"职位“{new_name.strip()}”已保存。")
                st.rerun()
            if removed:
                positions.remove(visit, row.id, row.revision)
                answer.give(f"职位“{row.name}”已删除。")
                st.rerun()
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
