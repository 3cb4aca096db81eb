"""认定依据: one enterprise, one year, one day: the figures and the policy as they stood then."""

from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base import beijing
from core.base.errors import Forbidden, Refused
from core.enterprise import derivation
from core.enterprise.derivation import Card, Subject
from core.rule import policy as rule_policy
from data.access import belonging
from data.access.visit import Visit
from data.directory import classified, register
from data.filing.periods import rounds
from data.rule import policies
from data.store.store import Row

_FIRST: Final = date(2000, 1, 1)


def _own(visit: Visit, enterprise_id: str) -> bool:
    """Whether an enterprise asks for its own card."""
    return visit.enterprise_id is not None and visit.enterprise_id == enterprise_id


def _admitted(visit: Visit, enterprise_id: str) -> bool:
    now = register.newest_admissions(visit.store, None)
    return not now.filter(pl.col("enterprise_id") == enterprise_id).is_empty()


def _admission(visit: Visit, enterprise_id: str, day: date) -> tuple[Row, datetime]:
    """What is known of it at the end of a day in Beijing; and that moment (naive UTC). Raises Forbidden, Refused."""
    if not (visit.may(Permission.ENTERPRISE_READ) or _own(visit, enterprise_id)):
        visit.check(Permission.ENTERPRISE_READ)
    if not _FIRST <= day <= visit.store.today:
        raise Refused(f"“日期”{day} 须在 {_FIRST} 至今天 {visit.store.today} 之间，没有显示。请改日期。")
    moment = beijing.start(day + timedelta(days=1))
    then = register.newest_admissions(visit.store, moment).filter(pl.col("enterprise_id") == enterprise_id)
    # Whoever oversees it today may read it, also as it was when another district did.
    if not belonging.sees_enterprise(visit, enterprise_id) or not (then.height or _admitted(visit, enterprise_id)):
        raise Forbidden("没有这家入库企业，或不在您的管辖范围内。请从“企业信息”中重新选择。")
    if then.is_empty():
        raise Refused(f"{day} 这家企业还没有入库，没有认定依据。请选入库以后的日期。")
    return then.row(0, named=True), moment


def years(visit: Visit, enterprise_id: str, day: date) -> list[tuple[int, bool]]:
    """(year, provisional) of which full-year figures stood on the day, newest first. Raises Forbidden, Refused."""
    _, moment = _admission(visit, enterprise_id, day)
    figures = classified.newest_figures(visit.store, moment).filter(
        (pl.col("enterprise_id") == enterprise_id) & (pl.col("period") == "full_year")
    )
    known = sorted(
        ((int(year), bool(forecast)) for year, forecast in figures.select("year", "forecast").iter_rows()), reverse=True
    )
    return [each for each in known if not _awaited(visit, enterprise_id, each[0])]


def _awaited(visit: Visit, enterprise_id: str, year: int) -> bool:
    """Whether the enterprise itself must not see its class of the year yet: its round is still open."""
    return _own(visit, enterprise_id) and any(
        each.year == year and each.open_on(visit.store.today) for each in rounds(visit.store)
    )


def card(visit: Visit, enterprise_id: str, year: int, day: date) -> Card:
    """Why the enterprise is in its class for `year` as of the end of `day`.

    Raises Forbidden outside the scope, and to an enterprise for any but its own or before its round is over; Refused for a
    day to come or before its admission.
    """
    row, moment = _admission(visit, enterprise_id, day)
    if _awaited(visit, enterprise_id, year):
        raise Forbidden(f"{year}年度的填报期还没有结束，认定依据在结束后可看。")
    figures = classified.newest_figures(visit.store, moment).filter(
        (pl.col("enterprise_id") == enterprise_id) & (pl.col("period") == "full_year") & (pl.col("year") == year)
    )
    amounts = figures.row(0, named=True) if figures.height else dict.fromkeys(classified.AMOUNTS) | {"forecast": False}
    policy = rule_policy.counts_for(policies.versions(visit.store), year, day)
    newest = visit.store.rows("SELECT max(at_utc) AS at_utc FROM admissions WHERE at_utc <= $1", [moment])[0]["at_utc"]
    known: Row = {name: row[name] for name in ("enterprise_id", "name", "uscc", "size")}
    known |= {name: amounts[name] for name in classified.AMOUNTS}
    return derivation.card(
        Subject(**known),
        policy,
        year=year,
        day=day,
        provisional=bool(amounts["forecast"]),
        effective=policy.effective_from <= day,
        data_as_of=beijing.minute(newest),
    )
