"""Change between two meetings: whatever the frames, the parts make the whole; each cause alone shows in its own part."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.values import YUAN_LIMIT
from core.meeting.change import MEASURES, PARTS, movers, split, summed
from core.rule.classification import INPUTS, OUTPUTS, classify
from core.rule.policy import Policy
from core.statistics.totals import totals

POLICY = Policy()
amounts = st.one_of(
    st.none(), st.integers(0, 60_000_000), st.integers(-5, YUAN_LIMIT), st.sampled_from([20_000_000, 40_000_000])
)
firms = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(amounts, amounts, amounts, amounts))
basis_points = st.integers(0, 10_000)
policies = st.builds(
    Policy,
    core_share_bp=basis_points,
    related_share_bp=basis_points,
    core_weight_bp=basis_points,
    related_software_weight_bp=basis_points,
    core_ai_revenue=st.integers(0, 60_000_000),
    threshold_inclusive=st.booleans(),
    low_share_core=st.sampled_from(["related_weight", "not_counted", "ai_revenue"]),
)
thorough = settings(max_examples=60, deadline=None)


def frame(rows: dict[str, tuple[Any, ...]], policy: Policy = POLICY) -> pl.DataFrame:
    """enterprise -> total, AI, software, hardware revenue; classified."""
    schema = {"enterprise_id": pl.String} | dict.fromkeys(INPUTS, pl.Int64)
    given_rows = [{"enterprise_id": name, **dict(zip(INPUTS, row, strict=True))} for name, row in rows.items()]
    return classify(pl.DataFrame(given_rows, schema=schema), policy)


def whole(classified: pl.DataFrame) -> dict[str, int]:
    row = totals(classified).row(0, named=True)
    return {
        "counted_output": row["counted_output"],
        "ai_revenue": row["ai_revenue"],
        "core": row["core"],
        "related": row["related_software"] + row["related_hardware"],
    }


def parts(*given_frames: Any) -> dict[str, dict[str, int]]:
    """measure -> its parts that are not zero."""
    changes = split(*given_frames)
    return {
        measure: {name: amount for name, amount in summed(changes, measure).items() if amount} for measure in MEASURES
    }


@thorough
@given(firms, firms, policies, policies)
def test_the_parts_sum_to_the_whole_change_to_the_yuan(
    then: dict[str, Any], now: dict[str, Any], policy_then: Policy, policy_now: Policy
) -> None:
    before, after = frame(then, policy_then), frame(now, policy_now)
    changes = split(before, after, policy_now)
    was, is_now = whole(before), whole(after)
    for measure in MEASURES:
        found = summed(changes, measure)
        assert list(found) == list(PARTS)
        assert sum(found.values()) == is_now[measure] - was[measure], measure
        assert found["designation"] == 0
    assert changes["enterprise_id"].is_unique().all()
    # The same of every enterprise, so of any group of them.
    for name in then.keys() | now.keys():
        one_before, one_after = (each.filter(pl.col("enterprise_id") == name) for each in (before, after))
        row = changes.filter(pl.col("enterprise_id") == name)
        assert (
            sum(summed(row, "counted_output").values())
            == whole(one_after)["counted_output"] - whole(one_before)["counted_output"]
        )


@thorough
@given(firms, policies)
def test_nothing_has_changed_between_a_frame_and_itself(rows: dict[str, Any], policy: Policy) -> None:
    same = frame(rows, policy)
    assert parts(same, same, policy) == {measure: {} for measure in MEASURES}
    assert movers(split(same, same, policy)).is_empty()


@thorough
@given(firms, policies, policies)
def test_another_rule_alone_is_a_change_of_the_rule_alone(rows: dict[str, Any], old: Policy, new: Policy) -> None:
    before, after = frame(rows, old), frame(rows, new)
    found = split(before, after, new)
    assert {name for measure in MEASURES for name, amount in summed(found, measure).items() if amount} <= {"rule"}
    assert set(movers(found)["why"]) <= {"rule"}


@thorough
@given(firms, firms, policies)
def test_other_figures_of_the_same_firms_are_a_revision(
    then: dict[str, Any], now: dict[str, Any], policy: Policy
) -> None:
    held = {name for rows in (then, now) for name, row in rows.items() if row[0] is None and row[1] is None}
    both = (then.keys() & now.keys()) - held
    found = parts(
        frame({name: then[name] for name in both}, policy), frame({name: now[name] for name in both}, policy), policy
    )
    assert set().union(*found.values()) <= {"revision"}


FIRM = (100_000_000, 60_000_000, 60_000_000, 0)  # core by share: counted whole


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ({}, {"a": FIRM}, {"entry": 100_000_000}),
        ({"a": FIRM}, {}, {"exit": -100_000_000}),
        # Admitted, but nothing filed for the year yet: it enters when it files.
        ({"a": (None, None, None, None)}, {"a": FIRM}, {"entry": 100_000_000}),
        ({"a": FIRM}, {"a": (None, None, None, None)}, {"missing": -100_000_000}),
        ({"a": FIRM}, {"a": (110_000_000, 66_000_000, 66_000_000, 0)}, {"revision": 10_000_000}),
    ],
)
def test_each_cause_within_a_year_stands_in_its_own_part(then: Any, now: Any, expected: dict[str, int]) -> None:
    assert parts(frame(then), frame(now), POLICY)["counted_output"] == expected


def test_every_part_has_a_cause_that_shows_in_it() -> None:
    """A part that nothing can ever move would stand at 0 in every waterfall; 名单认定 is said to."""
    old, new = POLICY, POLICY.scenario(core_weight_bp=9000)
    firms = {name: frame({name: FIRM}, old) for name in "ab"}
    moved = [
        parts(firms["a"], frame({"a": FIRM}, new), new),
        parts(firms["a"], frame({"a": (110_000_000, 66_000_000, 66_000_000, 0)}), POLICY),
        parts(firms["a"], firms["b"], POLICY),
        parts(firms["a"], frame({"a": (None, None, None, None)}), POLICY),
    ]
    assert set().union(*(each["counted_output"] for each in moved)) == PARTS.keys() - {"designation"}


def test_the_rule_comes_before_the_revision() -> None:
    old, new = POLICY, POLICY.scenario(core_weight_bp=9000)
    then, corrected = ({"a": (total, total, total, 0)} for total in (50_000_000, 52_000_000))
    assert parts(frame(then, old), frame(corrected, new), new)["counted_output"] == {
        "rule": -5_000_000,
        "revision": 1_800_000,
    }


def test_movers_say_what_moved_them_and_stand_in_order_of_the_yuan() -> None:
    then = {"corrected": FIRM, "gone": (10, 9, 9, 0), "still": FIRM, "exact": (60_000_000, 12_000_000, 12_000_000, 0)}
    now = {
        "corrected": (100_000_000, 1, 1, 0),
        "new": (50_000_000, 40_000_000, 0, 0),
        "still": (99, 60, 60, 0),
        "exact": then["exact"],
    }
    policy = POLICY.scenario(threshold_inclusive=True)
    found = movers(split(frame(then), frame(now, policy), policy))
    assert found.select("enterprise_id", "tier_before", "tier_after", "why", "change").rows() == [
        ("corrected", "core", "outside", "revision", -100_000_000),
        ("new", None, "core", "entry", 50_000_000),
        ("exact", "outside", "related_software", "rule", 30_000_000),
        ("gone", "core", None, "exit", -10),
    ]


@settings(max_examples=20, deadline=None)
@given(firms, firms, policies, st.data())
def test_a_policy_that_tells_sizes_apart_is_split_to_the_yuan_by_the_size_of_each_moment(
    then: dict[str, Any], now: dict[str, Any], policy: Policy, data: st.DataObject
) -> None:
    by_size = policy.scenario(core_share_small_bp=4000, small_core_by_revenue=False)

    def sized(rows: dict[str, Any], its_policy: Policy) -> pl.DataFrame:
        plain = frame(rows, POLICY).drop(OUTPUTS)
        sizes = data.draw(
            st.lists(st.sampled_from(["small", "large", None]), min_size=plain.height, max_size=plain.height)
        )
        return classify(plain.with_columns(pl.Series("size", sizes, dtype=pl.String)), its_policy)

    for old, new in ((policy, by_size), (by_size, policy), (by_size, by_size)):
        before, after = sized(then, old), sized(now, new)
        changes = split(before, after, new)
        for measure in MEASURES:
            assert sum(summed(changes, measure).values()) == whole(after)[measure] - whole(before)[measure], measure
