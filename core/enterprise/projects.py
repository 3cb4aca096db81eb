"""项目库: a demand as filed or as a project, and who was brought together over it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand, and the project made of it: `state` a code of `core.enterprise.matching.PROJECT_STATES`, "" for no project.

    `revision`: of the project, 0 for none. `reason`: what came of it.
    """

    id: str
    enterprise_id: str
    name: str
    district: str | None
    kind: str
    title: str
    description: str
    scale: str
    needed_by: str
    state: str
    reason: str
    revision: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """An enterprise proposed for a project, and what each side has said: True, False, None for nothing yet."""

    id: str
    enterprise_id: str
    name: str
    reasons: str
    proposed_at: datetime
    demand: bool | None
    supply: bool | None


@dataclass(frozen=True, slots=True)
class OwnDemand:
    """A demand of the visiting enterprise, with the state of its project."""

    id: str
    kind: str
    title: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What was proposed to the visiting enterprise. `side`: on which it stands, demand or supply; `other`: a name.

    `mine`, `theirs`: what was said, True, False, None for nothing yet. `contact`: of the other side, None until both agree.
    """

    id: str
    side: str
    kind: str
    title: str
    description: str
    scale: str
    needed_by: str
    project_state: str
    other: str
    reasons: str
    mine: bool | None
    theirs: bool | None
    contact: str | None
