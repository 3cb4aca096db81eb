"""区域: the districts on the map and as a table; one chosen, its enterprises, classes and chain. Live."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.base.dictionaries import SEGMENTS
from core.statistics.metrics import METRICS
from data.directory import classified
from data.statistics import dashboards
from ui.base import charts
from ui.statistics import basis_line, enterprise_list, filters, region_charts
from ui.statistics import regions as statistics_regions

visit = gate.require(Permission.OVERVIEW_READ)
st.title("区域", anchor=False)
years = classified.years(visit)
if not years:
    st.info("还没有入库企业。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
else:
    asked = filters.chosen(years, visit.places)
    basis_line.line(dashboards.standing(visit, asked), asked)
    basis_line.export(visit.may(Permission.REPORT_EXPORT), "regions", asked)
    measure = filters.one_of("指标", statistics_regions.MEASURES, name="measure")
    table = dashboards.totals(visit, asked, "district")
    growth = dashboards.growth(visit, asked, "district") if dashboards.has_former(visit, asked) else None
    top, covered = dashboards.concentration(visit, asked, "district"), dashboards.coverage(visit, asked, "district")
    with st.grid(2, min_column_width=340):
        for title, centre in (("全市", False), ("中心城区", True)):
            with st.container(border=True):
                st.header(
                    f"{title}{statistics_regions.MEASURES[measure]}（{statistics_regions.unit(measure)}）", anchor=False
                )
                figure = statistics_regions.map_of(table, measure, asked.district, centre=centre)
                alt = f"{title}各区{statistics_regions.MEASURES[measure]}地图，点一区筛选；各数见下表"
                filters.chart(figure, key=f"map.{title}", alt=alt, by="district")
    st.caption(f"点一区只看该区，再点取消。{region_charts.CREDIT}")
    with st.container(border=True):
        st.header(f"各区一览（{METRICS['core'].unit.word}、{METRICS['counted_output'].unit.word}）", anchor=False)
        statistics_regions.listing(table, growth, top, covered, by="district", asked=asked, measure=measure)
    with st.grid(2, min_column_width=340):
        for title, by, names in (("名录身份", None, terms.TIERS), ("产业链环节", "segment", SEGMENTS)):
            with st.container(border=True):
                st.header(
                    f"{statistics_regions.name_of(asked)}各{title}{METRICS['enterprises'].heading_brief}", anchor=False
                )
                if by:
                    counts = dashboards.totals(visit, asked, by)
                    figure = filters.marked(
                        charts.classes_by(counts, by, names), counts[by].to_list()[::-1], asked.segment
                    )
                else:
                    counts = dashboards.totals(visit, asked.without("tier"))
                    figure = statistics_regions.classes(counts.row(0, named=True), asked.tier)
                filters.chart(
                    figure,
                    key=f"own.{title}",
                    alt=f"各{title}{METRICS['enterprises'].brief}，点一条筛选",
                    by=by or "tier",
                )
    st.caption("一家企业可在几个产业链环节，各环节之和大于企业数。")
    link = visit.may(Permission.ENTERPRISE_READ)
    if picked := enterprise_list.enterprises(dashboards.enterprises(visit, asked), link=link, heading="企业名单"):
        st.switch_page("enterprise/enterprise.py", query_params={"id": picked})


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has changed what it shows; else do nothing."""
    basis_line.follow(dashboards.version(gate.require(Permission.OVERVIEW_READ, watching=True)))


watch()
