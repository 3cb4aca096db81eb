"""扫码登录 with a desktop and a telephone, and what an open tab does when its session ends."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
FILER, OFFICER = people.FILERS[0], people.STAFF[0]


def telephone(chromium: Browser) -> BrowserContext:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    context.set_default_timeout(20_000)
    return context


def shown(page: Page, server: Server, path: str = "/") -> str:
    """Open the login page on the desktop; the address in its QR code."""
    with page.expect_response(lambda answer: answer.url.endswith("/auth/qr") and answer.status == 200) as made:
        page.goto(f"{server.url}{path}")
    expect(page.locator("#scan svg")).to_be_visible()
    expect(page.locator("#scan-state")).to_have_text("等待扫码")
    return f"{server.url}/auth/qr/{made.value.json()['code']}"


def test_a_tap_on_the_telephone_lets_the_desktop_in_within_two_seconds(server: Server, chromium: Browser) -> None:
    desk, phone = b.window(chromium).new_page(), telephone(chromium).new_page()
    address = shown(desk, server, "/basic")
    # The telephone comes by the whole chain, and finds the page that the code named.
    phone.goto(address)
    b.to_the_province(phone)
    b.legal_sign_in(phone, FILER.uscc, people.PASSWORD)
    confirm = phone.get_by_role("button", name="确认登录")
    expect(confirm).to_be_visible()
    expect(desk.locator("#scan-state")).to_contain_text("已扫描，请在手机上输入核对数字并确认")
    phone.get_by_role("textbox", name="核对数字").fill(b.shown(desk.locator("#scan-number")))
    started = time.monotonic()
    confirm.tap()
    desk.wait_for_url(f"{server.url}/basic", wait_until="commit")
    assert time.monotonic() - started < 2
    b.settled(desk)
    expect(desk.get_by_role("heading", name="基础信息", level=1)).to_be_visible()
    phone.get_by_role("link", name="进入培育库").tap()
    b.settled(phone)
    desk.context.close()
    phone.context.close()


def test_a_code_that_was_cancelled_or_lost_is_made_new_by_a_click(server: Server, chromium: Browser) -> None:
    desk, phone = b.window(chromium).new_page(), telephone(chromium).new_page()
    address = shown(desk, server)
    b.sign_in_local(phone, server.url, OFFICER.username)
    phone.goto(address)
    phone.get_by_role("button", name="取消").tap()
    expect(phone.get_by_role("heading", name="已取消登录")).to_be_visible()
    again = desk.locator("#scan-again")
    expect(again).to_have_text("手机上已取消，点击刷新")
    with desk.expect_response("**/auth/qr"):
        again.click()
    expect(desk.locator("#scan-state")).to_have_text("等待扫码")
    expect(again).to_be_hidden()
    desk.route("**/auth/qr/*/state", lambda route: route.fulfill(json={"state": "expired", "name": ""}))
    expect(again).to_have_text("已过期，点击刷新")
    desk.context.close()
    phone.context.close()


def test_there_is_no_code_on_a_narrow_screen_or_without_scripts(server: Server, chromium: Browser) -> None:
    narrow = telephone(chromium).new_page()
    plain = chromium.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900}).new_page()
    for page in (narrow, plain):
        page.goto(f"{server.url}/auth/login")
        expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()
        expect(page.locator("#scan")).to_be_hidden()
        page.context.close()


def test_after_signing_out_in_one_tab_the_others_go_to_the_login_page_by_themselves(
    server: Server, chromium: Browser
) -> None:
    first = b.window(chromium).new_page()
    b.sign_in_local(first, server.url, OFFICER.username)
    second = first.context.new_page()
    second.goto(f"{server.url}/review?x=1")
    b.settled(second)
    first.goto(f"{server.url}/auth/logout")
    started = time.monotonic()
    second.wait_for_url("**/auth/login?ended=1&next=%2Freview**", wait_until="commit")
    assert time.monotonic() - started < 3
    expect(second.get_by_role("status").first).to_contain_text("登录已失效")
    first.context.close()


@pytest.mark.parametrize(("size", "dark"), [(b.DESKTOP, False), (b.PHONE, True)])
def test_five_minutes_before_the_end_a_banner_says_so(
    server: Server, chromium: Browser, size: tuple[int, int], dark: bool
) -> None:
    page = b.window(chromium, size, dark=dark).new_page()
    b.sign_in_enterprise(page, server.url, people.FILERS[1], "/basic")  # whose filing no other journey submits
    methods: list[str] = []

    def answer(route: Route) -> Any:
        methods.append(route.request.method)
        route.fulfill(json={"seconds": 1800 if "POST" in methods else 290})

    page.route("**/auth/alive", answer)
    page.get_by_role("textbox", name="注册地址").fill("还没有离开的输入 1 号")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    banner = page.get_by_role("alertdialog")
    expect(banner).to_contain_text(re.compile(r"还有 4 分 \d+ 秒因长时间未操作将退出登录"))
    box = banner.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= size[0]
    # What was typed is sent as the banner comes.
    page.wait_for_timeout(1500)
    b.settled(page)
    banner.get_by_role("button", name="继续").click()
    expect(banner).to_have_count(0)
    assert "POST" in methods
    page.goto(f"{server.url}/basic")
    b.settled(page)
    expect(page.get_by_role("textbox", name="注册地址")).to_have_value("还没有离开的输入 1 号")
    page.context.close()
