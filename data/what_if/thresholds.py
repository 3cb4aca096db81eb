"""敏感性 and 临界企业: what any threshold would do, and what lies close to the lines. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.base.errors import Refused
from core.rule.policy import Policy
from core.statistics.standing import Standing
from core.statistics.totals import Totals, whole
from core.what_if import surface as surfaces
from core.what_if import thresholds as what_if_thresholds
from data.access.visit import Visit
from data.audit.log import downloaded
from data.directory import classified as directory_classified
from data.rule import policies
from data.store.store import Store, per_version

Axis = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Basis:
    """Which figures (`provisional`: 全年（预测）, 预判), by which policy, and of which part: (column, value), None for all."""

    year: int
    provisional: bool
    policy: Policy
    area: tuple[str, str] | None = None


def _may(visit: Visit) -> None:
    visit.check(Permission.WHAT_IF_USE, Permission.EDGE_READ)


def years(visit: Visit) -> list[tuple[int, bool]]:
    """(year, provisional) that have full-year figures, newest first."""
    _may(visit)
    found = (
        directory_classified.newest_figures(visit.store)
        .filter(pl.col("period") == "full_year")
        .select("year", "forecast")
        .unique()
    )
    return sorted((int(year), bool(forecast)) for year, forecast in found.iter_rows())[::-1]


def version(visit: Visit) -> tuple[int, ...]:
    """Moves when anything these pages show has moved."""
    _may(visit)
    moved: tuple[int, ...] = visit.store.version("admissions", "figures", "policies")
    return moved


@per_version
def enterprises_within(store: Store, basis: Basis, scope: Scope) -> pl.DataFrame:
    """As `enterprises`: who calls it has asked for the permission."""
    frame = scope.within(
        directory_classified.classified_of_all(store, basis.year, basis.provisional, basis.policy, None)
    )
    return frame.filter(pl.col(basis.area[0]) == basis.area[1]) if basis.area else frame


def enterprises(visit: Visit, basis: Basis) -> pl.DataFrame:
    """Admitted enterprises within the scope, classified."""
    _may(visit)
    return enterprises_within(visit.store, basis, visit.scope)


@per_version
def _totals(store: Store, basis: Basis, scope: Scope) -> Totals:
    return whole(enterprises_within(store, basis, scope))


def counts(visit: Visit, basis: Basis) -> Totals:
    """Enterprises of each 名录身份 and yuan by the basis, within the scope."""
    _may(visit)
    return _totals(visit.store, basis, visit.scope)


@per_version
def _reported(store: Store, basis: Basis, scope: Scope) -> int:
    return enterprises_within(store, basis, scope)["total_revenue"].count()


def standing(visit: Visit, basis: Basis) -> Standing:
    """The words and numbers of the line under the title, as on every dashboard."""
    moved, admitted = version(visit), counts(visit, basis).enterprises
    as_of = directory_classified.newest_decision_at(visit.store)
    return Standing(visit.scope.words, basis.policy, _reported(visit.store, basis, visit.scope), admitted, as_of, moved)


@per_version
def _surface(store: Store, basis: Basis, scope: Scope, x: Axis, y: Axis) -> pl.DataFrame:
    return surfaces.surface(enterprises_within(store, basis, scope), basis.policy, x, y)


def surface(visit: Visit, basis: Basis, x: Axis, y: Axis) -> pl.DataFrame:
    """Counts and counted output for every pair of two thresholds (core.what_if.surface.surface), within the scope."""
    visit.check(Permission.WHAT_IF_USE)
    return _surface(visit.store, basis, visit.scope, x, y)


@per_version
def _profile(store: Store, basis: Basis, scope: Scope, line: str) -> pl.DataFrame:
    return surfaces.profile(enterprises_within(store, basis, scope), basis.policy, line)


def profile(visit: Visit, basis: Basis, line: str) -> pl.DataFrame:
    """Every value of one threshold at once (core.what_if.surface.profile), within the scope."""
    visit.check(Permission.WHAT_IF_USE)
    return _profile(visit.store, basis, visit.scope, line)


@per_version
def _ledger(store: Store, basis: Basis, scope: Scope) -> pl.DataFrame:
    return what_if_thresholds.ledger(enterprises_within(store, basis, scope), basis.policy)


def ledger(visit: Visit, basis: Basis) -> pl.DataFrame:
    """临界企业 within the scope, nearest first (core.what_if.thresholds.ledger)."""
    visit.check(Permission.EDGE_READ)
    return _ledger(visit.store, basis, visit.scope)


@per_version
def _resting(store: Store, basis: Basis, scope: Scope) -> pl.DataFrame:
    return what_if_thresholds.resting(_ledger(store, basis, scope), basis.policy)


def export(visit: Visit, given: Mapping[str, str], name: str) -> pl.DataFrame:
    """The ledger as an address asks for it (core.what_if.thresholds.chosen, and the year), as people read it; noted in the log."""
    visit.check(Permission.EDGE_READ)
    visit.check_district(given.get("district"))
    known = {f"{year}预判" if forecast else str(year): (year, forecast) for year, forecast in years(visit)}
    year = known.get(given.get("year", ""))
    if year is None:
        raise Refused(f"没有“{given.get('year', '')[:20]}”年度的数据，没有导出。请回到“临界企业”页面再点导出。")
    policy = policies.for_year(visit, year[0])
    rows = what_if_thresholds.table(what_if_thresholds.chosen(ledger(visit, Basis(*year, policy)), policy, given))
    downloaded(visit, "export:edges", name, filters=urlencode(given))
    return rows


def resting(visit: Visit, basis: Basis) -> pl.DataFrame:
    """What rests close to each line within the scope (core.what_if.thresholds.resting)."""
    visit.check(Permission.EDGE_READ)
    return _resting(visit.store, basis, visit.scope)
