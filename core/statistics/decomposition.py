"""分解: from what was counted for the year before to what is counted for this one, split exactly into its causes.

One enterprise at a time and in the order of `PARTS`, each step from where the one before it ended, so that the parts of
every enterprise, and so of any selection, sum to the whole change, to the yuan:

1. 口径调整 (rule): last year's figures by this year's policy, less by the policy they were published by. It is shown on the
   new figures, too (`rule_on_new`): which of the two one takes is a matter of order, not of fact;
2. 区属调整 (moved): what comes and goes with enterprises that have moved between selections; 0 over the whole city;
3. 合并 (merged): what went into a successor leaves the predecessor and is added to the base of the successor; 0 over the city;
4. 撤销 (revoked): of the directory of last year, and of none now for another reason than a merger or a move;
5. 缺报 (missing): no full-year figures yet: not an exit;
6. 新增 (entry): no figures of the year before;
7. 无法认定 (unusable): figures that give no class in one of the years;
8. 同口径增减 (growth): the same enterprises by one policy, a successor against the sum of itself and its predecessors.
"""

from typing import Final

import polars as pl

from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy
from core.statistics.metrics import METRICS

PARTS: Final = {
    "rule": "口径调整",
    "moved": "区属调整",
    "merged": "合并",
    "revoked": "撤销",
    "missing": "缺报",
    "entry": "新增企业",
    "unusable": "无法认定",
    "growth": "同口径增减",
}
_YI: Final = METRICS["counted_output"]
ORDER: Final = (
    "依次计算：先把上年数按本年口径重算（口径调整），再计区属调整、合并、撤销、缺报、新增、无法认定，余下为同口径增减；"
    "各部分之和等于两年之差。"
)


def parts(pairs: pl.DataFrame) -> pl.DataFrame:
    """A row an enterprise of `core.statistics.year_on_year.paired` with a column for each of `PARTS`, yuan of 纳入统计."""
    now, before = (pl.col(name).fill_null(0) for name in ("counted_output", "counted_output_before"))
    absorbed = pl.col("counted_output_absorbed")
    base = pl.col("counted_output_ruled").fill_null(0)
    own = base - absorbed
    here, elsewhere = pl.col("directory_tier_before").is_not_null(), pl.col("arrived")
    stands, leaving = pl.col("leaving").is_null(), pl.col("leaving")
    # What an enterprise that stands counts now less what it is measured against: all of it for a single cause.
    change = pl.when(stands).then(now - base).otherwise(0)
    was, tier = pl.col("directory_tier_ruled"), pl.col("directory_tier")
    unknown = was.is_null() | (was == "missing")
    cause = (
        pl.when(tier == "missing")
        .then(pl.lit("missing"))
        .when(unknown)
        .then(pl.lit("entry"))
        .when((tier == "undetermined") | (was == "undetermined"))
        .then(pl.lit("unusable"))
        .otherwise(pl.lit("growth"))
    )
    found = {
        "rule": pl.when(here).then(own - before).otherwise(0),
        "moved": pl.when(elsewhere).then(own).when(leaving == "moved").then(-own).otherwise(0),
        "merged": pl.when(leaving == "merged").then(-own).otherwise(0) + pl.when(stands).then(absorbed).otherwise(0),
        "revoked": pl.when(leaving == "revoked").then(-own).otherwise(0),
        **{
            name: pl.when(cause == name).then(change).otherwise(0)
            for name in ("missing", "entry", "unusable", "growth")
        },
    }
    return pairs.select("enterprise_id", *(found[name].fill_null(0).cast(pl.Int64).alias(name) for name in PARTS))


def summed(pairs: pl.DataFrame) -> dict[str, int]:
    """The parts over all of `pairs`, in their order; their sum is the whole change."""
    row = parts(pairs).select(pl.col(name).sum() for name in PARTS).row(0, named=True)
    return {name: int(amount) for name, amount in row.items()}


def said(found: dict[str, int], on_new: int, year_policies: tuple[Policy, Policy]) -> str:
    """In which order, and what 口径调整 is on either figures; `year_policies`: this year's and last year's."""
    now, before = year_policies
    if now == before:
        return f"{ORDER}两年是同一政策版本，没有口径调整。"
    return (
        f"{ORDER}口径调整是政策版本 {before.version} 改为 {now.version} 的影响：按上年数 {_YI.signed(found['rule'])} {_YI.unit.word}，"
        f"按本年数 {_YI.signed(on_new)} {_YI.unit.word}；计入的是前者。"
    )


def rule_on_new(classified: pl.DataFrame, policy_before: Policy) -> int:
    """口径调整 on the new figures, yuan: what this year counts by its own policy less by that of the year before."""
    old: pl.DataFrame = classify(classified.select(*INPUTS, "size"), policy_before)
    return int(classified["counted_output"].sum()) - int(old["counted_output"].sum())
