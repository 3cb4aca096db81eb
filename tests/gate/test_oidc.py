"""Sign-in by OpenID Connect, all the way: our relying party against the demonstration platform."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import bcrypt
import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from stdnum.cn import uscc

from gate import oidc
from gate.demo import platform

SITE = "http://library.test"
ISSUER = f"{SITE}/demo-identity"
CALLBACK = f"{SITE}/auth/callback"
PASSWORD = "Peixu2025ku"
CLAIMS = {
    "uscc": "uscc",
    "enterprise_name": "name",
    "contact_name": "contact_name",
    "contact_phone": "phone_number",
}
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


def credit_code(number: int) -> str:
    body = f"91420199MA{number:07d}"
    return body + uscc.calc_check_digit(body)


PEOPLE = [
    platform.LegalPerson(credit_code(1), "武汉星河智算科技有限公司", HASH, "李明", "13800000001", "洪山区"),
    platform.LegalPerson(credit_code(2), "武汉知音语音科技有限公司", HASH, "王芳", "13800000002"),
]


class Between(httpx2.AsyncBaseTransport):
    """The road from us to the platform: counts what passes, and may change the JSON that comes back."""

    def __init__(self, app: Starlette) -> None:
        self.road = httpx2.ASGITransport(app, root_path="/demo-identity")
        self.edits: dict[str, Callable[[Any], Any]] = {}
        self.seen: list[str] = []
        self.down = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.down:
            raise httpx2.ConnectError("no route to the province", request=request)
        name = request.url.path.rsplit("/", 1)[-1]
        self.seen.append(name)
        if name == "token":
            self.authorization = request.headers.get("authorization")
        response = await self.road.handle_async_request(request)
        if name not in self.edits:
            return response
        return httpx2.Response(response.status_code, json=self.edits[name](json.loads(await response.aread())))


class World:
    """Our site with both ends mounted, as seen from a browser."""

    def __init__(self, *, secret: str | None = "s3cret", people: Any = PEOPLE, **provider: Any) -> None:
        demo = platform.create(people, client_id="library", client_secret=secret, redirect_path="/auth/callback")
        self.between = Between(demo)
        settings = {"issuer": "", "client_id": "library", "client_secret": secret, "claims": CLAIMS}
        self.provider = oidc.Provider(**settings | {"transport": self.between} | provider)
        self.signed_in: list[oidc.Identity] = []
        auth = Starlette(
            routes=[
                Route("/begin", self.begin),
                Route("/callback", self.complete),
                Route("/leave", self.leave),
            ],
            middleware=[Middleware(SessionMiddleware, secret_key="k", path="/auth")],
        )
        self.app = Starlette(routes=[Mount("/auth", auth), Mount("/demo-identity", demo)])
        self.browser = self.new_browser()

    def new_browser(self) -> TestClient:
        return TestClient(self.app, base_url=SITE, follow_redirects=False)

    async def begin(self, request: Request) -> Response:
        path = request.query_params.get("next", "/")
        try:
            return await oidc.begin(request, self.provider, callback_url=CALLBACK, next_path=path)
        except oidc.SignInFailed as failed:
            return JSONResponse({"sentence": str(failed), "reference": failed.reference}, 400)

    async def complete(self, request: Request) -> Response:
        try:
            identity, path = await oidc.complete(request, self.provider, callback_url=CALLBACK)
        except oidc.SignInFailed as failed:
            return JSONResponse({"sentence": str(failed), "reference": failed.reference}, 400)
        self.signed_in.append(identity)
        return JSONResponse({"next": path})

    async def leave(self, request: Request) -> Response:
        back = f"{SITE}/x"
        url = await oidc.end_session_url(request, self.provider, id_token="t", return_url=back)
        return JSONResponse({"url": url})

    def ask(self, path: str = "/") -> str:
        """Begin at our site; the address of the platform that the browser is sent to."""
        return self.browser.get("/auth/begin", params={"next": path}).headers["location"]

    def open_form(self, address: str) -> str:
        return hidden(self.browser.get(address).text)

    def send_form(self, transaction: str, **fields: str) -> httpx2.Response:
        return self.browser.post("/demo-identity/sign-in", data={"transaction": transaction} | fields)

    def callback(self, path: str = "/", person: platform.LegalPerson = PEOPLE[0]) -> str:
        """Sign in at the platform; the callback address that it answers with."""
        transaction = self.open_form(self.ask(path))
        return self.send_form(transaction, uscc=person.uscc, password=PASSWORD).headers["location"]

    def failure(self, address: str) -> str:
        """The sentence shown for a callback that must sign nobody in."""
        before = len(self.signed_in)
        answer = self.browser.get(address)
        assert answer.status_code == 400 and len(self.signed_in) == before
        assert re.fullmatch(r"[2-9A-HJKMNP-Z]{8}", answer.json()["reference"])
        return answer.json()["sentence"]

    def exchange(self, **changes: str) -> httpx2.Response:
        """Ask the token endpoint directly, with a fresh code and a known verifier."""
        verifier = "v" * 50
        challenge = platform.create_s256_code_challenge(verifier)
        address = f"/demo-identity/authorize?{urlencode(self.request(code_challenge=challenge))}"
        transaction = self.open_form(address)
        back = self.send_form(transaction, uscc=PEOPLE[0].uscc, password=PASSWORD).headers["location"]
        self.last = {
            "grant_type": "authorization_code",
            "code": query(back)["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        } | changes
        return self.redeem()

    def redeem(self) -> httpx2.Response:
        return self.browser.post("/demo-identity/token", data=self.last, auth=("library", "s3cret"))

    @staticmethod
    def request(**changes: str) -> dict[str, str]:
        """A complete authorization request."""
        return {
            "response_type": "code",
            "client_id": "library",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "st",
            "code_challenge": "c" * 43,
            "code_challenge_method": "S256",
        } | changes


def query(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def hidden(page: str) -> str:
    found = re.search(r'name="transaction" value="([^"]+)"', page)
    assert found, page
    return found[1]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Seconds to add to both ends' clocks: `ours`, `theirs`."""
    ahead = SimpleNamespace(ours=0, theirs=0)
    monkeypatch.setattr(oidc, "now", lambda: time.time() + ahead.ours)
    monkeypatch.setattr(platform, "now", lambda: time.time() + ahead.theirs)
    return ahead


