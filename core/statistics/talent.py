"""人才与知识产权: heads and rights of enterprises, in sums by any grouping, and against their revenue."""

from typing import Final

import polars as pl

from core.filing.model import IP_KINDS
from core.statistics.metrics import METRICS

#: Columns that count persons.
HEADS: Final = (
    "insured_staff",
    "researchers",
    "developers",
    "software_staff",
    "insured_doctors",
    "insured_masters",
    "insured_bachelors",
)
#: Columns that count items: rights that are listed one by one.
RIGHTS: Final = tuple(f"ip_{kind}" for kind in IP_KINDS)
RECOGNISED: Final = ("honours", "standards")
COUNTS: Final = (*HEADS, "ip_count", *RIGHTS, *RECOGNISED)


def sums(frame: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """One row per value of `by` (or one in all): enterprises, reported, sums of `COUNTS`, and the parts of the ratios.

    `frame`: one row each, with `COUNTS` and `filed` (its counts are of the year asked for; else they are null).
    A ratio rests on enterprises that have both its sides: ai_revenue of those with persons (ai_staffed, staff_of_ai),
    inventions and their persons among those who listed rights or declared none (inventions, staff_of_rights).
    """
    both = pl.col("ai_revenue").is_not_null() & (pl.col("insured_staff") > 0)
    # Who says that it has rights but listed none is silent on inventions: 0 of them would be invented.
    told = (pl.sum_horizontal(*RIGHTS) > 0) | (pl.col("ip_count") == 0)
    rights = pl.col("ip_invention").is_not_null() & told & (pl.col("insured_staff") > 0)
    measures = [
        pl.len().cast(pl.Int64).alias("enterprises"),
        *(METRICS[code].total() for code in ("reported", *COUNTS)),
        pl.col("ai_revenue").filter(both).sum().alias("ai_staffed"),
        pl.col("insured_staff").filter(both).sum().cast(pl.Int64).alias("staff_of_ai"),
        pl.col("ip_invention").filter(rights).sum().cast(pl.Int64).alias("inventions"),
        pl.col("insured_staff").filter(rights).sum().cast(pl.Int64).alias("staff_of_rights"),
    ]
    if by is None:
        return frame.select(measures)
    return frame.group_by(by).agg(measures).sort("insured_staff", by, descending=[True, False], nulls_last=True)


def plotted(frame: pl.DataFrame, across: str, *, most: int) -> tuple[pl.DataFrame, int]:
    """Enterprises that a scatter on log axes can show, the largest AI业务收入 first; and how many there are.

    Of more than `most` every second, third, … in this order, so that the picture keeps its shape.
    """
    found = frame.filter((pl.col(across) > 0) & (pl.col("ai_revenue") > 0))
    return found.sort("ai_revenue", "enterprise_id", descending=[True, False]).gather_every(
        -(-found.height // most) or 1
    ), found.height
