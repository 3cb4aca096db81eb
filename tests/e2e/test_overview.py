"""产业总览 in a real browser: nothing cut at any width, the year in the address, signing out, live without a jump, ways astray."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from data.filing import filings
from data.review import decisions
from tests import browser as b
from tests import server
from tests.core import samples
from tests.server import COOKIE, Server
from tests.world import World

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]

WIDTHS = (1280, 1440, 1920, 390)
#: Texts of a card or a heading that do not fit where they stand.
CUT = """() => [...document.querySelectorAll('[data-testid=stMetric] *, [data-testid=stHeading] *')]
  .filter((node) => node.scrollWidth > node.clientWidth && getComputedStyle(node).overflow !== 'visible')
  .map((node) => node.innerText)"""
#: Pairs of labels of the chart's horizontal axis that lie over each other.
OVERLAPS = """() => {
  const plots = [...document.querySelectorAll('.js-plotly-plot')], out = [];
  for (const group of ['.xtick text', '.xtick2 text']) {
    const boxes = [...plots[plots.length - 1].querySelectorAll(group)].map((node) => [node.textContent, node.getBoundingClientRect()])
      .sort((a, b) => a[1].left - b[1].left);
    boxes.forEach(([text, box], i) => { if (i && box.left < boxes[i - 1][1].right - 0.5) out.push(boxes[i - 1][0] + text); });
    if (!boxes.length) out.push('no labels: ' + group);
  }
  return out;
}"""
MAIN = "document.querySelector('[data-testid=stMain]')"


def window(
    chromium: Browser, address: str, token: str, size: tuple[int, int] = b.DESKTOP, **more: bool
) -> BrowserContext:
    """A browser that already holds this persona's session."""
    context = b.window(chromium, size, **more)
    context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
    return context


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A library with one enterprise admitted, and one that waits for the city."""
    folder: Path = tmp_path_factory.mktemp("overview") / "library"

    def fill(world: World) -> None:
        now = world.clock.now
        figures = samples.figures("6000", "4200", "4200", "0")
        year = now.year
        rows = [samples.year(str(year), full_year=figures), samples.year(str(year - 1), full_year=figures)]
        content = samples.put(samples.clean(), {"business.years": rows})
        for persona in ("enterprise", "other"):
            filing = world.submit(persona, content)
            decisions.decide(world.visit("district"), filing.id, filing.revision, "pass")
        mine = filings.mine(world.visit("enterprise"))
        assert mine is not None
        decisions.decide(world.visit("city"), mine.id, mine.revision, "admit")
        world.clock.now = now + timedelta(seconds=1)

    tokens = server.prepare(folder, fill)
    with server.running(folder) as started:
        yield started, tokens


def metric(page: Page, label: str) -> str:
    card = page.locator('[data-testid="stMetric"]', has_text=label)
    return b.told(card.locator('[data-testid="stMetricValue"]')).replace("\n", " ").strip()


def caption(page: Page) -> str:
    said = page.locator('[data-testid="stMain"] [data-testid="stCaptionContainer"]', has_text="数据截至")
    return b.told(said.first)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_at_any_width(server: Server, chromium: Browser, width: int) -> None:
    page = b.window(chromium, (width, 900)).new_page()
    b.sign_in_local(page, server.url, "shiji", "/overview")
    page.locator(".js-plotly-plot .xtick2 text").first.wait_for(state="attached")
    page.wait_for_timeout(500)
    assert page.evaluate(CUT) == []
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(f"{MAIN}.scrollWidth <= {MAIN}.clientWidth")
    assert metric(page, "核心企业").endswith(" 家")
    assert metric(page, "纳入统计").endswith(" 亿元")
    tops = [card.bounding_box()["y"] for card in page.locator('[data-testid="stMetric"]').all()]  # type: ignore[index]
    assert [tops.count(top) for top in dict.fromkeys(tops)] == ([2, 2, 2, 2] if width == 390 else [4, 4])
    assert {
        node.evaluate("node => node.tagName") for node in page.locator('[data-testid="stMain"] :is(h2,h3,h4)').all()
    } == {"H2"}
    page.context.close()


def test_back_returns_to_the_year_chosen_before(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_local(page, server.url, "shiji", "/overview")
    first = caption(page)
    years = page.locator('[data-testid="stButtonGroup"]').first.locator("button")
    now = b.told(page.get_by_role("radio", checked=True).first)
    others = [text for text in years.all_inner_texts() if text and text != now]
    for text in others[:2]:
        page.locator('[data-testid="stButtonGroup"]').first.get_by_text(text, exact=True).click()
        expect(page.get_by_text(f" · {text[:4]}年度")).to_be_visible()
        b.settled(page)
    page.go_back()
    expect(page.get_by_text(f" · {others[0][:4]}年度")).to_be_visible()
    b.settled(page)
    page.go_back()
    expect(page.get_by_text(first)).to_be_visible()
    page.go_forward()
    expect(page.get_by_text(f" · {others[0][:4]}年度")).to_be_visible()
    page.reload()
    b.settled(page)
    assert f" · {others[0][:4]}年度" in caption(page)
    page.context.close()


def test_a_year_without_data_is_said(server: Server, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    b.sign_in_local(page, server.url, "shiji", "/overview?year=1999")
    expect(page.get_by_text(re.compile(r"没有1999年的数据，已显示\d{4}年。"))).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("size", [b.DESKTOP, b.PHONE])
def test_signing_out_is_found_on_desk_and_phone(server: Server, chromium: Browser, size: tuple[int, int]) -> None:
    page = b.window(chromium, size).new_page()
    b.sign_in_local(page, server.url, "hongshan", "/overview")
    link = page.get_by_role("link", name="退出登录")
    expect(link).to_be_in_viewport(ratio=1)
    page.wait_for_timeout(400)
    box = link.bounding_box()
    assert box is not None and box["height"] >= 24
    look = "node => [getComputedStyle(node).color, getComputedStyle(node).fontSize]"
    assert link.evaluate(look) == link.evaluate(
        "node => [getComputedStyle(node.parentElement).color, getComputedStyle(node.parentElement).fontSize]"
    )
    assert "underline" in link.evaluate("node => getComputedStyle(node).textDecorationLine")
    link.click()
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("path", ["/bureau/review", "/app/static/x", "/overview/x"])
def test_an_address_that_is_no_page_leads_home(
    small: tuple[Server, dict[str, str]], chromium: Browser, path: str
) -> None:
    running, tokens = small
    page = window(chromium, running.url, tokens["city"]).new_page()
    page.goto(running.url + path)
    b.settled(page)
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()
    page.context.close()


def test_a_page_one_may_not_open_says_so(small: tuple[Server, dict[str, str]], chromium: Browser) -> None:
    running, tokens = small
    page = window(chromium, running.url, tokens["enterprise"]).new_page()
    page.goto(f"{running.url}/overview")
    expect(page.get_by_text("您的账号没有")).to_be_visible()
    b.settled(page)
    assert "页面不存在" not in page.inner_text("body")
    expect(page.locator('[data-testid="stMetric"], [data-testid="stMain"] h1')).to_have_count(0)
    expect(page.locator('[data-testid="stSidebarNav"]').get_by_text("产业总览")).to_have_count(0)
    page.context.close()


def test_the_overview_moves_within_five_seconds_and_stays_where_it_was_scrolled(
    small: tuple[Server, dict[str, str]], chromium: Browser
) -> None:
    running, tokens = small
    wall = window(chromium, running.url, tokens["city"], b.PHONE).new_page()
    wall.goto(f"{running.url}/overview")
    b.settled(wall)
    before = int(metric(wall, "核心企业").split()[0])
    wall.wait_for_timeout(1000)
    wall.evaluate(f"{MAIN}.scrollTo(0, 1500)")
    wall.wait_for_timeout(300)
    assert wall.evaluate(f"{MAIN}.scrollTop") == 1500
    desk = window(chromium, running.url, tokens["city"]).new_page()
    desk.goto(f"{running.url}/review")
    b.settled(desk)
    box = desk.get_by_role("combobox", name="打开填报")
    box.click()
    box.fill("武汉另一家")
    desk.get_by_role("option", name=re.compile("武汉另一家")).first.click()
    desk.get_by_role("button", name="通过，入库").click()
    expect(desk.get_by_text("已完成")).to_be_visible()
    value = wall.locator('[data-testid="stMetric"]', has_text="核心企业").locator('[data-testid="stMetricValue"]')
    expect(value).to_have_text(re.compile(rf"^{before + 1}\s*家$"), timeout=10_000)
    b.settled(wall)
    assert wall.evaluate(f"{MAIN}.scrollTop") == 1500
    wall.context.close()
    desk.context.close()
