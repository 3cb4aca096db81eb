"""审核 in a real browser: rows to click, an address that keeps, a decision that stays in sight, two reviewers at once."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
#: Of the list: the height of a row, and where its text begins.
ROW, TEXT = 35, 120


def reviewer(
    server: Server, chromium: Browser, username: str, path: str = "/review", size: tuple[int, int] = b.DESKTOP
) -> Page:
    page = b.window(chromium, size).new_page()
    b.sign_in_local(page, server.url, username, path)
    expect(page).to_have_url(re.compile("filing="))
    return page


def name(page: Page) -> str:
    return b.told(page.locator('[data-testid="stMain"] h2'))


def click_row(page: Page, row: int) -> None:
    grid = page.locator('[data-testid="stDataFrame"]:visible').last
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box
    page.mouse.click(box["x"] + TEXT, box["y"] + ROW * (row + 1) + ROW / 2)


def opens(page: Page, before: str) -> str:
    """The name of the filing that takes the place of `before`."""
    expect(page.locator('[data-testid="stMain"] h2')).not_to_have_text(before)
    return name(page)


def test_a_row_opens_its_filing_and_the_address_keeps_it(server: Server, chromium: Browser) -> None:
    page = reviewer(server, chromium, "hongshan")
    first = name(page)
    click_row(page, 2)
    third = opens(page, first)
    click_row(page, 1)
    second = opens(page, third)
    assert len({first, second, third}) == 3
    expect(page.get_by_role("combobox", name="打开填报")).to_have_value(second)
    page.get_by_role("button", name="下一份").click()
    assert opens(page, second) == third
    address = page.url
    page.reload()
    assert name(page) == third
    assert page.url == address
    colleague = reviewer(server, chromium, "shiji", address.removeprefix(server.url))
    assert name(colleague) == third
    page.go_back()
    assert opens(page, third) == second
    stranger = b.window(chromium).new_page()
    b.sign_in_local(stranger, server.url, "donghu", address.removeprefix(server.url))
    expect(stranger.get_by_text("没有这份填报，或不在您的管辖范围内")).to_be_visible()
    expect(stranger.get_by_role("heading", level=2)).to_have_count(0)


def test_a_filing_that_waits_for_nobody_here_is_found_by_its_name_in_the_view_of_all(
    server: Server, chromium: Browser
) -> None:
    page = reviewer(server, chromium, "shiji", "/review?view=%E5%85%A5%E5%BA%93")
    admitted = name(page)
    page.get_by_role("radio", name="待我审核").click()
    waiting = opens(page, admitted)
    box = page.get_by_role("combobox", name="打开填报")
    page.get_by_role("radio", name="全部").click()
    b.settled(page)
    assert name(page) == waiting, "another view does not take the filing away"
    box.click()
    box.fill(admitted[:6])
    page.get_by_role("option", name=admitted).first.click()
    assert opens(page, waiting) == admitted


def test_a_decision_stays_in_sight_and_the_next_is_one_click_away(server: Server, chromium: Browser) -> None:
    page = reviewer(server, chromium, "hongshan")
    first, address = name(page), page.url
    page.get_by_role("button", name="通过，报市级审核").click()
    said = page.get_by_text(f"{first}：通过，报市级审核，已完成。当前状态：区级通过（待市级审核）。")
    expect(said).to_be_in_viewport()
    b.settled(page)
    assert (name(page), page.url) == (first, address)
    expect(page.get_by_role("button", name="通过，报市级审核")).to_have_count(0)
    further = page.get_by_role("button", name="下一份")
    expect(further).to_be_in_viewport()
    further.click()
    opens(page, first)
    expect(page.get_by_role("button", name="通过，报市级审核")).to_be_visible()
    expect(said).to_have_count(0)


def test_the_slower_of_two_reviewers_is_told_and_keeps_the_filing_before_him(server: Server, chromium: Browser) -> None:
    slow, fast = (reviewer(server, chromium, "hongshan") for _ in range(2))
    both = name(slow)
    assert name(fast) == both
    # Typed and pressed at once: what stands in the box counts.
    fast.get_by_role("textbox", name="总体意见").fill("收入口径请说明")
    fast.get_by_role("button", name="退回", exact=True).last.click()
    expect(fast.get_by_text(f"{both}：退回，已完成。")).to_be_visible()
    slow.get_by_role("button", name="通过，报市级审核").click()
    expect(slow.get_by_text("当前状态为“退回”，您的操作未执行")).to_be_in_viewport()
    assert name(slow) == both
    expect(slow.get_by_text("状态：退回")).to_be_visible()
    expect(slow.get_by_role("button", name="通过，报市级审核")).to_have_count(0)
    slow.get_by_text("办理记录").click()
    expect(slow.get_by_text("总体意见：收入口径请说明")).to_be_visible()


@pytest.mark.parametrize("size", [b.DESKTOP, b.PHONE], ids=["desktop", "phone"])
def test_an_admission_is_revoked_only_when_confirmed(server: Server, chromium: Browser, size: tuple[int, int]) -> None:
    page = reviewer(server, chromium, "shiji", "/review?view=%E5%85%A5%E5%BA%93", size)
    company = name(page)
    page.get_by_role("textbox", name="总体意见").fill("经核查材料不实")
    page.get_by_test_id("stPopover").get_by_role("button").click()
    expect(page.get_by_text(f"将撤销 {company} 的入库资格")).to_be_in_viewport()
    b.settled(page)
    expect(page.get_by_text("状态：入库")).to_have_count(1)
    page.get_by_role("button", name="确认撤销入库").click()
    expect(page.get_by_text(f"{company}：撤销入库，已完成。当前状态：撤销入库。")).to_be_in_viewport()
    assert name(page) == company


def test_on_a_phone_the_decision_comes_before_the_tables(server: Server, chromium: Browser) -> None:
    page = reviewer(server, chromium, "donghu", size=b.PHONE)
    name(page)
    decision = page.get_by_role("button", name="通过，报市级审核").bounding_box()
    tables = page.locator('[data-testid="stTable"]').first.bounding_box()
    assert decision and tables
    assert decision["y"] < tables["y"]
    assert decision["y"] < 2_500
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= b.PHONE[0]


def test_headings_go_down_one_level_at_a_time(server: Server, chromium: Browser) -> None:
    page = reviewer(server, chromium, "donghu")
    name(page)
    levels = [
        int(tag[1])
        for tag in page.locator('[data-testid="stMain"] :is(h1,h2,h3,h4)').evaluate_all(
            "all => all.map(h => h.tagName)"
        )
    ]
    assert levels[:2] == [1, 2]
    assert all(after - before <= 1 for before, after in pairwise(levels))
