"""Two years of the same enterprises: growth in all and on the same sample (同口径), who came, went and moved, and why.

Sums and counts only; shares are made of them where they are shown. Missing amounts count as 0 in all, and keep an
enterprise out of the same sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from core.base import terms
from core.rule.classification import OUTPUTS, classify, mark_missing
from core.rule.policy import Policy
from core.statistics.metrics import COMPARISONS, LARGEST, METRICS

#: How an enterprise stands in the directory (core and related) against the year before, both by this year's policy; who
#: stayed has none of these. What a policy alone has changed is neither an upgrade nor an exit.
CHANGES: Final = {
    "entered": "新增",
    "left": "退出",
    "up": "升级",
    "down": "降级",
    "turned": "软硬转类",
    "missing": "缺报",
    "ruled": "口径调整",
}
MEANING: Final = {
    "entered": "上年不是核心或相关企业，本年是",
    "left": "上年是核心或相关企业，本年有全年数而不是",
    "up": "由相关企业成为核心企业",
    "down": "由核心企业成为相关企业",
    "turned": "仍是相关企业，软件、硬件之分改变",
    "missing": "上年是核心或相关企业，本年还没有全年数，不作退出",
    "ruled": "按本年口径，上年与本年身份相同，与上年公布的身份不同只因口径改变",
}
#: What growth is said of: the amounts in yuan, and enterprises of a tier.
AMOUNTS: Final = ("ai_revenue", "total_revenue", "counted_output")
MEASURES: Final = (*AMOUNTS, *terms.TIERS)
#: The directory lists who is core or related; everybody else stands outside of it.
_RANK: Final = {"related_software": 1, "related_hardware": 1, "core": 2}
_UNKNOWN: Final = ("undetermined", "missing")
_OF_YEAR: Final = ("directory_tier", "rule_branch", *AMOUNTS)
_LEFT: Final = {"moved": "已调整到其他区属", "merged": "已并入其他企业", "revoked": "已撤销入库"}
_WHO: Final = ("name", "district", "size", "layer", "segments")


@dataclass(frozen=True)
class Registers:
    """Who stood where, enterprise_ids. `here`: those of last year's register that the selection held then (None: all of it).

    `standing`: those of this year's whole register, by which who left is told from who moved (None: those of this year's
    selection). `merged`: enterprise_id, into_id of who stands no more: its figures of the year before are added to the base of its successor.
    """

    here: pl.Series | None = None
    standing: pl.Series | None = None
    merged: pl.DataFrame | None = None


_AS_GIVEN: Final = Registers()


def paired(
    now: pl.DataFrame, before: pl.DataFrame, policy: Policy | None = None, registers: Registers = _AS_GIVEN
) -> pl.DataFrame:
    """One row for each enterprise of `now`, then for each that stood in the selection the year before and is not of `now`.

    Both: columns of `core.rule.classification.classify` with enterprise_id. `before`: the whole register of the year before,
    each by the policy it was published by; `policy`: this year's, by which that year is counted once more (None: the same).

    Columns: those of `now`, null but for name, district, size, layer and segments for who has left; with the year before as
    it was published (`…_before`, null where it was not of the selection) and by this year's policy, predecessors included
    (`…_ruled`; amounts of predecessors alone `…_absorbed`); `same`: a class in both years; `arrived`: it was known the year
    before and was not of the selection; `leaving`: moved, merged, revoked, null for who stands; `change`: a key of `CHANGES`, null where
    nothing changed: by one policy, except for what the policy alone has changed.
    """
    here, standing, merged = registers.here, registers.standing, registers.merged
    said = before.select("enterprise_id", *(pl.col(name).alias(f"{name}_before") for name in _OF_YEAR))
    ruled = before if policy is None else mark_missing(classify(before.drop(OUTPUTS), policy))
    one = ruled.select("enterprise_id", *(pl.col(name).alias(f"{name}_ruled") for name in _OF_YEAR))
    into = merged if merged is not None else pl.DataFrame(schema=dict.fromkeys(("enterprise_id", "into_id"), pl.String))
    absorbed = (
        into.join(one, on="enterprise_id")
        .filter(pl.col("into_id").is_in(now["enterprise_id"].implode()))
        .group_by(enterprise_id="into_id")
        .agg(
            *(pl.col(f"{name}_ruled").sum().cast(pl.Int64).alias(f"{name}_absorbed") for name in AMOUNTS),
            (~pl.col("directory_tier_ruled").is_in(_UNKNOWN)).any().alias("_known"),
        )
    )
    present = now.join(said.join(one, on="enterprise_id"), on="enterprise_id", how="left", maintain_order="left")
    held = present["enterprise_id"].is_in((before["enterprise_id"] if here is None else here).implode())
    known_before = pl.col("directory_tier_ruled").is_not_null()
    present = present.with_columns(arrived=known_before & ~held, leaving=pl.lit(None, pl.String)).with_columns(
        pl.when(held).then(pl.col(f"{name}_before")).alias(f"{name}_before") for name in _OF_YEAR
    )
    gone = before.join(now, on="enterprise_id", how="anti")
    gone = gone if here is None else gone.filter(pl.col("enterprise_id").is_in(here.implode()))
    where = pl.col("enterprise_id").is_in((now["enterprise_id"] if standing is None else standing).implode())
    gone = (
        gone.select("enterprise_id", *(name for name in _WHO if name in before.columns and name in now.columns))
        .join(said.join(one, on="enterprise_id"), on="enterprise_id", maintain_order="left")
        .with_columns(
            arrived=pl.lit(False),
            leaving=pl.when(where)
            .then(pl.lit("moved"))
            .when(pl.col("enterprise_id").is_in(into["enterprise_id"].implode()))
            .then(pl.lit("merged"))
            .otherwise(pl.lit("revoked")),
        )
    )
    frame = pl.concat([present, gone], how="diagonal").join(
        absorbed, on="enterprise_id", how="left", maintain_order="left"
    )
    frame = frame.with_columns(pl.col(f"{name}_absorbed").fill_null(0) for name in AMOUNTS).with_columns(
        # Nothing of its own and nothing absorbed stays nothing.
        pl.when(pl.col("_known").is_not_null())
        .then(pl.col(f"{name}_ruled").fill_null(0) + pl.col(f"{name}_absorbed"))
        .otherwise(pl.col(f"{name}_ruled"))
        .alias(f"{name}_ruled")
        for name in AMOUNTS
    )
    tiers = ("directory_tier", "directory_tier_ruled")
    rank, former = (pl.col(name).replace_strict(_RANK, default=0, return_dtype=pl.Int8) for name in tiers)
    known, before_known = (pl.col(name).is_not_null() & ~pl.col(name).is_in(_UNKNOWN) for name in tiers)
    change = (
        pl.when(pl.col("leaving") == "moved")
        .then(None)
        .when((rank > 0) & (former == 0))
        .then(pl.lit("entered"))
        .when((former > 0) & (pl.col("directory_tier") == "missing"))
        .then(pl.lit("missing"))
        .when((rank == 0) & (former > 0))
        .then(pl.lit("left"))
        .when(rank > former)
        .then(pl.lit("up"))
        .when(rank < former)
        .then(pl.lit("down"))
        .when((rank > 0) & (pl.col(tiers[0]) != pl.col(tiers[1])))
        .then(pl.lit("turned"))
        .when(pl.col("directory_tier_before") != pl.col("directory_tier_ruled"))
        .then(pl.lit("ruled"))
    )
    same = known & (before_known | pl.col("_known").fill_null(False))
    return frame.with_columns(same=same, change=change).drop("_known")


def growth(pairs: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """Sums over `paired`, one row per value of `by` (or a single row).

    Columns: `by`; same (enterprises of the same sample); for each of `MEASURES` its sum or count now, `…_before`,
    `…_same` and `…_same_before` (on the same sample); how many for each of `CHANGES` but 缺报, which is `missing` by itself
    (`missing_listed`: of those in the directory the year before); and `reported_before`: yuan of last year's 纳入统计 whose
    enterprises have reported this year.
    """
    sums = [pl.col("same").sum().cast(pl.Int64)]
    for name in MEASURES:
        for compared in COMPARISONS.values():
            # The same sample is counted by one policy in both years; all, as each year was published.
            then = "_ruled" if compared.same else "_before"
            for year, ending in (("", compared.now), (then, compared.before)):
                one = METRICS[name].each(year)
                one = one.filter(pl.col("same")) if compared.same else one
                sums.append(one.sum().cast(pl.Int64).alias(f"{name}{ending}"))
    sums += [(pl.col("change") == name).sum().cast(pl.Int64).alias(counted_as(name)) for name in CHANGES]
    reported = METRICS["counted_output"].each("_before").filter(pl.col("directory_tier").ne_missing("missing"))
    sums.append(reported.sum().cast(pl.Int64).alias("reported_before"))
    return pairs.select(sums) if by is None else pairs.group_by(by, maintain_order=True).agg(sums)


def counted_as(change: str) -> str:
    """The column of `growth` that counts a change: 缺报 is a class, too, and holds more than those of the year before."""
    return "missing_listed" if change == "missing" else change


def complete(row: Mapping[str, int], least: int) -> bool:
    """Whether at least `least` percent of last year's 纳入统计 has reported: else 较上年 of all would be a fall that is none.

    `row`: of `growth`.
    """
    return row["reported_before"] * 100 >= row["counted_output_before"] * least


def incomplete_words(row: Mapping[str, int], least: int) -> str:
    """Why 较上年 is not shown; "" where it is."""
    if complete(row, least):
        return ""
    said = terms.share(row["reported_before"], row["counted_output_before"])
    return f"上年{METRICS['counted_output'].label}中，本年已报企业只占 {said}，不足 {least}%，不作“{COMPARISONS['all'].label}”，只作“{COMPARISONS['same'].label}”。"


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
    """Why the class of a row of `paired` is another than the year before: which line each year reached, by this year's policy."""
    if row["change"] == "turned":
        return "软件收入与硬件收入的大小互换"
    size = row.get("size")
    was = _met(row["rule_branch_ruled"], policy, size)
    if row["change"] == "ruled":
        return f"上年公布时{_met(row['rule_branch_before'], policy_before, size)}；按本年口径{was}"
    if row.get("leaving"):
        return f"上年{was}；{_LEFT[row['leaving']]}"
    return f"上年{was}；本年{_met(row['rule_branch'], policy, size)}"


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
