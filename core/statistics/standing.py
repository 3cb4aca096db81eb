"""What stands under a dashboard's title: what its numbers rest on."""

from dataclasses import dataclass
from datetime import datetime

from core.rule.policy import Policy
from core.statistics.coverage import Coverage


@dataclass(frozen=True)
class Standing:
    """What the numbers of a page rest on: `reported` enterprises with figures of the `admitted` that are selected.

    `coverage`: the same beside what they last earned, None on pages that show no rate.

    `scope`: whose, in words. `as_of`: naive UTC, of the newest admission. `version`: moves with every change of what the page shows.
    """

    scope: str
    policy: Policy
    reported: int
    admitted: int
    as_of: datetime | None
    version: tuple[int, ...]
    coverage: Coverage | None = None
