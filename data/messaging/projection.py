"""What the facts of this domain change in the tables that pages read: messages and notices."""

from collections.abc import Mapping
from typing import Final

from core.messaging import facts
from data.store.store import Fact, Handler, Row, Transaction

#: Tables that are filled from the facts alone.
TABLES: Final = ("messages", "message_recipients", "notices")


def _message(transaction: Transaction, fact: Fact, body: facts.Sent) -> None:
    identity = fact.identity
    row: Row = {name: getattr(body, name) for name in ("kind", "title", "text", "link")}
    row |= {"id": identity, "at_utc": fact.at_utc, "sender_id": fact.account_id, "recipients": len(body.recipients)}
    transaction.put("messages", {**row, "thread": body.thread or identity})
    for account in body.recipients:
        transaction.put("message_recipients", {"message_id": identity, "account_id": account})


def _notice(transaction: Transaction, fact: Fact, body: facts.NoticeSet) -> None:
    lists = body.joined("roles", "districts")
    row = transaction.get("notices", fact.identity) or {
        "id": fact.identity,
        "state": "draft",
        "author_id": fact.account_id,
        "published_at": None,
    }
    published = {"published_at": fact.at_utc} if body.state == "published" else {}
    transaction.put(
        "notices", {**row, **body.given, **lists, **published, "revision": fact.revision, "changed_at": fact.at_utc}
    )


HANDLERS: Final[Mapping[str, Handler]] = {
    "message.sent": _message,
    "notice.drafted": _notice,
    "notice.changed": _notice,
    "notice.published": _notice,
    "notice.withdrawn": _notice,
}