def forge(world: World, *, key: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> None:
    """Let the platform's ID tokens arrive with other claims, signed with a key that its JWKS lists."""
    listed = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)

    def resign(token: dict[str, Any]) -> dict[str, Any]:
        payload = token["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "RS256", "kid": listed.kid} | (header or {})
        signed = jwt.encode(head, claims, key or listed, algorithms=["RS256", "HS256", "none"])
        return token | {"id_token": signed}

    world.between.edits |= {"jwks": lambda _: KeySet([listed]).as_dict(), "token": resign}


# The whole way


@pytest.mark.parametrize("secret", ["s3cret", None])
def test_enterprise_signs_in_and_lands_where_it_wanted_to_go(secret: str | None) -> None:
    world = World(secret=secret)
    answer = world.browser.get(world.callback("/enterprise/filing?round=2025Q4"))
    assert answer.json() == {"next": "/enterprise/filing?round=2025Q4"}
    [identity] = world.signed_in
    assert (identity.issuer, identity.uscc) == (ISSUER, PEOPLE[0].uscc)
    assert identity.enterprise_name == "武汉星河智算科技有限公司"
    assert (identity.contact_name, identity.contact_phone) == ("李明", "13800000001")
    assert identity.subject and PEOPLE[0].uscc not in identity.subject
    assert identity.id_token.count(".") == 2 and identity.id_token not in repr(identity)


def test_request_carries_pkce_state_nonce_and_prompt(world: World) -> None:
    first, second = query(world.ask()), query(world.ask())
    assert first["code_challenge_method"] == "S256" and len(first["code_challenge"]) == 43
    assert first["response_type"] == "code" and "openid" in first["scope"].split()
    assert first["redirect_uri"] == CALLBACK and first["prompt"] == "login"
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))
    assert "prompt" not in query(World(prompt=None).ask())


def test_provider_that_only_takes_the_secret_in_the_form(world: World) -> None:
    only_post = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    world.between.edits["openid-configuration"] = lambda metadata: metadata | only_post
    assert world.browser.get(world.callback()).status_code == 200
    assert world.between.authorization is None


