"""备份: what is known of a copy of the library."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Backup:
    """`made_at`, `checked_at`: naive UTC. `facts`, `files`: how many; `bytes`: of the database.

    `whole`: what the last check found, None before the first; `finding`: the same in words.
    """

    name: str
    made_at: datetime
    version: str
    facts: int
    files: int
    bytes: int
    checked_at: datetime | None
    whole: bool | None
    finding: str
