"""What a version of the policy would change, before it is published."""

import polars as pl

from core.access.permissions import Permission
from core.rule.policy import Policy
from core.rule.policy_effect import Effect
from data.access.visit import Visit
from data.directory import classified
from data.rule.policies import in_force


def effect(visit: Visit, policy: Policy) -> Effect | None:
    """What `policy` changes against today's version, within the scope; None without actual figures or the right to see them."""
    visit.check(Permission.POLICY_READ)
    actual = (
        [year for year, forecast in classified.years(visit) if not forecast]
        if visit.may(Permission.OVERVIEW_READ)
        else []
    )
    if not actual:
        return None
    old, new = (
        classified.classified(visit, actual[0], each).select("enterprise_id", "directory_tier", "counted_output")
        for each in (in_force(visit), policy)
    )
    both = old.join(new, on="enterprise_id", suffix="_new")
    moved = both.filter(pl.col("directory_tier") != pl.col("directory_tier_new"))
    moves = (
        moved.group_by("directory_tier", "directory_tier_new")
        .len()
        .sort("len", "directory_tier", "directory_tier_new", descending=[True, False, False])
    )
    return Effect(
        actual[0],
        both.height,
        tuple(moves.iter_rows()),
        int(old["counted_output"].sum()),
        int(new["counted_output"].sum()),
    )
