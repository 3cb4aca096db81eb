"""敏感性: the whole grid and every answer backwards equal classifying once for each line, boundaries included."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import Refused
from core.base.values import YUAN_LIMIT
from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy
from core.statistics.totals import totals
from core.what_if import thresholds
from core.what_if.surface import LINES, MEASURES, profile, surface

Row = dict[str, Any]
SCHEMA = {**dict.fromkeys(INPUTS, pl.Int64), "size": pl.String, "district": pl.String, "enterprise_id": pl.String}

bps = st.sampled_from([0, 1, 1999, 2000, 2001, 3333, 4999, 5000, 5001, 9999, 10_000])
yuan = st.sampled_from([0, 1, 49, 50, 51, 100, 19_999_999, 20_000_000, 20_000_001, YUAN_LIMIT])
policies = st.builds(
    Policy,
    core_share_bp=bps,
    related_share_bp=bps,
    core_ai_revenue=yuan,
    core_weight_bp=st.sampled_from([10_000, 9_000, 3_333]),
    related_software_weight_bp=st.sampled_from([5_000, 5_003]),
    related_hardware_weight_bp=st.sampled_from([2_000, 0]),
    threshold_inclusive=st.booleans(),
    low_share_core=st.sampled_from(["related_weight", "not_counted", "ai_revenue"]),
    core_share_small_bp=st.one_of(st.none(), bps),
    small_core_by_revenue=st.booleans(),
    equal_kind=st.sampled_from(["hardware", "software"]),
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Amounts close to the lines above, some missing or impossible."""
    total = draw(
        st.sampled_from([None, 0, 1, 7, 100, 250, 10_000, 33_333, 40_000_000, 100_000_000, YUAN_LIMIT, YUAN_LIMIT + 1])
    )
    near = (total or 0) * draw(bps) // 10_000 + draw(st.integers(-1, 1))
    ai = draw(st.one_of(st.none(), st.just(near), yuan, st.just(total)))
    kind = st.sampled_from([None, 0, 1, 2])
    return {
        "total_revenue": total,
        "ai_revenue": ai,
        "software_revenue": draw(kind),
        "hardware_revenue": draw(kind),
        "size": draw(st.sampled_from(["small", "medium", None])),
        "district": draw(st.sampled_from(["GX", "HS", None])),
    }


