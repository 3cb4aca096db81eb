"""What pages show of people: who files for an enterprise, who looks after one, positions, and one's own devices."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Filer:
    """An account of an enterprise. `local`: it signs in by a password; `last_sign_in`: naive UTC, None: never."""

    id: str
    username: str
    name: str
    active: bool
    principal: bool
    local: bool
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class Placed:
    """An enterprise and where it belongs: its district as filed, its park, and who looks after it, each None where it has none."""

    id: str
    name: str
    uscc: str
    district: str | None
    organisation_id: str | None
    officer_id: str | None
    officer: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """A position and how many accounts hold it."""

    id: str
    name: str
    note: str
    accounts: int
    revision: int


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, for 个人中心. `local`: has a password here, last changed at `changed_at` (naive UTC); `enterprise`: its name."""

    username: str
    name: str
    role: str
    organisation_id: str | None
    enterprise: str | None
    local: bool
    changed_at: datetime | None
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A live session of one's own; moments in naive UTC. `address`: None where it is not known."""

    id: str
    way: str
    opened_at: datetime
    address: str | None
    agent: str
    seen_at: datetime
