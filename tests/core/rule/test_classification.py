"""The statistics rule (DOMAIN, The statistics rule): every engine, every boundary, exact."""

import json
import re
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.terms import BASES, TIERS
from core.base.values import YUAN_LIMIT
from core.rule.classification import INPUTS, OUTPUTS, Inputs, Result, classify, explain
from core.rule.policy import Policy
from core.statistics.totals import totals
from data.rule import rule_cases

INT64_MAX = 2**63 - 1
Row = dict[str, Any]


# --- engines ---------------------------------------------------------------------------------------


def arrow(rows: list[Row]) -> pa.Table:
    """A table with an id first, a text column that is none of the rule's, the size, and the four amounts."""
    kinds = {"id": pa.int64(), "name": pa.string(), "size": pa.string(), **dict.fromkeys(INPUTS, pa.int64())}
    named = [
        {"id": at, "name": f"企业{at}", "size": row.get("size"), **{name: row[name] for name in INPUTS}}
        for at, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(named, schema=pa.schema(list(kinds.items())))


def _duckdb(rows: list[Row]) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_arrow(arrow(rows))


def _pandas(rows: list[Row]) -> pd.DataFrame:
    return arrow(rows).to_pandas(types_mapper=pd.ArrowDtype)


ENGINES: dict[str, tuple[Any, type, Any]] = {
    "polars": (lambda rows: pl.DataFrame(arrow(rows)), pl.DataFrame, lambda frame: frame.to_arrow()),
    "lazy": (lambda rows: pl.LazyFrame(arrow(rows)), pl.LazyFrame, lambda frame: frame.collect().to_arrow()),
    "duckdb": (_duckdb, duckdb.DuckDBPyRelation, lambda frame: frame.to_arrow_table()),
    "pyarrow": (arrow, pa.Table, lambda frame: frame),
    "pandas": (_pandas, pd.DataFrame, lambda frame: pa.Table.from_pandas(frame, preserve_index=False)),
}


def classified(engine: str, rows: list[Row], policy: Policy) -> list[Row]:
    make, _, back = ENGINES[engine]
    return sorted(back(classify(make(rows), policy)).to_pylist(), key=lambda row: row["id"])


# --- the rule, written a second time, in fractions ------------------------------------------------------


def by_hand(row: Row, policy: Policy) -> Row:
    total, ai = row["total_revenue"], row["ai_revenue"]
    software, hardware = row["software_revenue"] or 0, row["hardware_revenue"] or 0

    def over(amount: Fraction | int, line: Fraction | int) -> bool:
        return amount > line or (policy.threshold_inclusive and amount == line)

    def result(branch: str, tier: str, basis: str, weight: int, of: int, assumed: bool = False) -> Row:
        half_up = (Fraction(of * weight, 10_000) + Fraction(1, 2)).__floor__()
        return dict(zip(OUTPUTS, (tier, basis, weight, half_up, assumed, branch), strict=True))

    if total is None or ai is None:
        return result("missing", "undetermined", "none", 0, 0)
    if total <= 0 or ai < 0 or ai > total or total > YUAN_LIMIT:
        return result("invalid", "undetermined", "none", 0, 0)
    kind, weight = ("related_hardware", policy.related_hardware_weight_bp)
    small = row.get("size") == "small"
    core_line = policy.core_share_small_bp if small and policy.core_share_small_bp is not None else policy.core_share_bp
    if software > hardware or (software == hardware and policy.equal_kind == "software"):
        kind, weight = ("related_software", policy.related_software_weight_bp)
    share, assumed = Fraction(ai, total), software == hardware
    if over(share, Fraction(core_line, 10_000)):
        return result("core_by_share", "core", "core", policy.core_weight_bp, total)
    related = over(share, Fraction(policy.related_share_bp, 10_000))
    if over(ai, policy.core_ai_revenue) and not (small and not policy.small_core_by_revenue):
        if related:
            return result("core_by_revenue", "core", kind, weight, total, assumed)
        return {
            "related_weight": result("core_by_revenue_low_share", "core", kind, weight, total, assumed),
            "not_counted": result("core_by_revenue_low_share", "core", "none", 0, 0),
            "ai_revenue": result("core_by_revenue_low_share", "core", "ai_revenue", 10_000, ai),
        }[policy.low_share_core]
    if related:
        return result("related", kind, kind, weight, total, assumed)
    return result("outside", "outside", "none", 0, 0)


# --- strategies ----------------------------------------------------------------------------------------

bps = st.integers(0, 10_000)
policies = st.builds(
    Policy,
    core_share_bp=st.one_of(st.just(5000), bps),
    core_ai_revenue=st.one_of(st.just(20_000_000), st.integers(0, YUAN_LIMIT)),
    related_share_bp=st.one_of(st.just(2000), bps),
    core_weight_bp=bps,
    related_software_weight_bp=bps,
    related_hardware_weight_bp=bps,
    threshold_inclusive=st.booleans(),
    low_share_core=st.sampled_from(["related_weight", "not_counted", "ai_revenue"]),
    core_share_small_bp=st.one_of(st.none(), st.none(), bps),
    small_core_by_revenue=st.booleans(),
    equal_kind=st.sampled_from(["hardware", "software"]),
)
sizes = st.sampled_from(["small", "medium", "large", None])
edges = st.sampled_from(
    [
        0,
        1,
        -1,
        9_999,
        19_999_999,
        20_000_000,
        20_000_001,
        YUAN_LIMIT - 1,
        YUAN_LIMIT,
        YUAN_LIMIT + 1,
        INT64_MAX,
        -INT64_MAX - 1,
    ]
)
amounts = st.one_of(st.none(), edges, st.integers(-3, 3), st.integers(0, 10**9), st.integers(-INT64_MAX - 1, INT64_MAX))
sound = st.one_of(st.integers(1, 1000), st.integers(1, 10**9), st.integers(1, YUAN_LIMIT), st.just(YUAN_LIMIT))


@st.composite
def sound_rows(draw: st.DrawFn) -> Row:
    """Amounts that can be classified, the AI part often close to a line."""
    total = draw(sound)
    near = total * draw(st.sampled_from([2000, 5000])) // 10_000 + draw(st.integers(-1, 1))
    ai = min(max(draw(st.one_of(st.just(near), st.integers(0, total))), 0), total)
    software = draw(st.one_of(st.none(), st.integers(0, ai)))
    hardware = draw(st.one_of(st.none(), st.just(software), st.integers(0, ai)))
    return dict(zip(INPUTS, (total, ai, software, hardware), strict=True)) | {"size": draw(sizes)}


wild_rows = st.fixed_dictionaries({**dict.fromkeys(INPUTS, amounts), "size": sizes})
frames = st.lists(st.one_of(sound_rows(), sound_rows(), wild_rows), min_size=1, max_size=12)
quick = settings(max_examples=40, deadline=None)


# --- the cases -----------------------------------------------------------------------------------------

CASES = [case.row for case in rule_cases.CASES]


def amount(text: str) -> int | None:
    return int(text) if text else None


def test_there_are_cases() -> None:
    assert len(CASES) >= 35
    assert {case["directory_tier"] for case in CASES} == set(TIERS) - {"missing"}
    assert {case["counting_basis"] for case in CASES} == set(BASES)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=[case["note"] for case in CASES])
