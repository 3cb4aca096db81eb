"""Every page for every persona in a real browser: Chinese, accessible, no wider than a phone, nothing from outside."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.access.roles import SHIPPED
from data.sample import people
from tests import browser as b
from tests.server import Server
from ui.base.menu import PAGES

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]

PERSONAS: dict[str, people.Filer | people.Staff] = {
    "enterprise": people.FILERS[0],
    "returned": people.FILERS[1],
    "district_reviewer": people.STAFF[1],
    "city_officer": people.STAFF[2],
    "administrator": people.STAFF[3],
}
#: Words that are names, units or examples in a Chinese interface.
_NAMES = re.compile(
    r"AI|IP|MB|GPU|CPU|CSV|PNG|PDF|Enter|Ctrl|Esc|Home|End|Space|PageUp|PageDown|https?://\S+|[\w.]+@[\w.]+|YD/T\d+-\d+|[A-Z0-9]{2,}[-\w]*|\d+[A-Za-z]\w*|V\d\S*"
    r"|Chrome|Linux|Python|Streamlit|DuckDB|" + "|".join(member.username for member in people.STAFF)
)
_ENGLISH = re.compile(r"[A-Za-z]{3,}")
_COLLECT = """() => {
  const seen = new Set();
  const skip = (node) => node.closest('script, style, code, noscript, [role="img"]') || /material/i.test(getComputedStyle(node).fontFamily);
  for (const node of document.querySelectorAll('body *')) {
    if (skip(node)) continue;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      const value = node.getAttribute(name); if (value) seen.add(value);
    }
    for (const child of node.childNodes)
      if (child.nodeType === 3 && child.textContent.trim() && node.checkVisibility()) seen.add(child.textContent.trim());
  }
  return [...seen];
}"""


def pages_of(persona: str) -> list[tuple[str, str]]:
    role = "enterprise" if persona == "returned" else persona
    return [
        (Path(path).stem, title) for _, path, title, _, permission in PAGES if permission in SHIPPED[role].permissions
    ]


#: Pages that look different to those who may do less, or to whom other things have happened.
DIFFERENT = {
    "desk",
    "overview",
    "review",
    "progress",
    "enterprise",
    "meetings",
    "reports",
    "what_if",
    "policies",
    "notices",
    "workbench",
    "submit",
}


def cases() -> Iterator[tuple[str, str]]:
    """Every page by the first that may open it; those that differ by everybody who may."""
    known: set[str] = set()
    for persona in ("city_officer", *(persona for persona in PERSONAS if persona != "city_officer")):
        for name, _ in pages_of(persona):
            if name not in known or name in DIFFERENT:
                known.add(name)
                yield persona, name


@pytest.fixture(scope="module")
def signed_in(server: Server, chromium: Browser) -> Iterator[dict[str, Page]]:
    """One window for each persona, that notes whatever it asks of other hosts."""
    pages: dict[str, Page] = {}
    for name, persona in PERSONAS.items():
        page = b.window(chromium).new_page()
        page.foreign = []  # type: ignore[attr-defined]
        page.on(
            "request",
            lambda request, page=page: (
                page.foreign.append(request.url) if not request.url.startswith((server.url, "data:", "blob:")) else None
            ),
        )
        if isinstance(persona, people.Filer):
            b.sign_in_enterprise(page, server.url, persona)
        else:
            b.sign_in_local(page, server.url, persona.username)
        pages[name] = page
    yield pages
    for page in pages.values():
        page.context.close()


def english(page: Page) -> list[str]:
    return sorted({text for text in page.evaluate(_COLLECT) if _ENGLISH.search(_NAMES.sub("", text))})


@pytest.mark.parametrize(("persona", "name"), list(cases()))
def test_a_page_is_chinese_accessible_and_fits_a_phone(
    server: Server, signed_in: dict[str, Page], persona: str, name: str
) -> None:
    page = signed_in[persona]
    page.set_viewport_size({"width": b.DESKTOP[0], "height": b.DESKTOP[1]})
    page.goto(f"{server.url}/{name}")
    b.settled(page)
    assert page.title().endswith("武汉市人工智能企业培育库")
    assert english(page) == []
    assert b.violations(page) == []
    page.set_viewport_size({"width": b.PHONE[0], "height": b.PHONE[1]})
    page.wait_for_timeout(400)
    expect(page.get_by_test_id("stMain").get_by_text("数据均为虚构").first).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= b.PHONE[0]
    # What is wider than the phone scrolls in its own frame, by the keyboard too.
    assert page.evaluate(
        "[...document.querySelectorAll('[data-testid=stTable] > div')].every(f => f.scrollWidth <= f.clientWidth || f.tabIndex === 0)"
    )
    assert page.foreign == []  # type: ignore[attr-defined]


def test_the_sign_in_pages_are_accessible(server: Server, chromium: Browser) -> None:
    for scheme in (False, True):
        page = b.window(chromium, dark=scheme).new_page()
        for tab in ("unified", "local"):
            page.goto(f"{server.url}/auth/login?tab={tab}")
            assert b.violations(page) == []
            assert english(page) == []
        page.context.close()


def looks_right(page: Page, heading: str) -> None:
    """A page of the demonstration platforms: this heading, Chinese, accessible, 演示, and no wider than its window."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_text("演示环境：")).to_be_visible()
    assert english(page) == [], heading
    for size in (b.DESKTOP, b.PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert b.violations(page) == [], heading
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], heading


