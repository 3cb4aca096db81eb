"""What a threshold does, wherever it may lie: counts and counted output over a grid of two, and along one.

Every enterprise turns over at one value of each threshold, the largest that it still meets. So nothing is classified
again for another line: each row is put where it turns, and sums running over the turning points give every line at
once, to the yuan. The other parameters, the third threshold among them, stand as in the policy given.
"""

from collections.abc import Sequence
from typing import Final

import narwhals as nw
import polars as pl

from core import terms
from core.classification import STEPS, outcomes, tested
from core.policy import YUAN_LIMIT, Policy

#: threshold -> (the test it decides, its largest value). Basis points; yuan.
LINES: Final = {
    "core_share_bp": ("_by_share", 10_000), "core_ai_revenue": ("_by_revenue", YUAN_LIMIT), "related_share_bp": ("_related", 10_000),
}  # fmt: skip
#: What a surface and its edge show: enterprises of each 名录身份, and yuan.
MEASURES: Final = (*terms.TIERS, "counted_output")
_CORNERS: Final = ((0, 0), (1, 0), (0, 1), (1, 1))
#: The parts a surface is the sum of, and over which axes each one's turning points are summed up.
_PARTS: Final[dict[str, dict[str, str]]] = {"_all": {}, "_along": {"_i": "_x"}, "_above": {"_j": "_y"}, "_both": {"_i": "_x", "_j": "_y"}}


def apart(line: str, policy: Policy) -> pl.Expr:
    """Whether a threshold does not concern a row: 小微企业 with a share line of their own, or without a revenue line."""
    by_size = {"core_share_bp": policy.core_share_small_bp is not None, "core_ai_revenue": not policy.small_core_by_revenue}
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
    """`frame` with the tests of the rule (core.classification.tested)."""
    return tested(nw.from_native(frame.lazy()), policy).to_native()  # type: ignore[no-any-return]


def _state(forced: dict[str, int]) -> pl.Expr:
    """The state of a row (see `tested`) if these tests were met (1) or not (0)."""
    state = pl.col("_state")
    for test, met in forced.items():
        state = state + (pl.lit(met, pl.Int8) - pl.col(test).cast(pl.Int8)) * pl.lit(STEPS[test], pl.Int8)
    return pl.when("_sound").then(state).otherwise(pl.col("_state"))


def _counted(state: pl.Expr, policy: Policy) -> pl.Expr:
    """Counted output of a row in this state, yuan rounded half up."""
    table = outcomes(policy)
    weight = pl.lit(pl.Series([each.weight_bp for each in table])).gather(state)
    amount = pl.col("_total")
    if policy.low_share_core == "ai_revenue":
        counts_ai = pl.lit(pl.Series([each.counting_basis == "ai_revenue" for each in table])).gather(state)
        amount = pl.when(counts_ai).then(pl.col("_ai")).otherwise(amount)
    return (amount * weight + 5_000) // 10_000


def _tier_counts(state: pl.Expr, name: str, policy: Policy) -> list[pl.Expr]:
    """1 in the column of the 名录身份 of a state, 0 in the others: `name`_core, …"""
    table = outcomes(policy)
    return [
        pl.lit(pl.Series([int(each.directory_tier == tier) for each in table], dtype=pl.Int64)).gather(state).alias(f"{name}_{tier}")
        for tier in terms.TIERS
    ]


