"""企业归属: which park an enterprise lies in, and who looks after it."""

import polars as pl
import streamlit as st

import gate
from core.access.organisations import SHIPPED
from core.access.permissions import Permission
from core.base import paging
from core.base.dictionaries import DISTRICTS
from core.base.errors import UserError
from data.access import organisations, placements
from ui.base import answer
from ui.base.text import say, say_outside

visit = gate.require(Permission.ORGANISATION_MANAGE)
st.title("企业归属", anchor=False)
st.caption(
    "企业所在的区由其填报的区属决定；这里设定所在园区和联系人（“仅本人”的数据范围按联系人计算）。勾选企业，再在下面设定。"
)
answer.show()
with st.grid(2):
    text = st.text_input(
        "搜索",
        key="q",
        placeholder="企业名称或统一社会信用代码",
        max_chars=60,
        bind="query-params",
        icon=":material/search:",
    )
    district = st.selectbox(
        "区属",
        list(DISTRICTS),
        index=None,
        format_func=DISTRICTS.__getitem__,
        key="district",
        placeholder="全部",
        bind="query-params",
    )
total = placements.count(visit, text=text, district=district)
st.caption(f"共 {total:,} 家企业")
if say_outside(district, visit.places, "没有可以显示的企业"):
    st.stop()
if not total:
    say(
        "info", "没有符合条件的企业。请放宽搜索条件。" if text or district else "还没有企业。企业首次登录后出现在这里。"
    )
    st.stop()
above = st.container()
page = (
    st.pagination(paging.pages(total, placements.PAGE), key="page", bind="query-params")
    if total > placements.PAGE
    else 1
)
rows, names = placements.listing(visit, text=text, district=district, page=page), organisations.names(visit)
with above:
    picked = st.dataframe(
        pl.DataFrame(
            {
                "企业名称": [row.name for row in rows],
                "区属": [DISTRICTS.get(row.district or "", "未填报") for row in rows],
                "园区": [names.get(row.organisation_id or "", "—") for row in rows],
                "联系人": [row.officer or "—" for row in rows],
            }
        ),
        hide_index=True,
        alt="企业归属列表",
        key=f"{answer.turn()}{page}.list",
        height=36 + 35 * min(len(rows), 12),
        on_select="rerun",
        selection_mode="multi-row",
    )
chosen = [rows[number] for number in picked["selection"]["rows"] if number < len(rows)]
if not chosen:
    st.caption("还没有勾选企业。")
    st.stop()
parks = {identity: name for identity, name in names.items() if identity not in SHIPPED}
officers = placements.officers(visit)
with st.form(f"{answer.turn()}place"):
    st.subheader(f"设定所选 {len(chosen)} 家企业", anchor=False)
    park = st.selectbox(
        "园区",
        list(parks),
        index=None,
        format_func=lambda each: parks.get(each, each),
        key=f"{answer.turn()}park",
        placeholder="不属于任何园区",
        help="园区须在企业的区属之内",
    )
    officer = st.selectbox(
        "联系人",
        list(officers),
        index=None,
        format_func=lambda each: officers.get(each, each),
        key=f"{answer.turn()}officer",
        placeholder="未指定",
    )
    if st.form_submit_button("保存", type="primary"):
        try:
            changed = placements.place(visit, [row.id for row in chosen], organisation_id=park, officer_id=officer)
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
        else:
            answer.give(f"已设定 {changed} 家企业的归属{'' if changed == len(chosen) else '，其余没有变化'}。")
            st.rerun()
