"""数据质量: how far the round has come, what missing respondents leave open, what is doubtful, old or corrected. Live."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.filing.reminders import FILED
from core.statistics.quality import ISSUES
from core.statistics.revisions import METHOD
from data.directory import classified
from data.filing import progress
from data.statistics import dashboards, imputation, quality, revisions
from ui.base import lists
from ui.base.text import plain
from ui.statistics import basis_line, filters
from ui.statistics import imputation as range_of
from ui.statistics import quality as screen

visit = gate.require(Permission.OVERVIEW_READ)
SIZE, RECENT = 20, 10
st.title("数据质量", anchor=False)
years = classified.years(visit)
if not years:
    st.info("还没有入库企业。企业填报经区级、市级审核入库后，本页自动更新。", icon=":material/hourglass_empty:")
else:
    asked = filters.chosen(years, visit.places)
    basis_line.line(dashboards.standing(visit, asked), asked)
    basis_line.export(visit.may(Permission.REPORT_EXPORT), "quality", asked)
    this_round, due = quality.coverage(visit, asked)
    with st.container(border=True):
        st.header("应报、已报、入库（家）", anchor=False)
        if this_round is None:
            st.caption(f"{asked.period}没有对应的填报期，或填报期尚未开始。")
        elif due.is_empty():
            st.caption(plain(f"“{this_round.name}”在所选范围内没有应报企业。"))
        else:
            by = filters.one_of("分组", {"district": "区属", "size": "企业规模"}, name="group")
            screen.coverage(progress.grouped(due, by), by)
            st.caption(
                plain(f"{this_round.name}，{this_round.closes} 截止；按此刻的填报状态，")
                + "只受区属、企业规模两项筛选。点一个数，在下面列出企业。"
            )
    with st.container(border=True):
        st.header(f"含缺报插补区间{'（预判）' if asked.provisional else ''}", anchor=False)
        range_of.whole(imputation.span(visit, asked))
    counts, ages = quality.counts(visit, asked), quality.ages(visit, asked)
    with st.container(border=True):
        st.header("数据问题", anchor=False)
        screen.issues(counts, int(ages["enterprises"].sum()))
        st.caption(f"{asked.period}，对入库数据重新核对；“已有说明”指企业在填报中写了说明。点一行，在下面列出企业。")
    with st.container(border=True):
        st.header("涉及的企业", anchor=False)
        shown = screen.asked()
        if shown is None:
            st.caption("点上面表中的数，或在此选择一项。")
            rows = pl.DataFrame()
        elif shown in ISSUES:
            rows = quality.concerned(visit, asked, shown)
        elif shown == "imputed":
            rows = imputation.missing(visit, asked)
        else:
            rows = due if due.is_empty() else screen.of_state(due, shown, FILED)
        if shown and rows.is_empty():
            st.caption(f"“{screen.LISTS[shown]}”没有企业。")
        elif shown:
            link = visit.may(Permission.ENTERPRISE_READ)
            st.caption(f"{screen.LISTS[shown]}：{rows.height:,} 家。" + ("点一行打开企业画像。" if link else ""))
            above = st.container()
            part = rows.slice(lists.paged(rows.height, SIZE), SIZE)
            with above:
                picked = lists.enterprise(
                    screen.listed(part, shown),
                    part["enterprise_id"].to_list(),
                    link=link,
                    key=f"list.{shown}",
                    alt=f"{screen.LISTS[shown]}的企业",
                )
            if picked:
                st.switch_page("enterprise/enterprise.py", query_params={"id": picked})
    with st.container(border=True):
        st.header(f"{asked.year}年度修订表", anchor=False)
        # Folded for each day anew: only for who asks.
        if st.toggle("列出首次、历次修订与现行数", key="with_revisions"):
            screen.revisions(revisions.table(visit, asked))
            st.caption(METHOD)
    with st.grid(2, min_column_width=460):
        with st.container(border=True):
            st.header("数据时效（家）", anchor=False)
            screen.ages(ages)
            st.caption("入库企业最近一次入库的填报属于哪个年度，年份越早越陈旧。")
        with st.container(border=True):
            corrected = quality.corrections(visit, asked)
            st.header(f"主管部门更正（{corrected.height:,} 处）", anchor=False)
            if corrected.is_empty():
                st.caption(f"{asked.year}年度的填报入库后没有更正。")
            else:
                screen.corrections(corrected, RECENT)
                st.caption(
                    f"{asked.year}年度填报入库后的更正，列出最近 {min(RECENT, corrected.height)} 处；全部在企业画像中。"
                )


@st.fragment(run_every=2)
def watch() -> None:
    """Draw the page again when an admission has changed what it shows; else do nothing."""
    basis_line.follow(dashboards.version(gate.require(Permission.OVERVIEW_READ, watching=True)))


watch()
