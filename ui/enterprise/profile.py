"""企业画像 on the screen: the profile, the years, the filings and files, corrections and the form that asks for one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import polars as pl
import streamlit as st

from core.base import dictionaries, terms
from core.base.errors import UserError
from core.enterprise import query as enterprise_query
from core.enterprise.profile import EnterpriseLetter, FiledDocument, FiledRound, Profile
from core.filing import correction
from core.filing.correction import Correction
from core.filing.model import DEMAND_KINDS, PERIOD_ORDER, Basic, Content, Figures, Technology, fields
from core.filing.states import STATES
from core.rule.classification import explain
from core.rule.policy import Policy
from core.statistics.metrics import METRICS, WAN, headed
from ui.base import answer
from ui.base.text import moment, plain, say
from ui.filing.read_only import worded
from ui.rule import derivation

_HEAD: Final = ("uscc", "district", "park", "size", "layer", "segments", "admitted", "directory_tier", "state")
_ADDRESS: Final = "id"


def address() -> str | None:
    """The enterprise that the URL names."""
    return st.query_params.get(_ADDRESS) or None


def go(enterprise: str) -> None:
    """Name this enterprise in the URL; the search has found what it was for."""
    st.query_params[_ADDRESS] = enterprise
    st.session_state["portrait.q"] = ""


def search() -> str:
    """The search box: what is typed into it."""
    return st.text_input(
        "查找企业",
        key="portrait.q",
        placeholder="企业名称或统一社会信用代码，边输入边查找",
        icon=":material/search:",
        max_chars=60,
        live="200ms",
        autocomplete="off",
    )


def found(rows: pl.DataFrame) -> None:
    """What the search has found, to press."""
    for identity, name, uscc in rows.select("enterprise_id", "name", "uscc").iter_rows():
        st.button(
            f"{plain(name)}　{plain(uscc)}", key=f"found#{identity}", on_click=go, args=(identity,), type="tertiary"
        )


def _pairs(pairs: Sequence[tuple[str, str]], alt: str) -> None:
    frame = pl.DataFrame(pairs, schema=["项目", "内容"], orient="row")
    st.table(frame, hide_index=True, hide_header=True, border="horizontal", width="stretch", alt=alt)


def profile(known: Profile) -> None:
    """What is known of it: the register's columns, and what it has filed of itself."""
    words = enterprise_query.table(
        pl.DataFrame([{name: getattr(known.enterprise, name) for name in _COLUMNS}], schema_overrides=_TYPES), _HEAD
    ).row(0, named=True)
    pairs = [(heading, plain(value)) for heading, value in words.items()]
    pairs.append(("名单认定", terms.TIERS.get(known.designation or "", "—")))
    pairs.append(("联系的工作人员", plain(known.officer or "—")))
    for step, model in (("basic", Basic), ("technology", Technology)):
        raw = known.content.get(step, {})
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


def derivations(
    years: Sequence[Mapping[str, Any]], size: str | None, policies: Mapping[int, tuple[Policy, bool]], enterprise: str
) -> None:
    """Of each full-year line (`periods`) the class and why; `policies`: year -> its policy, whether it was in force then."""
    for each in years:
        policy, effective = policies[each["year"]]
        derived = explain({**each, "size": size}, policy)
        basis = "按全年（预测）预判" if each["forecast"] else "按全年实际"
        with st.expander(f"{each['year']}年（{basis}）：{plain(derived.conclusion)}"):
            derivation.card(
                derived, caption=basis if effective else f"{basis}；当年尚无生效的政策版本，按最早的版本推算"
            )
            name = f"{each['year']}预判" if each["forecast"] else str(each["year"])
            st.page_link(
                "enterprise/derivation.py",
                label="认定依据（任意一天、打印）",
                icon=":material/account_tree:",
                query_params={"id": enterprise, "year": name},
            )


def filings(filed: Sequence[FiledRound], *, link: bool) -> None:
    """Its filings with their state; `link`: to where they are reviewed."""
    for each in filed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{plain(each.round)}**　{STATES[each.state]}  \n:small[提交 {moment(each.submitted_at)} · 审核 {moment(each.decided_at)} · 保存 {moment(each.saved_at)}]"
            )
            if link and each.state != "draft":
                st.page_link(
                    "review/review.py", label="打开填报", icon=":material/rule:", query_params={"filing": each.id}
                )


