"""For reviewers: what waits for them, with its class by the rule beside it."""

import json
from dataclasses import fields
from typing import Literal

import polars as pl

from core.access.permissions import Permission
from core.base.errors import Forbidden
from core.filing.filing import Filing
from core.filing.model import Content
from core.filing.round import Round
from core.filing.states import WAITING
from core.review.priority import rank
from core.review.queue import QueuedFiling
from core.rule.classification import INPUTS, Derivation, classify, explain
from core.rule.policy import Policy
from data.access import belonging
from data.access.visit import Visit
from data.filing.periods import rounds
from data.rule import policies
from data.store.store import Store, per_version

Order = Literal["impact", "submitted"]


@per_version
def _filings(store: Store, round_id: str, policy: Policy) -> pl.DataFrame:
    """All filings of a round but drafts, with class and impact; yuan of the round's year and last open column."""
    frame = store.frame(
        f"SELECT f.id, f.enterprise_id, f.name, f.state, f.revision, {belonging.FILING_DISTRICT} AS district, "  # noqa: S608
        "f.submitted_at, f.saved_at, f.decided_at, "
        "f.total_revenue, f.ai_revenue, f.software_revenue, f.hardware_revenue, f.explained, "
        "f.enterprise_id IN (SELECT enterprise_id FROM mergers WHERE into_id IS NOT NULL) AS merged, "
        # Read from the content only where the class depends on it.
        "CASE WHEN $2 THEN json_extract_string(f.content, '$.basic.size') END AS size "
        "FROM filings f JOIN enterprises e ON e.id = f.enterprise_id WHERE f.round_id = $1 AND f.state <> 'draft'",
        [round_id, policy.by_size],
    )
    last = store.frame(
        "SELECT g.enterprise_id, g.total_revenue, g.ai_revenue, g.software_revenue, g.hardware_revenue, g.withdrawn "
        "FROM figures g JOIN rounds r ON r.id = $1 AND g.year = r.year - 1 AND g.period = split_part(r.columns, ',', -1) "
        "QUALIFY row_number() OVER (PARTITION BY g.enterprise_id ORDER BY g.seq DESC) = 1",
        [round_id],
    ).filter(~pl.col("withdrawn"))
    last = last.join(frame.select("enterprise_id", "size"), on="enterprise_id", how="left")
    last = classify(last, policy).select("enterprise_id", last_total="total_revenue", last_tier="directory_tier")
    return rank(classify(frame, policy).join(last, on="enterprise_id", how="left"), policy)


@per_version
def _others_waiting(store: Store, round_id: str) -> tuple[str, ...]:
    """The other rounds of which filings wait: sent back or unlocked, and submitted again after a newer round began."""
    query = (
        "SELECT DISTINCT round_id FROM filings WHERE round_id <> $1 AND list_contains($2::VARCHAR[], state) ORDER BY 1"
    )
    return tuple(row["round_id"] for row in store.rows(query, [round_id, list(WAITING.values())]))


def _policy(visit: Visit, round_id: str) -> Policy:
    """By which a round's figures will count: that of its year."""
    years = (each.year for each in rounds(visit.store) if each.id == round_id)
    return policies.for_year(visit, next(years, visit.store.today.year))


def filings(
    visit: Visit, round_id: str, *, state: str | None = None, order: Order = "submitted", others: bool = False
) -> pl.DataFrame:
    """The round's filings within the scope; drafts are the filer's own and left out, as is who has gone into another enterprise.

    In order of submission, or by impact: what weighs most first. See core.review.priority for impact, impact_reason, flagged.
    `others`: with those of other rounds that wait for a decision.
    """
    visit.check(Permission.FILING_READ)
    frame = _filings(visit.store, round_id, _policy(visit, round_id))
    for other in _others_waiting(visit.store, round_id) if others else ():
        frame = pl.concat(
            [
                frame,
                _filings(visit.store, other, _policy(visit, other)).filter(
                    pl.col("state").is_in(list(WAITING.values()))
                ),
            ]
        )
    frame = visit.scope.within(frame.filter(~pl.col("merged")))
    if state is not None:
        frame = frame.filter(pl.col("state") == state)
    if order == "impact":
        return frame.sort("impact", "submitted_at", "id", descending=[True, False, False], nulls_last=True)
    return frame.sort("submitted_at", "id", nulls_last=True)


def head(visit: Visit, filing: Filing) -> QueuedFiling:
    """One filing of `filings`, of whatever round. Raises Forbidden for a draft."""
    return QueuedFiling(**_one(visit, filing).select(*(each.name for each in fields(QueuedFiling))).row(0, named=True))


def derivation(visit: Visit, filing: Filing) -> Derivation:
    """Why a filing's figures make the class that the queue says, by the policy of its year. Raises Forbidden for a draft."""
    return explain(
        _one(visit, filing).select(*INPUTS, "size").row(0, named=True), policies.for_year(visit, filing.round.year)
    )


def _one(visit: Visit, filing: Filing) -> pl.DataFrame:
    visit.check(Permission.FILING_READ)
    everything = _filings(visit.store, filing.round.id, policies.for_year(visit, filing.round.year))
    found = visit.scope.within(everything.filter(pl.col("id") == filing.id))
    if found.is_empty():
        raise Forbidden("这份填报尚未提交，不能审核。请从列表中重新选择。")
    return found


def previous(visit: Visit, filing: Filing) -> tuple[Round, Content] | None:
    """What the enterprise filed before: of earlier rounds the newest admitted filing, else the newest that was submitted.

    Whoever may read `filing` may read this, also when another district answered for the enterprise then.
    """
    visit.check(Permission.FILING_READ)
    found = visit.store.rows(
        "SELECT f.round_id, f.content FROM filings f JOIN rounds r ON r.id = f.round_id "
        "WHERE f.enterprise_id = $1 AND f.state <> 'draft' AND (r.opens < $2 OR (r.opens = $2 AND r.id < $3)) "
        "ORDER BY f.state = 'admitted' DESC, r.opens DESC, r.id DESC LIMIT 1",
        [filing.enterprise_id, filing.round.opens, filing.round.id],
    )
    if not found or not belonging.sees_filing(visit, filing.id):
        return None
    earlier = next(known for known in rounds(visit.store) if known.id == found[0]["round_id"])
    return earlier, json.loads(found[0]["content"])


def waiting_state(visit: Visit) -> str | None:
    """The state in which filings wait for this visitor."""
    return next((state for permission, state in WAITING.items() if visit.may(permission)), None)
