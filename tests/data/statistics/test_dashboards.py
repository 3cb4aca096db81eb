"""The reads of the dashboards: the selection within the scope, beside the year before, once per version."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from core.base import terms
from core.base.errors import Forbidden
from core.statistics.selection import Selection
from core.statistics.year_on_year import CHANGES, complete, counted_as, incomplete_words
from data.access.visit import Visit
from data.directory import classified
from data.rule import parameters
from data.statistics import dashboards
from tests.core import samples
from tests.data.directory.test_classified import firm, full, load, open_forecast_round
from tests.world import World

NOW = Selection(2025)


def library(world: World) -> None:
    """Four firms in two districts with two years each, one of them without figures of the newer."""
    load(world, [
        firm(0, "GX", full("6000", "4200", "4200", "0"), full("5000", "2000", "1500", "500", "2024")),
        firm(1, "GX", full("100", "30", "30", "0"), full("100", "60", "60", "0", "2024")),
        firm(2, "HS", full("100", "10", "10", "0"), full("", "", "", "", "2024")),
        firm(3, "HS", full("", "", "", ""), full("300", "200", "200", "0", "2024")),
    ])  # fmt: skip


def test_the_selection_holds_within_the_scope_and_standing_counts_it(world: World) -> None:
    library(world)
    city = world.visit("city")
    assert dashboards.enterprises(city, NOW)["name"].to_list() == ["虚构企业0", "虚构企业1", "虚构企业2", "虚构企业3"]
    assert dashboards.enterprises(city, Selection(2025, district="HS"))["name"].to_list() == ["虚构企业2", "虚构企业3"]
    about = dashboards.standing(city, Selection(2025, district="HS"))
    assert (about.scope, about.reported, about.admitted, about.policy.version) == ("全市", 1, 2, "2025-12-30")
    assert about.as_of == classified.data_as_of(city)
    own = world.visit("district")
    assert dashboards.enterprises(own, NOW)["district"].unique().to_list() == ["GX"]
    assert dashboards.enterprises(own, Selection(2025, district="HS")).is_empty()
    assert dashboards.totals(own, Selection(2025, district="HS"), "district")["district"].to_list() == ["GX"]


def test_a_chart_shows_every_value_of_its_own_filter_and_the_others_hold(world: World) -> None:
    library(world)
    city, asked = world.visit("city"), Selection(2025, district="GX", tier="core")
    table = dashboards.totals(city, asked, "district")
    assert table.select("district", "enterprises").rows() == [("GX", 1)]
    assert dict(
        dashboards.totals(city, asked.without("tier"), "district").select("district", "enterprises").iter_rows()
    ) == {"GX": 2, "HS": 2}
    assert dashboards.totals(city, asked)["enterprises"].item() == 1


@pytest.mark.parametrize("by", ["district", "layer", "size"])
def test_groups_sum_to_the_whole(world: World, by: str) -> None:
    library(world)
    city = world.visit("city")
    for read in (dashboards.totals, dashboards.growth):
        whole, groups = read(city, NOW).row(0, named=True), read(city, NOW, by)
        assert {name: groups[name].sum() for name in whole} == whole
    whole = dashboards.concentration(city, NOW).row(0, named=True)
    assert dashboards.concentration(city, NOW, by)["ai_revenue"].sum() == whole["ai_revenue"] == whole["ai_revenue_top"]


def test_by_segment_an_enterprise_counts_in_each_of_its_own(world: World) -> None:
    library(world)
    table = dashboards.totals(world.visit("city"), NOW, "segment")
    assert dict(table.select("segment", "enterprises").iter_rows()) == {"application_software": 4, "platforms": 4}
    one = dashboards.totals(world.visit("city"), Selection(2025, segment="platforms"), "segment")
    assert one.height == 2  # its own filter is lifted


def test_the_year_before_is_told_in_all_and_on_the_same_sample(world: World) -> None:
    library(world)
    city = world.visit("city")
    assert dashboards.has_former(city, NOW)
    assert not dashboards.has_former(city, Selection(2024))
    row = dashboards.growth(city, NOW).row(0, named=True)
    wan = 10_000
    assert (row["same"], row["ai_revenue"], row["ai_revenue_before"]) == (2, 4240 * wan, 2260 * wan)
    assert (row["ai_revenue_same"], row["ai_revenue_same_before"]) == (4230 * wan, 2060 * wan)
    moves = {change: dashboards.moved(city, NOW, change)["name"].to_list() for change in CHANGES}
    # Who has not reported has not left.
    assert moves == {
        "entered": [],
        "left": [],
        "up": ["虚构企业0"],
        "down": ["虚构企业1"],
        "turned": [],
        "missing": ["虚构企业3"],
        "ruled": [],
    }
    assert all(row[counted_as(change)] == len(names) for change, names in moves.items())
    # A filter on the class asks for the class of now and follows the same enterprises back.
    core = dashboards.growth(city, Selection(2025, tier="core")).row(0, named=True)
    assert (core["core"], core["core_before"], core["related_software_before"], core["up"]) == (1, 0, 1, 1)
    assert dashboards.moved(world.visit("other_district"), NOW, "up").is_empty()


def test_coverage_is_by_count_and_by_what_was_last_earned(world: World) -> None:
    """The one that has not reported is a quarter by count, and 300 of 5,400 by what is known of it; the one of which nothing is known counts for nothing."""
    library(world)
    city, wan = world.visit("city"), 10_000
    (row,) = dashboards.coverage(city, NOW).to_dicts()
    assert row == {"admitted": 4, "covered": 3, "last_revenue": 5_400 * wan, "last_revenue_covered": 5_100 * wan}
    about = dashboards.standing(city, NOW)
    assert about.coverage and about.coverage.rates == "覆盖 75.00%，按上次总收入 94.44%"
    by = {each["district"]: each for each in dashboards.coverage(city, NOW, "district").to_dicts()}
    assert (by["HS"]["covered"], by["HS"]["last_revenue"], by["HS"]["last_revenue_covered"]) == (1, 300 * wan, 0)
    assert {name: sum(each[name] for each in by.values()) for name in row} == row


def test_all_is_compared_with_the_year_before_only_where_enough_of_it_has_reported(world: World) -> None:
    """Of 2,500 + 100 + 300 万 counted the year before, the 300 have not reported: 89.66 %."""
    library(world)
    city = world.visit("city")
    row = dashboards.growth(city, NOW).row(0, named=True)
    assert (row["reported_before"], row["counted_output_before"]) == (26_000_000, 29_000_000)
    assert dashboards.coverage_least(city) == 95
    assert not complete(row, 95)
    assert "89.66%" in incomplete_words(row, 95)
    assert complete(row, 89)
    assert incomplete_words(row, 89) == ""
    keeper = world.visit("administrator")
    parameters.put(keeper, "coverage_least", 0, "80")
    assert dashboards.coverage_least(city) == 80


def test_a_forecast_is_set_beside_the_actual_year_before(world: World) -> None:
    open_forecast_round(world)
    ahead = samples.year("2026", full_year=samples.figures("8000", "5600"))
    load(world, [firm(0, "GX", ahead, full("6000", "1800", "1800", "0"))], "2026-2")
    asked = Selection(2026, True)
    row = dashboards.growth(world.visit("city"), asked).row(0, named=True)
    assert dashboards.has_former(world.visit("city"), asked)
    assert (row["core"], row["core_before"], row["related_software_before"], row["up"]) == (1, 0, 1, 1)


def test_quarters_are_told_single_and_cumulative_for_the_selected(world: World) -> None:
    columns = {
        period: samples.figures(total, ai)
        for period, total, ai in (("q1", "10", "5"), ("q2", "20", "11"), ("q3", "30", "18"), ("full_year", "45", "27"))
    }
    load(world, [firm(0, "GX", samples.year("2025", **columns)), firm(1, "HS", full("90", "80"))])
    city = world.visit("city")

    def told(form: str, **filters: str) -> list[int]:
        return [
            value // 10_000
            for value in dashboards.quarters(city, Selection.asked(2025, False, filters), form)["ai_revenue"]
        ]

    assert told("single") == [5, 6, 7, 9]
    assert told("cumulative") == [5, 11, 18, 107]
    assert told("cumulative", district="GX") == [5, 11, 18, 27]


def test_targets_are_those_the_administrator_has_set(world: World) -> None:
    city, keeper = world.visit("city"), world.visit("administrator")
    assert dashboards.targets(city) == (None, None)
    before = dashboards.version(city)
    parameters.put(keeper, "core_target", 0, "1000")
    parameters.put(keeper, "counted_target", 0, "2000")
    assert dashboards.targets(city) == (1000, 200_000_000_000)
    assert dashboards.version(city) != before


def test_demands_are_counted_within_the_scope_and_by_the_chosen_district(world: World) -> None:
    demand = {"kind": "compute", "title": "需要算力", "description": "训练用", "scale": "", "needed_by": ""}
    world.submit("enterprise", samples.put(samples.clean(), {"market.demands": [demand]}))
    city = world.visit("city")
    assert dashboards.asked_for(city, NOW)["compute"] == 1
    assert dashboards.asked_for(city, Selection(2025, district="HS"))["compute"] == 0
    assert dashboards.asked_for(world.visit("other_district"), NOW)["compute"] == 0
    with pytest.raises(Forbidden):
        dashboards.asked_for(world.visit("administrator"), NOW)


def test_the_version_moves_with_what_is_shown_and_only_then(world: World) -> None:
    city = world.visit("city")
    start = dashboards.version(city)
    world.submit("enterprise")
    assert dashboards.version(city) == start
    load(world, [firm(0, "GX", full("100", "60"))])
    assert dashboards.version(city) != start


def test_what_is_read_is_computed_once_per_version(world: World) -> None:
    library(world)
    city = world.visit("city")
    assert dashboards.enterprises(city, NOW) is dashboards.enterprises(world.visit("administrator"), NOW)
    first = dashboards.growth(city, NOW, "district")
    assert dashboards.growth(city, NOW, "district") is first
    load(world, [firm(9, "GX", full("100", "60"))])
    assert dashboards.growth(city, NOW, "district") is not first


READS: dict[str, Callable[[Visit], Any]] = {
    "enterprises": lambda visit: dashboards.enterprises(visit, NOW),
    "totals": lambda visit: dashboards.totals(visit, NOW),
    "standing": lambda visit: dashboards.standing(visit, NOW),
    "version": dashboards.version,
    "year_policies": lambda visit: dashboards.year_policies(visit, NOW),
    "growth": lambda visit: dashboards.growth(visit, NOW),
    "moved": lambda visit: dashboards.moved(visit, NOW, "up"),
    "concentration": lambda visit: dashboards.concentration(visit, NOW),
    "targets": dashboards.targets,
    "has_former": lambda visit: dashboards.has_former(visit, NOW),
    "quarters": lambda visit: dashboards.quarters(visit, NOW, "single"),
    "asked_for": lambda visit: dashboards.asked_for(visit, NOW),
}


@pytest.mark.parametrize("name", READS)
def test_an_enterprise_reads_no_dashboard(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        READS[name](world.visit("enterprise"))


def test_an_empty_library_has_nothing_to_compare(world: World) -> None:
    city = world.visit("city")
    assert dashboards.enterprises(city, NOW).is_empty()
    assert dashboards.totals(city, NOW, "segment").is_empty()
    assert dashboards.growth(city, NOW).row(0, named=True)["core"] == 0
    assert dashboards.quarters(city, NOW, "cumulative").is_empty()
    assert pl.Series(list(dashboards.asked_for(city, NOW).values())).sum() == 0
    assert set(terms.TIERS) <= set(dashboards.totals(city, NOW).columns)