def file_list(files: Sequence[FiledDocument], *, link: bool) -> None:
    """The files that were attached; `link`: to open them."""
    for each in files:
        name = plain(each.name)
        told = f"[{name}](/files/{quote(each.address)})" if link else name
        st.markdown(f"- {told}　:small[{-(-each.bytes // 1024):,} KB · {moment(each.added_at)}]")


def letters(sent: Sequence[EnterpriseLetter]) -> None:
    """Titles of the letters to and from it; what stands in them is for their two sides."""
    columns = {
        "时间（北京）": [moment(each.at_utc) for each in sent],
        "方向": ["企业发出" if each.own else "发给企业" for each in sent],
        "类别": [terms.MESSAGES.get(each.kind, each.kind) for each in sent],
        "标题": [each.title for each in sent],
        "发件人": [each.who for each in sent],
        "已读": [f"{each.read} / {each.recipients}" for each in sent],
    }
    st.dataframe(
        pl.DataFrame(columns), hide_index=True, alt="与本企业往来的站内信", height=36 + 35 * min(len(sent), 12)
    )


def log(lines: pl.DataFrame) -> None:
    """The log of this enterprise; `lines`: a table of core.audit.wording."""
    st.dataframe(
        lines.select("时间（北京）", "姓名", "事件", "对象", "内容"),
        hide_index=True,
        alt="本企业的日志",
        height=36 + 35 * min(lines.height, 12),
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


def corrections(made: Sequence[Correction]) -> None:
    """Each correction with what stood before and after, why, and by which document."""
    for each in made:
        st.markdown(
            f"- {moment(each.at)}　**{plain(each.label)}**：{plain(each.before)} → {plain(each.after)}  \n"
            f"原因：{plain(each.reason)}"
            + (f"；依据：{plain(each.document)}" if each.document else "")
            + (f"；[{plain(each.file.partition('/')[2])}](/files/{quote(each.file)})" if each.file else "")
            + f"　:small[{plain(each.round_id)} 填报期 · {plain(each.who)}]"
        )


@dataclass(frozen=True)
class Typed:
    """A correction as typed."""

    path: str
    after: Any
    reason: str
    document: str
    file: tuple[str, bytes] | None


def correcting(content: Content, correct: Callable[[Typed], object]) -> None:
    """The form of a correction; `correct` is a function of data."""
    with st.expander("更正入库数据", icon=":material/edit_document:"):
        st.caption("更正后，入库数据自即日起按新值统计，此前时点的统计不变；企业可见更正前后的值、原因与依据。")
        if typed := _correction(content):
            try:
                correct(typed)
            except UserError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                answer.give("已更正，统计随之更新，企业可见。")
                st.rerun()


def _correction(content: Content) -> Typed | None:
    """What the form holds when its button was pressed."""
    labels = correction.places(content)
    path = st.selectbox(
        "更正的项目",
        list(labels),
        index=None,
        format_func=lambda code: labels.get(code, code),
        key=f"{answer.turn()}path",
        placeholder="输入文字可查找",
    )
    if path is None:
        return None
    st.caption(f"现值：{plain(correction.worded(path, correction.standing(content, path)))}")
    with st.form(f"{answer.turn()}{path}.form", border=False):
        after = _input(path, content)()
        reason = st.text_area(
            "更正原因",
            key=f"{answer.turn()}reason",
            max_chars=1000,
            placeholder="企业将看到这些文字，如：审计报告与填报数不一致",
        )
        document = st.text_input(
            "依据文件", key=f"{answer.turn()}document", max_chars=200, placeholder="文号或文件名称，选填"
        )
        file = st.file_uploader(
            "依据附件",
            type=["pdf", "png", "jpg", "jpeg"],
            key=f"{answer.turn()}file",
            help="PDF、PNG 或 JPEG，不超过 10 MB，选填",
        )
        if st.form_submit_button("更正", type="primary"):
            return Typed(path, after, reason, document, (file.name, file.getvalue()) if file else None)
    return None


def _input(path: str, content: Content) -> Callable[[], Any]:
    """The widget for the value at a path, filled with what stands."""
    name = path.rpartition(".")[2]
    about = next(each for model in (Basic, Technology, Figures) for each in fields(model) if each.name == name)
    raw, key = correction.standing(content, path), f"{answer.turn()}after#{path}"
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
