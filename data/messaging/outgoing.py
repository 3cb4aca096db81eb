"""The outgoing channel: what leaves the product for phones and mailboxes; a file of JSON lines unless another is given.

Nothing goes out inside the writer: a message that asks for it leaves queued rows, and `deliver_due` hands them over after
the commit. A copy is handed over at least once: after a crash between the hand-over and its noting, once more.
"""

import json
import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from core.base import beijing
from data.store.store import SYSTEM, Store, Transaction, dump

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipient:
    """`phone` and `email` are those of the enterprise's newest filing; "" where there is none."""

    account_id: str
    name: str
    enterprise: str
    phone: str
    email: str


@dataclass(frozen=True)
class Message:
    id: str
    title: str
    text: str
    link: str
    recipients: tuple[Recipient, ...]


class Channel(Protocol):
    """Takes a message for all its recipients, or raises: then all of them are tried again later."""

    def deliver(self, message: Message) -> None: ...


class File:
    """The default: appends a line for each recipient to YYYY-MM-DD.jsonl, on disk when it returns."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def deliver(self, message: Message) -> None:
        now = self._store.clock()
        folder: Path = self._store.folder / "outgoing"
        folder.mkdir(parents=True, exist_ok=True)
        lines = (
            dump(
                {
                    "at_utc": now.isoformat(),
                    "message": message.id,
                    "account": to.account_id,
                    "name": to.name,
                    "enterprise": to.enterprise,
                    "phone": to.phone,
                    "email": to.email,
                    "title": message.title,
                    "text": message.text,
                    "link": message.link,
                }
            )
            for to in message.recipients
        )
        with (folder / f"{beijing.day(now)}.jsonl").open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())


#: One hand-over at a time: two would take the same rows.
_one_at_a_time: Final = threading.Lock()


def deliver_due(store: Store, channel: Channel | None = None) -> tuple[int, int]:
    """Hand over every copy that is queued or failed before; how many went out, and how many did not.

    Call it after the commit of a message that asks for it, and from a job that tries again.
    """
    channel = channel or File(store)
    done = failed = 0
    with _one_at_a_time:
        for message in _due(store):
            many = len(message.recipients)
            try:
                channel.deliver(message)
            except Exception as error:  # whatever a channel raises, the others must go out
                logger.exception("message %s was not delivered to %d recipients", message.id, many)
                _note(store, message, "failed", {"accounts": many, "reason": type(error).__name__})
                failed += many
            else:
                _note(store, message, "sent", {"accounts": many})
                done += many
    return done, failed


_KINDS: Final = {"sent": "message.handed_over", "failed": "message.undelivered"}


def _note(store: Store, message: Message, state: str, body: dict[str, Any]) -> None:
    """The state of each copy; and in the log, once, that they went out or that they did not."""

    def job(transaction: Transaction) -> None:
        query = "SELECT account_id FROM outgoing WHERE message_id = $1 AND state <> $2"
        stale = {account for (account,) in transaction.find(query, [message.id, state])}
        if stale:
            transaction.append(SYSTEM, _KINDS[state], f"message:{message.id}", body)
        for account in sorted(stale.intersection(to.account_id for to in message.recipients)):
            row = {"message_id": message.id, "account_id": account, "state": state, "at_utc": transaction.now}
            transaction.put("outgoing", row)

    store.write(job)


def _due(store: Store) -> list[Message]:
    rows = store.rows(
        "SELECT m.id, m.title, m.text, m.link, o.account_id, coalesce(a.name, '') AS name, coalesce(e.name, '') AS enterprise, "
        "coalesce(f.content, '{}') AS content FROM outgoing o JOIN messages m ON m.id = o.message_id "
        "LEFT JOIN accounts a ON a.id = o.account_id LEFT JOIN enterprises e ON e.id = a.enterprise_id LEFT JOIN ("
        "SELECT DISTINCT ON (enterprise_id) enterprise_id, content FROM filings ORDER BY enterprise_id, opened_at DESC"
        ") f ON f.enterprise_id = a.enterprise_id WHERE o.state <> 'sent' ORDER BY m.at_utc, m.id, o.account_id"
    )
    letters: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        letters.setdefault(row["id"], []).append(row)
    return [
        Message(identity, of[0]["title"], of[0]["text"], of[0]["link"], tuple(_recipients(of)))
        for identity, of in letters.items()
    ]


def _recipients(rows: Sequence[dict[str, Any]]) -> list[Recipient]:
    found = []
    for row in rows:
        basic = json.loads(row["content"]).get("basic") or {}
        phone, email = (str(basic.get(name) or "") for name in ("contact_phone", "contact_email"))
        found.append(Recipient(row["account_id"], row["name"], row["enterprise"], phone, email))
    return found
