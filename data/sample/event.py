"""What happened in the sample: a fact to be appended, of a moment in the past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from data.store.store import Actor

#: The city officer of `data.sample.people.STAFF`.
CITY: Final = Actor("local-shiji")


@dataclass(frozen=True)
class Event:
    """A fact to be appended. `at`: naive UTC."""

    at: datetime
    actor: Actor
    kind: str
    subject: str
    body: dict[str, Any]
