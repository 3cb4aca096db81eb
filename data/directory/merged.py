"""Which enterprises have gone into another, and what that means for filings: for all that asks whether one still stands."""

from core.base.errors import Refused
from core.enterprise.changes import Merger
from data.store.store import Store, Transaction, per_version


def of(transaction: Transaction, enterprise_id: str) -> Merger | None:
    """Within a job: the merger by which the enterprise is no longer one of its own, None for none."""
    row = transaction.get("mergers", enterprise_id)
    if row is None or row["into_id"] is None:
        return None
    name = (transaction.get("enterprises", row["into_id"]) or {"name": row["into_id"]})["name"]
    return Merger(row["into_id"], name, row["effective"], row["admission"])


def refuse(transaction: Transaction, enterprise_id: str, tail: str) -> None:
    """Within a job: raise Refused when the enterprise has gone into another; `tail`: what was not done."""
    if merged := of(transaction, enterprise_id):
        name = (transaction.get("enterprises", enterprise_id) or {"name": ""})["name"]
        raise Refused(f"“{name}”{merged.words}，{tail}。")


@per_version
def standing_words(store: Store) -> dict[str, str]:
    """enterprise -> `Merger.words`, of those that have gone into another."""
    rows = store.rows(
        "SELECT m.enterprise_id, m.into_id, e.name AS into_name, m.effective, m.admission FROM mergers m JOIN enterprises e ON e.id = m.into_id"
    )
    return {row.pop("enterprise_id"): Merger(**row).words for row in rows}
