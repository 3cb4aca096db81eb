"""The statistics rule as one Narwhals expression, and its derivation for one enterprise.

`classify` runs unchanged on Polars (eager, lazy), DuckDB relations, pandas, Arrow and PySpark.
Exact by construction: whole yuan times basis points, compared as 64-bit integers, never divided.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import Any, Final, NamedTuple, Self

import narwhals as nw
import polars as pl

from core.base import terms
from core.base.values import YUAN_LIMIT
from core.rule.policy import EQUAL_KIND, Policy, clause_of, clauses

INPUTS: Final = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
OUTPUTS: Final = ("directory_tier", "counting_basis", "weight_bp", "counted_output", "kind_assumed", "rule_branch")

#: Columns of the computation, dropped at its end.
_WORK: Final = ("_missing", "_sound", "_total", "_ai", "_by_share", "_by_revenue", "_related", "_kind", "_state")
#: What `_kind` says: the larger of software and hardware; assumed where they are equal or missing.
KINDS: Final = ("software", "hardware", "assumed")
#: A row's state is one number: 0 missing, 1 invalid, else 2 plus these for the tests it meets plus its kind.
SOUND: Final = 2
STEPS: Final = {"_by_share": 12, "_by_revenue": 6, "_related": 3}


class Outcome(NamedTuple):
    """What follows from a row's state."""

    directory_tier: str
    counting_basis: str
    weight_bp: int
    kind_assumed: bool
    rule_branch: str


def _outcome(by_share: bool, by_revenue: bool, related: bool, kind: str, policy: Policy) -> Outcome:
    """What follows when these tests are met."""
    if by_share:
        return Outcome("core", "core", policy.core_weight_bp, False, "core_by_share")
    if not (by_revenue or related):
        return Outcome("outside", "none", 0, False, "outside")
    counts_as = policy.equal_kind if kind == "assumed" else kind
    basis = f"related_{counts_as}"
    tier, branch = (
        ("core", "core_by_revenue" if related else "core_by_revenue_low_share") if by_revenue else (basis, "related")
    )
    if not related and policy.low_share_core == "not_counted":
        return Outcome(tier, "none", 0, False, branch)
    if not related and policy.low_share_core == "ai_revenue":
        return Outcome(tier, "ai_revenue", 10_000, False, branch)
    weight = policy.related_software_weight_bp if counts_as == "software" else policy.related_hardware_weight_bp
    return Outcome(tier, basis, weight, kind == "assumed", branch)


def outcomes(policy: Policy) -> list[Outcome]:
    """What follows from each state, by its number."""
    undetermined = [Outcome("undetermined", "none", 0, False, branch) for branch in ("missing", "invalid")]
    both = (False, True)
    return undetermined + [_outcome(*tests, policy=policy) for tests in product(both, both, both, KINDS)]


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


def _by_revenue(reached: nw.Expr, policy: Policy) -> nw.Expr:
    """Whether a row that has reached the revenue line is core by it: the line may not be open to 小微企业."""
    return reached if policy.small_core_by_revenue else reached & _case((_SMALL, False), otherwise=True)


def tested(native: Any, policy: Policy) -> Any:
    """Add the tests of the rule to a Narwhals frame: `_state`, and what it is made of (see `classify` for the columns).

    `_total` and `_ai` are 0 where the amounts cannot be classified (not `_sound`): nothing can overflow.
    """
    total, ai = nw.col("total_revenue"), nw.col("ai_revenue")

    missing = total.is_null() | ai.is_null()
    sound = ~missing & (total > 0) & (ai >= 0) & (ai <= total) & (total <= YUAN_LIMIT)
    native = native.with_columns(_missing=missing, _sound=_case((sound, True), otherwise=False))
    native = native.with_columns(
        _total=_case((nw.col("_sound"), total), otherwise=0).cast(nw.Int64),
        _ai=_case((nw.col("_sound"), ai), otherwise=0).cast(nw.Int64),
    )
    software, hardware = nw.col("software_revenue").fill_null(0), nw.col("hardware_revenue").fill_null(0)
    # The tests of the rule, each a column of its own; what follows only combines them.
    native = native.with_columns(
        _by_share=nw.col("_sound") & policy.share_meets(nw.col("_ai"), nw.col("_total"), _core_share(policy)),
        _by_revenue=_by_revenue(nw.col("_sound") & policy.meets(nw.col("_ai"), policy.core_ai_revenue), policy),
        _related=nw.col("_sound") & policy.share_meets(nw.col("_ai"), nw.col("_total"), policy.related_share_bp),
        _kind=_case((software > hardware, _small(0)), (software == hardware, _small(2)), otherwise=_small(1)),
    )
    state = nw.col("_kind") + _small(SOUND)
    for test, step in STEPS.items():
        state += _case((nw.col(test), _small(step)), otherwise=_small(0))
    return native.with_columns(
        _state=_case((nw.col("_sound"), state), (nw.col("_missing"), _small(0)), otherwise=_small(1)).cast(nw.Int8)
    )


