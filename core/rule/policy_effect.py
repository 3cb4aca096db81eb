"""What a version of the policy would change, before it is published."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """What a version would change of `year`, the newest with actual figures, and its `enterprises`.

    `moves`: (名录身份 before, after, how many enterprises), most first. `counted_before`, `counted_after`: 纳入统计 in yuan.
    """

    year: int
    enterprises: int
    moves: tuple[tuple[str, str, int], ...]
    counted_before: int
    counted_after: int
