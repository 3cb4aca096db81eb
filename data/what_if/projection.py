"""What the facts of this domain change in the tables that pages read: saved scenarios."""

from collections.abc import Mapping
from typing import Final

from core.what_if import facts
from data.store.store import Fact, Handler, Row, Transaction, dump

#: Tables that are filled from the facts alone.
TABLES: Final = ("scenarios",)


def _scenario(transaction: Transaction, fact: Fact, body: facts.ScenarioSet) -> None:
    """Of a scenario its words and parameters; who saved it and when stay as they were at first."""
    identity = fact.identity
    row = transaction.get("scenarios", identity) or {
        "id": identity,
        "account_id": fact.account_id,
        "at_utc": fact.at_utc,
        "active": True,
        "version": body.version,
        "changes": dump(body.changes),
    }
    words: Row = {name: body.given[name] for name in ("name", "note", "active") if name in body.given}
    transaction.put("scenarios", {**row, **words, "revision": fact.revision})


HANDLERS: Final[Mapping[str, Handler]] = {
    "scenario.saved": _scenario,
    "scenario.changed": _scenario,
    "scenario.removed": _scenario,
    "scenario.restored": _scenario,
}
