"""产业链: layers and segments as a treemap and a table, where the chain is weak, what is asked for. Live."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.statistics import industry_chain
from core.statistics.metrics import ENTERPRISES, METRICS, headed
from data.directory import classified
from data.statistics import dashboards
from ui.base import charts
from ui.statistics import basis_line, enterprise_list, filters, regions

visit = gate.require(Permission.OVERVIEW_READ)
st.title("产业链", anchor=False)
years = classified.years(visit)
if not years:
    st.info("还没有入库企业。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
else:
    asked = filters.chosen(years, visit.places)
    basis_line.line(dashboards.standing(visit, asked), asked)
    basis_line.export(visit.may(Permission.REPORT_EXPORT), "chain", asked)
    measure = filters.one_of("指标", regions.MEASURES, name="measure")
    table = dashboards.totals(visit, asked, "segment")
    growth = dashboards.growth(visit, asked, "segment") if dashboards.has_former(visit, asked) else None
    top, covered = dashboards.concentration(visit, asked, "segment"), dashboards.coverage(visit, asked, "segment")
    wanted = dashboards.asked_for(visit, asked) if visit.may(Permission.PROJECT_READ) else None
    strength = industry_chain.strength(table)
    with st.container(border=True):
        st.header(f"各环节{regions.MEASURES[measure]}（{regions.unit(measure)}）", anchor=False)
        alt = f"产业链各层各环节{regions.MEASURES[measure]}，点一块筛选；各数见下表"
        filters.chart(regions.tree(strength, table, measure, asked), key="tree", alt=alt, by="segment")
        st.caption(
            "一家企业在几个环节，就在这几个环节各计一次，所以各环节之和大于全市；点一块只看该环节或该层，再点取消。"
        )
    with st.container(border=True):
        st.header(f"各环节一览（{METRICS['core'].unit.word}、{METRICS['counted_output'].unit.word}）", anchor=False)
        regions.listing(table, growth, top, covered, by="segment", asked=asked, measure=measure, wanted=wanted)
        if wanted is not None:
            st.caption("市场需求：企业填报的需求中，种类对口或文字提到该环节的条数，一条需求可对应几个环节。")
    with st.grid(2, min_column_width=340):
        with st.container(border=True):
            st.header(headed("缺链与薄弱环节", ENTERPRISES), anchor=False)
            st.caption(industry_chain.RULE)
            regions.weak(strength, wanted)
        with st.container(border=True):
            st.header(f"各产业链层{METRICS['enterprises'].heading_brief}", anchor=False)
            layers = dashboards.totals(visit, asked, "layer")
            figure = filters.marked(
                charts.classes_by(layers, "layer", terms.LAYERS), layers["layer"].to_list()[::-1], asked.layer
            )
            filters.chart(
                figure,
                key="layers",
                alt=f"各产业链层按名录身份的{METRICS['enterprises'].brief}，点一条筛选",
                by="layer",
            )
            st.caption("企业按其环节最多的一层计入一层，各层之和等于全市。")
    link = visit.may(Permission.ENTERPRISE_READ)
    if picked := enterprise_list.enterprises(dashboards.enterprises(visit, asked), link=link, heading="企业名单"):
        st.switch_page("enterprise/enterprise.py", query_params={"id": picked})


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has changed what it shows; else do nothing."""
    basis_line.follow(dashboards.version(gate.require(Permission.OVERVIEW_READ, watching=True)))


watch()
