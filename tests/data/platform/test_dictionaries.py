"""字典: every code that ships, and how many filings and admitted enterprises use it now."""

from typing import Any

import pytest

from core.base.dictionaries import DISTRICTS, INDUSTRIES, SEGMENTS
from core.base.errors import Forbidden
from core.filing.model import DEMAND_KINDS
from data.platform import dictionaries
from data.review import decisions
from tests.core import samples
from tests.world import World


def used(world: World, kind: str) -> dict[str, tuple[int, int]]:
    """code -> (filings, admitted), of the codes that are used."""
    rows = dictionaries.listing(world.visit("city"), kind).iter_rows(named=True)
    return {row["code"]: (row["filings"], row["admitted"]) for row in rows if row["filings"] or row["admitted"]}


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("district", DISTRICTS), ("segment", SEGMENTS), ("industry", INDUSTRIES), ("demand", DEMAND_KINDS)],
)
def test_a_dictionary_is_what_the_forms_offer_in_its_order(world: World, kind: str, codes: dict[str, str]) -> None:
    listed = dictionaries.listing(world.visit("city"), kind)
    assert dict(zip(listed["code"], listed["name"], strict=True)) == codes
    assert list(listed["code"]) == list(codes)
    assert set(listed["filings"]) == set(listed["admitted"]) == {0}
    assert all(listed["group"]) == (kind == "segment")


def content(**changes: Any) -> Any:
    return samples.put(samples.clean(), {path.replace("__", "."): value for path, value in changes.items()})


def test_each_code_is_counted_once_a_filing_and_once_an_admitted_enterprise(world: World) -> None:
    first = content(
        basic__district="GX",
        basic__industry=next(iter(INDUSTRIES)),
        technology__segments=list(SEGMENTS)[:2],
        market__demands=[
            {"kind": "data", "title": "甲"},
            {"kind": "data", "title": "乙"},
            {"kind": "scene", "title": "丙"},
        ],
    )
    world.save("enterprise", first)
    world.save("other", content(basic__district="HS", technology__segments=list(SEGMENTS)[1:2], market__demands=[]))
    assert used(world, "district") == {"GX": (1, 0), "HS": (1, 0)}
    assert used(world, "segment") == {next(iter(SEGMENTS)): (1, 0), list(SEGMENTS)[1]: (2, 0)}
    assert used(world, "demand") == {"data": (1, 0), "scene": (1, 0)}


def test_the_library_counts_while_an_enterprise_is_in_it(world: World) -> None:
    filing = world.admit("enterprise", content(basic__district="GX"))
    assert used(world, "district") == {"GX": (1, 1)}
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    assert used(world, "district") == {"GX": (1, 0)}


def test_what_is_no_code_is_not_counted_and_breaks_nothing(world: World) -> None:
    world.save(
        "enterprise",
        content(basic__district="没有的区", technology__segments=["没有的环节"], market__demands=[{"title": "甲"}]),
    )
    assert used(world, "district") == used(world, "segment") == used(world, "demand") == {}


@pytest.mark.parametrize("persona", ["enterprise", "district"])
def test_only_those_who_may(world: World, persona: str) -> None:
    with pytest.raises(Forbidden):
        dictionaries.listing(world.visit(persona), "district")
