"""数据质量: what is missing, doubtful or old in the data of a year, enterprise by enterprise, and where the numbers stand.

The doubts are those of 审核关系 (core.filing.checks), asked again of what was admitted, as expressions over all enterprises at once.
"""

from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from core.base.terms import SEVERITIES
from core.filing.check_rules import RULES, SLIP_FACTORS, SLIP_WITHIN, SUSPECT_PER_HEAD, changed_much
from core.filing.model import IP_KINDS
from core.filing.size_rule import computed_size


@dataclass(frozen=True)
class Issue:
    """`group`: a key of `GROUPS`. `rule`: when it is found. `explainable`: the filer may have said why."""

    group: str
    label: str
    rule: str
    explainable: bool = False


def _of_check(code: str) -> Issue:
    """A check of a filing asked again: grouped by its severity, and explained by the filer where it asks for that."""
    rule = RULES[code]
    return Issue(rule.severity, rule.label, rule.rule, rule.severity == "explain")


def _missing(code: str) -> Issue:
    """A check that finds something missing stands among the missing."""
    return replace(_of_check(code), group="missing")


ISSUES: Final = {
    "report_missing": Issue("missing", "缺报", "没有本年度全年的总收入和AI业务收入"),
    "kind_missing": _missing("kind_missing"),
    "assets_missing": Issue("missing", "资产总额未填", "选填项；部分行业核对企业规模时需要"),
    "rights_unlisted": _missing("ip_under_count"),
    "people_missing": Issue("missing", "没有本年度人员与知识产权", "本年度的填报尚未入库，人才与知识产权没有本年度数"),
    "invalid": Issue(
        "class", "收入缺项或有误，无法认定", "总收入、AI业务收入缺一项，总收入不大于 0，或AI业务收入为负、大于总收入"
    ),
    "kind_assumed": Issue("class", "按硬件推定", "软件收入与硬件收入相等或均未填，按计入比例较低的硬件计"),
    **{
        code: _of_check(code)
        for code in ("parts_differ", "unit_slip", "per_head", "year_on_year", "size_differs", "share_crossed")
    },
    "stale": Issue("age", "数据陈旧", "最近一次入库的填报早于本年度"),
    "corrected": Issue("age", "经主管部门更正", "本年度的填报入库后由主管部门更正过"),
}
#: Groups of issues; doubts are grouped by the severity of their check.
GROUPS: Final = {"missing": "缺失", **SEVERITIES, "class": "认定", "age": "时效与更正"}


def _slipped(now: pl.Expr, then: pl.Expr) -> pl.Expr:
    """As core.filing.checks: apart by one of the factors of a slip, or about so. Kept within 64 bits."""

    def about(large: pl.Expr, small: pl.Expr, factor: int) -> pl.Expr:
        most = SLIP_WITHIN * factor
        return (small * factor <= SLIP_WITHIN * large) & ((large + most - 1) // most <= small)

    either = [about(*pair, factor) for factor in SLIP_FACTORS for pair in ((now, then), (then, now))]
    return (now > 0) & (then > 0) & pl.any_horizontal(either)


def judged(frame: pl.DataFrame, year: int) -> pl.DataFrame:
    """Add a true-or-false column for every code of `ISSUES`, and `computed` (企业规模 as computed).

    `frame`: classified enterprises of `year` with `…_before` amounts of the year before, filed_size (as declared for this year), industry,
    total_assets, insured_staff, ip_count, listed rights, `filed` (counts are of this year), `filed_year` (of the newest admission),
    `explained` (codes that the filer has explained) and `corrections` (how many).
    """
    total, ai = pl.col("total_revenue"), pl.col("ai_revenue")
    software, hardware = pl.col("software_revenue"), pl.col("hardware_revenue")
    pairs = [(pl.col(name), pl.col(f"{name}_before")) for name in ("total_revenue", "ai_revenue")]
    listed = pl.sum_horizontal(f"ip_{kind}" for kind in IP_KINDS)
    frame = frame.with_columns(
        computed=computed_size(
            industry="industry", employees="insured_staff", revenue="total_revenue", assets="total_assets"
        )
    )
    found = {
        "report_missing": total.is_null() & ai.is_null(),
        "kind_missing": (ai > 0) & software.is_null() & hardware.is_null(),
        "assets_missing": pl.col("filed") & pl.col("total_assets").is_null(),
        "rights_unlisted": listed < pl.col("ip_count"),
        "people_missing": ~pl.col("filed"),
        "invalid": pl.col("rule_branch").is_in(["missing", "invalid"]) & ~(total.is_null() & ai.is_null()),
        "kind_assumed": pl.col("kind_assumed"),
        "parts_differ": (software.is_not_null() | hardware.is_not_null())
        & (software.fill_null(0) + hardware.fill_null(0) != ai),
        "unit_slip": pl.any_horizontal(_slipped(*pair).fill_null(False) for pair in pairs),
        "per_head": (pl.col("insured_staff") > 0) & (total > pl.col("insured_staff") * SUSPECT_PER_HEAD),
        "year_on_year": pl.any_horizontal((changed_much(*pair) & ~_slipped(*pair)).fill_null(False) for pair in pairs),
        "size_differs": pl.col("computed") != pl.col("filed_size"),
        "share_crossed": pl.col("explained").list.contains("share_crossed"),
        "stale": pl.col("filed_year") < year,
        "corrected": pl.col("corrections") > 0,
    }
    assert list(found) == list(ISSUES), "every issue has its test"
    return frame.with_columns(test.fill_null(False).alias(code) for code, test in found.items())


def counts(frame: pl.DataFrame) -> pl.DataFrame:
    """code, found, explained (null where no filer is asked), of: how many enterprises each issue concerns; one row per issue."""
    explained = pl.col("explained")
    whole = frame.select(
        *(pl.col(code).sum().cast(pl.Int64).alias(code) for code in ISSUES),
        *(
            (pl.col(code) & explained.list.contains(code).fill_null(False))
            .sum()
            .cast(pl.Int64)
            .alias(f"{code}.explained")
            for code in ISSUES
        ),
    ).row(0, named=True)
    return pl.DataFrame(
        {
            "code": list(ISSUES),
            "found": [whole[code] for code in ISSUES],
            "explained": [whole[f"{code}.explained"] if issue.explainable else None for code, issue in ISSUES.items()],
        },
        schema={"code": pl.String, "found": pl.Int64, "explained": pl.Int64},
    )


def ages(frame: pl.DataFrame) -> pl.DataFrame:
    """filed_year, enterprises: of which round's year the newest admission is; newest first."""
    return (
        frame.group_by("filed_year")
        .agg(pl.len().cast(pl.Int64).alias("enterprises"))
        .sort("filed_year", descending=True, nulls_last=True)
    )
