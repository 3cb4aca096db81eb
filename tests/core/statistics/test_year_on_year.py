"""Two years of the same enterprises: sums that agree, changes that add up, reasons that name the line."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base import terms
from core.rule.classification import INPUTS, OUTPUTS, classify, mark_missing
from core.rule.policy import Policy
from core.statistics import decomposition
from core.statistics.year_on_year import (
    AMOUNTS,
    CHANGES,
    MEASURES,
    Registers,
    concentration,
    counted_as,
    difference,
    growth,
    paired,
    reason,
    signed,
)

POLICY = Policy()
WAN = 10_000
Figures = tuple[int | None, int | None, int | None]


def year(figures: dict[str, Figures], districts: tuple[str, ...] = ("GX", "HS")) -> pl.DataFrame:
    """enterprise -> (total, AI, software) in 万元, classified; districts in turn."""
    rows = [
        {
            "enterprise_id": name,
            "name": name,
            "district": districts[place % len(districts)],
            **dict(zip(INPUTS, [None if value is None else value * WAN for value in (*given, 0)], strict=True)),
        }
        for place, (name, given) in enumerate(sorted(figures.items()))
    ]
    schema = dict.fromkeys(("enterprise_id", "name", "district"), pl.String) | dict.fromkeys(INPUTS, pl.Int64)
    return mark_missing(classify(pl.DataFrame(rows, schema=schema), POLICY))


CORE, SOFT, HARD, OUT, NONE = (100, 60, 60), (100, 30, 30), (100, 30, 0), (100, 10, 10), (None, None, None)
BAD = (100, 200, 0)


@pytest.mark.parametrize(("before", "now", "change", "same"), [
    (CORE, CORE, None, True), (SOFT, CORE, "up", True), (CORE, HARD, "down", True), (SOFT, HARD, "turned", True),
    (OUT, SOFT, "entered", True), (NONE, CORE, "entered", False), (HARD, OUT, "left", True), (CORE, NONE, "missing", False), (CORE, BAD, "left", False), (BAD, BAD, None, False),
    (OUT, NONE, None, False), (NONE, NONE, None, False), (OUT, OUT, None, True), (None, CORE, "entered", False), (None, OUT, None, False),
])  # fmt: skip
def test_each_change_has_its_name(before: Figures | None, now: Figures, change: str | None, same: bool) -> None:
    row = paired(year({"a": now}), year({"a": before} if before else {})).row(0, named=True)
    assert (row["change"], row["same"]) == (change, same)


def test_growth_in_all_and_on_the_same_sample() -> None:
    now = year({"a": (100, 60, 60), "b": (200, 60, 60), "c": (50, 40, 40), "d": NONE})
    before = year({"a": (80, 20, 20), "b": (150, 90, 90), "c": NONE, "d": (10, 10, 10), "gone": (999, 999, 999)})
    row = growth(paired(now, before)).row(0, named=True)
    assert row["same"] == 2
    assert [row[f"ai_revenue{end}"] // WAN for end in ("", "_before", "_same", "_same_before")] == [160, 1119, 120, 110]
    assert [row[f"core{end}"] for end in ("", "_before", "_same", "_same_before")] == [2, 3, 1, 1]
    assert {name: row[counted_as(name)] for name in CHANGES} == {
        "entered": 1,
        "left": 1,  # it stood in the directory and is not there any more
        "up": 1,
        "down": 1,
        "turned": 0,
        "missing": 1,
        "ruled": 0,
    }
    assert row["missing"] == row["missing_before"] == 1
    assert row["undetermined"] == row["undetermined_before"] == 0


amounts = st.one_of(st.none(), st.integers(0, 300))
firms = st.dictionaries(
    st.sampled_from([f"e{n}" for n in range(12)]), st.tuples(amounts, amounts, amounts), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(firms, firms)
def test_groups_sum_to_the_whole_and_changes_to_the_difference(
    one: dict[str, Figures], other: dict[str, Figures]
) -> None:
    now, before = year(one), year(other)
    pairs = paired(now, before)
    assert pairs.head(now.height).select(now.columns).equals(now)
    assert sum(decomposition.summed(pairs).values()) == now["counted_output"].sum() - before["counted_output"].sum()
    whole, groups = growth(pairs).row(0, named=True), growth(pairs, "district")
    for name in whole:
        assert groups[name].sum() == whole[name]
    for name in MEASURES:  # who is in no year but this adds nothing to the same sample
        assert whole[f"{name}_same"] <= whole[name]
        assert whole[f"{name}_same_before"] <= whole[f"{name}_before"]
    listed = sum(whole[tier] for tier in ("core", "related_software", "related_hardware"))
    listed_before = sum(whole[f"{tier}_before"] for tier in ("core", "related_software", "related_hardware"))
    assert listed - listed_before == whole["entered"] - whole["left"] - whole["missing_listed"]
    assert whole["reported_before"] <= whole["counted_output_before"]
    assert sum(whole[counted_as(name)] for name in CHANGES) == pairs["change"].count()
    assert sum(whole[f"{tier}_same"] for tier in terms.TIERS) == whole["same"]


@settings(max_examples=60, deadline=None)
@given(firms, st.integers(1, 12))
def test_the_largest_hold_no_more_than_the_whole(one: dict[str, Figures], top: int) -> None:
    frame = year(one)
    row = concentration(frame, top=top).row(0, named=True)
    for name in AMOUNTS:
        by_hand = sorted((value or 0 for value in frame[name]), reverse=True)
        assert (row[name], row[f"{name}_top"]) == (sum(by_hand), sum(by_hand[:top]))
    groups = concentration(frame, "district", top=top)
    assert groups["ai_revenue"].sum() == row["ai_revenue"]
    assert groups["ai_revenue_top"].sum() >= row["ai_revenue_top"]


@pytest.mark.parametrize(("now", "before", "written"), [
    (110, 100, "+10.00%"), (90, 100, "−10.00%"), (100, 100, "0.00%"), (5, 0, "—"), (0, 0, "—"), (0, 8, "−100.00%"),
])  # fmt: skip
def test_a_change_is_written_with_its_sign(now: int, before: int, written: str) -> None:
    assert difference(now, before) == written


def test_a_number_is_written_with_its_sign() -> None:
    assert [signed(change, "3") for change in (2, 0, -2)] == ["+3", "3", "−3"]


@pytest.mark.parametrize(("before", "now", "said"), [
    (SOFT, CORE, "上年占比超过 20%，未超过 50%，AI业务收入未超过 2,000 万元；本年占比超过 50%"),
    (NONE, CORE, "上年没有收入数据；本年占比超过 50%"),
    ((10_000, 1_900, 0), (10_000, 2_500, 0), "上年占比未超过 20%，AI业务收入未超过 2,000 万元；本年AI业务收入超过 2,000 万元"),
    (CORE, (100, 200, 0), "上年占比超过 50%；本年收入有误，无法认定"),
    (SOFT, HARD, "软件收入与硬件收入的大小互换"),
])  # fmt: skip
def test_the_reason_names_the_line_of_each_year(before: Figures, now: Figures, said: str) -> None:
    row: dict[str, Any] = paired(year({"a": now}), year({"a": before})).row(0, named=True)
    assert reason(row, POLICY, POLICY) == said


LOWER = Policy(core_share_bp=2_500)


def test_what_a_policy_alone_has_changed_is_no_upgrade() -> None:
    """30 % of AI is related at a line of 50 % and core at one of 25 %: whoever stayed at 30 % has not moved."""
    before = year({"a": SOFT, "b": SOFT, "c": CORE})
    now = mark_missing(classify(year({"a": SOFT, "b": (100, 60, 60), "c": OUT}).drop(OUTPUTS), LOWER))
    pairs = paired(now, before, LOWER)
    rows = {row["enterprise_id"]: row for row in pairs.to_dicts()}
    assert [rows[name]["change"] for name in "abc"] == ["ruled", "ruled", "left"]
    assert reason(rows["a"], LOWER, POLICY) == (
        "上年公布时占比超过 20%，未超过 50%，AI业务收入未超过 2,000 万元；按本年口径占比超过 25%"
    )
    assert reason(rows["c"], LOWER, POLICY).startswith("上年占比超过 25%；本年占比未超过 20%")
    whole = growth(pairs).row(0, named=True)
    # As published 50 + 50 + 100; by one policy 100 each.
    assert (whole["counted_output_before"], whole["counted_output_same_before"]) == (200 * WAN, 300 * WAN)
    parts = decomposition.summed(pairs)
    assert {name: amount // WAN for name, amount in parts.items() if amount} == {"rule": 100, "growth": -100}
    assert decomposition.rule_on_new(now.with_columns(size=pl.lit(None, pl.String)), POLICY) == 50 * WAN
    said = decomposition.said(parts, 50 * WAN, (LOWER, POLICY))
    assert "按上年数 +0.01 亿元，按本年数 +0.01 亿元；计入的是前者" in said
    assert "没有口径调整" in decomposition.said(parts, 0, (POLICY, POLICY))


def test_a_merger_and_a_move_and_a_revocation_are_parts_and_no_growth() -> None:
    """b went into a; c moved here and d away; e was revoked; f is new: what grew is a, against the sum of a and b."""
    before = year(dict.fromkeys("abcde", CORE))
    now = year({"a": (250, 200, 200), "c": (110, 80, 80), "f": CORE})
    merged = pl.DataFrame({"enterprise_id": ["b"], "into_id": ["a"]})
    pairs = paired(now, before, None, Registers(pl.Series(list("abde")), pl.Series(list("acdf")), merged))
    assert dict(pairs.select("enterprise_id", "leaving").iter_rows()) == {
        "a": None, "c": None, "f": None, "b": "merged", "d": "moved", "e": "revoked",
    }  # fmt: skip
    found = {name: amount // WAN for name, amount in decomposition.summed(pairs).items()}
    assert found == {
        "rule": 0, "moved": 0, "merged": 0, "revoked": -100, "missing": 0, "entry": 100, "unusable": 0, "growth": 60,
    }  # fmt: skip
    each = {row["enterprise_id"]: row for row in decomposition.parts(pairs).to_dicts()}
    assert [each[name]["merged"] // WAN for name in "ab"] == [100, -100]
    assert [each[name]["moved"] // WAN for name in "cd"] == [100, -100]
    whole = growth(pairs).row(0, named=True)
    assert (whole["counted_output_before"] // WAN, whole["counted_output"] // WAN) == (400, 460)
    assert (whole["same"], whole["ai_revenue_same_before"] // WAN, whole["ai_revenue_same"] // WAN) == (2, 180, 280)
    assert [whole[name] for name in ("left", "entered")] == [2, 1]
    assert reason(pairs.filter(enterprise_id="b").row(0, named=True), POLICY, POLICY).endswith("；已并入其他企业")


@pytest.mark.parametrize(("size", "said"), [
    ("small", "本年占比超过 20%，未超过 40%，小微企业不适用AI收入线"),
    ("medium", "本年占比超过 20%，未超过 50%，AI业务收入未超过 2,000 万元"),
    (None, "本年占比超过 20%，未超过 50%，AI业务收入未超过 2,000 万元"),
])  # fmt: skip
def test_the_reason_names_the_lines_of_its_size(size: str | None, said: str) -> None:
    """A small firm with 3,500 万 of AI revenue has not missed a line that is closed to it."""
    own = Policy(core_share_small_bp=4_000, small_core_by_revenue=False)
    row = {"change": "up", "rule_branch": "related", "rule_branch_ruled": "outside", "size": size}
    assert reason(row, own, POLICY).endswith(said)


def test_each_line_is_read_by_the_policy_alone() -> None:
    for inclusive in (False, True):
        policy = Policy(threshold_inclusive=inclusive)
        assert [policy.meets(amount, 20_000_000) for amount in (19_999_999, 20_000_000, 20_000_001)] == [
            False,
            inclusive,
            True,
        ]
        assert [policy.share_meets(ai, 30_001, 3_333) for ai in (9_999, 10_000)] == [False, True]
        assert policy.share_meets(5_000, 10_000, 5_000) is inclusive
