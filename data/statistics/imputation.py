"""插补: who is expected for a year and has not reported, and the range that leaves. Once per version."""

from datetime import date, datetime

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.base import beijing
from core.rule.policy import Policy
from core.statistics import imputation, totals
from core.statistics.imputation import LOOK_BACK, Span
from core.statistics.selection import Selection
from data.access.visit import Visit
from data.directory.classified import AMOUNTS, classified_of_all, newest_figures
from data.directory.register import newest_admissions
from data.filing import progress
from data.filing.periods import rounds
from data.rule import policies
from data.store.store import Store, per_version

#: year, provisional, policy, as_of, the day up to which rounds have begun.
Asked = tuple[int, bool, Policy, datetime | None, date]
_WHO = ("enterprise_id", "name", "district", "size", "layer", "segments")


def _expected(store: Store, year: int, provisional: bool, as_of: datetime | None, today: date) -> pl.DataFrame:
    """Who must file the full year in a round that has begun by `today`, and is not admitted."""
    due = [
        progress.of_round(store, each.id)
        for each in rounds(store)
        if each.year == year and "full_year" in each.columns and each.forecast == provisional and each.opens <= today
    ]
    if not due:
        return pl.DataFrame(schema=dict.fromkeys(_WHO, pl.String))
    # Whose admission was revoked is not waited for; who is under review again is.
    decided = store.frame(
        "SELECT a.enterprise_id FROM (SELECT enterprise_id, arg_max(filing_id, seq) AS filing_id, arg_max(admitted, seq) AS admitted "
        "FROM admissions WHERE $1::TIMESTAMP IS NULL OR at_utc <= $1 GROUP BY enterprise_id) a "
        "LEFT JOIN filings f ON f.id = a.filing_id WHERE a.admitted OR f.state = 'revoked'",
        [as_of],
    )
    known = store.frame(
        "SELECT id AS enterprise_id FROM enterprises WHERE $1::TIMESTAMP IS NULL OR known_since <= $1", [as_of]
    )
    frame = pl.concat(due).unique("enterprise_id", maintain_order=True).join(known, on="enterprise_id", how="semi")
    return frame.join(decided, on="enterprise_id", how="anti").with_columns(layer=pl.lit(None, pl.String)).select(_WHO)


@per_version
def _imputed(store: Store, asked: Asked) -> pl.DataFrame:
    year, provisional, policy, as_of, today = asked
    whole = classified_of_all(store, year, provisional, policy, as_of)
    absent = whole.filter(pl.col("directory_tier") == "missing").select(_WHO)
    missing = pl.concat([absent, _expected(store, year, provisional, as_of, today)])
    actual = newest_figures(store, as_of).filter((pl.col("period") == "full_year") & ~pl.col("forecast"))
    past = (
        actual.filter(
            pl.col("year").is_between(year - LOOK_BACK, year - 1)
            & pl.col("total_revenue").is_not_null()
            & pl.col("ai_revenue").is_not_null()
        )
        .sort("year")
        .unique("enterprise_id", keep="last")
        .select("enterprise_id", *AMOUNTS, years=year - pl.col("year").cast(pl.Int64))
        # Figures of one whose admission is not standing are not to be counted on.
        .join(newest_admissions(store, as_of), on="enterprise_id", how="semi")
    )
    before = actual.filter(pl.col("year") == year - 1).select("enterprise_id", total_revenue_before="total_revenue")
    factors = imputation.growth(whole.join(before, on="enterprise_id"))
    frame = missing.join(past, on="enterprise_id", how="left").with_columns(directory_tier=pl.lit("missing"))
    return imputation.impute(frame, factors, policy)


def missing(visit: Visit, selection: Selection, *, as_of: datetime | None = None) -> pl.DataFrame:
    """Who has not reported, of the selection, with most AI业务收入 last first: `core.statistics.imputation.impute`'s columns; growth factors are the whole city's."""
    visit.check(Permission.OVERVIEW_READ)
    found = selection.of(visit.scope.within(_imputed(visit.store, _asked(visit, selection, as_of))))
    return found.sort("ai_revenue", "name", "enterprise_id", descending=[True, False, False], nulls_last=True)


def _asked(visit: Visit, selection: Selection, as_of: datetime | None) -> Asked:
    day = visit.store.today if as_of is None else beijing.day(as_of)
    policy = policies.for_year(visit, selection.year)
    return selection.year, selection.provisional, policy, as_of, day


@per_version
def _span(store: Store, scope: Scope, selection: Selection, asked: Asked) -> Span:
    year, provisional, policy, as_of, _ = asked
    whole = selection.of(scope.within(classified_of_all(store, year, provisional, policy, as_of)))
    observed = totals.totals(whole).row(0, named=True)
    return imputation.span(observed, selection.of(scope.within(_imputed(store, asked))))


def span(visit: Visit, selection: Selection, *, as_of: datetime | None = None) -> Span:
    """The ranges of 核心企业, 纳入统计 and AI业务收入 of the selection: observed, carried, high, and how many are missing.

    `as_of` (naive UTC): by what was known then; None: now.
    """
    visit.check(Permission.OVERVIEW_READ)
    return _span(visit.store, visit.scope, selection, _asked(visit, selection, as_of))
