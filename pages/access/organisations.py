"""机构管理: the city, its districts, and the parks below them."""

import streamlit as st

import gate
from core.access.organisations import CITY, SHIPPED
from core.access.permissions import Permission
from core.base.errors import UserError
from data.access import organisations
from ui.base import answer
from ui.base.text import plain, say

visit = gate.require(Permission.ORGANISATION_MANAGE)
st.title("机构管理", anchor=False)
st.caption("全市和各区由系统自带；园区设在区或上级园区之下。账号在账号管理中归入机构，企业在企业归属中归入园区。")
answer.show()
tree, names, usage = organisations.nodes(visit), organisations.names(visit), organisations.usage(visit)
parents = {identity: name for identity, name in names.items() if identity != CITY}
with (
    st.expander("新增园区", icon=":material/add_business:", key="new"),
    st.form(f"{answer.turn()}new.form", border=False),
):
    name = st.text_input("机构名称", max_chars=30, key=f"{answer.turn()}new.name", placeholder="例如 光谷软件园")
    parent = st.selectbox(
        "上级机构",
        list(parents),
        index=None,
        format_func=lambda each: parents.get(each, each),
        key=f"{answer.turn()}new.parent",
        placeholder="所在的区或上级园区",
    )
    if st.form_submit_button("新增", type="primary"):
        try:
            organisations.add(visit, name, parent or "")
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
        else:
            answer.give(f"已新增“{name.strip()}”。")
            st.rerun()
st.dataframe(
    {
        "机构": ["　" * depth + tree[identity].name for identity, depth in organisations.in_depth(visit)],
        "账号": [usage.get(identity, {}).get("accounts", 0) for identity, _ in organisations.in_depth(visit)],
        "企业": [usage.get(identity, {}).get("enterprises", 0) for identity, _ in organisations.in_depth(visit)],
    },
    hide_index=True,
    alt="机构树，各机构的账号数和企业数",
    height="content" if len(names) <= 30 else 700,
)
st.caption("区的企业数为区属填报为该区、已入库的企业；园区的企业数为直接归入该园区的企业。")
parks = {identity: name for identity, name in names.items() if identity not in SHIPPED}
if not parks:
    say("info", "还没有园区。可在上面新增。")
    st.stop()
chosen = st.selectbox(
    "修改或删除园区",
    list(parks),
    index=None,
    format_func=lambda each: parks.get(each, each),
    key="park",
    placeholder="请选择园区",
    bind="query-params",
)
if chosen not in parks:
    st.stop()
node, used = tree[chosen], usage[chosen]
key = f"{chosen}#{used['revision']}#"
new_name = st.text_input("机构名称", value=node.name, max_chars=30, key=f"{key}name", placeholder="必填")
new_parent = st.selectbox(
    "上级机构",
    list(parents),
    index=list(parents).index(node.parent or ""),
    format_func=lambda each: parents.get(each, each),
    key=f"{key}parent",
    placeholder="所在的区或上级园区",
)
with st.container(horizontal=True):
    saved = st.button("保存", key=f"{key}save", type="primary")
    removed = st.button(
        "删除", key=f"{key}remove", icon=":material/delete:", help="有下级、账号、企业或角色在用时不能删除"
    )
try:
    if saved:
        organisations.change(visit, chosen, used["revision"], name=new_name, parent=new_parent)
        answer.give(f"“{new_name.strip()}”已保存。")
        st.rerun()
    if removed:
        organisations.remove(visit, chosen, used["revision"])
        answer.give(f"“{plain(node.name)}”已删除。")
        st.query_params.clear()
        st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
