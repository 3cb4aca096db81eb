"""Sums over classified enterprises: counts and yuan by any grouping, exact, groups summing to the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from core.base import terms
from core.statistics.metrics import METRICS

#: What is summed, in the order of the columns.
SUMMED: Final = ("enterprises", *terms.TIERS, "total_revenue", "ai_revenue", "counted_output")
PERIOD_ORDER: Final = tuple(terms.PERIODS)


def totals(classified: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """Enterprises per tier and yuan sums, one row per value of `by` (or a single row).

    Columns: `by`, enterprises, one count per directory tier (core, related_software, …), total_revenue,
    ai_revenue, counted_output (int64 yuan; missing amounts count as 0).
    """
    measures = [METRICS[code].total() for code in SUMMED]
    if by is None:
        return classified.select(measures)
    return classified.group_by(by).agg(measures).sort("counted_output", by, descending=[True, False], nulls_last=True)


@dataclass(frozen=True)
class Totals:
    """The one row of `totals`: enterprises, of each 名录身份 (`tiers`: a key of core.base.terms.TIERS -> how many), and yuan."""

    enterprises: int
    tiers: Mapping[str, int]
    total_revenue: int
    ai_revenue: int
    counted_output: int

    def of(self, code: str) -> int:
        """The sum of a metric of `SUMMED`."""
        value: int = self.tiers[code] if code in self.tiers else getattr(self, code)
        return value


def whole(classified: pl.DataFrame) -> Totals:
    """All of `classified` in one."""
    row = totals(classified).row(0, named=True)
    return Totals(tiers={tier: row.pop(tier) for tier in terms.TIERS}, **row)


def single_quarters(
    cumulative: pl.DataFrame, *, by: tuple[str, ...] = (), amounts: tuple[str, ...] = ("total_revenue", "ai_revenue")
) -> pl.DataFrame:
    """Add single quarters (`…_single`) to cumulative columns: the difference to the column before.

    `cumulative`: year, period (q1 … full_year), int64 yuan `amounts`, and the series keys `by`. Null where
    the column before is missing. Columns are never summed.
    """
    order = pl.col("period").replace_strict({name: i for i, name in enumerate(PERIOD_ORDER)}, return_dtype=pl.Int8)
    series = [*by, "year"]
    return (
        cumulative.with_columns(_order=order)
        .sort(*series, "_order")
        .with_columns(
            pl.when(pl.col("_order") == 0)
            .then(pl.col(name))
            .when(pl.col("_order").diff().over(series) == 1)
            .then(pl.col(name).diff().over(series))
            .otherwise(None)
            .alias(f"{name}_single")
            for name in amounts
        )
        .drop("_order")
    )
