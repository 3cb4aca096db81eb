"""The headline of 产业总览: the numbers with their change, the city's targets, who came, went and moved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.base.paging import pages
from core.rule.policy import Policy, clauses
from core.statistics.decomposition import PARTS
from core.statistics.metrics import COMPARISONS, METRICS, Metric
from core.statistics.year_on_year import CHANGES, MEANING, complete, counted_as, difference, incomplete_words, signed
from core.what_if import scenario
from ui.base.text import tile
from ui.statistics import filters

#: A row of sums in whole numbers: enterprises, yuan.
Sums = Mapping[str, int]
_LISTED = 10


def _tile(label: str, value: str, lines: Sequence[str]) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(label, value)
        st.caption("  \n".join(lines))


def _changes(growth: Sums | None, metric: Metric, least: int) -> list[str]:
    """The change against the year before, in all (once enough of that year has reported) and on the same sample."""
    if growth is None:
        return ["上年没有数据，不能比较"]
    lines = []
    for compared in COMPARISONS.values():
        if not compared.same and not complete(growth, least):
            continue
        now, before = (growth[f"{metric.code}{end}"] for end in (compared.now, compared.before))
        percent = f"（{difference(now, before)}）" if before else ""
        lines.append(f"{compared.label} {signed(now - before, metric.text(abs(now - before)))}{percent}")
    return lines


def tiles(whole: Sums, growth: Sums | None, top: Sums, targets: tuple[int | None, int | None], least: int) -> None:
    """`whole`: a row of core.statistics.totals.totals; `growth`, `top`: of core.statistics.year_on_year; `targets`: core enterprises, counted yuan.

    `least`: percent of last year's 纳入统计 that must have reported for a change of all.
    """
    goals = dict(zip(("core", "counted_output"), targets, strict=True))
    with st.grid(4, min_column_width=160):
        # Who cannot be classified stands beside who has not reported: apart, and rare.
        unusable = METRICS["undetermined"]
        for code in (*(tier for tier in terms.TIERS if tier != "undetermined"), "counted_output", "ai_revenue"):
            metric, goal = METRICS[code], goals.get(code)
            # A target is a round number.
            words = replace(metric.unit, places=0).said(goal)
            aim = [f"全市目标 {words}，占 {terms.share(whole[code], goal)}"] if goal else []
            beside = [f"{unusable.label} {unusable.said(whole['undetermined'])}"] if code == "missing" else []
            _tile(metric.label, tile(metric.unit, whole[code]), [*aim, *beside, *_changes(growth, metric, least)])
        first, second = (METRICS[f"{code}_top_share"] for code in ("ai_revenue", "counted_output"))
        _tile(first.label, tile(first.unit, first.of(top)), [f"{second.label} {second.said(second.of(top))}"])


def band(readings: pl.DataFrame, policy: Policy, *, link: bool) -> None:
    """The range of the headline over the readings of the unclear clauses (core.what_if.scenario.band), and which of them moves it most."""
    spans, widest = scenario.spans(readings), scenario.tornado(readings, policy).row(0, named=True)
    core, counted = METRICS["core"], METRICS["counted_output"]
    ranges = "，".join(f"{each.label} {_span(spans[each.code], each)} {each.unit.beside}" for each in (core, counted))
    said = f"统计原则未写明之处按各种读法计，{ranges}"
    if widest["spread"]:
        said += f"；影响最大的是“{clauses()[widest['clause']].label}”，相差 {counted.said(widest['spread'])}"
    st.caption(f"{said}。" + ("在“阈值测算”中可逐项比较。" if link else ""))


def _span(ends: tuple[int, int], metric: Metric) -> str:
    least, most = (metric.text(end) for end in ends)
    return least if least == most else f"{least}–{most}"


def notes(growth: Sums | None, year_policies: tuple[str, str], *, unset: bool, least: int) -> str:
    """What the tiles rest on, in words."""
    said = ["“无法认定”指该年度有数而缺一项或有误，“缺报”指还没有该年度全年数。"]
    if growth is not None:
        every, same = COMPARISONS["all"], COMPARISONS["same"]
        said.append(incomplete_words(growth, least) or f"“{every.label}”与上年全年实际比。")
        said.append(f"“{same.label}”只计两年都能认定的 {growth['same']:,} 家。")
        if year_policies[0] != year_policies[1]:
            said.append(
                f"“{every.label}”两年按各自的政策版本（{year_policies[1]}、{year_policies[0]}），“{same.label}”都按 {year_policies[0]}。"
            )
    if unset:
        said.append("全市目标尚未设定，由系统管理员在“参数”中设定。")
    return "".join(said)


def parts(whole: Sums, growth: Sums, found: Mapping[str, int], note: str) -> None:
    """From last year's 纳入统计 to this year's by `core.statistics.decomposition.PARTS`; `note`: in which order."""
    counted = METRICS["counted_output"]
    rows = [
        (f"上年{counted.label}", counted.text(growth["counted_output_before"])),
        *((word, counted.signed(found[code])) for code, word in PARTS.items() if found[code]),
        (f"本年{counted.label}", counted.text(whole["counted_output"])),
    ]
    table = pl.DataFrame(rows, schema=["部分", counted.heading], orient="row")
    st.dataframe(table, hide_index=True, alt=f"{counted.label}比上年的分解", key="parts")
    st.caption(f"{note}为 0 的部分不列。")


def change(growth: Sums) -> str:
    """The kind of change to list, each with how many."""
    return filters.one_of(
        "变动",
        {code: f"{word} {growth[counted_as(code)]:,}" for code, word in CHANGES.items()},
        name="change",
        hidden=True,
    )


def moved(rows: pl.DataFrame, code: str, reason: Callable[[Mapping[str, Any]], str], *, link: bool) -> str | None:
    """The enterprises of one change (rows of core.statistics.year_on_year.paired); the enterprise_id of the row pressed, if `link`."""
    st.caption(
        f"{CHANGES[code]}：{MEANING[code]}。金额为{METRICS['ai_revenue'].one.word}，箭头前为上年。"
        + ("点一行打开企业画像。" if link else "")
    )
    if rows.is_empty():
        st.caption(f"没有{CHANGES[code]}的企业。")
        return None
    above = st.container()
    count = pages(rows.height, _LISTED)
    place = (st.pagination(count, key="moved", bind="query-params") - 1) * _LISTED if count > 1 else 0
    shown = rows.slice(place, _LISTED)
    ai, share = METRICS["ai_revenue"], METRICS["share"]
    lines = [
        {
            "企业名称": row["name"],
            "区属": DISTRICTS.get(row["district"], "未填"),
            "名录身份": f"{terms.TIERS.get(row['directory_tier_before'], '—')} → {terms.TIERS.get(row['directory_tier'], '—')}",
            ai.label: f"{ai.one.text(row['ai_revenue_before'])} → {ai.one.text(row['ai_revenue'])}",
            share.label: f"{terms.share(row['ai_revenue_before'], row['total_revenue_before'])} → {share.said(share.of(row))}",
            "原因": reason(row),
        }
        for row in shown.iter_rows(named=True)
    ]
    table, alt = pl.DataFrame(lines), f"{CHANGES[code]}的企业与原因"
    if not link:
        above.dataframe(table, hide_index=True, alt=alt, key=f"moved.{code}")
        return None
    picked = above.dataframe(
        table,
        hide_index=True,
        alt=alt,
        key=f"moved.{code}",
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )
    places = [*picked["selection"]["rows"], *(each for each, _ in picked["selection"]["cells"])]
    return str(shown["enterprise_id"][places[0]]) if places and places[0] < shown.height else None