def test_claims_may_come_from_userinfo(world: World) -> None:
    forge(world, uscc=None, name=None, contact_name=None, phone_number=None)
    assert world.browser.get(world.callback()).status_code == 200
    assert world.signed_in[0].enterprise_name == "武汉星河智算科技有限公司"
    assert "userinfo" in world.between.seen


def test_userinfo_about_somebody_else_is_refused(world: World) -> None:
    forge(world, uscc=None)
    world.between.edits["userinfo"] = lambda claims: claims | {"sub": PEOPLE[1].subject}
    assert "与本次登录请求不对应" in world.failure(world.callback())


def test_claims_the_provider_does_not_map_stay_empty() -> None:
    world = World(claims={"uscc": "uscc"})
    world.browser.get(world.callback())
    assert (world.signed_in[0].enterprise_name, world.signed_in[0].contact_phone) == ("", "")


def test_published_documents_are_kept_and_key_rotation_is_followed(world: World, clock: SimpleNamespace) -> None:
    world.browser.get(world.callback())
    world.browser.get(world.callback())
    assert world.between.seen.count("openid-configuration") == world.between.seen.count("jwks") == 1
    forge(world)  # a new key under a new kid
    assert world.browser.get(world.callback()).status_code == 200
    assert world.between.seen.count("jwks") == 2
    clock.ours = clock.theirs = oidc.CACHE_SECONDS + 1
    world.browser.get(world.callback())
    assert world.between.seen.count("openid-configuration") == 2 and world.between.seen.count("jwks") == 3


def test_sign_out_reaches_the_platform_and_comes_back_only_to_our_host(world: World) -> None:
    address = world.browser.get("/auth/leave").json()["url"]
    assert address.startswith(f"{ISSUER}/logout?") and query(address)["id_token_hint"] == "t"
    assert world.browser.get(address).headers["location"] == f"{SITE}/x"
    for foreign in (
        "http://evil.test/",
        "//evil.test/",
        "javascript:alert(1)",
        "http://library.test@evil.test",
    ):
        page = world.browser.get(f"{ISSUER}/logout", params={"post_logout_redirect_uri": foreign})
        assert page.status_code == 200 and "已退出登录" in page.text


def test_sign_out_when_the_platform_is_away(world: World) -> None:
    world.between.down = True
    assert world.browser.get("/auth/leave").json() == {"url": None}


# Callbacks that sign nobody in


def test_provider_away_at_the_start(world: World) -> None:
    world.between.down = True
    answer = world.browser.get("/auth/begin")
    assert answer.status_code == 400 and "暂时连接不上统一身份认证平台，登录没有开始" in answer.json()["sentence"]


@pytest.mark.parametrize(
    "edit",
    [lambda document: document | {"issuer": "http://evil.test"}, lambda _: [], lambda _: {"issuer": ISSUER}],
    ids=["another issuer", "not an object", "no endpoints"],
)
def test_discovery_document_that_cannot_be_used(world: World, edit: Callable[[Any], Any]) -> None:
    world.between.edits["openid-configuration"] = edit
    assert "登录没有开始" in world.browser.get("/auth/begin").json()["sentence"]


def test_provider_goes_away_on_the_way(world: World) -> None:
    address = world.callback()
    world.between.down = True
    assert "登录中途连接不上统一身份认证平台" in world.failure(address)


def test_consent_refused(world: World) -> None:
    back = world.send_form(world.open_form(world.ask()), cancel="1").headers["location"]
    assert query(back)["error"] == "access_denied" and "code" not in query(back)
    assert "取消了授权" in world.failure(back)


def test_other_error_from_the_provider(world: World) -> None:
    state = query(world.ask())["state"]
    assert "没有完成登录" in world.failure(f"/auth/callback?error=server_error&state={state}")


def test_callback_without_a_code(world: World) -> None:
    assert "没有完成登录" in world.failure(f"/auth/callback?state={query(world.ask())['state']}")


@pytest.mark.parametrize("state", ["", "&state=", "&state=guess"])
def test_state_missing_or_wrong(world: World, state: str) -> None:
    code = query(world.callback())["code"]
    assert "没有找到与本次返回对应的登录请求" in world.failure(f"/auth/callback?code={code}{state}")


