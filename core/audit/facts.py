"""The kinds of fact of all domains in one table, and those that say who looked at what."""

from collections.abc import Mapping
from typing import Final

from core.access import facts as access
from core.base.facts import Body, FactKind
from core.enterprise import facts as enterprise
from core.filing import facts as filing
from core.meeting import facts as meeting
from core.messaging import facts as messaging
from core.platform import facts as platform
from core.report import facts as report
from core.review import facts as review
from core.rule import facts as rule
from core.what_if import facts as what_if


class PageOpened(Body):
    page: str


class FileOpened(Body):
    """`filters`: of a list that was exported."""

    name: str
    filters: str = ""


class AccessRefused(Body):
    permission: str
    page: str


class ErrorShown(Body):
    """`reference`: the number that the person was shown."""

    reference: str
    kind: str
    sentence: str
    page: str


_OWN: Final[Mapping[str, FactKind]] = {
    "page.opened": FactKind("打开页面", PageOpened),
    "file.opened": FactKind("下载文件", FileOpened),
    "access.refused": FactKind("越权访问被拒", AccessRefused),
    "error.shown": FactKind("页面出错", ErrorShown),
}
#: kind -> what it is. A new kind is declared in `facts.py` of its domain; what it changes in the tables stands in
#: `data/<domain>/projection.py`.
FACTS: Final[Mapping[str, FactKind]] = {
    **filing.FACTS,
    **review.FACTS,
    **enterprise.FACTS,
    **access.FACTS,
    **messaging.FACTS,
    **rule.FACTS,
    **meeting.FACTS,
    **what_if.FACTS,
    **report.FACTS,
    **platform.FACTS,
    **_OWN,
}
