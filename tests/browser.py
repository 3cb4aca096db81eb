"""A real browser on the running product: where Chromium is, how each persona signs in, when a page has settled."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from data.sample import people

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: Chromium 109, as old as the engines of QQ and 360 browsers are (tests/old_browser.sh).
OLD_CHROMIUM = Path(__file__).parent / "old_browser" / "node_modules" / "chromium"
#: Nothing but the page itself: no calls home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: A busy machine answers late; what must be fast says so where it is asked.
expect.set_options(timeout=15_000)
DESKTOP, PHONE = (1440, 900), (390, 844)

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("LIBRARY_REQUIRE_BROWSER"), reason="没有 Chromium，浏览器测试未运行"
)


needs_old_browser = pytest.mark.skipif(
    not (CHROMIUM and OLD_CHROMIUM.exists()) and not os.environ.get("LIBRARY_REQUIRE_BROWSER"),
    reason="没有 Chromium 109，旧版浏览器的测试未运行",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    assert CHROMIUM, "没有找到 Chromium，请先安装（见 README）"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def old_chromium(today: Browser) -> Browser:
    """Chromium 109, driven as `today` is. It was built to be one process: it ends with its first window."""
    assert OLD_CHROMIUM.exists(), "没有找到 Chromium 109，请先运行 sh tests/old_browser.sh"
    arguments = [*ARGUMENTS, "--headless", "--no-zygote", "--single-process"]
    return today.browser_type.launch(executable_path=OLD_CHROMIUM, args=arguments)


def window(browser: Browser, size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> BrowserContext:
    """A fresh browser profile that refuses to leave the loopback."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        color_scheme="dark" if dark else "light",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(20_000)
    return context


def settled(page: Page) -> None:
    """Wait until Streamlit has drawn the page and runs no more."""
    page.wait_for_selector('[data-testid="stMain"] h1, [data-testid="stMain"] [data-testid="stAlert"]')
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
    )
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0, timeout=20_000)
    expect(page.locator('[data-stale="true"]')).to_have_count(0)


def told(locator: Locator) -> str:
    """The text of an element, once it has one and the page has settled: a bare read takes what stands there meanwhile."""
    settled(locator.page)
    return shown(locator)


def shown(locator: Locator) -> str:
    """As `told`, on a page that is not Streamlit's."""
    expect(locator).to_have_text(re.compile(r"\S"))
    return locator.inner_text()


def value(locator: Locator) -> str:
    """What a field that comes filled in holds, once it is there."""
    expect(locator).to_have_value(re.compile(r"\S"))
    return locator.input_value()


def violations(page: Page) -> list[str]:
    """WCAG 2.2 AA, but for the list structure of Streamlit's own navigation, which no page can change."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    context = {"exclude": [["[data-testid=stSidebarNav]"]]}
    for _ in range(3):
        found = Axe().run(page, context=context, options=options).response["violations"]
        if not found:
            break
        page.wait_for_timeout(1_000)  # labels are pale while a page (re)connects: what stays is a fault
    # A filing under review is locked; WCAG 1.4.3 asks no contrast of the labels of inactive controls.
    locked = page.get_by_text("内容只供查看").count() > 0
    return [
        f"{item['id']}: {item['help']} {node['target']}"
        for item in found
        for node in item["nodes"]
        if not (locked and item["id"] == "color-contrast" and re.search("label", str(node["target"]), re.I))
    ]


def sign_in_enterprise(page: Page, address: str, filer: people.Filer, path: str = "/") -> None:
    """统一登录: the whole chain through both demonstration platforms, to the page first asked for."""
    page.goto(address + path)
    to_the_province(page)
    legal_sign_in(page, filer.uscc, people.PASSWORD)
    settled(page)


def to_the_province(page: Page) -> None:
    """From the login page by way of the funds platform to 湖北省统一身份认证平台."""
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("button", name="省平台授权登录").click()
    page.wait_for_url("**/demo-identity/sign-in**")


def legal_sign_in(page: Page, uscc: str, password: str) -> None:
    """法人登录."""
    page.get_by_label("统一社会信用代码").fill(uscc)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def type_captcha(page: Page) -> None:
    """图形验证码, as the page spells it out for who cannot read the picture."""
    page.get_by_text("看不清图片？").click()
    page.get_by_label("图形验证码").fill(shown(page.locator("details.plain code")).lower())


def type_message(page: Page) -> None:
    """获取验证码, and type what is shown."""
    type_captcha(page)
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_label("短信验证码")).to_be_focused()
    page.get_by_label("短信验证码").fill(shown(page.get_by_role("status").locator("code")))


def sign_in_local(page: Page, address: str, username: str, path: str = "/") -> None:
    """用户名登录."""
    page.goto(f"{address}/auth/login?tab=local&next={path}")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(people.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    settled(page)
