"""通知公告: a notice as it is drafted, read and managed. Moments are naive UTC."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A notice as typed. `roles` and `districts`: whom it is for, empty for all; `until`: its last day, "" for none."""

    title: str
    text: str
    pinned: bool
    roles: tuple[str, ...]
    districts: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it stands. `state`: a code of `core.base.terms.NOTICES`. `roles`, `districts`: empty for all.

    `until`: the last day it is shown. `revision`: to be named by who changes it.
    """

    id: str
    title: str
    text: str
    state: str
    pinned: bool
    roles: tuple[str, ...]
    districts: tuple[str, ...]
    until: date | None
    revision: int
    changed_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeForMe:
    """A published notice for the visiting person; `read_at` None: unread."""

    notice: Notice
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenedNotice:
    """A notice that the visiting person has opened; `newly`: it was unread until now."""

    notice: Notice
    newly: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """For how many accounts a notice is (`audience`), and how many of them have `read` it."""

    audience: int
    read: int


@dataclass(frozen=True, slots=True)
class ManagedNotice:
    """A notice with the name of who drafted it and whom it reaches; `by_district`: the same for each district, None for
    staff of the city and for who has no district yet; empty in lists.
    """

    notice: Notice
    author: str
    reach: Reach
    by_district: tuple[tuple[str | None, Reach], ...] = ()
