"""报表导出 in a real browser: chosen, made while one watches, kept under its Chinese name; and every format opens."""

import io
import zipfile

import pytest
from playwright.sync_api import Browser, expect

from core.report.model import FILES
from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]


def test_every_format_is_made_and_fetched(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_local(page, server.url, "shiji", "/reports?report=regions")
    main = page.get_by_test_id("stMain")
    for number, (word, ending, _) in enumerate(FILES.values(), start=1):
        main.get_by_role("radio", name=word).click()
        b.settled(page)
        main.get_by_role("button", name="开始生成").click()
        links = main.get_by_role("link", name="下载")
        expect(links).to_have_count(number, timeout=60_000)
        with page.expect_download() as fetched:
            links.first.click()
        name = fetched.value.suggested_filename
        assert name.startswith("区域-") and name.endswith(f"对外{ending}")
        with open(fetched.value.path(), "rb") as file:
            content = file.read()
        assert content.startswith(b"%PDF" if ending == ".pdf" else b"PK")
        if ending == ".zip":
            with zipfile.ZipFile(io.BytesIO(content)) as kept:
                assert all(inner.endswith((".csv", ".png")) for inner in kept.namelist())
    page.context.close()


def test_the_link_of_one_is_nothing_to_another(server: Server, chromium: Browser) -> None:
    officer, district = (b.window(chromium).new_page() for _ in range(2))
    b.sign_in_local(officer, server.url, "shiji", "/reports?format=csv")
    officer.get_by_role("button", name="开始生成").click()
    link = officer.get_by_role("link", name="下载").first
    link.wait_for(timeout=60_000)
    address = server.url + str(link.get_attribute("href"))
    assert officer.request.get(address).status == 200
    b.sign_in_local(district, server.url, "donghu")
    assert district.request.get(address).status == 403
    for page in (officer, district):
        page.context.close()
