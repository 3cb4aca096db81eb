"""数据质量: the doubts over all enterprises at once are those of 审核关系 one by one."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.dictionaries import INDUSTRIES
from core.base.values import YUAN_LIMIT
from core.filing import checks, size_rule
from core.filing.size_rule import computed_size
from core.rule.classification import classify
from core.rule.policy import Policy
from core.statistics.quality import GROUPS, ISSUES, ages, counts, judged

AMOUNTS = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
SCHEMA = (
    {
        "enterprise_id": pl.String,
        "filed_size": pl.String,
        "industry": pl.String,
        "explained": pl.List(pl.String),
        "filed": pl.Boolean,
    }
    | dict.fromkeys(AMOUNTS, pl.Int64)
    | {f"{name}_before": pl.Int64 for name in AMOUNTS}
    | dict.fromkeys(
        ("insured_staff", "total_assets", "ip_count", "ip_invention", "ip_utility", "ip_software", "ip_layout"),
        pl.Int64,
    )
    | {"filed_year": pl.Int64, "corrections": pl.UInt32}
)
GOOD = {
    "filed_size": "medium",
    "industry": "I12",
    "filed": True,
    "total_revenue": 60_000_000,
    "ai_revenue": 42_000_000,
    "software_revenue": 30_000_000,
    "hardware_revenue": 12_000_000,
    "total_revenue_before": 50_000_000,
    "ai_revenue_before": 35_000_000,
    "insured_staff": 120,
    "total_assets": 80_000_000,
    "ip_count": 1,
    "ip_software": 1,
    "ip_invention": 0,
    "ip_utility": 0,
    "ip_layout": 0,
    "filed_year": 2025,
}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    filled = [dict.fromkeys(SCHEMA) | {"enterprise_id": f"e{n}"} | GOOD | row for n, row in enumerate(rows)]
    return judged(classify(pl.DataFrame(filled, schema=SCHEMA), Policy()), 2025)


def found(**changes: Any) -> set[str]:
    (row,) = frame(changes).to_dicts()
    return {code for code in ISSUES if row[code]}


@pytest.mark.parametrize(("changes", "codes"), [
    ({}, set()),
    ({"total_revenue": None, "ai_revenue": None, "software_revenue": None, "hardware_revenue": None}, {"report_missing"}),
    ({"ai_revenue": None}, {"invalid"}),
    ({"software_revenue": None, "hardware_revenue": None}, {"kind_missing"}),
    ({"ai_revenue": 20_000_000, "software_revenue": None, "hardware_revenue": None, "ai_revenue_before": None}, {"kind_missing", "kind_assumed"}),
    ({"total_assets": None}, {"assets_missing"}),
    ({"ip_count": 4}, {"rights_unlisted"}),
    ({"filed": False, "insured_staff": None, "total_assets": None, "ip_count": None, "industry": None}, {"people_missing"}),
    ({"total_revenue": 10_000_000, "total_revenue_before": None}, {"invalid"}),
    ({"software_revenue": 29_000_000}, {"parts_differ"}),
    ({"hardware_revenue": None, "software_revenue": 42_000_000}, set()),
    ({"total_revenue_before": 6_000, "ai_revenue_before": 42_000_000}, {"unit_slip"}),
    ({"ai_revenue_before": 42_000_000_000, "total_revenue_before": None}, {"unit_slip"}),
    ({"insured_staff": 1, "total_revenue": 100_000_001, "filed_size": "small", "total_revenue_before": None}, {"per_head"}),
    ({"total_revenue_before": 19_999_999}, {"year_on_year"}),
    ({"total_revenue_before": 20_000_000}, set()),
    ({"ai_revenue_before": 999_999, "total_revenue_before": None}, set()),
    ({"filed_size": "large"}, {"size_differs"}),
    ({"explained": ["share_crossed"]}, {"share_crossed"}),
    ({"filed_year": 2024}, {"stale"}),
    ({"corrections": 2}, {"corrected"}),
])  # fmt: skip
def test_each_issue_is_found_where_it_is(changes: dict[str, Any], codes: set[str]) -> None:
    assert found(**changes) == codes


def test_every_issue_has_a_group_and_its_words() -> None:
    assert {issue.group for issue in ISSUES.values()} == {"missing", "explain", "class", "age"}
    assert all(GROUPS[issue.group] and issue.label and issue.rule for issue in ISSUES.values())
    explainable = {code for code, issue in ISSUES.items() if issue.explainable}
    assert explainable == {code for code, issue in ISSUES.items() if issue.group == "explain"}


def test_counts_say_how_many_and_how_many_were_explained() -> None:
    table = counts(
        frame(
            {"filed_size": "large", "explained": ["size_differs"]},
            {"filed_size": "large", "explained": ["parts_differ"]},
            {"total_assets": None},
        )
    )
    rows = {code: (number, explained) for code, number, explained in table.rows()}
    assert rows["size_differs"] == (2, 1)
    assert rows["parts_differ"] == (0, 0)  # explained once, and since mended: nothing is found
    assert rows["assets_missing"] == (1, None)
    assert list(rows) == list(ISSUES)
    assert counts(frame())["found"].sum() == 0


def test_ages_are_counted_newest_first() -> None:
    assert ages(frame({}, {"filed_year": 2023}, {})).rows() == [(2025, 2), (2023, 1)]


near = st.one_of(st.integers(1, 10**6), st.integers(1, YUAN_LIMIT))


@given(near, st.one_of(near, st.sampled_from([333, 334, 999, 1_000, 3_000, 3_333, 3_334, 10_000, 30_000, 30_001])))
@settings(max_examples=100, deadline=None)
def test_a_slip_is_what_the_check_calls_one(now: int, factor: int) -> None:
    for then in {min(now * factor, YUAN_LIMIT), max(now // factor, 1), min(factor, YUAN_LIMIT)}:
        expected = checks._slip(now, then) is not None
        jumped = then >= 1_000_000 and not expected and (now > 3 * then or now * 10 < then * 4)
        (row,) = frame({"total_revenue": now, "total_revenue_before": then, "ai_revenue": None}).to_dicts()
        assert (row["unit_slip"], row["year_on_year"]) == (expected, jumped), (now, then)


indicator = st.one_of(st.none(), st.integers(0, 400), st.integers(0, 3 * 10**9))


@given(st.sampled_from([*INDUSTRIES, None]), indicator, indicator, indicator)
@settings(max_examples=400, deadline=None)
def test_the_size_of_a_column_is_the_size_of_one(
    industry: str | None, employees: int | None, revenue: int | None, assets: int | None
) -> None:
    table = pl.DataFrame(
        {"industry": [industry], "employees": [employees], "revenue": [revenue], "assets": [assets]},
        schema={"industry": pl.String, "employees": pl.Int64, "revenue": pl.Int64, "assets": pl.Int64},
    )
    got = table.select(
        computed_size(industry="industry", employees="employees", revenue="revenue", assets="assets")
    ).item()
    one = industry and size_rule.enterprise_size(industry, employees=employees, revenue=revenue, assets=assets)
    assert got == (size_rule.form_size(one) if one else None)
