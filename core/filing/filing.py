"""填报: one enterprise's filing of one round as it stands, and the answer to a save."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.filing.model import Content
from core.filing.round import Round
from core.filing.states import EDITABLE


@dataclass(frozen=True)
class Filing:
    """A filing as it stands. `revision` 0: not saved yet, content prefilled from the last filing. Moments in naive UTC.

    `district`: the code of the one that reviews it, None until it is filled in. `reasons`: path ("" for the whole) -> why
    it was returned.
    """

    id: str
    enterprise_id: str
    round: Round
    state: str
    revision: int
    district: str | None
    content: Content
    first_draft: Content
    saved_at: datetime | None
    submitted_at: datetime | None
    reasons: dict[str, str]
    unlocked_until: date | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    #: When the enterprise has gone into another: what that means, the end of a sentence about it.
    merged: str = ""

    @property
    def subject(self) -> str:
        return f"filing:{self.id}"

    @property
    def closes(self) -> date:
        """The last day on which this enterprise may file: the round's, or a later one that it alone was given."""
        return max(self.round.closes, self.unlocked_until or self.round.closes)

    def editable_on(self, day: date) -> bool:
        return not self.merged and self.state in EDITABLE and self.round.opens <= day <= self.closes

    def standing_on(self, day: date) -> str:
        """State and whether it may be changed, as one word that changes when either does."""
        return f"{self.state}/{'open' if self.editable_on(day) else 'closed'}"


@dataclass(frozen=True)
class Saved:
    """The answer to a save or a submission. `at`: naive UTC.

    `conflicts`: path -> what stands there instead, of cells that were changed elsewhere and were left as they are.
    """

    revision: int
    at: datetime
    conflicts: Mapping[str, Any] = field(default_factory=dict, hash=False)
