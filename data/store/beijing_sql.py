"""Beijing time in SQL; see core.base.beijing. `sql`: an expression, never text from people."""

from core.base.beijing import ZONE


def day(sql: str) -> str:
    """The day in Beijing of a moment (naive UTC)."""
    return f"CAST({sql} AT TIME ZONE 'UTC' AT TIME ZONE '{ZONE}' AS DATE)"


def start(sql: str) -> str:
    """The moment (naive UTC) at which a day begins in Beijing."""
    return f"(CAST({sql} AS TIMESTAMP) AT TIME ZONE '{ZONE}' AT TIME ZONE 'UTC')"
