"""The door for the administrator: health of the store, and the proof of its log."""

from typing import Any

from data.store import Row, StoreDamaged
from data.visit import Visit


def summary(visit: Visit) -> dict[str, Any]:
    """Counts of facts, enterprises, filings, live sessions, accounts by role; newest fact; size on disk."""
    visit.check("system.read")
    store = visit.store
    counts: Row = store.rows(
        "SELECT (SELECT count(*) FROM facts) AS facts, (SELECT max(at_utc) FROM facts) AS newest, "
        "(SELECT count(*) FROM enterprises) AS enterprises, (SELECT count(*) FROM filings) AS filings, "
        "(SELECT count(*) FROM sessions WHERE ended_at IS NULL AND expires_at > $1) AS sessions",
        [store.clock()],
    )[0]
    accounts = store.rows("SELECT role, count(*) AS accounts FROM accounts WHERE active GROUP BY role ORDER BY role")
    size = sum(file.stat().st_size for file in store.folder.glob("library.duckdb*"))
    return {**counts, "accounts": accounts, "megabytes": round(size / 2**20)}


def verify(visit: Visit) -> tuple[bool, str]:
    """Recompute the hash chain: whether it is whole, and the sentence that says so."""
    visit.check("system.read", "log.read")
    try:
        return True, f"日志链完整，共 {visit.store.verify():,} 条记录。"
    except StoreDamaged as damage:
        return False, str(damage)
