"""阈值附近的异常: how enterprises lie on both sides of a line, and whether more lie just over it than chance would put there.

A finding is a reason to look, never a proof: the test says only that the two sides differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import comb
from typing import Final

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


@dataclass(frozen=True)
class Draft:
    """A filing that was submitted: its full figures in yuan, as first saved and as submitted. Moments in naive UTC.

    `id`: of the filing; `changed_at`: when the figures were last changed before, None unknown.
    """

    id: str
    enterprise_id: str
    district: str | None
    name: str
    first_total: int
    first_ai: int
    total_revenue: int
    ai_revenue: int
    submitted_at: datetime
    changed_at: datetime | None


@dataclass(frozen=True)
class Crossed:
    """A draft and the `lines` that it crossed: threshold -> whether it was submitted over it."""

    draft: Draft
    lines: Mapping[str, bool]


def crossings(drafts: Iterable[Draft], policy: Policy) -> list[Crossed]:
    """The drafts that were submitted on another side of a line than they were first saved."""
    found = []
    for draft in drafts:
        before = {line: _over(draft.first_ai, draft.first_total, policy, line) for line in LINES}
        now = {line: _over(draft.ai_revenue, draft.total_revenue, policy, line) for line in LINES}
        if lines := {line: now[line] for line in LINES if before[line] != now[line]}:
            found.append(Crossed(draft, lines))
    return found


def _over(ai: int, total: int, policy: Policy, line: str) -> bool:
    value = value_of(policy, line)
    met = policy.meets(ai, value) if line == "core_ai_revenue" else policy.share_meets(ai, total, value)
    return bool(met)
