"""What the facts of this domain change in the tables that pages read: filings, rounds, attachments and reminders."""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.base.dictionaries import DISTRICTS
from core.filing import facts
from core.filing.cells import apply
from core.filing.model import Content, Figures, YearFigures, read_part
from data.store.rounds import round_of
from data.store.store import Fact, Handler, Row, Transaction, dump

#: Tables that are filled from the facts alone.
TABLES: Final = ("rounds", "filings", "attachments", "reminders", "filing_unlocks")


def _round(transaction: Transaction, fact: Fact, body: facts.RoundSet) -> None:
    known = transaction.get("rounds", fact.identity) if fact.revision > 1 else None
    # The first rounds did not say who must file: everybody.
    head = {"form_number": "", "authority": "", "approval": "", "valid_until": None}
    row = known or {"id": fact.identity, "obliged": "all", "districts": "", **head}
    lists = body.joined("columns", "districts")
    transaction.put("rounds", {**row, **body.given, **lists})


def _unlock(transaction: Transaction, fact: Fact, body: facts.Unlocked) -> None:
    filing = fact.identity
    row = {
        "filing_id": filing,
        "until": body.until,
        "reason": body.reason,
        "account_id": fact.account_id,
        "at_utc": fact.at_utc,
    }
    transaction.put("filing_unlocks", row)
    if transaction.get("filings", filing):  # an enterprise may be let in before it has saved anything
        changed(transaction, fact)


def _reminder(transaction: Transaction, fact: Fact, body: facts.Reminded) -> None:
    row = {"seq": fact.seq, "enterprise_id": fact.identity, "at_utc": fact.at_utc, "account_id": fact.account_id}
    transaction.put("reminders", {**row, **body.given})


def _attachment(transaction: Transaction, fact: Fact, body: facts.AttachmentAdded) -> None:
    transaction.put("attachments", {"id": fact.identity, "added_at": fact.at_utc, **body.given})


def _filing_opened(transaction: Transaction, fact: Fact, body: facts.Opened) -> None:
    content = body.content
    transaction.put(
        "filings",
        {
            "id": fact.identity,
            "enterprise_id": body.enterprise_id,
            "round_id": body.round_id,
            "state": "draft",
            "revision": fact.revision,
            **headline(transaction, body.round_id, content),
            "content": dump(content),
            "first_draft": "",
            "opened_at": fact.at_utc,
            "saved_at": fact.at_utc,
            "submitted_at": None,
            "decided_at": None,
            "reasons": "{}",
            "decided_by": None,
            "explained": 0,
        },
    )


def changed(transaction: Transaction, fact: Fact, **changes: Any) -> Row:
    row = transaction.get("filings", fact.identity)
    assert row is not None, fact.subject
    row = {**row, "revision": fact.revision, **changes}
    transaction.put("filings", row)
    return row


def _filing_saved(transaction: Transaction, fact: Fact, body: facts.Saved) -> None:
    row = transaction.get("filings", fact.identity)
    assert row is not None, fact.subject
    content = apply(json.loads(row["content"]), body.patch)
    text = dump(content)
    columns = headline(transaction, row["round_id"], content)
    # What was first saved for this round's figures is kept, to see later whether a line was crossed.
    # A figure in the middle of being typed is no draft of it.
    first = row["first_draft"] or ("" if columns["ai_revenue"] is None or not body.deliberate else text)
    said = (key for key, text in content.get("explanations", {}).items() if str(text or "").strip())
    explained = len({key.partition("=")[0] for key in said})
    changed(transaction, fact, content=text, first_draft=first, saved_at=fact.at_utc, explained=explained, **columns)


def headline(transaction: Transaction, round_id: str, content: Content) -> Row:
    """The columns of a filing that lists show, read from its content."""
    round_row = transaction.get("rounds", round_id)
    assert round_row is not None, round_id
    this_round = round_of(round_row)
    basic = content.get("basic", {})
    district = basic.get("district")
    return {
        "name": str(basic.get("enterprise_name") or ""),
        "district": district if district in DISTRICTS else None,
        **_amounts(content.get("business"), this_round.year, this_round.columns[-1]),
    }


def _amounts(business: Any, year: int, period: str) -> Row:
    """The amounts of one year and column, all None when not filed; only these are read, as every save asks."""
    rows = business.get("years") if isinstance(business, Mapping) else None
    for row in rows if isinstance(rows, list) else ():
        given = row if isinstance(row, Mapping) else {}
        if read_part(YearFigures, {"year": given.get("year")}, "")[0]["year"] == year:
            return read_part(Figures, given.get(period), "")[0]
    return read_part(Figures, None, "")[0]


def _filing_submitted(transaction: Transaction, fact: Fact, body: facts.Submitted) -> None:
    changed(transaction, fact, state="submitted", submitted_at=fact.at_utc, reasons="{}")


HANDLERS: Final[Mapping[str, Handler]] = {
    "round.opened": _round,
    "round.changed": _round,
    "filing.unlocked": _unlock,
    "filing.relocked": _unlock,
    "reminder.sent": _reminder,
    "attachment.added": _attachment,
    "filing.opened": _filing_opened,
    "filing.saved": _filing_saved,
    "filing.submitted": _filing_submitted,
}
