"""工作台: what waits for this person, what has changed since the last meeting, how the service is."""

from datetime import datetime, timedelta

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.base import beijing
from core.filing.filing import Filing
from core.filing.reminders import RoundProgress
from core.filing.states import DECIDED
from core.review.desk import DecidedFiling, LibraryChange, LibraryTotals, ServiceHealth
from core.rule.classification import Derivation, explain
from core.statistics.totals import totals
from data.access import row_scope
from data.access.visit import Visit
from data.directory import classified
from data.filing import progress
from data.filing.periods import current_round
from data.meeting import meetings
from data.review import queue as review_queue
from data.rule import parameters, policies
from data.store.store import Store, per_version

SHOWN = 8


def own_class(visit: Visit, filing: Filing) -> Derivation | None:
    """Why the visiting enterprise is in its class, once its round is over; None before, or when no figures were filed.

    A 预判 as long as the year's figure is a forecast.
    """
    visit.check(Permission.FILING_EDIT)
    if not filing.revision or filing.editable_on(visit.store.today) or filing.round.open_on(visit.store.today):
        return None
    found = visit.store.rows(
        "SELECT total_revenue, ai_revenue, software_revenue, hardware_revenue, json_extract_string(content, '$.basic.size') AS size FROM filings WHERE id = $1 AND enterprise_id = $2",
        [filing.id, visit.enterprise_id],
    )
    if not found or found[0]["total_revenue"] is None:
        return None
    return explain(found[0], policies.in_force(visit))


def waiting(visit: Visit) -> tuple[pl.DataFrame, str] | None:
    """The filings that wait for this reviewer, by impact, and their round's name; None for who reviews nothing."""
    visit.check(Permission.DESK_READ)
    state, this_round = review_queue.waiting_state(visit), current_round(visit)
    if state is None or this_round is None:
        return None
    return review_queue.filings(visit, this_round.id, state=state, others=True, order="impact"), this_round.name


def late(visit: Visit) -> tuple[RoundProgress, pl.DataFrame] | None:
    """How far the current round is and who has not filed, most weighty first; None without a round."""
    visit.check(Permission.DESK_READ)
    this_round = current_round(visit)
    if this_round is None or not visit.may(Permission.PROGRESS_READ):
        return None
    frame = progress.listing(visit, this_round)
    return progress.whole(frame), progress.unfinished(frame)


def last_meeting(visit: Visit) -> datetime:
    """The moment (naive UTC) kept of the meeting frozen last; before the first, the start of the last weekly meeting's day.

    That is the last day before today of the weekday that the parameter says.
    """
    visit.check(Permission.DESK_READ)
    if (kept := meetings.last_frozen(visit)) is not None:
        return kept
    weekday, today = parameters.value(visit.store, "meeting_weekday"), visit.store.today
    back = (today.isoweekday() - weekday) % 7 or 7
    return beijing.start(today - timedelta(days=back))


def decided(visit: Visit, since: datetime) -> tuple[DecidedFiling, ...]:
    """What was decided since then within the scope, newest first, at most 50."""
    visit.check(Permission.DESK_READ)
    if not visit.may(Permission.FILING_READ):
        return ()
    return _decided(visit.store, since, visit.scope)


# A decision changes a filing: without one the list is what it was.
@per_version
def _decided(store: Store, since: datetime, scope: Scope) -> tuple[DecidedFiling, ...]:
    condition, more = row_scope.enterprises(scope, 3, enterprise="e.id", district="coalesce(g.district, e.district)")
    query = f"""
        SELECT f.at_utc, f.kind, e.name, g.id AS filing_id, coalesce(a.name, '系统') AS who
        FROM facts f JOIN filings g ON f.subject = 'filing:' || g.id JOIN enterprises e ON e.id = g.enterprise_id
        LEFT JOIN accounts a ON a.id = f.account_id
        WHERE f.at_utc >= $1 AND list_contains($2::VARCHAR[], f.kind) AND {condition} ORDER BY f.seq DESC LIMIT 50"""  # noqa: S608
    return tuple(DecidedFiling(**row) for row in store.rows(query, [since, list(DECIDED), *more]))


def moved(visit: Visit, since: datetime) -> LibraryChange | None:
    """What the totals of the last actual year were then and are now; None without one or the permission."""
    visit.check(Permission.DESK_READ)
    if not visit.may(Permission.OVERVIEW_READ):
        return None
    actual = [year for year, forecast in classified.years(visit) if not forecast]
    if not actual:
        return None
    policy = policies.for_year(visit, actual[0])

    def at(moment: datetime | None) -> LibraryTotals:
        counted = totals(classified.classified(visit, actual[0], policy, as_of=moment))
        return LibraryTotals(**counted.select("enterprises", "core", "counted_output").row(0, named=True))

    return LibraryChange(actual[0], at(since), at(None))


def health(visit: Visit) -> ServiceHealth | None:
    """For who keeps the service; None for others."""
    visit.check(Permission.DESK_READ)
    if not visit.may(Permission.SYSTEM_READ):
        return None
    day = visit.store.clock() - timedelta(hours=24)
    query = (
        "SELECT count(*) FILTER (WHERE kind = 'error.shown') AS errors, count(*) FILTER (WHERE kind = 'sign_in.failed') AS failed, "
        "count(*) FILTER (WHERE kind = 'access.refused') AS refused, "
        "(SELECT count(*) FROM sessions WHERE ended_at IS NULL AND expires_at > $2) AS sessions FROM facts WHERE at_utc >= $1"
    )
    return ServiceHealth(**visit.store.rows(query, [day, visit.store.clock()])[0])
