"""沟通记录: what one side has said to the other about a filing."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """`path`: "step.field", "" for the whole. `at_utc`: naive UTC. `bureau`: `who` stands on the side of the bureau."""

    path: str
    text: str
    at_utc: datetime
    who: str
    bureau: bool
