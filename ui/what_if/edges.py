"""临界企业 on the screen: what the list can be narrowed by, the list, and what rests close to each line."""

from collections.abc import Mapping
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from core.rule.policy import Policy, in_words
from core.statistics.metrics import ENTERPRISES, METRICS, headed
from core.what_if import thresholds as what_if_thresholds
from core.what_if.surface import LINES
from ui.what_if.thresholds import WIDE, label


def filters(districts: Mapping[str, str]) -> dict[str, str | None]:
    """What the list can be narrowed by, as core.what_if.thresholds.chosen takes it; `districts`: code -> name of those within the scope."""
    with st.grid(4, min_column_width=170):
        line = st.selectbox(
            "哪条线",
            list(LINES),
            index=None,
            format_func=label,
            key="line",
            bind="query-params",
            placeholder="最近的一条",
            on_change=_afresh,
        )
        side = st.selectbox(
            "在线的哪一侧",
            list(what_if_thresholds.SIDES),
            index=None,
            format_func=what_if_thresholds.SIDES.__getitem__,
            key="side",
            bind="query-params",
            placeholder="两侧",
            on_change=_afresh,
        )
        band = st.selectbox(
            "距线",
            list(map(str, what_if_thresholds.BANDS)),
            index=None,
            format_func=lambda each: f"±{each}（百分点或%）以内",
            key="band",
            bind="query-params",
            placeholder="不限",
            on_change=_afresh,
        )
        district = st.selectbox(
            "区属",
            list(districts),
            index=None,
            format_func=districts.__getitem__,
            key="district",
            bind="query-params",
            placeholder="全部",
            on_change=_afresh,
        )
        order = st.selectbox(
            "排序",
            list(what_if_thresholds.ORDERS),
            format_func=what_if_thresholds.ORDERS.__getitem__,
            key="order",
            bind="query-params",
            placeholder="请选择",
            on_change=_afresh,
        )
    return {"line": line, "side": side, "band": band, "district": district, "order": order}


def _afresh() -> None:
    """Others are asked for: from their first page."""
    st.session_state["page"] = 1


def found(rows: pl.DataFrame, given: Mapping[str, str | None]) -> None:
    """How many were found and what their crossing would do; their file, at the address that `given` makes."""
    change, counted = rows["counted_change"], METRICS["counted_output"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{rows.height:,} 家 · 到线的另一侧后，增加的共 {counted.said(int(change.filter(change > 0).sum()))}，"
            f"减少的共 {counted.said(-int(change.filter(change < 0).sum()))}（逐家测算）· 点一行打开企业画像",
            width="stretch",
        )
        address = urlencode({name: value for name, value in given.items() if value})
        st.link_button(
            "导出 CSV",
            f"/exports/edges.csv?{address}",
            icon=":material/download:",
            disabled=rows.is_empty(),
            help="按当前条件导出",
        )


def edges(table: pl.DataFrame, *, link: bool) -> int | None:
    """Draw a page of the list of enterprises near a line; the place of the row that was pressed, if `link`."""
    height = 36 + 35 * min(table.height, 15)
    if not link:
        st.dataframe(table, hide_index=True, alt="临界企业名单", key="edges.list", height=height, column_config=WIDE)
        return None
    picked = st.dataframe(
        table,
        hide_index=True,
        alt="临界企业名单",
        key="edges.list",
        height=height,
        column_config=WIDE,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )
    places = [*picked["selection"]["rows"], *(row for row, _ in picked["selection"]["cells"])]
    return places[0] if places and places[0] < table.height else None


def resting(table: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """core.what_if.thresholds.resting as people read it."""
    counted = METRICS["counted_output"]
    rows = [
        (
            f"{label(row['line'])} {in_words(row['line'], int(getattr(policy, row['line'])))}",
            f"±{row['band']} {'个百分点' if row['line'].endswith('_bp') else '%'}",
            f"{row['below']:,}",
            f"{row['above']:,}",
            counted.text(row["counted_output"]),
            counted.text(row["gain"]),
            counted.text(row["loss"]),
        )
        for row in table.iter_rows(named=True)
    ]
    heads = (
        "线",
        "范围",
        headed("未越线", ENTERPRISES),
        headed("已越线", ENTERPRISES),
        f"现{counted.heading}",
        headed("未越线的都越线", counted.unit),
        headed("已越线的都退回", counted.unit),
    )
    return pl.DataFrame(rows, schema=list(heads), orient="row")
