"""Reads for a selection: what every dashboard page shows, computed once per data version for all viewers."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.rule.policy import Policy
from core.statistics import coverage as coverage_of
from core.statistics import decomposition as decomposition_of
from core.statistics import industry_chain, year_on_year
from core.statistics import totals as statistics_totals
from core.statistics.selection import Selection
from core.statistics.standing import Standing
from core.what_if import scenario
from data.access.visit import Visit
from data.directory import classified, register
from data.directory.classified import classified_of_all, newest_decision_at
from data.enterprise import projects
from data.rule import parameters, policies
from data.store.store import Store, per_version

#: What the numbers of the dashboards rest on.
TABLES = ("admissions", "figures", "policies", "parameters")


@per_version
def chosen(store: Store, policy: Policy, scope: Scope, selection: Selection) -> pl.DataFrame:
    """Admitted enterprises of the selection within the scope, most AI revenue first: columns of `overview.classified`."""
    whole = classified_of_all(store, selection.year, selection.provisional, policy, None)
    return selection.of(scope.within(whole)).sort(
        "ai_revenue", "enterprise_id", descending=[True, False], nulls_last=True
    )


@per_version
def _totals(store: Store, policy: Policy, scope: Scope, selection: Selection, by: str | None) -> pl.DataFrame:
    return statistics_totals.totals(_by(chosen(store, policy, scope, selection), by), by)


@per_version
def _band(store: Store, policy: Policy, scope: Scope, selection: Selection) -> pl.DataFrame:
    return scenario.band(chosen(store, policy, scope, selection), policy)


def band(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The headline under every reading of the clauses that the rule leaves unclear: `core.what_if.scenario.band`."""
    visit.check(Permission.OVERVIEW_READ)
    return _band(visit.store, policies.for_year(visit, selection.year), visit.scope, selection)


