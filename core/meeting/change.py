"""What has changed between two meetings on the same year, split exactly: entry, exit, rule, revision, designation.

One enterprise at a time and in this order, each step from where the one before it ended, so that the parts of every
enterprise, and so of any group, sum to its whole change, to the yuan:

1. 政策调整 (rule): the figures of before by the policy of after, less by the policy of before;
2. 数据更正 (revision): the figures as they are known now, less as they were known then, by the policy of after.

Only like is compared (`Meeting.comparable`), so every new figure is one of the same year: a revision, and no growth; a class that
is another one is so by one of these steps. Both are for the same sample: enterprises admitted with figures both before and after.
Who has none before (新入库, or filed for the first time) enters whole; who stands no more after (退出: revoked, merged away, moved
out) leaves whole, and so does who stands and has no figures of the year (缺报), which is no exit and a part of its own.
名单认定 (designation) is shown beside the computed class and never counts in a figure: its part is always 0.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import accumulate
from typing import Final

import polars as pl

from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy
from core.statistics.metrics import METRICS

#: The parts in the order in which a waterfall shows them.
PARTS: Final = {
    "entry": "新入库（含首报）",
    "exit": "退出",
    "missing": "缺报",
    "rule": "政策调整",
    "revision": "数据更正",
    "designation": "名单认定",
}
#: What is split: yuan, or a number of enterprises; codes of core.statistics.metrics.
MEASURES: Final = ("counted_output", "ai_revenue", "core", "related")
#: The steps from before to after; the same enterprise stands at each with one value of every measure.
_STEPS: Final = ("before", "ruled", "after")


def _held() -> pl.Expr:
    """Whether anything is filed for the year: who has filed nothing is not of the sample, and counts nothing."""
    return pl.col("total_revenue").is_not_null() | pl.col("ai_revenue").is_not_null()


def _standing(classified: pl.DataFrame, step: str) -> pl.DataFrame:
    """enterprise_id and, suffixed @step, the measures and the class."""
    return classified.filter(_held()).select(
        "enterprise_id",
        *(METRICS[name].each().fill_null(0).alias(f"{name}@{step}") for name in MEASURES),
        pl.col("directory_tier").alias(f"directory_tier@{step}"),
    )


def split(before: pl.DataFrame, after: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """One row an enterprise of either frame's sample, with the parts of its change.

    `before`, `after`: enterprise_id and the columns of `core.rule.classification.classify` in yuan, of the same year, each by the
    policy of its own day; `policy`: that of `after`. Where that tells sizes apart, the frames say the `size`, each as known at its moment.
    Columns: enterprise_id, tier_before, tier_after (null outside the sample), tier_ruled, unreported (it
    stands after and has no figures), and MEASURE.PART, int64 (yuan; enterprises).
    """
    ruled = classify(before.select("enterprise_id", *INPUTS, *(("size",) if policy.by_size else ())), policy)
    frames = [_standing(*each) for each in zip((before, ruled, after), _STEPS, strict=True)]
    joined = reduce(lambda left, right: left.join(right, on="enterprise_id", how="full", coalesce=True), frames)
    here, there = pl.col("directory_tier@before").is_not_null(), pl.col("directory_tier@after").is_not_null()
    stands = pl.col("enterprise_id").is_in(after["enterprise_id"].implode())

    def parts(measure: str) -> dict[str, pl.Expr]:
        at = {step: pl.col(f"{measure}@{step}") for step in _STEPS}
        both = {"rule": at["ruled"] - at["before"], "revision": at["after"] - at["ruled"]}
        found = {name: pl.when(here & there).then(value).otherwise(0) for name, value in both.items()}
        found |= {
            "entry": pl.when(~here).then(at["after"]).otherwise(0),
            "exit": pl.when(~there & ~stands).then(-at["before"]).otherwise(0),
            "missing": pl.when(~there & stands).then(-at["before"]).otherwise(0),
        }
        return {**found, "designation": pl.lit(0)}

    return joined.filter(here | there).select(
        "enterprise_id",
        *(pl.col(f"directory_tier@{step}").alias(f"tier_{step}") for step in _STEPS),
        (~there & stands).alias("unreported"),
        *(
            parts(measure)[name].fill_null(0).cast(pl.Int64).alias(f"{measure}.{name}")
            for measure in MEASURES
            for name in PARTS
        ),
    )


def summed(changes: pl.DataFrame, measure: str) -> dict[str, int]:
    """The parts of `measure` over all rows of `split`, in the order of `PARTS`; their sum is the whole change."""
    row = changes.select(pl.col(f"{measure}.{name}").sum().alias(name) for name in PARTS).row(0, named=True)
    return {name: int(amount) for name, amount in row.items()}


def origin(levels: Sequence[int]) -> int:
    """Where the axis of a waterfall starts (yuan): at 0, unless all that happens lies far from it."""
    low, span = min(levels), max(levels) - min(levels)
    return 0 if not span or span * 3 >= low else low - span


def levels(before: int, parts: Mapping[str, int]) -> list[int]:
    """Where the sum stands before, and after each part: the last is what it is now."""
    return list(accumulate(parts.values(), initial=before))


def movers(changes: pl.DataFrame) -> pl.DataFrame:
    """Who is of another 名录身份 than before, or new to or gone from the sample, most yuan first.

    Columns: enterprise_id, tier_before, tier_after, why (a key of PARTS: the first step that moved the class), change
    (yuan of 纳入统计).
    """
    was, now = pl.col("tier_before"), pl.col("tier_after")
    why = (
        pl.when(was.is_null())
        .then(pl.lit("entry"))
        .when(pl.col("unreported"))
        .then(pl.lit("missing"))
        .when(now.is_null())
        .then(pl.lit("exit"))
        .when(pl.col("tier_ruled") != was)
        .then(pl.lit("rule"))
        .otherwise(pl.lit("revision"))
    )
    change = pl.sum_horizontal(f"counted_output.{name}" for name in PARTS).alias("change")
    return (
        changes.filter(was.ne_missing(now))
        .select("enterprise_id", "tier_before", "tier_after", why.alias("why"), change)
        .sort(pl.col("change").abs(), "enterprise_id", descending=[True, False])
    )