def test_callback_in_another_browser(world: World) -> None:
    address = world.callback()
    world.browser = world.new_browser()
    assert "没有找到与本次返回对应的登录请求" in world.failure(address)


@pytest.mark.parametrize(("seconds", "lasts"), [(595, True), (605, False)])
def test_sign_in_expires_after_ten_minutes(world: World, clock: SimpleNamespace, seconds: int, lasts: bool) -> None:
    address = world.callback()
    clock.ours = seconds
    forge(world, exp=int(time.time()) + 3600)
    if lasts:
        assert world.browser.get(address).status_code == 200
    else:
        assert "超过 10 分钟" in world.failure(address)


def test_replayed_callback_even_with_the_old_cookie(world: World) -> None:
    address = world.callback()
    before = dict(world.browser.cookies)
    assert world.browser.get(address).status_code == 200
    assert "已经用过" in world.failure(address)
    world.browser = world.new_browser()
    world.browser.cookies.update(before)
    assert "已经用过" in world.failure(address)
    assert len(world.signed_in) == 1


def test_failed_callback_is_used_up_too(world: World) -> None:
    state = query(world.ask())["state"]
    world.failure(f"/auth/callback?error=access_denied&state={state}")
    assert "已经用过" in world.failure(f"/auth/callback?code=x&state={state}")


def test_code_the_platform_does_not_know(world: World) -> None:
    state = query(world.ask())["state"]
    assert "没有认可本次登录" in world.failure(f"/auth/callback?code=guess&state={state}")


def test_code_of_another_sign_in_fails_on_pkce(world: World) -> None:
    mine, other = query(world.callback()), query(world.callback(person=PEOPLE[1]))
    mixed = urlencode(mine | {"code": other["code"]})
    assert "没有认可本次登录" in world.failure(f"/auth/callback?{mixed}")


def test_wrong_client_secret() -> None:
    world = World(client_secret="other")
    assert "没有认可本次登录" in world.failure(world.callback())


def test_answer_from_another_issuer(world: World) -> None:
    address = world.callback()
    assert "不是由约定的统一身份认证平台签发" in world.failure(
        f"/auth/callback?{urlencode(query(address) | {'iss': 'http://evil.test'})}"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nonce": "other"}, "与本次登录请求不对应"),
        ({"nonce": None}, "与本次登录请求不对应"),
        ({"iss": "http://evil.test"}, "不是由约定的统一身份认证平台签发"),
        ({"iss": None}, "不是由约定的统一身份认证平台签发"),
        ({"aud": "another"}, "不是签发给本系统的"),
        ({"aud": "another", "azp": "library"}, "不是签发给本系统的"),
        ({"aud": None}, "不是签发给本系统的"),
        ({"aud": ["library", "another"], "azp": "another"}, "不是签发给本系统的"),
        ({"exp": 1}, "不在有效期内"),
        ({"exp": None}, "不在有效期内"),
        ({"iat": 9_999_999_999}, "不在有效期内"),
        ({"sub": None}, "内容不完整或不正确"),
        ({"sub": ""}, "内容不完整或不正确"),
        ({"at_hash": "AAAA"}, "内容不完整或不正确"),
    ],
)
def test_id_token_that_does_not_fit(world: World, changes: dict[str, Any], sentence: str) -> None:
    forge(world, **changes)
    assert sentence in world.failure(world.callback())


@pytest.mark.parametrize(("late", "accepted"), [(50, True), (70, False)])
def test_clocks_may_differ_by_a_minute(world: World, late: int, accepted: bool) -> None:
    forge(world, exp=int(time.time()) - late)
    if accepted:
        assert world.browser.get(world.callback()).status_code == 200
    else:
        assert "不在有效期内" in world.failure(world.callback())


@pytest.mark.parametrize("attack", ["other key", "unknown kid", "none", "hmac", "garbage", "absent"])
def test_signature_that_does_not_hold(world: World, attack: str) -> None:
    if attack == "other key":
        forge(world, key=RSAKey.generate_key(2048))
    elif attack == "unknown kid":
        forge(world, header={"kid": "nobody"})
    elif attack == "none":
        forge(world, header={"alg": "none"})
    elif attack == "hmac":
        forge(world, key=OctKey.import_key("s3cret-s3cret-s3cret-s3cret-s3cret"), header={"alg": "HS256"})
    elif attack == "garbage":
        world.between.edits["token"] = lambda token: token | {"id_token": "a.b.c"}
    else:
        world.between.edits["token"] = lambda token: token | {"id_token": None}
    assert "签名没有通过验证" in world.failure(world.callback())
    assert world.between.seen.count("jwks") == (2 if attack == "unknown kid" else 1)


