"""账号管理: every account, and what an administrator may do with it."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import paging
from core.base.errors import UserError
from data.access import account_admin, organisations, roles
from gate import passwords
from ui.access import accounts as screen
from ui.base import answer
from ui.base.text import plain, say

visit = gate.require(Permission.ACCOUNT_MANAGE)
st.title("账号管理", anchor=False)
names, every_place = roles.names(visit), organisations.names(visit)
grants, places = account_admin.roles_open(visit), account_admin.organisations_open(visit)
text, role, active = screen.search(names)
total = account_admin.count(visit, text=text, role=role, active=active)
st.caption(f"共 {total:,} 个账号，点一行查看和管理")
if not total:
    say("info", "没有符合条件的账号。请放宽搜索条件。")
else:
    above = st.container()
    page = (
        st.pagination(paging.pages(total, account_admin.PAGE), key="page", bind="query-params")
        if total > account_admin.PAGE
        else 1
    )
    with above:
        screen.listing(account_admin.listing(visit, text=text, role=role, active=active, page=page), names, every_place)

with (
    st.expander("新建账号", icon=":material/person_add:", key="new"),
    st.form(f"{answer.turn()}new.form", border=False),
):
    username = st.text_input(
        "用户名", max_chars=40, key=f"{answer.turn()}new.username", placeholder="字母、数字或 . _ -"
    )
    given = screen.fields(f"{answer.turn()}new.", {}, grants, places)
    if st.form_submit_button("新建", type="primary"):
        secret = passwords.temporary()
        try:
            created = account_admin.create(visit, username=username, **given, password_hash=passwords.hashed(secret))
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
        else:
            answer.give(f"已新建账号“{username.strip().lower()}”，初始密码：", secret=secret)
            screen.go(created)
            st.rerun()

answer.show()
chosen = screen.address()
if chosen is None:
    st.stop()
try:
    account = account_admin.one(visit, chosen)
except UserError as error:
    say("error", str(error))
    st.stop()
st.header(plain(account["name"]), anchor=False)
screen.facts(account, names, every_place)
key, own = f"{chosen}#{account['revision']}#", chosen == visit.account_id
try:
    if account["role"] != "enterprise":
        with st.form(f"{key}form"):
            changes = {
                **screen.fields(key, account, grants, places),
                **screen.position(key, account, account_admin.positions_open(visit)),
            }
            if st.form_submit_button("保存修改", type="primary"):
                account_admin.change(visit, chosen, account["revision"], changes)
                answer.give("修改已保存，从对方下一次点击起生效。")
                st.rerun()
    with st.container(horizontal=True):
        if account["active"]:
            with st.popover("停用账号", icon=":material/person_off:", disabled=own):
                st.markdown(
                    f"停用 **{plain(account['name'])}**：其全部登录立即失效，不能再登录。数据与记录保留，可随时启用。"
                )
                if st.button("确认停用", key=f"{key}stop", type="primary"):
                    ended = account_admin.set_active(visit, chosen, False)
                    answer.give(f"账号已停用，{ended} 个登录会话已结束。")
                    st.rerun()
        elif st.button("启用账号", key=f"{key}start", icon=":material/person_check:"):
            account_admin.set_active(visit, chosen, True)
            answer.give("账号已启用。")
            st.rerun()
        if st.button(
            "强制下线", key=f"{key}out", icon=":material/logout:", disabled=own, help="立即结束该账号的全部登录会话"
        ):
            ended = account_admin.sign_out(visit, chosen)
            answer.give(f"{ended} 个登录会话已结束。")
            st.rerun()
        if account["locked"] and st.button("解锁", key=f"{key}unlock", icon=":material/lock_open:", disabled=own):
            account_admin.unlock(visit, chosen)
            answer.give("已解锁，可以立即重新登录。")
            st.rerun()
        if account["local"]:
            with st.popover("重置密码", icon=":material/password:", disabled=own):
                st.markdown(f"为 **{plain(account['name'])}** 生成新的初始密码：现有登录立即失效，下次登录须修改。")
                if st.button("确认重置", key=f"{key}reset", type="primary"):
                    secret = passwords.temporary()
                    ended = account_admin.reset(visit, chosen, passwords.hashed(secret))
                    answer.give(f"密码已重置，{ended} 个登录会话已结束。初始密码：", secret=secret)
                    st.rerun()
        if account["second_factor"]:
            with st.popover("解除动态验证码", icon=":material/phonelink_erase:", disabled=own):
                st.markdown("用于手机丢失等情况：先核实是本人，再解除。")
                if st.button("确认解除", key=f"{key}factor", type="primary"):
                    account_admin.remove_second_factor(visit, chosen)
                    answer.give("动态验证码已解除。")
                    st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
if own:
    st.caption("这是您自己的账号：密码、动态验证码与登录会话请在个人中心管理。")
