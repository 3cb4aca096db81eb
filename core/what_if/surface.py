"""What a threshold does, wherever it may lie: counts and counted output over a grid of two, and along one.

Every enterprise turns over at one value of each threshold, the largest that it still meets. So nothing is classified
again for another line: each row is put where it turns, and sums running over the turning points give every line at
once, to the yuan. The other parameters, the third threshold among them, stand as in the policy given.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import narwhals as nw
import polars as pl

from core.base import terms
from core.base.values import YUAN_LIMIT
from core.rule.classification import SOUND, STEPS, Outcome, outcomes, tested
from core.rule.policy import Policy

#: threshold -> (the test it decides, its largest value). Basis points; yuan.
LINES: Final = {
    "core_share_bp": ("_by_share", 10_000), "core_ai_revenue": ("_by_revenue", YUAN_LIMIT), "related_share_bp": ("_related", 10_000),
}  # fmt: skip
#: What a surface and its edge show: enterprises of each 名录身份, and yuan.
MEASURES: Final = (*(tier for tier in terms.TIERS if tier != "missing"), "counted_output")
#: The parts a surface is the sum of, and over which axes each one's turning points are summed up.
_PARTS: Final[dict[str, dict[str, str]]] = {
    "_all": {},
    "_along": {"_i": "_x"},
    "_above": {"_j": "_y"},
    "_both": {"_i": "_x", "_j": "_y"},
}


def apart(line: str, policy: Policy) -> pl.Expr:
    """Whether a threshold does not concern a row: 小微企业 with a share line of their own, or without a revenue line."""
    by_size = {
        "core_share_bp": policy.core_share_small_bp is not None,
        "core_ai_revenue": not policy.small_core_by_revenue,
    }
    return (pl.col("size") == "small").fill_null(False) if by_size.get(line) else pl.lit(False)


def reached(line: str, policy: Policy) -> pl.Expr:
    """The largest value of a threshold that a row (see `tested`) meets; -1: none. It meets exactly those up to it.

    A row that the threshold does not concern meets all of its values or none, as the rule has it.
    """
    short = 0 if policy.threshold_inclusive else 1
    test, most = LINES[line]
    if line == "core_ai_revenue":
        value = pl.col("_ai") - short
    else:
        value = (pl.col("_ai") * 10_000 - short) // pl.col("_total").clip(1)
    fixed = pl.when(test).then(pl.lit(most, pl.Int64)).otherwise(-1)
    return pl.when(~pl.col("_sound")).then(-1).when(apart(line, policy)).then(fixed).otherwise(value)


def with_tests(frame: pl.DataFrame, policy: Policy) -> pl.LazyFrame:
    """`frame` with the tests of the rule (core.rule.classification.tested)."""
    return tested(nw.from_native(frame.lazy()), policy).to_native()  # type: ignore[no-any-return]


def _cells(
    frame: pl.DataFrame, policy: Policy, turns: dict[str, pl.Expr], lines: Sequence[str], by: Sequence[str]
) -> pl.LazyFrame:
    """Rows that turn at the same place and are in the same state (`_state`) were all of `lines` out of their reach.

    `turns`: name -> where a row turns. `_rows`: how many; `_core`, `_related`, `_ai`: what each counting basis would
    count of them, yuan, rounded half up for each enterprise.
    """
    state = pl.col("_state")
    for line in lines:
        state = state - pl.col(LINES[line][0]).cast(pl.Int8) * pl.lit(STEPS[LINES[line][0]], pl.Int8)
    software = pl.col("_kind") == 0
    if policy.equal_kind == "software":
        software |= pl.col("_kind") == 2
    weight = (
        pl.when(software)
        .then(pl.lit(policy.related_software_weight_bp, pl.Int64))
        .otherwise(policy.related_hardware_weight_bp)
    )
    rows = with_tests(frame, policy).select(
        *by,
        "_ai",
        *(turn.alias(name) for name, turn in turns.items()),
        _state=state,  # not less than what it is made of: an enterprise that cannot be classified meets nothing
        _core=(pl.col("_total") * policy.core_weight_bp + 5_000) // 10_000
        if policy.core_weight_bp != 10_000
        else pl.col("_total"),
        _related=(pl.col("_total") * weight + 5_000) // 10_000,
    )
    sums = [pl.len().cast(pl.Int64).alias("_rows"), pl.col("_core", "_related", "_ai").sum()]
    return rows.group_by(*by, *turns, "_state").agg(sums)


def _measured(terms_of: Sequence[tuple[int, Sequence[str]]], policy: Policy, name: str = "") -> list[pl.Expr]:
    """`MEASURES` of a cell (see `_cells`), each under `name`: the sum over (sign, the thresholds that its rows meet)."""
    table = outcomes(policy)

    def times(holds: Callable[[Outcome], bool]) -> pl.Expr:
        """How often, signs counted, a row of this state is in an outcome."""
        factors = [
            sum(
                sign * holds(table[state + step if SOUND <= state < len(table) - step else state])
                for sign, step in steps
            )
            for state in range(len(table))
        ]
        return pl.lit(pl.Series(factors, dtype=pl.Int64)).gather("_state")

    steps = [(sign, sum(STEPS[LINES[line][0]] for line in met)) for sign, met in terms_of]
    counts = [
        (times(lambda each, tier=tier: each.directory_tier == tier) * pl.col("_rows")).alias(f"{name}{tier}")  # type: ignore[misc]
        for tier in MEASURES[:-1]
    ]
    counted = (
        times(lambda each: each.counting_basis == "core") * pl.col("_core")
        + times(lambda each: each.counting_basis.startswith("related_")) * pl.col("_related")
        + times(lambda each: each.counting_basis == "ai_revenue") * pl.col("_ai")
    )
    return [*counts, counted.alias(f"{name}counted_output")]


def surface(
    frame: pl.DataFrame,
    policy: Policy,
    x: tuple[str, Sequence[int]],
    y: tuple[str, Sequence[int]],
    by: str | None = None,
) -> pl.DataFrame:
    """Enterprises of each 名录身份 and counted output for every pair of lines: x, y, `MEASURES` (and `by`), in their order.

    `frame`: the columns `classify` asks for. `x`, `y`: two different thresholds of `LINES`, each with ascending values
    (basis points or yuan). Equal to classifying once for each pair, at the cost of a few.
    """
    (across, xs), (up, ys) = x, y
    groups = [by] if by else []

    def column(line: str, values: Sequence[int]) -> pl.Expr:
        """How many of the values a row meets: those before it in their order."""
        steps = {after - before for before, after in pairwise(values)}
        if len(steps) == 1:  # evenly spaced: counted by a division, at a tenth of the cost of a search
            met = (reached(line, policy) - values[0]) // steps.pop() + 1
            return met.clip(0, len(values)).cast(pl.Int16)
        return (
            pl.lit(pl.Series(values, dtype=pl.Int64)).search_sorted(reached(line, policy), side="right").cast(pl.Int16)
        )

    cells = _cells(frame, policy, {"_x": column(across, xs), "_y": column(up, ys)}, (across, up), groups).collect()
    none, only_x, only_y, both = (), (across,), (up,), (across, up)
    # What a row adds everywhere, where it meets x, where it meets y, and where it meets both beyond these.
    added: dict[str, Sequence[tuple[int, Sequence[str]]]] = {
        "_all": [(1, none)], "_along": [(1, only_x), (-1, none)], "_above": [(1, only_y), (-1, none)],
        "_both": [(1, both), (-1, only_x), (-1, only_y), (1, none)],
    }  # fmt: skip
    lines_x = (
        pl.DataFrame({"x": pl.Series(xs, dtype=pl.Int64)})
        .with_row_index("_i", 1)
        .with_columns(pl.col("_i").cast(pl.Int16))
    )
    lines_y = (
        pl.DataFrame({"y": pl.Series(ys, dtype=pl.Int64)})
        .with_row_index("_j", 1)
        .with_columns(pl.col("_j").cast(pl.Int16))
    )
    grid = lines_x.join(lines_y, how="cross", maintain_order="left_right")
    if by:
        grid = cells.select(by).unique().sort(by, nulls_last=True).join(grid, how="cross", maintain_order="left_right")

    # A line is met by all rows that turn there or beyond: sums run from the far end.
    for name, at in _PARTS.items():
        keys, columns = [*groups, *at.values()], pl.col(f"^{name}_.*$")
        turns = cells.lazy().filter(pl.all_horizontal(pl.lit(True), *(pl.col(key) > 0 for key in at.values())))
        turns = turns.group_by(*keys, "_state").agg(pl.col("_rows", "_core", "_related", "_ai").sum())
        turns = turns.select(*keys, *_measured(added[name], policy, f"{name}_"))
        if keys:
            found = turns.group_by(keys).agg(pl.all().sum()).collect()
            grid = grid.join(
                found, left_on=[*groups, *at], right_on=keys, how="left", nulls_equal=True, maintain_order="left"
            )
        else:
            grid = grid.join(turns.sum().collect(), how="cross", maintain_order="left_right")
        grid = grid.with_columns(columns.fill_null(0))
        for other in ("_j" if axis == "_i" else "_i" for axis in at):
            grid = grid.with_columns(columns.cum_sum(reverse=True).over(*groups, other))
    return grid.select(
        *groups,
        "x",
        "y",
        *(pl.sum_horizontal(f"{name}_{measure}" for name in _PARTS).alias(measure) for measure in MEASURES),
    )


def profile(frame: pl.DataFrame, policy: Policy, line: str) -> pl.DataFrame:
    """Every value of one threshold at once: first, last (whole values between which nothing changes), `MEASURES`; ascending.

    From the sorted turning points: exact, one row for each stretch from 0 to the largest admissible value.
    """
    most = LINES[line][1]
    cells = _cells(frame, policy, {"_reached": reached(line, policy).clip(-1, most)}, (line,), ())
    added = [*_measured([(1, ())], policy, "0_"), *_measured([(1, (line,)), (-1, ())], policy)]
    turning = cells.select("_reached", *added).group_by("_reached").agg(pl.all().sum()).collect()
    base = turning.select(pl.col(f"0_{m}").sum() for m in MEASURES).row(0)
    # The stretch from the largest turning point to the end, where no row meets the line, stands last.
    last = pl.DataFrame(
        {"_reached": [most], **{m: [0] for m in MEASURES}},
        schema={"_reached": pl.Int64, **dict.fromkeys(MEASURES, pl.Int64)},
    )
    steps = turning.filter(pl.col("_reached") >= 0).select("_reached", *MEASURES)
    steps = pl.concat([steps, last]).group_by("_reached").agg(pl.col(MEASURES).sum()).sort("_reached")
    return steps.select(
        (pl.col("_reached").shift(1, fill_value=-1) + 1).alias("first"),
        pl.col("_reached").alias("last"),
        *(pl.col(m).cum_sum(reverse=True) + start for m, start in zip(MEASURES, base, strict=True)),
    )
