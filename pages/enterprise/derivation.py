"""认定依据: why an enterprise is in its class for a year, as of any day: numbers, clauses, readings, policy; to print."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import values
from core.base.errors import UserError
from core.enterprise.query import Query
from data.enterprise import derivations
from data.enterprise import search as enterprise_search
from ui.base.text import plain, say
from ui.enterprise import profile as screen
from ui.rule import derivation

visit = gate.require(Permission.ENTERPRISE_READ)
st.title("认定依据", anchor=False)
text = st.text_input(
    "查找企业",
    key="portrait.q",
    placeholder="企业名称或统一社会信用代码，边输入边查找",
    icon=":material/search:",
    max_chars=60,
    live="200ms",
    autocomplete="off",
)
if text.strip():
    found = enterprise_search.search(visit, Query(text, admitted="yes"))
    st.caption(f"找到 {found.height:,} 家入库企业" + ("，显示前 20 家，请输入更多文字" if found.height > 20 else ""))
    screen.found(found.head(20))
chosen = screen.address()
if chosen is None:
    if not text.strip():
        say("info", "请输入企业名称或统一社会信用代码查找，或从“企业画像”“阈值测算”中打开。")
    st.stop()
try:
    typed = st.text_input(
        "截至哪一天",
        key="as_of",
        max_chars=20,
        placeholder=f"{visit.store.today}，不填为今天",
        bind="query-params",
        help="按那一天结束时的数据和政策版本推导",
    )
    day = values.day(typed, "日期") or visit.store.today
    years = {f"{year}预判" if forecast else str(year): year for year, forecast in derivations.years(visit, chosen, day)}
    if not years:
        say("info", f"截至 {day} 还没有全年数。请改日期。")
        st.stop()
    newest = next((name for name in years if not name.endswith("预判")), next(iter(years)))
    asked = st.query_params.get("year", newest)
    st.session_state["year"] = asked if asked in years else newest
    st.segmented_control(
        "统计年度",
        list(years),
        required=True,
        key="year",
        help="“预判”按全年（预测）数计算，不是正式认定",
        on_change=lambda: st.query_params.update(year=st.session_state["year"]),
    )
    made = derivations.card(visit, chosen, years[asked if asked in years else newest], day)
    st.header(f"{plain(made.subject.name)}　{made.year}年度", anchor=False)
    st.page_link(
        "enterprise/enterprise.py", label="企业画像", icon=":material/contact_page:", query_params={"id": chosen}
    )
    derivation.whole(made)
except UserError as error:
    say("error", str(error))
