"""Facts about reporting rounds, what is filed in them, attachments and reminders."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pydantic import Field

from core.base.facts import Body, FactKind
from core.filing.states import ACTIONS


class RoundSet(Body):
    """A reporting round as set, or what changed of it. The first rounds did not say who must file: everybody.

    The last four are the form's legal head, which older rounds do not have.
    """

    year: int = 0
    columns: tuple[str, ...] = ()
    opens: date | None = None
    closes: date | None = None
    obliged: str = "all"
    districts: tuple[str, ...] = ()
    form_number: str = ""
    authority: str = ""
    approval: str = ""
    valid_until: date | None = None


class Unlocked(Body):
    """Until which day one enterprise may still file; None: no longer."""

    until: date | None
    reason: str


class Opened(Body):
    """A filing is begun with `content`: what is carried over."""

    enterprise_id: str
    round_id: str
    content: dict[str, Any]


class Saved(Body):
    """`patch`: path of a cell -> the value typed; `before`: what stood there (older facts do not say).

    Older facts set lists of rows as a whole ("step.field"). `rows`: path of a row -> what it was called, for the log.
    `deliberate`: whether the filer asked for it, rather than typing went on (older facts do not say).
    """

    patch: dict[str, Any]
    before: dict[str, Any] = Field(default_factory=dict)
    rows: dict[str, str] = Field(default_factory=dict)
    deliberate: bool = True


class Submitted(Body):
    """`before`: the state it was submitted from (older facts do not say)."""

    before: str = Field("", alias="from")


class AttachmentAdded(Body):
    """A file is kept under its hash; `bytes`: its size, `kind`: its media type."""

    enterprise_id: str
    sha256: str
    name: str
    kind: str
    bytes: int


class Reminded(Body):
    """`level`: who was reminded: the enterprise, the district or the city. `message_id` "": by a list, not by a message of its own."""

    round_id: str
    level: str
    template: str
    message_id: str


FACTS: Final[Mapping[str, FactKind]] = {
    "round.opened": FactKind("设定填报期", RoundSet),
    "round.changed": FactKind("调整填报期", RoundSet),
    "filing.unlocked": FactKind("解锁填报", Unlocked),
    "filing.relocked": FactKind("取消解锁", Unlocked),
    "filing.opened": FactKind("开始填报", Opened),
    "filing.saved": FactKind("保存", Saved),
    ACTIONS["submit"].kind: FactKind(ACTIONS["submit"].event, Submitted),
    "attachment.added": FactKind("上传证明材料", AttachmentAdded),
    "reminder.sent": FactKind("催报", Reminded),
}
