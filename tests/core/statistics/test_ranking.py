"""企业画像榜单: ranks, moves, growth with a floor, shares of the largest."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.values import YUAN_LIMIT
from core.statistics.ranking import BASE, MEASURES, concentration, curve, measured, ranked

COLUMNS = ("total_revenue", "ai_revenue", "counted_output", "developers", "software_staff", "ip_count")


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    schema = {"enterprise_id": pl.String, "name": pl.String} | {
        f"{name}{end}": pl.Int64 for end in ("", "_before") for name in COLUMNS
    }
    filled = [
        dict.fromkeys(schema) | {"enterprise_id": f"e{n}", "name": f"虚构{n}"} | row for n, row in enumerate(rows)
    ]
    return measured(pl.DataFrame(filled, schema=schema))


def test_equal_values_share_a_rank_and_moves_are_places_gained() -> None:
    rows = ranked(
        frame(
            *(
                {"ai_revenue": now, "ai_revenue_before": then}
                for now, then in ((5, 9), (8, 1), (8, 3), (2, None), (None, 7))
            )
        ),
        MEASURES["ai_revenue"],
    )
    assert rows.select("enterprise_id", "rank", "rank_before", "moved").rows() == [
        ("e1", 1, 3, 2), ("e2", 1, 2, 1), ("e0", 3, 1, -2), ("e3", 4, None, None),
    ]  # fmt: skip


def test_growth_needs_a_base_and_both_years() -> None:
    found = frame(
        {"ai_revenue": 3 * BASE, "ai_revenue_before": 2 * BASE},
        {"ai_revenue": BASE // 2, "ai_revenue_before": BASE},
        {"ai_revenue": 9 * BASE, "ai_revenue_before": BASE - 1},
        {"ai_revenue_before": BASE},
        {"ai_revenue": BASE},
    )
    assert found["growth"].to_list() == [5_000, -5_000, None, None, None]
    assert ranked(found, MEASURES["growth"])["rank_before"].null_count() == 2


def test_shares_that_give_no_class_have_no_rank() -> None:
    found = frame(
        *({"total_revenue": total, "ai_revenue": ai} for total, ai in ((10, 5), (0, 0), (10, 11), (None, 5), (3, 1)))
    )
    assert found["share"].to_list() == [5_000, None, None, None, 3_333]


def test_researchers_are_both_kinds_and_unknown_only_without_either() -> None:
    found = frame({"developers": 3, "software_staff": 4}, {"developers": 3}, {})
    assert found["researchers"].to_list() == [7, 3, None]


@pytest.mark.parametrize(("values", "top4", "top10", "hhi"), [
    ([100], 100, 100, 10_000), ([50, 50], 100, 100, 5_000), ([1] * 100, 4, 10, 100), ([], 0, 0, 0), ([None, -5, 0], 0, 0, 0),
])  # fmt: skip
def test_concentration_of_the_textbook(values: list[int | None], top4: int, top10: int, hhi: int) -> None:
    found = concentration(pl.Series(values, dtype=pl.Int64))
    assert (found.top4, found.top10, found.hhi) == (top4, top10, hhi)


@given(st.lists(st.one_of(st.none(), st.integers(-5, YUAN_LIMIT // 1000)), max_size=400))
@settings(max_examples=60, deadline=None)
def test_the_curve_rises_ever_slower_from_nothing_to_the_whole(values: list[int | None]) -> None:
    series = pl.Series(values, dtype=pl.Int64)
    found, points = concentration(series), curve(series, points=40)
    assert points.row(0) == (0, 0)
    assert points.row(-1) == (found.count, found.whole)
    assert points.height <= 2 * 40 + 42
    rises = points.select(pl.col("cumulative").diff() / pl.col("n").diff()).to_series().drop_nulls()
    assert (rises.diff().drop_nulls() <= 1e-6 * (found.whole + 1)).all()
    if found.count >= 10:
        assert points.filter(pl.col("n") == 10)["cumulative"].item() == found.top10
    assert 0 <= found.top4 <= found.top10 <= found.whole
