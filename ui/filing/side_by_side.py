"""A filing beside the one before: every field of both, differences in words, what is the same can be folded away."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from core.base import terms
from core.base.values import empty
from core.filing.model import PERIOD_ORDER, STEP_NAMES, STEPS, About, Content, Figures, Part, fields, read_part
from core.statistics.metrics import METRICS
from ui.base.text import plain, unbroken
from ui.filing.read_only import cells

SAME: Final = "相同"
_YEAR_BEFORE: Final = "上年"


def compare(content: Content, before: Content, name: str) -> None:
    """All four steps, read-only, beside those of `before`, which is called `name`."""
    only = st.toggle("只看有变化的项目", key="beside.only", help="与上期相同的项目不显示")
    st.caption(f"上期：{plain(name)}。与本期不同的注明“有变化”。")
    for step, model in STEPS.items():
        with st.expander(STEP_NAMES[step], expanded=True):
            now, then = content.get(step, {}), before.get(step, {})
            shown = _fields(model, now, then, only)
            for about in fields(model):
                if about.row is None:
                    continue
                mine, theirs = _rows(about, now), _rows(about, then)
                shown |= _years(mine, theirs, only) if step == "business" else _listed(about, mine, theirs, only)
            if not shown:
                st.caption("与上期相同。")


def _rows(about: About, raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    hidden = about.shown_if and raw.get(about.shown_if) not in (True, "是")
    given = raw.get(about.name)
    return [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) and not hidden else []


def _table(frame: pl.DataFrame) -> None:
    st.table(frame, hide_index=True, border="horizontal", width="stretch")


def change(now: Any, then: Any) -> str:
    """How a number has changed against one before, in words; empty when either is none."""
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in (now, then)) or now == then:
        return ""
    sign = "+" if now > then else ""
    return f"{sign}{terms.share(now - then, then)}" if then > 0 else "由 0 变化"


def _fields(model: type[Part], now: Mapping[str, Any], then: Mapping[str, Any], only: bool) -> bool:
    """The single fields of a step as one table; whether there was anything to show."""
    simple = [about for about in fields(model) if about.row is None]
    values = [read_part(model, raw, "")[0] for raw in (now, then)]
    lines = []
    for about, mine, theirs in zip(simple, cells(model, now), cells(model, then), strict=True):
        number = change(values[0][about.name], values[1][about.name])
        lines.append((about.label, mine, SAME if mine == theirs else f"{theirs} **有变化** {number}".strip()))
    lines = [line for line in lines if not (only and line[2] == SAME)]
    if lines:
        _table(pl.DataFrame(lines, schema=["项目", "本期", "上期"], orient="row"))
    return bool(lines)


def _listed(about: About, now: Sequence[Mapping[str, Any]], then: Sequence[Mapping[str, Any]], only: bool) -> bool:
    """A list of rows: those of both filings, each with whether it is new, the same, or gone."""
    assert about.row is not None
    mine, theirs = ([cells(about.row, row) for row in rows] for rows in (now, then))
    lines = [[unbroken(SAME) if line in theirs else "**新增或有改动**", *line] for line in mine]
    lines += [["**上期有，本期无**", *line] for line in theirs if line not in mine]
    lines = [line for line in lines if not (only and line[0] == unbroken(SAME))]
    if lines:
        st.markdown(f"**{about.label}**（本期 {len(mine)} 条，上期 {len(theirs)} 条）")
        _table(
            pl.DataFrame(
                lines, schema=[unbroken("差异"), *(column.label for column in fields(about.row))], orient="row"
            )
        )
    elif not only:
        st.caption(f"{about.label}：无")
    return bool(lines) or not only


def _years(now: Sequence[Mapping[str, Any]], then: Sequence[Mapping[str, Any]], only: bool) -> bool:
    """Each year's figures with those of the same year filed before, else of the year before it."""
    earlier = {str(row.get("year")): row for row in then}
    shown = False
    for row in now:
        year = str(row.get("year") or "")
        word, other = "上期填报", earlier.get(year)
        if other is None and year.isdecimal():
            word, other = _YEAR_BEFORE, earlier.get(str(int(year) - 1))
        table, differs = _figures(row, other or {}, word)
        if only and not differs:
            continue
        shown = True
        against = f"，括号内为{word}数" if other else "，上期没有可比年度"
        st.markdown(f"**{plain(year or '未填年份')}年**（万元{against}）　{'**有变化**' if differs else SAME}")
        _table(pl.DataFrame(table))
    for year in earlier.keys() - {str(row.get("year")) for row in now}:
        st.caption(f"上期填有 {plain(year)} 年，本期没有。")
        shown = True
    return shown


def _figures(row: Mapping[str, Any], other: Mapping[str, Any], word: str) -> tuple[dict[str, list[str]], bool]:
    """The table of a year, and whether a figure differs from the other's or is new."""
    table: dict[str, list[str]] = {
        "指标": [unbroken(about.label) for about in fields(Figures)] + [unbroken(METRICS["share"].label)]
    }
    differs = False
    for period in PERIOD_ORDER:
        raws: list[Mapping[str, Any]] = [
            given if isinstance(given := side.get(period), Mapping) else {} for side in (row, other)
        ]
        (now, _), (then, _) = (read_part(Figures, raw, "") for raw in raws)
        lines = []
        for about in fields(Figures):
            mine, theirs = now[about.name], then[about.name]
            typed = raws[0].get(about.name)
            text = terms.wan(mine) if mine is not None or empty(typed) else plain(typed)
            if mine is None and word == _YEAR_BEFORE:
                theirs = None  # a column this round does not ask for: last year's says nothing about it
            elif theirs is not None and theirs != mine:
                text += f"（{terms.wan(theirs)} {change(mine, theirs) or '本期未填'}）"  # the space lets a narrow column break here
            differs |= mine != theirs
            lines.append(text)
        shares = [terms.share(side["ai_revenue"], side["total_revenue"]) for side in (now, then)]
        same = "—" in shares or shares[0] == shares[1]
        table[terms.PERIODS[period]] = [*lines, shares[0] if same else f"{shares[0]}（{shares[1]}）"]
    return table, differs
