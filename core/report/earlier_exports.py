"""What was exported 对外 before: two files of nearby days could be subtracted from one another."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Neighbour:
    """A 对外 export whose numbers could be subtracted from others'. Moments in naive UTC; `as_of`: of its data, None unknown."""

    title: str
    who: str
    at: datetime
    as_of: datetime | None
