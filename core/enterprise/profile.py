"""企业画像: one enterprise as the register has it, and what it has filed, attached and been written."""

from dataclasses import dataclass
from datetime import datetime

from core.filing.model import Content


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One row of the register; codes as in `core.enterprise.query.COLUMNS`, moments naive UTC.

    Class and amounts (yuan, full year of the last actual year) are None while it is not admitted. `state`: of its filing
    in the current round, "none" for no filing. `park`, `merged_into`: names.
    """

    enterprise_id: str
    name: str
    uscc: str
    district: str | None
    park: str | None
    known_since: datetime
    merged_into: str | None
    size: str | None
    layer: str | None
    segments: str | None
    admitted: bool
    total_revenue: int | None
    ai_revenue: int | None
    software_revenue: int | None
    hardware_revenue: int | None
    directory_tier: str | None
    state: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """`officer`: the name of who looks after it. `designation`: the class the list names it in. `content`: of the newest
    filing sent in, empty for none.
    """

    enterprise: Enterprise
    officer: str | None
    designation: str | None
    content: Content


@dataclass(frozen=True, slots=True)
class FiledRound:
    """A filing of it. `round`: its name. Moments naive UTC, None for what has not happened."""

    id: str
    round: str
    state: str
    saved_at: datetime | None
    submitted_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """A file that was attached. `address`: "sha256/name", under /files/. `added_at`: naive UTC."""

    name: str
    address: str
    bytes: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class EnterpriseLetter:
    """A 站内信 to or from it, without what stands in it. `own`: it wrote the letter itself.

    `recipients`: how many of its accounts got the letter (of its own letters: how many accounts at all); `read`: how many
    of these have read it.
    """

    at_utc: datetime
    kind: str
    title: str
    who: str
    own: bool
    recipients: int
    read: int