def test_the_pages_of_both_platforms_are_accessible(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    page.goto(f"{server.url}/basic")
    page.get_by_role("button", name="登录", exact=True).click()
    looks_right(page, "用户登录")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("演示中仅支持省平台授权登录")
    looks_right(page, "用户登录")
    page.get_by_role("button", name="省平台授权登录").click()
    looks_right(page, "法人登录")
    entrance = page.url
    b.legal_sign_in(page, people.FILERS[0].uscc, "x")
    expect(page.get_by_label("统一社会信用代码")).to_be_focused()
    looks_right(page, "法人登录")
    page.goto(f"{entrance}&tab=scan")
    looks_right(page, "扫码登录")
    page.goto(f"{server.url}{page.get_by_role('link', name='在新窗口打开手机确认页').get_attribute('href')}")
    looks_right(page, "手机确认登录")
    for link, heading in (("用户帮助", "用户帮助"), ("电子营业执照", "电子营业执照登录"), ("找回密码", "找回密码")):
        page.goto(entrance)
        page.get_by_role("link", name=link).click()
        looks_right(page, heading)
    for path, heading in (
        ("agreement", "湖北政务服务注册协议"),
        ("privacy", "湖北政务服务隐私政策"),
        ("x", "没有这个页面"),
    ):
        page.goto(f"{server.url}/demo-identity/{path}")
        looks_right(page, heading)
    page.goto(f"{server.url}/demo-fund/x")
    looks_right(page, "没有这个页面")
    page.goto(entrance)
    page.get_by_role("link", name="新用户注册").click()
    looks_right(page, "新用户注册")
    page.get_by_role("button", name="注册", exact=True).last.click()
    expect(page.get_by_label("用户名")).to_be_focused()
    looks_right(page, "新用户注册")
    page.get_by_role("button", name="填入演示资料").click()
    b.type_message(page)
    looks_right(page, "新用户注册")
    page.get_by_role("button", name="注册", exact=True).last.click()
    looks_right(page, "新用户注册")  # 2完成注册
    page.get_by_role("link", name="继续法人注册").click()
    looks_right(page, "新用户注册")
    page.get_by_role("button", name="填入演示资料").click()
    b.type_captcha(page)
    page.get_by_role("button", name="下一步").last.click()
    expect(page.get_by_label("企业/机构名称")).to_be_visible()
    looks_right(page, "新用户注册")
    page.get_by_role("button", name="填入演示资料").click()
    b.type_message(page)
    page.get_by_role("button", name="注册", exact=True).last.click()
    expect(page.get_by_role("heading", name="法人注册完成")).to_be_visible()
    looks_right(page, "新用户注册")
    page.goto(f"{entrance}&tab=person")
    looks_right(page, "个人登录")
    page.get_by_role("button", name=f"填入{people.NEWCOMER.contact_name}").click()
    page.get_by_role("button", name="登录", exact=True).click()
    looks_right(page, "选择法人")
    page.get_by_role("button", name=people.NEWCOMER.enterprise_name).click()
    looks_right(page, "完善基础信息")
    page.get_by_role("button", name="保存").last.click()
    expect(page.get_by_label("注册地址")).to_be_focused()
    looks_right(page, "完善基础信息")
    page.context.close()
