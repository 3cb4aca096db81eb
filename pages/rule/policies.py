"""政策版本: the versions of the statistics rule, the one in force, drafts and what they would change."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.rule import policy as rule_policy
from data.rule import policies, policy_effect
from ui.base import answer
from ui.base.text import plain, say
from ui.rule import policies as screen

visit = gate.require(Permission.POLICY_READ)
st.title("政策版本", anchor=False)
policy, today, known = policies.in_force(visit), visit.store.today, policies.listing(visit)
st.caption(
    f"现行版本 {plain(policy.version)}，自 {policy.effective_from} 起。一人起草，另一人复核发布，从生效日起对新的统计有效；已过年度的统计仍按当时的版本。"
)
answer.show()


def standing(each: policies.Version) -> str:
    """Where a version stands, in a word."""
    if each.state == "draft":
        return "草案"
    return "现行" if each.policy == policy else "待生效" if each.policy.effective_from > today else "曾施行"


st.dataframe(
    pl.DataFrame(
        [
            {
                "版本号": each.policy.version,
                "状态": standing(each),
                "生效日期": f"{each.policy.effective_from}",
                "起草": "、".join(each.authors) or "随系统提供",
                "发布": each.publisher or "—",
                "标题": each.policy.title,
                "文件依据": each.policy.reference,
            }
            for each in known
        ]
    ),
    hide_index=True,
    alt="政策版本",
)
published = [each.policy for each in known if each.state != "draft"]
names = [each.version for each in published]
chosen = st.selectbox(
    "查看版本", names, index=names.index(policy.version), key="shown", placeholder="请选择", bind="query-params"
)
shown = published[names.index(chosen)] if chosen in names else policy
st.header(f"{plain(shown.title)}", anchor=False)
st.caption(f"{plain(shown.version)} · 自 {shown.effective_from} 起 · {plain(shown.reference)}")
screen.parameters(shown)
screen.changes(rule_policy.before(published, shown), shown)

try:
    for each in [version for version in known if version.state == "draft"]:
        draft, key = each.policy, f"{each.id}#{each.revision}#"
        st.header(f"草案 {plain(draft.version)}", anchor=False)
        st.caption(
            f"{plain(draft.title)} · 拟自 {draft.effective_from} 起 · {plain(draft.reference)} · 起草：{plain('、'.join(each.authors))}"
        )
        screen.changes(rule_policy.before(published, draft), draft)
        screen.effect(policy_effect.effect(visit, draft))
        with st.container(horizontal=True):
            if visit.may(Permission.POLICY_PUBLISH):
                with st.popover("发布", icon=":material/publish:", disabled=each.own, help="须由起草人以外的人发布"):
                    st.markdown(
                        f"发布 **{plain(draft.version)}**，自 {draft.effective_from} 起施行。发布后不能修改，只能再发布新版本。"
                    )
                    if st.button("确认发布", key=f"{key}publish", type="primary"):
                        policies.publish(visit, each.id, each.revision)
                        answer.give(f"已发布“{draft.version}”，自 {draft.effective_from} 起施行。")
                        st.rerun()
            if visit.may(Permission.POLICY_DRAFT):
                with st.popover("修改草案", icon=":material/edit:"), st.form(f"{key}form", border=False):
                    typed = screen.fields(
                        key,
                        draft,
                        version=draft.version,
                        title=draft.title,
                        reference=draft.reference,
                        day=draft.effective_from,
                    )
                    if st.form_submit_button("保存修改", type="primary"):
                        policies.change(visit, each.id, each.revision, typed)
                        answer.give(f"草案“{typed.version.strip()}”已保存。")
                        st.rerun()
            if visit.may(Permission.POLICY_DRAFT) or visit.may(Permission.POLICY_PUBLISH):
                with st.popover("撤回草案", icon=":material/delete:"):
                    st.markdown(f"撤回 **{plain(draft.version)}**，不再发布。日志中仍可查到。")
                    if st.button("确认撤回", key=f"{key}withdraw"):
                        policies.withdraw(visit, each.id, each.revision)
                        answer.give(f"草案“{draft.version}”已撤回。")
                        st.rerun()
        if each.own and visit.may(Permission.POLICY_PUBLISH):
            st.caption("您起草或修改过这份草案，须由另一人发布。")
    if visit.may(Permission.POLICY_DRAFT):
        with (
            st.expander("起草新版本", icon=":material/add:", key="new"),
            st.form(f"{answer.turn()}new.form", border=False),
        ):
            st.caption("各参数已填入现行版本的取值，只改需要改的。")
            typed = screen.fields(f"{answer.turn()}new.", policy)
            if st.form_submit_button("保存草案", type="primary"):
                policies.draft(visit, typed)
                answer.give(f"草案“{typed.version.strip()}”已保存，由另一人复核后发布。")
                st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
