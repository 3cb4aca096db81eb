"""报表导出 on the screen: what one may choose, what a press leaves in the store, progress, and that nobody waits for it."""

import time
from collections.abc import Callable
from threading import Event

import pytest
import samples

from core.errors import Refused
from data import reports
from tests.pages.walk import Screen
from tests.world import World

PAGE = "bureau/reports.py"


def started(world: World, persona: str = "city") -> list[reports.Export]:
    return reports.mine(world.visit(persona))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> "Callable[[], None]":
    """Files that are not finished before this is called."""
    go = Event()
    run = reports._run
    monkeypatch.setattr(reports, "_run", lambda *given: go.wait(60) and run(*given))
    return go.set


def wait(world: World) -> None:
    until = time.monotonic() + 60
    while any(each.going for each in started(world)) and time.monotonic() < until:
        time.sleep(0.02)


def test_a_press_makes_a_file_that_can_be_fetched(world: World, held: "Callable[[], None]") -> None:
    world.admit("enterprise")
    screen = Screen(world, "city", PAGE)
    assert "还没有导出的文件" in screen.said("caption")
    screen.set("format", "xlsx").click("start")
    assert "已开始生成" in screen.said("success")
    (export,) = started(world)
    assert (export.order.which, export.order.year, export.order.audience, export.order.kind) == ("overview", 2025, "outside", "xlsx")
    assert [fact.body["report"] for fact in world.store.facts() if fact.kind == "report.exported"] == ["overview"]
    assert not screen.at.get("link_button")
    held()
    wait(world)
    screen.run()
    (link,) = screen.at.get("link_button")
    assert link.proto.url == f"/exports/reports/{export.id}"
    assert "保留至" in screen.said("caption")


def test_a_file_that_is_held_up_holds_up_no_page(world: World, held: "Callable[[], None]") -> None:
    world.admit("enterprise")
    screen = Screen(world, "city", PAGE).click("start")
    other = Screen(world, "district", "bureau/overview.py")
    for page in (screen, other):
        page.run()
        began = time.perf_counter()
        page.run()
        assert time.perf_counter() - began < 1
        assert not page.at.exception
    (export,) = started(world)
    assert export.going
    held()
    wait(world)
    assert started(world)[0].state == "done"


def test_outside_is_the_default_and_a_district_has_inside_only(world: World) -> None:
    world.admit("enterprise")
    screen = Screen(world, "city", PAGE)
    assert screen.widget("audience.overview").value == "outside"
    assert "以“＊”代替" in screen.said("caption")
    screen.set("report", "ranking")
    assert screen.widget("audience.ranking").value == "inside"
    assert "只供内部使用" in screen.said("caption")
    district = Screen(world, "district", PAGE)
    assert district.widget("audience.overview").value == "inside"
    assert "对外报表由市级导出" in district.said("caption")
    district.click("start")
    (export,) = started(world, "district")
    assert (export.order.audience, export.scope.words) == ("inside", "东湖高新区")
    assert not started(world)


def test_progress_is_of_a_round(world: World) -> None:
    world.submit("enterprise")
    screen = Screen(world, "city", PAGE)  # nothing admitted yet: this one only
    assert screen.widget("report").value == "progress"
    screen.click("start")
    (export,) = started(world)
    assert (export.order.which, export.order.round_id) == ("progress", "2025")


def test_a_day_that_is_none_is_said_and_nothing_starts(world: World) -> None:
    world.admit("enterprise")
    screen = Screen(world, "city", PAGE).set("as_of", "gestern").click("start")
    assert "不是日期" in screen.said("error")
    screen.set("as_of", "2099-01-01").click("start")
    assert "晚于今天" in screen.said("error")
    assert not started(world)
    screen.set("as_of", "2026-01-10").click("start")
    assert str(started(world)[0].order.as_of) == "2026-01-10"


def test_a_failure_is_told_with_its_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.admit("enterprise")

    def fail(*_: object) -> None:
        raise Refused("服务器上没有中文字体，PDF 没有生成。")

    monkeypatch.setattr(reports, "_run", fail)
    screen = Screen(world, "city", PAGE).click("start")
    wait(world)
    screen.run()
    assert "没有中文字体" in screen.said("error").replace("\\", "")
    assert f"编号 {started(world)[0].reference}" in screen.said("error").replace("\\", "")


@pytest.mark.parametrize(("address", "report", "year"), [
    ({"report": "regions", "year": "2024"}, "regions", "2024"), ({"report": "chain"}, "chain", "2025"),
    ({"report": "nonsense", "year": "1800"}, "overview", "2025"),
])  # fmt: skip
def test_a_link_from_a_dashboard_chooses(world: World, address: dict[str, str], report: str, year: str) -> None:
    rows = [samples.year(each, full_year=samples.figures("6000", "4200", "4200", "0")) for each in ("2025", "2024")]
    world.admit("enterprise", samples.put(samples.clean(), {"business.years": rows}))
    screen = Screen(world, "city")
    for name, value in address.items():
        screen.at.query_params[name] = value
    screen.open(PAGE)
    assert not screen.at.exception
    assert (screen.widget("report").value, screen.widget("year").value) == (report, year)
