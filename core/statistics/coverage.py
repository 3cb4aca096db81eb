"""覆盖: how much of a group has reported its year, by count and by what it last earned. It stands beside every rate."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from core.statistics.metrics import METRICS

#: Both rates, codes of metrics.
COVERAGE: Final = ("coverage", "coverage_revenue")


@dataclass(frozen=True)
class Coverage:
    """`covered` of `admitted` enterprises have full-year figures; yuan: the last known 总收入 of all, and of the covered."""

    admitted: int
    covered: int
    last_revenue: int
    last_revenue_covered: int

    @property
    def rates(self) -> str:
        """覆盖 91.46%，按上次总收入 97.02%."""
        by_count, by_revenue = (METRICS[code].text(METRICS[code].of(vars(self))) for code in COVERAGE)
        return f"覆盖 {by_count}，按上次总收入 {by_revenue}"

    @property
    def brief(self) -> str:
        """覆盖 91.46%（收入 97.02%）: where a line must hold it."""
        by_count, by_revenue = (METRICS[code].text(METRICS[code].of(vars(self))) for code in COVERAGE)
        return f"覆盖 {by_count}（收入 {by_revenue}）"

    @property
    def words(self) -> str:
        """有数据 1,200 家／入库 1,312 家，覆盖 91.46%，按上次总收入 97.02%."""
        return f"有数据 {self.covered:,} 家／入库 {self.admitted:,} 家，{self.rates}"


def coverage(classified: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """The fields of `Coverage` as columns, one row per value of `by` (or a single row).

    `classified`: directory_tier with missing told apart, and last_revenue: 总收入 in yuan of the newest earlier year with
    actual full-year figures, null where there is none (it counts for nothing on either side).
    """
    has = pl.col("directory_tier") != "missing"
    sums = (
        pl.len().cast(pl.Int64).alias("admitted"),
        has.sum().cast(pl.Int64).alias("covered"),
        pl.col("last_revenue").sum().cast(pl.Int64),
        pl.col("last_revenue").filter(has).sum().cast(pl.Int64).alias("last_revenue_covered"),
    )
    return classified.select(sums) if by is None else classified.group_by(by, maintain_order=True).agg(sums)


def whole(classified: pl.DataFrame) -> Coverage:
    """All of `classified` in one."""
    return Coverage(**coverage(classified).row(0, named=True))
