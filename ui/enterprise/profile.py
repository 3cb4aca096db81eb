"""企业画像 on the screen: the profile, the years, the filings and files, corrections and the form that asks for one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import polars as pl
import streamlit as st

from core.base import dictionaries, terms
from core.enterprise import query as enterprise_query
from core.filing import correction
from core.filing.model import DEMAND_KINDS, PERIOD_ORDER, Basic, Content, Figures, Technology, fields
from core.filing.states import STATES
from core.statistics.metrics import METRICS, WAN, headed
from ui.base.answer import turn
from ui.base.text import moment, plain
from ui.filing.read_only import worded

Row = Mapping[str, Any]
_HEAD: Final = ("uscc", "district", "park", "size", "layer", "segments", "admitted", "directory_tier", "state")
_ADDRESS: Final = "id"


def address() -> str | None:
    """The enterprise that the URL names."""
    return st.query_params.get(_ADDRESS) or None


def go(enterprise: str) -> None:
    """Name this enterprise in the URL; the search has found what it was for."""
    st.query_params[_ADDRESS] = enterprise
    st.session_state["portrait.q"] = ""


def found(rows: pl.DataFrame) -> None:
    """What the search has found, to press."""
    for identity, name, uscc in rows.select("enterprise_id", "name", "uscc").iter_rows():
        st.button(
            f"{plain(name)}　{plain(uscc)}", key=f"found#{identity}", on_click=go, args=(identity,), type="tertiary"
        )


def _pairs(pairs: Sequence[tuple[str, str]], alt: str) -> None:
    frame = pl.DataFrame(pairs, schema=["项目", "内容"], orient="row")
    st.table(frame, hide_index=True, hide_header=True, border="horizontal", width="stretch", alt=alt)


def profile(row: Row) -> None:
    """What is known of it: the register's columns, and what it has filed of itself."""
    words = enterprise_query.table(
        pl.DataFrame([{name: row[name] for name in _COLUMNS}], schema_overrides=_TYPES), _HEAD
    ).row(0, named=True)
    pairs = [(heading, plain(value)) for heading, value in words.items()]
    pairs.append(("名单认定", terms.TIERS.get(row["designation"] or "", "—")))
    pairs.append(("联系的工作人员", plain(row["officer"] or "—")))
    for step, model in (("basic", Basic), ("technology", Technology)):
        raw = row["content"].get(step, {})
        pairs += [
            (
                about.label,
                plain(worded(about, raw.get(about.name)))
                + (f" {about.unit}" if about.unit and raw.get(about.name) else ""),
            )
            for about in fields(model)
            if about.row is None and about.name not in ("uscc", "enterprise_name", "district", "size", "segments")
        ]
    _pairs(pairs, "基本情况")


_COLUMNS: Final = (*_HEAD, "merged_into", "name", "ai_revenue", "total_revenue", "changed_at")
_TYPES: Final = {
    **dict.fromkeys(_COLUMNS, pl.String),
    "admitted": pl.Boolean,
    "ai_revenue": pl.Int64,
    "total_revenue": pl.Int64,
    "changed_at": pl.Datetime,
}


def history(frame: pl.DataFrame) -> None:
    """The admitted figures as a table, one line for each year and cumulative column."""
    rows = [
        {
            "年度": f"{row['year']}年",
            "列": terms.PERIODS[row["period"]].removesuffix("" if row["forecast"] else "（预测）"),
            "性质": "预测" if row["forecast"] else "实际",
            **{headed(about.label, WAN): WAN.text(row[about.name]) for about in fields(Figures)},
            METRICS["share"].label: METRICS["share"].text(METRICS["share"].of(row)),
        }
        for row in frame.iter_rows(named=True)
    ]
    st.dataframe(pl.DataFrame(rows), hide_index=True, alt="历年入库数据", height=36 + 35 * min(len(rows), 12))


def filings(rows: Sequence[Row], *, link: bool) -> None:
    """Its filings with their state; `link`: to where they are reviewed."""
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{plain(row['round'])}**　{STATES[row['state']]}  \n:small[提交 {moment(row['submitted_at'])} · 审核 {moment(row['decided_at'])} · 保存 {moment(row['saved_at'])}]"
            )
            if link and row["state"] != "draft":
                st.page_link(
                    "review/review.py", label="打开填报", icon=":material/rule:", query_params={"filing": row["id"]}
                )


def file_list(rows: Sequence[Row], *, link: bool) -> None:
    for row in rows:
        name = plain(row["name"])
        told = f"[{name}](/files/{quote(row['address'])})" if link else name
        st.markdown(f"- {told}　:small[{-(-row['bytes'] // 1024):,} KB · {moment(row['added_at'])}]")


