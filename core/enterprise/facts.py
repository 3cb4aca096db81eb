"""Facts about an enterprise as a whole: moves, mergers, plans, designations, demands made projects."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import Field

from core.base.facts import Body, FactKind


class Registered(Body):
    """An enterprise as the platform knows it; `district` where it has filed one before."""

    uscc: str
    name: str
    district: str | None = None


class Designated(Body):
    """A name on the manual's list, and the class that the list gives it."""

    designation: str
    source: str


class Moved(Body):
    """To another district from a day on. `filings`: those still open; `admission`: seq of the newest, None without one."""

    district: str
    since: date = Field(alias="from")
    reason: str
    admission: int | None
    filings: tuple[str, ...]


class Planned(Body):
    """A change for a day to come. `change`: move or merge; `target`: a district or an enterprise."""

    change: str
    target: str
    target_name: str = ""
    since: date = Field(alias="from")
    reason: str
    document: str = ""


class PlanWithdrawn(Body):
    change: str
    reason: str


class Merged(Body):
    """Into which enterprise, from a day on. `admission`: seq of what is counted no more, None without one."""

    into: str
    into_name: str = ""
    since: date = Field(alias="from")
    reason: str
    document: str
    admission: int | None


class Unmerged(Body):
    """`admission`: seq of what counts again, None without one."""

    into: str | None = None
    into_name: str | None = ""
    reason: str
    admission: int | None


class ProjectOpened(Body):
    """A demand as it was filed on the day it was made a project."""

    enterprise_id: str
    kind: str
    title: str
    description: str | None
    scale: str | None
    needed_by: str | None


class ProjectEnded(Body):
    outcome: str
    reason: str


class Proposed(Body):
    """An enterprise that could meet a demand, and why."""

    project_id: str
    enterprise_id: str
    reasons: str


class Answered(Body):
    """`side`: demand or supply."""

    side: str
    agreed: bool


FACTS: Final[Mapping[str, FactKind]] = {
    "enterprise.registered": FactKind("登记企业", Registered),
    "designation.recorded": FactKind("登记名单认定", Designated),
    "enterprise.moved": FactKind("调整区属", Moved),
    "enterprise.planned": FactKind("登记待生效的调整", Planned),
    "enterprise.plan_withdrawn": FactKind("撤回待生效的调整", PlanWithdrawn),
    "enterprise.merged": FactKind("企业合并", Merged),
    "enterprise.unmerged": FactKind("撤销企业合并", Unmerged),
    "project.opened": FactKind("需求立项", ProjectOpened),
    "project.ended": FactKind("结束项目", ProjectEnded),
    "match.proposed": FactKind("提出对接", Proposed),
    "match.answered": FactKind("答复对接", Answered),
}
