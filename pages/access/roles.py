"""角色管理: what each role may do, by page and action, and whose data it sees."""

import streamlit as st

import gate
from core.access.permissions import PERMISSIONS, Permission
from core.access.roles import ENTERPRISE, SHIPPED
from core.base.errors import UserError
from data.access import organisations, roles
from ui.access import roles as screen
from ui.base import answer
from ui.base.text import plain, say

NEW = "new"
visit = gate.require(Permission.ROLE_MANAGE)
st.title("角色管理", anchor=False)
st.caption("角色决定能打开哪些页面、能做什么、能看到哪些企业；修改从持有人下一次点击起生效，全部记入日志。")
answer.show()
known = {role.code: (role, accounts, revision) for role, accounts, revision in roles.listing(visit)}
names = {code: role.name for code, (role, _, _) in known.items()} | {NEW: "＋ 新增角色"}
chosen = st.segmented_control(
    "角色",
    list(names),
    format_func=lambda code: plain(names.get(code, code)),
    default="administrator",
    required=True,
    key="role",
    bind="query-params",
)
places = organisations.names(visit)
if chosen == NEW or chosen not in known:
    with st.form(f"{answer.turn()}new", border=False):
        given = screen.fields(f"{answer.turn()}new.", None, places)
        if st.form_submit_button("新增角色", type="primary"):
            try:
                roles.add(visit, **given)
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                answer.give(f"已新增角色“{given['name'].strip()}”，可在账号管理中授予。")
                st.rerun()
    st.stop()

role, accounts, revision = known[chosen]
st.header(plain(role.name), anchor=False)
screen.facts(role, accounts, places)
if role.code in (ENTERPRISE, visit.role):
    st.markdown(
        "企业填报人只看到本企业，权限由系统固定："
        if role.code == ENTERPRISE
        else "这是您自己所属的角色：只能查看，须由另一角色的系统管理员修改。权限："
    )
    st.markdown("\n".join(f"- {PERMISSIONS[code]}" for code in PERMISSIONS if code in role.permissions))
    st.stop()
key = f"{chosen}#{revision}#"
with st.form(f"{key}form", border=False):
    given = screen.fields(key, role, places)
    saved = st.form_submit_button("保存修改", type="primary")
try:
    if saved:
        roles.change(visit, chosen, revision, **given)
        answer.give(f"角色“{given['name'].strip()}”已保存。")
        st.rerun()
    if chosen not in SHIPPED:
        with st.popover("删除角色", icon=":material/delete:"):
            st.markdown(f"删除 **{plain(role.name)}**：有账号在用时不能删除。")
            if st.button("确认删除", key=f"{key}remove", type="primary"):
                roles.remove(visit, chosen, revision)
                answer.give(f"角色“{role.name}”已删除。")
                st.query_params.clear()
                st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
