"""阈值附近的异常: how enterprises lie on both sides of a line, and whether more lie just over it than chance would put there.

A finding is a reason to look, never a proof: the test says only that the two sides differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import Any, Final

import polars as pl

from core.rule.policy import Policy
from core.what_if.surface import LINES, apart, reached, with_tests
from core.what_if.thresholds import value_of

#: Hundredths on each side that are drawn, and that the tests look at; fewer enterprises than these are no sample.
DRAWN: Final = 20
WINDOW: Final = 5
ENOUGH: Final = 150


@dataclass(frozen=True)
class Sides:
    """Enterprises within ±`WINDOW` hundredths of a line, and the probability of so uneven a split by chance."""

    below: int
    above: int

    @property
    def enough(self) -> bool:
        return self.below + self.above >= ENOUGH

    @property
    def p_value(self) -> float:
        """Exact two-sided binomial test of one half."""
        count, larger = self.below + self.above, max(self.below, self.above)
        tail = sum(comb(count, hits) for hits in range(larger, count + 1))
        return float(min(Fraction(2 * tail, 2**count), Fraction(1)))


def distances(frame: pl.DataFrame, policy: Policy, line: str) -> pl.DataFrame:
    """step: whole hundredths from the line (percentage points of a share, per cent of the amount), 0 and more over it;
    gap: the same as a fraction, for the density only. Exact: on the line counts as the rule counts it.
    """
    value = value_of(policy, line)
    over = reached(line, policy) - value
    unit = max(value, 1)
    if line == "core_ai_revenue":
        step, gap = over * 100 // unit, (pl.col("_ai") - value) * 100 / unit
    else:
        step, gap = over // 100, (pl.col("_ai") * 10_000 - pl.col("_total") * value) / pl.col("_total") / 100
    return (
        with_tests(frame, policy)
        .filter(pl.col("_sound") & ~apart(line, policy))
        .select(step=step, gap=gap.cast(pl.Float64))
        .collect()
    )


def histogram(distances: pl.DataFrame) -> pl.DataFrame:
    """step from -`DRAWN` to `DRAWN` - 1, and how many enterprises lie in it."""
    steps = pl.DataFrame({"step": pl.Series(range(-DRAWN, DRAWN), dtype=pl.Int64)})
    counts = distances.group_by("step").agg(pl.len().cast(pl.Int64).alias("enterprises"))
    return steps.join(counts, on="step", how="left", maintain_order="left").with_columns(
        pl.col("enterprises").fill_null(0)
    )


def sides(distances: pl.DataFrame) -> Sides:
    """How many lie within the window below and above the line."""
    near = distances.filter(pl.col("step").is_between(-WINDOW, WINDOW - 1))
    above = near.filter(pl.col("step") >= 0).height
    return Sides(near.height - above, above)


def crossings(drafts: Sequence[Mapping[str, Any]], policy: Policy) -> list[dict[str, Any]]:
    """The drafts on another side of a line now than at first: `lines`, threshold -> whether they are over it now.

    `drafts`: first_total, first_ai, total_revenue, ai_revenue (yuan, none missing), whatever else stays as it is.
    """
    found = []
    for draft in drafts:
        before, now = (
            {line: _over(draft[ai], draft[total], policy, line) for line in LINES}
            for ai, total in (("first_ai", "first_total"), ("ai_revenue", "total_revenue"))
        )
        if lines := {line: now[line] for line in LINES if before[line] != now[line]}:
            found.append({**draft, "lines": lines})
    return found


def _over(ai: int, total: int, policy: Policy, line: str) -> bool:
    value = value_of(policy, line)
    met = policy.meets(ai, value) if line == "core_ai_revenue" else policy.share_meets(ai, total, value)
    return bool(met)
