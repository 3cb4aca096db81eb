"""运行状态: how much the store holds, and how the process is that serves it."""

from dataclasses import dataclass
from datetime import datetime

from core.platform.backup import Backup


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many facts, enterprises, filings and live sessions there are. `newest`: the last fact, naive UTC, None for none.

    `accounts`: (role, how many active accounts). `megabytes`: of the database on disk.
    """

    facts: int
    newest: datetime | None
    enterprises: int
    filings: int
    sessions: int
    accounts: tuple[tuple[str, int], ...]
    megabytes: int


@dataclass(frozen=True, slots=True)
class Process:
    """Versions of `product`, `python`, `duckdb` and the `schema`; megabytes of `memory` held (None: unknown) and `free` on disk.

    `up`: seconds since the start. `backup`: the newest, None before the first.
    """

    product: str
    python: str
    duckdb: str
    schema: str
    memory: int | None
    free: int
    up: int
    backup: Backup | None
