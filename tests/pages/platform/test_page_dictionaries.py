"""字典 on the screen."""

import pytest

from core.base.dictionaries import DISTRICTS, SEGMENTS
from tests.pages.walk import Screen
from tests.world import World

PAGE = "platform/dictionaries.py"


@pytest.mark.parametrize("persona", ["city", "administrator"])
def test_each_dictionary_stands_with_its_counts(world: World, persona: str) -> None:
    world.admit("enterprise")
    screen = Screen(world, persona, PAGE)
    (table,) = screen.tables
    assert table["代码"].tolist() == list(DISTRICTS)
    assert table["在库企业（家）"].sum() == table["填报（份）"].sum() == 1
    assert "只供查看" in screen.said("caption")
    screen.set("kind", "segment")
    (table,) = screen.tables
    assert table["名称"].tolist() == list(SEGMENTS.values())
    assert table["产业链层"].tolist()[0] == "基础层"
    (download,) = screen.at.get("download_button")
    assert download.label == "导出 CSV"
