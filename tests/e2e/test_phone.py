"""Filing on a phone of 390 px: the menu goes away, fields bring their keyboard, and the first one is near the top."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]
FILER = people.FILERS[1]
STEPS = {"basic": "基础信息", "technology": "技术条件", "business": "AI业务条件", "market": "市场需求"}


@pytest.fixture(scope="module")
def phone(server: Server, chromium: Browser) -> Iterator[Page]:
    """The window of an enterprise whose filing has come back, on a telephone."""
    width, height = b.PHONE
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    b.sign_in_enterprise(page, server.url, FILER, "/workbench")
    yield page
    context.close()


def opened(page: Page, server: Server, step: str) -> None:
    page.goto(f"{server.url}/{step}")
    b.settled(page)


def test_a_choice_in_the_menu_closes_it(server: Server, phone: Page) -> None:
    opened(phone, server, "basic")
    menu = phone.get_by_test_id("stSidebarNav")
    for name in ("市场需求", "站内信"):
        phone.get_by_test_id("stExpandSidebarButton").tap()
        expect(menu).to_be_in_viewport()
        menu.get_by_role("link", name=name).tap()
        expect(phone.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(menu).not_to_be_in_viewport()
        b.settled(phone)


@pytest.mark.parametrize("step", STEPS)
def test_no_field_makes_the_phone_enlarge_the_page(server: Server, phone: Page, step: str) -> None:
    opened(phone, server, step)
    small = """() => [...document.querySelectorAll('.stApp input, .stApp textarea, .stApp select')]
      .filter((field) => field.type !== 'radio' && field.type !== 'file' && parseFloat(getComputedStyle(field).fontSize) < 16)
      .map((field) => field.ariaLabel)"""
    assert phone.evaluate(small) == []


@pytest.mark.parametrize(
    ("step", "keyboards"),
    [
        ("basic", {"联系人电话": "tel", "联系人邮箱": "email", "资产总额（万元）": "decimal", "注册地址": ""}),
        ("technology", {"自主知识产权数量（项）": "numeric", "缴纳社保总人数（人）": "numeric", "编号": ""}),
        ("business", {"年份": "numeric", "总收入（万元）": "decimal", "硬件收入（万元）": "decimal"}),
    ],
)
def test_a_field_brings_the_keyboard_that_fits_it(
    server: Server, phone: Page, step: str, keyboards: dict[str, str]
) -> None:
    opened(phone, server, step)
    for label, keyboard in keyboards.items():
        expect(phone.get_by_role("textbox", name=label).first).to_have_js_property("inputMode", keyboard)


def test_the_keyboard_follows_to_another_step(server: Server, phone: Page) -> None:
    """Streamlit may use a field again under another label."""
    opened(phone, server, "business")
    phone.get_by_test_id("stMain").get_by_role("link", name="基础信息").tap()
    expect(phone.get_by_role("textbox", name="联系人邮箱")).to_have_js_property("inputMode", "email")
    expect(phone.get_by_role("textbox", name="注册地址")).to_have_js_property("inputMode", "")


@pytest.mark.parametrize("step", [step for step in STEPS if step != "market"])  # where nothing is required
def test_the_first_required_field_stands_within_a_screen_and_a_half(server: Server, phone: Page, step: str) -> None:
    opened(phone, server, step)
    main = phone.get_by_test_id("stMain")
    first = main.locator(
        'input[aria-label^="* "]:enabled, [data-testid="stButtonGroup"] button, [role=radiogroup] input:enabled'
    ).first
    box = first.bounding_box()
    assert box is not None
    assert box["y"] <= 1.5 * b.PHONE[1]
