"""插补: what the enterprises that have not reported may add to a year's totals, as a range by a stated rule. Never filled in.

The observed number stays the number. Beside it stands a range: at its low end the missing count for nothing, at its high end
for what they last reported, grown as the fastest quarter of their size group grew. Whole yuan and basis points throughout.
"""

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from core.base import terms
from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy
from core.statistics.metrics import METRICS, Metric

#: How many years back a last report may lie.
LOOK_BACK: Final = 3
#: A size group needs this many enterprises in both years, else all sizes are taken together.
FEWEST: Final = 5
#: Only enterprises that earned this much the year before say how fast a group grows (yuan).
BASE: Final = 1_000_000
#: Growth is taken as at least 1 and at most 3 times a year: beyond that the check 年度增减 asks for an explanation.
LEAST_BP, MOST_BP = 10_000, 30_000
#: The rule in words, as it stands beside every range.
METHOD: Final = (
    f"下限：缺报企业按 0 计入，即已报数。沿用：缺报企业按其近 {LOOK_BACK} 年内最近一个年度的全年实际数计入，不作增减。"
    f"上限：沿用数 × 同规模企业总收入同口径增长倍数的上四分位数（上年总收入不低于 {terms.wan(BASE)} 万元、两年均有数据的企业，"
    f"按最近秩法取值；不足 {FEWEST} 家时取全部规模；倍数限于 1 至 {MOST_BP // LEAST_BP}；隔几年乘几次），再按同一政策版本认定。"
    "上限取沿用与增长两种结果中较大者。没有历史实际数的缺报企业不插补，只列家数。"
)


@dataclass(frozen=True)
class Range:
    """One headline: what was reported, and up to what it may be once everybody has; `carried` lies between."""

    observed: int
    carried: int
    high: int


@dataclass(frozen=True)
class Span:
    """The ranges of a year. `missing` enterprises have not reported, of whom `unknown` have no history to go by."""

    missing: int
    unknown: int
    core: Range
    counted_output: Range
    ai_revenue: Range

    def of_metrics(self) -> tuple[tuple[Metric, Range], ...]:
        """The three headlines, each with its range."""
        return tuple((METRICS[code], getattr(self, code)) for code in ("core", "counted_output", "ai_revenue"))


def growth(pairs: pl.DataFrame) -> dict[str, int]:
    """size -> upper quartile of the growth of 总收入 in basis points (10000: unchanged); "" for all sizes together.

    `pairs`: size, total_revenue, total_revenue_before (yuan; rows without both are left out). Nearest rank: the
    ceil(3n/4)-th smallest.
    """
    known = pairs.filter(
        pl.col("total_revenue").is_not_null()
        & (pl.col("total_revenue") >= 0)
        & (pl.col("total_revenue_before") >= BASE)
    ).select("size", ratio=(pl.col("total_revenue") * 10_000 // pl.col("total_revenue_before")).clip(LEAST_BP, MOST_BP))
    quartile = pl.col("ratio").sort().get((3 * pl.len() + 3) // 4 - 1)
    found = {"": LEAST_BP}
    if known.height >= FEWEST:
        found[""] = int(known.select(quartile).item())
    groups = known.drop_nulls("size").group_by("size").agg(quartile, pl.len().alias("count"))
    return found | {size: int(ratio) for size, ratio, count in groups.iter_rows() if count >= FEWEST}


def impute(missing: pl.DataFrame, factors: dict[str, int], policy: Policy) -> pl.DataFrame:
    """What each missing enterprise may add: `missing` with factor_bp and, for "carried" and "grown", core_… (0 or 1), counted_output_…, ai_revenue_….

    `missing`: one row each with size, `years` since its last actual report and the yuan columns of that report (null: none).
    """
    bp = pl.col("size").replace_strict(factors, default=factors[""], return_dtype=pl.Int64)
    given = missing.with_columns(factor_bp=bp)
    grown = given
    for step in range(1, LOOK_BACK + 1):
        # Split, so that the product of large amounts stays within 64 bits.
        grown = grown.with_columns(
            pl.when(pl.col("years") >= step)
            .then(
                pl.col(name) // 10_000 * pl.col("factor_bp")
                + (pl.col(name) % 10_000 * pl.col("factor_bp") + 5_000) // 10_000
            )
            .otherwise(pl.col(name))
            .alias(name)
            for name in INPUTS
        )
    result = given
    for word, amounts in (("carried", given), ("grown", grown)):
        classes: pl.DataFrame = classify(amounts.select(INPUTS), policy)
        result = result.with_columns(
            (classes["directory_tier"] == "core").cast(pl.Int64).alias(f"core_{word}"),
            classes["counted_output"].alias(f"counted_output_{word}"),
            classes["ai_revenue"].fill_null(0).alias(f"ai_revenue_{word}"),
        )
    return result


def span(observed: dict[str, Any], imputed: pl.DataFrame) -> Span:
    """The ranges for `observed` (a row of core.statistics.totals.totals) and what `impute` says of those missing from it."""

    def range_of(name: str) -> Range:
        low = int(observed[name])
        carried, grown = (low + int(imputed[f"{name}_{word}"].sum()) for word in ("carried", "grown"))
        return Range(low, carried, max(carried, grown))

    unknown = int(imputed["years"].null_count())
    return Span(imputed.height, unknown, range_of("core"), range_of("counted_output"), range_of("ai_revenue"))


def sentence(span: Span) -> str:
    """One line for a dashboard: 含缺报插补区间 of the three headlines, with the number missing; "" when nobody is."""
    if not span.missing:
        return ""
    unknown = f"，其中 {span.unknown:,} 家没有历史数，未插补" if span.unknown else ""
    ranges = "，".join(
        f"{metric.label} {metric.text(each.observed)}–{metric.said(each.high)}（沿用 {metric.text(each.carried)}）"
        for metric, each in span.of_metrics()
    )
    return f"含缺报插补区间：{ranges}；缺报 {span.missing:,} 家{unknown}。插补数不计入上列各数。"
