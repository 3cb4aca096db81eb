"""Where the rule moves one way only, and where it does not: both are said, so that nobody reads a fall as a fault."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.values import YUAN_LIMIT
from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy

POLICY = Policy()
yuan = st.one_of(st.integers(1, 100_000_000), st.integers(1, YUAN_LIMIT))


def counted(policy: Policy, *rows: tuple[int, int, int, int]) -> list[int]:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(INPUTS, pl.Int64), orient="row")
    found: list[int] = classify(frame, policy)["counted_output"].to_list()
    return found


@settings(deadline=None, max_examples=60)
@given(yuan, st.data())
def test_more_ai_revenue_of_the_same_total_never_counts_less(total: int, data: st.DataObject) -> None:
    less, more = sorted(data.draw(st.tuples(st.integers(0, total), st.integers(0, total))))
    software = data.draw(st.sampled_from([0, total]))
    first, second = counted(POLICY, (total, less, software, 1), (total, more, software, 1))
    assert first <= second <= total


@settings(deadline=None, max_examples=60)
@given(yuan, st.data())
def test_a_lower_line_never_counts_less(total: int, data: st.DataObject) -> None:
    ai = data.draw(st.integers(0, total))
    for line in ("core_share_bp", "related_share_bp", "core_ai_revenue"):
        limits = (
            (2_000, 10_000) if line == "core_share_bp" else (0, 5_000) if line == "related_share_bp" else (0, 10**8)
        )
        low, high = sorted(data.draw(st.tuples(st.integers(*limits), st.integers(*limits))))
        (by_low,), (by_high,) = (counted(POLICY.scenario(**{line: each}), (total, ai, ai, 0)) for each in (low, high))
        assert by_low >= by_high, line


def test_more_total_revenue_of_the_same_ai_may_count_less() -> None:
    """One yuan more of other business takes the share to exactly 50 %: half is counted where the whole was."""
    assert counted(POLICY, (1_999_999, 1_000_000, 1_000_000, 0), (2_000_000, 1_000_000, 1_000_000, 0)) == [
        1_999_999,
        1_000_000,
    ]


def test_more_hardware_of_the_same_ai_may_count_less() -> None:
    """As much hardware as software: a fifth is counted where a half was."""
    assert counted(POLICY, (1_000_000, 300_000, 151_000, 149_000), (1_000_000, 300_000, 150_000, 150_000)) == [
        500_000,
        200_000,
    ]
