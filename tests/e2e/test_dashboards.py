"""区域 and 产业链 in a real browser: a district on the map, a part of the treemap, Back, nothing over one another."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as b
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]

MAIN = "document.querySelector('[data-testid=stMain]')"
#: Pairs of texts of one chart that lie over each other, of those drawn on the map, a treemap or an axis.
OVER = """() => {
  const out = [];
  for (const plot of document.querySelectorAll('.js-plotly-plot')) {
    const texts = [...plot.querySelectorAll('.textpoint text, .xtick text, .ytick text, text.slicetext, .legendtext')]
      .filter((node) => node.textContent.trim() && node.checkVisibility() && node.getAttribute('transform')?.includes('scale(0') !== true)
      .map((node) => [node.textContent, node.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
    texts.forEach(([one, a], i) => texts.slice(i + 1).forEach(([other, c]) => {
      const wide = Math.min(a.right, c.right) - Math.max(a.left, c.left), high = Math.min(a.bottom, c.bottom) - Math.max(a.top, c.top);
      if (wide > 3 && high > 5) out.push(one + ' / ' + other);
    }));
  }
  return out;
}"""


def open_page(chromium: Browser, server: Server, path: str, size: tuple[int, int] = b.DESKTOP) -> Page:
    page = b.window(chromium, size).new_page()
    b.sign_in_local(page, server.url, "shiji", path)
    page.locator(".js-plotly-plot .main-svg").first.wait_for(state="attached")
    page.wait_for_timeout(700)
    return page


def press(page: Page, spot: tuple[float, float]) -> None:
    page.mouse.move(*spot)
    page.wait_for_timeout(200)
    page.mouse.click(*spot)


def middle(page: Page, selector: str, text: str) -> tuple[float, float]:
    mark = page.locator(selector, has_text=text).first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("width", [1280, 1440, 1920, 390])
@pytest.mark.parametrize("path", ["/regions", "/chain"])
def test_nothing_lies_over_anything_at_any_width(server: Server, chromium: Browser, path: str, width: int) -> None:
    page = open_page(chromium, server, path, (width, 900))
    assert page.evaluate(OVER) == []
    assert page.evaluate(f"{MAIN}.scrollWidth <= {MAIN}.clientWidth")
    page.context.close()


def test_a_district_pressed_on_the_map_filters_and_back_shows_the_city_again(server: Server, chromium: Browser) -> None:
    page = open_page(chromium, server, "/regions")
    press(page, middle(page, ".js-plotly-plot text", "黄陂"))
    expect(page).to_have_url(re.compile(r"district=HP"))
    expect(page.get_by_text("全市：黄陂区 · ")).to_be_visible()
    b.settled(page)
    page.wait_for_timeout(500)
    press(page, middle(page, ".js-plotly-plot text", "东湖高新"))  # a functional area: a bubble
    expect(page.get_by_text("全市：东湖高新区 · ")).to_be_visible()
    b.settled(page)
    page.go_back()
    expect(page.get_by_text("全市：黄陂区 · ")).to_be_visible()
    page.go_back()
    expect(page.get_by_text(re.compile("^全市 · "))).to_be_visible()
    page.context.close()


def test_a_part_of_the_chain_pressed_filters_and_the_link_shows_the_same(server: Server, chromium: Browser) -> None:
    page = open_page(chromium, server, "/chain?district=GX")
    press(page, middle(page, ".slicetext", "应用硬件"))
    expect(page.get_by_text("全市：东湖高新区、应用硬件 · ")).to_be_visible()
    assert "segment=application_hardware" in page.url
    b.settled(page)
    page.goto(page.url)
    b.settled(page)
    expect(page.get_by_text("全市：东湖高新区、应用硬件 · ")).to_be_visible()
    page.get_by_role("button", name="产业链环节：应用硬件").click()
    expect(page.get_by_text("全市：东湖高新区 · ")).to_be_visible()
    page.context.close()
