"""What the facts of this domain change in the tables that pages read: meetings and their decisions."""

import json
from collections.abc import Mapping
from typing import Final

from core.meeting import facts
from data.store.store import Fact, Handler, Row, Transaction, dump

#: Tables that are filled from the facts alone.
TABLES: Final = ("meetings", "meeting_decisions")


def _meeting(transaction: Transaction, fact: Fact, body: facts.MeetingSet | facts.Frozen) -> None:
    identity = fact.identity
    known = transaction.get("meetings", identity) if fact.revision > 1 else None
    none = {"scenario": "", "parameters": "{}", "notes": "{}", "as_of": None, "policy": "", "kept": ""}
    row = known or {"id": identity, "opened_by": fact.account_id, **none}
    texts: Row = {name: dump(body.given[name]) for name in ("parameters", "policy", "kept") if name in body.given}
    transaction.put("meetings", {**row, **body.given, **texts})


def _meeting_noted(transaction: Transaction, fact: Fact, body: facts.Noted) -> None:
    row = transaction.get("meetings", fact.identity)
    assert row is not None, fact.subject
    notes = json.loads(row["notes"]) | {body.screen: body.text}
    transaction.put("meetings", {**row, "notes": dump({screen: text for screen, text in notes.items() if text})})


def _meeting_decision(transaction: Transaction, fact: Fact, body: facts.DecisionSet) -> None:
    key = {"meeting_id": fact.identity, "number": body.number}
    row = transaction.get("meeting_decisions", *key.values()) or {**key, "done": False}
    struck: Row = {"text": ""} if fact.kind == "meeting.struck" else {}
    transaction.put("meeting_decisions", {**row, **body.given, **struck})


HANDLERS: Final[Mapping[str, Handler]] = {
    "meeting.opened": _meeting,
    "meeting.changed": _meeting,
    "meeting.frozen": _meeting,
    "meeting.noted": _meeting_noted,
    "meeting.decided": _meeting_decision,
    "meeting.struck": _meeting_decision,
    "meeting.settled": _meeting_decision,
}
