"""What a filing's place in the queue rests on: size × how unusual × nearness to a line, in whole numbers.

The order is for reviewers only and decides no class: a filing that moves much, or that a small error would
move across a line, is read first.
"""

from typing import Final

import polars as pl

from core.base import terms
from core.rule.policy import Policy

#: Within ±5 percentage points of a share line, ±10 % of the revenue line.
_NEAR_BP: Final = 500
_NEAR_PARTS: Final = 10
#: A change by ten times and more is as unusual as it gets.
_MOST_UNUSUAL: Final = 900


def _whole_percent(tenths: pl.Expr) -> pl.Expr:
    return pl.format("{}.{}", tenths // 10, tenths % 10)


def rank(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add impact (int64, larger is read first), impact_reason (Chinese) and flagged (bool) to each row.

    `frame`: the output of `classify` over all filings of a round and city, with last_total (yuan of the same column
    a year ago as last admitted, nullable), last_tier (its class, nullable) and explained (how many 核实 findings
    the filer has explained). Where nothing is flagged there is no finding, no change of class, no line nearby.
    """
    sound = pl.col("directory_tier") != "undetermined"
    total = pl.when(sound).then(pl.col("total_revenue")).otherwise(0).fill_null(0)
    ai = pl.when(sound).then(pl.col("ai_revenue")).otherwise(0).fill_null(0)
    last = pl.col("last_total").fill_null(0).clip(0)
    explained = pl.col("explained").fill_null(0).clip(0, 9)
    frame = frame.with_columns(
        _total=total,
        _ai=ai,
        _last=last,
        # Divided by the city's ten-thousandth, an amount is basis points of the city; nothing can overflow.
        _size=pl.max_horizontal(
            total // (total // 10_000).sum().clip(1),
            pl.col("counted_output") // (pl.col("counted_output") // 10_000).sum().clip(1),
        ).clip(0, 10_000),
        _large=pl.max_horizontal(total, last),
        _small=pl.min_horizontal(total, last),
        _changed=(pl.col("last_tier") != pl.col("directory_tier")).fill_null(False)
        & (pl.col("last_tier") != "undetermined").fill_null(False),
    )
    compared = sound & pl.col("last_total").is_not_null() & (pl.col("_last") > 0)
    factor = (
        pl.when(pl.col("_small") > 0)
        .then(pl.col("_large") * 100 // pl.col("_small").clip(1))
        .otherwise(100 + _MOST_UNUSUAL)
    )

    def of_size(one: int | str, small: int | str) -> pl.Expr:
        """What holds for 小微企业 where the policy gives them a core line of their own, else for all."""
        return (
            pl.lit(one)
            if policy.core_share_small_bp is None
            else pl.when(pl.col("size") == "small").then(pl.lit(small)).otherwise(pl.lit(one))
        )

    core_line = of_size(policy.core_share_bp, policy.core_line_bp("small"))
    core_words = of_size(*(f"核心线 {terms.percent(policy.core_line_bp(size))}" for size in (None, "small")))

    def to_line(line_bp: int | pl.Expr) -> pl.Expr:
        """500 on the line, 0 at five percentage points from it and beyond."""
        gap = (pl.col("_ai") * 10_000 - pl.col("_total") * line_bp).abs() // pl.col("_total").clip(1)
        return pl.when(pl.col("_total") > 0).then((_NEAR_BP - gap).clip(0)).otherwise(0)

    line = max(policy.core_ai_revenue, 1)
    off = (pl.col("_ai") - policy.core_ai_revenue).abs()
    # Well above the core line by share, the amount decides nothing any more.
    open_to_revenue = sound & (pl.col("_ai") * 10_000 <= pl.col("_total") * (core_line + _NEAR_BP).clip(None, 10_000))
    to_revenue = (_NEAR_BP - off.clip(0, line) * _NEAR_PARTS // max(line // _NEAR_BP, 1)).clip(0)
    frame = frame.with_columns(
        _unusual=pl.when(compared).then((factor - 100).clip(0, _MOST_UNUSUAL)).otherwise(0) + explained * 50,
        _factor=pl.when(compared & (pl.col("_small") > 0)).then(factor),
        _to_core=to_line(core_line),
        _to_related=to_line(policy.related_share_bp),
        _to_revenue=pl.when(open_to_revenue).then(to_revenue).otherwise(0),
    ).with_columns(_near=pl.max_horizontal("_to_core", "_to_related", "_to_revenue") + pl.col("_changed") * _NEAR_BP)
    tenths = (pl.col("_ai") * 1_000 * 2 + pl.col("_total")) // (2 * pl.col("_total").clip(1))
    share = pl.format("AI占比 {}%，紧邻", _whole_percent(tenths))
    down = (pl.col("_small") * 1_000 // pl.col("_large").clip(1)).clip(0, 999)
    parts = (
        pl.when(~sound).then(pl.lit("收入缺失或有误，无法认定")),
        pl.when(pl.col("_to_core") > 0).then(share + core_words),
        pl.when((pl.col("_to_related") > 0) & (pl.col("_to_core") == 0)).then(
            share + pl.lit(f"相关线 {terms.percent(policy.related_share_bp)}")
        ),
        pl.when(pl.col("_to_revenue") > 0).then(
            pl.format(
                "AI收入 {} 万元，紧邻 {} 万元线", pl.col("_ai") // 10_000, pl.lit(terms.wan(policy.core_ai_revenue))
            )
        ),
        pl.when(pl.col("_changed")).then(
            pl.format(
                "身份由{}变为{}",
                pl.col("last_tier").replace_strict(terms.TIERS, default=None),
                pl.col("directory_tier").replace_strict(terms.TIERS, default=None),
            )
        ),
        pl.when((pl.col("_factor") >= 200) & (pl.col("_total") > pl.col("_last"))).then(
            pl.format("收入为上年同期的 {} 倍", _whole_percent(pl.col("_factor") // 10))
        ),
        pl.when((pl.col("_factor") >= 200) & (pl.col("_total") < pl.col("_last"))).then(
            pl.format("收入降至上年同期的 {}%", _whole_percent(down))
        ),
        pl.when(compared & (pl.col("_total") == 0)).then(pl.lit("收入降为 0")),
        pl.when(explained > 0).then(pl.format("核实事项有说明 {} 处", explained)),
        pl.when(pl.col("_size") >= 100).then(pl.format("占全市 {}%", _whole_percent(pl.col("_size") // 10))),
    )
    said = pl.concat_str(parts, separator="；", ignore_nulls=True)
    return frame.with_columns(
        impact=(10 + pl.col("_size")) * (100 + pl.col("_unusual")) * (100 + pl.col("_near")),
        impact_reason=pl.when(said == "").then(pl.lit("规模与变化均在常见范围")).otherwise(said),
        flagged=~sound | (pl.col("_near") > 0) | (explained > 0),
    ).drop(
        "_total",
        "_ai",
        "_last",
        "_size",
        "_large",
        "_small",
        "_changed",
        "_unusual",
        "_factor",
        "_to_core",
        "_to_related",
        "_to_revenue",
        "_near",
    )
