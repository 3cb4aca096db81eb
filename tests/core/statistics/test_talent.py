"""人才与知识产权: sums add up over every grouping, ratios rest on those with both sides."""

from typing import Any

import polars as pl

from core.statistics.metrics import METRICS
from core.statistics.talent import COUNTS, RIGHTS, plotted, sums


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    schema = {
        "enterprise_id": pl.String,
        "district": pl.String,
        "filed": pl.Boolean,
        "ai_revenue": pl.Int64,
    } | dict.fromkeys(COUNTS, pl.Int64)
    return pl.DataFrame(
        [dict.fromkeys(schema) | {"enterprise_id": f"e{n}"} | row for n, row in enumerate(rows)], schema=schema
    )


SAMPLE = frame(
    {
        "district": "GX",
        "filed": True,
        "ai_revenue": 900,
        "insured_staff": 30,
        "researchers": 12,
        "ip_count": 9,
        "ip_invention": 3,
    },
    {
        "district": "GX",
        "filed": True,
        "ai_revenue": None,
        "insured_staff": 10,
        "researchers": 2,
        "ip_count": 1,
        "ip_invention": 1,
    },
    {"district": "HS", "filed": False, "ai_revenue": 500},
    {
        "district": None,
        "filed": True,
        "ai_revenue": 100,
        "insured_staff": 0,
        "researchers": 0,
        "ip_count": 0,
        "ip_invention": 0,
    },
)


def test_who_has_rights_but_listed_none_is_in_no_ratio_of_inventions() -> None:
    person = {"district": "GX", "filed": True, "insured_staff": 100}
    nothing = dict.fromkeys(RIGHTS, 0)
    listed = person | nothing | {"ip_count": 5, "ip_invention": 2}
    silent, none = person | nothing | {"ip_count": 5}, person | nothing | {"ip_count": 0}
    assert sums(frame(listed)).select("inventions", "staff_of_rights").row(0) == (2, 100)
    assert sums(frame(listed, silent)).select("inventions", "staff_of_rights").row(0) == (2, 100)
    assert sums(frame(listed, none)).select("inventions", "staff_of_rights").row(0) == (2, 200)


def test_groups_sum_to_the_whole() -> None:
    whole, parts = sums(SAMPLE).row(0, named=True), sums(SAMPLE, "district")
    assert {name: parts[name].sum() for name in whole} == whole
    assert (whole["enterprises"], whole["reported"], whole["insured_staff"], whole["researchers"]) == (4, 3, 40, 14)


def test_a_ratio_leaves_out_who_has_one_side_only() -> None:
    whole = sums(SAMPLE).row(0, named=True)
    assert (whole["ai_staffed"], whole["staff_of_ai"]) == (900, 30)
    assert (whole["inventions"], whole["staff_of_rights"]) == (4, 40)
    assert METRICS["ai_revenue_average"].of(whole) == 30
    assert METRICS["inventions_average"].of(whole) == 100  # tenths


def test_a_log_axis_shows_what_is_above_nothing_largest_first() -> None:
    found, many = plotted(SAMPLE, "insured_staff", most=5)
    assert (found["enterprise_id"].to_list(), many) == (["e0"], 1)
    everybody = SAMPLE.with_columns(insured_staff=pl.lit(1), ai_revenue=pl.Series([4, 3, 2, 1]))
    thinned, many = plotted(everybody, "insured_staff", most=2)
    assert (thinned["enterprise_id"].to_list(), many) == (["e0", "e2"], 4)
    assert plotted(everybody, "insured_staff", most=3)[0].height <= 3
    assert plotted(SAMPLE.clear(), "insured_staff", most=3)[1] == 0


def test_of_nobody_everything_is_nothing() -> None:
    assert set(sums(SAMPLE.clear()).row(0)) == {0}
