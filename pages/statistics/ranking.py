"""企业画像榜单: enterprises by one measure, their moves against the year before, and how concentrated the whole is. Live."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.statistics.metrics import COMPARISONS, METRICS
from core.statistics.ranking import BASE, MEASURES, TOPS
from data.directory import classified
from data.statistics import dashboards, ranking
from ui.base import charts, lists
from ui.base.text import plain
from ui.statistics import basis_line, filters
from ui.statistics import ranking as screen

visit = gate.require(Permission.OVERVIEW_READ)
st.title("企业画像榜单", anchor=False)
years = classified.years(visit)
if not years:
    st.info("还没有入库企业。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
else:
    asked = filters.chosen(years, visit.places)
    basis_line.line(dashboards.standing(visit, asked), asked)
    basis_line.export(visit.may(Permission.REPORT_EXPORT), "ranking", asked)

    code = filters.one_of("排名指标", {each: measure.metric.label for each, measure in MEASURES.items()}, name="by")
    top = int(filters.one_of("榜单长度", {f"{each}": f"前 {each}" for each in TOPS}, name="top"))
    mark = "（预判）" if asked.provisional else ""
    measure, rows = MEASURES[code], ranking.listing(visit, asked, code)
    label = measure.metric.label
    if rows.is_empty():
        st.info(
            "没有符合条件的企业，或这一年没有该项数据。请更换年度、指标或取消部分筛选。", icon=":material/search_off:"
        )
    else:
        if measure.summed:
            found, cumulative = ranking.concentration(visit, asked, code)
            screen.tiles(measure, found)
            with st.container(border=True):
                st.header(f"{label}累计占比（%）{mark}", anchor=False)
                charts.show(
                    screen.curve(cumulative, found, label), key="curve", alt=f"企业按{label}从大到小累计占合计的百分比"
                )
        with st.container(border=True):
            st.header(f"{label}榜单（{rows.height:,} 家）{mark}", anchor=False)
            ai = METRICS["ai_revenue"]
            notes = {
                "growth": f"{COMPARISONS['same'].label}：同一企业两年均有数据，上年{ai.label}不低于 {ai.one.said(BASE)}；不作上年名次比较。",
                "share": "占比按万分比比较，相同的名次并列。",
                "researchers": f"{METRICS[code].definition}，取自本年度入库的填报。",
                "ip_count": "取自本年度入库的填报。",
            }
            st.caption(
                f"{asked.period}，与上年全年实际比较。"
                + notes.get(code, "")
                + ("点一行打开企业画像。" if visit.may(Permission.ENTERPRISE_READ) else "")
            )
            above = st.container()
            start = lists.paged(rows.height, top)
            shown = rows.slice(start, top)
            with above:
                picked = lists.enterprise(
                    screen.table(shown, measure, top),
                    shown["enterprise_id"].to_list(),
                    link=visit.may(Permission.ENTERPRISE_READ),
                    key=f"ranking.{code}",
                    alt=f"{label}榜单：名次、数值、与上年比较",
                )
            if gone := screen.left(rows, top):
                st.caption(f"退出前 {top}：{plain(gone)}。")
        if picked:
            st.switch_page("enterprise/enterprise.py", query_params={"id": picked})


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has changed what it shows; else do nothing."""
    basis_line.follow(dashboards.version(gate.require(Permission.OVERVIEW_READ, watching=True)))


watch()
