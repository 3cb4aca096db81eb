"""企业画像榜单: enterprises by one measure, their moves in rank against the year before, and how concentrated the whole is."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from core.statistics.metrics import METRICS, Metric, ratios

#: Growth is said only of enterprises that earned this much the year before (yuan): from little everything grows fast.
BASE: Final = 1_000_000
TOPS: Final = (10, 20, 50, 100)


@dataclass(frozen=True)
class Measure:
    """A metric of single enterprises; its code is a column of `measured`. `summed`: its sum means something, so that shares of it do.

    `before`: the column of the year before, "": no rank of that year.
    """

    metric: Metric
    before: str
    summed: bool = True


MEASURES: Final = {
    "ai_revenue": Measure(METRICS["ai_revenue"], "ai_revenue_before"),
    "counted_output": Measure(METRICS["counted_output"], "counted_output_before"),
    "growth": Measure(METRICS["growth"], "", summed=False),
    "share": Measure(METRICS["share"], "share_before", summed=False),
    "researchers": Measure(METRICS["researchers"], "researchers_before"),
    "ip_count": Measure(METRICS["ip_count"], "ip_count_before"),
}


def measured(frame: pl.DataFrame) -> pl.DataFrame:
    """Add growth, share and share_before in basis points (rounded half up), and researchers with those of the year before.

    `frame`: yuan columns with those of the year before (`…_before`), directory_tier, developers, software_staff and
    theirs of the year before. Growth compares the same enterprise in both years; null below `BASE`.
    """

    def share(suffix: str) -> pl.Expr:
        total, ai = pl.col(f"total_revenue{suffix}"), pl.col(f"ai_revenue{suffix}")
        # An amount that gives no class gives no share either.
        return pl.when((total > 0) & (ai >= 0) & (ai <= total)).then(ratios(ai, total))

    def researchers(suffix: str) -> pl.Expr:
        both = (pl.col(f"developers{suffix}"), pl.col(f"software_staff{suffix}"))
        return pl.when(pl.any_horizontal(each.is_not_null() for each in both)).then(pl.sum_horizontal(both))

    before = pl.col("ai_revenue_before")
    return frame.with_columns(
        growth=pl.when(before >= BASE).then(ratios(pl.col("ai_revenue") - before, before)),
        share=share(""),
        share_before=share("_before"),
        researchers=researchers(""),
        researchers_before=researchers("_before"),
    )


def ranked(frame: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Those with a value, the largest first: with rank (equal values share one), rank_before and moved (places gained).

    Rank of the year before: among the same enterprises. Null where there was no value then.
    """
    value = pl.col(measure.metric.code)
    found = frame.filter(value.is_not_null()).with_columns(rank=value.rank("min", descending=True).cast(pl.Int64))
    before = (
        pl.col(measure.before).rank("min", descending=True).cast(pl.Int64) if measure.before else pl.lit(None, pl.Int64)
    )
    return (
        found.with_columns(rank_before=before)
        .with_columns(moved=pl.col("rank_before") - pl.col("rank"))
        .sort("rank", "ai_revenue", "name", "enterprise_id", descending=[False, True, False, False], nulls_last=True)
    )


@dataclass(frozen=True)
class Concentration:
    """Of `count` enterprises with `whole` in all: what the largest four and ten have, and HHI (0 to 10,000)."""

    count: int
    whole: int
    top4: int
    top10: int
    hhi: int


def concentration(values: pl.Series) -> Concentration:
    """How much the largest have. `values`: whole numbers; negative and null ones have no part in a whole and are left out."""
    known = values.drop_nulls().filter(values.drop_nulls() > 0).sort(descending=True)
    whole = int(known.sum())
    hhi = round(float((known / whole * 100).pow(2).sum())) if whole else 0
    return Concentration(known.len(), whole, int(known.head(4).sum()), int(known.head(10).sum()), hhi)


def curve(values: pl.Series, *, points: int = 100) -> pl.DataFrame:
    """n, cumulative: what the n largest have together, from 0 to all; at most some 2 × `points` rows, the first of them each."""
    known = values.drop_nulls().filter(values.drop_nulls() > 0).sort(descending=True).alias("cumulative").cum_sum()
    table = pl.DataFrame({"n": pl.int_range(1, known.len() + 1, eager=True), "cumulative": known})
    step = max(1, known.len() // points)
    kept = table.filter((pl.col("n") <= points) | (pl.col("n") % step == 0) | (pl.col("n") == pl.len()))
    return pl.concat([pl.DataFrame({"n": [0], "cumulative": [0]}, schema=table.schema), kept])
