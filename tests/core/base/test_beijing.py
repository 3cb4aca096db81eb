"""Beijing time: the same by the scalar, the column and SQL, over the ends of days."""

from datetime import date, datetime, timedelta

import duckdb
import polars as pl
import pytest

from core.base import beijing
from data.store import beijing_sql

MOMENTS = [
    datetime(2026, 1, 4, 15, 59, 59, 999999), datetime(2026, 1, 4, 16), datetime(2024, 2, 28, 16), datetime(2026, 1, 10, 3, 4, 5),
]  # fmt: skip


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_a_moment_is_said_the_same_everywhere(at: datetime) -> None:
    local = beijing.local(at)
    assert local == at + timedelta(hours=8)
    assert beijing.utc(local) == at
    assert beijing.day(at) == local.date()
    frame = pl.DataFrame({"at": [at]}).select(local=beijing.localised(pl.col("at")), said=beijing.minutes(pl.col("at")))
    assert frame.row(0) == (local, beijing.minute(at))
    assert duckdb.execute(f"SELECT {beijing_sql.day('$1::TIMESTAMP')}", [at]).fetchall() == [(local.date(),)]


def test_a_day_begins_the_same_everywhere() -> None:
    day = date(2026, 1, 5)
    assert beijing.start(day) == datetime(2026, 1, 4, 16)
    assert duckdb.execute(f"SELECT {beijing_sql.start('$1::DATE')}", [day]).fetchall() == [(beijing.start(day),)]
