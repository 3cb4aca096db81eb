"""Two years of the same enterprises: growth in all and on the same sample (同口径), who came, went and moved, and why.

Sums and counts only; shares are made of them where they are shown. Missing amounts count as 0 in all, and keep an
enterprise out of the same sample.
"""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from core.base import terms
from core.rule.policy import Policy
from core.statistics.metrics import COMPARISONS, LARGEST, METRICS

#: How an enterprise stands in the directory (core and related) against the year before; who stayed has none of these.
CHANGES: Final = {"entered": "新增", "left": "退出", "up": "升级", "down": "降级", "turned": "软硬转类"}
MEANING: Final = {
    "entered": "上年不是核心或相关企业，本年是",
    "left": "上年是核心或相关企业，本年不是",
    "up": "由相关企业成为核心企业",
    "down": "由核心企业成为相关企业",
    "turned": "仍是相关企业，软件、硬件之分改变",
}
#: What growth is said of: the amounts in yuan, and enterprises of a tier.
AMOUNTS: Final = ("ai_revenue", "total_revenue", "counted_output")
MEASURES: Final = (*AMOUNTS, *terms.TIERS)
#: The directory lists who is core or related; everybody else stands outside of it.
_RANK: Final = {"related_software": 1, "related_hardware": 1, "core": 2}
_UNKNOWN: Final = "undetermined"
_OF_YEAR: Final = ("directory_tier", "rule_branch", *AMOUNTS)


def paired(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """One row for each enterprise of `now`, with the year before (`…_before`), `same` and `change`.

    Both: columns of `core.rule.classification.classify` with enterprise_id. `before` may hold more and fewer enterprises:
    those not in `now` are left out, of those not in it the year before is null. `same`: it has a class in both years.
    `change`: a key of `CHANGES`, null where nothing changed.
    """
    frame = now.join(
        before.select("enterprise_id", *_OF_YEAR),
        on="enterprise_id",
        how="left",
        suffix="_before",
        maintain_order="left",
    )
    tiers = ("directory_tier", "directory_tier_before")
    rank, former = (pl.col(name).replace_strict(_RANK, default=0, return_dtype=pl.Int8) for name in tiers)
    known = [pl.col(name).is_not_null() & (pl.col(name) != _UNKNOWN) for name in tiers]
    change = (
        pl.when((rank > 0) & (former == 0))
        .then(pl.lit("entered"))
        .when((rank == 0) & (former > 0))
        .then(pl.lit("left"))
        .when(rank > former)
        .then(pl.lit("up"))
        .when(rank < former)
        .then(pl.lit("down"))
        .when((rank > 0) & (pl.col(tiers[0]) != pl.col(tiers[1])))
        .then(pl.lit("turned"))
    )
    return frame.with_columns(same=pl.all_horizontal(known), change=change)


def growth(pairs: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """Sums over `paired`, one row per value of `by` (or a single row).

    Columns: `by`; same (enterprises of the same sample); for each of `MEASURES` its sum or count now, `…_before`,
    `…_same` and `…_same_before` (on the same sample); and how many for each of `CHANGES`.
    """
    sums = [pl.col("same").sum().cast(pl.Int64)]
    for name in MEASURES:
        for compared in COMPARISONS.values():
            for year, ending in (("", compared.now), ("_before", compared.before)):
                one = METRICS[name].each(year)
                one = one.filter(pl.col("same")) if compared.same else one
                sums.append(one.sum().cast(pl.Int64).alias(f"{name}{ending}"))
    sums += [(pl.col("change") == name).sum().cast(pl.Int64).alias(name) for name in CHANGES]
    return pairs.select(sums) if by is None else pairs.group_by(by, maintain_order=True).agg(sums)


def concentration(frame: pl.DataFrame, by: str | None = None, *, top: int = LARGEST) -> pl.DataFrame:
    """What the `top` largest enterprises of each of `AMOUNTS` hold of it: `by`, each amount, and `…_top` (yuan)."""
    sums = []
    for name in AMOUNTS:
        column = pl.col(name).fill_null(0)
        sums += [column.sum().cast(pl.Int64), column.top_k(top).sum().cast(pl.Int64).alias(f"{name}_top")]
    return frame.select(sums) if by is None else frame.group_by(by, maintain_order=True).agg(sums)


def difference(now: int, before: int) -> str:
    """The change in percent with its sign: +12.34%, −3.00%, 0.00%; — from nothing."""
    said = terms.share(now - before, before)
    return f"+{said}" if now > before and said != "—" else said.replace("-", "−")


def signed(change: int, written: str) -> str:
    """`written` (the size of `change`) with its sign."""
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{written}"


def reason(row: Mapping[str, Any], policy: Policy, policy_before: Policy) -> str:
    """Why the class of a row of `paired` is another than the year before: which line each year reached."""
    if row["change"] == "turned":
        return "软件收入与硬件收入的大小互换"
    size = row.get("size")
    was, now = _met(row["rule_branch_before"], policy_before, size), _met(row["rule_branch"], policy, size)
    return f"上年{was}；本年{now}"


def _met(branch: str | None, policy: Policy, size: str | None) -> str:
    """What decided a year, in words of its policy: the lines that are this size's own, none that is closed to it."""
    word = "达到" if policy.threshold_inclusive else "超过"
    core, line, related = (
        terms.percent(policy.core_line_bp(size)),
        f"{terms.wan(policy.core_ai_revenue)} 万元",
        terms.percent(policy.related_share_bp),
    )
    open_to = policy.small_core_by_revenue or size != "small"
    short = f"AI业务收入未{word} {line}" if open_to else "小微企业不适用AI收入线"
    return {
        "core_by_share": f"占比{word} {core}",
        "core_by_revenue": f"AI业务收入{word} {line}",
        "core_by_revenue_low_share": f"AI业务收入{word} {line}",
        "related": f"占比{word} {related}，未{word} {core}，{short}",
        "outside": f"占比未{word} {related}，{short}",
        "invalid": "收入有误，无法认定",
    }.get(branch or "", "没有收入数据")
