"""Withholding small cells of a table that leaves the bureau, and as many others as keep them from being subtracted.

A cell is risky (primary) with three or fewer enterprises, with three or fewer that have an amount at all, or when the two
largest have over 85 % of an amount. A cell without enterprises is published as 0: it shows nobody's figures.

Counts and amounts are two families: all amounts of a cell are withheld together, for one follows from another by weight
or share. What a reader can always derive is a published total less its published parts: the sum of the withheld ones. So
in every line the withheld cells together must be no risk either, and none may be fixed by the others (secondary).

A table of rows and columns is treated in two steps. The lines whose totals are withheld are taken together as one line,
whose total anybody can derive; what is left has known totals throughout. Within it a withheld cell is fixed exactly when
nothing can be moved around a cycle of withheld cells without one falling below its known floor, which is searched for as
in a flow network: no rounding, no chance. Where no choice of cells does, the whole inside is withheld, zeros too; then a
risky cell may be anything up to the smaller of its two totals, which are no risk, so it is not fixed.

Tables that share totals (by district and by district and class, by layer and class) withhold the same totals, because
the choice depends on those totals alone; `Release` makes it for all of them at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

import polars as pl

FEW: Final = 3
DOMINANT_PERCENT: Final = 85
#: Amounts that reports publish; withheld together.
AMOUNTS: Final = ("total_revenue", "ai_revenue", "counted_output")
#: The published dimensions beside the class.
DIMENSIONS: Final = ("district", "layer", "size")
TIER: Final = "directory_tier"
#: The line that stands for those whose totals are withheld; and no line at all.
_TOGETHER: Final = "\x00"
_NONE: Final = "\x01"


@dataclass(frozen=True)
class Amount:
    """The sum of one amount in a cell, how many have any, and the two largest; absolute values, whole yuan."""

    total: int = 0
    contributors: int = 0
    first: int = 0
    second: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        first, second = sorted((self.first, self.second, other.first, other.second))[:1:-1]
        return Amount(self.total + other.total, self.contributors + other.contributors, first, second)

    @property
    def risky(self) -> bool:
        return 0 < self.contributors <= FEW or (self.first + self.second) * 100 > self.total * DOMINANT_PERCENT


@dataclass(frozen=True)
class Cell:
    """`n` enterprises and their amounts; of a table of counts none."""

    n: int = 0
    amounts: tuple[Amount, ...] = ()

    def __add__(self, other: "Cell") -> "Cell":
        pairs = zip(self.amounts, other.amounts, strict=True) if self.amounts and other.amounts else ()
        return Cell(self.n + other.n, tuple(a + b for a, b in pairs) or self.amounts or other.amounts)

    @property
    def risky(self) -> bool:
        return 0 < self.n <= FEW or any(amount.risky for amount in self.amounts)

    def slack(self) -> tuple[int, ...]:
        """By how much each value lies above what a reader knows anyway: of a count that it is not 0."""
        return tuple(amount.total for amount in self.amounts) or (self.n - 1,)

    def smallness(self) -> tuple[int, ...]:
        return (*(amount.total for amount in self.amounts), self.n)


def together(cells: Iterable[Cell]) -> Cell:
    return reduce(Cell.__add__, cells, Cell())


def cells(frame: pl.DataFrame, keys: tuple[str, ...], amounts: tuple[str, ...] = ()) -> dict[tuple[str, ...], Cell]:
    """The cells of `frame`, one row an enterprise, by `keys` (a missing key is ""); amounts that are null are none."""
    grouped = frame.group_by([pl.col(key).fill_null("").alias(key) for key in keys]).agg(
        pl.len().cast(pl.Int64).alias("n"),
        *(pl.col(name).fill_null(0).abs().top_k(2).alias(f"{name}.top") for name in amounts),
        *(pl.col(name).fill_null(0).abs().sum().alias(name) for name in amounts),
        *((pl.col(name).fill_null(0) != 0).sum().cast(pl.Int64).alias(f"{name}.any") for name in amounts),
    )
    found = {}
    for row in grouped.sort(keys).iter_rows(named=True):
        tops = [(*row[f"{name}.top"], 0, 0) for name in amounts]
        known = tuple(
            Amount(row[name], row[f"{name}.any"], max(t[:2]), min(t[:2])) for name, t in zip(amounts, tops, strict=True)
        )
        found[tuple(row[key] for key in keys)] = Cell(row["n"], known)
    return found


def _smallest(candidates: Mapping[tuple[str, ...], Cell]) -> tuple[str, ...] | None:
    return min(candidates, key=lambda key: (candidates[key].smallness(), key), default=None)


def _protected(hidden: Iterable[Cell], whole: Cell) -> bool:
    """Whether the sum of these is no risk, and leaves each of them open; `whole`: where an amount is 0 it is 0 for all."""
    known = list(hidden)
    free = [sum(column) for column in zip(*(cell.slack() for cell in known), strict=True)]
    live = [amount.total > 0 for amount in whole.amounts] or [True]
    return (
        len(known) > 1
        and not together(known).risky
        and all(rest for rest, alive in zip(free, live, strict=True) if alive)
    )


def line(parts: Mapping[tuple[str, ...], Cell]) -> frozenset[tuple[str, ...]] | None:
    """Which parts of a published total are withheld: the risky, and the smallest others until they are protected.

    None: no choice protects them, the total must be withheld too.
    """
    present = {key: cell for key, cell in parts.items() if cell.n}
    whole = together(present.values())
    if whole.risky:
        return None
    hidden = {key: cell for key, cell in present.items() if cell.risky}
    while hidden and not _protected(hidden.values(), whole):
        more = _smallest({key: cell for key, cell in present.items() if key not in hidden})
        if more is None:
            return None
        hidden[more] = present[more]
    return frozenset(hidden)


@dataclass(frozen=True)
class Pattern:
    """What is withheld of a table: everything, whole lines, all inner cells, or single ones (row, column)."""

    everything: bool = False
    rows: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    inside: bool = False
    single: frozenset[tuple[str, ...]] = frozenset()

    def withholds(self, row: str | None, column: str | None = None) -> bool:
        """A cell, or the total of a line (the other is None), or of all (both)."""
        if self.everything or row in self.rows or column in self.columns:
            return True
        return row is not None and column is not None and (self.inside or (row, column) in self.single)


def pattern(table: Mapping[tuple[str, ...], Cell]) -> Pattern:
    """What is withheld of a table by (row, column) whose totals by row, by column and in all are published too."""
    margins = [line(_summed(table, place)) for place in (0, 1)]
    if margins[0] is None or margins[1] is None:
        return Pattern(everything=True)
    rows, columns = (frozenset(key for (key,) in margin or ()) for margin in margins)
    merged: dict[tuple[str, ...], Cell] = {}
    for (row, column), cell in table.items():
        if cell.n:
            key = (_TOGETHER if row in rows else row, _TOGETHER if column in columns else column)
            merged[key] = merged.get(key, Cell()) + cell
    single = _inside(merged)
    return Pattern(False, rows, columns, single is None, single or frozenset())


def _summed(table: Mapping[tuple[str, ...], Cell], place: int) -> dict[tuple[str, ...], Cell]:
    found: dict[tuple[str, ...], Cell] = {}
    for key, cell in table.items():
        found[key[place],] = found.get((key[place],), Cell()) + cell
    return found


def _inside(table: Mapping[tuple[str, ...], Cell]) -> frozenset[tuple[str, ...]] | None:
    """The cells withheld where every total is known; None: all must be."""
    totals = [_summed(table, 0), _summed(table, 1)]
    hidden = {key for key, cell in table.items() if cell.risky}
    while where := _exposed(table, totals, hidden):
        candidates = {key: cell for key, cell in table.items() if key not in hidden}
        near = {key: cell for key, cell in candidates.items() if any(a == b for a, b in zip(key, where, strict=True))}
        more = _smallest(near or candidates)
        if more is None:
            return None
        hidden.add(more)
    # What was taken on the way and is needed no longer is published after all, the largest first.
    for key in sorted(
        (key for key in hidden if not table[key].risky), key=lambda key: (table[key].smallness(), key), reverse=True
    ):
        if not _exposed(table, totals, hidden - {key}):
            hidden.discard(key)
    return frozenset(hidden)


def _exposed(
    table: Mapping[tuple[str, ...], Cell], totals: list[dict[tuple[str, ...], Cell]], hidden: set[tuple[str, ...]]
) -> tuple[str, ...] | None:
    """Where the withheld cells are not protected: a line (its key at its place) or a cell; None: nowhere."""
    for place in (0, 1):
        for (name,), whole in sorted(totals[place].items()):
            of_line = {key for key in table if key[place] == name}
            shut = of_line & hidden
            if shut and shut != of_line and not _protected((table[key] for key in sorted(shut)), whole):
                return (name, _NONE) if place == 0 else (_NONE, name)
    for key in sorted(hidden):
        if table[key].risky:
            dead = [
                any(
                    whole.amounts and not whole.amounts[measure].total
                    for whole in (totals[0][key[:1]], totals[1][key[1:]])
                )
                for measure in range(len(table[key].slack()))
            ]
            if not all(zero or _movable(table, hidden, key, measure) for measure, zero in enumerate(dead)):
                return key
    return None


def _movable(
    table: Mapping[tuple[str, ...], Cell], hidden: set[tuple[str, ...]], key: tuple[str, ...], measure: int
) -> bool:
    """Whether the value of a withheld cell can differ while every total stays and none falls below what is known.

    Raising a cell goes from its row to its column, lowering one back: the cell is free when a way leads around.
    """
    ways: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for other in hidden - {key}:
        ways.setdefault((0, other[0]), []).append((1, other[1]))
        if table[other].slack()[measure] > 0:
            ways.setdefault((1, other[1]), []).append((0, other[0]))
    row, column = (0, key[0]), (1, key[1])
    return _reaches(ways, column, row) or (table[key].slack()[measure] > 0 and _reaches(ways, row, column))


def _reaches(
    ways: Mapping[tuple[int, str], list[tuple[int, str]]], start: tuple[int, str], end: tuple[int, str]
) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for place in ways.get(waiting.pop(), ()):
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return end in seen


class Release:
    """What is withheld of all tables over the same enterprises: counts by each dimension and class, amounts by each dimension.

    `classified`: one row an enterprise with the dimensions, the class and `AMOUNTS`. A dimension that cannot be protected
    takes the whole with it, in every table: a total published in another would give it away.
    """

    def __init__(self, classified: pl.DataFrame) -> None:
        self.counts = {by: pattern(cells(classified, (by, TIER))) for by in DIMENSIONS}
        amounts = {by: line(cells(classified, (by,), AMOUNTS)) for by in (*DIMENSIONS, TIER)}
        self.no_counts = any(each.everything for each in self.counts.values())
        self.no_amounts = self.no_counts or any(hidden is None for hidden in amounts.values())
        self.amounts = {by: {key for (key,) in hidden or ()} for by, hidden in amounts.items()}

    def count(self, by: str, row: str | None, tier: str | None = None) -> bool:
        """Whether the number of enterprises of `row` (None: in all) and `tier` (None: of all classes) is withheld."""
        return self.no_counts or self.counts[by].withholds(row, tier)

    def amount(self, by: str, row: str | None) -> bool:
        """Whether the amounts of `row` (None: in all) are withheld."""
        return self.no_amounts or row in self.amounts[by]
