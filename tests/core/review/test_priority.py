"""The place in the queue: larger, odder, nearer to a line comes first, whatever the figures."""

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.values import YUAN_LIMIT
from core.review.priority import rank
from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy

POLICY = Policy()
RELAXED = settings(max_examples=40, deadline=None)
WAN = 10_000
AMOUNT = st.one_of(st.none(), st.integers(-5, 5), st.integers(0, YUAN_LIMIT * 2), st.integers(0, 10**9))
COLUMNS = dict.fromkeys((*INPUTS, "last_total"), pl.Int64) | {"last_tier": pl.String, "explained": pl.Int32}


def ranked(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    empty = dict.fromkeys(COLUMNS)
    frame = pl.DataFrame([empty | row for row in rows], schema=COLUMNS)
    return rank(classify(frame, POLICY), POLICY).to_dicts()


def firm(total: int, ai: int, last: int | None = None, tier: str | None = None, explained: int = 0) -> dict[str, Any]:
    """Amounts in 万元."""
    return {
        "total_revenue": total * WAN,
        "ai_revenue": ai * WAN,
        "last_total": None if last is None else last * WAN,
        "last_tier": tier,
        "explained": explained,
    }


@RELAXED
@given(
    st.lists(
        st.fixed_dictionaries(
            {name: AMOUNT for name in (*INPUTS, "last_total")}
            | {
                "last_tier": st.sampled_from([None, "core", "outside", "undetermined"]),
                "explained": st.sampled_from([None, 0, 3]),
            }
        ),
        max_size=6,
    )
)
def test_whatever_was_filed_has_a_place_and_a_reason(rows: list[dict[str, Any]]) -> None:
    for row in ranked(*rows):
        assert row["impact"] >= 100_000
        assert row["impact_reason"]
        assert row["flagged"] in (True, False)


def test_the_helping_columns_are_gone_and_the_rows_stay_as_they_came() -> None:
    frame = classify(
        pl.DataFrame([dict.fromkeys(COLUMNS) | firm(6000, 4200), dict.fromkeys(COLUMNS)], schema=COLUMNS), POLICY
    )
    result = rank(frame, POLICY)
    assert result.columns == [*frame.columns, "impact", "impact_reason", "flagged"]
    assert result.select(frame.columns).equals(frame)


@RELAXED
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_larger_comes_first(one: int, two: int) -> None:
    small, large = sorted((one, two))
    rows = ranked(firm(small * 10 + 10, 0), firm(large * 10 + 10, 0))
    assert rows[0]["impact"] <= rows[1]["impact"]


@RELAXED
@given(st.integers(1, 4000), st.integers(1, 4000))
def test_the_greater_change_comes_first(one: int, two: int) -> None:
    """Of two of one size and share, by how much they differ from a year ago, up as well as down."""
    near, far = sorted((one, two))
    for last in ((5000 + near, 5000 + far), (5000 - near, 5000 - far)):
        rows = ranked(firm(5000, 0, last[0]), firm(5000, 0, last[1]))
        assert rows[0]["impact"] <= rows[1]["impact"]


@RELAXED
@given(st.integers(1, 19_000), st.integers(1, 19_000))
def test_the_nearer_to_the_core_line_comes_first(one: int, two: int) -> None:
    near, far = sorted((one, two))
    rows = ranked(firm(40_000, 20_000 + near), firm(40_000, 20_000 + far))
    assert rows[0]["impact"] >= rows[1]["impact"]


@RELAXED
@given(st.integers(0, 9), st.integers(0, 9))
def test_more_explanations_come_first(one: int, two: int) -> None:
    rows = ranked(firm(5000, 0, explained=one), firm(5000, 0, explained=two))
    assert (rows[0]["impact"] <= rows[1]["impact"]) == (one <= two)


def test_the_reason_names_the_line_the_change_and_the_class() -> None:
    near, changed, fallen, revenue, plain, missing = ranked(
        firm(10_000, 5040, 3125, "core"),
        firm(100_000, 80_000, 90_000, "outside"),
        firm(1000, 0, 4000, "outside"),
        firm(9000, 2100),
        firm(2000, 1800, 1900, "core"),
        {},
    )
    assert near["impact_reason"].startswith("AI占比 50.4%，紧邻核心线 50%；收入为上年同期的 3.2 倍")
    assert "身份由未达相关线变为核心企业" in changed["impact_reason"]
    assert "占全市" in changed["impact_reason"]
    assert "收入降至上年同期的 25.0%" in fallen["impact_reason"]
    assert "AI收入 2100 万元，紧邻 2,000 万元线" in revenue["impact_reason"]
    assert "无法认定" in missing["impact_reason"]
    assert [row["flagged"] for row in (near, changed, revenue, plain, missing)] == [True, True, True, False, True]


def test_a_filing_without_anything_special_says_so() -> None:
    rows = ranked(firm(1000, 0, 1000, "outside"), *(firm(1_000_000, 900_000) for _ in range(3)))
    assert rows[0]["impact_reason"] == "规模与变化均在常见范围"
    assert not rows[0]["flagged"]


def test_a_very_large_one_outweighs_a_very_small_one_at_the_line() -> None:
    small, large, *_ = ranked(
        firm(100, 50), firm(500_000, 400_000, 250_000, "core"), *(firm(1_000_000, 900_000) for _ in range(9))
    )
    assert large["impact"] > small["impact"]
