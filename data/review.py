"""The door for reviewers: what waits for them, with its class by the rule beside it."""

from typing import Any

import polars as pl

from core.classification import classify
from core.errors import Forbidden
from core.policy import Policy
from data import policies
from data.filings import Filing
from data.store import per_version
from data.visit import Visit

#: permission -> the state whose filings wait for its holder
WAITING = {"review.district": "submitted", "review.city": "city_review"}


@per_version("filings", "enterprises", "rounds")
def _filings(store: Any, round_id: str, law: Policy) -> pl.DataFrame:
    """All filings of a round with their computed class; yuan of the round's year and last open column."""
    frame = store.frame(
        "SELECT id, enterprise_id, name, state, revision, district, submitted_at, saved_at, decided_at, "
        "total_revenue, ai_revenue, software_revenue, hardware_revenue FROM filings WHERE round_id = $1",
        [round_id],
    )
    return classify(frame, law)


def filings(visit: Visit, round_id: str, *, state: str | None = None) -> pl.DataFrame:
    """The round's filings within the scope, waiting longest first; drafts are the filer's own and left out."""
    visit.check("filing.read")
    frame = _filings(visit.store, round_id, policies.in_force(visit)).filter(pl.col("state") != "draft")
    frame = visit.scope.within(frame)
    if state is not None:
        frame = frame.filter(pl.col("state") == state)
    return frame.sort("submitted_at", "id", nulls_last=True)


def head(visit: Visit, filing: Filing) -> dict[str, Any]:
    """The row of `filings` for one filing, of whatever round. Raises Forbidden for a draft."""
    found = filings(visit, filing.round.id).filter(pl.col("id") == filing.id)
    if found.is_empty():
        raise Forbidden("这份填报尚未提交，不能审核。请从列表中重新选择。")
    return found.row(0, named=True)


def waiting_state(visit: Visit) -> str | None:
    """The state in which filings wait for this visitor."""
    return next((state for permission, state in WAITING.items() if visit.may(permission)), None)
