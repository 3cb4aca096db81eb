"""填报人员: who files for this enterprise; added, stopped, handed over."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data.access import filers
from gate import passwords
from ui.base import answer
from ui.base.text import moment, plain, say

visit = gate.require(Permission.FILER_MANAGE)
st.title("填报人员", anchor=False)
st.caption("多人可为本企业填报：共用同一份草稿与记录，每次保存都留下是谁。法人账号和填报负责人可以增减人员。")
answer.show()
people = filers.listing(visit)
manages = filers.may_manage(visit)
if not manages:
    say("info", "您可以填报，但不能增减人员。如需变更请联系本企业的填报负责人。")
for person in people:
    own = person.id == visit.account_id
    with st.container(border=True):
        marks = [
            *(["填报负责人"] if person.principal else []),
            *(["您"] if own else []),
            "启用" if person.active else "已停用",
            "用户名登录" if person.local else "统一登录（法人）",
        ]
        st.markdown(f"**{plain(person.name)}**　{plain(person.username)}")
        st.caption(f"{' · '.join(marks)} · 最近登录 {moment(person.last_sign_in)}")
        if not manages or own or not person.local:
            continue
        key, name = f"{person.id}#", plain(person.name)
        try:
            with st.container(horizontal=True):
                if not person.active:
                    if st.button("启用", key=f"{key}start"):
                        filers.set_active(visit, person.id, True)
                        answer.give(f"{person.name}的账号已启用。")
                        st.rerun()
                    continue
                with st.popover("停用", icon=":material/person_off:", key=f"{key}stopping"):
                    st.markdown(f"停用 **{name}**：其登录立即失效。已填内容不受影响，可随时启用。")
                    if st.button("确认停用", key=f"{key}stop", type="primary"):
                        filers.set_active(visit, person.id, False)
                        answer.give(f"{person.name}的账号已停用。")
                        st.rerun()
                with st.popover("重置密码", icon=":material/password:", key=f"{key}resetting"):
                    st.markdown(f"为 **{name}** 生成新的初始密码，下次登录须修改。")
                    if st.button("确认重置", key=f"{key}reset", type="primary"):
                        secret = passwords.temporary()
                        filers.reset(visit, person.id, passwords.hashed(secret))
                        answer.give(f"{person.name}的密码已重置，初始密码：", secret=secret)
                        st.rerun()
                with st.popover("移交填报工作", icon=":material/swap_horiz:", key=f"{key}handing"):
                    st.markdown(f"由 **{name}** 担任填报负责人。草稿、填报与记录都属于企业，不会改变。")
                    leave = st.checkbox(
                        "同时停用我的账号", key=f"{key}leave", disabled=visit.account_id.startswith("oidc-")
                    )
                    if st.button("确认移交", key=f"{key}hand", type="primary"):
                        filers.hand_over(visit, person.id, leave=leave)
                        answer.give(f"已移交给{person.name}。")
                        st.rerun()
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
if manages:
    with st.expander("新增填报人员", icon=":material/person_add:"), st.form(f"{answer.turn()}new.form", border=False):
        name = st.text_input("姓名", max_chars=60, key=f"{answer.turn()}new.name", placeholder="请输入姓名")
        username = st.text_input(
            "用户名",
            max_chars=30,
            key=f"{answer.turn()}new.username",
            placeholder="字母、数字或 . _ -，前面会加上本企业的代码",
        )
        if st.form_submit_button("新增", type="primary"):
            secret = passwords.temporary()
            try:
                filers.add(visit, username=username, name=name, password_hash=passwords.hashed(secret))
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                answer.give(
                    f"已新增{name.strip()}，请其用“用户名登录”，用户名 {filers.username_of(visit, username)}，初始密码：",
                    secret=secret,
                )
                st.rerun()
