"""解锁: the filing of one enterprise that may be, or has been, reopened after the end of its round."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Unlockable:
    """A filing that was looked for. `round`: name and days in words; `state` None: nothing saved; `until`: as in `Unlocked`."""

    filing_id: str
    enterprise_id: str
    name: str
    uscc: str
    district: str | None
    state: str | None
    until: date | None
    round: str


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A filing that alone may still be filled in. `until`: its last day; `who` unlocked it, for what `reason`."""

    filing_id: str
    enterprise_id: str
    name: str
    until: date
    reason: str
    who: str
    state: str | None
    round: str
