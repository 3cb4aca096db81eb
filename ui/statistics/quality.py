"""数据质量 on the screen: how far the round has come, what is doubtful, and who stands behind each number."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.filing.model import IP_KINDS
from core.filing.reminders import PROGRESS
from core.filing.states import CITY_REVIEW
from core.statistics import revisions as core_revisions
from core.statistics.metrics import ENTERPRISES, METRICS, headed
from core.statistics.quality import GROUPS, ISSUES
from ui.base import lists
from ui.base.text import moment
from ui.statistics import filters

#: What a number of the first table counts: heading -> the list behind it.
_STATES: Final = {
    "应报": "due",
    "已报": "filed",
    "区级通过": CITY_REVIEW,
    "入库": "admitted",
    "退回": "returned",
    "草稿": "draft",
    "未开始": "missing",
}
_BY: Final[dict[str, tuple[str, Mapping[str, str]]]] = {
    "district": ("区属", DISTRICTS),
    "size": ("企业规模", terms.SIZES),
}
#: Lists that can be asked for beside the issues.
OTHERS: Final = {"imputed": "缺报企业（插补）"} | {code: f"应报企业：{word}" for word, code in _STATES.items()}
LISTS: Final = {code: issue.label for code, issue in ISSUES.items()} | OTHERS


def coverage(table: pl.DataFrame, by: str) -> None:
    """应报, 已报, 入库 by 区属 or 企业规模; a number leads to those it counts."""
    word, names = _BY[by]
    shown = pl.DataFrame(
        [
            {word: names.get(row[by], "未填")}
            | {heading: row[name] for heading, name in _STATES.items()}
            | {"已报率": terms.share(row["filed"], row["due"]), "入库率": terms.share(row["admitted"], row["due"])}
            for row in table.iter_rows(named=True)
        ]
    )

    def take(row: int, heading: str) -> None:
        code = table[by][row]
        filters.put(**{by: code if code in names else None, "show": _STATES.get(heading, "due")})

    key = f"coverage.{by}#{st.query_params.get('show', '')}#{st.query_params.get(by, '')}"
    lists.cells(
        shown,
        key=key,
        alt=f"各{word}应报、已报、入库的{METRICS['enterprises'].heading_brief}，点一个数列出企业",
        take=take,
        first=150,
    )


def issues(counts: pl.DataFrame, enterprises: int) -> None:
    """Every issue with how many it concerns and how many explained it; a row leads to them."""
    shown = pl.DataFrame(
        [
            {
                "问题": (issue := ISSUES[row["code"]]).label,
                METRICS["enterprises"].heading_brief: row["found"],
                f"占{METRICS['enterprises'].label}": terms.share(row["found"], enterprises),
                headed("已有说明", ENTERPRISES): "—" if row["explained"] is None else f"{row['explained']:,}",
                "类别": GROUPS[issue.group],
                "判定规则": issue.rule,
            }
            for row in counts.iter_rows(named=True)
        ]
    )
    lists.cells(
        shown,
        key=f"issues#{st.query_params.get('show', '')}",
        alt="数据问题、涉及的企业、已有说明的企业，点一行列出企业",
        first=195,
        take=lambda row, _: filters.put(show=counts["code"][row]),
    )


def asked() -> str | None:
    """The list that the address asks for, chosen in a box; None: none."""
    code = st.query_params.get("show")
    st.session_state["show"] = code if code in LISTS else None
    shown: str | None = st.selectbox(
        "名单",
        list(LISTS),
        index=None,
        format_func=LISTS.__getitem__,
        key="show",
        placeholder="选择要列出的企业",
        on_change=lambda: filters.put(show=st.session_state["show"]),
    )
    return shown


def of_state(frame: pl.DataFrame, code: str, filed: tuple[str, ...]) -> pl.DataFrame:
    """Of those who must file, the ones that a heading of the first table counts."""
    if code == "due":
        return frame
    return frame.filter(pl.col("progress").is_in(filed) if code == "filed" else pl.col("progress") == code)


def listed(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    """Enterprises in words, each with what is the matter."""
    lines = [
        {
            "企业名称": row["name"],
            "区属": DISTRICTS.get(row["district"] or "", "未填"),
            "企业规模": terms.SIZES.get(row["size"] or "", "未填"),
            "情况": _matter(row, code),
            **(
                {"已有说明": "是" if code in (row["explained"] or ()) else "否"}
                if code in ISSUES and ISSUES[code].explainable
                else {}
            ),
        }
        for row in rows.iter_rows(named=True)
    ]
    return pl.DataFrame(lines)


def _amounts(row: Mapping[str, Any], *names: str) -> str:
    said = "，".join(f"{METRICS[name].label} {METRICS[name].one.text(row[name])}" for name in names)
    return f"{said} {METRICS[names[0]].one.word}"


def _against_last_year(row: Mapping[str, Any]) -> str:
    return "；".join(
        f"{metric.label} {metric.one.said(row[metric.code])}，上年 {metric.one.text(row[f'{metric.code}_before'])}"
        for metric in (METRICS["total_revenue"], METRICS["ai_revenue"])
    )


_MATTERS: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "parts_differ": lambda row: _amounts(row, "software_revenue", "hardware_revenue", "ai_revenue"),
    "kind_assumed": lambda row: _amounts(row, "software_revenue", "hardware_revenue", "ai_revenue"),
    "kind_missing": lambda row: _amounts(row, "ai_revenue"),
    "unit_slip": _against_last_year,
    "year_on_year": _against_last_year,
    "per_head": lambda row: "，".join(
        f"{METRICS[code].label} {METRICS[code].one.said(row[code])}" for code in ("total_revenue", "insured_staff")
    ),
    "size_differs": lambda row: (
        f"填 {terms.SIZES.get(row['filed_size'], '未填')}，计算为 {terms.SIZES.get(row['computed'], '未知')}"
    ),
    "rights_unlisted": lambda row: (
        f"申报 {row['ip_count']:,} 项，明细 {sum(row[f'ip_{kind}'] or 0 for kind in IP_KINDS):,} 项"
    ),
    "stale": lambda row: f"最近一次入库的是 {row['filed_year']} 年度填报",
    "people_missing": lambda row: f"最近一次入库的是 {row['filed_year']} 年度填报",
    "corrected": lambda row: f"更正 {row['corrections']} 处",
    "imputed": lambda row: (
        f"沿用 {row['years']} 年前：{_amounts(row, 'total_revenue', 'ai_revenue')}"
        if row["years"]
        else "没有历史数，未插补"
    ),
}


def _matter(row: Mapping[str, Any], code: str) -> str:
    if code in _STATES.values():
        return f"{PROGRESS[row['progress']]}，最近保存 {moment(row['saved_at'])}"
    return _MATTERS[code](row) if code in _MATTERS else _amounts(row, "total_revenue", "ai_revenue")


def ages(table: pl.DataFrame) -> None:
    """Of which round the newest admitted filing of each enterprise is."""
    total = int(table["enterprises"].sum())
    rows = [
        {
            "最近一次入库的填报": f"{row['filed_year']}年度",
            METRICS["enterprises"].heading_brief: f"{row['enterprises']:,}",
            f"占{METRICS['enterprises'].label}": terms.share(row["enterprises"], total),
        }
        for row in table.iter_rows(named=True)
    ]
    st.dataframe(
        pl.DataFrame(rows), hide_index=True, alt=f"最近一次填报的年度分布（{ENTERPRISES.word}）", height="content"
    )


def corrections(table: pl.DataFrame, most: int) -> None:
    """What the bureau has corrected, newest first."""
    rows = [
        {
            "时间": moment(row["at"]),
            "企业": row["name"],
            "项目": row["label"],
            "原因": row["reason"],
            "办理人": row["who"],
        }
        for row in table.head(most).iter_rows(named=True)
    ]
    st.dataframe(pl.DataFrame(rows), hide_index=True, alt="主管部门更正的记录", height="content")


def revisions(table: pl.DataFrame) -> None:
    """修订表: rows of `core.statistics.revisions.table`."""
    if table.is_empty():
        st.caption("该年度尚未结束，或还没有全年实际数，没有修订表。")
        return
    names = core_revisions.headings()
    lines = table.with_columns(
        *(pl.col(code).map_elements(METRICS[code].text, return_dtype=pl.String) for code in core_revisions.TOLD),
        change=pl.col("change").map_elements(METRICS["counted_output"].signed, return_dtype=pl.String),
    ).rename(names)
    st.dataframe(lines, hide_index=True, alt="该年度统计数的首次、修订和现行数", key="revisions")
