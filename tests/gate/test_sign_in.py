"""Signing in and out by the routes of the gate, in process: local passwords, and 统一登录 all the way."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import bcrypt
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import gate
from data.access import credentials, sessions
from data.access.visit import Visit
from data.filing import filings
from data.store.store import SYSTEM
from gate import demo, oidc, passwords
from gate.guard import COOKIE, HOST_COOKIE, Guard
from gate.routes import routes
from tests.environment import settings_of
from tests.platforms import walk
from tests.world import NAMES, PASSWORD, USCC, World

SITE = "http://library.test"
WRONG = "用户名或密码不正确，请核对后重试。连续输错 5 次将锁定 30 分钟。"
LOCKED = "该用户名连续输错次数过多，已锁定 30 分钟。"
STALE = "登录页面已过期，请重新登录。"
# Hashing at full cost is tested elsewhere.
CHEAP = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
PEOPLE = [
    demo.LegalPerson(USCC["enterprise"], NAMES["enterprise"], CHEAP, "张三", "13800138000", known=True),
    demo.LegalPerson(USCC["other"], NAMES["other"], CHEAP, "李四", "13800138001", known=True),
]


class Site:
    """The sign-in routes and the demonstration platforms behind the guard, as one browser sees them."""

    def __init__(self, world: World, **environment: str) -> None:
        self.world = world
        settings = settings_of({"LIBRARY_DATA_DIR": str(world.folder), **environment})
        platforms = demo.create(
            PEOPLE, client_id="library", client_secret=None, redirect_path="/auth/callback", folder=world.folder
        )
        provider = oidc.Provider(
            issuer="", client_id="library", client_secret=None, claims=settings.claims, transport=platforms.transport
        )
        shown = [
            {"kind": "local", "label": "市级管理员", "name": "officer", "password": PASSWORD},
            {"kind": "enterprise", "label": "测试企业", "name": USCC["enterprise"], "password": PASSWORD},
        ]
        people = shown if settings.demonstration else []
        self.app = Guard(
            Starlette(routes=[*platforms.routes, *routes(settings, secret="k" * 32, provider=provider, people=people)])
        )
        self.browser = self.another_browser()

    def another_browser(self, site: str = SITE) -> TestClient:
        return TestClient(self.app, base_url=site, follow_redirects=False)

    def csrf(self, browser: TestClient | None = None, tab: str = "local") -> str:
        page = (browser or self.browser).get(f"/auth/login?tab={tab}")
        assert page.status_code == 200
        return re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]

    def local(self, username: str = "officer", password: str = PASSWORD, *, next: str = "/", **more: str) -> Any:
        form = {"username": username, "password": password, "next": next, "csrf": self.csrf()}
        return self.browser.post("/auth/local", data=form | more)

    def begin(self, next: str = "/") -> str:
        """Click 登录 on 统一登录; the address of the platform."""
        answer = self.browser.post("/auth/begin", data={"csrf": self.csrf(tab="unified"), "next": next})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def at_the_platforms(self, address: str, uscc: str = USCC["enterprise"], **more: str) -> Any:
        """Through the funds platform and the province: their answer to us."""
        return walk(self.browser, address, uscc, PASSWORD, **more)

    def unified(self, uscc: str = USCC["enterprise"], next: str = "/") -> Any:
        """The whole chain; our answer to the callback."""
        back = self.at_the_platforms(self.begin(next), uscc)
        assert back.status_code == 303, back.text
        return self.browser.get(back.headers["location"])

    def visit(self) -> Visit | None:
        token = self.browser.cookies.get(COOKIE)
        return sessions.visit_of(self.world.store, sessions.token_id(token)) if token else None


@pytest.fixture
def site(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(passwords, "_nobody", lambda: CHEAP)
    monkeypatch.setattr(credentials, "local_credentials", _cheap(credentials.local_credentials))
    gate.bind(world.store)
    yield Site(world)
    gate.bind(None)


def _cheap(real: Any) -> Any:
    def found(*given: Any) -> Any:
        row = real(*given)
        return row and row | {"password_hash": CHEAP}

    return found


def error_of(answer: Any) -> str:
    """The sentence of the page's alert."""
    return html.unescape(re.findall(r'role="alert">([^<]*)', answer.text)[0])


def cookie_of(answer: Any) -> str:
    return next(
        value for name, value in answer.headers.multi_items() if name == "set-cookie" and value.startswith(COOKIE)
    )


