"""What a dashboard is asked for: filters mean the same on every page, and an address says them."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.statistics.selection import FILTERS, Selection, read

FRAME = pl.DataFrame(
    {
        "enterprise_id": ["a", "b", "c", "d"],
        "district": ["GX", "HS", "GX", None],
        "layer": ["application", "technology", "technology", None],
        "segments": ["application_software,platforms", "platforms", "chips", ""],
        "size": ["small", "large", "small", None],
        "directory_tier": ["core", "core", "outside", "undetermined"],
    }
)


@pytest.mark.parametrize(("filters", "kept"), [
    ({}, "abcd"), ({"district": "GX"}, "ac"), ({"layer": "technology"}, "bc"), ({"segment": "platforms"}, "ab"),
    ({"size": "small", "tier": "core"}, "a"), ({"district": "JA"}, ""), ({"segment": "platforms", "district": "HS"}, "b"),
])  # fmt: skip
def test_filters_leave_what_they_name(filters: dict[str, str], kept: str) -> None:
    asked = Selection.asked(2025, False, filters)
    assert "".join(asked.of(FRAME)["enterprise_id"]) == kept
    assert asked.chosen == filters
    assert asked.without(*filters) == Selection(2025)


@given(
    st.fixed_dictionaries({}, optional={name: st.sampled_from(sorted(values)) for name, (_, values) in FILTERS.items()})
)
def test_an_address_and_a_selection_say_the_same(filters: dict[str, str]) -> None:
    asked = Selection.asked(2026, True, filters)
    assert read({**asked.chosen, "year": asked.year_words, "page": "3"}) == (filters, [])
    assert asked.words == "、".join(FILTERS[name][1][filters[name]] for name in FILTERS if name in filters)
    for name in filters:
        assert asked.without(name).chosen == {key: code for key, code in filters.items() if key != name}


def test_what_an_address_cannot_mean_is_told_apart() -> None:
    assert read({"district": "XX", "tier": "core", "size": ""}) == ({"tier": "core"}, ["XX"])


def test_the_period_says_whether_it_is_provisional() -> None:
    assert (Selection(2025).period, Selection(2025).year_words) == ("2025年度全年实际", "2025")
    assert (Selection(2026, True).period, Selection(2026, True).year_words) == (
        "2026年度全年（预测），预判",
        "2026预判",
    )
