"""报表导出 on the screen: what one may choose, what a press leaves in the store, progress, and that nobody waits for it."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from urllib.parse import parse_qsl

import pytest

from core.base.errors import Refused
from data.report import reports
from tests.core import samples
from tests.pages.walk import Screen
from tests.world import World
from ui.base.menu import PAGES

PAGE = "report/reports.py"


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
    assert (export.order.which, export.order.year, export.order.audience, export.order.kind) == (
        "overview",
        2025,
        "outside",
        "xlsx",
    )
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
    other = Screen(world, "district", "statistics/overview.py")
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


def asked(world: World, persona: str = "city", page: str = PAGE, **address: str) -> Screen:
    screen = Screen(world, persona)
    for name, value in address.items():
        screen.at.query_params[name] = value
    return screen.open(page)


def test_filters_of_the_address_are_said_kept_inside_and_can_be_lifted(world: World) -> None:
    world.admit("enterprise")
    screen = asked(world, report="chain", year="2025", district="GX", size="small")
    assert "只导出：东湖高新区、小微企业。" in screen.said("caption")
    assert screen.widget("audience.chain.part").value == "inside" and "相减可能推出" in screen.said("caption")
    screen.set("format", "csv").click("start")
    assert started(world)[0].order.filters == (("district", "GX"), ("size", "small"))
    screen.click("whole")
    assert "district" not in screen.at.query_params and screen.widget("audience.chain").value == "outside"


def test_a_trial_of_the_address_is_exported_as_one(world: World) -> None:
    world.admit("enterprise")
    screen = asked(world, report="what_if", year="2025", core_share_bp="4000", district="GX")
    assert "核心企业占比线 50% → 40%" in screen.said("caption").replace("\\", "")
    assert "阈值测算不能筛选" in screen.said("caption")
    screen.set("format", "csv").click("start")
    (export,) = started(world)
    assert (export.order.trial, export.order.audience) == ((("core_share_bp", "4000"),), "inside")
    assert "（测算）" in export.name


def test_who_exported_other_data_is_told_before_one_does(world: World) -> None:
    world.admit("enterprise")
    screen = Screen(world, "city", PAGE).set("format", "csv").click("start")
    wait(world)
    assert "数据时点不同" not in screen.run().said("warning")
    world.clock.now += timedelta(days=2)
    world.admit("other")
    said = Screen(world, "city", PAGE).said("warning").replace("\\", "")
    assert f"{world.visit('city').name}于 2026-01-" in said and "对外导出过“产业总览”" in said
    assert "数据时点不同" not in asked(world, report="ranking").said("warning")


PATHS = {Path(path).stem: path for _, path, *_ in PAGES}
LINKS = {
    "overview": "overview",
    "regions": "regions",
    "chain": "chain",
    "ranking": "ranking",
    "talent": "talent",
    "quality": "quality",
    "progress": "progress",
    "what_if": "what_if",
}


@pytest.mark.parametrize(("page", "report"), LINKS.items())
def test_each_dashboard_leads_here_for_who_may(world: World, page: str, report: str) -> None:
    world.admit("enterprise")
    screen = asked(world, page=PATHS[page], year="2025", district="GX", core_share_bp="4000")
    (link,) = [each.proto.url for each in screen.at.get("link_button") if each.proto.label == "导出报表"]
    told = dict(parse_qsl(link.partition("?")[2]))
    assert link.startswith("/reports?") and told.pop("report") == report
    assert told == {"progress": {"round": "2025"}, "what_if": {"year": "2025", "core_share_bp": "4000"}}.get(
        page, {"year": "2025", "district": "GX"}
    )
    if page in ("overview", "what_if"):  # an administrator may look and take nothing away
        other = asked(world, "administrator", page=PATHS[page])
        assert not other.at.exception and "导出报表" not in [each.proto.label for each in other.at.get("link_button")]
