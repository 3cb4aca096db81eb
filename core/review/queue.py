"""审核: a filing in the queue of the reviewers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueuedFiling:
    """`name`: of the enterprise. `directory_tier`: its class by the figures filed. `impact_reason`, `flagged`: see
    `core.review.priority.rank`.
    """

    id: str
    name: str
    directory_tier: str
    impact_reason: str
    flagged: bool
