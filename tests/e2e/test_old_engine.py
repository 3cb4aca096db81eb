"""The main pages in Chromium 109, an engine as old as those of QQ and 360 browsers: nothing fails, nothing is missing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, b.needs_old_browser, pytest.mark.xdist_group("browser")]
FILER = people.FILERS[1]
ENGINES = Path(__file__).parents[2] / "ui" / "base" / "js" / "engines.js"
#: What the engine lacks -> what it answers once it is supplied, as JSON.
SUPPLIED = {
    "'a%b'.replaceAll(RegExp('%', 'gv'), '-')": "a-b",
    "new RegExp('\\\\p{Lu}', 'v').test('É')": True,
    "/a/ instanceof RegExp && RegExp('a') instanceof RegExp && RegExp.prototype === /a/.__proto__": True,
    "[3, 1, 2].toSorted()": [1, 2, 3],
    "[3, 1, 2].toSorted((a, b) => b - a)": [3, 2, 1],
    "[1, 2].toReversed()": [2, 1],
    "[1, 2, 3].toSpliced(1, 1, 8, 9)": [1, 8, 9, 3],
    "[1, 2, 3].with(-1, 9)": [1, 2, 9],
    "[...new Int8Array([3, 1]).toSorted()]": [1, 3],
    "Object.groupBy([1, 2, 3], (n) => n % 2 ? 'odd' : 'even')": {"odd": [1, 3], "even": [2]},
    "[...new Set([1, 2]).union(new Set([2, 3]))]": [1, 2, 3],
    "[...new Set([1, 2]).intersection(new Set([2, 3]))]": [2],
    "[...new Set([1, 2]).difference(new Set([2, 3]))]": [1],
    "new Set([1]).isSubsetOf(new Set([1, 2])) && !new Set([3]).isSubsetOf(new Set([1, 2]))": True,
    "URL.canParse('https://a/b') && !URL.canParse('//')": True,
    "(({ promise, resolve }) => (resolve(7), promise))(Promise.withResolvers())": 7,
    "(([a, b]) => { const all = AbortSignal.any([a.signal, b.signal]); b.abort('why'); return all.reason; })"
    "([new AbortController(), new AbortController()])": "why",
    "(() => { try { [1].with(5, 1); } catch (error) { return error.name; } })()": "RangeError",
    "(() => { const names = []; for (const name in [1]) names.push(name); return names; })()": ["0"],
}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window of the old browser in which no script may fail."""
    old = b.old_chromium(chromium)
    assert old.version.startswith("109.")
    page = b.window(old).new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    old.close()
    assert failures == []


def step(page: Page, name: str) -> None:
    """Open a page by its entry in the menu."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    b.settled(page)


def test_an_enterprise_files_in_an_old_browser(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/auth/login")
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()  # and not the page for older ones
    b.sign_in_enterprise(page, server.url, FILER, "/basic")
    expect(page.get_by_role("textbox", name="企业名称")).to_have_value(FILER.enterprise_name)
    step(page, "技术条件")
    expect(page.get_by_role("textbox", name="缴纳社保总人数")).to_be_visible()
    step(page, "AI业务条件")
    amount = page.get_by_role("textbox", name="全年（预测），软件收入（万元）").first
    typed = "345.67" if b.value(amount) != "345.67" else "346.78"
    amount.fill(typed)
    page.wait_for_timeout(900)  # a pause in typing saves
    expect(page.locator(".st-key-filing-bar .filing-state")).to_have_text(re.compile(r"已保存 \d\d:\d\d:\d\d"))
    step(page, "核对提交")
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_visible()
    step(page, "工作台")
    page.goto(f"{server.url}/business")
    b.settled(page)
    expect(amount).to_have_value(typed)


def test_the_bureau_sees_its_charts_in_an_old_browser(server: Server, page: Page) -> None:
    b.sign_in_local(page, server.url, "shiji", "/overview")
    charts = page.get_by_test_id("stPlotlyChart").locator(".main-svg").filter(has=page.locator(".trace"))
    expect(charts).not_to_have_count(0)
    step(page, "阈值测算")
    expect(charts).not_to_have_count(0)


def test_what_an_old_engine_lacks_is_supplied_as_the_standard_has_it(page: Page) -> None:
    page.add_script_tag(content=ENGINES.read_text("utf-8"))
    assert {code: page.evaluate(code) for code in SUPPLIED} == SUPPLIED


@pytest.mark.parametrize("path", ["/auth/login", "/basic"])
def test_an_engine_before_chromium_103_is_told_which_browser_to_take(
    server: Server, chromium: Browser, path: str
) -> None:
    context = b.window(chromium)
    page = context.new_page()
    b.sign_in_enterprise(page, server.url, FILER)
    if path == "/auth/login":
        context.clear_cookies()
    context.add_init_script("delete AbortSignal.timeout")
    page.goto(f"{server.url}{path}")
    expect(page.get_by_role("heading", level=1)).to_have_text("请换一个浏览器")
    expect(page.get_by_role("main")).to_contain_text("极速模式")
    expect(page.get_by_role("main")).to_contain_text(f"{server.url}{path}")
    expect(page.get_by_test_id("stApp")).to_have_count(0)
    expect(page.get_by_role("button")).to_have_count(0)
    page.context.close()