def enterprises(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The enterprises of the selection, one row each with its class and yuan; most AI revenue first."""
    visit.check(Permission.OVERVIEW_READ)
    return chosen(visit.store, policies.for_year(visit, selection.year), visit.scope, selection)


def totals(visit: Visit, selection: Selection, by: str | None = None) -> pl.DataFrame:
    """`core.statistics.totals.totals` of the selection; by one of its filters without that filter.

    By "segment" an enterprise counts in each of its segments: these do not sum to the whole.
    """
    visit.check(Permission.OVERVIEW_READ)
    return _totals(
        visit.store,
        policies.for_year(visit, selection.year),
        visit.scope,
        selection.without(by) if by else selection,
        by,
    )


def standing(visit: Visit, selection: Selection) -> Standing:
    """The words and numbers of the line under a dashboard's title."""
    visit.check(Permission.OVERVIEW_READ)
    moved = version(visit)
    policy = policies.for_year(visit, selection.year)
    frame = chosen(visit.store, policy, visit.scope, selection)
    found = coverage_of.whole(frame)
    return Standing(
        visit.scope.words, policy, found.covered, found.admitted, newest_decision_at(visit.store), moved, found
    )


def version(visit: Visit) -> tuple[int, ...]:
    """Moves when anything a dashboard shows has moved."""
    visit.check(Permission.OVERVIEW_READ)
    moved: tuple[int, ...] = visit.store.version(*TABLES)
    return moved


# --- beside the year before ------------------------------------------------------------------------------


@per_version
def _pairs(store: Store, year_policies: tuple[Policy, Policy], scope: Scope, selection: Selection) -> pl.DataFrame:
    before = classified_of_all(store, selection.year - 1, False, year_policies[1], None)
    now = chosen(store, year_policies[0], scope, selection)
    policy = None if year_policies[0] == year_policies[1] else year_policies[0]
    return year_on_year.paired(now, before, policy, registers(store, scope, selection, (now, before)))


def registers(
    store: Store,
    scope: Scope,
    selection: Selection,
    frames: tuple[pl.DataFrame, pl.DataFrame],
    as_of: datetime | None = None,
) -> year_on_year.Registers:
    """Who stood in the selection the year before, who stands anywhere now, and who went into whom.

    `frames`: the selection of this year, and last year's whole register. A class is asked for in this year: its
    enterprises are followed back.
    """
    now, before = frames
    here = selection.without("tier").of(scope.within(before))["enterprise_id"]
    here = here.filter(here.is_in(now["enterprise_id"].implode())) if selection.tier else here
    standing = register.standing(store, selection.year, as_of)
    gone = register.mergers(store, as_of).join(standing.to_frame(), on="enterprise_id", how="anti")
    return year_on_year.Registers(here, standing, gone)


@per_version
def _growth(
    store: Store, year_policies: tuple[Policy, Policy], scope: Scope, selection: Selection, by: str | None
) -> pl.DataFrame:
    return year_on_year.growth(_by(_pairs(store, year_policies, scope, selection), by), by)


@per_version
def _concentration(store: Store, policy: Policy, scope: Scope, selection: Selection, by: str | None) -> pl.DataFrame:
    return year_on_year.concentration(_by(chosen(store, policy, scope, selection), by), by)


def _by(frame: pl.DataFrame, by: str | None) -> pl.DataFrame:
    """By segment an enterprise stands in each of its own, and so counts more than once."""
    if by != "segment":
        return frame
    return (
        frame.with_columns(segment=pl.col("segments").str.split(",")).explode("segment").filter(pl.col("segment") != "")
    )


def has_former(visit: Visit, selection: Selection) -> bool:
    """Whether there are actual figures of the year before."""
    return (selection.year - 1, False) in classified.years(visit)


def year_policies(visit: Visit, selection: Selection) -> tuple[Policy, Policy]:
    """The policy versions by which the year and the one before count."""
    visit.check(Permission.OVERVIEW_READ)
    return policies.for_year(visit, selection.year), policies.for_year(visit, selection.year - 1)


def growth(visit: Visit, selection: Selection, by: str | None = None) -> pl.DataFrame:
    """`core.statistics.year_on_year.growth` of the selection over the actual figures of the year before.

    By one of its filters without that filter; by "segment" an enterprise counts in each of its segments.
    """
    visit.check(Permission.OVERVIEW_READ)
    return _growth(
        visit.store, year_policies(visit, selection), visit.scope, selection.without(by) if by else selection, by
    )


def moved(visit: Visit, selection: Selection, change: str) -> pl.DataFrame:
    """The enterprises of the selection with this `core.statistics.year_on_year.CHANGES`: rows of `core.statistics.year_on_year.paired`."""
    visit.check(Permission.OVERVIEW_READ)
    return _pairs(visit.store, year_policies(visit, selection), visit.scope, selection).filter(
        pl.col("change") == change
    )


@per_version
def _coverage(store: Store, policy: Policy, scope: Scope, selection: Selection, by: str | None) -> pl.DataFrame:
    return coverage_of.coverage(_by(chosen(store, policy, scope, selection), by), by)


def coverage(visit: Visit, selection: Selection, by: str | None = None) -> pl.DataFrame:
    """`core.statistics.coverage.coverage` of the selection; by one of its filters without that filter."""
    visit.check(Permission.OVERVIEW_READ)
    policy = policies.for_year(visit, selection.year)
    return _coverage(visit.store, policy, visit.scope, selection.without(by) if by else selection, by)


def decomposition(visit: Visit, selection: Selection) -> dict[str, int]:
    """`core.statistics.decomposition.summed` of the selection against the year before, yuan of 纳入统计."""
    visit.check(Permission.OVERVIEW_READ)
    return decomposition_of.summed(_pairs(visit.store, year_policies(visit, selection), visit.scope, selection))


def rule_on_new(visit: Visit, selection: Selection) -> int:
    """口径调整 on the new figures: `core.statistics.decomposition.rule_on_new` of the selection, yuan."""
    visit.check(Permission.OVERVIEW_READ)
    now, before = year_policies(visit, selection)
    return decomposition_of.rule_on_new(chosen(visit.store, now, visit.scope, selection), before)


def coverage_least(visit: Visit) -> int:
    """How much of last year's 纳入统计 must have reported before all of it is compared, in percent: a parameter."""
    visit.check(Permission.OVERVIEW_READ)
    return parameters.value(visit.store, "coverage_least")


def concentration(visit: Visit, selection: Selection, by: str | None = None) -> pl.DataFrame:
    """`core.statistics.year_on_year.concentration` of the ten largest of the selection, or of each value of `by` without its filter."""
    visit.check(Permission.OVERVIEW_READ)
    policy = policies.for_year(visit, selection.year)
    return _concentration(visit.store, policy, visit.scope, selection.without(by) if by else selection, by)


def targets(visit: Visit) -> tuple[int | None, int | None]:
    """The city's targets: core enterprises, and counted output in yuan; None where none is set."""
    visit.check(Permission.OVERVIEW_READ)
    core, counted = (parameters.value(visit.store, code) for code in ("core_target", "counted_target"))
    return core or None, counted * 100_000_000 or None


# --- quarters --------------------------------------------------------------------------------------------


@per_version
def _quarters(store: Store, policy: Policy, scope: Scope, selection: Selection) -> pl.DataFrame:
    figures = classified.newest_figures(store).join(
        chosen(store, policy, scope, selection).select("enterprise_id"), on="enterprise_id", how="semi"
    )
    single = statistics_totals.single_quarters(
        figures.select("enterprise_id", "year", "period", "forecast", "ai_revenue"),
        by=("enterprise_id",),
        amounts=("ai_revenue",),
    )
    return (
        single.group_by("year", "period")
        .agg(
            pl.col("ai_revenue_single").sum().alias("single"),
            pl.col("ai_revenue_single").count().alias("single_enterprises"),
            pl.col("ai_revenue").sum().alias("cumulative"),
            pl.col("ai_revenue").count().alias("cumulative_enterprises"),
            pl.col("forecast").any(),
        )
        .sort(
            "year",
            pl.col("period").replace_strict({name: place for place, name in enumerate(statistics_totals.PERIOD_ORDER)}),
        )
    )


def quarters(visit: Visit, selection: Selection, form: str) -> pl.DataFrame:
    """AI revenue of the selected enterprises in every year and quarter, "single" or "cumulative".

    Columns: year, period, ai_revenue (yuan), enterprises (with a number there), forecast.
    """
    visit.check(Permission.OVERVIEW_READ)
    table = _quarters(visit.store, policies.for_year(visit, selection.year), visit.scope, selection)
    return table.select(
        "year",
        "period",
        "forecast",
        pl.col(form).alias("ai_revenue"),
        pl.col(f"{form}_enterprises").alias("enterprises"),
    )


# --- demand ----------------------------------------------------------------------------------------------


@per_version
def _asked_for(store: Store, scope: Scope, district: str | None) -> Mapping[str, int]:
    known = scope.within(projects.demands_of_all(store))
    return industry_chain.asked_for(known.filter(pl.col("district") == district) if district else known)


def asked_for(visit: Visit, selection: Selection) -> Mapping[str, int]:
    """segment -> how many demands ask for it, of the enterprises within the scope and the selected district."""
    visit.check(Permission.PROJECT_READ)
    return _asked_for(visit.store, visit.scope, selection.district)
