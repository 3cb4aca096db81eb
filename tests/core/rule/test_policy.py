"""Policies: dated, referenced, versioned; a scenario is a checked copy."""

import re
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from core.base.values import YUAN_LIMIT
from core.rule.policy import Policy, clause_of, clauses, counts_for, in_force, shipped

PARAMETERS = (
    "core_share_bp",
    "core_ai_revenue",
    "related_share_bp",
    "core_weight_bp",
    "related_software_weight_bp",
    "related_hardware_weight_bp",
    "threshold_inclusive",
    "low_share_core",
    "core_share_small_bp",
    "small_core_by_revenue",
    "equal_kind",
)
CHINESE = re.compile(r"[一-鿿]")


def test_the_version_of_the_manual_is_the_default_rule() -> None:
    policy = in_force(shipped(), date(2025, 12, 30))
    assert policy.model_dump(include=set(PARAMETERS)) == {
        "core_share_bp": 5000,
        "core_ai_revenue": 20_000_000,
        "related_share_bp": 2000,
        "core_weight_bp": 10_000,
        "related_software_weight_bp": 5000,
        "related_hardware_weight_bp": 2000,
        "threshold_inclusive": False,
        "low_share_core": "related_weight",
        "core_share_small_bp": None,
        "small_core_by_revenue": True,
        "equal_kind": "hardware",
    }
    assert policy.model_dump(include=set(PARAMETERS)) == Policy().model_dump(include=set(PARAMETERS))


def test_every_shipped_version_is_dated_titled_and_referenced() -> None:
    versions = shipped()
    assert versions
    assert all(version.version and version.title and version.reference for version in versions)
    assert all(version.effective_from > date.min for version in versions)
    days = [version.effective_from for version in versions]
    assert days == sorted(days)
    assert len({version.version for version in versions}) == len(versions)


def test_every_parameter_has_a_clause_a_label_and_a_unit() -> None:
    described = clauses()
    assert set(described) == set(PARAMETERS)
    for clause in described.values():
        assert all(CHINESE.search(text) for text in (clause.label, clause.clause, clause.unit))
    assert len({clause.label for clause in described.values()}) == len(PARAMETERS)
    assert described["core_ai_revenue"].unit == "元"


def version(name: str, day: date) -> Policy:
    return Policy(version=name, effective_from=day)


FIRST, SECOND = version("甲", date(2025, 1, 1)), version("乙", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2025, 1, 1), "甲"), (date(2025, 12, 31), "甲"), (date(2026, 1, 1), "乙"), (date(2099, 1, 1), "乙")],
)
def test_the_latest_version_already_effective_is_in_force(day: date, expected: str) -> None:
    assert in_force([FIRST, SECOND], day).version == expected
    assert in_force(iter([SECOND, FIRST]), day).version == expected


def test_of_two_versions_effective_on_one_day_the_later_published_holds() -> None:
    corrected = version("乙（更正）", SECOND.effective_from)
    assert in_force([FIRST, SECOND, corrected], date(2026, 2, 1)).version == "乙（更正）"
    assert in_force([corrected, SECOND, FIRST], date(2026, 2, 1)).version == "乙"


def test_before_the_first_version_the_refusal_is_a_chinese_sentence() -> None:
    with pytest.raises(LookupError, match="2024-12-31 尚无生效的统计政策版本"):
        in_force([FIRST, SECOND], FIRST.effective_from - timedelta(days=1))
    with pytest.raises(LookupError):
        in_force([], date(2026, 1, 1))


def test_a_scenario_changes_only_what_it_names_and_says_that_it_is_a_trial() -> None:
    base = shipped()[0]
    trial = base.scenario(core_share_bp=4000)
    assert trial.core_share_bp == 4000
    assert trial.version == f"{base.version}（测算）"
    same = trial.model_dump(exclude={"core_share_bp", "version"})
    assert same == base.model_dump(exclude={"core_share_bp", "version"})
    assert base.core_share_bp == 5000


@pytest.mark.parametrize(
    "changes",
    [
        {"core_share_bp": -1},
        {"core_share_bp": 10_001},
        {"core_share_bp": 5000.0},
        {"core_share_bp": "5000"},
        {"core_share_bp": True},
        {"core_share_bp": None},
        {"related_hardware_weight_bp": 10_001},
        {"core_ai_revenue": -1},
        {"core_ai_revenue": YUAN_LIMIT + 1},
        {"core_ai_revenue": 2e7},
        {"threshold_inclusive": 1},
        {"threshold_inclusive": "true"},
        {"low_share_core": "half"},
        {"core_share_small_bp": 10_001},
        {"small_core_by_revenue": None},
        {"equal_kind": "both"},
        {"effective_from": "昨天"},
        {"no_such_parameter": 1},
    ],
    ids=str,
)
def test_a_scenario_with_a_bad_value_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy().scenario(**changes)


@pytest.mark.parametrize("bp", [0, 1, 9_999, 10_000])
def test_a_scenario_may_go_to_the_ends_of_the_scale(bp: int) -> None:
    assert Policy().scenario(core_share_bp=bp, related_share_bp=bp).related_share_bp == bp


def test_a_policy_is_frozen() -> None:
    policy = Policy()
    with pytest.raises(ValidationError):
        policy.core_share_bp = 1  # type: ignore[misc]
    assert policy.core_share_bp == 5000
    assert hash(policy) == hash(Policy())


def test_the_largest_amount_times_ten_thousand_fits_64_bits() -> None:
    assert YUAN_LIMIT * 10_000 + 5_000 < 2**63 <= YUAN_LIMIT * 10_000 * 11


def test_a_value_the_bureau_changed_rests_on_its_own_document() -> None:
    changed = Policy(core_share_bp=4000, reference="武经信〔2026〕1号")
    assert clause_of(changed, "core_share_bp") == "武经信〔2026〕1号"
    assert clause_of(changed, "related_share_bp") == clauses()["related_share_bp"].clause
    assert clause_of(Policy(core_share_bp=4000), "core_share_bp") == clauses()["core_share_bp"].clause


FIRST_YEAR, NEW_POLICY = version("甲", date(2025, 12, 30)), version("乙", date(2026, 7, 1))


@pytest.mark.parametrize(
    ("year", "today", "expected"),
    [
        (2025, date(2026, 6, 30), "甲"),
        (2025, date(2026, 7, 1), "甲"),  # 2025 is closed: a version that comes later does not classify it anew
        (2025, date(2028, 1, 1), "甲"),
        (2026, date(2026, 7, 1), "乙"),  # the year that runs counts by the version in force
        (2026, date(2028, 1, 1), "乙"),
        (2024, date(2026, 7, 1), "甲"),  # 2025 was over before the new version came
        (2019, date(2026, 7, 1), "甲"),  # older than any version: by the first
        (2026, date(2026, 5, 1), "甲"),
    ],
)
def test_the_figures_of_a_year_count_by_the_version_of_their_time(year: int, today: date, expected: str) -> None:
    assert counts_for([FIRST_YEAR, NEW_POLICY], year, today).version == expected
