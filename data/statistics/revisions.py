"""修订表 of a closed year: its figures at the end of each day on which they changed, and what was done on that day."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import polars as pl

from core.access.permissions import Permission
from core.base import beijing
from core.statistics import revisions
from core.statistics.revisions import State
from core.statistics.selection import Selection
from core.statistics.totals import whole
from data.access.visit import Visit
from data.directory.classified import classified_of_all
from data.filing.periods import rounds
from data.rule import policies
from data.store.store import Store, per_version

#: What can change a closed year, in words. Moves and mergers do not: they count from their day on.
_DONE: Final = {
    "enterprise.corrected": "更正",
    "filing.admitted": "入库",
    "filing.revoked": "撤销入库",
    "filing.undone": "撤回审核决定",
}
#: Longest list of reasons of one day.
_REASONS: Final = 3


@per_version
def _days(store: Store, year: int) -> tuple[date, ...]:
    """The days (of Beijing) on which an admission or the year's actual full-year figures were written."""
    rows = store.rows(
        "SELECT DISTINCT at_utc FROM figures WHERE year = $1 AND period = 'full_year' AND NOT forecast "
        "UNION SELECT DISTINCT a.at_utc FROM admissions a JOIN rounds r ON r.id = split_part(a.filing_id, '.', 2) "
        "WHERE r.year <= $1 AND a.effective IS NULL",
        [year],
    )
    return tuple(sorted({beijing.day(row["at_utc"]) for row in rows}))


def _end(day: date) -> datetime:
    return beijing.start(day + timedelta(days=1)) - timedelta(microseconds=1)


def table(visit: Visit, selection: Selection) -> pl.DataFrame:
    """`core.statistics.revisions.table` of the year and filters selected, within the scope; no row while the year runs or is a forecast."""
    visit.check(Permission.OVERVIEW_READ)
    today, year = visit.store.today, selection.year
    days = _days(visit.store, year)
    if selection.provisional or date(year, 12, 31) >= today or not days:
        return revisions.table([], closed=False)
    closes = [
        each.closes
        for each in rounds(visit.store)
        if each.year == year and "full_year" in each.columns and not each.forecast
    ]
    first = min(min(closes, default=days[0]), today)
    told = [first, *(each for each in days if first < each <= today)]
    policy = policies.for_year(visit, year)
    states, seen = [], set[str]()
    for day in told:
        as_of = None if day == today else _end(day)
        frame = classified_of_all(visit.store, year, False, policy, as_of)
        rows = selection.of(visit.scope.within(frame))
        seen |= set(rows["enterprise_id"])
        found = whole(rows)
        states.append(State(day, found.enterprises, found.tiers["core"], found.counted_output, found.ai_revenue))
    kept = revisions.revised(states)
    kept = [kept[0], *(replace(each, reason=_reason(visit, each.day, seen)) for each in kept[1:])]
    return revisions.table(kept, closed=date(year + 1, 12, 31) < today)


def _reason(visit: Visit, day: date, seen: set[str]) -> str:
    """What was done on a day, counted by kind, with the reasons given; of enterprises out of scope only that it was done."""
    rows = visit.store.rows(
        "SELECT kind, subject, body FROM facts WHERE list_contains($1::VARCHAR[], kind) AND at_utc BETWEEN $2 AND $3 ORDER BY seq",
        [list(_DONE), beijing.start(day), _end(day)],
    )
    counts: Counter[str] = Counter(row["kind"] for row in rows)
    said = [f"{word} {counts[kind]:,} 次" for kind, word in _DONE.items() if counts[kind]]
    reasons = dict.fromkeys(
        reason
        for row in rows
        if row["subject"].partition(":")[2].partition(".")[0] in seen
        for reason in _reasons(json.loads(row["body"]))
    )
    shown = list(reasons)[:_REASONS]
    more = "等" if len(reasons) > _REASONS else ""
    return "、".join(said) + (f"（{'；'.join(shown)}{more}）" if shown else "")


def _reasons(body: dict[str, Any]) -> list[str]:
    own = [body["reason"]] if body.get("reason") else []
    return [*own, *(str(each) for each in (body.get("reasons") or {}).values())]
