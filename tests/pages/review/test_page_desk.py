"""工作台: what each role finds there, and the enterprise's own class once its round is over."""

from datetime import datetime, timedelta

import pytest

from data.filing import filings
from tests.core import samples
from tests.pages.walk import Screen
from tests.world import NAMES, World

DESK, OWN = "review/desk.py", "filing/workbench.py"


def metrics(screen: Screen) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value.split(" ")[0], metric.delta) for metric in screen.at.metric}


def test_a_reviewer_finds_what_waits_and_who_is_late(world: World) -> None:
    world.submit("enterprise"), world.save("other")
    screen = Screen(world, "district", DESK)
    assert "待我审核 1 份" in screen.said("header")
    assert NAMES["enterprise"] in screen.said("page_link")
    assert "未报 1 家" in screen.said("header")
    assert NAMES["other"] in screen.said("markdown")
    assert "系统状况" not in screen.said("header")
    stranger = Screen(world, "other_district", DESK)
    assert "待我审核 0 份" in stranger.said("header")
    assert not [name for name in NAMES.values() if name in stranger.said()]


def test_changes_are_counted_from_the_last_meeting_s_day(world: World) -> None:
    """例会 is on Mondays: what was admitted before the last one is no news."""
    world.clock.now = datetime(2026, 1, 11, 2, 0)  # Sunday
    world.admit("enterprise")
    world.clock.now = datetime(2026, 1, 13, 2, 0)  # Tuesday
    world.admit("other")
    world.visit("city")
    screen = Screen(world, "city", DESK)
    assert metrics(screen)["入库企业"] == ("2", "+1 家")
    assert "市级审核通过，入库 1 份" in screen.said("markdown")
    links = screen.said("page_link")
    assert NAMES["other"] in links
    assert NAMES["enterprise"] not in links
    world.clock.now = datetime(2026, 1, 12, 2, 0) + timedelta(days=7)  # Monday itself: since the Monday before
    world.visit("city")
    assert metrics(Screen(world, "city", DESK))["入库企业"] == ("2", "+1 家")


def test_an_administrator_finds_the_health_of_the_service(world: World) -> None:
    intruder = Screen(world, "enterprise")
    intruder.open(DESK)
    assert "没有“查看工作台”的权限" in intruder.said("error")
    world.store.write(lambda _: None)
    shown = metrics(Screen(world, "administrator", DESK))
    assert shown["越权访问被拒（24 小时）"][0] == "1"
    assert shown["页面出错（24 小时）"][0] == "0"


@pytest.mark.parametrize("state", ["admitted", "draft"])
def test_an_enterprise_sees_its_class_only_when_the_round_is_over(world: World, state: str) -> None:
    world.admit("enterprise") if state == "admitted" else world.save("enterprise")
    assert "身份" not in Screen(world, "enterprise", OWN).said("header")
    world.clock.now = datetime(2026, 2, 1, 2, 0)
    world.visit("enterprise")
    screen = Screen(world, "enterprise", OWN)
    assert "本期身份" in screen.said("header")
    assert "核心企业" in screen.said("markdown")
    assert filings.mine(world.visit("enterprise")) is not None


def test_what_weighs_most_waits_first_with_the_reason(world: World) -> None:
    world.submit("other", samples.put(samples.clean(), {"basic.district": "GX"}))
    world.clock.now += timedelta(minutes=5)
    world.submit(
        "enterprise",
        samples.put(
            samples.clean(),
            {"business.years.0.full_year.ai_revenue": "3001", "business.years.0.full_year.software_revenue": "1801"},
        ),
    )
    screen = Screen(world, "district", DESK)
    links = [
        link for link in screen.said("page_link").splitlines() if NAMES["enterprise"] in link or NAMES["other"] in link
    ]
    assert NAMES["enterprise"] in links[0] and NAMES["other"] in links[1]
    assert "紧邻核心线" in screen.said("caption")
    assert "影响最大的在前" in screen.said("caption")
