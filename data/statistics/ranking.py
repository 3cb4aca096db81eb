"""企业画像榜单: the enterprises of a selection by one measure, and how concentrated the whole is. Once per version."""

from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.rule.policy import Policy
from core.statistics import ranking
from core.statistics.ranking import MEASURES, Concentration
from core.statistics.selection import Selection
from data.access.visit import Visit
from data.directory.classified import classified_of_all
from data.rule import policies
from data.statistics.talent import FILED, of_year
from data.store.store import Store, per_version

_BEFORE: Final = ("total_revenue", "ai_revenue", "counted_output")
_PEOPLE: Final = ("developers", "software_staff", "ip_count")


@per_version
def paired(store: Store, year: int, provisional: bool, policy: Policy) -> pl.DataFrame:
    """`overview.classified` of a year, heads and rights of its rounds, and beside them (`…_before`) actuals of the year before."""
    # 纳入统计 of both years by one policy: a change of it moves nobody's rank.
    before = classified_of_all(store, year - 1, False, policy, None)
    counts = [of_year(store, each).select("enterprise_id", *_PEOPLE) for each in (year, year - 1)]
    frame = (
        classified_of_all(store, year, provisional, policy, None)
        .drop(FILED)
        .join(counts[0], on="enterprise_id", how="left")
    )
    for other, names in ((before, _BEFORE), (counts[1], _PEOPLE)):
        named = other.select("enterprise_id", *(pl.col(name).alias(f"{name}_before") for name in names))
        frame = frame.join(named, on="enterprise_id", how="left")
    return ranking.measured(frame)


def _policies(visit: Visit, year: int) -> tuple[Policy, Policy]:
    return policies.for_year(visit, year), policies.for_year(visit, year - 1)


@per_version
def _ranked(
    store: Store, year_policies: tuple[Policy, Policy], scope: Scope, selection: Selection, code: str
) -> pl.DataFrame:
    frame = paired(store, selection.year, selection.provisional, year_policies[0])
    return ranking.ranked(selection.of(scope.within(frame)), MEASURES[code])


def listing(visit: Visit, selection: Selection, code: str) -> pl.DataFrame:
    """`core.statistics.ranking.ranked` of the selection by a measure of `core.statistics.ranking.MEASURES`; yuan, basis points."""
    visit.check(Permission.OVERVIEW_READ)
    return _ranked(visit.store, _policies(visit, selection.year), visit.scope, selection, code)


@per_version
def _concentration(
    store: Store, year_policies: tuple[Policy, Policy], scope: Scope, selection: Selection, code: str
) -> tuple[Concentration, pl.DataFrame]:
    values = _ranked(store, year_policies, scope, selection, code)[MEASURES[code].metric.code]
    return ranking.concentration(values), ranking.curve(values)


def concentration(visit: Visit, selection: Selection, code: str) -> tuple[Concentration, pl.DataFrame]:
    """`core.statistics.ranking.concentration` and `curve` of a measure whose sum means something."""
    visit.check(Permission.OVERVIEW_READ)
    return _concentration(visit.store, _policies(visit, selection.year), visit.scope, selection, code)
