"""What is typed is kept, however fast one goes on: at a desk, on a phone, in a long text."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
FILER = people.FILERS[1]


def field_of(page: Page, server: Server, path: str, name: str) -> Locator:
    page.goto(f"{server.url}{path}")
    b.settled(page)
    return page.get_by_role("textbox", name=name).first


@pytest.mark.parametrize("pause", [0, 20, 60, 150, 300])
def test_typing_and_at_once_going_to_another_step_loses_nothing(server: Server, chromium: Browser, pause: int) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_enterprise(page, server.url, FILER, "/basic")
    text = f"武汉市洪山区快键路 {pause} 号"
    page.get_by_role("textbox", name="注册地址").fill(text)
    page.wait_for_timeout(pause)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="市场需求").click()
    expect(page.get_by_role("heading", name="市场需求", level=1)).to_be_visible()
    b.settled(page)
    expect(field_of(page, server, "/basic", "注册地址")).to_have_value(text)
    page.context.close()


def test_a_tap_on_a_phone_right_after_typing_loses_nothing(server: Server, chromium: Browser) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    b.sign_in_enterprise(page, server.url, FILER, "/basic")
    for number in range(3):
        page.get_by_role("textbox", name="注册地址").fill(f"触屏路 {number} 号")
        page.get_by_test_id("stMain").get_by_role("link", name="市场需求").tap()
        expect(page.get_by_role("heading", name="市场需求", level=1)).to_be_visible()
        b.settled(page)
        page.get_by_test_id("stMain").get_by_role("link", name="基础信息").tap()
        expect(page.get_by_role("heading", name="基础信息", level=1)).to_be_visible()
        b.settled(page)
        expect(page.get_by_role("textbox", name="注册地址")).to_have_value(f"触屏路 {number} 号")
    context.close()


def test_a_long_text_is_saved_at_a_pause_without_leaving_it(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_enterprise(page, server.url, FILER, "/market")
    page.get_by_role("button", name="新增市场需求").click()
    box = page.get_by_role("textbox", name="说明").last
    box.press_sequentially("需要一批行业数据用于微调", delay=30)
    page.wait_for_timeout(1800)
    b.settled(page)
    page.reload()
    b.settled(page)
    expect(page.get_by_role("textbox", name="说明").last).to_have_value("需要一批行业数据用于微调")
    page.context.close()


def test_a_deleted_row_comes_back_by_undo(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_enterprise(page, server.url, FILER, "/market")
    rows = page.get_by_role("textbox", name="标题")
    b.settled(page)
    before = rows.count()
    page.get_by_role("button", name="新增市场需求").click()
    expect(rows).to_have_count(before + 1)
    rows.last.fill("可撤销的需求")
    page.wait_for_timeout(900)
    page.get_by_role("button", name="删除", exact=False).last.click()
    expect(rows).to_have_count(before)
    page.get_by_role("button", name="撤销删除").click()
    expect(rows.last).to_have_value("可撤销的需求")
    page.context.close()
