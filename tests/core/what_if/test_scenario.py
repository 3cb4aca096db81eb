"""阈值测算: sums that add up, no moves without a difference, a band that equals the rule run under every reading."""

from itertools import product
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base import terms
from core.rule.classification import OUTPUTS, classify, mark_missing
from core.rule.policy import READINGS, Policy, clause_of, clauses, shipped
from core.what_if import scenario
from core.what_if.scenario import HEADLINE
from tests.core.rule.test_classification import Row, arrow, bps, frames, policies, quick, sound_rows

BASE = shipped()[-1]


def table(rows: list[Row]) -> pl.DataFrame:
    """As the dashboards have it: who, where, how large, and the amounts."""
    places = ("GX", "HS", None)
    return pl.DataFrame(arrow(rows)).with_columns(
        enterprise_id=pl.col("id").cast(pl.String),
        district=pl.Series([places[at % 3] for at in range(len(rows))], dtype=pl.String),
    )


def headline(frame: pl.DataFrame) -> dict[str, int]:
    tier = frame["directory_tier"]
    return {
        "core": int((tier == "core").sum()),
        "related": int(tier.str.starts_with("related").sum()),
        "counted_output": int(frame["counted_output"].sum()),
    }


# --- before and after ---------------------------------------------------------------------------------


@given(frames, policies)
@quick
def test_the_policy_in_force_against_itself_moves_nobody(rows: list[Row], policy: Policy) -> None:
    compared = scenario.compare(classify(table(rows), policy), policy)
    assert not compared["moved"].any()
    assert compared["difference"].to_list() == [0] * len(rows)
    assert scenario.movers(compared).is_empty()
    cells = scenario.moves(compared)
    assert cells["directory_tier"].equals(cells["directory_tier_after"].alias("directory_tier"))


@given(frames, policies, policies)
@quick
def test_after_is_what_the_rule_gives_and_everything_sums_to_the_whole(
    rows: list[Row], policy: Policy, trial: Policy
) -> None:
    before, after = (mark_missing(classify(table(rows), each)) for each in (policy, trial))
    compared = scenario.compare(before, trial)
    for name in OUTPUTS:
        assert compared[f"{name}_after"].to_list() == after[name].to_list()
    (whole,) = scenario.groups(compared).to_dicts()
    assert {name: whole[name] for name in HEADLINE} == headline(before)
    assert {name: whole[f"{name}_after"] for name in HEADLINE} == headline(after)
    assert whole["difference"] == whole["counted_output_after"] - whole["counted_output"]
    for by in ("district", "size"):
        parts = scenario.groups(compared, by)
        assert {name: parts[name].sum() for name in whole} == whole
        assert parts["difference"].to_list() == sorted(parts["difference"], reverse=True)
    cells = scenario.moves(compared)
    assert cells["enterprises"].sum() == len(rows)
    assert cells["difference"].sum() == whole["difference"]
    assert (
        cells.filter(pl.col("directory_tier") != pl.col("directory_tier_after"))["enterprises"].sum() == whole["moved"]
    )
    movers = scenario.movers(compared)
    assert movers["difference"].sum() == whole["difference"]
    assert movers["moved"].sum() == whole["moved"]
    assert set(compared["enterprise_id"]) - set(movers["enterprise_id"]) == {
        row["enterprise_id"]
        for row in compared.to_dicts()
        if all(row[name] == row[f"{name}_after"] for name in ("directory_tier", "counting_basis", "counted_output"))
    }


@given(frames, st.lists(bps, min_size=2, max_size=5, unique=True))
@quick
def test_the_higher_the_core_line_the_fewer_are_core(rows: list[Row], lines: list[int]) -> None:
    counted = classify(table(rows), BASE)
    counts = [
        scenario.groups(scenario.compare(counted, BASE.scenario(core_share_bp=bp)))["core_after"][0]
        for bp in sorted(lines)
    ]
    assert counts == sorted(counts, reverse=True)


# --- the band ------------------------------------------------------------------------------------------


def tied(row: Row) -> Row:
    return row | {"hardware_revenue": row["software_revenue"]}


@given(st.lists(st.one_of(sound_rows(), sound_rows().map(tied)), min_size=1, max_size=8) | frames, policies)
@quick
def test_the_band_is_the_rule_run_under_every_reading(rows: list[Row], policy: Policy) -> None:
    found = scenario.band(table(rows), policy)
    combinations = list(product(*READINGS.values()))
    assert found.height == len(combinations) == 12
    expected = []
    for combination in combinations:
        chosen = dict(zip(READINGS, combination, strict=True))
        expected.append({**chosen, **headline(classify(table(rows), policy.scenario(**chosen)))})
    assert found.to_dicts() == expected
    own = headline(classify(table(rows), policy))
    for name, (least, most) in scenario.spans(found).items():
        assert least <= own[name] <= most
        assert (least, most) == (min(row[name] for row in expected), max(row[name] for row in expected))
    bars = scenario.tornado(found, policy)
    assert sorted(bars["clause"]) == sorted(READINGS)
    assert bars["spread"].to_list() == sorted(bars["spread"], reverse=True)
    for bar in bars.to_dicts():
        alone = [
            headline(classify(table(rows), policy.scenario(**{bar["clause"]: code})))["counted_output"]
            for code in READINGS[bar["clause"]]
        ]
        assert (bar["least"], bar["most"]) == (min(alone), max(alone))


