"""证明材料 in a real browser: uploaded, still there after a reload, open to the reviewer, closed to another enterprise."""

import re

import pytest
from playwright.sync_api import Browser, expect

from data.sample import people
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]


def test_a_file_is_attached_and_only_opened_by_those_who_may(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_enterprise(page, server.url, people.FILERS[1], "/technology")
    page.locator('[data-testid="stFileUploader"] input[type=file]').first.set_input_files(
        [{"name": "测评报告.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 fictional"}]
    )
    link = page.get_by_role("link", name="测评报告.pdf")
    expect(link).to_be_visible()
    expect(page.locator(".st-key-filing-bar .filing-state")).to_have_text(re.compile(r"已保存 \d\d:\d\d:\d\d"))
    page.reload()
    b.settled(page)
    expect(link).to_be_visible()
    address = server.url + str(link.get_attribute("href"))
    own = page.request.get(address)
    assert (own.status, own.body()) == (200, b"%PDF-1.7 fictional")

    for username, status in (("hongshan", 200), ("donghu", 404), ("shiji", 200), ("admin", 404)):
        visitor = b.window(chromium).new_page()
        b.sign_in_local(visitor, server.url, username, "/home")
        assert visitor.request.get(address).status == status, username
    stranger = b.window(chromium).new_page()
    b.sign_in_enterprise(stranger, server.url, people.FILERS[0])
    assert stranger.request.get(address).status == 404
    assert b.window(chromium).request.get(address, headers={"accept": "*/*"}).status == 401

    page.get_by_role("button", name="移除", exact=False).click()
    expect(link).to_have_count(0)
    b.settled(page)
    page.wait_for_timeout(500)
    page.reload()
    b.settled(page)
    expect(page.get_by_text("AI产品/服务 第 1 条")).to_be_visible()
    expect(link).to_have_count(0)
