"""工作台 of the staff: what was decided, what that has changed in the library, how the service is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DecidedFiling:
    """A decision on the filing of the enterprise `name`. `at_utc`: naive UTC. `kind`: the fact. `who`: decided it."""

    at_utc: datetime
    kind: str
    name: str
    filing_id: str
    who: str


@dataclass(frozen=True, slots=True)
class LibraryTotals:
    """How many enterprises are in the library, how many of them core, and their counted output in yuan."""

    enterprises: int
    core: int
    counted_output: int


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """The totals of `year` as they stood `then` and as they stand `now`."""

    year: int
    then: LibraryTotals
    now: LibraryTotals


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """`sessions`: live now. The others are counts of the last 24 hours: pages that failed, accesses refused, failed sign-ins."""

    sessions: int
    errors: int
    refused: int
    failed: int