# --- the login page ---------------------------------------------------------------------------------------


def test_the_login_page_offers_both_ways_and_is_not_kept_by_the_browser(site: Site) -> None:
    page = site.browser.get("/auth/login")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "统一登录" in page.text
    assert "用户名登录" in page.text
    assert 'action="/auth/begin"' in page.text
    assert 'action="/auth/local"' in site.browser.get("/auth/login?tab=local").text
    assert 'action="/auth/begin"' in site.browser.get("/auth/login?tab=<script>").text


def test_the_short_address_leads_to_the_login_page(site: Site) -> None:
    answer = site.browser.get("/login?tab=local&next=/basic")
    assert answer.headers["location"] == "/auth/login?tab=local&next=/basic"
    assert site.browser.get("/login").headers["location"] == "/auth/login"


def test_demonstration_accounts_stand_on_the_page_of_a_demonstration_only(site: Site, world: World) -> None:
    assert PASSWORD in site.browser.get("/auth/login?tab=local").text
    assert USCC["enterprise"] in site.browser.get("/auth/login").text
    real = Site(
        world, LIBRARY_MODE="production", LIBRARY_BASE_URL="https://library.test", LIBRARY_OIDC_ISSUER="https://id.test"
    )
    for tab in ("local", "unified"):
        page = real.browser.get(f"/auth/login?tab={tab}").text
        assert PASSWORD not in page
        assert "演示" not in page


def test_a_hostile_next_does_not_get_out_of_its_attribute(site: Site) -> None:
    page = site.browser.get("/auth/login", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>alert(1)" not in page


# --- local ------------------------------------------------------------------------------------------------


def test_the_right_password_opens_a_session(site: Site) -> None:
    answer = site.local()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    visit = site.visit()
    assert visit is not None
    assert (visit.account_id, visit.role) == ("local-officer", "city_officer")
    opened = site.world.store.facts(f"session:{visit.session_id}")
    assert [(fact.kind, fact.account_id, fact.body["way"]) for fact in opened] == [
        ("session.opened", "local-officer", "用户名登录")
    ]


@pytest.mark.parametrize("typed", ["OFFICER", " officer ", "Officer"])
def test_the_user_name_is_taken_in_any_case(site: Site, typed: str) -> None:
    assert site.local(typed).status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_foreign_sites(site: Site) -> None:
    cookie = cookie_of(site.local())
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert "secure" not in parts
    assert f"max-age={sessions.HOURS * 3600}" in parts
    assert not any(part.startswith("domain") for part in parts)


def test_the_cookie_is_secure_when_the_address_is_https(world: World, site: Site) -> None:
    configured = Site(world, LIBRARY_BASE_URL="https://library.test")
    configured.browser = configured.another_browser("https://library.test")
    answer = configured.local()
    assert answer.status_code == 303
    site.browser = site.another_browser("https://library.test")  # https seen in the request alone
    for given in (answer, site.local()):
        # A browser takes a __Host- cookie only with Secure, Path=/ and without Domain; the plain one is taken back.
        [kept] = [each for each in given.headers.get_list("set-cookie") if each.startswith(f"{HOST_COOKIE}=")]
        parts = {part.strip().lower() for part in kept.split(";")}
        assert {"secure", "httponly", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
        assert "max-age=0" in cookie_of(given).lower()


def test_the_cookie_of_the_sign_in_s_own_state_is_ours_alone_and_gone_after_signing_out(
    world: World, site: Site
) -> None:
    site.browser.get("/auth/login")
    assert "library_signin" in site.browser.cookies
    site.local()
    site.browser.get("/auth/logout")
    assert "library_signin" not in site.browser.cookies
    configured = Site(world, LIBRARY_BASE_URL="https://library.test")
    configured.browser = configured.another_browser("https://library.test")
    given = configured.browser.get("/auth/login").headers.get_list("set-cookie")
    [kept] = [each for each in given if "library_signin" in each]
    assert kept.startswith("__Host-library_signin=")
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= {part.strip().lower() for part in kept.split(";")}
    assert not any(part.strip().lower().startswith("domain") for part in kept.split(";"))


def test_the_cookie_is_not_what_the_store_keeps(site: Site) -> None:
    site.local()
    token = site.browser.cookies[COOKIE]
    assert len(token) >= 43
    for table in ("facts", "sessions"):
        assert token not in str(site.world.store.rows(f"SELECT * FROM {table}"))


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("officer", "Wrong2026wh"), ("officer", ""), ("ghost", "Ghost2026wh"), ("", ""),
        ("officer", PASSWORD + " "), ("officer", "x" * 100), ("officer' OR 1=1 --", "Ghost2026wh"),
        ("武汉", "密码"), ("a" * 300, "b"), ("\x00", "\x00"),
    ],
)  # fmt: skip
def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(site: Site, username: str, password: str) -> None:
    answer = site.local(username, password)
    assert answer.status_code == 401
    assert error_of(answer) == WRONG
    assert COOKIE not in site.browser.cookies
    assert password not in answer.text or len(password) < 3
    failed = [fact for fact in site.world.store.facts() if fact.kind == "sign_in.failed"]
    assert len(failed) == 1
    assert not password or password not in str(failed[0].body)


