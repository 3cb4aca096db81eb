"""Reads for the dashboards: admitted enterprises classified, once per data version for every viewer."""

from datetime import datetime

import polars as pl

from core.access.permissions import Permission
from core.rule.classification import classify
from core.rule.policy import Policy
from data.access.visit import Visit
from data.store.store import Store, per_version

AMOUNTS = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")


@per_version
def newest_admissions(store: Store, as_of: datetime | None) -> pl.DataFrame:
    """The newest admission of each enterprise standing at `as_of` (naive UTC; None: now)."""
    frame = store.frame("SELECT * FROM admissions WHERE $1::TIMESTAMP IS NULL OR at_utc <= $1 ORDER BY seq", [as_of])
    return frame.unique("enterprise_id", keep="last", maintain_order=True).filter("admitted")


@per_version
def newest_figures(store: Store, as_of: datetime | None = None) -> pl.DataFrame:
    """The newest figures of each enterprise, year and cumulative column at `as_of`."""
    frame = store.frame("SELECT * FROM figures WHERE $1::TIMESTAMP IS NULL OR at_utc <= $1 ORDER BY seq", [as_of])
    # Figures of an admission taken back stand as withdrawn where there had been none before.
    return frame.unique(["enterprise_id", "year", "period"], keep="last", maintain_order=True).filter(
        ~pl.col("withdrawn")
    )


@per_version
def classified_of_all(
    store: Store, year: int, provisional: bool, policy: Policy, as_of: datetime | None
) -> pl.DataFrame:
    """As `classified`, of every district: who calls it answers for the scope."""
    figures = newest_figures(store, as_of).filter(
        (pl.col("year") == year) & (pl.col("period") == "full_year") & (pl.col("forecast") == provisional)
    )
    joined = (
        newest_admissions(store, as_of)
        .drop("seq", "at_utc")
        .join(figures.select("enterprise_id", *AMOUNTS), on="enterprise_id", how="left")
    )
    frame: pl.DataFrame = classify(joined, policy)
    return frame


def classified(
    visit: Visit, year: int, policy: Policy, *, provisional: bool = False, as_of: datetime | None = None
) -> pl.DataFrame:
    """Admitted enterprises within the scope with their class for `year`; yuan, one row each.

    Official classes rest on actual full-year figures; `provisional` (预判) on forecasts. An enterprise
    without figures for the year is undetermined. Source: 统计原则, 近1个自然年度.
    """
    visit.check(Permission.OVERVIEW_READ)
    return visit.scope.within(classified_of_all(visit.store, year, provisional, policy, as_of))


def years(visit: Visit, *, as_of: datetime | None = None) -> list[tuple[int, bool]]:
    """(year, provisional) that have full-year figures, newest first."""
    visit.check(Permission.OVERVIEW_READ)
    found = (
        newest_figures(visit.store, as_of).filter(pl.col("period") == "full_year").select("year", "forecast").unique()
    )
    return sorted((int(year), bool(forecast)) for year, forecast in found.iter_rows())[::-1]


def data_as_of(visit: Visit) -> datetime | None:
    """Moment (naive UTC) of the newest admission or revocation: 数据截至."""
    visit.check(Permission.OVERVIEW_READ)
    return newest_decision_at(visit.store)


@per_version
def newest_decision_at(store: Store) -> datetime | None:
    """As `data_as_of`, whoever asks."""
    newest: datetime | None = store.rows("SELECT max(at_utc) AS at_utc FROM admissions")[0]["at_utc"]
    return newest
