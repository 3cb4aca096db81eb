"""Reads for a selection: what every dashboard page shows, computed once per data version for all viewers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from core import aggregation
from core.policy import Policy
from core.scope import Scope
from core.selection import Selection
from data import policies
from data.overview import _classified, _data_as_of
from data.store import per_version
from data.visit import Visit

#: What the numbers of the dashboards rest on.
TABLES = ("admissions", "figures", "policies", "parameters")


@dataclass(frozen=True)
class Standing:
    """What the numbers of a page rest on: `reported` enterprises with figures of the `admitted` that are selected.

    `as_of`: naive UTC, of the newest admission. `version`: moves with every change of what the page shows.
    """

    scope: str
    law: Policy
    reported: int
    admitted: int
    as_of: datetime | None
    version: tuple[int, ...]


@per_version("admissions", "figures")
def chosen(store: Any, law: Policy, scope: Scope, selection: Selection) -> pl.DataFrame:
    """Admitted enterprises of the selection within the scope, most AI revenue first: columns of `overview.classified`."""
    whole = _classified(store, selection.year, selection.provisional, law, None)
    return selection.of(scope.within(whole)).sort("ai_revenue", "enterprise_id", descending=[True, False], nulls_last=True)


@per_version("admissions", "figures")
def _totals(store: Any, law: Policy, scope: Scope, selection: Selection, by: str | None) -> pl.DataFrame:
    return aggregation.totals(chosen(store, law, scope, selection), by)


def enterprises(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The enterprises of the selection, one row each with its class and yuan; most AI revenue first."""
    visit.check("overview.read")
    return chosen(visit.store, policies.for_year(visit, selection.year), visit.scope, selection)


def totals(visit: Visit, selection: Selection, by: str | None = None) -> pl.DataFrame:
    """`core.aggregation.totals` of the selection; by "district", "layer" or "size" without the filter on that one."""
    visit.check("overview.read")
    return _totals(visit.store, policies.for_year(visit, selection.year), visit.scope, selection.without(by) if by else selection, by)


def standing(visit: Visit, selection: Selection) -> Standing:
    """The words and numbers of the line under a dashboard's title."""
    visit.check("overview.read")
    moved = version(visit)
    law = policies.for_year(visit, selection.year)
    frame = chosen(visit.store, law, visit.scope, selection)
    return Standing(visit.scope.words, law, frame["total_revenue"].count(), frame.height, _data_as_of(visit.store), moved)


def version(visit: Visit) -> tuple[int, ...]:
    """Moves when anything a dashboard shows has moved."""
    visit.check("overview.read")
    moved: tuple[int, ...] = visit.store.version(*TABLES)
    return moved
