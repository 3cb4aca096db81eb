"""The chain: no segment is forgotten, the weak ones are told by a stated rule, demands find their segments."""

import polars as pl

from core.base.dictionaries import SEGMENTS
from core.statistics.industry_chain import asked_for, strength


def table(cores: dict[str, int]) -> pl.DataFrame:
    rows = [{"segment": segment, "enterprises": core + 1, "core": core} for segment, core in cores.items()]
    return pl.DataFrame(rows, schema={"segment": pl.String, "enterprises": pl.Int64, "core": pl.Int64})


def states(cores: dict[str, int]) -> dict[str, str]:
    return dict(strength(table(cores)).select("segment", "state").iter_rows())


def test_every_segment_stands_there_whether_anybody_works_in_it_or_not() -> None:
    found = strength(table({"chips": 3}))
    assert found["segment"].to_list() == list(SEGMENTS)
    assert found.filter(pl.col("segment") != "chips")["enterprises"].to_list() == [0] * (len(SEGMENTS) - 1)
    assert strength(table({}))["state"].to_list() == ["missing"] * len(SEGMENTS)


def test_weak_is_less_than_half_the_median_and_missing_is_none() -> None:
    cores = dict.fromkeys(SEGMENTS, 10) | {"chips": 4, "sensors": 5, "frameworks": 0}
    found = states(cores)
    assert (found["chips"], found["sensors"], found["frameworks"]) == ("weak", "", "missing")
    assert [segment for segment, state in found.items() if state] == ["chips", "frameworks"]


def test_a_demand_finds_the_segments_by_its_kind_and_by_its_words() -> None:
    demands = pl.DataFrame(
        {
            "kind": ["compute", "talent", "talent"],
            "title": ["要算力", "找智能传感器工程师", "招人"],
            "description": ["", "", "算力设施运维"],
        }
    )
    found = asked_for(demands)
    assert (found["compute"], found["chips"], found["sensors"], found["platforms"]) == (2, 1, 1, 0)
    assert set(found) == set(SEGMENTS)
    assert set(asked_for(demands.clear()).values()) == {0}
