"""Exhibits of 人才与知识产权: heads and rights as filed for a year, by district, layer, size and class."""

from collections.abc import Callable
from typing import Final

import polars as pl

from core.report import disclosure
from core.report.disclosure import TIER, Release
from core.report.model import Column, Exhibit, of_metric
from core.report.table import NAMES, exhibit
from core.statistics.metrics import METRICS
from core.statistics.talent import COUNTS, HEADS, RECOGNISED, RIGHTS, sums

_GROUPS: Final = ("district", "layer", "size", TIER)
_FILED: Final = "只计本年度填报已入库的企业，其余企业不以其他年度的数代替。"


def people(frame: pl.DataFrame, release: Release | None) -> list[Exhibit]:
    """`frame`: classified, with core.statistics.talent.COUNTS and `filed`. Who filed nothing is withheld as one with too few would be."""
    hidden = _hidden(frame, release) if release else {}
    average = METRICS["ai_revenue_average"]
    found = []
    for by in _GROUPS:
        table, word = sums(frame, by), NAMES[by][0]
        first = [Column("label", word), of_metric("reported")]
        heads = [*first, *(of_metric(code, drawn=code == "researchers") for code in HEADS)]
        if release is None:
            averages = [average.of(row) for row in table.iter_rows(named=True)]
            table = table.with_columns(pl.Series(average.code, averages, dtype=pl.Int64))
        rights = [*first, of_metric("ip_count", drawn=True), *(of_metric(code) for code in (*RIGHTS, *RECOGNISED))]
        hides = _by(hidden[by]) if release else None
        found += [
            exhibit(f"heads_{by}", f"各{word}人员", table, heads, by, chart="bar", note=_FILED, hides=hides),
            exhibit(
                f"rights_{by}",
                f"各{word}知识产权",
                table,
                rights,
                by,
                chart="bar",
                hides=hides,
                note=_FILED + "分类按列出的明细计，可能少于申报的数量。",
            ),
        ]
        if release is None:
            columns = [Column("label", word), of_metric("staff_of_ai"), of_metric(average.code, drawn=True)]
            found.append(
                exhibit(
                    f"average_{by}",
                    f"各{word}{average.label}",
                    table,
                    columns,
                    by,
                    chart="bar",
                    whole=False,
                    note=f"{average.definition}。",
                )
            )
    return found


def _by(gone: frozenset[str] | None) -> Callable[[str | None, str], bool]:
    """Of a table: the lines of `gone` are withheld; None: all, the total too."""
    return lambda row, _: gone is None or row in gone


def _hidden(frame: pl.DataFrame, release: Release) -> dict[str, frozenset[str] | None]:
    """By each grouping the values that are withheld; the total is in all tables, so that one that must go takes every other along.

    Whether an enterprise filed is counted like an amount: so a group of which all but a few filed is a risk, too. What the
    other reports withhold of the number of enterprises stays withheld: where all filed, that is the same number.
    """
    amounts = (*COUNTS, "reported", "unreported")
    told = frame.with_columns(reported=pl.col("filed").cast(pl.Int64), unreported=(~pl.col("filed")).cast(pl.Int64))
    lines = {by: disclosure.line(disclosure.cells(told, (by,), amounts)) for by in _GROUPS}
    if release.no_counts or any(line is None for line in lines.values()):
        return dict.fromkeys(_GROUPS)
    others = {
        by: {value for value in (told[by].fill_null("").unique()) if _counted(release, by, value)} for by in _GROUPS
    }
    return {by: frozenset({value for (value,) in line or ()} | others[by]) for by, line in lines.items()}


def _counted(release: Release, by: str, value: str) -> bool:
    return release.count("district", None, value) if by == TIER else release.count(by, value)
