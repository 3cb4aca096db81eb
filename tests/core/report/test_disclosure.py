"""Small cells are withheld, and nobody can work any of them out again from what is published.

The attack is not the method turned around: a solver (integers for counts, reals for amounts) looks for the smallest and
the largest value that each withheld cell could have, given everything published and every total.
"""

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from core.report import disclosure as c
from core.report.disclosure import Amount, Cell, Release, cells, line, pattern, together


def amount(*values: int) -> Amount:
    tops = sorted(values)[::-1]
    return Amount(sum(values), sum(value != 0 for value in values), *[*tops, 0, 0][:2])


def cell(*values: int) -> Cell:
    return Cell(len(values), (amount(*values),))


@pytest.mark.parametrize(("made", "risky"), [
    (Cell(0), False), (Cell(1), True), (Cell(3), True), (Cell(4), False),
    (cell(10, 10, 10), True), (cell(10, 10, 10, 10), False),
    (cell(425, 425, 75, 75), False), (cell(425, 426, 75, 75), True),  # 85 % exactly, and one yuan more
    (cell(5, 5, 5, 0, 0, 0), True),  # six enterprises, three with an amount
    (cell(0, 0, 0, 0), False),
])  # fmt: skip
def test_three_or_fewer_or_two_over_85_percent(made: Cell, risky: bool) -> None:
    assert made.risky is risky


def test_cells_count_and_keep_the_two_largest() -> None:
    frame = pl.DataFrame({"d": ["a", "a", "a", None], "v": [5, 7, None, -3]})
    assert cells(frame, ("d",), ("v",)) == {
        ("",): Cell(1, (Amount(3, 1, 3, 0),)),
        ("a",): Cell(3, (Amount(12, 2, 7, 5),)),
    }
    assert together([cell(1, 9), cell(8, 2, 0)]) == Cell(5, (Amount(20, 4, 9, 8),))


def test_the_smallest_other_is_withheld_with_a_risky_part() -> None:
    assert line({("a",): Cell(2), ("b",): Cell(40), ("c",): Cell(9), ("d",): Cell(50)}) == {("a",), ("c",)}
    assert line({("a",): Cell(20), ("b",): Cell(40)}) == frozenset()


def test_two_small_parts_are_not_left_to_each_other() -> None:
    """1 + 1 would be published by subtraction as an aggregate of two."""
    assert line({("a",): Cell(1), ("b",): Cell(1), ("c",): Cell(30)}) == {("a",), ("b",), ("c",)}


def test_ones_that_sum_to_their_number_are_no_secret() -> None:
    assert line({(name,): Cell(1) for name in "abcd"}) is None
    assert line({("a",): Cell(3)}) is None


# --- the attack ------------------------------------------------------------------------------------------


