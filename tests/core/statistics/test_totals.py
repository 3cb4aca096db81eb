"""Sums, single quarters, and exact numbers on their way to the screen."""

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base import terms
from core.base.values import YUAN_LIMIT
from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy
from core.statistics.totals import single_quarters, totals, whole

EXACT = Context(prec=60)
amounts = st.one_of(st.integers(0, 10**6), st.integers(-YUAN_LIMIT, YUAN_LIMIT), st.just(YUAN_LIMIT))
thorough = settings(max_examples=200, deadline=None)


def frame(*rows: tuple[str | None, int | None, int | None, int | None]) -> pl.DataFrame:
    """district, total, AI and software revenue, classified."""
    names = ("district", "total_revenue", "ai_revenue", "software_revenue")
    schema = {"district": pl.String} | dict.fromkeys(INPUTS, pl.Int64)
    given_rows = [dict(zip(names, row, strict=True)) | {"hardware_revenue": None} for row in rows]
    return classify(pl.DataFrame(given_rows, schema=schema), Policy())


SAMPLE = frame(
    ("洪山区", 10_000_000, 9_000_000, 1),
    ("洪山区", 10_000_001, 3_000_000, 1),
    ("江岸区", 10_000_000, 3_000_000, None),
    ("江岸区", 10_000_000, 1_000_000, 1),
    (None, None, 5, 1),
)


def test_the_whole_is_the_one_row_of_the_totals() -> None:
    found, row = whole(SAMPLE), totals(SAMPLE).row(0, named=True)
    assert found.enterprises == sum(found.tiers.values()) == SAMPLE.height
    assert {**found.tiers, "enterprises": found.enterprises, "counted_output": found.counted_output} | {
        "total_revenue": found.total_revenue,
        "ai_revenue": found.ai_revenue,
    } == row


def test_totals_count_each_tier_and_sum_missing_amounts_as_nothing() -> None:
    assert totals(SAMPLE).to_dicts() == [
        {
            "enterprises": 5,
            "core": 1,
            "related_software": 1,
            "related_hardware": 1,
            "outside": 1,
            "undetermined": 1,
            "missing": 0,
            "total_revenue": 40_000_001,
            "ai_revenue": 16_000_005,
            "counted_output": 10_000_000 + 5_000_001 + 2_000_000,
        }
    ]


def test_groups_come_in_order_of_counted_output_and_the_nameless_group_is_kept() -> None:
    grouped = totals(SAMPLE, "district")
    assert grouped["district"].to_list() == ["洪山区", "江岸区", None]
    assert grouped["counted_output"].to_list() == [15_000_001, 2_000_000, 0]
    assert grouped["enterprises"].to_list() == [2, 2, 1]


def test_totals_of_nobody_are_zero() -> None:
    (row,) = totals(SAMPLE.clear()).to_dicts()
    assert set(row.values()) == {0}
    assert totals(SAMPLE.clear(), "district").height == 0


def test_totals_are_64_bit_integers() -> None:
    whole = totals(SAMPLE)
    assert set(whole.dtypes) == {pl.Int64}


# --- single quarters -----------------------------------------------------------------------------------


def quarters(*rows: tuple[int, str, int | None, int | None]) -> dict[tuple[int, str], tuple[Any, Any]]:
    given_frame = pl.DataFrame(
        rows,
        schema={"year": pl.Int64, "period": pl.String, "total_revenue": pl.Int64, "ai_revenue": pl.Int64},
        orient="row",
    )
    result = single_quarters(given_frame)
    assert result.columns == [*given_frame.columns, "total_revenue_single", "ai_revenue_single"]
    return {
        (row["year"], row["period"]): (row["total_revenue_single"], row["ai_revenue_single"])
        for row in result.to_dicts()
    }


def test_a_single_quarter_is_the_difference_of_cumulative_columns() -> None:
    assert quarters((2025, "full_year", 100, 50), (2025, "q1", 10, 5), (2025, "q3", 60, 31), (2025, "q2", 30, 15)) == {
        (2025, "q1"): (10, 5),
        (2025, "q2"): (20, 10),
        (2025, "q3"): (30, 16),
        (2025, "full_year"): (40, 19),
    }


def test_a_missing_column_leaves_the_next_quarter_unknown() -> None:
    assert quarters((2025, "q1", 10, 5), (2025, "q3", 60, 31), (2025, "full_year", 100, 50)) == {
        (2025, "q1"): (10, 5),
        (2025, "q3"): (None, None),
        (2025, "full_year"): (40, 19),
    }
    assert quarters((2025, "q2", 30, 15)) == {(2025, "q2"): (None, None)}


def test_a_missing_amount_leaves_both_its_neighbours_unknown() -> None:
    assert quarters((2025, "q1", 10, None), (2025, "q2", None, 15), (2025, "q3", 60, 31)) == {
        (2025, "q1"): (10, None),
        (2025, "q2"): (None, None),
        (2025, "q3"): (None, 16),
    }


