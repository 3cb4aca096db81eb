"""插补: a range by a stated rule, exact, never below what was reported, and nothing without missing respondents."""

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.terms import SIZES
from core.base.values import YUAN_LIMIT
from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy
from core.statistics import imputation
from core.statistics.imputation import BASE, FEWEST, LEAST_BP, LOOK_BACK, MOST_BP, growth, impute, sentence, span
from core.statistics.totals import totals

POLICY = Policy()
MILLION = 1_000_000


def pairs(*rows: tuple[str | None, int | None, int | None]) -> pl.DataFrame:
    schema = {"size": pl.String, "total_revenue": pl.Int64, "total_revenue_before": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def absent(*rows: tuple[str | None, int | None, int | None, int | None, int | None, int | None]) -> pl.DataFrame:
    """size, years, total, AI, software, hardware of those missing."""
    schema = {"size": pl.String} | dict.fromkeys(("years", *INPUTS), pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def observed(*rows: tuple[int | None, int | None]) -> dict[str, Any]:
    frame = pl.DataFrame(
        [
            {"total_revenue": total, "ai_revenue": ai, "software_revenue": ai, "hardware_revenue": None}
            for total, ai in rows
        ],
        schema=dict.fromkeys(INPUTS, pl.Int64),
    )
    return totals(classify(frame, POLICY)).row(0, named=True)


def test_the_quartile_is_the_nearest_rank_of_each_size_group_and_of_all() -> None:
    rows = [("small", MILLION * ten // 10, MILLION) for ten in (8, 11, 12, 13, 20)] + [("large", 5 * MILLION, MILLION)]
    # ceil(3 × 5 / 4) = 4th of 1.0, 1.1, 1.2, 1.3, 2.0; of all six the 5th of …, 2.0, 3.0.
    assert growth(pairs(*rows)) == {"": 20_000, "small": 13_000}


def test_growth_asks_for_a_base_and_for_both_years() -> None:
    rows = [("small", 3 * MILLION, BASE - 1)] * 9 + [("small", None, MILLION)] * 9 + [("small", 2 * MILLION, None)] * 9
    assert growth(pairs(*rows)) == {"": LEAST_BP}
    assert growth(pairs(*rows, *[("small", 2 * MILLION, BASE)] * (FEWEST - 1))) == {"": LEAST_BP}
    assert growth(pairs(*rows, *[("small", 2 * MILLION, BASE)] * FEWEST)) == {"": 20_000, "small": 20_000}


def test_a_shrinking_group_is_carried_unchanged() -> None:
    assert growth(pairs(*[("small", MILLION // 2, MILLION)] * 9)) == {"": LEAST_BP, "small": LEAST_BP}


def test_the_range_is_by_hand() -> None:
    missing = absent(
        ("small", 1, 30_000_000, 18_000_000, 18_000_000, 0),  # core by share: counted whole
        ("large", 2, 100_000_000, 19_000_000, 19_000_000, 0),  # outside; grown twice its AI revenue passes the line
        (None, None, None, None, None, None),
    )
    imputed = impute(missing, {"": 12_000, "large": 11_000}, POLICY)
    assert imputed["factor_bp"].to_list() == [12_000, 11_000, 12_000]
    assert imputed["core_carried"].to_list() == [1, 0, 0]
    assert imputed["core_grown"].to_list() == [1, 1, 0]
    assert imputed["counted_output_grown"].to_list() == [36_000_000, 60_500_000, 0]  # 121 million × 50 %
    assert imputed["ai_revenue_grown"].to_list() == [21_600_000, 22_990_000, 0]
    found = span(observed((10_000_000, 9_000_000)), imputed)
    assert (found.missing, found.unknown) == (3, 1)
    assert (found.core.observed, found.core.carried, found.core.high) == (1, 2, 3)
    assert (found.counted_output.observed, found.counted_output.carried, found.counted_output.high) == (
        10_000_000,
        40_000_000,
        106_500_000,
    )
    assert found.ai_revenue.high == 9_000_000 + 21_600_000 + 22_990_000
    assert sentence(found) == (
        "含缺报插补区间：核心企业 1–3 家（沿用 2），纳入统计 0.10–1.07 亿元（沿用 0.40），AI业务收入 0.09–0.54 亿元（沿用 0.46）；"
        "缺报 3 家，其中 1 家没有历史数，未插补。插补数不计入上列各数。"
    )


def test_nobody_missing_leaves_no_range_and_no_words() -> None:
    found = span(observed((10_000_000, 9_000_000)), impute(absent(), {"": 15_000}, POLICY))
    assert found.missing == 0
    assert found.core.observed == found.core.carried == found.core.high == 1
    assert sentence(found) == ""


amounts = st.one_of(st.integers(0, 10**9), st.integers(0, YUAN_LIMIT))
rows_missing = st.lists(
    st.tuples(
        st.sampled_from([*SIZES, None]),
        st.integers(1, LOOK_BACK),
        amounts,
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ).map(lambda row: (row[0], row[1], row[2], row[2] * row[3] // 10_000, row[2] * row[4] // 10_000, None)),
    max_size=8,
)
policies = st.builds(
    Policy,
    low_share_core=st.sampled_from(["related_weight", "not_counted", "ai_revenue"]),
    threshold_inclusive=st.booleans(),
)


@given(rows_missing, st.integers(LEAST_BP, MOST_BP), policies)
@settings(max_examples=150, deadline=None)
def test_the_range_holds_the_observed_and_the_carried_number(rows: list[Any], factor: int, policy: Policy) -> None:
    found = span(observed((10_000_000, 9_000_000)), impute(absent(*rows), {"": factor}, policy))
    for each in (found.core, found.counted_output, found.ai_revenue):
        assert each.observed <= each.carried <= each.high


@given(rows_missing, st.integers(LEAST_BP, MOST_BP))
@settings(max_examples=40, deadline=None)
def test_the_parts_of_a_range_sum_to_the_whole(rows: list[Any], factor: int) -> None:
    """By district or size: carried contributions of groups are those of all, because each is rounded by itself."""
    whole = impute(absent(*rows), {"": factor}, POLICY)
    one_by_one = [impute(absent(row), {"": factor}, POLICY) for row in rows]
    for name in ("core_carried", "counted_output_grown", "ai_revenue_grown"):
        assert whole[name].sum() == sum(each[name].sum() for each in one_by_one)


@given(amounts, st.integers(LEAST_BP, MOST_BP), st.integers(1, LOOK_BACK))
@settings(max_examples=200, deadline=None)
def test_growing_is_exact_within_64_bits(amount: int, factor: int, years: int) -> None:
    expected = amount
    for _ in range(years):
        expected = (expected * factor + 5_000) // 10_000
    if expected >= 2**63 // MOST_BP * 10_000:
        return
    found = impute(absent(("small", years, amount, amount, None, None)), {"": factor}, POLICY)
    assert found["ai_revenue_grown"].item() == expected


def test_the_method_names_its_own_numbers() -> None:
    assert (
        f"近 {LOOK_BACK} 年" in imputation.METHOD
        and "100 万元" in imputation.METHOD
        and f"不足 {FEWEST} 家" in imputation.METHOD
    )
