"""阈值附近的异常: both sides of a line, exact on the line, and the exact test."""

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.rule.classification import INPUTS
from core.rule.policy import Policy
from core.what_if import bunching
from core.what_if.bunching import Sides


@given(st.integers(0, 300), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_the_exact_test_is_that_of_scipy(below: int, above: int) -> None:
    assert bunching.Sides(below, above).p_value == pytest.approx(binomtest(above, below + above, 0.5).pvalue, rel=1e-9)


def test_fewer_than_150_are_no_sample() -> None:
    assert not Sides(100, 49).enough
    assert Sides(100, 50).enough


def of(*ai: int, total: int = 1_000_000) -> pl.DataFrame:
    rows = [dict(zip(INPUTS, (total, each, 0, 0), strict=True)) for each in ai]
    return pl.DataFrame(rows, schema=dict.fromkeys(INPUTS, pl.Int64))


@pytest.mark.parametrize(("inclusive", "steps"), [(False, [-1, 0, -1, 0, 1, -2]), (True, [0, 0, -1, 1, 1, -1])])
def test_on_the_line_counts_as_the_rule_counts_it(inclusive: bool, steps: list[int]) -> None:
    frame = of(500_000, 500_001, 499_999, 510_000, 510_001, 490_000)
    found = bunching.distances(frame, Policy(threshold_inclusive=inclusive), "core_share_bp")
    assert found["step"].to_list() == steps


def test_the_revenue_line_is_measured_in_hundredths_of_itself() -> None:
    frame = of(19_000_000, 20_000_000, 20_000_001, 20_200_001, 21_000_001, total=10**9)
    found = bunching.distances(frame, Policy(), "core_ai_revenue")
    assert found["step"].to_list() == [-6, -1, 0, 1, 5]
    assert bunching.sides(found) == Sides(1, 2)


def test_the_histogram_holds_every_step_and_leaves_out_what_is_far() -> None:
    found = bunching.histogram(bunching.distances(of(500_001, 505_000, 480_000, 999_999), Policy(), "core_share_bp"))
    assert found["step"].to_list() == list(range(-20, 20))
    assert found.filter(pl.col("enterprises") > 0).rows() == [(-3, 1), (0, 2)]


def test_enterprises_with_a_line_of_their_own_are_not_measured_against_another() -> None:
    frame = of(500_001, 600_000).with_columns(size=pl.Series(["small", "large"]))
    assert bunching.distances(frame, Policy(core_share_small_bp=4000), "core_share_bp").height == 1


@pytest.mark.parametrize(("first", "now", "lines"), [
    (490_000, 510_000, {"core_share_bp": True}), (510_000, 500_000, {"core_share_bp": False}), (490_000, 500_000, None),
    (190_000, 510_000, {"core_share_bp": True, "related_share_bp": True}),
])  # fmt: skip
def test_a_draft_crossed_the_lines_between_its_first_and_its_last_share(
    first: int, now: int, lines: dict[str, bool] | None
) -> None:
    draft = bunching.Draft("x", "e", "GX", "甲", 1_000_000, first, 1_000_000, now, datetime(2026, 1, 10), None)
    assert [each.lines for each in bunching.crossings([draft], Policy())] == ([lines] if lines else [])
