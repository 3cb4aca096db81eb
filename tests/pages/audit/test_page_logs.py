"""日志管理: the four logs, their filters, pages and proof; and what looking at pages, and failing, leaves in them."""

from pathlib import Path
from typing import Any

import pytest

from data.audit import log
from data.review import decisions
from data.store.store import SYSTEM
from tests.pages.walk import Screen, written
from tests.world import World

LOGS = "audit/logs.py"


def noted(world: World, kind: str) -> list[Any]:
    world.store.write(lambda _: None)
    return [fact for fact in world.store.facts() if fact.kind == kind]


def screen_of(world: World) -> Screen:
    screen = Screen(world, "administrator", LOGS)
    assert not screen.at.exception
    return screen


def choose(screen: Screen, kind: str) -> Screen:
    return screen.set("kind", kind)


def test_each_log_shows_what_belongs_there(world: World) -> None:
    filing = world.submit("enterprise")
    decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons={"": "请补充材料"})
    log.refused(world.visit("enterprise"), "log.read", "日志管理")
    written(world)
    screen = screen_of(world)
    assert screen.titles == ["日志管理"]
    assert "登录" in set(screen.tables[0]["事件"])
    (operations,) = choose(screen, "operations").tables
    assert operations["事件"][:2].to_list() == ["发送站内信", "退回"]
    assert "请补充材料" in operations["内容"][1]
    (trouble,) = choose(screen, "trouble").tables
    assert (trouble["事件"][0], trouble["页面"][0]) == ("越权访问被拒", "日志管理")
    (changes,) = choose(screen, "changes").tables
    assert (changes["字段"][0], changes["之前"][0], changes["之后"][0]) == ("状态", "已提交（待区级审核）", "退回")


def test_filters_narrow_the_table_and_the_export_keeps_them(world: World) -> None:
    world.save("enterprise")
    world.save("other")
    screen = screen_of(world)
    choose(screen, "operations").set("account", "91420199ma0dem0217")
    assert set(screen.tables[0]["账号"]) == {"91420199ma0dem0217"}
    screen.set("q", "保存")
    assert set(screen.tables[0]["事件"]) == {"保存"}
    (link,) = screen.at.get("link_button")
    assert link.proto.url == "/exports/logs.csv?kind=operations&q=%E4%BF%9D%E5%AD%98&account=91420199ma0dem0217"
    screen.set("since", "2026-01-11")
    assert not screen.tables
    assert "没有符合条件的记录" in screen.said("info")
    screen.set("since", "昨天")
    assert "不是日期" in screen.said("error")
    assert not screen.tables


def test_the_pages_turn_and_another_filter_starts_at_the_first(world: World) -> None:
    for number in range(120):
        log.opened(world.visit("city"), f"第{number}页")
    written(world)
    screen = screen_of(world)
    screen.set("account", "officer")
    (turner,) = screen.at.get("pagination")
    assert len(screen.tables[0]) == 50
    newest = screen.tables[0]["页面或文件"][0]
    screen.at.session_state["page"] = 3
    screen.run()
    assert turner.proto.num_pages == 3
    assert len(screen.tables[0]) == 21
    assert "第0页" in set(screen.tables[0]["页面或文件"])
    screen.set("q", "页")
    assert screen.tables[0]["页面或文件"][0] == newest


def test_an_empty_log_says_so(world: World) -> None:
    screen = choose(screen_of(world), "trouble")
    assert "还没有异常记录" in screen.said("info")
    assert not screen.tables


def test_the_chain_is_proven_on_the_page_and_a_tampered_fact_is_named(world: World) -> None:
    world.save("enterprise")
    screen = screen_of(world)
    screen.press("核验日志链")
    assert "日志链完整" in screen.said("success")
    world.store._connection.cursor().execute("UPDATE facts SET body = '{}' WHERE seq = 4")
    screen.press("核验日志链")
    assert "日志链在第 4 条记录处断开" in screen.said("error").replace("\\", "")
    assert "日志链完整" not in screen.said("success")


def test_a_page_opened_is_noted_once_and_again_after_another(world: World) -> None:
    screen = Screen(world, "enterprise", "filing/basic.py")
    for _ in range(3):
        screen.run()
    screen.open("filing/market.py").open("filing/basic.py")
    found = noted(world, "page.opened")
    assert [fact.body["page"] for fact in found] == ["工作台", "基础信息", "市场需求", "基础信息"]
    visit = world.visit("enterprise")
    assert {(fact.account_id, fact.subject) for fact in found} == {(visit.account_id, f"session:{visit.session_id}")}


@pytest.mark.parametrize("again", [1, 3])
def test_a_closed_page_asked_for_is_noted_as_refused_not_as_opened(world: World, again: int) -> None:
    screen = Screen(world, "enterprise")
    for _ in range(again):
        screen.open(LOGS)
    (refusal,) = noted(world, "access.refused")
    assert refusal.body == {"permission": "log.read", "page": "日志管理"}
    assert [fact.body["page"] for fact in noted(world, "page.opened")] == ["工作台"]


def test_a_page_that_fails_is_noted_with_the_number_the_person_saw(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIBRARY_DATA_DIR", str(tmp_path / "app"))  # the server keeps its secret there
    import app

    shown: list[str] = []
    visit = world.visit("city")
    monkeypatch.setattr(app.st, "error", lambda sentence, **_: shown.append(sentence))
    monkeypatch.setattr(app.st, "user", {"session": visit.session_id})
    monkeypatch.setattr(app.gate, "page_shown", lambda: "审核")
    app.show_error(ValueError("password=geheim"))
    (fact,) = noted(world, "error.shown")
    assert fact.account_id == visit.account_id
    assert (fact.body["kind"], fact.body["page"]) == ("ValueError", "审核")
    assert fact.body["reference"] in shown[0]
    assert "geheim" not in str(fact.body)


def test_hostile_text_in_the_log_is_text(world: World) -> None:
    world.store.write(lambda t: t.append(SYSTEM, "thing.changed", "thing:<b>", {"name": "**b** :red[x]"}))
    screen = choose(screen_of(world), "operations")
    assert "**b** :red[x]" in screen.tables[0]["内容"][0]
    screen.set("q", "**b**")
    assert "**b**" not in screen.said("caption", "markdown", "info")
