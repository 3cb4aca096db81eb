"""Facts about messages, what goes out of them, and notices."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from core.base.facts import Body, FactKind


class Sent(Body):
    """`link`: an in-app path. `thread`: the message that began it, "" itself. `recipients`: accounts. `outgoing`: a copy goes out."""

    title: str
    text: str
    link: str
    kind: str
    thread: str
    outgoing: bool = False
    recipients: tuple[str, ...]


class CopiesSent(Body):
    """`accounts`: to how many. `reason`: why not, where it failed."""

    accounts: int
    reason: str = ""


class NoticeSet(Body):
    """A notice as drafted, or what changed of it; published and withdrawn: its state. `roles`, `districts` (): all."""

    title: str = ""
    text: str = ""
    pinned: bool = False
    roles: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    until: date | None = None
    state: str = "draft"


FACTS: Final[Mapping[str, FactKind]] = {
    "message.sent": FactKind("发送站内信", Sent),
    "message.handed_over": FactKind("外发站内信", CopiesSent),
    "message.undelivered": FactKind("外发未成功", CopiesSent),
    "notice.drafted": FactKind("起草公告", NoticeSet),
    "notice.changed": FactKind("修改公告", NoticeSet),
    "notice.published": FactKind("发布公告", NoticeSet),
    "notice.withdrawn": FactKind("撤回公告", NoticeSet),
}