def frame_of(given_rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame([{**row, "enterprise_id": f"e{at}"} for at, row in enumerate(given_rows)], schema=SCHEMA)


frames = st.lists(rows(), min_size=1, max_size=25).map(frame_of)
pairs = st.sampled_from(
    [
        ("core_share_bp", "core_ai_revenue"),
        ("core_share_bp", "related_share_bp"),
        ("core_ai_revenue", "related_share_bp"),
    ]
)


def one_by_one(frame: pl.DataFrame, policy: Policy) -> tuple[int, ...]:
    whole = totals(classify(frame, policy)).row(0, named=True)
    return tuple(whole[measure] for measure in MEASURES)


def values(line: str) -> st.SearchStrategy[list[int]]:
    listed = st.lists(yuan if line == "core_ai_revenue" else bps, min_size=1, max_size=5, unique=True).map(sorted)
    # As the page asks for them: evenly spaced, which is counted in another way.
    evenly = st.builds(
        lambda first, step: list(range(first, 10_001, step)),
        st.sampled_from([0, 1, 1999, 2000]),
        st.sampled_from([1999, 2000, 2500, 3333]),
    )
    return st.one_of(listed, evenly)


@given(st.data(), frames, policies, pairs)
@settings(max_examples=120, deadline=None)
def test_the_grid_equals_classifying_for_each_pair(
    data: st.DataObject, frame: pl.DataFrame, policy: Policy, pair: tuple[str, str]
) -> None:
    xs, ys = data.draw(values(pair[0])), data.draw(values(pair[1]))
    expected = [(x, y, *one_by_one(frame, policy.scenario(**{pair[0]: x, pair[1]: y}))) for x in xs for y in ys]
    assert surface(frame, policy, (pair[0], xs), (pair[1], ys)).rows() == expected


@given(frames, policies, pairs)
@settings(max_examples=40, deadline=None)
def test_the_grids_of_groups_are_the_grids_of_their_rows(
    frame: pl.DataFrame, policy: Policy, pair: tuple[str, str]
) -> None:
    axes = [(line, [0, 50, 5000]) for line in pair]
    grouped = surface(frame, policy, axes[0], axes[1], by="district")
    for district in frame["district"].unique():
        alone = surface(frame.filter(pl.col("district").eq_missing(district)), policy, axes[0], axes[1])
        assert grouped.filter(pl.col("district").eq_missing(district)).drop("district").rows() == alone.rows()
    assert grouped.height == 9 * frame["district"].n_unique()


@given(st.data(), frames, policies, st.sampled_from(list(LINES)))
@settings(max_examples=80, deadline=None)
def test_the_profile_of_a_line_equals_classifying_for_each_value(
    data: st.DataObject, frame: pl.DataFrame, policy: Policy, line: str
) -> None:
    steps = profile(frame, policy, line)
    most = LINES[line][1]
    assert steps["first"][0] == 0 and steps["last"][-1] == most
    assert steps["first"].to_list()[1:] == [last + 1 for last in steps["last"].to_list()[:-1]]
    for step in steps.sample(min(steps.height, 6), seed=1).iter_rows(named=True):
        for value in {step["first"], step["last"], data.draw(st.integers(step["first"], step["last"]))}:
            assert tuple(step[m] for m in MEASURES) == one_by_one(frame, policy.scenario(**{line: value}))


@pytest.mark.parametrize("pair", [("core_share_bp", "core_ai_revenue"), ("related_share_bp", "core_share_bp")])
def test_nobody_is_nobody_everywhere(pair: tuple[str, str]) -> None:
    frame = frame_of([])
    assert (
        surface(frame, Policy(), (pair[0], [0, 1]), (pair[1], [5])).select(MEASURES).rows()
        == [(0,) * len(MEASURES)] * 2
    )
    assert profile(frame, Policy(), pair[0]).rows() == [(0, 10_000, *(0,) * len(MEASURES))]


def shares(*percents: int) -> pl.DataFrame:
    """Enterprises of 100 万元 with these AI shares, none of them core by revenue."""
    return frame_of(
        [
            {
                "total_revenue": 1_000_000,
                "ai_revenue": p * 10_000,
                "software_revenue": 1,
                "hardware_revenue": 0,
                "size": None,
                "district": "GX",
            }
            for p in percents
        ]
    )


def test_which_core_share_gives_so_many_core_enterprises() -> None:
    frame = shares(10, 30, 30, 60, 90)
    steps = profile(frame, Policy(), "core_share_bp")
    (found,) = thresholds.for_core_count(steps, 2)
    assert (found.first, found.last, found.core) == (3000, 5999, 2)
    assert one_by_one(frame, Policy(core_share_bp=5999))[0] == 2 != one_by_one(frame, Policy(core_share_bp=6000))[0]
    more, fewer = sorted(thresholds.for_core_count(steps, 3), key=lambda each: -each.core)
    assert (more.first, more.last, more.core) == (1000, 2999, 4)
    assert (fewer.first, fewer.last, fewer.core) == (3000, 5999, 2)
    tied = thresholds.at_edge(frame, Policy(), "core_share_bp", more.first, more.last)
    assert tied.filter("leaves")["enterprise_id"].to_list() == ["e1", "e2"]
    assert tied.filter(~pl.col("leaves"))["enterprise_id"].to_list() == ["e0"]
    (all_of_them,) = thresholds.for_core_count(steps, 99)
    assert (all_of_them.core, all_of_them.first) == (5, 0)


@given(frames, policies, st.integers(0, 25), st.sampled_from(["core_share_bp", "core_ai_revenue"]))
@settings(max_examples=60, deadline=None)
def test_an_answer_holds_at_both_of_its_ends_and_not_beyond(
    frame: pl.DataFrame, policy: Policy, wanted: int, line: str
) -> None:
    found = thresholds.for_core_count(profile(frame, policy, line), wanted)
    for each in found:
        for value in (each.first, each.last):
            assert one_by_one(frame, policy.scenario(**{line: value}))[0] == each.core
        for value in (each.first - 1, each.last + 1):
            if 0 <= value <= LINES[line][1]:
                assert one_by_one(frame, policy.scenario(**{line: value}))[0] != each.core
    if len(found) == 1 and found[0].core == wanted:
        return
    assert all(each.core != wanted for each in found)


@given(frames, policies, st.sampled_from([0, 50, 100, 1000]), st.sampled_from(list(LINES)))
@settings(max_examples=60, deadline=None)
def test_a_line_may_move_just_so_far(frame: pl.DataFrame, policy: Policy, parts: int, line: str) -> None:
    current = thresholds.value_of(policy, line)
    kept = thresholds.around(profile(frame, policy, line), current, parts)
    assert kept is not None
    first, last = kept
    assert first <= current <= last
    now = one_by_one(frame, policy)[-1]

    def off(value: int) -> bool:
        return abs(one_by_one(frame, policy.scenario(**{line: value}))[-1] - now) * 10_000 > now * parts

    assert not off(first) and not off(last)
    assert first == 0 or off(first - 1)
    assert last == LINES[line][1] or off(last + 1)


@pytest.mark.parametrize(("text", "parts"), [("1", 100), ("0.5", 50), ("１.２５%", 125)])
def test_a_percentage_is_read(text: str, parts: int) -> None:
    assert thresholds.parts(text) == parts


@pytest.mark.parametrize("text", ["", "-1", "一", "1.234", "1e3"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        thresholds.parts(text)


def test_a_count_is_read_or_refused() -> None:
    assert thresholds.whole(" 1,500 ") == 1500
    for text in ("", "五百", "-5", "1.5"):
        with pytest.raises(Refused):
            thresholds.whole(text)


# --- the ledger ------------------------------------------------------------------------------------------


@given(frames, policies)
@settings(max_examples=80, deadline=None)
def test_a_crossing_changes_what_the_ledger_says_and_one_yuan_less_does_not(
    frame: pl.DataFrame, policy: Policy
) -> None:
    classes = classify(frame, policy)
    found = thresholds.ledger(classes, policy)
    now = {row["enterprise_id"]: row for row in classes.iter_rows(named=True)}
    for row in found.iter_rows(named=True):
        sign = -1 if row["above"] else 1
        before = now[row["enterprise_id"]]
        crossed, short = (
            classify(
                pl.DataFrame(
                    [{**{name: before[name] for name in SCHEMA}, "ai_revenue": before["ai_revenue"] + sign * by}],
                    schema=SCHEMA,
                ),
                policy,
            ).row(0, named=True)
            for by in (row["distance"], row["distance"] - 1)
        )
        assert row["distance"] >= 1
        assert crossed["directory_tier"] == row["tier_after"]
        assert crossed["counted_output"] - before["counted_output"] == row["counted_change"]
        assert [crossed[name] for name in ("directory_tier", "counting_basis")] != [
            short[name] for name in ("directory_tier", "counting_basis")
        ]
    for _, rows_of in found.group_by("enterprise_id"):
        assert rows_of["nearest"].sum() == 1
        assert rows_of.filter("nearest")["distance"][0] == rows_of["distance"].min()


@pytest.mark.parametrize(
    ("inclusive", "distances", "above"),
    [(False, [1, 1, 2], [False, True, False]), (True, [1, 2, 1], [True, True, False])],
)
def test_the_distance_to_a_line_is_in_whole_yuan_and_knows_the_line_itself(
    inclusive: bool, distances: list[int], above: list[bool]
) -> None:
    """On the line, one yuan over it, one yuan below."""
    frame = shares(50, 50, 50).with_columns(ai_revenue=pl.Series([500_000, 500_001, 499_999]))
    policy = Policy(threshold_inclusive=inclusive)
    found = (
        thresholds.ledger(classify(frame, policy), policy)
        .filter(pl.col("line") == "core_share_bp")
        .sort("enterprise_id")
    )
    assert found["distance"].to_list() == distances
    assert found["above"].to_list() == above
    assert set(found["counted_change"].abs()) == {500_000}


def test_what_rests_near_a_line_is_summed_on_both_of_its_sides() -> None:
    frame = shares(44, 48, 49, 51, 53, 90)
    policy = Policy()
    found = thresholds.resting(thresholds.ledger(classify(frame, policy), policy), policy).filter(
        pl.col("line") == "core_share_bp"
    )
    assert found.select("band", "below", "above").rows() == [(1, 1, 1), (2, 2, 1), (5, 2, 2)]
    assert found["gain"].to_list() == [500_000, 1_000_000, 1_000_000]
    assert found["loss"].to_list() == [-500_000, -500_000, -1_000_000]
    assert found["counted_output"].to_list() == [1_500_000, 2_000_000, 3_000_000]


def test_a_line_whose_crossing_changes_nothing_is_not_in_the_ledger() -> None:
    """Core by its share on both sides of the revenue line; and core by revenue on both sides of the related line."""
    frame = shares(90, 2).with_columns(
        total_revenue=pl.Series([30_000_000, 10**9]), ai_revenue=pl.Series([25_000_000, 150_000_000])
    )
    found = thresholds.ledger(classify(frame, Policy()), Policy())
    assert {row[0]: set(row[1]) for row in found.group_by("enterprise_id").agg("line").rows()} == {
        "e0": {"core_share_bp", "related_share_bp"},
        "e1": {"core_share_bp", "core_ai_revenue"},
    }
