"""办理记录: one step in what happened to a filing."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """`at`: naive UTC. `kind`: the fact, a key of `core.audit.wording.EVENTS`. `who`: a name, 系统 for nobody's act.

    `reasons`: what was said with it, "step.field" or "" for the whole -> words.
    """

    at: datetime
    kind: str
    who: str
    reasons: dict[str, str]
