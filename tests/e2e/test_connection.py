"""What a page says when its connection ends, and that it says nothing when the page is left or the session is over."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
#: Keeps the page's websockets where a test can close them as a network would.
NOTE_SOCKETS = """const Known = WebSocket; window.sockets = [];
window.WebSocket = class extends Known { constructor(...given) { super(...given); window.sockets.push(this); } };"""


@pytest.fixture
def page(server: Server, chromium: Browser) -> Page:
    page = b.window(chromium).new_page()
    page.add_init_script(NOTE_SOCKETS)
    b.sign_in_enterprise(page, server.url, people.FILERS[1], "/basic")
    return page


def test_a_lost_connection_is_said_within_a_second_and_taken_back(page: Page) -> None:
    said = page.get_by_role("alert").filter(has_text="连接已断开，正在重连")
    expect(said).to_have_count(0)
    page.get_by_role("textbox", name="注册地址").fill("断线之前输入的 1 号")
    page.route("**/_stcore/health", lambda route: route.abort())
    page.evaluate("sockets.at(-1).close()")
    expect(said).to_be_visible(timeout=1000)
    expect(said).to_contain_text("请不要刷新或关闭")
    expect(page.get_by_role("textbox", name="注册地址")).to_have_value("断线之前输入的 1 号")
    # Streamlit greys out the links of a page without a connection.
    assert [each for each in b.violations(page) if not each.startswith("color-contrast")] == []
    page.unroute("**/_stcore/health")
    expect(said).to_have_count(0, timeout=20_000)
    b.settled(page)
    page.context.close()


def test_nothing_is_said_when_the_session_is_over(server: Server, page: Page) -> None:
    """The page leads to the login page, which says why."""
    page.evaluate("""() => { window.name = '';
      new MutationObserver(() => { if (document.getElementById('connection-lost')) window.name = 'said'; })
        .observe(document.body, { childList: true }); }""")
    page.context.new_page().goto(f"{server.url}/auth/logout")
    page.wait_for_url(re.compile("/auth/login"))
    assert page.evaluate("window.name") == ""
    page.context.close()
