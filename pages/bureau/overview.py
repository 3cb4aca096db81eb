"""产业总览: how many core, related and outside; what is counted; by district, layer, size; quarters. Live."""

import streamlit as st

import gate
from core import terms
from core.aggregation import totals
from core.filing import DISTRICTS
from data import overview, policies
from ui import charts
from ui.text import moment, say

visit = gate.require("overview.read")
st.title("产业总览", anchor=False)
years = overview.years(visit)
if not years:
    st.info("还没有入库企业。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
else:
    names = {f"{year}预判" if forecast else str(year): (year, forecast) for year, forecast in years}
    last_full = next((name for name, (_, forecast) in names.items() if not forecast), next(iter(names)))
    # The address is the choice. bind="query-params" would replace it in place; this way Back returns to the former.
    asked = st.query_params.get("year", last_full)
    chosen = st.session_state["year"] = asked if asked in names else last_full
    st.segmented_control(
        "统计年度", list(names), required=True, key="year", help="“预判”按全年（预测）数计算，不是正式认定",
        on_change=lambda: st.query_params.update(year=st.session_state["year"]),
    )  # fmt: skip
    if asked != chosen:
        wanted = f"{asked}年" if asked.isdecimal() else f"“{asked[:20]}”"
        say("info", f"没有{wanted}的数据，已显示{chosen}{'' if names[chosen][1] else '年'}。")
    year, provisional = names[chosen]
    law = policies.for_year(visit, year)
    frame = overview.classified(visit, year, law, provisional=provisional)
    whole = totals(frame).row(0, named=True)
    reported = frame["total_revenue"].count()
    st.caption(
        f"{visit.scope.words} · {year}年度{'全年（预测），预判' if provisional else '全年实际'}"
        f" · 有数据 {reported} 家／入库 {whole['enterprises']} 家 · 数据截至 {moment(overview.data_as_of(visit))}"
        f" · 政策版本 {law.version}"
    )
    with st.grid(4, min_column_width=150):
        for tier, word in terms.TIERS.items():
            st.metric(word, f"{whole[tier]:,} :small[家]", border=True)
        st.metric("纳入统计", f"{terms.yi(whole['counted_output'])} :small[亿元]", border=True)
        st.metric("AI业务收入", f"{terms.yi(whole['ai_revenue'])} :small[亿元]", border=True)
    st.caption("“无法认定”指该年度收入缺失或有误。")
    if not whole["enterprises"]:
        st.info("本区还没有入库企业。企业经市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
    with st.grid(2, min_column_width=460):
        for title, by, labels in (
            ("区属", "district", DISTRICTS),
            ("产业链层", "layer", terms.LAYERS),
            ("企业规模", "size", terms.SIZES),
        ):
            table = totals(frame, by)
            with st.container(border=True):
                st.header(f"各{title}企业数（家）", anchor=False)
                charts.show(
                    charts.classes_by(table, by, labels), key=f"classes_{by}", alt=f"各{title}按名录身份的企业数"
                )
            with st.container(border=True):
                st.header(f"各{title}纳入统计（亿元）", anchor=False)
                charts.show(charts.counted_by(table, by, labels), key=f"counted_{by}", alt=f"各{title}纳入统计金额")
    st.caption("企业按其产业链环节最多的一层计入一层，各层之和等于全市。")
    with st.container(border=True):
        st.header("单季AI业务收入（亿元）", anchor=False)
        table = overview.quarters(visit)
        charts.show(charts.quarters(table), key="quarters", alt="各季度单季AI业务收入")
        st.caption(
            "单季数为累计数之差，只计前后两列都已填报的可比企业，各季家数不同，不宜直接比较；斜纹为含全年（预测）的季度。"
            f"可比企业：{charts.comparable(table)}。"
        )


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has changed what it shows; else do nothing."""
    now = overview.version(gate.require("overview.read", watching=True))
    if st.session_state.setdefault("overview_version", now) != now:
        st.session_state["overview_version"] = now
        st.rerun()


watch()
