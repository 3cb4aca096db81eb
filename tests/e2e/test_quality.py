"""榜单, 人才与知识产权, 数据质量 in a real browser: nothing cut at any width; a number, a row and a mark lead to the enterprises."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]

WIDTHS = (1280, 1440, 1920, 390)
MAIN = "document.querySelector('[data-testid=stMain]')"
#: Texts of a card or a heading that do not fit where they stand.
CUT = """() => [...document.querySelectorAll('[data-testid=stMetric] *, [data-testid=stHeading] *')]
  .filter((node) => node.scrollWidth > node.clientWidth && getComputedStyle(node).overflow !== 'visible')
  .map((node) => node.innerText)"""
#: Pairs of labels of one axis that lie over each other.
OVERLAPS = """() => {
  const out = [];
  for (const plot of document.querySelectorAll('.js-plotly-plot')) for (const group of ['.xtick text', '.ytick text']) {
    const boxes = [...plot.querySelectorAll(group)].map((node) => [node.textContent, node.getBoundingClientRect()]);
    boxes.forEach(([text, one], i) => boxes.slice(i + 1).forEach(([other, two]) => {
      if (one.left < two.right - 1 && two.left < one.right - 1 && one.top < two.bottom - 2 && two.top < one.bottom - 2) out.push(text + '|' + other);
    }));
  }
  return out;
}"""


def opened(chromium: Browser, server: Server, path: str, size: tuple[int, int] = b.DESKTOP) -> Page:
    page = b.window(chromium, size).new_page()
    b.sign_in_local(page, server.url, "shiji", path)
    page.locator('[data-testid="stMetric"], [data-testid="stDataFrame"]').first.wait_for()
    page.wait_for_timeout(700)
    return page


def press_cell(page: Page, heading: str, row: int, across: int) -> None:
    """Click into the table under a heading: the n-th row, so many pixels from its left."""
    box = (
        page.locator('[data-testid="stVerticalBlock"]', has=page.get_by_role("heading", name=re.compile(heading)))
        .last.locator('[data-testid="stDataFrame"]')
        .first
    )
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    place = box.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + across, place["y"] + 34 + 33 * row + 16)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/ranking", "/talent", "/quality"])
def test_nothing_is_cut_or_laid_over_another_at_any_width(
    server: Server, chromium: Browser, path: str, width: int
) -> None:
    page = opened(chromium, server, path, (width, 900))
    assert page.evaluate(CUT) == []
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(f"{MAIN}.scrollWidth <= {MAIN}.clientWidth")
    page.context.close()


def test_a_row_of_the_list_opens_the_enterprise(server: Server, chromium: Browser) -> None:
    page = opened(chromium, server, "/ranking")
    press_cell(page, "榜单", 2, 200)
    expect(page.get_by_role("heading", name="企业画像", exact=True)).to_be_visible()
    assert "/enterprise?id=" in page.url
    page.context.close()


def test_a_mark_of_the_scatter_opens_the_enterprise(server: Server, chromium: Browser) -> None:
    page = opened(chromium, server, "/talent")
    point = page.locator(".js-plotly-plot .scatterlayer .trace").last.locator(".point").last
    point.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="企业画像", exact=True)).to_be_visible()
    assert "/enterprise?id=" in page.url
    page.context.close()


def test_a_bar_filters_and_back_undoes_it(server: Server, chromium: Browser) -> None:
    page = opened(chromium, server, "/talent")
    bar = page.locator(".js-plotly-plot .barlayer .trace").first.locator(".point path").last
    box = bar.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("button", name=re.compile("区属："))).to_be_visible()
    assert "district=" in page.url
    page.go_back()
    expect(page.get_by_role("button", name=re.compile("区属："))).to_have_count(0)
    page.context.close()


def test_a_number_and_an_issue_lead_to_those_behind_them(server: Server, chromium: Browser) -> None:
    page = opened(chromium, server, "/quality")
    press_cell(page, "应报、已报、入库", 0, 225)
    expect(page.get_by_text("点一行打开企业画像")).to_be_visible()
    assert re.search("show=(due|filed)", page.url) and "district=" in page.url
    b.settled(page)
    press_cell(page, "数据问题", 2, 200)
    expect(page.get_by_text(re.compile("资产总额未填：.* 家"))).to_be_visible()
    assert "show=assets_missing" in page.url
    page.context.close()
