"""Facts about decisions on a filing, comments, and corrections of what was admitted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import Field

from core.base.facts import Body, FactKind
from core.filing.states import DECISIONS


class Decided(Body):
    """`reasons`: path ("" the whole) -> why. `behind`: the later admission that stands, of an earlier round admitted late."""

    reasons: dict[str, str] = Field(default_factory=dict)
    behind: int | None = None


class Undone(Body):
    """A decision (the fact `of`) is taken back: the filing stands as `state` again, decided then by whom and when.

    Of an admission or a revocation also what counted before: `admission` (its seq; None: none), `figures` as
    (year, period, seq of the figures before; None: none), `district`, and the park where one was lost.
    """

    of: int
    state: str
    decided_at: datetime | None
    decided_by: str | None
    admission: int | None = None
    figures: tuple[tuple[int, str, int | None], ...] = ()
    district: str | None = None
    organisation_id: str | None = None


class Commented(Body):
    """`path` "": on the filing as a whole."""

    path: str
    text: str


class Corrected(Body):
    """One value of what was admitted; `file`: the address of the document attached, "" without."""

    path: str
    label: str
    before: Any
    after: Any
    reason: str
    document: str
    file: str = ""


FACTS: Final[Mapping[str, FactKind]] = {
    **{action.kind: FactKind(action.event, Decided) for action in DECISIONS.values()},
    "filing.undone": FactKind("撤回审核决定", Undone),
    "filing.commented": FactKind("发表意见", Commented),
    "enterprise.corrected": FactKind("更正入库数据", Corrected),
}