@pytest.mark.parametrize(
    ("theirs", "sentence"),
    [
        ("uscc", "没有提供统一社会信用代码"),
        ("name", "没有提供企业名称"),
        ("contact_name", "没有提供联系人姓名"),
        ("phone_number", "没有提供联系人电话"),
    ],
)
@pytest.mark.parametrize("value", [None, " "])
def test_claim_missing(world: World, theirs: str, sentence: str, value: str | None) -> None:
    forge(world, **{theirs: value})
    world.between.edits["userinfo"] = lambda claims: {k: v for k, v in claims.items() if k != theirs}
    assert sentence in world.failure(world.callback())


def test_credit_code_that_is_none(world: World) -> None:
    forge(world, uscc="420100000000001")
    assert "格式不正确" in world.failure(world.callback())


def test_every_sentence_says_what_to_do() -> None:
    for sentence in [*oidc.REFUSED_CLAIM.values(), *oidc.MISSING_CLAIM.values()]:
        assert re.search(r"。.*(请|再)", sentence) or "请" in sentence.split("，", 1)[1]


# Several tabs


def test_several_tabs_finish_in_any_order(world: World) -> None:
    addresses = {path: world.callback(path) for path in ("/a", "/b", "/c")}
    for path in ("/b", "/c", "/a"):
        assert world.browser.get(addresses[path]).json() == {"next": path}


def test_the_sixth_tab_drops_the_first(world: World) -> None:
    addresses = [world.callback(f"/{number}") for number in range(6)]
    assert "没有找到与本次返回对应的登录请求" in world.failure(addresses[0])
    assert [world.browser.get(address).status_code for address in addresses[1:]] == [200] * 5


def test_finished_sign_ins_leave_room_for_a_waiting_one(world: World) -> None:
    waiting = world.callback("/waiting")
    for _ in range(6):
        world.browser.get(world.callback())
    assert world.browser.get(waiting).json() == {"next": "/waiting"}


def test_pending_sign_ins_fit_a_cookie(world: World) -> None:
    for _ in range(7):
        address = world.callback("/" + "x" * (oidc.NEXT_LENGTH - 1))
        assert all(len(f"{name}={value}") < 4096 for name, value in world.browser.cookies.items())
    assert world.browser.get(address).status_code == 200


# The address to return to

hostile = st.one_of(
    st.text(),
    st.builds(
        "".join,
        st.lists(st.sampled_from(["/", "\\", "//", ":", "@", "evil.test", "\t", "\n", " ", "?", "."])),
    ),
)


@given(hostile)
@example("//evil.test")
@example("/\\evil.test")
@example("/\t/evil.test")
@example("https://evil.test/")
@example("javascript:alert(1)")
@example("/x\r\nSet-Cookie: a=b")
@example("/\u2028x")
@example("/\ud800")
def test_safe_next_never_leaves_the_site(path: str) -> None:
    safe = oidc.safe_next(path)
    assert safe in (path, "/") and safe.startswith("/") and safe[1:2] not in ("/", "\\")
    assert safe.isprintable() and "\\" not in safe and len(safe) <= oidc.NEXT_LENGTH
    target = httpx2.URL("http://library.test/auth/callback").join(safe.replace(" ", "%20"))
    assert (target.scheme, target.host) == ("http", "library.test")
    assert oidc.safe_next(safe) == safe


@given(st.from_regex(r"/([a-z0-9_-]+(/[a-z0-9_-]+)*)?(\?[a-z]+=[a-z0-9%/:=&]*)?", fullmatch=True))
def test_safe_next_keeps_our_own_paths(path: str) -> None:
    assert oidc.safe_next(path) == path or len(path) > oidc.NEXT_LENGTH


@pytest.mark.parametrize("path", [None, "", "x", "http://library.test/x"])
def test_safe_next_without_a_path(path: str | None) -> None:
    assert oidc.safe_next(path) == "/"


