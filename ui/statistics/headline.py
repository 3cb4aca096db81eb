"""The headline of 产业总览: the numbers with their change, the city's targets, who came, went and moved."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.base.paging import pages
from core.rule.policy import Policy, clauses
from core.statistics.year_on_year import CHANGES, MEANING, difference, signed
from core.what_if import scenario
from ui.statistics import filters

#: A row of sums in whole numbers: enterprises, yuan.
Sums = Mapping[str, int]
_LISTED = 10


def _tile(label: str, value: str, lines: Sequence[str]) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(label, value)
        st.caption("  \n".join(lines))


def _changes(growth: Sums | None, name: str, written: Callable[[int], str]) -> list[str]:
    """The change against the year before, in all and on the same sample."""
    if growth is None:
        return ["上年没有数据，不能比较"]
    lines = []
    for words, end in (("较上年", ""), ("同口径", "_same")):
        now, before = growth[f"{name}{end}"], growth[f"{name}{end}_before"]
        percent = f"（{difference(now, before)}）" if before else ""
        lines.append(f"{words} {signed(now - before, written(abs(now - before)))}{percent}")
    return lines


def tiles(whole: Sums, growth: Sums | None, top: Sums, targets: tuple[int | None, int | None]) -> None:
    """`whole`: a row of core.statistics.totals.totals; `growth`, `top`: of core.statistics.year_on_year; `targets`: core enterprises, counted yuan."""
    core, counted = targets
    with st.grid(4, min_column_width=160):
        for tier, word in terms.TIERS.items():
            goal = [f"全市目标 {core:,} 家，占 {terms.share(whole['core'], core)}"] if tier == "core" and core else []
            _tile(word, f"{whole[tier]:,} :small[家]", [*goal, *_changes(growth, tier, "{:,}".format)])
        for name, word in (("counted_output", "纳入统计"), ("ai_revenue", "AI业务收入")):
            goal = (
                [f"全市目标 {terms.yi(counted, 0)} 亿元，占 {terms.share(whole[name], counted)}"]
                if name == "counted_output" and counted
                else []
            )
            _tile(word, f"{terms.yi(whole[name])} :small[亿元]", [*goal, *_changes(growth, name, terms.yi)])
        shares = {name: terms.share(top[f"{name}_top"], top[name]) for name in ("ai_revenue", "counted_output")}
        _tile("AI业务收入前10家占比", shares["ai_revenue"], [f"纳入统计前10家占 {shares['counted_output']}"])


def band(readings: pl.DataFrame, policy: Policy, *, link: bool) -> None:
    """The range of the headline over the readings of the unclear clauses (core.what_if.scenario.band), and which of them moves it most."""
    spans, widest = scenario.spans(readings), scenario.tornado(readings, policy).row(0, named=True)
    core, counted = spans["core"], spans["counted_output"]
    said = f"统计原则未写明之处按各种读法计，核心企业 {_span(core, '{:,}'.format)} 家，纳入统计 {_span(counted, terms.yi)} 亿元"
    if widest["spread"]:
        said += f"；影响最大的是“{clauses()[widest['clause']].label}”，相差 {terms.yi(widest['spread'])} 亿元"
    st.caption(f"{said}。" + ("在“阈值测算”中可逐项比较。" if link else ""))


def _span(ends: tuple[int, int], written: Callable[[int], str]) -> str:
    least, most = (written(end) for end in ends)
    return least if least == most else f"{least}–{most}"


def notes(growth: Sums | None, year_policies: tuple[str, str], *, unset: bool) -> str:
    """What the tiles rest on, in words."""
    said = ["“无法认定”指该年度收入缺失或有误。"]
    if growth is not None:
        said.append(f"“较上年”与上年全年实际比；“同口径”只计两年都能认定的 {growth['same']:,} 家。")
        if year_policies[0] != year_policies[1]:
            said.append(f"两年按各自的政策版本认定（{year_policies[1]}、{year_policies[0]}）。")
    if unset:
        said.append("全市目标尚未设定，由系统管理员在“参数”中设定。")
    return "".join(said)


def change(growth: Sums) -> str:
    """The kind of change to list, each with how many."""
    return filters.one_of(
        "变动", {code: f"{word} {growth[code]:,}" for code, word in CHANGES.items()}, name="change", hidden=True
    )


def moved(rows: pl.DataFrame, code: str, reason: Callable[[Mapping[str, Any]], str], *, link: bool) -> str | None:
    """The enterprises of one change (rows of core.statistics.year_on_year.paired); the enterprise_id of the row pressed, if `link`."""
    st.caption(
        f"{CHANGES[code]}：{MEANING[code]}。金额为万元，箭头前为上年。" + ("点一行打开企业画像。" if link else "")
    )
    if rows.is_empty():
        st.caption(f"没有{CHANGES[code]}的企业。")
        return None
    above = st.container()
    count = pages(rows.height, _LISTED)
    place = (st.pagination(count, key="moved", bind="query-params") - 1) * _LISTED if count > 1 else 0
    shown = rows.slice(place, _LISTED)
    lines = [
        {
            "企业名称": row["name"],
            "区属": DISTRICTS.get(row["district"], "未填"),
            "名录身份": f"{terms.TIERS.get(row['directory_tier_before'], '—')} → {terms.TIERS[row['directory_tier']]}",
            "AI业务收入": f"{terms.wan(row['ai_revenue_before'])} → {terms.wan(row['ai_revenue'])}",
            "AI收入占比": f"{terms.share(row['ai_revenue_before'], row['total_revenue_before'])} → {terms.share(row['ai_revenue'], row['total_revenue'])}",
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
