"""The fields of a reporting round on the screen."""

from dataclasses import dataclass

import streamlit as st

from core.base import values
from core.base.dictionaries import DISTRICTS
from core.base.errors import Refused
from core.base.terms import PERIODS
from core.filing.round import LEGAL_HEAD, OBLIGED, Round, RoundDraft

_EXAMPLES = {
    "form_number": "如 武智培 1 表",
    "authority": "制定本表的机关全称",
    "approval": "统计机构批准或备案的文号",
    "valid_until": "如 2026-12-31",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The inputs of a round as they were typed."""

    year: str
    opens: str
    closes: str
    columns: list[str]
    obliged: str
    districts: list[str]
    head: dict[str, str]


def fields(key: str, known: Round | None = None, *, fixed: bool = False) -> Typed:
    """The inputs, as typed; `fixed`: year, columns and the first day can no longer be changed."""
    help_fixed = "已有企业保存过填报，不能再改" if fixed else None
    with st.grid(3):
        year = st.text_input(
            "填报年度",
            value=str(known.year) if known else "",
            key=f"{key}year",
            placeholder="如 2025",
            max_chars=4,
            disabled=fixed,
            help=help_fixed,
        )
        opens = st.text_input(
            "开始日期",
            value=str(known.opens) if known else "",
            key=f"{key}opens",
            placeholder="如 2026-01-05",
            max_chars=20,
            disabled=fixed,
            help=help_fixed,
        )
        closes = st.text_input(
            "截止日期",
            value=str(known.closes) if known else "",
            key=f"{key}closes",
            placeholder="如 2026-01-31",
            max_chars=20,
            help="这一天仍可填报",
        )
    columns = st.pills(
        "开放的填报列",
        list(PERIODS),
        selection_mode="multi",
        default=list(known.columns) if known else ["full_year"],
        format_func=PERIODS.__getitem__,
        key=f"{key}columns",
        disabled=fixed,
        help=help_fixed,
    )
    obliged = st.segmented_control(
        "填报对象",
        list(OBLIGED),
        default=known.obliged if known else "all",
        required=True,
        format_func=OBLIGED.__getitem__,
        key=f"{key}obliged",
        help="在库企业：填报期开始时已入库的企业",
    )
    districts = st.multiselect(
        "区属范围",
        list(DISTRICTS),
        default=list(known.districts) if known else [],
        format_func=DISTRICTS.__getitem__,
        key=f"{key}districts",
        placeholder="不选即全市",
    )
    with st.grid(2):
        head = {
            name: st.text_input(
                label,
                value=str(getattr(known, name) or "") if known else "",
                key=f"{key}{name}",
                placeholder=_EXAMPLES[name],
                max_chars=100,
            )
            for name, label in LEGAL_HEAD.items()
        }
    return Typed(year or "", opens or "", closes or "", columns, obliged or "", districts, head)


def read(typed: Typed) -> RoundDraft:
    """What was typed, as `data.filing.rounds` takes it. Raises Refused with a sentence."""
    if not typed.year.strip().isdecimal():
        raise Refused(f"“填报年度”“{typed.year}”不是年份，请填写如 2025。未保存。")
    opens, closes = values.day(typed.opens, "“开始日期”"), values.day(typed.closes, "“截止日期”")
    if opens is None or closes is None:
        raise Refused(f"“{'开始日期' if opens is None else '截止日期'}”须填写，未保存。")
    head = {name: (text or "").strip() for name, text in typed.head.items()}
    valid_until = values.day(head["valid_until"], "“有效期至”")
    return RoundDraft(
        int(typed.year),
        tuple(typed.columns),
        opens,
        closes,
        typed.obliged,
        tuple(typed.districts),
        head["form_number"],
        head["authority"],
        head["approval"],
        valid_until,
    )
