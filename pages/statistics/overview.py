"""产业总览: how many core, related and outside; what is counted; by district, layer, size; quarters. Live."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.statistics import decomposition, year_on_year
from core.statistics.metrics import ENTERPRISES, METRICS, headed
from data.directory import classified
from data.statistics import dashboards, imputation
from ui.base import charts
from ui.statistics import basis_line, enterprise_list, filters, headline
from ui.statistics import imputation as range_of

visit = gate.require(Permission.OVERVIEW_READ)
st.title("产业总览", anchor=False)
years = classified.years(visit)
if not years:
    st.info("还没有入库企业。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
else:
    asked = filters.chosen(years, visit.places)
    whole = dashboards.totals(visit, asked).row(0, named=True)
    basis_line.line(dashboards.standing(visit, asked), asked)
    basis_line.export(visit.may(Permission.REPORT_EXPORT), "overview", asked)
    year_policies = dashboards.year_policies(visit, asked)
    growth = dashboards.growth(visit, asked).row(0, named=True) if dashboards.has_former(visit, asked) else None
    targets = dashboards.targets(visit)
    least, top = dashboards.coverage_least(visit), dashboards.concentration(visit, asked).row(0, named=True)
    headline.tiles(whole, growth, top, targets, least)
    versions = year_policies[0].version, year_policies[1].version
    st.caption(headline.notes(growth, versions, unset=None in targets, least=least))
    headline.band(dashboards.band(visit, asked), year_policies[0], link=visit.may(Permission.WHAT_IF_USE))
    range_of.line(imputation.span(visit, asked))
    link = visit.may(Permission.ENTERPRISE_READ)
    if not whole["enterprises"] and not asked.chosen:
        st.info("本区还没有入库企业。企业经市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
    with st.grid(2, min_column_width=460):
        for title, by, labels in (
            ("区属", "district", DISTRICTS),
            ("产业链层", "layer", terms.LAYERS),
            ("企业规模", "size", terms.SIZES),
        ):
            table = dashboards.totals(visit, asked, by)
            # Bars stand from the bottom up.
            codes, code = table[by].to_list()[::-1], asked.chosen.get(by)
            with st.container(border=True):
                st.header(f"各{title}{METRICS['enterprises'].heading_brief}", anchor=False)
                figure = filters.marked(charts.classes_by(table, by, labels), codes, code)
                filters.chart(
                    figure,
                    key=f"classes_{by}",
                    alt=f"各{title}按名录身份的{METRICS['enterprises'].brief}，点一条筛选",
                    by=by,
                )
            with st.container(border=True):
                st.header(f"各{title}{METRICS['counted_output'].heading}", anchor=False)
                figure = filters.marked(charts.counted_by(table, by, labels), codes, code)
                filters.chart(
                    figure,
                    key=f"counted_{by}",
                    alt=f"各{title}{METRICS['counted_output'].label}金额，点一条筛选",
                    by=by,
                )
    st.caption("企业按其产业链环节最多的一层计入一层，各层之和等于全市。")
    with st.container(border=True):
        st.header(f"各季{METRICS['ai_revenue'].heading}", anchor=False)
        form = filters.one_of("口径", {"single": "单季", "cumulative": "累计"}, name="quarters", hidden=True)
        table = dashboards.quarters(visit, asked, form)
        charts.show(charts.quarters(table), key="quarters", alt=f"各季度{METRICS['ai_revenue'].label}")
        st.caption(
            (
                "单季数为累计数之差，只计前后两列都已填报的可比企业，"
                if form == "single"
                else "累计数为年初至季末，只计该列已填报的企业，"
            )
            + f"各季家数不同，不宜直接比较；斜纹为含全年（预测）的季度。可比企业：{charts.comparable(table)}。"
        )
    picked = None
    if growth:
        with st.container(border=True):
            st.header(
                f"{METRICS['counted_output'].label}比上年的分解（{METRICS['counted_output'].unit.word}）", anchor=False
            )
            found = dashboards.decomposition(visit, asked)
            note = decomposition.said(found, dashboards.rule_on_new(visit, asked), year_policies)
            headline.parts(whole, growth, found, note)
        with st.container(border=True):
            st.header(headed("比上年的名录变动", ENTERPRISES), anchor=False)
            change = headline.change(growth)
            rows = dashboards.moved(visit, asked, change)
            picked = headline.moved(rows, change, lambda row: year_on_year.reason(row, *year_policies), link=link)
    picked = enterprise_list.enterprises(dashboards.enterprises(visit, asked), link=link, heading="企业名单") or picked
    if picked:
        st.switch_page("enterprise/enterprise.py", query_params={"id": picked})


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has changed what it shows; else do nothing."""
    basis_line.follow(dashboards.version(gate.require(Permission.OVERVIEW_READ, watching=True)))


watch()