def classify(frame: Any, policy: Policy) -> Any:
    """Add the class of each row to `frame` and return the same kind of frame.

    `frame`: int64 yuan columns total_revenue, ai_revenue, software_revenue, hardware_revenue of one
    calendar year (nulls allowed), and where `policy.by_size` the text column size; other columns pass through. Added: directory_tier 名录身份,
    counting_basis 统计口径, weight_bp, counted_output 纳入统计 (yuan, rounded half up), kind_assumed,
    rule_branch. Amounts above `YUAN_LIMIT` are undetermined. Source: 人工智能产业统计原则.
    """
    native, eager = nw.from_native(frame), isinstance(frame, pl.DataFrame)
    native = _with_outcomes(tested(native.lazy() if eager else native, policy), policy)
    counted = nw.col("_total")
    if policy.low_share_core == "ai_revenue":
        counted = _case((nw.col("counting_basis") == "ai_revenue", nw.col("_ai")), otherwise=counted)
    native = native.with_columns(counted_output=((counted * nw.col("weight_bp") + 5_000) // 10_000).cast(nw.Int64))
    result = native.drop(*_WORK).to_native()
    return result.collect() if eager else result


def mark_missing(classified: pl.DataFrame, ending: str = "") -> pl.DataFrame:
    """缺报 apart from 无法认定: of who has neither amount of the year the class is missing, whose figures are unusable stays undetermined.

    `classified`: the output of `classify`; `ending`: of its column of the class. The branch of the rule stays what it was.
    """
    none = pl.col("total_revenue").is_null() & pl.col("ai_revenue").is_null()
    tier = f"directory_tier{ending}"
    return classified.with_columns(pl.when(none).then(pl.lit("missing")).otherwise(pl.col(tier)).alias(tier))


def _small(number: int) -> nw.Expr:
    return nw.lit(number, nw.Int8)


def _with_outcomes(native: Any, policy: Policy) -> Any:
    """Add what follows from `_state`: looked up in the table of outcomes on Polars, as CASE over it on other engines."""
    columns = dict(zip(Outcome._fields, zip(*outcomes(policy), strict=True), strict=True))
    if native.implementation.is_polars():
        # Ten times as fast as a chain of conditions over text.
        looked_up = [pl.lit(pl.Series(values)).gather(pl.col("_state")).alias(name) for name, values in columns.items()]
        return nw.from_native(native.to_native().with_columns(looked_up))
    cases = {}
    for name, values in columns.items():
        *others, last = dict.fromkeys(values)
        arms = [
            (nw.col("_state").is_in([at for at, each in enumerate(values) if each == value]), value) for value in others
        ]
        cases[name] = _case(*arms, otherwise=last)
    return native.with_columns(**{**cases, "weight_bp": cases["weight_bp"].cast(nw.Int64)})


@dataclass(frozen=True)
class Test:
    """One test of the rule with its numbers: left side, line, whether it is met, and the clause."""

    __test__ = False  # pytest: not a test class

    name: str
    sentence: str
    met: bool | None
    clause: str


@dataclass(frozen=True)
class Inputs:
    """What the rule reads of one enterprise: its amounts in whole yuan (None: not filed), and its size where that is known."""

    total_revenue: int | None = None
    ai_revenue: int | None = None
    software_revenue: int | None = None
    hardware_revenue: int | None = None
    size: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row that has these columns among others."""
        return cls(**{each.name: row.get(each.name) for each in fields(cls)})


@dataclass(frozen=True)
class Result:
    """What `classify` says of one enterprise; whole yuan, basis points."""

    directory_tier: str
    counting_basis: str
    weight_bp: int
    counted_output: int
    kind_assumed: bool
    rule_branch: str


@dataclass(frozen=True)
class Derivation:
    """Why one enterprise is in its class: the tests in order, the result, the policy version."""

    tests: tuple[Test, ...]
    result: Result
    conclusion: str
    policy: Policy


def explain(row: Inputs | Mapping[str, Any], policy: Policy) -> Derivation:
    """Derive the class of one enterprise (yuan amounts as in `classify`) test by test.

    `row` (or one of a frame that has these columns) also says the size, which only a policy that tells sizes apart asks for. The result is computed by
    `classify` itself; the tests only say with which numbers.
    """
    given = row if isinstance(row, Inputs) else Inputs.of(row)
    frame = pl.DataFrame([asdict(given)], schema={**dict.fromkeys(INPUTS, pl.Int64), "size": pl.String})
    result = Result(**classify(frame, policy).select(OUTPUTS).row(0, named=True))
    total, ai, size = given.total_revenue, given.ai_revenue, given.size
    source = {name: clause_of(policy, name) for name in clauses()}
    word = "达到或超过" if policy.threshold_inclusive else "超过"
    tests: list[Test] = []

    def share_test(name: str, line_bp: int, clause: str) -> None:
        assert total is not None and ai is not None
        gap = ai * 10_000 - total * line_bp
        met = policy.share_meets(ai, total, line_bp)
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

    if result.rule_branch in ("missing", "invalid"):
        written = (
            f"{label} {'未填' if amount is None else f'{amount:,} 元'}"
            for label, amount in (("总收入", total), ("AI业务收入", ai))
        )
        problem = (
            "，".join(written)
            + {
                "missing": "：两项均须填写",
                "invalid": "：总收入须大于 0 且不超过 900 万亿元，AI业务收入须不小于 0 且不大于总收入",
            }[result.rule_branch]
        )
        tests.append(Test("数据可认定", problem, False, source["core_share_bp"]))
    else:
        assert total is not None and ai is not None
        tests.append(Test("数据可认定", f"总收入 {total:,} 元，AI业务收入 {ai:,} 元", True, "近1个自然年度"))
        own = size == "small" and policy.core_share_small_bp is not None
        name = "core_share_small_bp" if own else "core_share_bp"
        share_test("小微企业核心占比线" if own else "核心企业占比线", policy.core_line_bp(size), source[name])
        if result.rule_branch != "core_by_share":
            line = policy.core_ai_revenue
            met = policy.meets(ai, line)
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
        if result.counting_basis.startswith("related_"):
            software, hardware = given.software_revenue or 0, given.hardware_revenue or 0
            kind = "软件" if result.counting_basis == "related_software" else "硬件"
            why = f"两者相等或均未填，{EQUAL_KIND[policy.equal_kind]}推定" if result.kind_assumed else f"{kind}收入较大"
            tests.append(
                Test(
                    "软件或硬件",
                    f"软件收入 {software:,} 元，硬件收入 {hardware:,} 元：{why}",
                    None,
                    source["equal_kind" if result.kind_assumed else f"{result.counting_basis}_weight_bp"],
                )
            )
    return Derivation(tuple(tests), result, _conclusion(result), policy)


def _conclusion(result: Result) -> str:
    tier = terms.TIERS[result.directory_tier]
    if result.directory_tier == "undetermined":
        return "无法认定，纳入统计 0 元"
    basis = terms.BASES[result.counting_basis]
    return (
        f"名录身份：{tier}；统计口径：{basis}，计入比例 {terms.percent(result.weight_bp)}，"
        f"纳入统计 {result.counted_output:,} 元"
    )
