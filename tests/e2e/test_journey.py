"""The main job in a real browser: an enterprise files and submits, district and city admit, the overview moves."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
NEW, RETURNED = people.FILERS


def metric(page: Page, label: str) -> Locator:
    return page.locator('[data-testid="stMetric"]', has_text=label).locator('[data-testid="stMetricValue"]')


def number(told: str) -> int:
    return int(re.sub(r"\D", "", told))


def fill(page: Page, label: str, value: str, nth: int = 0) -> None:
    """Type and wait until the page says that it is saved."""
    page.get_by_role("textbox", name=label).nth(nth).fill(value)
    page.wait_for_timeout(900)  # a pause in typing saves
    b.settled(page)


def saved(page: Page) -> None:
    expect(page.locator(".st-key-filing-bar .filing-state")).to_have_text(re.compile(r"已保存 \d\d:\d\d:\d\d"))


def open_filing(page: Page, name: str) -> None:
    box = page.get_by_role("combobox", name="打开填报")
    box.click()
    box.fill(name[:6])
    page.get_by_role("option", name=name).first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    b.settled(page)


def test_an_enterprise_files_and_is_admitted_and_the_open_overview_moves(server: Server, chromium: Browser) -> None:
    wall = b.window(chromium).new_page()
    b.sign_in_local(wall, server.url, "shiji", "/overview?year=2026%E9%A2%84%E5%88%A4")
    missing = number(b.told(metric(wall, "缺报")))
    core = number(b.told(metric(wall, "核心企业")))

    filer = b.window(chromium).new_page()
    b.sign_in_enterprise(filer, server.url, NEW, "/business")
    expect(filer).to_have_url(re.compile("/business$"))  # the page first asked for
    expect(filer.get_by_role("heading", name="AI业务条件")).to_be_visible()
    expect(filer.get_by_role("textbox", name="年份").first).to_have_value(re.compile("20"))
    year = b.value(filer.get_by_role("textbox", name="年份").first)
    filer.get_by_text("年（已填，可展开修改）").first.click()
    last_total = b.value(
        filer.get_by_role("textbox", name=f"{int(year) - 1}年全年（预测），总收入（万元）")
    )  # carried over
    total = float(last_total)
    asked = f"{year}年全年（预测），"
    fill(filer, f"{asked}* 总收入（万元）", f"{total:.2f}")
    fill(filer, f"{asked}* AI业务收入（万元）", f"{total * 0.8:.2f}")
    fill(filer, f"{asked}软件收入（万元）", f"{total * 0.8:.2f}")
    saved(filer)
    expect(filer.get_by_role("textbox", name=f"{asked}AI收入占比（%）")).to_have_value("80.00")

    filer.reload()
    b.settled(filer)
    expect(filer.get_by_role("textbox", name="年份").first).to_have_value(year)
    expect(filer.get_by_role("textbox", name=f"{asked}* 总收入（万元）")).to_have_value(f"{total:.2f}")

    filer.get_by_role("link", name="核对提交").click()
    expect(filer.get_by_role("heading", name="核对提交")).to_be_visible()
    b.settled(filer)
    for box in filer.get_by_label("情况说明").all():
        box.fill("本年新签两个行业大模型项目，收入按合同进度确认。")
        box.blur()
        b.settled(filer)
    filer.get_by_text("我已核对全部内容").click()
    filer.get_by_role("button", name="提交", exact=True).click()
    expect(filer.get_by_text("无需重复提交")).to_be_visible()

    district = b.window(chromium).new_page()
    b.sign_in_local(district, server.url, "donghu", "/review")
    open_filing(district, NEW.enterprise_name)
    expect(district.get_by_text("名录身份：核心企业")).to_be_visible()
    district.get_by_role("button", name="通过，报市级审核").click()
    expect(district.get_by_text("已完成")).to_be_visible()

    city = b.window(chromium).new_page()
    b.sign_in_local(city, server.url, "shiji", "/review")
    open_filing(city, NEW.enterprise_name)
    city.get_by_role("button", name="通过，入库").click()
    expect(city.get_by_text("已完成")).to_be_visible()

    # The wall was not touched: it moves by itself (two seconds at rest; ten are for a busy test machine).
    expect(metric(wall, "核心企业")).to_have_text(re.compile(rf"^{core + 1:,}\s*家$"), timeout=10_000)
    expect(metric(wall, "缺报")).to_have_text(re.compile(rf"^{missing - 1:,}\s*家$"))

    filer.goto(f"{server.url}/workbench")
    b.settled(filer)
    expect(filer.get_by_text("企业已入库")).to_be_visible()


def test_what_is_typed_survives_a_closed_window_and_another_device(server: Server, chromium: Browser) -> None:
    desk = b.window(chromium)
    page = desk.new_page()
    b.sign_in_enterprise(page, server.url, RETURNED, "/basic")
    expect(page.get_by_text("填报被退回")).to_be_visible()
    fill(page, "注册地址", "武汉市洪山区测试路 8 号")
    saved(page)
    desk.close()

    phone = b.window(chromium, b.PHONE).new_page()
    b.sign_in_enterprise(phone, server.url, RETURNED, "/basic")
    expect(phone.get_by_role("textbox", name="注册地址")).to_have_value("武汉市洪山区测试路 8 号")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390, "nothing wider than the phone"


def test_a_second_tab_with_an_old_version_is_told_and_shown_both(server: Server, chromium: Browser) -> None:
    context = b.window(chromium)
    one, two = context.new_page(), context.new_page()
    b.sign_in_enterprise(one, server.url, RETURNED, "/basic")
    two.goto(f"{server.url}/basic")
    b.settled(two)
    fill(one, "企业联系人姓名", "甲")
    saved(one)
    two.get_by_role("textbox", name="企业联系人姓名").fill("乙")
    expect(two.get_by_text("在您打开之后已被保存过")).to_be_visible()
    expect(two.get_by_role("textbox", name="企业联系人姓名")).to_have_value("乙")
    two.get_by_role("button", name="采用已保存的").click()
    expect(two.get_by_role("textbox", name="企业联系人姓名")).to_have_value("甲")


def test_wrong_input_gets_its_sentence_and_stays(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_enterprise(page, server.url, RETURNED, "/business")
    fill(page, "全年（预测），软件收入（万元）", "约三百")
    expect(page.get_by_text("不是数字")).to_be_visible()
    page.reload()
    b.settled(page)
    expect(page.get_by_role("textbox", name="全年（预测），软件收入（万元）").first).to_have_value("约三百")
    page.get_by_role("link", name="核对提交").click()
    b.settled(page)
    expect(page.get_by_text("填的是“约三百”")).to_be_visible()
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_disabled()


def test_signing_out_ends_the_other_tab(server: Server, chromium: Browser) -> None:
    context = b.window(chromium)
    one, two = context.new_page(), context.new_page()
    b.sign_in_local(one, server.url, "hongshan", "/overview")
    two.goto(f"{server.url}/overview")
    b.settled(two)
    one.get_by_role("link", name="退出登录").click()
    expect(one.get_by_role("heading", name="用户登录")).to_be_visible()
    # The open tab's live fragment runs within two seconds and finds no session.
    expect(two.get_by_text("登录已失效")).to_be_visible(timeout=15_000)
