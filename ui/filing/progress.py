"""填报进度 on the screen: the numbers, the line over time, the lists, the reminder to write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from core.base import dictionaries, terms
from core.base.dictionaries import DISTRICTS
from core.filing.reminders import ORDERS, TEMPLATES, VIEWS, WORDS, RoundProgress, SentReminder, table
from core.filing.round import Round
from core.filing.states import CITY_REVIEW
from core.statistics.metrics import METRICS
from ui.base import answer, charts
from ui.base.text import moment, plain, tile

_COUNTS: Final = {
    "due": "应报",
    "filed": "已报",
    CITY_REVIEW: "区级通过",
    "admitted": "入库",
    "returned": "退回",
    "draft": "草稿",
    "missing": "未开始",
}
_NAMES: Final[dict[str, Mapping[str, str]]] = {
    "district": DISTRICTS,
    "segment": dictionaries.segment_names(),
    "size": terms.SIZES,
}


def numbers(whole: RoundProgress, unreported_revenue: int | None) -> None:
    """The counts as tiles."""
    with st.grid(4, min_column_width=150):
        st.metric("应报", f"{whole.due:,} :small[家]", border=True)
        st.metric(f"已报（{terms.share(whole.filed, whole.due)}）", f"{whole.filed:,} :small[家]", border=True)
        st.metric("其中入库", f"{whole.admitted:,} :small[家]", border=True)
        st.metric("其中区级通过", f"{whole.passed:,} :small[家]", border=True)
        st.metric("退回", f"{whole.returned:,} :small[家]", border=True)
        st.metric("草稿未提交", f"{whole.draft:,} :small[家]", border=True)
        st.metric("未开始", f"{whole.missing:,} :small[家]", border=True)
        st.metric(
            f"未报企业上次{METRICS['total_revenue'].label}",
            tile(METRICS["total_revenue"].unit, unreported_revenue),
            border=True,
            help="未报之前，这些企业使全市{METRICS['counted_output'].label}在 0 至这个数之间不能确定。没有历史数据的企业未计入。",
        )


def over_time(days: pl.DataFrame, due: int) -> None:
    """How many of those who must file stood as 已报 at the end of each day; what was returned is not."""
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": days["day"].to_list(),
        "y": days["filed"].to_list(),
        "line": {"color": charts.AMOUNT_COLOUR, "width": 3, "shape": "hv"},
        "fill": "tozeroy",
        "text": [terms.share(filed, due) for filed in days["filed"]],
        "hovertemplate": "%{x|%m月%d日}　已报 %{y:,} 家（%{text}）<extra></extra>",
    }
    layout = {
        "height": 260, "margin": {"l": 8, "r": 16, "t": 8, "b": 8}, "yaxis": {"rangemode": "tozero", "automargin": True, "range": [0, max(due, 1)]},
        "xaxis": {"tickformat": "%m-%d", "automargin": True},
    }  # fmt: skip
    charts.show({"data": [line], "layout": layout}, key="rate", alt="逐日已报企业数，退回的不计")


def groups(counts: pl.DataFrame, by: str, title: str) -> None:
    """The counts of each group as a table."""
    rows = [
        {
            title: _NAMES[by].get(row[by], "未填"),
            **{words: row[name] for name, words in _COUNTS.items()},
            "已报率": terms.share(row["filed"], row["due"]),
        }
        for row in counts.to_dicts()
    ]
    st.dataframe(
        rows,
        hide_index=True,
        alt=f"各{title}的应报、已报、退回、通过的{METRICS['enterprises'].heading_brief}",
        height="content",
        column_config={title: st.column_config.Column(width=150)},
    )


def choice(round_id: str) -> tuple[str, str]:
    """Which list of who has not filed, in which order (keys of VIEWS and ORDERS); beside it the whole of it as a file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = (
            st.segmented_control(
                "名单",
                list(VIEWS),
                format_func=VIEWS.__getitem__,
                default="unfinished",
                required=True,
                key="view",
                bind="query-params",
            )
            or "unfinished"
        )
        order = (
            st.segmented_control(
                "排序",
                list(ORDERS),
                format_func=ORDERS.__getitem__,
                default="stake",
                required=True,
                key="order",
                bind="query-params",
                help="对全市影响：企业上次的全年总收入，未报之前全市纳入统计有这么多不能确定",
            )
            or "stake"
        )
        address = urlencode({"round": round_id, "view": view, "order": order})
        st.link_button(
            "导出 CSV",
            f"/exports/progress.csv?{address}",
            icon=":material/download:",
            help="按当前名单与排序导出全部企业",
        )
    return view, order


def people(frame: pl.DataFrame, key: str) -> list[int]:
    """The enterprises as a list to tick; the places of those ticked."""
    shown = table(frame)
    picked = st.dataframe(
        shown,
        hide_index=True,
        alt="未报企业名单",
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        height=36 + 35 * min(shown.height, 12),
    )
    return [place for place in picked["selection"]["rows"] if place < frame.height]


@dataclass(frozen=True)
class Letter:
    """A reminder as it was written, and to whom: those ticked, or (`everybody`) all of the list."""

    template: str
    title: str
    text: str
    copy: bool
    everybody: bool


def letter(ticked: int, listed: int, this_round: Round, late: bool) -> Letter | None:
    """The form of a reminder; what was written once it is to be sent."""
    turn = answer.turn()
    st.subheader("催报", anchor=False)
    template = st.selectbox(
        "模板",
        list(TEMPLATES),
        index=list(TEMPLATES).index("late" if late else "due"),
        key=f"{turn}template",
        format_func=lambda code: TEMPLATES[code].name,
        placeholder="请选择模板",
    )
    chosen = TEMPLATES[template]
    title = st.text_input(
        "标题", value=chosen.title, max_chars=60, key=f"{turn}{template}.title", placeholder="请输入标题"
    )
    text = st.text_area(
        "内容", value=chosen.text, max_chars=1000, height=150, key=f"{turn}{template}.text", placeholder="请输入内容"
    )
    st.caption(f"发送时按企业填入：{'、'.join(WORDS)}。收件人为企业的全部在用账号，信中可直达“核对提交”。")
    copy = st.checkbox("同时外发（短信、邮件由对接的渠道发出）", key=f"{turn}copy")
    with st.container(horizontal=True):
        if st.button(
            f"催报所选 {ticked} 家", type="primary", disabled=not ticked, key=f"{turn}some", icon=":material/send:"
        ):
            return Letter(template, title, text, copy, False)
        with st.popover(f"催报名单中全部 {listed} 家", icon=":material/campaign:"):
            st.markdown(f"向名单中 **{listed}** 家企业发送“{plain(title)}”。已报的企业会自动跳过。")
            if st.button("确认全部催报", type="primary", key=f"{turn}all"):
                return Letter(template, title, text, copy, True)
    return None


def said(sent: int, filed: int, unreachable: Sequence[str]) -> str:
    """What came of it, in a sentence."""
    parts = [f"已向 {sent} 家企业发送催报。"]
    if filed:
        parts.append(f"{filed} 家已经报送，没有打扰。")
    if unreachable:
        names = "、".join(unreachable[:10])
        parts.append(f"{len(unreachable)} 家还没有账号，请电话联系：{names}{'等' if len(unreachable) > 10 else ''}。")
    return "".join(parts)


def record(sent: Sequence[SentReminder], levels: Mapping[str, str]) -> None:
    """The reminders of one enterprise."""
    for each in sent:
        name = TEMPLATES[each.template].name if each.template in TEMPLATES else each.template
        st.markdown(f"- {moment(each.at_utc)} · {levels[each.level]} · {name} · {plain(each.who)}")