def surface(
    frame: pl.DataFrame, policy: Policy, x: tuple[str, Sequence[int]], y: tuple[str, Sequence[int]], by: str | None = None
) -> pl.DataFrame:
    """Enterprises of each 名录身份 and counted output for every pair of lines: x, y, `MEASURES` (and `by`), in their order.

    `frame`: the columns `classify` asks for. `x`, `y`: two different thresholds of `LINES`, each with ascending values
    (basis points or yuan). Equal to classifying once for each pair, at the cost of a few.
    """
    (across, xs), (up, ys) = x, y
    tests = [LINES[across][0], LINES[up][0]]
    groups = [by] if by else []

    def column(line: str, values: Sequence[int]) -> pl.Expr:
        """How many of the values a row meets: those before it in their order."""
        return pl.lit(pl.Series(values, dtype=pl.Int64)).search_sorted(reached(line, policy), side="right").cast(pl.Int16)

    rows = with_tests(frame, policy).select(*groups, "_total", "_ai", "_sound", "_state", *tests, _x=column(across, xs), _y=column(up, ys))
    states = {corner: _state(dict(zip(tests, corner, strict=True))) for corner in _CORNERS}
    rows = rows.with_columns(_counted(state, policy).alias(f"{mx}{my}_counted_output") for (mx, my), state in states.items())
    cells = (
        rows.with_columns(_state=states[0, 0])
        .group_by(*groups, "_x", "_y", "_sound", "_state")
        .agg(pl.len().cast(pl.Int64).alias("_rows"), pl.col("^.*_counted_output$").sum())
        .with_columns(pl.lit(False).alias(test) for test in tests)
        .with_columns(
            count for corner, state in states.items() for count in _tier_counts(state, "{}{}".format(*corner), policy)
        )
        .with_columns(pl.col(f"{mx}{my}_{tier}") * pl.col("_rows") for mx, my in _CORNERS for tier in terms.TIERS)
    )
    # What a row adds everywhere, where it meets x, where it meets y, and where it meets both beyond these.
    sums = []
    for measure in MEASURES:
        none, only_x, only_y, both = (pl.col(f"{mx}{my}_{measure}").sum() for mx, my in _CORNERS)
        parts = {"_all": none, "_along": only_x - none, "_above": only_y - none, "_both": both - only_x - only_y + none}
        sums += [part.alias(f"{name}_{measure}") for name, part in parts.items()]
    turned = cells.group_by(*groups, "_x", "_y").agg(sums).collect()
    lines_x = pl.DataFrame({"x": pl.Series(xs, dtype=pl.Int64)}).with_row_index("_i", 1).with_columns(pl.col("_i").cast(pl.Int16))
    lines_y = pl.DataFrame({"y": pl.Series(ys, dtype=pl.Int64)}).with_row_index("_j", 1).with_columns(pl.col("_j").cast(pl.Int16))
    grid = lines_x.join(lines_y, how="cross", maintain_order="left_right")
    if by:
        grid = turned.select(by).unique().sort(by, nulls_last=True).join(grid, how="cross", maintain_order="left_right")

    # A line is met by all rows that turn there or beyond: sums run from the far end.
    for name, at in _PARTS.items():
        turns = turned.filter(pl.all_horizontal(pl.lit(True), *(pl.col(key) > 0 for key in at.values())))
        keys, added = [*groups, *at.values()], pl.col(f"^{name}_.*$")
        if keys:
            found = turns.group_by(keys).agg(added.sum())
            grid = grid.join(found, left_on=[*groups, *at], right_on=keys, how="left", nulls_equal=True, maintain_order="left")
        else:
            grid = grid.join(turns.select(added.sum()), how="cross", maintain_order="left_right")
        grid = grid.with_columns(added.fill_null(0))
        for other in ("_j" if axis == "_i" else "_i" for axis in at):
            grid = grid.with_columns(added.cum_sum(reverse=True).over(*groups, other))
    return grid.select(
        *groups, "x", "y", *(pl.sum_horizontal(f"{name}_{measure}" for name in _PARTS).alias(measure) for measure in MEASURES)
    )


def profile(frame: pl.DataFrame, policy: Policy, line: str) -> pl.DataFrame:
    """Every value of one threshold at once: first, last (whole values between which nothing changes), `MEASURES`; ascending.

    From the sorted turning points: exact, one row for each stretch from 0 to the largest admissible value.
    """
    test, most = LINES[line]
    without, met = _state({test: 0}), _state({test: 1})
    rows = with_tests(frame, policy).with_columns(_reached=reached(line, policy).clip(-1, most))
    rows = rows.with_columns(
        *_tier_counts(without, "0", policy), *_tier_counts(met, "1", policy),
        _counted(without, policy).alias("0_counted_output"), _counted(met, policy).alias("1_counted_output"),
    )  # fmt: skip
    turning = (
        rows.group_by("_reached")
        .agg(*(pl.col(f"0_{m}").sum() for m in MEASURES), *((pl.col(f"1_{m}") - pl.col(f"0_{m}")).sum().alias(m) for m in MEASURES))
        .collect()
    )
    base = turning.select(pl.col(f"0_{m}").sum() for m in MEASURES).row(0)
    # The stretch from the largest turning point to the end, where no row meets the line, stands last.
    last = pl.DataFrame({"_reached": [most], **{m: [0] for m in MEASURES}}, schema={"_reached": pl.Int64, **dict.fromkeys(MEASURES, pl.Int64)})
    steps = turning.filter(pl.col("_reached") >= 0).select("_reached", *MEASURES)
    steps = pl.concat([steps, last]).group_by("_reached").agg(pl.col(MEASURES).sum()).sort("_reached")
    return steps.select(
        (pl.col("_reached").shift(1, fill_value=-1) + 1).alias("first"), pl.col("_reached").alias("last"),
        *(pl.col(m).cum_sum(reverse=True) + start for m, start in zip(MEASURES, base, strict=True)),
    )  # fmt: skip
