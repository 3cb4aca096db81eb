"""工作台: what waits for this person, what has changed since the last meeting, how the service is."""

from datetime import datetime, timedelta

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.base import beijing
from core.filing.filing import Filing
from core.filing.states import DECIDED
from core.rule.classification import classify
from core.rule.policy import Policy
from core.statistics.totals import totals
from data.access.visit import Visit
from data.directory import classified
from data.filing import progress
from data.filing.periods import current_round
from data.meeting import meetings
from data.review import queue as review_queue
from data.rule import parameters, policies
from data.store.store import Row, Store, per_version

SHOWN = 8


def own_class(visit: Visit, filing: Filing) -> Row | None:
    """The figures of the visiting enterprise with their class, once its round is over; None before, or when none were filed.

    A 预判 as long as the year's figure is a forecast.
    """
    visit.check(Permission.FILING_EDIT)
    if not filing.revision or filing.editable_on(visit.store.today) or filing.round.open_on(visit.store.today):
        return None
    frame = visit.store.frame(
        "SELECT total_revenue, ai_revenue, software_revenue, hardware_revenue, json_extract_string(content, '$.basic.size') AS size FROM filings WHERE id = $1 AND enterprise_id = $2",
        [filing.id, visit.enterprise_id],
    )
    row = classify(frame, policies.in_force(visit)).row(0, named=True) if frame.height else None
    return row if row and row["total_revenue"] is not None else None


def policy(visit: Visit) -> Policy:
    """The policy by which `own_class` was decided."""
    return policies.in_force(visit)


def waiting(visit: Visit) -> tuple[pl.DataFrame, str] | None:
    """The filings that wait for this reviewer, by impact, and their round's name; None for who reviews nothing."""
    visit.check(Permission.DESK_READ)
    state, this_round = review_queue.waiting_state(visit), current_round(visit)
    if state is None or this_round is None:
        return None
    return review_queue.filings(visit, this_round.id, state=state, others=True, order="impact"), this_round.name


def late(visit: Visit) -> tuple[Row, pl.DataFrame] | None:
    """How far the current round is (as progress.grouped) and who has not filed, most weighty first; None without a round."""
    visit.check(Permission.DESK_READ)
    this_round = current_round(visit)
    if this_round is None or not visit.may(Permission.PROGRESS_READ):
        return None
    frame = progress.listing(visit, this_round)
    return progress.grouped(frame).row(0, named=True), progress.unfinished(frame)


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


def decided(visit: Visit, since: datetime) -> list[Row]:
    """What was decided since then within the scope, newest first, at most 50: at_utc, kind, name, filing_id, who."""
    visit.check(Permission.DESK_READ)
    if not visit.may(Permission.FILING_READ):
        return []
    return _decided(visit.store, since, visit.scope)


# A decision changes a filing: without one the list is what it was.
@per_version
def _decided(store: Store, since: datetime, scope: Scope) -> list[Row]:
    condition, more = scope.sql(3, enterprise="e.id", district="coalesce(g.district, e.district)")
    query = f"""
        SELECT f.at_utc, f.kind, e.name, g.id AS filing_id, coalesce(a.name, '系统') AS who
        FROM facts f JOIN filings g ON f.subject = 'filing:' || g.id JOIN enterprises e ON e.id = g.enterprise_id
        LEFT JOIN accounts a ON a.id = f.account_id
        WHERE f.at_utc >= $1 AND list_contains($2::VARCHAR[], f.kind) AND {condition} ORDER BY f.seq DESC LIMIT 50"""  # noqa: S608
    rows: list[Row] = store.rows(query, [since, list(DECIDED), *more])
    return rows


def moved(visit: Visit, since: datetime) -> tuple[int, Row, Row] | None:
    """The last actual year, and its totals (core.statistics.totals.totals) then and now; None without one or the permission."""
    visit.check(Permission.DESK_READ)
    if not visit.may(Permission.OVERVIEW_READ):
        return None
    actual = [year for year, forecast in classified.years(visit) if not forecast]
    if not actual:
        return None
    policy = policies.for_year(visit, actual[0])
    then, now = (
        totals(classified.classified(visit, actual[0], policy, as_of=at)).row(0, named=True) for at in (since, None)
    )
    return actual[0], then, now


def health(visit: Visit) -> Row | None:
    """For who keeps the service: errors, refused and failed sign-ins of the last 24 hours, live sessions; None for others."""
    visit.check(Permission.DESK_READ)
    if not visit.may(Permission.SYSTEM_READ):
        return None
    day = visit.store.clock() - timedelta(hours=24)
    query = (
        "SELECT count(*) FILTER (WHERE kind = 'error.shown') AS errors, count(*) FILTER (WHERE kind = 'sign_in.failed') AS failed, "
        "count(*) FILTER (WHERE kind = 'access.refused') AS refused, "
        "(SELECT count(*) FROM sessions WHERE ended_at IS NULL AND expires_at > $2) AS sessions FROM facts WHERE at_utc >= $1"
    )
    return visit.store.rows(query, [day, visit.store.clock()])[0]
