"""个人中心: who I am, my password, my second factor, and where I am signed in."""

from functools import partial

import streamlit as st

import gate
from core.access.devices import browser
from core.access.permissions import Permission
from core.base.errors import UserError
from data.access import credentials, organisations, roles, sessions
from gate import passwords, second_factor
from ui.base.text import moment, plain, say

visit = gate.require(Permission.PROFILE_OWN)
me = credentials.mine(visit)
#: A form that has done its work comes back empty under a new key; one with an error keeps what was typed.
turn = st.session_state.setdefault("profile.turn", 0)


def done(sentence: str) -> None:
    """Say it on the next run, above forms made new."""
    st.session_state["profile.said"] = sentence
    st.session_state["profile.turn"] = turn + 1
    st.session_state.pop("profile.secret", None)
    st.rerun()


st.title("个人中心", anchor=False)
if said := st.session_state.pop("profile.said", None):
    say("success", said)

st.header("账号", anchor=False)
facts = {"姓名": me.name, "用户名": me.username, "角色": roles.names(visit)[me.role]}
if me.organisation_id:
    facts["机构"] = organisations.names(visit).get(me.organisation_id, "")
facts["数据范围"] = me.enterprise or visit.scope.words
st.markdown("  \n".join(f"{name}：**{plain(value)}**" for name, value in facts.items()))

st.header("密码", anchor=False)
if not me.local:
    st.markdown("本账号经湖北省统一身份认证平台登录，请在该平台修改密码。")
else:
    rule = "由 8 位以上的小写字母、大写字母和数字组成，避开姓名、用户名和常见密码，不与之前 5 次用过的相同。"
    st.caption(f"上次修改：{moment(me.changed_at)}。每 {passwords.PASSWORD_DAYS} 天须更换一次；{rule}")
    with st.form("profile.password", width=480):
        current = st.text_input(
            "当前密码", type="password", autocomplete="current-password", key=f"profile.{turn}.current"
        )
        new = st.text_input("新密码", type="password", autocomplete="new-password", key=f"profile.{turn}.new")
        again = st.text_input(
            "再次输入新密码", type="password", autocomplete="new-password", key=f"profile.{turn}.again"
        )
        if st.form_submit_button("修改密码", type="primary"):
            if new != again:
                say("error", "两次输入的新密码不一致，密码未修改。请重新输入同一密码。")
            else:
                try:
                    with st.spinner("正在修改……"):
                        ended = passwords.change_mine(visit, current, new)
                except UserError as refusal:
                    say("error", str(refusal))
                else:
                    done(f"密码已修改。已下线其他 {ended} 个登录。" if ended else "密码已修改。没有其他登录需要下线。")

if me.local:
    st.header("动态验证码", anchor=False)
    code_of = partial(
        st.text_input, "动态验证码", autocomplete="one-time-code", max_chars=12, key=f"profile.{turn}.code"
    )
    if me.second_factor and second_factor.demanded_of(visit):
        st.markdown("已绑定，登录时须输入。您的角色必须使用动态验证码；如需更换验证器，请联系系统管理员。")
    elif me.second_factor:
        st.markdown("已绑定，登录时须输入。解除绑定请输入验证器当前显示的 6 位数字。")
        with st.form("profile.remove", width=480):
            code = code_of()
            if st.form_submit_button("解除绑定"):
                try:
                    second_factor.remove_mine(visit, code)
                except UserError as refusal:
                    say("error", str(refusal))
                else:
                    done("动态验证码已解除绑定，登录时只需密码。")
    elif "profile.secret" not in st.session_state:
        st.markdown("未绑定。绑定后，登录时除密码外还须输入手机验证器显示的 6 位数字，他人知道密码也不能登录。")
        if st.button("绑定动态验证码", icon=":material/qr_code_2:", key="profile.enrol"):
            st.session_state["profile.secret"] = second_factor.new_secret()
            st.rerun()
    else:
        secret = st.session_state["profile.secret"]
        st.markdown("用手机上的验证器（身份验证器类应用）扫描图案，再输入它显示的 6 位数字。")
        st.image(second_factor.picture(secret, me.username), alt="供验证器扫描的二维码", width=220)
        st.markdown(f"不能扫描时，手工输入密钥：`{second_factor.spaced(secret)}`")
        with st.form("profile.bind", width=480):
            word = st.text_input("当前密码", type="password", key=f"profile.{turn}.word")
            code = code_of()
            if st.form_submit_button("绑定", type="primary"):
                try:
                    second_factor.enrol_mine(visit, secret, code, word)
                except UserError as refusal:
                    say("error", str(refusal))
                else:
                    done("动态验证码已绑定，下次登录起使用。")

st.header("登录中的设备", anchor=False)
mine = sessions.mine(visit)
for row in mine:
    here = row.id == visit.session_id
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plain(browser(row.agent))}**{' :blue-badge[此设备]' if here else ''}  \n"
            f"{plain(row.way)} · 地址 {plain(row.address or '未知')}  \n"
            f"登录于 {moment(row.opened_at)} · 最近使用 {moment(row.seen_at)}"
        )
        if not here and st.button("下线", key=f"profile.end.{row.id}"):
            sessions.end_mine(visit, row.id)
            done("该设备已下线。")
if len(mine) > 1 and st.button("下线其他全部设备", icon=":material/logout:", key="profile.end_others"):
    done(f"已下线其他 {sessions.end_mine(visit)} 个设备。")