def test_what_was_typed_as_user_name_stands_in_the_form_escaped(site: Site) -> None:
    answer = site.local('"><script>alert(1)</script>', "x")
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("username", ["officer", "ghost"])
def test_five_failures_lock_for_thirty_minutes_known_or_unknown(site: Site, username: str) -> None:
    for _ in range(credentials.FAILURES_BEFORE_LOCK):
        assert site.local(username.upper(), "Wrong2026wh").status_code == 401
    answer = site.local(username)
    assert answer.status_code == 429
    assert LOCKED in error_of(answer)
    assert COOKIE not in site.browser.cookies
    site.world.clock.now += credentials.LOCK - timedelta(minutes=1)
    assert site.local(username).status_code == 429
    site.world.clock.now += timedelta(minutes=2)
    assert site.local(username).status_code == (303 if username == "officer" else 401)


def test_a_lock_is_for_one_user_name_only(site: Site) -> None:
    for _ in range(credentials.FAILURES_BEFORE_LOCK):
        site.local("keeper", "Wrong2026wh")
    assert site.local("keeper").status_code == 429
    assert site.local("officer").status_code == 303


def test_a_stopped_account_gets_the_same_answer_as_an_unknown_one(site: Site) -> None:
    site.world.store.write(lambda t: t.append(SYSTEM, "account.changed", "account:local-officer", {"active": False}))
    answer = site.local()
    assert (answer.status_code, error_of(answer)) == (401, WRONG)


def test_an_enterprise_account_has_no_local_password(site: Site) -> None:
    site.unified()
    site.browser = site.another_browser()
    assert site.local(USCC["enterprise"].lower()).status_code == 401


@pytest.mark.parametrize("token", [None, "", "wrong", "令牌"])
@pytest.mark.parametrize("path", ["/auth/local", "/auth/begin"])
def test_a_form_without_the_token_of_this_browser_does_nothing(site: Site, path: str, token: str | None) -> None:
    site.csrf()
    form = {"username": "officer", "password": PASSWORD} | ({} if token is None else {"csrf": token})
    answer = site.browser.post(path, data=form)
    assert answer.status_code == 400
    assert error_of(answer) == STALE
    assert COOKIE not in site.browser.cookies
    # The page that says so can be used at once.
    again = re.findall(r'name="csrf" value="([^"]+)"', answer.text)[0]
    assert site.browser.post("/auth/local", data=form | {"csrf": again}).status_code == 303


def test_the_token_of_another_browser_does_not_do(site: Site) -> None:
    site.csrf()
    foreign = site.csrf(site.another_browser())
    assert (
        site.browser.post(
            "/auth/local", data={"username": "officer", "password": PASSWORD, "csrf": foreign}
        ).status_code
        == 400
    )
    alone = site.another_browser().post(
        "/auth/local", data={"username": "officer", "password": PASSWORD, "csrf": foreign}
    )
    assert alone.status_code == 400


def test_the_forms_cannot_be_sent_by_a_link(site: Site) -> None:
    for form, page in (("/auth/local", "/auth/login?tab=local"), ("/auth/begin", "/auth/login")):
        answer = site.browser.get(form)
        assert (answer.status_code, answer.headers["location"]) == (303, page)


@pytest.mark.parametrize("wanted", ["/basic", "/overview?year=2024", "/review?view=%E5%85%A8%E9%83%A8"])
def test_next_is_honoured(site: Site, wanted: str) -> None:
    assert site.local(next=wanted).headers["location"] == wanted
    # Who is signed in already goes there at once.
    assert site.browser.get("/auth/login", params={"next": wanted}).headers["location"] == wanted


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "evil",
        "",
        "/a\r\nX: y",
        "/" + "a" * 2000,
    ],
)
def test_a_foreign_next_is_refused(site: Site, foreign: str) -> None:
    assert site.local(next=foreign).headers["location"] == "/"
    assert site.browser.get("/auth/login", params={"next": foreign}).headers["location"] == "/"


