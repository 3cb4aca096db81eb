"""Every threshold of the checks, one yuan below it, at it and one above: a new one without its edge here is red."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import pytest

from core.filing import check_rules, checks
from tests.core.filing.test_checks import amounts, codes, last_year

#: 6,000 万元, of which each factor, each third and each triple is whole.
THEN = 60_000_000


def typed(yuan: int) -> str:
    """As it is typed on the form: 万元, to the yuan."""
    return f"{yuan // 10_000}.{yuan % 10_000:04d}"


def total(now: int, then: int = THEN) -> set[str]:
    return codes(amounts(typed(now), "0"), previous=last_year(typed(then), "0"), first_draft=None)


def ai(now: int) -> set[str]:
    rows = amounts("6000", typed(now))
    return codes(rows, previous=last_year("6000", typed(THEN)), first_draft=None)


def heads(count: int) -> Callable[[int], set[str]]:
    few = {f"technology.{name}": "0" for name in ("insured_doctors", "insured_masters", "insured_bachelors")}
    few |= {f"technology.{name}": "0" for name in ("algorithm_staff", "software_staff")}
    staff = few | {"technology.insured_staff": str(count)}
    return lambda now: codes(amounts(typed(now), "0") | staff, previous=None, first_draft=None)


@dataclass(frozen=True)
class Edge:
    """`names`: the thresholds whose edge lies `at` (yuan); `found`: whether `code` is found one yuan below, at and above it."""

    names: tuple[str, ...]
    code: str
    at: int
    found: tuple[bool, bool, bool]
    ask: Callable[[int], set[str]] = total


SLIP = ("SLIP_FACTORS", "SLIP_WITHIN")
EDGES = [
    Edge(("SUSPECT_PER_HEAD",), "per_head", 100_000_000, (False, False, True), heads(1)),
    Edge(("SUSPECT_PER_HEAD",), "per_head", 12_000_000_000, (False, False, True), heads(120)),
    Edge(("CHANGE_FROM",), "year_on_year", 1_000_000, (False, True, True), lambda then: total(10_000_000, then)),
    Edge(("CHANGE_ABOVE",), "year_on_year", 180_000_000, (False, False, True)),
    Edge(("CHANGE_BELOW_TENTHS",), "year_on_year", 24_000_000, (True, False, False)),
    Edge(("CHANGE_BELOW_TENTHS",), "year_on_year", 24_000_000, (True, False, False), ai),
    # Too large by 10⁴ and by 10³, from a third of it to three times it; too small likewise.
    Edge(SLIP, "unit_slip", 200_000_000_000, (False, True, True)), Edge(SLIP, "unit_slip", 1_800_000_000_000, (True, True, False)),
    Edge(SLIP, "unit_slip", 20_000_000_000, (False, True, True)), Edge(SLIP, "unit_slip", 180_000_000_000, (True, True, False)),
    Edge(SLIP, "unit_slip", 2_000, (False, True, True)), Edge(SLIP, "unit_slip", 18_000, (True, True, False)),
    Edge(SLIP, "unit_slip", 20_000, (False, True, True)), Edge(SLIP, "unit_slip", 180_000, (True, True, False)),
]  # fmt: skip


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{'+'.join(edge.names)}@{edge.at}")
def test_a_check_turns_at_its_threshold_to_the_yuan(edge: Edge) -> None:
    assert tuple(edge.code in edge.ask(edge.at + step) for step in (-1, 0, 1)) == edge.found


def test_every_threshold_of_the_table_has_its_edge() -> None:
    thresholds = {
        name
        for name, value in vars(check_rules).items()
        if name.isupper() and isinstance(value, int | tuple) and not name.startswith("_")
    }
    assert thresholds == {name for edge in EDGES for name in edge.names}


@pytest.mark.parametrize("edge", [each for each in EDGES if each.code == "year_on_year" and each.ask is total])
def test_a_frame_turns_where_a_number_does(edge: Edge) -> None:
    """数据质量 asks the same of a whole column."""
    now = [edge.at - 1, edge.at, edge.at + 1]
    frame = pl.DataFrame({"now": now, "then": [THEN] * 3})
    column = frame.select(check_rules.changed_much(pl.col("now"), pl.col("then"))).to_series().to_list()
    assert tuple(column) == tuple(check_rules.changed_much(each, THEN) for each in now) == edge.found


@pytest.mark.parametrize(("text", "says"), [
    ("新增合", False), ("新增合同", True), ("新增合同款", True),  # four signs beside what says nothing
    ("新新增增", False), ("新新增合", True), ("新增合同", True),  # three different ones
])  # fmt: skip
def test_an_explanation_says_something_from_its_fourth_sign_and_third_kind_on(text: str, says: bool) -> None:
    assert checks.explained(text) == says
