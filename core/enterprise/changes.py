"""区属调整 and 企业合并: where an enterprise stands, what it went into, and what waits for its day."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an enterprise from a day on. `target`: the district it moves to, or the enterprise it goes into."""

    enterprise_id: str
    target: str
    effective: date
    reason: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Merger:
    """The merger by which an enterprise is no longer one of its own. `admission`: the number of the one that ended with it."""

    into_id: str
    into_name: str
    effective: date
    admission: int | None

    @property
    def words(self) -> str:
        """What it means for filings: the end of a sentence about the enterprise."""
        return f"自 {self.effective} 起并入“{self.into_name}”，不再单独填报和审核，此前填报的内容仍可查看"


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change that waits for its day, as people read it: `who` asked for it, and when (`at_utc`, naive UTC).

    `seq`: the number of its fact, to be named by who withdraws it.
    """

    target: str
    target_name: str
    effective: date
    reason: str
    document: str
    who: str
    at_utc: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class DistrictStanding:
    """The district that answers for an enterprise (None: none yet); since when and why, if it was moved."""

    id: str
    name: str
    district: str | None
    effective: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Absorbed:
    """An enterprise that went into another. `readable`: the visit may open it."""

    enterprise_id: str
    name: str
    effective: date
    readable: bool


@dataclass(frozen=True, slots=True)
class MergerStanding:
    """The enterprise that this one went into (`into_id` None: none), and those that went into it.

    `seq`: the number of the newest fact about a merger of it, 0 for none; to be named by who changes it.
    `readable`: the visit may open the enterprise it went into.
    """

    seq: int
    into_id: str | None
    into_name: str | None
    effective: date | None
    reason: str | None
    document: str | None
    readable: bool
    absorbed: tuple[Absorbed, ...]