def test_each_case_is_decided_as_written_on_every_engine(case: dict[str, str], engine: str) -> None:
    policy = Policy(**json.loads(case["policy"] or "{}"))
    row = {name: amount(case[name]) for name in INPUTS}
    (result,) = classified(engine, [row], policy)
    assert {name: result[name] for name in OUTPUTS if name != "rule_branch"} == {
        "directory_tier": case["directory_tier"],
        "counting_basis": case["counting_basis"],
        "weight_bp": int(case["weight_bp"]),
        "counted_output": int(case["counted_output"]),
        "kind_assumed": case["kind_assumed"] == "true",
    }
    assert by_hand(row, policy) == {name: result[name] for name in OUTPUTS}


ALL_ROWS = [{name: amount(case[name]) for name in INPUTS} for case in CASES]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_kind_of_frame_comes_back_with_other_columns_untouched(engine: str) -> None:
    make, kind, back = ENGINES[engine]
    result = classify(make(ALL_ROWS), Policy())
    assert type(result) is kind
    written = back(result)
    assert written.column_names[:7] == ["id", "name", "size", *INPUTS]
    assert sorted(written.column_names[7:]) == sorted(OUTPUTS)
    given = sorted(written.select(["id", "name", "size", *INPUTS]).to_pylist(), key=lambda row: row["id"])
    assert given == arrow(ALL_ROWS).to_pylist()


