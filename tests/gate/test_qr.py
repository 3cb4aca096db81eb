"""扫码登录 in process: a desktop shows the code, a telephone that is signed in lets it in; and nobody else does."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import gate
from data.access import sessions
from data.access.visit import Visit
from gate import oidc, qr
from gate.guard import COOKIE, Guard
from gate.routes import routes
from tests.environment import settings_of
from tests.world import World

SITE = "http://library.test"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 MicroMessenger/8.0"


class Site:
    """A desktop that shows the login page, and telephones."""

    def __init__(self, world: World) -> None:
        self.world = world
        settings = settings_of({"LIBRARY_DATA_DIR": str(world.folder)})
        provider = oidc.Provider(issuer="", client_id="library", client_secret=None, claims=settings.claims)
        self.app = Guard(Starlette(routes=[*routes(settings, secret="k" * 32, provider=provider, people=[])]))
        self.desktop = self.browser()
        self.shown: dict[str, Any] = {}
        self.numbers: dict[str, str] = {}

    def browser(self, persona: str | None = None, agent: str = CHROME) -> TestClient:
        browser = TestClient(self.app, base_url=SITE, follow_redirects=False, headers={"user-agent": agent})
        if persona:
            browser.cookies.set(COOKIE, self.world.token(persona), domain="library.test")
        return browser

    def show(self, browser: TestClient | None = None) -> str:
        """The desktop shows a new code."""
        browser = browser or self.desktop
        answer = browser.post("/auth/qr", data={"csrf": csrf(browser)})
        assert answer.status_code == 200
        self.shown = answer.json()
        self.numbers[self.shown["code"]] = self.shown["number"]
        return str(self.shown["code"])

    def state(self, code: str, browser: TestClient | None = None) -> dict[str, str]:
        answer: dict[str, str] = (browser or self.desktop).get(f"/auth/qr/{code}/state").json()
        return answer

    def answer(
        self, code: str, phone: TestClient, answer: str = "confirm", token: str | None = None, number: str | None = None
    ) -> Any:
        """The telephone opens the page, types what the desktop shows (or `number`) and taps a button."""
        number = number if number is not None else self.numbers.get(code, "")
        page = phone.get(f"/auth/qr/{code}")
        token = token if token is not None else token_of(page)
        return phone.post(f"/auth/qr/{code}", data={"csrf": token, "answer": answer, "number": number})

    def enter(self, code: str, browser: TestClient | None = None, next: str = "/", token: str | None = None) -> Any:
        browser = browser or self.desktop
        token = csrf(browser) if token is None else token
        return browser.post(f"/auth/qr/{code}/enter", data={"csrf": token, "next": next})

    def visit(self, browser: TestClient | None = None) -> Visit | None:
        token = (browser or self.desktop).cookies.get(COOKIE)
        return sessions.visit_of(self.world.store, sessions.token_id(token)) if token else None


def test_an_approved_desktop_lives_no_longer_than_the_session_that_approved_it(world: World) -> None:
    gate.bind(world.store)
    site = Site(world)
    phone = site.browser("district")
    world.clock.now += timedelta(minutes=20)
    code = site.show()
    site.answer(code, phone)
    assert site.enter(code).status_code == 303
    ends = world.store.rows("SELECT DISTINCT expires_at FROM sessions WHERE account_id = 'local-gxreviewer'")
    assert len(ends) == 1


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    gate.bind(world.store)
    yield Site(world)
    gate.bind(None)


def token_of(page: Any) -> str:
    found = re.findall(r'name="csrf" value="([^"]+)"', page.text)
    return found[0] if found else ""


def csrf(browser: TestClient) -> str:
    return token_of(browser.get("/auth/login"))


def said(answer: Any) -> str:
    """What the page says in its alert."""
    found = re.findall(r'role="alert">([^<]*)', answer.text)
    return html.unescape(found[0]) if found else ""


def test_a_telephone_lets_the_desktop_in(site: Site) -> None:
    phone = site.browser("enterprise", WECHAT)
    code = site.show()
    assert site.state(code) == {"state": "waiting", "name": ""}
    page = phone.get(f"/auth/qr/{code}").text
    assert "确认登录" in page and "取消" in page
    name = site.world.visit("enterprise").name
    for told in (name, "Chrome（Windows）", "testclient", "2026-01-10 10:00:00"):
        assert told in page, told
    assert site.shown["number"] not in page.replace(code, ""), "it is typed, not compared"
    assert site.state(code) == {"state": "scanned", "name": ""}, "nobody is named before he has consented"
    done = site.answer(code, phone)
    assert done.status_code == 200
    assert "进入培育库" in done.text
    assert site.state(code) == {"state": "approved", "name": name}
    entered = site.enter(code, next="/basic?x=1")
    assert (entered.status_code, entered.headers["location"]) == (303, "/basic?x=1")
    visit = site.visit()
    assert visit is not None
    assert visit.account_id == site.world.visit("enterprise").account_id
    row = site.world.store.rows("SELECT way, agent FROM sessions WHERE id = $1", [visit.session_id])[0]
    assert row == {"way": "扫码登录", "agent": CHROME}
    # The telephone keeps its own session.
    assert site.visit(phone) is not None
    assert site.visit(phone).session_id != visit.session_id  # type: ignore[union-attr]


def test_the_code_names_our_address_and_stands_on_the_page_as_a_picture(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = qr.segno.make
    monkeypatch.setattr(qr.segno, "make", lambda text, **more: made.append(text) or real(text, **more))
    code = site.show()
    assert made == [f"{SITE}/auth/qr/{code}"]
    assert site.shown["svg"].startswith("<svg")
    assert re.fullmatch(r"[1-9]\d{3}", site.shown["number"])


def test_the_box_is_hidden_until_its_script_runs(site: Site) -> None:
    for tab in ("unified", "local"):
        assert re.search(r'<section class="scan"[^>]* hidden>', site.desktop.get(f"/auth/login?tab={tab}").text)


def test_who_is_not_signed_in_signs_in_first_and_comes_back(site: Site) -> None:
    code, phone = site.show(), site.browser()
    answer = phone.get(f"/auth/qr/{code}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/auth/login?next=/auth/qr/{code}")
    assert f'value="/auth/qr/{code}"' in phone.get(answer.headers["location"]).text
    assert site.state(code)["state"] == "waiting"
    assert site.answer(code, phone, token=csrf(phone)).status_code == 403
    assert site.state(code)["state"] == "waiting"


def test_another_browser_does_not_get_in_and_does_not_spoil_it(site: Site) -> None:
    code = site.show()
    other = site.browser()
    assert site.answer(code, site.browser("city")).status_code == 200
    answer = site.enter(code, other)
    assert answer.status_code == 403
    assert "不是本浏览器" in said(answer)
    assert site.visit(other) is None
    site.show(other)  # nor with a code of its own
    assert site.enter(code, other).status_code == 403
    assert site.state(code, other) == {"state": "expired", "name": ""}
    assert site.enter(code).status_code == 303


def test_the_telephone_itself_cannot_redeem(site: Site) -> None:
    code, phone = site.show(), site.browser("city")
    site.answer(code, phone)
    token = token_of(phone.get(f"/auth/qr/{site.show()}"))
    before = phone.cookies.get(COOKIE)
    assert site.enter(code, phone, token=token).status_code == 403
    assert phone.cookies.get(COOKIE) == before


def test_a_second_login_page_of_the_same_browser_does_not_disown_the_first(site: Site) -> None:
    first = site.show()
    site.show()
    site.answer(first, site.browser("city"))
    assert site.enter(first).status_code == 303


def test_it_works_once(site: Site) -> None:
    code = site.show()
    phone = site.browser("city")
    site.answer(code, phone)
    again = phone.get(f"/auth/qr/{code}")
    assert (again.status_code, "已经确认过" in said(again)) == (400, True)
    assert site.enter(code).status_code == 303
    site.desktop.cookies.delete(COOKIE)
    replay = site.enter(code)
    assert replay.status_code == 400
    assert "已经用过" in said(replay)
    assert site.visit() is None
    assert "已经用过" in said(phone.get(f"/auth/qr/{code}"))


@pytest.mark.parametrize("seconds", [120, 121, 3000])
def test_it_lives_two_minutes(site: Site, seconds: int) -> None:
    code, late = site.show(), site.show()
    phone = site.browser("city")
    site.answer(late, phone)
    site.world.clock.now += timedelta(seconds=seconds)
    for answer in (phone.get(f"/auth/qr/{code}"), site.enter(late), site.enter(code)):
        assert answer.status_code == 400
        assert "已过期" in said(answer)
    assert site.state(code)["state"] == site.state(late)["state"] == "expired"
    assert site.visit() is None


def test_it_lives_for_two_minutes(site: Site) -> None:
    code = site.show()
    site.world.clock.now += timedelta(seconds=119)
    assert site.answer(code, site.browser("city")).status_code == 200
    assert site.enter(code).status_code == 303


def test_cancelling_lets_nobody_in(site: Site) -> None:
    code, phone = site.show(), site.browser("city")
    page = site.answer(code, phone, "cancel")
    assert "已取消登录" in page.text
    assert site.state(code)["state"] == "cancelled"
    assert "已取消" in said(site.enter(code))
    assert "已取消" in said(site.answer(code, phone, token=csrf(site.browser())))
    assert site.visit() is None


def test_nothing_gets_in_before_the_tap(site: Site) -> None:
    code = site.show()
    site.browser("city").get(f"/auth/qr/{code}")
    answer = site.enter(code)
    assert answer.status_code == 409
    assert "还没有确认" in said(answer)
    assert site.visit() is None


@pytest.mark.parametrize("token", ["", "x", "武汉"])
def test_a_foreign_page_cannot_tap(site: Site, token: str) -> None:
    code, phone = site.show(), site.browser("city")
    answer = site.answer(code, phone, token=token)
    assert answer.status_code == 400
    assert "重新确认" in said(answer)
    assert site.state(code)["state"] == "scanned"
    site.answer(code, phone)
    assert site.enter(code, token=token).status_code == 400
    assert site.desktop.post("/auth/qr", data={"csrf": token}).status_code == 403
    assert site.visit() is None


def test_a_telephone_whose_session_has_ended_is_refused(site: Site) -> None:
    """Before the tap, and between the tap and the desktop's coming."""
    early, late, phone = site.show(), site.show(), site.browser("city")
    token = token_of(phone.get(f"/auth/qr/{early}"))
    site.answer(late, phone)
    visit = site.world.visit("city")
    assert visit.session_id is not None
    sessions.end(site.world.store, visit.session_id, reason="test", actor=visit.actor)
    answer = phone.post(f"/auth/qr/{early}", data={"csrf": token, "answer": "confirm"})
    assert (answer.status_code, "手机上的登录已失效" in said(answer)) == (403, True)
    answer = site.enter(late)
    assert (answer.status_code, "手机上的登录已失效" in said(answer)) == (403, True)
    assert site.visit() is None


