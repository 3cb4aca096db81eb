"""A policy version on the screen: its parameters, what it changes, and the form of a draft."""

from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from core.base import terms
from core.rule import policy as rule_policy
from core.rule.policy import CHOICES, Policy, clauses
from core.rule.policy_draft import PolicyDraft
from core.rule.policy_effect import Effect
from core.statistics.metrics import METRICS
from ui.base.text import plain, say


def parameters(policy: Policy) -> None:
    """Every parameter with its value, unit and clause."""
    rows = [
        (about.label, *rule_policy.written(name, getattr(policy, name)), rule_policy.clause_of(policy, name))
        for name, about in clauses().items()
    ]
    frame = pl.DataFrame(rows, schema=["参数", "取值", "单位", "依据"], orient="row")
    st.table(
        frame.with_columns(pl.all().map_elements(plain, return_dtype=pl.String)), hide_index=True, border="horizontal"
    )


def changes(old: Policy | None, new: Policy) -> None:
    """What differs from the version before, field by field."""
    if old is None:
        st.caption("这是第一个版本，没有可比较的上一版本。")
        return
    found = rule_policy.difference(old, new)
    st.caption(f"与上一版本 {plain(old.version)} 比较：" + (f"{len(found)} 项不同" if found else "各项参数相同"))
    if found:
        st.table(
            pl.DataFrame(found, schema=["参数", "上一版本", "本版本"], orient="row"),
            hide_index=True,
            border="horizontal",
        )


def effect(found: Effect | None) -> None:
    """How many enterprises would change their class, by the newest actual figures."""
    if found is None:
        st.caption("还没有全年实际数，无法测算影响。")
        return
    metric = METRICS["counted_output"]
    counted = f"{metric.label}由 {metric.said(found.counted_before)}变为 {metric.said(found.counted_after)}"
    moved = sum(count for _, _, count in found.moves)
    say(
        "info",
        f"按 {found.year} 年全年实际数测算，与现行版本相比：在库 {found.enterprises:,} 家中 {moved:,} 家名录身份改变，{counted}。",
    )
    if found.moves:
        st.markdown(
            "\n".join(f"- {terms.TIERS[old]} → {terms.TIERS[new]}：{count:,} 家" for old, new, count in found.moves)
        )


def fields(
    key: str, policy: Policy, *, version: str = "", title: str = "", reference: str = "", day: date | None = None
) -> PolicyDraft:
    """The inputs of a draft, prefilled with `policy`; what was typed, as it was typed."""
    with st.grid(2):
        typed_version = st.text_input(
            "版本号", value=version, key=f"{key}version", max_chars=30, placeholder="如 2026-12-01"
        )
        typed_day = st.text_input(
            "生效日期",
            value=str(day) if day else "",
            key=f"{key}effective_from",
            max_chars=20,
            placeholder="明天或以后，如 2027-01-01",
        )
    typed_title = st.text_input(
        "标题", value=title, key=f"{key}title", max_chars=60, placeholder="如 人工智能产业统计原则（2026年修订）"
    )
    typed_reference = st.text_input(
        "文件依据", value=reference, key=f"{key}reference", max_chars=200, placeholder="发文机关、文号、日期"
    )
    with st.grid(3):
        parameters = {
            name: _field(f"{key}{name}", name, about.label, getattr(policy, name), about.clause)
            for name, about in clauses().items()
        }
    return PolicyDraft(typed_version, typed_title, typed_reference, typed_day, parameters)


def _field(key: str, name: str, label: str, value: Any, clause: str) -> str | None:
    if name in CHOICES:
        codes = list(CHOICES[name])
        return st.selectbox(
            label,
            codes,
            index=codes.index(value),
            format_func=CHOICES[name].__getitem__,
            key=key,
            placeholder="请选择",
            help=clause,
        )
    text, unit = rule_policy.written(name, value)
    if isinstance(value, bool):
        return st.selectbox(
            label, ["是", "否"], index=["是", "否"].index(text), key=key, placeholder="请选择", help=clause
        )
    if name == "core_share_small_bp":
        return st.text_input(
            f"{label}（%）",
            value=text if value is not None else "",
            key=key,
            max_chars=20,
            placeholder="留空：不分规模",
            help=clause,
        )
    return st.text_input(f"{label}（{unit}）", value=text, key=key, max_chars=20, placeholder="必填", help=clause)
