"""Which enterprises have gone into another, and what that means for filings: for all that asks whether one still stands."""

from core.base.errors import Refused
from data.store.store import Row, Store, Transaction, per_version


def of(transaction: Transaction, enterprise_id: str) -> Row | None:
    """Within a job: the merger by which the enterprise is no longer one of its own, with `into_name`."""
    row = transaction.get("mergers", enterprise_id)
    if row is None or row["into_id"] is None:
        return None
    return {**row, "into_name": (transaction.get("enterprises", row["into_id"]) or {"name": row["into_id"]})["name"]}


def words(row: Row | None) -> str:
    """What a merger means for filings: the end of a sentence about the enterprise; "" for none."""
    if row is None:
        return ""
    return f"自 {row['effective']} 起并入“{row['into_name']}”，不再单独填报和审核，此前填报的内容仍可查看"


def refuse(transaction: Transaction, enterprise_id: str, tail: str) -> None:
    """Within a job: raise Refused when the enterprise has gone into another; `tail`: what was not done."""
    if merged := of(transaction, enterprise_id):
        name = (transaction.get("enterprises", enterprise_id) or {"name": ""})["name"]
        raise Refused(f"“{name}”{words(merged)}，{tail}。")


@per_version
def standing_words(store: Store) -> dict[str, str]:
    """enterprise -> `words`, of those that have gone into another."""
    rows = store.rows(
        "SELECT m.enterprise_id, m.effective, e.name AS into_name FROM mergers m JOIN enterprises e ON e.id = m.into_id"
    )
    return {row["enterprise_id"]: words(row) for row in rows}