def test_each_series_has_its_own_quarters() -> None:
    frame_of_two = pl.DataFrame(
        {
            "district": ["洪山区", "江岸区", "洪山区", "江岸区"],
            "year": [2025] * 4,
            "period": ["q1", "q2", "q2", "q3"],
            "total_revenue": [10, 30, 25, 70],
        }
    )
    result = single_quarters(frame_of_two, by=("district",), amounts=("total_revenue",))
    assert {(row["district"], row["period"]): row["total_revenue_single"] for row in result.to_dicts()} == {
        ("洪山区", "q1"): 10,
        ("洪山区", "q2"): 15,
        ("江岸区", "q2"): None,
        ("江岸区", "q3"): 40,
    }


def test_a_year_begins_anew() -> None:
    result = quarters((2024, "full_year", 100, 50), (2025, "q1", 10, 5), (2024, "q3", 90, 45))
    assert result == {(2024, "q3"): (None, None), (2024, "full_year"): (10, 5), (2025, "q1"): (10, 5)}


@given(st.lists(st.integers(0, YUAN_LIMIT), min_size=4, max_size=4))
@settings(max_examples=50, deadline=None)
def test_the_quarters_of_a_year_add_up_to_the_year(added: list[int]) -> None:
    columns = [sum(added[: at + 1]) for at in range(4)]
    rows = [(2025, period, column, 0) for period, column in zip(terms.PERIODS, columns, strict=True)]
    assert [total for total, _ in quarters(*rows).values()] == added


# --- numbers on the screen -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (49_996, 100_000, "50.00%"),
        (49_994, 100_000, "49.99%"),
        (4_999_999, 10_000_000, "50.00%"),
        (1, 2, "50.00%"),
        (5_000_001, 10_000_000, "50.00%"),
        (199_999, 1_000_000, "20.00%"),
        (1, 5, "20.00%"),
        (0, 7, "0.00%"),
        (7, 7, "100.00%"),
        (1, 3, "33.33%"),
        (2, 3, "66.67%"),
        (5, 10_000, "0.05%"),
        (-1, 2, "-50.00%"),
        (None, 1, "—"),
        (1, None, "—"),
        (1, 0, "—"),
        (1, -5, "—"),
    ],
)
def test_a_share_is_written_rounded_half_up(part: int | None, whole: int | None, text: str) -> None:
    assert terms.share(part, whole) == text


@given(st.integers(1, YUAN_LIMIT), st.integers(0, 10_000), st.integers(-1, 1))
@thorough
def test_a_share_is_within_half_a_hundredth_of_a_percent(whole: int, bp: int, step: int) -> None:
    part = max(whole * bp // 10_000 + step, 0)
    printed = Fraction(terms.share(part, whole).removesuffix("%")) / 100
    assert printed - Fraction(1, 20_000) <= Fraction(part, whole) < printed + Fraction(1, 20_000)


def written(amount: int, unit: int, places: int) -> str:
    """The amount in `unit` by decimal arithmetic, half up, with thousands separators."""
    number = EXACT.divide(Decimal(amount), Decimal(unit)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT)
    return f"{number if number else abs(number):,.{places}f}"


@given(amounts, st.integers(0, 8))
@thorough
def test_yi_is_the_decimal_rounded_half_up(amount: int, places: int) -> None:
    assert terms.yi(amount, places) == written(amount, 100_000_000, places)


@given(amounts)
@thorough
def test_wan_is_exact_without_trailing_zeros(amount: int) -> None:
    text = terms.wan(amount)
    assert Decimal(text.replace(",", "")) * 10_000 == amount
    assert text == (written(amount, 10_000, 4).rstrip("0").rstrip("."))


@pytest.mark.parametrize(
    ("amount", "wan", "yi"),
    [
        (0, "0", "0.00"),
        (1, "0.0001", "0.00"),
        (12_345_600, "1,234.56", "0.12"),
        (100_000, "10", "0.00"),
        (500_000, "50", "0.01"),
        (499_999, "49.9999", "0.00"),
        (12_345_678_900, "1,234,567.89", "123.46"),
        (-500_000, "-50", "-0.01"),
        (-1, "-0.0001", "0.00"),
        (YUAN_LIMIT, "90,000,000,000", "9,000,000.00"),
        (None, "—", "—"),
    ],
)
def test_amounts_as_forms_and_dashboards_write_them(amount: int | None, wan: str, yi: str) -> None:
    assert (terms.wan(amount), terms.yi(amount)) == (wan, yi)


@given(st.integers(0, YUAN_LIMIT), st.integers(0, 10_000))
@thorough
def test_a_line_in_yuan_is_written_exactly(total: int, bp: int) -> None:
    assert Fraction(terms.exact_share(total, bp).replace(",", "")) == Fraction(total * bp, 10_000)


@given(st.integers(0, 10_000))
def test_basis_points_are_written_exactly(bp: int) -> None:
    text = terms.percent(bp)
    assert Fraction(text.removesuffix("%")) == Fraction(bp, 100)
    assert "." not in text or not text.removesuffix("%").endswith(("0", "."))