@pytest.mark.parametrize("engine", ENGINES)
def test_added_columns_have_their_types_and_no_nulls(engine: str) -> None:
    make, _, back = ENGINES[engine]
    written = back(classify(make(ALL_ROWS), Policy()))
    kinds = {name: str(written.schema.field(name).type) for name in OUTPUTS}
    text = {"string", "large_string", "string_view"}
    assert {kinds.pop(name) for name in ("directory_tier", "counting_basis", "rule_branch")} <= text
    assert kinds == {"weight_bp": "int64", "counted_output": "int64", "kind_assumed": "bool"}
    assert [written.column(name).null_count for name in OUTPUTS] == [0] * len(OUTPUTS)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_frame_keeps_its_columns(engine: str) -> None:
    make, _, back = ENGINES[engine]
    written = back(classify(make([]), Policy()))
    assert written.num_rows == 0
    assert set(written.column_names) == {"id", "name", "size", *INPUTS, *OUTPUTS}


# --- properties ----------------------------------------------------------------------------------------


@given(frames, policies)
@settings(max_examples=80, deadline=None)
def test_every_result_equals_the_rule_in_fractions(rows: list[Row], policy: Policy) -> None:
    results = classified("polars", rows, policy)
    assert [{name: row[name] for name in OUTPUTS} for row in results] == [by_hand(row, policy) for row in rows]


@given(frames, policies)
@settings(max_examples=20, deadline=None)
def test_engines_agree_to_the_yuan(rows: list[Row], policy: Policy) -> None:
    expected = classified("polars", rows, policy)
    for engine in ENGINES:
        assert classified(engine, rows, policy) == expected, engine


@given(frames, policies)
@quick
def test_each_enterprise_has_exactly_one_class(rows: list[Row], policy: Policy) -> None:
    results = classified("polars", rows, policy)
    assert len(results) == len(rows)
    assert all(row["directory_tier"] in TIERS and row["counting_basis"] in BASES for row in results)
    (counts,) = totals(classify(pl.DataFrame(arrow(rows)), policy)).to_dicts()
    assert sum(counts[tier] for tier in TIERS) == counts["enterprises"] == len(rows)


@given(frames, policies)
@quick
def test_nothing_overflows_and_nobody_is_counted_beyond_the_revenue(rows: list[Row], policy: Policy) -> None:
    for row in classified("polars", rows, policy):
        if row["directory_tier"] == "undetermined":
            assert row["counted_output"] == 0
        else:
            assert 0 <= row["counted_output"] <= row["total_revenue"] <= YUAN_LIMIT


@given(frames, policies, bps)
@quick
def test_raising_the_core_share_line_adds_nobody_to_core_by_share(rows: list[Row], policy: Policy, bp: int) -> None:
    low, high = sorted((policy.core_share_bp, bp))
    before = classified("polars", rows, policy.scenario(core_share_bp=low))
    after = classified("polars", rows, policy.scenario(core_share_bp=high))
    for was, now in zip(before, after, strict=True):
        assert now["rule_branch"] != "core_by_share" or was["rule_branch"] == "core_by_share"
        assert now["directory_tier"] != "core" or was["directory_tier"] == "core"