def attack(
    table: dict[tuple[str, str], int], kept: c.Pattern, *, whole_numbers: bool
) -> dict[tuple[str, str], tuple[float, float]]:
    """For each withheld inner cell the smallest and largest value that fits everything published."""
    rows, columns = (sorted({key[place] for key in table}) for place in (0, 1))
    keys = list(product(rows, columns))
    index = {key: number for number, key in enumerate(keys)}
    low, high = np.zeros(len(keys)), np.full(len(keys), np.inf)
    for key in keys:
        truth = table.get(key, 0)
        if not kept.withholds(*key):
            low[index[key]] = high[index[key]] = truth
        elif key in kept.single and whole_numbers:
            low[index[key]] = 1  # zeros are published, so what is withheld is none
    lines, least, most = [], [], []
    for given_rows, given_columns, hidden in [
        *(([row], columns, kept.withholds(row, None)) for row in rows),
        *((rows, [column], kept.withholds(None, column)) for column in columns),
        (rows, columns, kept.everything),
    ]:
        inner = [index[key] for key in product(given_rows, given_columns)]
        total = sum(table.get(keys[place], 0) for place in inner)
        if not hidden or (whole_numbers and total):  # of a line withheld a reader still knows that it is not empty
            lines.append(np.isin(np.arange(len(keys)), inner))
            least.append(1 if hidden else total)
            most.append(np.inf if hidden else total)
    for row, column in kept.single if whole_numbers else ():  # nor what is left of several lines together
        inner = [
            index[key]
            for key in keys
            if (key[0] in kept.rows if row == c._TOGETHER else key[0] == row)
            and (key[1] in kept.columns if column == c._TOGETHER else key[1] == column)
        ]
        lines.append(np.isin(np.arange(len(keys)), inner))
        least.append(1)
        most.append(np.inf)
    constraint = LinearConstraint(np.array(lines, dtype=float), least, most) if lines else ()
    found = {}
    for key in keys:
        if kept.withholds(*key) and lines:
            goal = np.zeros(len(keys))
            goal[index[key]] = 1
            ends = []
            for sign in (1, -1):
                answer = milp(
                    sign * goal,
                    constraints=constraint,
                    bounds=Bounds(low, high),
                    integrality=np.full(len(keys), int(whole_numbers)),
                )
                assert answer.status in (0, 3, 4), answer.message  # never infeasible: the truth fits
                ends.append(answer.fun * sign if answer.status == 0 else float("inf") * -sign)
            found[key] = (ends[0], ends[1])
    return found


def test_the_attack_succeeds_where_only_the_risky_cells_are_withheld() -> None:
    counts = {("a", "x"): 2, ("a", "y"): 20, ("b", "x"): 30, ("b", "y"): 9}
    assert attack(counts, c.Pattern(single=frozenset({("a", "x")})), whole_numbers=True) == {("a", "x"): (2, 2)}
    ones = {("a", "x"): 1, ("a", "y"): 1, ("b", "x"): 1, ("b", "y"): 1}
    assert set(attack(ones, c.Pattern(single=frozenset(ones)), whole_numbers=True).values()) == {(1, 1)}
    kept = pattern({key: Cell(n) for key, n in counts.items()})
    low, high = attack(counts, kept, whole_numbers=True)["a", "x"]
    assert low < 2 < high


def tables(most: int) -> Any:
    """Tables of up to six by five, many cells small or empty."""
    sizes = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, 5, 7, most])
    return st.integers(1, 6).flatmap(
        lambda rows: st.integers(1, 5).flatmap(
            lambda columns: st.lists(sizes, min_size=rows * columns, max_size=rows * columns).map(
                lambda values: {(f"r{i // columns}", f"c{i % columns}"): value for i, value in enumerate(values)}
            )
        )
    )


def check_published_parts(table: dict[tuple[str, str], Cell], kept: c.Pattern) -> None:
    """No published cell is risky, nor what is left of any published total when the published parts are taken off."""
    names = [sorted({key[place] for key in table}) for place in (0, 1)]
    for key, each in table.items():
        assert kept.withholds(*key) or not each.risky
    for row in names[0]:
        parts = [table[key] for key in table if key[0] == row]
        rest = together(table[key] for key in table if key[0] == row and kept.withholds(*key))
        assert kept.withholds(row, None) or not (together(parts).risky or rest.risky)
    for column in names[1]:
        parts = [table[key] for key in table if key[1] == column]
        rest = together(table[key] for key in table if key[1] == column and kept.withholds(*key))
        assert kept.withholds(None, column) or not (together(parts).risky or rest.risky)


@settings(max_examples=120, deadline=None)
@given(tables(60))
def test_no_count_withheld_can_be_worked_out(counts: dict[tuple[str, str], int]) -> None:
    table = {key: Cell(n) for key, n in counts.items()}
    kept = pattern(table)
    check_published_parts(table, kept)
    for key, (low, high) in attack(counts, kept, whole_numbers=True).items():
        if 0 < counts[key] <= 3:
            assert low < high, (key, kept)


