"""Facts about meetings."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from pydantic import Field

from core.base.facts import Body, FactKind


class MeetingSet(Body):
    """A meeting as called, or what changed of it (`core.meeting.meeting.Meeting`); with `scenario` its `parameters`."""

    day: date | None = None
    title: str = ""
    district: str = ""
    year: int = 0
    provisional: bool = False
    layer: str = ""
    size: str = ""
    compared: str = ""
    scenario: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)


class Noted(Body):
    """`text` "": the note of the screen is taken away."""

    screen: str
    text: str


class Frozen(Body):
    """What a meeting keeps: the moment of the data, the policy whole, what it is compared with, and who was late (`kept`)."""

    as_of: datetime
    policy: dict[str, Any]
    compared: str = ""
    scenario: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    kept: dict[str, Any]


class DecisionSet(Body):
    """A 决议 as recorded, settled or struck."""

    number: int
    text: str = ""
    who: str = ""
    due: date | None = None
    done: bool = False


FACTS: Final[Mapping[str, FactKind]] = {
    "meeting.opened": FactKind("召集例会", MeetingSet),
    "meeting.changed": FactKind("修改例会", MeetingSet),
    "meeting.noted": FactKind("例会备注", Noted),
    "meeting.frozen": FactKind("冻结例会", Frozen),
    "meeting.decided": FactKind("例会决议", DecisionSet),
    "meeting.struck": FactKind("删去决议", DecisionSet),
    "meeting.settled": FactKind("标记决议办结", DecisionSet),
}