def test_begin_cleans_the_next_path_itself(world: World) -> None:
    assert world.browser.get(world.callback("//evil.test")).json() == {"next": "/"}


# What a provider may be


def test_issuer_from_the_request_never_goes_over_the_network() -> None:
    world = World(transport=None)
    answer = world.browser.get("/auth/begin", headers={"Host": "evil.test"})
    assert answer.status_code == 400 and "还没有配置统一身份认证平台" in answer.json()["sentence"]
    assert world.browser.get("/auth/leave").json() == {"url": None}


@pytest.mark.parametrize("claims", [{"enterprise_name": "name"}, CLAIMS | {"role": "role"}])
def test_claims_name_the_credit_code_and_nothing_unknown(claims: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="uscc"):
        oidc.Provider("https://idp.test", "library", None, claims)


def test_secret_is_not_printed(world: World) -> None:
    assert "s3cret" not in repr(world.provider) and HASH not in repr(PEOPLE[0])


# The demonstration platform: whom it answers


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://evil.test/auth/callback"},
        {"redirect_uri": "http://library.test.evil.test/auth/callback"},
        {"redirect_uri": "http://library.test@evil.test/auth/callback"},
        {"redirect_uri": "http://library.test/auth/elsewhere"},
        {"redirect_uri": "http://library.test/auth/callback?x=1"},
        {"redirect_uri": "javascript://library.test/auth/callback"},
        {"redirect_uri": ""},
        {"client_id": "stranger"},
    ],
)
def test_foreign_client_is_told_on_the_page_and_never_redirected(world: World, changes: dict[str, str]) -> None:
    answer = world.browser.get("/demo-identity/authorize", params=world.request(**changes))
    assert answer.status_code == 400 and "location" not in answer.headers
    assert "原系统没有在本平台登记" in answer.text and "演示环境" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_request_without_pkce_or_openid_goes_back_with_an_error(world: World, changes: dict[str, str], error: str) -> None:
    answer = world.browser.get("/demo-identity/authorize", params=world.request(**changes))
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    assert query(answer.headers["location"]) == {"error": error, "state": "st", "iss": ISSUER}


def test_parameter_given_twice(world: World) -> None:
    answer = world.browser.get(f"/demo-identity/authorize?{urlencode(world.request())}&state=two")
    assert query(answer.headers["location"])["error"] == "invalid_request"


