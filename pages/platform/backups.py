"""备份: what copies there are, whether each can be restored, and another one now."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.base.errors import UserError
from data.platform import backups
from ui.base import answer
from ui.base.text import moment, plain, say

visit = gate.require(Permission.BACKUP_MANAGE)
st.title("备份", anchor=False)
st.caption(
    "每晚自动备份并校验一次，备份时可以照常填报和审核。备份与数据在同一块磁盘上，请定期另存到别的机器。恢复须先停止服务，方法见 README。"
)
answer.show()
known = backups.listing(visit)
superfluous, kept = backups.to_clean(visit)
with st.container(horizontal=True):
    asked = st.button("立即备份", type="primary", icon=":material/backup:", key="make")
    cleaned = st.button(
        f"清理旧备份（{superfluous} 份）",
        icon=":material/delete_sweep:",
        key="clean",
        disabled=not superfluous,
        help=f"保留最新 {kept} 份；最近一份校验通过的总会保留",
    )
state = {None: "未校验", True: "可以恢复", False: "不能恢复"}
checked = ""
if not known:
    say("info", "还没有备份。可在上面立即备份，或等今晚的自动备份。")
else:
    st.dataframe(
        [
            {
                "名称": each.name,
                "时间（北京）": moment(each.made_at),
                "校验": state[each.whole],
                "校验时间": moment(each.checked_at),
                "记录": f"{each.facts:,} 条",
                "大小": f"{terms.scaled(each.bytes, 2**20, 1)} MB",
                "证明材料": f"{each.files:,} 个",
                "版本": each.version,
            }
            for each in known
        ],
        hide_index=True,
        alt="现有备份，最新的在前",
    )
    st.subheader("校验恢复", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # A new backup is the one to be checked next: the choice starts again from it.
        key = f"{known[0].name}@name"
        name = (
            st.selectbox("备份", [each.name for each in known], key=key, placeholder="请选择", width=320)
            or known[0].name
        )
        if st.button(
            "校验恢复",
            icon=":material/fact_check:",
            key="check",
            help="在临时位置恢复这份备份，逐条核对，不影响现有数据",
        ):
            checked = name
    if finding := next(each.finding for each in known if each.name == name):
        st.caption(f"上次校验：{plain(finding)}")
try:
    if asked:
        with st.spinner("正在备份……"):
            answer.give(f"已备份：{backups.make(visit)}。建议随即校验恢复。")
        st.rerun()
    if checked:
        with st.spinner("正在恢复到临时位置并核对……"):
            whole, finding = backups.check(visit, checked)
        if whole:
            answer.give(f"备份 {checked} {finding}")
            st.rerun()
        say("error", f"备份 {checked} {finding}")
    if cleaned:
        answer.give(f"已清理旧备份 {backups.clean(visit)} 份。")
        st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