@given(frames, policies, st.integers(0, YUAN_LIMIT))
@quick
def test_raising_the_revenue_line_adds_nobody_to_core(rows: list[Row], policy: Policy, line: int) -> None:
    low, high = sorted((policy.core_ai_revenue, line))
    before = classified("polars", rows, policy.scenario(core_ai_revenue=low))
    after = classified("polars", rows, policy.scenario(core_ai_revenue=high))
    for was, now in zip(before, after, strict=True):
        assert now["directory_tier"] != "core" or was["directory_tier"] == "core"


@given(frames, policies, bps)
@quick
def test_raising_the_related_line_lets_nobody_in(rows: list[Row], policy: Policy, bp: int) -> None:
    low, high = sorted((policy.related_share_bp, bp))
    before = classified("polars", rows, policy.scenario(related_share_bp=low))
    after = classified("polars", rows, policy.scenario(related_share_bp=high))
    for was, now in zip(before, after, strict=True):
        assert was["directory_tier"] != "outside" or now["directory_tier"] == "outside"
        assert (was["directory_tier"] == "core") == (now["directory_tier"] == "core")


@given(frames, policies)
@quick
def test_including_the_line_itself_takes_nobody_out(rows: list[Row], policy: Policy) -> None:
    strict = classified("polars", rows, policy.scenario(threshold_inclusive=False))
    inclusive = classified("polars", rows, policy.scenario(threshold_inclusive=True))
    for was, now in zip(strict, inclusive, strict=True):
        assert was["directory_tier"] != "core" or now["directory_tier"] == "core"
        assert was["directory_tier"] == "outside" or now["directory_tier"] != "outside"


@given(st.lists(st.tuples(sound_rows(), st.sampled_from(["江岸区", "洪山区", None])), min_size=1), policies)
@quick
def test_groups_sum_to_the_whole(pairs: list[tuple[Row, str | None]], policy: Policy) -> None:
    frame = classify(pl.DataFrame(arrow([row for row, _ in pairs])), policy)
    frame = frame.with_columns(district=pl.Series([name for _, name in pairs], dtype=pl.String))
    (whole,) = totals(frame).to_dicts()
    groups = totals(frame, "district")
    assert groups.height == len({name for _, name in pairs})
    assert {name: groups[name].sum() for name in whole} == whole
    assert whole["counted_output"] == sum(by_hand(row, policy)["counted_output"] for row, _ in pairs)


