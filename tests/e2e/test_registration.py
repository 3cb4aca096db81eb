"""First visit of an enterprise without any account, on a telephone: register, sign in, complete, and back again."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from data.sample import people
from gate.demo.book import FILE, right_password
from tests import browser as b
from tests.server import Server, prepare, running

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registration") / "library"
    prepare(folder)
    return folder


@pytest.fixture
def own(folder: Path) -> Iterator[Server]:
    """A server of our own on the small world: this test looks into its folder, and starts it anew."""
    with running(folder) as server:
        yield server


def kept(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
    return content


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= b.PHONE[0]


def click_last(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).last.click()


def sign_out(page: Page, address: str) -> None:
    page.goto(f"{address}/auth/logout")
    page.goto(f"{address}/technology")
    expect(page).to_have_url(re.compile(r"/auth/login\?next="))


def test_a_new_enterprise_registers_signs_in_completes_and_later_only_signs_in(
    own: Server, folder: Path, chromium: Browser
) -> None:
    page = b.window(chromium, b.PHONE).new_page()
    page.goto(f"{own.url}/technology")
    b.to_the_province(page)
    page.get_by_role("link", name="新用户注册").click()
    # 个人注册
    page.get_by_role("button", name="填入演示资料").click()
    person = b.value(page.get_by_label("证件号码"))
    name = b.value(page.get_by_label("用户名"))
    fits(page)
    b.type_message(page)
    click_last(page, "注册")
    expect(page.get_by_role("heading", name="个人注册完成")).to_be_visible()
    assert list(kept(folder)["people"]) == [person]
    # 法人注册
    page.get_by_role("link", name="继续法人注册").click()
    page.get_by_role("button", name="填入演示资料").click()
    expect(page.get_by_label("法定代表人姓名")).to_have_value(name)
    b.type_captcha(page)
    fits(page)
    click_last(page, "下一步")
    page.get_by_role("button", name="填入演示资料").click()
    uscc = b.value(page.get_by_label("统一社会信用代码"))
    enterprise = b.value(page.get_by_label("企业/机构名称"))
    b.type_message(page)
    fits(page)
    click_last(page, "注册")
    expect(page.get_by_role("heading", name="法人注册完成")).to_be_visible()
    stored = kept(folder)["enterprises"][uscc]
    assert (stored["enterprise_name"], stored["representative_id"]) == (enterprise, person)
    assert right_password(people.PASSWORD, stored["password_hash"])
    # Sign in; the funds platform does not know it yet.
    page.get_by_role("link", name="去法人登录").click()
    b.legal_sign_in(page, uscc, people.PASSWORD)
    expect(page.get_by_role("heading", name="完善基础信息")).to_be_visible()
    expect(page.get_by_label("企业名称")).to_have_value(enterprise)
    expect(page.get_by_label("企业名称")).not_to_be_editable()
    page.get_by_label("注册地址").fill("武汉市洪山区虚构路2号")
    click_last(page, "保存")
    expect(page.get_by_role("alert")).to_contain_text("区属：必填项未填，请选择")
    expect(page.get_by_label("注册地址")).to_have_value("武汉市洪山区虚构路2号")
    assert uscc not in kept(folder)["basics"]
    page.get_by_role("button", name="填入演示资料").click()
    fits(page)
    click_last(page, "保存")
    b.settled(page)
    expect(page).to_have_url(f"{own.url}/technology")  # the page first asked for
    expect(page.get_by_role("heading", name="技术条件", level=1)).to_be_visible()
    assert kept(folder)["basics"][uscc]["registered_address"] == "武汉市洪山区虚构路2号"
    # Out and in again: the same chain, and no completion.
    before = kept(folder)
    sign_out(page, own.url)
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if "/demo-fund/continue" in answer.url else None)
    b.to_the_province(page)
    b.legal_sign_in(page, uscc, people.PASSWORD)
    b.settled(page)
    expect(page).to_have_url(f"{own.url}/technology")
    assert asked == [303]
    assert kept(folder) == before
    page.context.close()


def test_what_was_registered_is_still_there_after_a_restart(own: Server, folder: Path, chromium: Browser) -> None:
    uscc, stored = next(iter(kept(folder)["enterprises"].items()))
    page = b.window(chromium).new_page()
    page.goto(own.url + "/basic")
    b.to_the_province(page)
    page.get_by_role("link", name="个人登录").click()
    page.get_by_label("身份证号/手机号").fill(stored["contact_phone"])
    page.get_by_label("密码").fill(people.PASSWORD)
    click_last(page, "登录")
    page.get_by_role("button", name=stored["enterprise_name"]).click()
    b.settled(page)
    expect(page).to_have_url(f"{own.url}/basic")
    expect(page.get_by_role("textbox", name="统一社会信用代码")).to_have_value(uscc)
    page.context.close()


def test_the_desktop_goes_on_by_itself_when_the_telephone_has_confirmed(own: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    page.goto(own.url + "/basic")
    b.to_the_province(page)
    page.get_by_role("link", name="扫码登录").click()
    address = page.get_by_role("link", name="在新窗口打开手机确认页").get_attribute("href") or ""
    telephone = b.window(chromium, b.PHONE).new_page()
    telephone.goto(own.url + address)
    telephone.get_by_label(people.FILERS[1].enterprise_name).check()
    telephone.get_by_role("button", name="确认登录").click()
    expect(telephone.get_by_role("heading", name="登录已确认")).to_be_visible()
    b.settled(page)  # no click on the desktop
    expect(page).to_have_url(f"{own.url}/basic")
    expect(page.get_by_role("textbox", name="统一社会信用代码")).to_have_value(people.FILERS[1].uscc)
    for window in (page, telephone):
        window.context.close()