def letters(rows: Sequence[Row]) -> None:
    """Titles of the letters to and from it; what stands in them is for their two sides."""
    columns = {
        "时间（北京）": [moment(row["at_utc"]) for row in rows],
        "方向": ["企业发出" if row["own"] else "发给企业" for row in rows],
        "类别": [terms.MESSAGES.get(row["kind"], row["kind"]) for row in rows],
        "标题": [row["title"] for row in rows],
        "发件人": [row["who"] for row in rows],
        "已读": [f"{row['read']} / {row['recipients']}" for row in rows],
    }
    st.dataframe(
        pl.DataFrame(columns), hide_index=True, alt="与本企业往来的站内信", height=36 + 35 * min(len(rows), 12)
    )


def demands(content: Content) -> None:
    """The demands of the newest filing sent in."""
    rows = content.get("market", {}).get("demands") or []
    for raw in rows:
        kind = DEMAND_KINDS.get(raw.get("kind"), "需求")
        more = "；".join(plain(raw[name]) for name in ("scale", "needed_by") if raw.get(name))
        st.markdown(
            f"- **{kind}**　{plain(raw.get('title') or '未填标题')}{f'（{more}）' if more else ''}  \n{plain(raw.get('description') or '')}"
        )
    if not rows:
        st.caption("没有填报市场需求。")


def corrections(rows: Sequence[Row]) -> None:
    """Each correction with what stood before and after, why, and by which document."""
    for row in rows:
        st.markdown(
            f"- {moment(row['at'])}　**{plain(row['label'])}**：{plain(row['before'])} → {plain(row['after'])}  \n"
            f"原因：{plain(row['reason'])}"
            + (f"；依据：{plain(row['document'])}" if row["document"] else "")
            + (f"；[{plain(row['file'].partition('/')[2])}](/files/{quote(row['file'])})" if row["file"] else "")
            + f"　:small[{plain(row['round_id'])} 填报期 · {plain(row['who'])}]"
        )


@dataclass(frozen=True)
class Asked:
    """A correction as typed."""

    path: str
    after: Any
    reason: str
    document: str
    file: tuple[str, bytes] | None


def correcting(content: Content) -> Asked | None:
    """The form of a correction; what it holds when its button was pressed."""
    labels = correction.places(content)
    path = st.selectbox(
        "更正的项目",
        list(labels),
        index=None,
        format_func=lambda code: labels.get(code, code),
        key=f"{turn()}path",
        placeholder="输入文字可查找",
    )
    if path is None:
        return None
    st.caption(f"现值：{plain(correction.worded(path, correction.standing(content, path)))}")
    with st.form(f"{turn()}{path}.form", border=False):
        after = _input(path, content)()
        reason = st.text_area(
            "更正原因",
            key=f"{turn()}reason",
            max_chars=1000,
            placeholder="企业将看到这些文字，如：审计报告与填报数不一致",
        )
        document = st.text_input("依据文件", key=f"{turn()}document", max_chars=200, placeholder="文号或文件名称，选填")
        file = st.file_uploader(
            "依据附件",
            type=["pdf", "png", "jpg", "jpeg"],
            key=f"{turn()}file",
            help="PDF、PNG 或 JPEG，不超过 10 MB，选填",
        )
        if st.form_submit_button("更正", type="primary"):
            return Asked(path, after, reason, document, (file.name, file.getvalue()) if file else None)
    return None


def _input(path: str, content: Content) -> Callable[[], Any]:
    """The widget for the value at a path, filled with what stands."""
    name = path.rpartition(".")[2]
    about = next(each for model in (Basic, Technology, Figures) for each in fields(model) if each.name == name)
    raw, key = correction.standing(content, path), f"{turn()}after#{path}"
    label = f"更正为（{about.unit}）" if about.unit else "更正为"
    if about.widget == "segments":
        names = {row["segment"]: row["segment_name"] for row in dictionaries.segments()}
        return lambda: st.multiselect(
            label, list(names), default=raw or [], format_func=names.__getitem__, key=key, placeholder="请选择"
        )
    if about.choices or about.widget == "yes_no":
        options: dict[str, str] = about.choices or {"是": "是", "否": "否"}
        place = list(options).index(raw) if raw in options else None
        return lambda: st.selectbox(
            label, list(options), index=place, format_func=options.__getitem__, key=key, placeholder="请选择"
        )
    return lambda: st.text_input(
        label, value=str(raw or ""), key=key, max_chars=200, placeholder=about.placeholder or "请输入"
    )


def periods(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The full-year lines of a history, newest first."""
    return frame.filter(pl.col("period") == PERIOD_ORDER[-1]).to_dicts()
