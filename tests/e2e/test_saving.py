"""Nothing typed is lost: fast typing, leaving, closing, a lost connection, a server that dies, two tabs."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests import browser as b
from tests.core import samples
from tests.server import COOKIE, Server, prepare, running
from tests.world import World

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
NUMBERS = (
    "自主知识产权数量",
    "AI算法研发人员数量",
    "AI应用软件开发人员数量",
    "缴纳社保总人数",
    "缴纳社保博士人数",
    "缴纳社保硕士人数",
    "缴纳社保本科人数",
)


@dataclass
class House:
    """A server on a small library that can be killed and started again on its port."""

    folder: Path
    tokens: dict[str, str]
    stack: ExitStack = field(default_factory=ExitStack)
    server: Server = field(init=False)

    def start(self, port: int | None = None) -> None:
        self.server = self.stack.enter_context(running(self.folder, port=port))

    def kill(self) -> None:
        os.killpg(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait(10)

    def again(self) -> None:
        self.start(urlsplit(self.server.url).port)

    def context(self, chromium: Browser) -> BrowserContext:
        context = b.window(chromium)
        context.add_cookies([{"name": COOKIE, "value": self.tokens["enterprise"], "url": self.server.url}])
        return context

    def page(self, context: BrowserContext, path: str) -> Page:
        page = context.new_page()
        page.goto(f"{self.server.url}{path}")
        b.settled(page)
        return page


def filed(world: World) -> None:
    """A filing of the round that is open today, with nothing left to mend."""
    year = str(world.store.today.year)
    world.save("enterprise", samples.put(samples.clean(), {"business.years.0.year": year}))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from _house(tmp_path_factory.mktemp("saving") / "library")


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[House]:
    """One in which nothing has been typed yet."""
    yield from _house(tmp_path / "library")


def _house(folder: Path) -> Iterator[House]:
    made = House(folder, prepare(folder, filed))
    with made.stack:
        made.start()
        yield made


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name).first


def bar(page: Page) -> Locator:
    return page.locator(".st-key-filing-bar .filing-state")


def saved(page: Page) -> None:
    expect(bar(page)).to_contain_text("已保存")


def retype(page: Page, name: str, text: str, delay: int = 0) -> None:
    box(page, name).click()
    page.keyboard.press("Control+A")
    page.keyboard.type(text, delay=delay)


@pytest.mark.parametrize("delay", [0, 10, 60, 120])
def test_numbers_typed_quickly_one_after_another_are_all_stored(house: House, chromium: Browser, delay: int) -> None:
    context = house.context(chromium)
    page = house.page(context, "/technology")
    typed = {name: str(1000 + 37 * number + delay) for number, name in enumerate(NUMBERS)}
    for name, text in typed.items():
        retype(page, name, text, delay)
        page.keyboard.press("Tab")
    saved(page)
    page.reload()
    b.settled(page)
    for name, text in typed.items():
        expect(box(page, name)).to_have_value(text)
    context.close()


@pytest.mark.parametrize("wait", [0, 50, 200, 400])
def test_what_was_typed_just_before_a_reload_is_stored(house: House, chromium: Browser, wait: int) -> None:
    context = house.context(chromium)
    page = house.page(context, "/basic")
    retype(page, "注册地址", f"武汉市洪山区刷新路 {wait} 号")
    page.wait_for_timeout(wait)
    page.reload()
    b.settled(page)
    expect(box(page, "注册地址")).to_have_value(f"武汉市洪山区刷新路 {wait} 号")
    context.close()


def test_what_was_typed_just_before_the_tab_was_closed_is_stored(house: House, chromium: Browser) -> None:
    context = house.context(chromium)
    page = house.page(context, "/basic")
    retype(page, "联系人姓名", "关页人")
    page.close(run_before_unload=True)
    again = house.page(context, "/basic")
    expect(box(again, "联系人姓名")).to_have_value("关页人")
    context.close()


def test_what_is_typed_while_the_server_is_dead_is_said_to_be_unsaved_and_stored_when_it_is_back(
    house: House, chromium: Browser
) -> None:
    context = house.context(chromium)
    page = house.page(context, "/technology")
    retype(page, NUMBERS[1], "5")
    house.kill()
    page.keyboard.type("55", delay=20)  # while the process dies: the page may not know it yet
    expect(bar(page)).to_contain_text("未保存 1 项", timeout=5_000)
    typed = box(page, NUMBERS[1]).input_value()
    house.again()
    expect(bar(page)).not_to_contain_text("未保存", timeout=30_000)
    page.reload()
    b.settled(page)
    expect(box(page, NUMBERS[1])).to_have_value(typed)
    context.close()


def test_two_tabs_in_different_cells_both_have_theirs(house: House, chromium: Browser) -> None:
    context = house.context(chromium)
    one, other = house.page(context, "/technology"), house.page(context, "/technology")
    for page, name, text in ((one, NUMBERS[2], "111"), (other, NUMBERS[3], "222")):
        retype(page, name, text)
        page.keyboard.press("Tab")
        saved(page)
    one.reload()
    b.settled(one)
    expect(box(one, NUMBERS[2])).to_have_value("111")
    expect(box(one, NUMBERS[3])).to_have_value("222")
    context.close()


def test_two_tabs_in_the_same_cell_are_shown_both_values(house: House, chromium: Browser) -> None:
    context = house.context(chromium)
    one, other = house.page(context, "/basic"), house.page(context, "/basic")
    retype(one, "联系人姓名", "甲")
    one.keyboard.press("Tab")
    saved(one)
    retype(other, "联系人姓名", "乙")
    other.keyboard.press("Tab")
    expect(other.get_by_text("本页输入的：乙")).to_be_visible()
    expect(other.get_by_text("已保存的：甲")).to_be_visible()
    expect(bar(other)).to_have_text("未保存 1 项", timeout=2_500)  # and not 保存中, which it is not
    other.get_by_role("button", name="保留本页输入的").click()
    expect(other.get_by_text("本页输入的：乙")).to_have_count(0)
    saved(other)
    one.reload()
    b.settled(one)
    expect(box(one, "联系人姓名")).to_have_value("乙")
    context.close()


def test_nothing_is_stored_in_the_middle_of_a_composition(house: House, chromium: Browser) -> None:
    context = house.context(chromium)
    page = house.page(context, "/market")
    page.get_by_role("textbox", name="说明").first.click()
    page.keyboard.press("Control+A")
    keys = context.new_cdp_session(page)
    for part in ("w", "wu", "wu'h", "wu'han"):
        keys.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
        page.wait_for_timeout(100)
    page.wait_for_timeout(1500)
    with house.server.client(house.tokens["enterprise"]) as client:
        body = {"filing": filing_of(page), "cells": {demand_of(page): {"was": ["从未有过的值"], "now": "wu'han"}}}
        answer = client.post("/filing/cells", json=body).json()
    assert answer["stored"] == [], "the composition was stored"
    keys.send("Input.insertText", {"text": "武汉"})
    saved(page)
    page.reload()
    b.settled(page)
    expect(page.get_by_role("textbox", name="说明").first).to_have_value("武汉")
    context.close()


def test_an_open_page_says_within_seconds_that_something_was_changed_elsewhere(house: House, chromium: Browser) -> None:
    context = house.context(chromium)
    one, other = house.page(context, "/basic"), house.page(context, "/basic")
    retype(other, "联系人姓名", "别处的人")
    other.keyboard.press("Tab")
    saved(other)
    one.bring_to_front()
    expect(one.get_by_text("1 项已在别处修改")).to_be_visible(timeout=10_000)
    one.get_by_role("button", name="刷新显示").click()
    expect(box(one, "联系人姓名")).to_have_value("别处的人")
    context.close()


def test_what_was_typed_into_another_round_s_filing_is_never_sent_into_this_one(
    house: House, chromium: Browser
) -> None:
    """What a page that is gone left behind names its filing; that of somebody else is dropped."""
    context = house.context(chromium)
    page = house.page(context, "/basic")
    retype(page, "联系人姓名", "本期的人")
    page.keyboard.press("Tab")
    saved(page)
    left = {"path": "basic.contact_name", "was": ["本期的人", ""], "now": "别期的人"}
    page.evaluate(
        "entry => sessionStorage.setItem('filing.pending', JSON.stringify([entry]))", {**left, "filing": "e0.1999"}
    )
    # A page writes down what is pending when it is left: nothing is, so what was put there stays for the next.
    page.reload()
    b.settled(page)
    saved(page)
    page.wait_for_timeout(1500)
    expect(box(page, "联系人姓名")).to_have_value("本期的人")
    assert page.evaluate("sessionStorage.getItem('filing.pending')") is None
    page.reload()
    b.settled(page)
    expect(box(page, "联系人姓名")).to_have_value("本期的人")
    context.close()


def filing_of(page: Page) -> str:
    found = page.locator(".filing-state[data-filing]").first.get_attribute("data-filing")
    assert found
    return found


def demand_of(page: Page) -> str:
    """The path of the cell of the first 说明."""
    box = page.get_by_role("textbox", name="说明").first
    name = box.evaluate(
        "node => [...node.closest('[class*=st-key-cell-]').classList].find((c) => c.startsWith('st-key-cell-'))"
    )
    return ".".join(str(name).split("-")[4:])


def test_what_is_typed_after_a_submission_elsewhere_is_kept_and_the_page_says_why(
    untouched: House, chromium: Browser
) -> None:
    context = untouched.context(chromium)
    one, other = untouched.page(context, "/basic"), untouched.page(context, "/submit")
    other.get_by_text("我已核对全部内容").click()
    b.settled(other)
    box(one, "联系人姓名").click()
    other.get_by_role("button", name="提交", exact=True).click()
    expect(other.get_by_text("无需重复提交")).to_be_visible()
    one.keyboard.press("Control+A")
    one.keyboard.type("迟到的人")
    expect(one.get_by_text("是在填报不能修改之后输入的")).to_be_visible(timeout=10_000)
    expect(one.get_by_text("迟到的人")).to_be_visible()
    expect(box(one, "联系人姓名")).to_be_disabled()
    expect(bar(one)).to_have_text("内容只供查看")
    context.close()