def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    site.local()
    first = site.browser.cookies[COOKIE]
    # The form was open in a second tab before the first sign-in.
    page = site.another_browser()
    form = {"username": "keeper", "password": PASSWORD, "csrf": site.csrf(page)}
    page.cookies.set(COOKIE, first, domain="library.test")
    assert page.post("/auth/local", data=form).status_code == 303
    assert sessions.visit_of(site.world.store, sessions.token_id(first)) is None
    ended = site.world.store.facts(f"session:{sessions.token_id(first)}")[-1]
    assert (ended.kind, ended.body) == ("session.ended", {"reason": "重新登录"})


# --- signing out ------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_in_the_store(site: Site) -> None:
    site.local()
    token = site.browser.cookies[COOKIE]
    answer = site.browser.get("/auth/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/login")
    assert 'library_session=""' in cookie_of(answer)
    assert COOKIE not in site.browser.cookies
    assert sessions.visit_of(site.world.store, sessions.token_id(token)) is None
    facts = site.world.store.facts(f"session:{sessions.token_id(token)}")
    assert [(fact.kind, fact.account_id) for fact in facts][-1] == ("session.ended", "local-officer")
    # A second click is harmless.
    assert site.browser.get("/auth/logout").status_code == 303
    assert len(site.world.store.facts(f"session:{sessions.token_id(token)}")) == len(facts)


@pytest.mark.parametrize("where", ["cross-site", "same-site"])
def test_a_foreign_page_cannot_sign_anybody_out(site: Site, where: str) -> None:
    site.local()
    assert site.browser.get("/auth/logout", headers={"sec-fetch-site": where}).status_code == 403
    assert site.visit() is not None
    assert site.browser.get("/auth/logout", headers={"sec-fetch-site": "same-origin"}).status_code == 303
    assert site.visit() is None


def test_a_session_ends_by_itself_after_its_hours(site: Site) -> None:
    site.local()
    for _ in range(2 * sessions.HOURS - 1):
        site.world.clock.now += timedelta(minutes=29)
        assert site.browser.post("/auth/alive").status_code == 200
    site.world.clock.now += timedelta(minutes=29)
    assert site.visit() is not None
    site.world.clock.now += timedelta(minutes=13)
    assert site.visit() is None
    assert site.browser.get("/auth/login").status_code == 200


# --- 统一登录 -----------------------------------------------------------------------------------------------


def test_an_enterprise_signs_in_through_the_platforms_and_finds_its_form_prefilled(site: Site) -> None:
    known = site.world.store.rows("SELECT * FROM enterprises")
    assert not known
    answer = site.unified()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = cookie_of(answer).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    visit = site.visit()
    assert visit is not None
    assert (visit.role, visit.name) == ("enterprise", "张三")
    enterprise = site.world.store.rows("SELECT * FROM enterprises")
    assert [(row["id"], row["uscc"], row["name"]) for row in enterprise] == [
        (visit.enterprise_id, USCC["enterprise"], NAMES["enterprise"])
    ]
    filing = filings.mine(visit)
    assert filing is not None
    assert filing.revision == 0
    assert filing.content["basic"] == {"enterprise_name": NAMES["enterprise"], "uscc": USCC["enterprise"]}


def test_the_second_sign_in_finds_the_same_account_and_enterprise(site: Site) -> None:
    site.unified()
    first = site.visit()
    site.browser = site.another_browser()
    site.unified()
    second = site.visit()
    assert first is not None
    assert second is not None
    assert (first.account_id, first.enterprise_id) == (second.account_id, second.enterprise_id)
    assert first.session_id != second.session_id
    site.browser = site.another_browser()
    site.unified(USCC["other"])
    third = site.visit()
    assert third is not None
    assert third.enterprise_id != first.enterprise_id


@pytest.mark.parametrize("wanted", ["/technology", "/overview?year=2024", "/basic?x=%E6%AD%A6%E6%B1%89&y=1"])
def test_a_deep_link_survives_the_platform(site: Site, wanted: str) -> None:
    assert site.unified(next=wanted).headers["location"] == wanted


