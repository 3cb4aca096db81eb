"""账号导入: many accounts from one Excel table; looked at first, then created all or none."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data.access import account_admin
from exports import workbook
from gate import passwords
from ui.base.text import plain, say

visit = gate.require(Permission.ACCOUNT_MANAGE)
st.title("账号导入", anchor=False)
st.caption(
    f"先下载模板填写，再上传核对，最后确认导入。一次最多 {account_admin.MOST} 行；有一行不合要求，就一行也不导入。"
)
notes = [
    "用户名：2 至 40 个字母、数字或 . _ - ，不分大小写，不能与已有的重复。",
    f"角色：{'、'.join(account_admin.roles_open(visit).values())}。",
    f"机构：管辖范围限于本机构的角色（如区级审核员）必填。可填：{'、'.join(account_admin.organisations_open(visit).values())}。",
    "初始密码由系统生成，导入后显示一次；首次登录须修改。",
]
st.download_button(
    "下载模板",
    lambda: workbook.write("账号", list(account_admin.COLUMNS), [], notes),
    "账号导入模板.xlsx",
    icon=":material/download:",
    on_click="ignore",
)
if created := st.session_state.pop("import.created", None):
    say("success", f"已导入 {len(created)} 个账号。初始密码只显示这一次，请下载后分别告知本人，再删除文件。")
    st.dataframe(pl.DataFrame(created), hide_index=True, alt="新账号与初始密码")
turn = st.session_state.setdefault("import.turn", 0)
file = st.file_uploader(
    "填写好的表格", type=["xlsx"], key=f"import.file#{turn}", help="Excel 工作簿；读取第一个可见的工作表"
)
if file is None:
    st.stop()
try:
    table = workbook.read(file.getvalue(), list(account_admin.COLUMNS), most=account_admin.MOST)
    rows, wrong = ([], table.wrong) if table.wrong else account_admin.imported(visit, table.lines)
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
    st.stop()
st.caption(plain(f"读取的是工作表“{table.sheet}”，共 {len(table.lines)} 行。{''.join(table.notes)}"))
shown = [{"行": line, **cells} for line, cells in table.lines]
st.dataframe(pl.DataFrame(shown), hide_index=True, alt="表格内容")
if wrong:
    say("error", f"有 {len(wrong)} 处不合要求，尚未导入。请改好表格后重新上传：")
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in wrong))
    st.stop()
if st.button(f"导入 {len(rows)} 个账号", type="primary"):
    secrets = [passwords.temporary() for _ in rows]
    bar = st.progress(0.0, "正在生成初始密码……")
    hashes = []
    for number, secret in enumerate(secrets, start=1):
        hashes.append(passwords.hashed(secret))
        bar.progress(number / len(secrets), f"正在生成初始密码 {number}/{len(secrets)}")
    try:
        account_admin.create_many(
            visit, [{**row, "password_hash": kept} for row, kept in zip(rows, hashes, strict=True)]
        )
    except UserError as error:
        say("error", f"{error}（编号 {error.reference}）一个账号也没有导入。")
        st.stop()
    st.session_state["import.created"] = [
        {"用户名": row["username"], "姓名": row["name"], "初始密码": secret}
        for row, secret in zip(rows, secrets, strict=True)
    ]
    st.session_state["import.turn"] = turn + 1
    st.rerun()