@given(st.integers(1, YUAN_LIMIT), bps, st.booleans(), st.integers(-1, 1))
@settings(max_examples=120, deadline=None)
def test_one_yuan_decides_at_the_core_share_line(total: int, bp: int, inclusive: bool, step: int) -> None:
    policy = Policy(core_share_bp=bp, core_ai_revenue=YUAN_LIMIT, threshold_inclusive=inclusive)
    line = Fraction(total * bp, 10_000)
    ai = line.__floor__() + step
    if not 0 <= ai <= total:
        return
    row = dict(zip(INPUTS, (total, ai, ai, 0), strict=True))
    crossed = ai > line or (inclusive and ai == line)
    assert (classified("polars", [row], policy)[0]["rule_branch"] == "core_by_share") == crossed


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("line", ["core_share_bp", "related_share_bp", "core_ai_revenue"])
def test_exactly_on_a_line_only_the_inclusive_reading_crosses_it(line: str, inclusive: bool, engine: str) -> None:
    """Totals in ten-thousands of yuan, so that every share line is a whole number of yuan."""
    rows, expected = [], []
    bp = {"core_share_bp": 5000, "related_share_bp": 2000, "core_ai_revenue": 1000}[line]
    policy = Policy(threshold_inclusive=inclusive)
    if line != "core_ai_revenue":
        policy = policy.scenario(core_ai_revenue=YUAN_LIMIT)
    for thousands in (1, 3, 7, 19_999, 123_457, YUAN_LIMIT // 10_000 - 1):
        exact = 20_000_000 if line == "core_ai_revenue" else thousands * bp
        total = 200_000_000 + thousands if line == "core_ai_revenue" else thousands * 10_000
        if total < exact:
            continue
        for step in (-1, 0, 1):
            rows.append(dict(zip(INPUTS, (min(total, YUAN_LIMIT), exact + step, exact, 0), strict=True)))
            expected.append(step > 0 or (inclusive and step == 0))
    branch = {
        "core_share_bp": {"core_by_share"},
        "related_share_bp": {"related"},
        "core_ai_revenue": {"core_by_revenue_low_share", "core_by_revenue", "core_by_share"},
    }[line]
    assert [row["rule_branch"] in branch for row in classified(engine, rows, policy)] == expected


def test_just_below_half_is_not_core_though_it_prints_close_to_it() -> None:
    row = dict(zip(INPUTS, (10_000_000, 4_999_600, 4_999_600, 0), strict=True))
    assert classified("polars", [row], Policy())[0]["directory_tier"] == "related_software"


# --- the derivation ------------------------------------------------------------------------------------

MET = {
    "missing": [False],
    "invalid": [False],
    "core_by_share": [True, True],
    "core_by_revenue": [True, False, True, True],
    "core_by_revenue_low_share": [True, False, True, False],
    "related": [True, False, False, True],
    "outside": [True, False, False, False],
}


@given(st.one_of(sound_rows(), wild_rows), policies)
@settings(max_examples=80, deadline=None)
def test_the_derivation_ends_where_classify_does(row: Row, policy: Policy) -> None:
    derivation = explain(row, policy)
    (same,) = classified("polars", [row], policy)
    assert asdict(derivation.result) == {name: same[name] for name in OUTPUTS}
    assert derivation.policy == policy
    if same["directory_tier"] == "undetermined":
        assert "无法认定" in derivation.conclusion
    else:
        assert f"{same['counted_output']:,} 元" in derivation.conclusion
        assert TIERS[same["directory_tier"]] in derivation.conclusion


@given(st.one_of(sound_rows(), wild_rows), policies)
@settings(max_examples=80, deadline=None)
def test_each_test_of_the_derivation_agrees_with_the_branch(row: Row, policy: Policy) -> None:
    derivation = explain(row, policy)
    met = [test.met for test in derivation.tests if test.met is not None]
    assert met == MET[derivation.result.rule_branch]
    decides_kind = derivation.result.counting_basis.startswith("related_")
    assert [test.name for test in derivation.tests if test.met is None] == ["软件或硬件"] * decides_kind
    assert all(test.clause for test in derivation.tests)


@given(st.one_of(sound_rows(), wild_rows), policies)
@settings(max_examples=80, deadline=None)
def test_the_derivation_names_the_numbers(row: Row, policy: Policy) -> None:
    derivation = explain(row, policy)
    total, ai = row["total_revenue"], row["ai_revenue"]
    for test in derivation.tests:
        if test.name == "软件或硬件":
            assert f"软件收入 {row['software_revenue'] or 0:,} 元" in test.sentence
            assert f"硬件收入 {row['hardware_revenue'] or 0:,} 元" in test.sentence
        else:
            assert ("AI业务收入 未填" if ai is None else f"AI业务收入 {ai:,} 元") in test.sentence
            if test.name != "核心企业AI收入线":
                assert ("总收入 未填" if total is None else f"总收入 {total:,} 元") in test.sentence
        if test.name == "核心企业AI收入线":
            assert f" {policy.core_ai_revenue:,} 元" in test.sentence
            (wan,) = re.findall(r"超过 ([\d,.]+) 万元", test.sentence)
            assert Decimal(wan.replace(",", "")) * 10_000 == policy.core_ai_revenue


@given(sound_rows(), policies)
@settings(max_examples=80, deadline=None)
def test_the_derivation_writes_lines_exactly_and_relations_truly(row: Row, policy: Policy) -> None:
    lines = {
        "核心企业占比线": policy.core_share_bp,
        "小微企业核心占比线": policy.core_share_small_bp,
        "相关企业占比线": policy.related_share_bp,
    }
    total, ai = row["total_revenue"], row["ai_revenue"]
    for test in explain(row, policy).tests:
        assert not re.search(r"\d[eE][+-]?\d|\d\.\d{5}|nan|None|inf", test.sentence)
        if test.name in lines:
            (line,) = re.findall(r"（＝([\d,.]+) 元）", test.sentence)
            exact = Fraction(total * lines[test.name], 10_000)
            assert Fraction(line.replace(",", "")) == exact
            assert ("＞" if ai > exact else "＝" if ai == exact else "＜") in test.sentence
            assert ("未" in test.sentence) == (not test.met)
            assert ("达到或超过" in test.sentence) == policy.threshold_inclusive


@pytest.mark.parametrize("inclusive", [False, True])
def test_exactly_on_a_line_the_derivation_says_equal_and_judges_by_the_reading(inclusive: bool) -> None:
    policy = Policy(threshold_inclusive=inclusive)
    for ai, total, at in ((5_000_000, 10_000_000, 1), (20_000_000, 80_000_000, 2), (2_000_000, 10_000_000, -1)):
        row = dict(zip(INPUTS, (total, ai, None, None), strict=True))
        tests = [test for test in explain(row, policy).tests if test.met is not None]
        assert "＝" in tests[at].sentence.split("（")[0]
        assert tests[at].met is inclusive


def test_a_trial_line_with_odd_yuan_is_written_whole() -> None:
    policy = Policy().scenario(core_ai_revenue=20_000_001)
    sentences = [test.sentence for test in explain(ALL_ROWS[4], policy).tests]
    assert any("超过 2,000.0001 万元" in sentence for sentence in sentences)


def test_small_enterprises_have_a_line_of_their_own_only_where_the_policy_says_so() -> None:
    """The city's rule of 2023: 小微 at 40 %; others at 30 %, or from 2000 万元 of AI revenue."""
    policy = Policy(core_share_bp=3000, core_share_small_bp=4000, small_core_by_revenue=False, threshold_inclusive=True)
    for size, total, ai, branch, line in (
        ("small", 100, 40, "core_by_share", "小微企业核心占比线"),
        ("small", 100, 39, "related", "小微企业不适用此线"),
        ("medium", 100, 30, "core_by_share", "核心企业占比线"),
        ("small", 100_000_000, 30_000_000, "related", "小微企业不适用此线"),
        ("large", 100_000_000, 20_000_000, "core_by_revenue", "2,000 万元"),
        (None, 100, 30, "core_by_share", "核心企业占比线"),
    ):
        row = dict(zip(INPUTS, (total, ai, None, None), strict=True)) | {"size": size}
        derivation = explain(row, policy)
        assert derivation.result.rule_branch == branch, row
        assert any(line in f"{test.name}{test.sentence}" for test in derivation.tests), row
    assert not Policy().by_size


def test_who_does_not_say_sizes_is_not_asked_for_them_unless_the_policy_does() -> None:
    frame = pl.DataFrame([dict.fromkeys(INPUTS, 1)], schema=dict.fromkeys(INPUTS, pl.Int64))
    assert classify(frame, Policy()).height == 1
    with pytest.raises(Exception, match="size"):
        classify(frame, Policy(core_share_small_bp=4000))


@given(st.one_of(sound_rows(), wild_rows), policies)
@settings(max_examples=20, deadline=None)
def test_a_row_is_read_by_its_columns_whatever_else_it_has(row: Row, policy: Policy) -> None:
    assert explain({**row, "name": "x", "year": 2025}, policy) == explain(Inputs.of(row), policy)
    assert tuple(asdict(Inputs())) == (*INPUTS, "size")
    assert tuple(Result.__dataclass_fields__) == OUTPUTS


def test_the_larger_kind_is_named_and_an_assumed_one_said_to_be() -> None:
    for software, hardware, words in (
        (2, 1, "软件收入较大"),
        (1, 2, "硬件收入较大"),
        (2, 2, "推定"),
        (None, None, "推定"),
    ):
        row = dict(zip(INPUTS, (10_000_000, 3_000_000, software, hardware), strict=True))
        assert words in explain(row, Policy()).tests[-1].sentence
    assert "按软件" in explain(row, Policy(equal_kind="software")).tests[-1].sentence
