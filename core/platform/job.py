"""任务: how a job that the service does by itself stands."""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class JobStanding:
    """`at`: its hour in Beijing. `started_at`, `finished_at`: of its last run; `next_at`: of the next, None for at once
    (all naive UTC). `ok`: how the last run went, None before the first and while it runs; `result`: in words.
    """

    code: str
    name: str
    at: time
    started_at: datetime | None
    finished_at: datetime | None
    ok: bool | None
    result: str
    next_at: datetime | None
