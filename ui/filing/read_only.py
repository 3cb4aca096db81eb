"""A filing to read: every field with its label, unit and value, drawn from the models; and its findings."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import polars as pl
import streamlit as st

from core.base import terms
from core.base.values import empty
from core.filing.checks import Check, explained, explanation
from core.filing.model import PERIOD_ORDER, STEP_NAMES, STEPS, About, Content, Figures, Part, fields, read_part
from core.statistics.metrics import METRICS
from ui.base.text import file_name, plain, unbroken

_COLOURS = {"blocking": "red", "explain": "orange", "notice": "blue"}


def worded(about: About, raw: Any, value: Any = None) -> str:
    """A raw value in the words of the form; `value`: as it was read, None when it cannot be."""
    if empty(raw):
        return "—"
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, list):
        return "、".join(about.choices.get(code, str(code)) for code in raw)
    if about.unit and isinstance(value, int):
        return f"{terms.wan(value) if about.unit == '万元' else f'{value:,}'} {about.unit}"
    return about.choices.get(raw, str(raw))


def _cell(about: About, raw: Any, value: Any) -> str:
    """A value as a table's Markdown shows it: escaped, files as links."""
    if about.widget == "files" and isinstance(raw, list):
        return "、".join(f"[{plain(file_name(address))}](/files/{quote(address)})" for address in raw) or "—"
    return plain(worded(about, raw, value))


def cells(model: type[Part], raw: Mapping[str, Any]) -> list[str]:
    """The cells of a step or row, without its lists of rows."""
    values, _ = read_part(model, raw, "")
    return [_cell(about, raw.get(about.name), values[about.name]) for about in fields(model) if about.row is None]


def whole(content: Content) -> None:
    """All four steps, read-only."""
    for step, model in STEPS.items():
        with st.expander(STEP_NAMES[step], expanded=True):
            _part(model, content.get(step, {}), step)


def _part(model: type[Part], raw: Mapping[str, Any], step: str) -> None:
    simple = [about for about in fields(model) if about.row is None]
    if simple:
        frame = pl.DataFrame({"项目": [about.label for about in simple], "填报内容": cells(model, raw)})
        st.table(frame, hide_index=True, hide_header=True, border="horizontal", width="stretch")
    for about in fields(model):
        rows = raw.get(about.name)
        if about.row is None or (about.shown_if and raw.get(about.shown_if) not in (True, "是")):
            continue
        if not rows:
            st.caption(f"{about.label}：无")
        elif step == "business":
            for row in rows:
                _year(row)
        else:
            st.markdown(f"**{about.label}**（{len(rows)} 条）")
            labels = [column.label for column in fields(about.row)]
            st.table(
                pl.DataFrame([cells(about.row, row) for row in rows], schema=labels, orient="row"),
                hide_index=True,
                border="horizontal",
                width="stretch",
            )


def _year(row: Mapping[str, Any]) -> None:
    st.markdown(f"**{plain(row.get('year') or '未填年份')}年**（万元）")
    table: dict[str, list[str]] = {
        "指标": [unbroken(about.label) for about in fields(Figures)] + [unbroken(METRICS["share"].label)]
    }
    for period in PERIOD_ORDER:
        raw = row.get(period) or {}
        values, _ = read_part(Figures, raw, "")
        cells = [
            terms.wan(values[about.name]) if values[about.name] is not None else plain(raw.get(about.name) or "—")
            for about in fields(Figures)
        ]
        table[terms.PERIODS[period]] = [*cells, terms.share(values["ai_revenue"], values["total_revenue"])]
    st.table(pl.DataFrame(table), hide_index=True, border="horizontal", width="stretch")


def findings(found: list[Check], explanations: Mapping[str, str]) -> None:
    """The findings as a list, each with its severity, what is wrong and what to do, and any explanation given."""
    if not found:
        st.success("全部审核关系通过。", icon=":material/check_circle:")
    for check in found:
        word = terms.SEVERITIES[check.severity]
        st.markdown(f":{_COLOURS[check.severity]}-badge[{word}] {plain(check.message)} {plain(check.remedy)}")
        if text := explanation(check, explanations):
            mark = "" if explained(text) else "（说明过于简单）"
            st.markdown(f"> 企业说明：{plain(text)}{mark}")
