"""站内信 in a real browser: written without hurry, read on the other side, answered, and the answer read."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
FIRM = people.FILERS[0]


def open_first(page: Page) -> None:
    grid = page.get_by_test_id("stDataFrame").first
    box = grid.bounding_box()
    assert box
    page.mouse.click(box["x"] + 120, box["y"] + 52)


def test_a_letter_goes_out_when_its_button_is_pressed_and_comes_back_answered(
    server: Server, chromium: Browser
) -> None:
    city, firm = b.window(chromium).new_page(), b.window(chromium).new_page()
    b.sign_in_local(city, server.url, "shiji", "/messages?view=写信")
    city.get_by_label("搜索企业").fill(FIRM.uscc)
    city.keyboard.press("Enter")
    b.settled(city)
    city.get_by_label("企业", exact=True).click()
    city.get_by_role("option", name=FIRM.enterprise_name).click()
    expect(city.get_by_text("将发给 1 个账号")).to_be_visible()
    city.keyboard.press("Escape")
    title, text = city.get_by_label("标题"), city.get_by_label("内容")
    title.fill("请补充评测材料")
    title.press("Enter")
    text.fill("请于本周五前补充。")
    city.wait_for_timeout(1_500)  # longer than the pause after which a long text outside a form is sent
    expect(city.get_by_test_id("stAlert")).to_have_count(0)
    expect(text).to_have_value("请于本周五前补充。")
    city.get_by_role("button", name="发送", exact=True).click()
    expect(city.get_by_text("已发送给 1 个账号。")).to_be_visible()
    expect(text).to_have_value("")

    b.sign_in_enterprise(firm, server.url, FIRM, "/messages")
    waiting = firm.get_by_text(re.compile(r"^未读：站内信 \d"))
    unread = firm.get_by_text(b.told(waiting), exact=True)  # one letter, and what other journeys have left
    open_first(firm)
    expect(firm.get_by_text("请于本周五前补充。")).to_be_visible()
    expect(unread).to_have_count(0)
    firm.get_by_label("回复").fill("已经补充。")
    firm.wait_for_timeout(1_500)
    expect(firm.get_by_test_id("stAlert")).to_have_count(0)
    firm.get_by_role("button", name="回复", exact=True).click()
    expect(firm.get_by_text("已回复。")).to_be_visible()

    city.goto(f"{server.url}/messages")
    b.settled(city)
    open_first(city)
    expect(city.get_by_role("heading", name="回复：请补充评测材料")).to_be_visible()
    expect(city.get_by_text("已经补充。")).to_be_visible()
    city.goto(f"{server.url}/messages?view=已发送")
    b.settled(city)
    open_first(city)
    expect(city.get_by_text("收件 1 个账号，已读 1，未读 0")).to_be_visible()
    for page in (city, firm):
        page.context.close()


def test_a_problem_is_reported_from_the_page_it_is_on_and_confirmed(server: Server, chromium: Browser) -> None:
    firm, district = b.window(chromium).new_page(), b.window(chromium).new_page()
    b.sign_in_enterprise(firm, server.url, FIRM, "/business")
    firm.get_by_role("button", name="报告问题").click()
    box = firm.get_by_role("textbox", name="遇到了什么问题")
    box.fill("保存之后数字变了")
    firm.wait_for_timeout(1_500)  # longer than the pause after which a long text outside a form is sent
    firm.get_by_role("button", name="发送", exact=True).click()
    expect(firm.get_by_text("问题已发给东湖高新区审核人员")).to_be_visible()
    expect(box).to_have_count(0)  # the form is closed
    b.sign_in_local(district, server.url, "donghu", "/messages")
    open_first(district)
    expect(district.get_by_text("保存之后数字变了")).to_be_visible()
    expect(district.get_by_text("页面：AI业务条件")).to_be_visible()


def test_the_manual_is_read_on_the_page_it_is_about(server: Server, chromium: Browser) -> None:
    firm = b.window(chromium).new_page()
    b.sign_in_enterprise(firm, server.url, FIRM, "/business")
    firm.get_by_role("button", name="帮助", exact=True).click()
    expect(firm.get_by_text("金额单位是万元")).to_be_visible()
    expect(firm.get_by_text("据《系统操作手册》第2章，AI业务条件")).to_be_visible()
    assert b.violations(firm) == []
    firm.keyboard.press("Escape")
    firm.get_by_test_id("stSidebarNav").get_by_role("link", name="市场需求").click()
    expect(firm.get_by_role("heading", name="市场需求", level=1)).to_be_visible()
    b.settled(firm)
    firm.get_by_role("button", name="帮助", exact=True).click()
    expect(firm.get_by_text("点“新增市场需求”，写明")).to_be_visible()
