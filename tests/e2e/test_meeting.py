"""例会放映 in a real browser: by key, by itself, light and dark; every screen within its frame at every size."""

import pytest
from playwright.sync_api import Browser, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]

#: What of a screen lies outside its frame or over the controls, and how wide the whole is.
_OUTSIDE = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const stage = box('.st-key-stage'), controls = box('.st-key-controls'), found = [];
  if (controls.top < stage.bottom || controls.bottom > innerHeight) found.push('controls');
  for (const node of document.querySelectorAll('.st-key-stage :is(h1, p, li, td, th, .bar-text, .bar-label)')) {
    const r = node.getBoundingClientRect();
    if (r.bottom > stage.bottom + 1 || r.right > stage.right + 1 || r.left < stage.left - 1) found.push(node.textContent);
  }
  const body = document.querySelector('.st-key-body');
  for (const node of body ? body.querySelectorAll('p, li, tr') : [])
    if (node.getBoundingClientRect().bottom > body.getBoundingClientRect().bottom + 1) found.push('cut: ' + node.textContent);
  return [found, stage.width / stage.height, document.querySelector('[data-testid=stMain]').scrollWidth];
}"""


@pytest.fixture
def officer(server: Server, chromium: Browser) -> Page:
    page = b.window(chromium, (1280, 720)).new_page()
    b.sign_in_local(page, server.url, people.STAFF[2].username)
    return page


def test_nothing_leaves_its_frame_at_any_size(server: Server, officer: Page) -> None:
    for number in range(1, 13):
        officer.goto(f"{server.url}/meeting?id=sample1&screen={number}")
        b.settled(officer)
        for size in ((1280, 720), (1440, 900), (1920, 1080)):
            officer.set_viewport_size({"width": size[0], "height": size[1]})
            officer.wait_for_timeout(250)
            outside, ratio, width = officer.evaluate(_OUTSIDE)
            assert outside == [], (number, size)
            assert abs(ratio - 16 / 9) < 0.01
            assert width <= size[0]
        officer.set_viewport_size({"width": b.PHONE[0], "height": b.PHONE[1]})
        officer.wait_for_timeout(250)
        assert officer.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= b.PHONE[0], number
    officer.context.close()


def test_keys_turn_the_screens_and_escape_leads_back(server: Server, officer: Page) -> None:
    officer.goto(f"{server.url}/meeting?id=sample2")
    b.settled(officer)
    expect(officer.get_by_test_id("stSidebarNav")).to_have_count(0)
    for key, heading in (
        ("ArrowRight", "主要数字"), ("Space", "较上次例会变化"), ("PageDown", "变化分解"), ("ArrowLeft", "较上次例会变化"),
        ("PageUp", "主要数字"), ("End", "决议"), ("Home", "人工智能产业周例会"),
    ):  # fmt: skip
        officer.keyboard.press(key)
        expect(officer.get_by_role("heading", level=1)).to_have_text(heading)
        b.settled(officer)  # a key pressed while the page still runs may be lost
    officer.keyboard.press("Escape")
    expect(officer.get_by_role("heading", level=1)).to_have_text("例会")
    expect(officer.get_by_test_id("stSidebarNav")).to_be_visible()
    officer.context.close()


def test_it_plays_by_itself_and_stops_at_the_end(server: Server, officer: Page) -> None:
    officer.goto(f"{server.url}/meeting?id=sample2&screen=10&play=10")
    b.settled(officer)
    expect(officer.get_by_role("heading", level=1)).to_have_text("决议", timeout=25_000)
    officer.wait_for_timeout(11_000)
    expect(officer.get_by_role("heading", level=1)).to_have_text("决议")
    officer.context.close()


def test_light_or_dark_is_chosen_by_the_address_and_stays_until_escape(server: Server, officer: Page) -> None:
    officer.goto(f"{server.url}/meetings?id=sample2")
    b.settled(officer)
    usual = officer.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme")
    for word, scheme in (("深色放映", "dark"), ("浅色放映", "light")):
        officer.goto(f"{server.url}/meetings?id=sample2")
        b.settled(officer)
        officer.get_by_role("link", name=word).click()
        b.settled(officer)
        officer.keyboard.press("ArrowRight")
        expect(officer.get_by_role("heading", level=1)).to_have_text("主要数字")
        assert officer.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme") == scheme
        assert f"{scheme}_theme" in officer.url
        # The list comes back as it was, in the theme of every other page.
        officer.keyboard.press("Escape")
        officer.wait_for_url("**/meetings?id=sample2")
        b.settled(officer)
        expect(officer.get_by_role("heading", level=1)).to_have_text("例会")
        assert officer.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme") == usual
    officer.context.close()
