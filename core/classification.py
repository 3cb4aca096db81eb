"""The statistics rule as one Narwhals expression, and its derivation for one enterprise.

`classify` runs unchanged on Polars (eager, lazy), DuckDB relations, pandas, Arrow and PySpark.
Exact by construction: whole yuan times basis points, compared as 64-bit integers, never divided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from core import terms
from core.policy import EQUAL_KIND, YUAN_LIMIT, Policy, clause_of, clauses

INPUTS: Final = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
OUTPUTS: Final = (
    "directory_tier", "counting_basis", "weight_bp", "counted_output", "kind_assumed", "rule_branch",
)  # fmt: skip

#: Columns of the computation, dropped at its end.
_WORK: Final = (
    "_missing", "_sound", "_total", "_ai", "_software", "_hardware", "_by_share", "_by_revenue", "_related",
    "_is_software", "_same", "_low_ai", "_software_counted", "_hardware_counted", "_counted",
)  # fmt: skip


def _case(*arms: tuple[nw.Expr, Any], otherwise: Any) -> nw.Expr:
    """First true condition wins, like SQL CASE; a null condition counts as false."""
    result = otherwise if isinstance(otherwise, nw.Expr) else nw.lit(otherwise)
    for condition, value in reversed(arms):
        then = value if isinstance(value, nw.Expr) else nw.lit(value)
        result = nw.when(condition).then(then).otherwise(result)
    return result


_SMALL: Final = nw.col("size") == "small"


def _core_share(policy: Policy) -> nw.Expr | int:
    """核心企业占比线 of each row, in basis points: one for all, or another for 小微企业."""
    own = policy.core_share_small_bp
    return policy.core_share_bp if own is None else _case((_SMALL, own), otherwise=policy.core_share_bp).cast(nw.Int64)


def _open_to_revenue(policy: Policy) -> nw.Expr:
    """Whether the revenue line is open to the row."""
    return nw.lit(True) if policy.small_core_by_revenue else _case((_SMALL, False), otherwise=True)


def classify(frame: Any, policy: Policy) -> Any:
    """Add the class of each row to `frame` and return the same kind of frame.

    `frame`: int64 yuan columns total_revenue, ai_revenue, software_revenue, hardware_revenue of one
    calendar year (nulls allowed), and where `policy.by_size` the text column size; other columns pass through. Added: directory_tier 名录身份,
    counting_basis 统计口径, weight_bp, counted_output 纳入统计 (yuan, rounded half up), kind_assumed,
    rule_branch. Amounts above `YUAN_LIMIT` are undetermined. Source: 人工智能产业统计原则.
    """
    total, ai = nw.col("total_revenue"), nw.col("ai_revenue")

    def above(amount: nw.Expr, line: nw.Expr | int) -> nw.Expr:
        return amount >= line if policy.threshold_inclusive else amount > line

    # Undetermined amounts become 0 before any multiplication, so nothing can overflow.
    missing = total.is_null() | ai.is_null()
    sound = ~missing & (total > 0) & (ai >= 0) & (ai <= total) & (total <= YUAN_LIMIT)
    native = nw.from_native(frame).with_columns(_missing=missing, _sound=_case((sound, True), otherwise=False))
    native = native.with_columns(
        _total=_case((nw.col("_sound"), total), otherwise=0).cast(nw.Int64),
        _ai=_case((nw.col("_sound"), ai), otherwise=0).cast(nw.Int64),
        _software=nw.col("software_revenue").fill_null(0),
        _hardware=nw.col("hardware_revenue").fill_null(0),
    )
    # The tests of the rule, each a column of its own; what follows only combines them.
    native = native.with_columns(
        _by_share=nw.col("_sound") & above(nw.col("_ai") * 10_000, nw.col("_total") * _core_share(policy)),
        _by_revenue=nw.col("_sound") & above(nw.col("_ai"), policy.core_ai_revenue) & _open_to_revenue(policy),
        _related=nw.col("_sound") & above(nw.col("_ai") * 10_000, nw.col("_total") * policy.related_share_bp),
        _is_software=(nw.col("_software") > nw.col("_hardware"))
        | ((nw.col("_software") == nw.col("_hardware")) & nw.lit(policy.equal_kind == "software")),
        _same=nw.col("_software") == nw.col("_hardware"),
    )
    by_share, by_revenue, related = nw.col("_by_share"), nw.col("_by_revenue"), nw.col("_related")
    counts_low = policy.low_share_core == "related_weight"
    low = by_revenue & ~related
    uses_kind = ~by_share & ((related | by_revenue) if counts_low else related)
    native = native.with_columns(
        _low_ai=low & ~by_share & nw.lit(policy.low_share_core == "ai_revenue"),
        _software_counted=uses_kind & nw.col("_is_software"),
        _hardware_counted=uses_kind & ~nw.col("_is_software"),
    )
    software, hardware, low_ai = nw.col("_software_counted"), nw.col("_hardware_counted"), nw.col("_low_ai")
    native = native.with_columns(
        rule_branch=_case(
            (by_share, "core_by_share"),
            (by_revenue & related, "core_by_revenue"),
            (by_revenue, "core_by_revenue_low_share"),
            (related, "related"),
            (nw.col("_sound"), "outside"),
            (nw.col("_missing"), "missing"),
            otherwise="invalid",
        ),
        directory_tier=_case(
            (by_share | by_revenue, "core"),
            (software, "related_software"),
            (hardware, "related_hardware"),
            (nw.col("_sound"), "outside"),
            otherwise="undetermined",
        ),
        counting_basis=_case(
            (by_share, "core"),
            (software, "related_software"),
            (hardware, "related_hardware"),
            (low_ai, "ai_revenue"),
            otherwise="none",
        ),
        kind_assumed=(software | hardware) & nw.col("_same"),
        weight_bp=_case(
            (by_share, policy.core_weight_bp),
            (software, policy.related_software_weight_bp),
            (hardware, policy.related_hardware_weight_bp),
            (low_ai, 10_000),
            otherwise=0,
        ).cast(nw.Int64),
        _counted=_case((low_ai, nw.col("_ai")), otherwise=nw.col("_total")),
    )
    native = native.with_columns(
        counted_output=((nw.col("_counted") * nw.col("weight_bp") + 5_000) // 10_000).cast(nw.Int64)
    )
    return native.drop(*_WORK).to_native()


@dataclass(frozen=True)
class Test:
    """One test of the rule with its numbers: left side, line, whether it is met, and the clause."""

    __test__ = False  # pytest: not a test class

    name: str
    sentence: str
    met: bool | None
    clause: str


@dataclass(frozen=True)
class Derivation:
    """Why one enterprise is in its class: the tests in order, the result, the policy version."""

    tests: tuple[Test, ...]
    result: dict[str, Any]
    conclusion: str
    policy: Policy


def explain(row: Mapping[str, Any], policy: Policy) -> Derivation:
    """Derive the class of one enterprise (yuan amounts as in `classify`) test by test.

    `row` also says the size, which only a policy that tells sizes apart asks for. The result is computed by
    `classify` itself; the tests only say with which numbers.
    """
    amounts, size = {name: row.get(name) for name in INPUTS}, row.get("size")
    frame = pl.DataFrame([{**amounts, "size": size}], schema={**dict.fromkeys(INPUTS, pl.Int64), "size": pl.String})
    result = classify(frame, policy).row(0, named=True)
    total, ai = amounts["total_revenue"], amounts["ai_revenue"]
    source = {name: clause_of(policy, name) for name in clauses()}
    word = "达到或超过" if policy.threshold_inclusive else "超过"
    tests: list[Test] = []

    def share_test(name: str, line_bp: int, clause: str) -> None:
        assert total is not None and ai is not None
        gap = ai * 10_000 - total * line_bp
        met = gap >= 0 if policy.threshold_inclusive else gap > 0
        relation = "＞" if gap > 0 else "＝" if gap == 0 else "＜"
        tests.append(
            Test(
                name,
                f"AI业务收入 {ai:,} 元 {relation} 总收入 {total:,} 元 × {terms.percent(line_bp)}"
                f"（＝{terms.exact_share(total, line_bp)} 元），{'' if met else '未'}{word} {terms.percent(line_bp)}",
                met,
                clause,
            )
        )

    if result["rule_branch"] in ("missing", "invalid"):
        written = (
            f"{label} {'未填' if amount is None else f'{amount:,} 元'}"
            for label, amount in (("总收入", total), ("AI业务收入", ai))
        )
        problem = "，".join(written) + {
            "missing": "：两项均须填写",
            "invalid": "：总收入须大于 0 且不超过 900 万亿元，AI业务收入须不小于 0 且不大于总收入",
        }[result["rule_branch"]]
        tests.append(Test("数据可认定", problem, False, source["core_share_bp"]))
    else:
        assert total is not None and ai is not None
        tests.append(Test("数据可认定", f"总收入 {total:,} 元，AI业务收入 {ai:,} 元", True, "近1个自然年度"))
        own = size == "small" and policy.core_share_small_bp is not None
        name = "core_share_small_bp" if own else "core_share_bp"
        share_test("小微企业核心占比线" if own else "核心企业占比线", policy.core_line_bp(size), source[name])
        if result["rule_branch"] != "core_by_share":
            line = policy.core_ai_revenue
            met = ai >= line if policy.threshold_inclusive else ai > line
            relation = "＞" if ai > line else "＝" if ai == line else "＜"
            closed = not policy.small_core_by_revenue and size == "small"
            tests.append(
                Test(
                    "核心企业AI收入线",
                    f"AI业务收入 {ai:,} 元 {relation} {line:,} 元，{'' if met else '未'}{word} {terms.wan(line)} 万元"
                    + ("；小微企业不适用此线" if closed else ""),
                    met and not closed,
                    source["small_core_by_revenue" if closed else "core_ai_revenue"],
                )
            )
            share_test("相关企业占比线", policy.related_share_bp, source["related_share_bp"])
        if result["counting_basis"].startswith("related_"):
            software, hardware = amounts["software_revenue"] or 0, amounts["hardware_revenue"] or 0
            kind = "软件" if result["counting_basis"] == "related_software" else "硬件"
            why = f"两者相等或均未填，{EQUAL_KIND[policy.equal_kind]}推定" if result["kind_assumed"] else f"{kind}收入较大"
            tests.append(
                Test(
                    "软件或硬件",
                    f"软件收入 {software:,} 元，硬件收入 {hardware:,} 元：{why}",
                    None,
                    source["equal_kind" if result["kind_assumed"] else f"{result['counting_basis']}_weight_bp"],
                )
            )
    return Derivation(tuple(tests), result, _conclusion(result), policy)


def _conclusion(result: Mapping[str, Any]) -> str:
    tier = terms.TIERS[result["directory_tier"]]
    if result["directory_tier"] == "undetermined":
        return "无法认定，纳入统计 0 元"
    basis = terms.BASES[result["counting_basis"]]
    return (
        f"名录身份：{tier}；统计口径：{basis}，计入比例 {terms.percent(result['weight_bp'])}，"
        f"纳入统计 {result['counted_output']:,} 元"
    )
