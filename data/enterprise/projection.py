"""What the facts of this domain change in the tables that pages read: enterprises, their moves, mergers and plans, designations, projects."""

import json
from collections.abc import Mapping
from typing import Final

from core.enterprise import facts
from core.filing.cells import apply
from data.store.store import Fact, Handler, Row, Transaction, dump

#: Tables that are filled from the facts alone.
TABLES: Final = ("enterprises", "designations", "moves", "mergers", "planned_changes", "projects", "matches")


def _enterprise(transaction: Transaction, fact: Fact, body: facts.Registered) -> None:
    known = transaction.get("enterprises", fact.identity) if fact.revision > 1 else None
    row = known or {"id": fact.identity, "district": None, "known_since": fact.at_utc}
    transaction.put("enterprises", {**row, **body.given})


def _designation(transaction: Transaction, fact: Fact, body: facts.Designated) -> None:
    transaction.put("designations", {"name": fact.identity, **body.given})


def _project_opened(transaction: Transaction, fact: Fact, body: facts.ProjectOpened) -> None:
    row = {"id": fact.identity, "state": "open", "reason": "", "opened_at": fact.at_utc, "revision": fact.revision}
    transaction.put("projects", {**row, **body.given})


def _project_ended(transaction: Transaction, fact: Fact, body: facts.ProjectEnded) -> None:
    row = transaction.get("projects", fact.identity)
    assert row is not None, fact.subject
    ended = {"state": body.outcome, "reason": body.reason, "revision": row["revision"] + 1}
    transaction.put("projects", {**row, **ended})


def _match_proposed(transaction: Transaction, fact: Fact, body: facts.Proposed) -> None:
    row = {"id": fact.identity, "proposed_at": fact.at_utc, "demand": None, "supply": None}
    transaction.put("matches", {**row, **body.given})


def _match_answered(transaction: Transaction, fact: Fact, body: facts.Answered) -> None:
    row = transaction.get("matches", fact.identity)
    assert row is not None, fact.subject
    row = {**row, body.side: body.agreed}
    transaction.put("matches", row)
    project = transaction.get("projects", row["project_id"])
    if project and row["demand"] and row["supply"]:
        transaction.put("projects", {**project, "state": "matched", "revision": project["revision"] + 1})


def _enterprise_moved(transaction: Transaction, fact: Fact, body: facts.Moved) -> None:
    identity, district = fact.identity, body.district
    transaction.put(
        "moves",
        {
            "enterprise_id": identity,
            "district": district,
            "effective": body.since,
            "reason": body.reason,
            "at_utc": fact.at_utc,
        },
    )
    enterprise = transaction.get("enterprises", identity)
    assert enterprise is not None, identity
    transaction.put("enterprises", {**enterprise, "district": district})
    if placement := transaction.get("placements", identity):
        transaction.put("placements", {**placement, "organisation_id": None})
    for name in body.filings:
        row = transaction.get("filings", name)
        assert row is not None, name
        content = apply(json.loads(row["content"]), {"basic.district": district})
        transaction.put("filings", {**row, "district": district, "content": dump(content)})
    if body.admission is not None:
        admission = transaction.get("admissions", body.admission)
        assert admission is not None, body.admission
        transaction.put(
            "admissions",
            {**admission, "seq": fact.seq, "at_utc": fact.at_utc, "district": district, "effective": body.since},
        )
    _plan_over(transaction, fact, "move")


def _planned(transaction: Transaction, fact: Fact, body: facts.Planned) -> None:
    row: Row = {name: getattr(body, name) for name in ("change", "target", "reason", "document")}
    row |= {"enterprise_id": fact.identity, "effective": body.since, "account_id": fact.account_id}
    transaction.put("planned_changes", {**row, "at_utc": fact.at_utc, "seq": fact.seq})


def _plan_withdrawn(transaction: Transaction, fact: Fact, body: facts.PlanWithdrawn) -> None:
    _plan_over(transaction, fact, body.change)


def _plan_over(transaction: Transaction, fact: Fact, change: str) -> None:
    """What was planned is done or withdrawn."""
    row = transaction.get("planned_changes", fact.identity, change)
    if row and row["target"]:
        transaction.put("planned_changes", {**row, "target": None, "at_utc": fact.at_utc, "seq": fact.seq})


def _merged(transaction: Transaction, fact: Fact, body: facts.Merged) -> None:
    """From now on it is not counted; for any day before, and in its figures, it stays as it was."""
    now = {"at_utc": fact.at_utc, "seq": fact.seq}
    row: Row = {name: getattr(body, name) for name in ("reason", "document", "admission")}
    row |= {"enterprise_id": fact.identity, "into_id": body.into, "effective": body.since}
    transaction.put("mergers", {**row, **now})
    if body.admission is not None:
        admission = transaction.get("admissions", body.admission)
        assert admission is not None, body.admission
        transaction.put("admissions", {**admission, **now, "admitted": False, "effective": body.since})
    _plan_over(transaction, fact, "merge")


def _unmerged(transaction: Transaction, fact: Fact, body: facts.Unmerged) -> None:
    row, now = transaction.get("mergers", fact.identity), {"at_utc": fact.at_utc, "seq": fact.seq}
    assert row is not None, fact.subject
    transaction.put("mergers", {**row, **now, "into_id": None, "admission": None, "reason": body.reason})
    if body.admission is not None:
        admission = transaction.get("admissions", body.admission)
        assert admission is not None, body.admission
        transaction.put("admissions", {**admission, **now})


HANDLERS: Final[Mapping[str, Handler]] = {
    "enterprise.registered": _enterprise,
    "designation.recorded": _designation,
    "enterprise.moved": _enterprise_moved,
    "enterprise.planned": _planned,
    "enterprise.plan_withdrawn": _plan_withdrawn,
    "enterprise.merged": _merged,
    "enterprise.unmerged": _unmerged,
    "project.opened": _project_opened,
    "project.ended": _project_ended,
    "match.proposed": _match_proposed,
    "match.answered": _match_answered,
}