def test_a_foreign_deep_link_does_not(site: Site) -> None:
    assert site.unified(next="//evil.test/").headers["location"] == "/"


def test_the_platform_is_asked_with_pkce_state_and_nonce(site: Site) -> None:
    query = parse_qs(urlsplit(site.begin()).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"{SITE}/auth/callback"]
    assert query["prompt"] == ["login"]
    assert query["state"][0]
    assert query["nonce"][0]


def test_a_callback_nobody_asked_for_signs_nobody_in(site: Site) -> None:
    answer = site.browser.get("/auth/callback?code=x&state=y")
    assert answer.status_code == 400
    assert "请确认浏览器允许 Cookie 后返回登录页重新登录" in error_of(answer)
    assert re.search(r"参考编号 <code>\w{8}</code>", answer.text)
    assert 'href="/auth/login"' in answer.text
    assert COOKIE not in site.browser.cookies


def test_a_callback_of_another_browser_signs_nobody_in(site: Site) -> None:
    back = site.at_the_platforms(site.begin())
    victim = site.another_browser()
    assert victim.get(back.headers["location"]).status_code == 400
    assert COOKIE not in victim.cookies


def test_a_callback_works_once(site: Site) -> None:
    back = site.at_the_platforms(site.begin())
    assert site.browser.get(back.headers["location"]).status_code == 303
    again = site.browser.get(back.headers["location"])
    assert again.status_code == 400
    assert "已经用过" in error_of(again)


def test_cancelling_at_the_platform_says_what_to_do(site: Site) -> None:
    page = site.at_the_platforms(site.begin(), cancel="1")  # at the province; the funds platform asks again
    form = {"transaction": re.findall(r'name="transaction" value="([^"]+)"', page.text)[0], "cancel": "1"}
    back = site.browser.post(f"{SITE}/demo-fund/sign-in", data=form)
    answer = site.browser.get(back.headers["location"])
    assert answer.status_code == 400
    assert error_of(answer) == "您在统一身份认证平台取消了授权，没有登录。需要登录时，请返回登录页重新登录。"


def test_an_unreachable_platform_says_what_to_do(site: Site) -> None:
    class Down(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("no route", request=request)

    provider = oidc.Provider(
        issuer="", client_id="library", client_secret=None, claims=settings_of({}).claims, transport=Down()
    )
    app = Starlette(routes=routes(settings_of({}), secret="k" * 32, provider=provider, people=[]))
    site.browser = TestClient(Guard(app), base_url=SITE, follow_redirects=False)
    answer = site.browser.post("/auth/begin", data={"csrf": site.csrf(tab="unified"), "next": "/"})
    assert answer.status_code == 502
    assert error_of(answer) == "暂时连接不上统一身份认证平台，登录没有开始。请稍后返回登录页重试。"
    assert "参考编号" in answer.text


def test_a_stopped_enterprise_is_told_whom_to_ask(site: Site) -> None:
    site.unified()
    visit = site.visit()
    assert visit is not None
    stopped = visit.account_id
    site.world.store.write(lambda t: t.append(SYSTEM, "account.changed", f"account:{stopped}", {"active": False}))
    assert site.visit() is None  # at once, in the open browser too
    site.browser = site.another_browser()
    answer = site.unified()
    assert answer.status_code == 400
    assert error_of(answer) == "该账号已停用，请联系所在区经信部门。"
    assert COOKIE not in site.browser.cookies


def test_a_renamed_enterprise_keeps_its_account_and_takes_its_new_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.unified()
    before = site.visit()
    renamed = demo.LegalPerson(
        USCC["enterprise"], "武汉更名智能科技有限公司（虚构）", CHEAP, "张三", "13800138000", known=True
    )
    monkeypatch.setitem(globals(), "PEOPLE", [renamed])
    again = Site(site.world)
    again.unified()
    after = again.visit()
    assert before is not None
    assert after is not None
    assert before.enterprise_id == after.enterprise_id
    filing = filings.mine(after)
    assert filing is not None
    assert filing.content["basic"]["enterprise_name"] == "武汉更名智能科技有限公司（虚构）"


def test_the_production_address_is_used_for_the_callback(world: World, site: Site) -> None:
    configured = Site(world, LIBRARY_BASE_URL="https://public.test")
    configured.browser = configured.another_browser("https://public.test")
    query = parse_qs(urlsplit(configured.begin()).query)
    assert query["redirect_uri"] == ["https://public.test/auth/callback"]
