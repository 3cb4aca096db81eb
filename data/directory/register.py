"""名录登记: who stands in the library, in which district, of what size; of a closed year as it was for that year."""

from datetime import date, datetime
from typing import Final

import polars as pl

from core.base import beijing
from data.store.store import Store, per_version

_MERGERS: Final = {"enterprise_id": pl.String, "into_id": pl.String}


@per_version
def newest_admissions(store: Store, as_of: datetime | None) -> pl.DataFrame:
    """The newest admission of each enterprise standing at `as_of` (naive UTC; None: now)."""
    frame = store.frame("SELECT * FROM admissions WHERE $1::TIMESTAMP IS NULL OR at_utc <= $1 ORDER BY seq", [as_of])
    return frame.unique("enterprise_id", keep="last", maintain_order=True).filter("admitted")


def of_year(store: Store, year: int, as_of: datetime | None, *, closed: bool) -> pl.DataFrame:
    """The register of a year at `as_of`: `newest_admissions` while the year runs; of a closed one what `_closed` says."""
    found: pl.DataFrame = _closed(store, year, as_of) if closed else newest_admissions(store, as_of)
    return found


def is_closed(store: Store, year: int, as_of: datetime | None) -> bool:
    """Whether the year was over at `as_of`: by the calendar, without any commit."""
    return (store.today if as_of is None else beijing.day(as_of)) > date(year, 12, 31)


def standing(store: Store, year: int, as_of: datetime | None) -> pl.Series:
    """enterprise_id of everybody in the register of a year, of every district."""
    return of_year(store, year, as_of, closed=is_closed(store, year, as_of))["enterprise_id"]


@per_version
def _closed(store: Store, year: int, as_of: datetime | None) -> pl.DataFrame:
    """As the enterprises filed for the year: moves and mergers from days after its end, and filings for later years, change nothing.

    A filing for the year that is corrected or revoked afterwards does: what it said was wrong. Who has filed only for later
    years stands as in the first of these, so that the figures it gives for earlier years have a district and a size.
    """
    # The round stands in the filing's id: what hangs on `filings` is old with every save.
    return store.frame(
        "SELECT * EXCLUDE (late, round_year) FROM ("
        "SELECT a.*, r.year AS round_year, r.year > $2 AS late FROM admissions a "
        "JOIN rounds r ON r.id = split_part(a.filing_id, '.', 2) "
        "WHERE ($1::TIMESTAMP IS NULL OR a.at_utc <= $1) AND (a.effective IS NULL OR a.effective <= $3) "
        "QUALIFY row_number() OVER (PARTITION BY a.enterprise_id "
        "ORDER BY late, CASE WHEN late THEN r.year END, a.seq DESC) = 1) WHERE admitted ORDER BY seq",
        [as_of, year, date(year, 12, 31)],
    )


@per_version
def mergers(store: Store, as_of: datetime | None) -> pl.DataFrame:
    """enterprise_id, into_id of those merged by `as_of`, each with the last of a chain of successors."""
    rows = store.rows(
        "SELECT enterprise_id, into_id FROM mergers WHERE into_id IS NOT NULL AND ($1::TIMESTAMP IS NULL OR at_utc <= $1)",
        [as_of],
    )
    known = {row["enterprise_id"]: row["into_id"] for row in rows}

    def last(identity: str) -> str:
        seen = {identity}
        while (after := known.get(identity)) and after not in seen:
            seen.add(after)
            identity = after
        return identity

    return pl.DataFrame([{"enterprise_id": each, "into_id": last(each)} for each in known], schema=_MERGERS)
