"""Reads for the dashboards: admitted enterprises classified, once per data version for every viewer."""

from datetime import datetime

import polars as pl

from core.access.permissions import Permission
from core.rule.classification import classify, mark_missing
from core.rule.policy import Policy
from data.access.visit import Visit
from data.directory import register
from data.store.store import Store, per_version

AMOUNTS = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")


@per_version
def newest_figures(store: Store, as_of: datetime | None = None) -> pl.DataFrame:
    """The newest figures of each enterprise, year and cumulative column at `as_of`."""
    frame = store.frame("SELECT * FROM figures WHERE $1::TIMESTAMP IS NULL OR at_utc <= $1 ORDER BY seq", [as_of])
    # Figures of an admission taken back stand as withdrawn where there had been none before.
    return frame.unique(["enterprise_id", "year", "period"], keep="last", maintain_order=True).filter(
        ~pl.col("withdrawn")
    )


def classified_of_all(
    store: Store, year: int, provisional: bool, policy: Policy, as_of: datetime | None
) -> pl.DataFrame:
    """As `classified`, of every district: who calls it answers for the scope."""
    closed = register.is_closed(store, year, as_of)
    found: pl.DataFrame = _classified_of_all(store, (year, closed), provisional, policy, as_of)
    return found


@per_version
def _classified_of_all(
    store: Store, asked: tuple[int, bool], provisional: bool, policy: Policy, as_of: datetime | None
) -> pl.DataFrame:
    year, closed = asked
    known = newest_figures(store, as_of).filter(pl.col("period") == "full_year")
    figures = known.filter((pl.col("year") == year) & (pl.col("forecast") == provisional))
    earlier = known.filter((pl.col("year") < year) & ~pl.col("forecast") & pl.col("total_revenue").is_not_null()).sort(
        "year"
    )
    last = earlier.unique("enterprise_id", keep="last").select("enterprise_id", last_revenue="total_revenue")
    joined = (
        register.of_year(store, year, as_of, closed=closed)
        .drop("seq", "at_utc", "effective")
        .join(figures.select("enterprise_id", *AMOUNTS), on="enterprise_id", how="left", maintain_order="left")
        .join(last, on="enterprise_id", how="left", maintain_order="left")
    )
    return mark_missing(classify(joined, policy))


def classified(
    visit: Visit, year: int, policy: Policy, *, provisional: bool = False, as_of: datetime | None = None
) -> pl.DataFrame:
    """Admitted enterprises within the scope with their class for `year`; yuan, one row each; of a closed year by its register.

    Official classes rest on actual full-year figures; `provisional` (预判) on forecasts. An enterprise
    without full-year figures for the year is 缺报 (missing); `last_revenue`: 总收入 of the newest earlier year with actual
    figures, null for none. Source: 统计原则, 近1个自然年度.
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
