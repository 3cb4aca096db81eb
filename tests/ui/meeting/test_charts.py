"""Bars of 例会: they lie where their sums say, and no name in them is markup."""

from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from core.meeting.change import PARTS, levels, origin
from ui.meeting.charts import DOWN, UP, Bar, counted, waterfall

NOTHING = dict.fromkeys(PARTS, 0)
YI = 100_000_000


def test_a_waterfall_leads_from_one_sum_to_the_other() -> None:
    parts = NOTHING | {"entry": 100 * YI, "exit": -50 * YI, "revision": 50 * YI}
    bars = waterfall(100 * YI, parts)
    assert [bar.label for bar in bars] == ["上次", *PARTS.values(), "本次"]
    assert [(bar.text, bar.start, bar.end) for bar in bars if bar.end > bar.start] == [
        ("100.00", 0, 50), ("+100.00", 50, 100), ("-50.00", 75, 100), ("+50.00", 75, 100), ("200.00", 0, 100),
    ]  # fmt: skip
    assert (bars[1].colour, bars[2].colour) == (UP, DOWN)
    assert levels(100 * YI, parts)[-1] == 200 * YI


@pytest.mark.parametrize(
    ("before", "change", "start"),
    [(0, 0, 0), (100 * YI, 0, 0), (100 * YI, 50 * YI, 0), (100 * YI, 10 * YI, 90 * YI), (100 * YI, -10 * YI, 80 * YI)],
)
def test_the_axis_starts_at_nothing_unless_the_change_would_not_be_seen(before: int, change: int, start: int) -> None:
    parts = NOTHING | {"revision": change}
    assert origin(levels(before, parts)) == start
    assert all(0 <= bar.start <= bar.end <= 100 for bar in waterfall(before, parts))


def test_bars_are_as_long_as_their_amounts_and_say_what_changed() -> None:
    now = pl.DataFrame({"district": ["GX", None], "counted_output": [4 * YI, YI]})
    before = pl.DataFrame({"district": ["GX"], "counted_output": [5 * YI]})
    assert counted(now, "district", {"GX": "东湖高新区"}, before) == [
        Bar("东湖高新区", "4.00（-1.00）", 0, 100),
        Bar("未填", "1.00（+1.00）", 0, 25),
    ]
    assert counted(now.clear(), "district", {}, None) == []
    assert counted(now.with_columns(counted_output=0), "district", {}, None)[0].text == "0.00"


def test_what_stands_beside_a_bar_is_never_markup() -> None:
    def page() -> None:
        from ui.meeting.charts import Bar, show

        show([Bar("<b>甲", "<i>", 0, 50)], alt='"><script>')

    at: Any = AppTest.from_function(page).run()
    assert "&lt;b&gt;甲" in at.get("html")[0].value
    assert "<script>" not in at.get("html")[0].value
    assert "<i>" not in at.get("html")[0].value
