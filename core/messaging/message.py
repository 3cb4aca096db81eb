"""站内信: a message as it is listed, opened and receipted. Moments are naive UTC; `sender` is a name."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Received:
    """A message in the inbox. `kind`: a code of `core.base.terms.MESSAGES`. `read_at` None: unread."""

    id: str
    at_utc: datetime
    kind: str
    title: str
    sender: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that one has sent: to how many accounts (`recipients`), how many of them have `read` it, and of its
    outgoing copies how many are `queued`, `handed_over` and `failed`.
    """

    id: str
    at_utc: datetime
    kind: str
    title: str
    recipients: int
    read: int
    queued: int
    handed_over: int
    failed: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """One recipient. `read_at` None: not yet. `outgoing`: the state of its copy since `outgoing_at`, None without a copy."""

    recipient: str
    read_at: datetime | None
    outgoing: str | None
    outgoing_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its text. `link`: an in-app path, "" for none. `recipients`: to how many accounts it went."""

    id: str
    at_utc: datetime
    kind: str
    title: str
    text: str
    link: str
    recipients: int
    sender: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of a conversation; `mine`: written by who reads it."""

    id: str
    at_utc: datetime
    title: str
    text: str
    link: str
    sender: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A message with what was written to and fro about it, oldest first. `received`: by the visiting person, else sent by it.

    `newly`: it was unread until now. `answerable`: it can be answered.
    """

    message: Message
    conversation: tuple[Turn, ...]
    received: bool
    newly: bool
    answerable: bool
