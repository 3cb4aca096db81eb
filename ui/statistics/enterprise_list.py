"""The enterprises behind the numbers of a dashboard, page by page, each opening its 企业画像."""

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS, SEGMENTS
from core.base.paging import pages
from core.statistics.metrics import METRICS

_PAGE = 20


def enterprises(frame: pl.DataFrame, *, link: bool, heading: str) -> str | None:
    """The rows of `data.statistics.dashboards.enterprises` as a list; the enterprise_id of the row pressed, if `link`."""
    ai = METRICS["ai_revenue"]
    with st.container(border=True):
        st.header(f"{heading}（{frame.height:,} 家）", anchor=False)
        if frame.is_empty():
            st.caption("没有符合条件的企业。请取消部分筛选。")
            return None
        st.caption(f"按{ai.label}排列，金额为{ai.one.word}。" + ("点一行打开企业画像。" if link else ""))
        above = st.container()
        count = pages(frame.height, _PAGE)
        page = st.pagination(count, key="page", bind="query-params") if count > 1 else 1
        rows = frame.slice((page - 1) * _PAGE, _PAGE)
        alt, height = f"{heading}：名录身份与金额", 36 + 35 * min(rows.height, 10)
        if not link:
            above.dataframe(table(rows), hide_index=True, alt=alt, key="behind", height=height)
            return None
        picked = above.dataframe(
            table(rows),
            hide_index=True,
            alt=alt,
            key="behind",
            height=height,
            on_select="rerun",
            selection_mode=["single-row", "single-cell"],
        )
    places = [*picked["selection"]["rows"], *(row for row, _ in picked["selection"]["cells"])]
    return str(rows["enterprise_id"][places[0]]) if places and places[0] < rows.height else None


def table(rows: pl.DataFrame) -> pl.DataFrame:
    """In words, one line each."""
    lines = [
        {
            "企业名称": row["name"],
            "区属": DISTRICTS.get(row["district"], "未填"),
            "名录身份": terms.TIERS[row["directory_tier"]],
            **{
                METRICS[code].label: METRICS[code].one.text(METRICS[code].of(row))
                for code in ("ai_revenue", "total_revenue", "share", "counted_output")
            },
            "企业规模": terms.SIZES.get(row["size"], "未填"),
            "产业链环节": "、".join(SEGMENTS.get(code, code) for code in (row["segments"] or "").split(",") if code),
        }
        for row in rows.iter_rows(named=True)
    ]
    return pl.DataFrame(lines)