def test_signing_in_by_code_ends_the_session_the_browser_had(site: Site) -> None:
    code, phone = site.show(), site.browser("city")
    token = csrf(site.desktop)
    site.desktop.cookies.set(COOKIE, site.world.token("other"), domain="library.test")
    site.answer(code, phone)
    assert site.enter(code, token=token).status_code == 303
    assert sessions.visit_of(site.world.store, sessions.token_id(site.world.token("other"))) is None


@pytest.mark.parametrize("foreign", ["https://evil.test/", "//evil.test", "/\\evil.test"])
def test_it_leads_nowhere_else(site: Site, foreign: str) -> None:
    code = site.show()
    site.answer(code, site.browser("city"))
    assert site.enter(code, next=foreign).headers["location"] == "/"


@pytest.mark.parametrize("code", ["x", "a" * 3000, "%00"])
def test_a_code_that_never_was_is_one_that_has_expired(site: Site, code: str) -> None:
    answer = site.browser("city").get(f"/auth/qr/{code}")
    assert answer.status_code in (303, 400)
    assert "Traceback" not in answer.text


def test_codes_without_number_do_not_fill_the_memory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qr, "ROOM", 3)
    first, *_, last = [site.show() for _ in range(5)]
    assert site.state(first)["state"] == "expired"
    assert site.state(last)["state"] == "waiting"
    shelf = qr.Shelf()
    now = site.world.clock()
    for minutes in (0, 1, 2, 3):
        site.world.clock.now = now + timedelta(minutes=minutes)
        shelf.put(qr.Shown("", site.world.clock(), "", "", ""))
    assert len(shelf.kept) == 2


def test_a_number_that_is_not_typed_or_wrong_lets_nobody_in(site: Site) -> None:
    """A picture of somebody else's code, sent to be scanned, has no number beside it."""
    phone, code = site.browser("enterprise"), site.show()
    wrong = "1000" if site.shown["number"] != "1000" else "1001"
    for number in ("", wrong):
        assert "核对数字" in said(site.answer(code, phone, number=number))
        assert site.state(code) == {"state": "scanned", "name": ""}
    assert site.answer(code, phone, number=wrong).status_code == 400
    assert site.state(code) == {"state": "cancelled", "name": ""}, "three times and it is over"
    assert site.answer(code, phone).status_code == 400
    assert site.enter(code).status_code == 400
    assert site.visit() is None