def test_every_reading_is_one_that_the_policy_knows() -> None:
    for name, readings in READINGS.items():
        assert name in clauses()
        assert getattr(BASE, name) in readings
        for code in readings:
            assert getattr(BASE.scenario(**{name: code}), name) == code


# --- presets -------------------------------------------------------------------------------------------


def test_there_is_a_preset_for_the_policy_each_other_reading_and_the_rule_of_2023() -> None:
    known = scenario.presets(BASE)
    assert list(known) == [
        "in_force",
        "threshold_inclusive.true",
        "low_share_core.not_counted",
        "low_share_core.ai_revenue",
        "equal_kind.software",
        "city_2023",
    ]
    assert known["in_force"].changes == {}
    assert all(preset.name and preset.source for preset in known.values())
    other = BASE.scenario(threshold_inclusive=True)
    assert "threshold_inclusive.false" in scenario.presets(other)


@pytest.mark.parametrize(
    ("size", "total", "ai", "tier"),
    [
        ("small", 10_000, 4_000, "core"),
        ("small", 10_000, 3_999, "related_hardware"),
        ("medium", 10_000, 3_000, "core"),
        ("large", 10_000, 2_999, "related_hardware"),
        ("large", 200_000_000, 20_000_000, "core"),
        ("medium", 200_000_000, 19_999_999, "outside"),
        ("small", 200_000_000, 60_000_000, "related_hardware"),
    ],
)
def test_the_rule_of_2023(size: str, total: int, ai: int, tier: str) -> None:
    trial = scenario.scenario(BASE, scenario.presets(BASE)["city_2023"].changes)
    row = {"total_revenue": total, "ai_revenue": ai, "software_revenue": None, "hardware_revenue": None, "size": size}
    compared = scenario.compare(classify(table([row]), BASE), trial)
    assert compared["directory_tier_after"][0] == tier


# --- the address ---------------------------------------------------------------------------------------


@given(policies)
@quick
def test_an_address_holds_what_differs_and_leads_back(trial: Policy) -> None:
    given_ = scenario.address(BASE, trial)
    back, problems = scenario.read(BASE, given_)
    assert not problems
    assert scenario.changes(BASE, back) == scenario.changes(BASE, trial)
    assert list(given_) == [name for name in clauses() if getattr(BASE, name) != getattr(trial, name)]


def test_an_address_like_the_policy_is_the_policy_and_a_trial_says_that_it_is_one() -> None:
    assert scenario.read(BASE, {}) == (BASE, [])
    assert scenario.read(BASE, {"core_share_bp": "5000"}) == (BASE, [])
    trial, _ = scenario.read(BASE, {"core_share_bp": "4000", "year": "2025"})
    assert scenario.address(BASE, trial) == {"core_share_bp": "4000"}
    assert "测算" in trial.version
    assert "没有文件依据" in clause_of(trial, "core_share_bp")
    assert clause_of(trial, "related_share_bp") == clauses()["related_share_bp"].clause
    assert scenario.described(BASE, trial) == "核心企业占比线 50% → 40%"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("core_share_bp", "half"), ("core_share_bp", "10001"), ("core_share_bp", "none"), ("core_share_bp", "4e3"), ("core_ai_revenue", "-1"),
        ("threshold_inclusive", "maybe"), ("low_share_core", "half"), ("core_share_small_bp", ""), ("small_core_by_revenue", "none"),
    ],
)  # fmt: skip
def test_what_an_address_says_wrongly_is_named_and_left_as_in_force(name: str, text: str) -> None:
    trial, problems = scenario.read(BASE, {name: text, "related_share_bp": "1000"})
    assert scenario.changes(BASE, trial) == {"related_share_bp": 1000}
    assert len(problems) == 1
    assert clauses()[name].label in problems[0]
    assert text in problems[0]


def test_a_scenario_kept_long_ago_that_fits_no_more_is_none() -> None:
    assert scenario.standing(BASE, {"core_share_bp": 4000}) is not None
    broken: dict[str, Any] = {"core_share_bp": 99_999}
    assert scenario.standing(BASE, broken) is None
    assert scenario.standing(BASE, {"gone": 1}) is None


def test_tiers_of_the_matrix_are_those_of_the_words() -> None:
    row = {"total_revenue": 10, "ai_revenue": 4, "software_revenue": None, "hardware_revenue": None}
    cells = scenario.moves(
        scenario.compare(classify(table([row, row | {"ai_revenue": 9}]), BASE), BASE.scenario(core_share_bp=1))
    )
    assert cells["directory_tier"].to_list() == ["core", "related_hardware"]
    assert set(cells["directory_tier_after"]) <= set(terms.TIERS)
