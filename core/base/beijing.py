"""Beijing time: moments are kept as naive UTC and said in the city's own time."""

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

ZONE: Final = "Asia/Shanghai"
_ZONE: Final = ZoneInfo(ZONE)
MINUTE: Final = "%Y-%m-%d %H:%M"


def local(at_utc: datetime) -> datetime:
    """A moment (naive UTC) as the clocks in Beijing show it, naive."""
    return at_utc.replace(tzinfo=UTC).astimezone(_ZONE).replace(tzinfo=None)


def utc(at: datetime) -> datetime:
    """The moment (naive UTC) at which the clocks in Beijing show `at`."""
    return at.replace(tzinfo=_ZONE).astimezone(UTC).replace(tzinfo=None)


def day(at_utc: datetime) -> date:
    """The day in Beijing."""
    return local(at_utc).date()


def start(of: date) -> datetime:
    """The moment (naive UTC) at which a day begins in Beijing."""
    return utc(datetime.combine(of, time()))


def minute(at_utc: datetime) -> str:
    """2026-01-05 08:30, as the clocks in Beijing show it."""
    return f"{local(at_utc):{MINUTE}}"


def localised(at_utc: pl.Expr) -> pl.Expr:
    """`local` of a column."""
    return at_utc.dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.replace_time_zone(None)


def minutes(at_utc: pl.Expr) -> pl.Expr:
    """`minute` of a column."""
    return localised(at_utc).dt.to_string(MINUTE)
