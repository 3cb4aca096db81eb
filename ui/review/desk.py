"""工作台 of the staff on the screen: what waits, who is late, what has changed, how the service is."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
import streamlit as st

from core.audit.wording import EVENTS
from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.filing.reminders import PROGRESS, RoundProgress
from core.review.desk import DecidedFiling, LibraryChange, ServiceHealth
from core.statistics.metrics import METRICS
from ui.base.text import moment, plain, tile


def short(reason: str) -> str:
    """The first two parts of why a filing stands where it does."""
    parts = reason.split("；")
    return "；".join(parts[:2]) + (" 等" if len(parts) > 2 else "")


def queue(frame: pl.DataFrame, round_name: str, shown: int) -> None:
    """The filings that wait."""
    st.header(f"待我审核 {frame.height} 份", anchor=False)
    if frame.is_empty():
        st.success("没有需要处理的填报。", icon=":material/done_all:")
        return
    oldest: datetime | None = min(frame["submitted_at"].drop_nulls().to_list(), default=None)
    st.caption(f"{plain(round_name)} · 影响最大的在前 · 最早提交于 {moment(oldest)}")
    for row in frame.head(shown).iter_rows(named=True):
        told = (
            DISTRICTS.get(row["district"] or "", "未填区属"),
            terms.TIERS[row["directory_tier"]],
            short(row["impact_reason"]),
        )
        with st.container(gap=None):
            st.page_link(
                "review/review.py",
                label=plain(row["name"]),
                icon=":material/chevron_right:",
                query_params={"filing": row["id"]},
            )
            st.caption(plain(" · ".join(told)))
    if frame.height > shown:
        st.page_link("review/review.py", label=f"查看全部 {frame.height} 份", icon=":material/rule:")


def late(whole: RoundProgress, waiting: pl.DataFrame, shown: int) -> None:
    """How far the round is and who has not filed."""
    st.header(f"未报 {waiting.height} 家", anchor=False)
    st.progress(
        whole.filed / whole.due if whole.due else 0.0,
        text=f"应报 {whole.due:,} 家，已报 {whole.filed:,} 家（{terms.share(whole.filed, whole.due)}），入库 {whole.admitted:,} 家",
    )
    total = METRICS["total_revenue"]
    for row in waiting.head(shown).iter_rows(named=True):
        stake = (
            f"，上次{total.label} {total.said(row['unreported_revenue'])}"
            if row["unreported_revenue"] is not None
            else ""
        )
        st.markdown(f"- {plain(row['name'])}（{PROGRESS[row['progress']]}{stake}）")
    st.page_link("filing/progress.py", label="填报进度与催报", icon=":material/campaign:")


def changes(since: datetime, decided: Sequence[DecidedFiling], figures: LibraryChange | None) -> None:
    """What has changed since the last meeting."""
    st.header("上次例会以来", anchor=False)
    st.caption(f"自 {moment(since)} 起")
    if figures:
        then, now = figures.then, figures.now
        with st.grid(3, min_column_width=150):
            for metric in (METRICS[code] for code in ("enterprises", "core", "counted_output")):
                before, after = getattr(then, metric.code), getattr(now, metric.code)
                sign = "+" if after == before else ""
                st.metric(
                    f"{metric.label}（{figures.year}年）" if metric.code == "counted_output" else metric.label,
                    tile(metric.unit, after),
                    delta=f"{sign}{metric.signed(after - before)} {metric.unit.word}",
                    border=True,
                    delta_color="off",
                    delta_arrow="off",
                )
    if not decided:
        st.info("还没有新的审核决定。", icon=":material/event_available:")
        return
    kinds = {kind: sum(each.kind == kind for each in decided) for kind in dict.fromkeys(each.kind for each in decided)}
    many = "，".join(f"{EVENTS[kind]} {count} 份" for kind, count in kinds.items())
    st.markdown(f"{'最近 50 份决定中：' if len(decided) == 50 else ''}{many}。")
    for each in decided[:8]:
        label = f"{moment(each.at_utc)}　{plain(each.name)}　{EVENTS[each.kind]}"
        st.page_link("review/review.py", label=label, query_params={"filing": each.filing_id})


def health(now: ServiceHealth) -> None:
    """How the service has been for a day."""
    st.header("系统状况", anchor=False)
    with st.grid(2, min_column_width=150):
        st.metric("在线会话", f"{now.sessions:,} 个", border=True)
        for count, label in ((now.errors, "页面出错"), (now.refused, "越权访问被拒"), (now.failed, "登录失败")):
            st.metric(f"{label}（24 小时）", f"{count:,} 次", border=True)
    st.page_link("audit/logs.py", label="查看异常日志", icon=":material/history:", query_params={"kind": "异常"})
    st.page_link("platform/status.py", label="运行状态", icon=":material/health_and_safety:")
