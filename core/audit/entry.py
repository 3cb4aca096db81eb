"""A line of the log: one fact with the names that people know its people and things by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class LogEntry:
    """`at_utc`: naive UTC. `account`, `name`, `enterprise`: of whoever did it. `about`: what `subject` is called.

    `before` and `after`: "field" -> value, in the log of changes only.
    """

    seq: int
    at_utc: datetime
    kind: str
    subject: str
    body: Mapping[str, Any]
    account: str = ""
    name: str = ""
    enterprise: str = ""
    session_id: str | None = None
    about: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
