"""What the visitor would export, compared with what was exported 对外 before."""

import json
from datetime import datetime, timedelta
from typing import Final

from core.access.permissions import Permission
from core.report.compose import KINDS, REPORTS
from core.report.earlier_exports import Neighbour
from data.access.visit import Visit
from data.filing import progress
from data.report.reports import Order, data_as_of, end_of_day, filings_moved_at, period_of

#: How long ago an export is looked for.
NEARBY: Final = timedelta(days=30)


def neighbour(visit: Visit, order: Order) -> Neighbour | None:
    """The newest 对外 export of the last 30 days that shows the same numbers of the same period at another moment of the data."""
    visit.check(Permission.REPORT_EXPORT)
    if order.audience != "outside" or not visit.scope.everything:
        return None
    if order.which == "progress":
        period, now = progress.round_of(visit, order.round_id).name, filings_moved_at(visit)
    else:
        period, now = period_of(order), data_as_of(visit, end_of_day(order))
    kin = sorted(code for code, kind in KINDS.items() if kind.linked) if KINDS[order.which].linked else [order.which]
    rows = visit.store.rows(
        "SELECT f.at_utc, f.body, coalesce(a.name, f.account_id) AS who FROM facts f LEFT JOIN accounts a ON a.id = f.account_id "
        "WHERE f.kind = 'report.exported' AND f.at_utc >= $1 AND (f.body->>'$.audience') = 'outside' AND (f.body->>'$.period') = $2 "
        "AND (f.body->>'$.report') = ANY($3::VARCHAR[]) ORDER BY f.seq DESC",
        [visit.store.clock() - NEARBY, period, kin],
    )
    for row in rows:
        body = json.loads(row["body"])
        then = datetime.fromisoformat(body["as_of"]) if body.get("as_of") else None
        if then != now:
            return Neighbour(REPORTS.get(body["report"], body["report"]), row["who"], row["at_utc"], then)
    return None