@st.composite
def contributions(draw: Any) -> dict[tuple[str, str], list[int]]:
    shape = draw(tables(9))
    return {
        key: draw(st.lists(st.sampled_from([0, 1, 2, 5, 10, 100, 5000]), min_size=n, max_size=n))
        for key, n in shape.items()
    }


@settings(max_examples=100, deadline=None)
@given(contributions())
def test_no_amount_withheld_can_be_worked_out(values: dict[tuple[str, str], list[int]]) -> None:
    table = {key: cell(*given) for key, given in values.items()}
    kept = pattern(table)
    check_published_parts(table, kept)
    sums = {key: sum(given) for key, given in values.items()}
    for key, (low, high) in attack(sums, kept, whole_numbers=False).items():
        row, column = (sum(v for k, v in sums.items() if k[place] == key[place]) for place in (0, 1))
        # A published total of 0 says that all its parts are 0: there is nothing to find out.
        if table[key].risky and row and column:
            assert high - low > 1e-6, (key, kept)


@settings(max_examples=60, deadline=None)
@given(tables(60))
def test_it_is_the_same_every_time_and_in_any_order(counts: dict[tuple[str, str], int]) -> None:
    table = {key: Cell(n) for key, n in counts.items()}
    assert pattern(table) == pattern(dict(reversed(table.items())))


def test_little_is_withheld_of_a_table_with_one_small_cell() -> None:
    """Four cells are the least that can hide one where every total is known."""
    table = {(f"r{i}", f"c{j}"): Cell(20 + i + j) for i in range(4) for j in range(4)}
    table["r2", "c1"] = Cell(2)
    kept = pattern(table)
    assert not (kept.everything or kept.inside or kept.rows or kept.columns)
    assert len(kept.single) == 4


# --- linked tables ---------------------------------------------------------------------------------------


@st.composite
def worlds(draw: Any) -> pl.DataFrame:
    n = draw(st.integers(1, 60))
    pick = {
        "district": ["GX", "HS", "JA", "HP", "XZ"], "layer": ["foundation", "technology", "application", None],
        "size": ["small", "medium", "large"], "directory_tier": ["core", "related_software", "outside", "undetermined"],
    }  # fmt: skip
    columns: dict[str, Any] = {
        name: draw(st.lists(st.sampled_from(codes), min_size=n, max_size=n)) for name, codes in pick.items()
    }
    columns |= {
        name: draw(st.lists(st.sampled_from([None, 0, 3, 50, 70, 9000]), min_size=n, max_size=n)) for name in c.AMOUNTS
    }
    return pl.DataFrame(columns, schema_overrides=dict.fromkeys(c.AMOUNTS, pl.Int64))


@settings(max_examples=20, deadline=None)
@given(worlds())
def test_tables_that_share_totals_withhold_the_same_totals(frame: pl.DataFrame) -> None:
    release = Release(frame)
    if release.no_counts:
        return
    shared = {tier: {release.count(by, None, tier) for by in c.DIMENSIONS} for tier in frame["directory_tier"].unique()}
    assert all(len(said) == 1 for said in shared.values()), shared
    for by in c.DIMENSIONS:
        counts = Counter(zip(frame[by].fill_null(""), frame["directory_tier"], strict=True))
        for key, (low, high) in attack(dict(counts), release.counts[by], whole_numbers=True).items():
            if 0 < counts[key] <= 3:
                assert low < high
        # Where a number of enterprises is risky, so are their amounts.
        for row, n in Counter(frame[by].fill_null("")).items():
            assert n > 3 or release.amount(by, row)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_amounts_of_a_dimension_are_withheld_in_company(frame: pl.DataFrame) -> None:
    release = Release(frame)
    if release.no_amounts:
        return
    for by in (*c.DIMENSIONS, c.TIER):
        parts = cells(frame, (by,), c.AMOUNTS)
        hidden = [each for (key,), each in parts.items() if release.amount(by, key)]
        assert len(hidden) != 1
        assert not together(hidden).risky
        assert not any(each.risky for (key,), each in parts.items() if not release.amount(by, key))
