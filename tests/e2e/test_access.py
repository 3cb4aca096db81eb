"""The filing steps with wrong input, as a screen reader has them: each sentence belongs to its field, each name is whole."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
FILER = people.FILERS[1]


@pytest.fixture(scope="module")
def page(server: Server, chromium: Browser) -> Page:
    page = b.window(chromium).new_page()
    b.sign_in_enterprise(page, server.url, FILER, "/workbench")
    return page


def opened(page: Page, server: Server, step: str) -> None:
    page.goto(f"{server.url}/{step}")
    b.settled(page)


def typed(field: Locator, text: str) -> None:
    field.fill(text)
    field.page.wait_for_timeout(900)
    b.settled(field.page)


@pytest.mark.parametrize(
    ("step", "label", "wrong", "sentence"),
    [
        ("basic", "联系人电话", "一二三", "联系人电话："),
        ("basic", "资产总额（万元）", "约三百", "资产总额：不是数字"),
        ("technology", "缴纳社保总人数（人）", "一百", "缴纳社保总人数：不是数字"),
        ("technology", "授权/登记日期", "去年", "授权/登记日期："),
        ("business", "年份", "去年", "年份："),
        ("business", "全年（预测），软件收入（万元）", "约三百", "软件收入：不是数字"),
    ],
)
def test_a_field_that_is_wrong_says_so_and_is_right_again(
    server: Server, page: Page, step: str, label: str, wrong: str, sentence: str
) -> None:
    opened(page, server, step)
    field = page.get_by_role("textbox", name=label).first
    right = field.input_value()
    typed(field, wrong)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
    said = page.get_by_role("alert").filter(has_text=sentence)
    expect(said).to_have_count(1)  # announced once
    other = page.locator("[data-testid=stMain] [aria-invalid=true]")
    expect(other).to_have_count(1)
    assert b.violations(page) == []
    typed(field, right)
    expect(other).to_have_count(0)
    expect(field).to_have_accessible_description("")


def test_every_figure_is_named_with_its_year_and_period(server: Server, page: Page) -> None:
    opened(page, server, "business")
    page.get_by_text("年（已填，可展开修改）").first.click()
    page.get_by_text("选填：").first.click()
    fields = page.get_by_role("textbox", name=re.compile("收入"))
    expect(fields.nth(39)).to_be_visible()
    names = [field.get_attribute("aria-label") or "" for field in fields.all()]
    assert len(names) >= 40 and len(set(names)) == len(names), "no two alike"
    assert all(
        re.match(r"20\d\d年(截至[一二三]季末|全年（预测）)，(\* )?(总|AI业务|AI|软件|硬件)收入", name) for name in names
    )


def test_a_figure_takes_the_year_that_is_typed(server: Server, page: Page) -> None:
    opened(page, server, "business")
    page.get_by_role("button", name="新增年度").click()
    b.settled(page)
    expect(page.get_by_role("textbox", name="未填年全年（预测），总收入（万元）")).to_be_visible()
    typed(page.get_by_role("textbox", name="年份").first, "2030")
    expect(page.get_by_role("textbox", name="2030年全年（预测），总收入（万元）")).to_be_visible()
    page.get_by_role("button", name="删除此年度：2030年").click()
    page.get_by_role("button", name="确认删除").click()
    b.settled(page)


def test_a_button_of_a_row_names_its_row(server: Server, page: Page) -> None:
    opened(page, server, "technology")
    buttons = page.get_by_role("button", name=re.compile("^删除"))
    expect(buttons).not_to_have_count(0)
    names = [button.get_attribute("aria-label") for button in buttons.all()]
    assert all(re.fullmatch(r"删除：\S+ 第 \d+ 条", name or "") for name in names) and len(set(names)) == len(names)
