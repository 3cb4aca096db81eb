"""人才与知识产权: heads and rights in all and by group, and against revenue. Live."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.statistics.metrics import METRICS, headed
from data.directory import classified
from data.statistics import dashboards, talent
from ui.statistics import basis_line, filters
from ui.statistics import talent as screen

visit = gate.require(Permission.OVERVIEW_READ)
MOST = 1_500
st.title("人才与知识产权", anchor=False)
years = classified.years(visit)
if not years:
    st.info("还没有入库企业。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
else:
    asked = filters.chosen(years, visit.places)
    basis_line.line(dashboards.standing(visit, asked), asked)
    basis_line.export(visit.may(Permission.REPORT_EXPORT), "talent", asked)
    whole = talent.sums(visit, asked).row(0, named=True)
    st.caption(
        f"人员与知识产权只取{asked.year}年度入库的填报，按填报时点：{whole['reported']:,} 家有数据／入库 {whole['enterprises']:,} 家；"
        "其余企业不以其他年度的数代替。"
    )
    screen.tiles(whole)
    if not whole["reported"]:
        st.info(
            "所选企业没有这一年度入库的人员与知识产权数据。请更换年度或取消部分筛选。", icon=":material/search_off:"
        )
    else:
        by = filters.one_of("分组", {each: words for each, (words, *_) in screen.GROUPS.items()}, name="group")
        word, _, name = screen.GROUPS[by]
        groups = talent.sums(visit, asked, by)
        codes, code = groups[by].to_list()[::-1], asked.chosen.get(name)
        with st.grid(2, min_column_width=460):
            for title, figure in (
                (METRICS["researchers"].heading, screen.heads_by(groups, by)),
                (headed("知识产权明细", METRICS["ip_count"].unit), screen.rights_by(groups, by)),
            ):
                with st.container(border=True):
                    st.header(f"各{word}{title}", anchor=False)
                    filters.chart(
                        filters.marked(figure, codes, code),
                        key=f"{title}.{by}",
                        alt=f"各{word}{title}，点一条筛选",
                        by=name,
                    )
        with st.container(border=True):
            st.header(f"各{word}人才与知识产权", anchor=False)
            st.dataframe(
                screen.table(groups, by), hide_index=True, alt=f"各{word}的人数、知识产权、人均数", height="content"
            )
            st.caption("知识产权分类按企业列出的明细计，可能少于申报的数量；比值只计分子、分母都有的企业。")
        with st.container(border=True):
            st.header(f"与{METRICS['ai_revenue'].label}的关系{'（预判）' if asked.provisional else ''}", anchor=False)
            options = {each: metric.label for each, metric in screen.ACROSS.items()}
            across = filters.one_of("横轴", options, name="across")
            rows, many = talent.plotted(visit, asked, across, most=MOST)
            if many:
                picked = screen.scatter(rows, across)
                more = (
                    f"按{METRICS['ai_revenue'].label}排序等距抽取 {rows.height:,} 家，共 {many:,} 家可画"
                    if many > rows.height
                    else f"共 {many:,} 家"
                )
                st.caption(
                    f"{asked.period}，两轴均为对数刻度；{more}，任一项为 0 或缺失的未画出。"
                    + ("点一个标记打开企业画像。" if visit.may(Permission.ENTERPRISE_READ) else "")
                )
                if picked and visit.may(Permission.ENTERPRISE_READ):
                    st.switch_page("enterprise/enterprise.py", query_params={"id": picked})
            else:
                st.caption("所选企业没有同时大于 0 的两项数据。")


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has changed what it shows; else do nothing."""
    basis_line.follow(dashboards.version(gate.require(Permission.OVERVIEW_READ, watching=True)))


watch()