def test_code_is_exchanged_once(world: World) -> None:
    answer = world.exchange()
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    again = world.redeem()
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 50}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code_verifier": "密" * 50}, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}/"}, "invalid_grant"),
        ({"code": "guess"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_code_exchange_refused(world: World, changes: dict[str, str], error: str) -> None:
    answer = world.exchange(**changes)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_code_lasts_a_minute(world: World, clock: SimpleNamespace) -> None:
    address = world.callback()
    clock.theirs = 61
    assert "没有认可本次登录" in world.failure(address)


@pytest.mark.parametrize("auth", [None, ("library", "wrong"), ("stranger", "s3cret"), ("library", "")])
def test_token_endpoint_wants_the_client_secret(world: World, auth: tuple[str, str] | None) -> None:
    answer = world.browser.post("/demo-identity/token", data={"grant_type": "authorization_code"}, auth=auth)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_userinfo_wants_a_token_that_lives(world: World, clock: SimpleNamespace) -> None:
    bearer = {"Authorization": f"Bearer {world.exchange().json()['access_token']}"}
    assert world.browser.get("/demo-identity/userinfo", headers=bearer).json()["uscc"] == PEOPLE[0].uscc
    clock.theirs = 301
    assert world.browser.get("/demo-identity/userinfo", headers=bearer).status_code == 401
    assert world.browser.get("/demo-identity/userinfo").status_code == 401


# The demonstration platform: whom it lets in


@pytest.mark.parametrize(
    ("code", "password"),
    [
        (PEOPLE[0].uscc, "Wrong2025ku"),
        (credit_code(9), PASSWORD),
        (PEOPLE[0].uscc, ""),
        (PEOPLE[0].uscc, PASSWORD + "x" * 80),
        (PEOPLE[0].uscc, PASSWORD + "\0"),
    ],
)
def test_wrong_password_and_unknown_code_sound_the_same(world: World, code: str, password: str) -> None:
    answer = world.send_form(world.open_form(world.ask()), uscc=code, password=password)
    assert answer.status_code == 401 and platform.WRONG in answer.text
    assert f'value="{code}"' in answer.text and "Wrong2025ku" not in answer.text


def test_password_is_not_cut_at_72_bytes(world: World) -> None:
    long = "长" * 24
    hashed = bcrypt.hashpw(long.encode(), bcrypt.gensalt(4)).decode()
    world = World(people=[platform.LegalPerson(credit_code(3), "长密码公司", hashed, "赵", "13800000003")])
    form = world.open_form(world.ask())
    assert world.send_form(form, uscc=credit_code(3), password=long + "x").status_code == 401
    assert world.send_form(form, uscc=credit_code(3), password=long).status_code == 303


def test_right_password_after_a_wrong_one_on_the_same_page(world: World) -> None:
    form = world.open_form(world.ask("/x"))
    world.send_form(form, uscc=PEOPLE[0].uscc, password="x")
    back = world.send_form(form, uscc=f" {PEOPLE[0].uscc.lower()} ", password=PASSWORD).headers["location"]
    assert world.browser.get(back).json() == {"next": "/x"}


@pytest.mark.parametrize("code", [PEOPLE[0].uscc, credit_code(9)])
def test_five_failures_mean_waiting(world: World, clock: SimpleNamespace, code: str) -> None:
    form = world.open_form(world.ask())
    for _ in range(5):
        assert world.send_form(form, uscc=code, password="x").status_code == 401
    refused = world.send_form(form, uscc=code, password=PASSWORD)
    assert refused.status_code == 429 and "10 分钟后再试" in refused.text
    assert world.send_form(form, uscc=PEOPLE[1].uscc, password="x").status_code == 401  # others are not held up
    clock.theirs = 601
    later = world.send_form(world.open_form(world.ask()), uscc=code, password=PASSWORD)
    assert later.status_code == (303 if code == PEOPLE[0].uscc else 401)


def test_success_forgets_the_failures_before_it(world: World) -> None:
    for _ in range(3):
        form = world.open_form(world.ask())
        for _ in range(4):
            world.send_form(form, uscc=PEOPLE[0].uscc, password="x")
        assert world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 303


def test_form_belongs_to_the_browser_that_opened_it(world: World) -> None:
    form = world.open_form(world.ask())
    world.browser = world.new_browser()
    for _ in range(2):  # without our cookie, then with one of its own
        answer = world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD)
        assert answer.status_code == 400 and "登录页面已失效" in answer.text and "location" not in answer.headers
        world.open_form(world.ask())


def test_form_is_used_once_and_expires(world: World, clock: SimpleNamespace) -> None:
    form = world.open_form(world.ask())
    assert world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 303
    assert world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 400
    late = world.open_form(world.ask())
    clock.theirs = 601
    assert world.send_form(late, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 400


def test_page_is_a_portal_marked_as_a_demonstration(world: World) -> None:
    answer = world.browser.get(world.ask())
    for words in ("湖北省统一身份认证平台", "权威认证", "一号通行", "法人登录", "演示环境：", "账号均为虚构"):
        assert words in answer.text
    assert "密码由8位以上的小写加大写字母加数字组成" in answer.text and 'lang="zh-CN"' in answer.text
    assert "<script" not in answer.text and not re.search(r'(src|href)="(https?:)?//', answer.text)
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    style = re.search(r'rel="stylesheet" href="([^"]+)"', answer.text)[1]
    assert world.browser.get(style).headers["content-type"].startswith("text/css")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/demo-identity" in cookie


def test_one_click_fills_the_form_without_signing_in() -> None:
    person = platform.LegalPerson(credit_code(4), "武汉甲公司", HASH, "孙", "13800000004", demo_password=PASSWORD)
    world = World(people=[person])
    form = world.open_form(world.ask())
    filled = world.send_form(form, fill=person.uscc)
    assert f'value="{person.uscc}"' in filled.text and f'value="{PASSWORD}"' in filled.text
    assert hidden(filled.text) == form


def test_what_was_typed_is_escaped(world: World) -> None:
    answer = world.send_form(world.open_form(world.ask()), uscc='"><b>x', password="x")
    assert "<B>" not in answer.text and "&gt;&lt;B&gt;X" in answer.text
