"""Signing in through a certified OpenID Connect provider not written here (npm oidc-provider), by browser and by HTTP.

The application runs as for a bureau of its own: issuer, client, scope, claim names and keys from LIBRARY_OIDC_*.
"""

import base64
import html
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from itsdangerous import TimestampSigner
from joserfc.jwk import ECKey, RSAKey
from playwright.sync_api import Browser, Page, expect

from gate import oidc
from tests import browser as b
from tests import server
from tests.server import Server
from tests.world import NAMES, USCC

HERE = Path(__file__).parents[1] / "provider"
NODE = shutil.which("node") if (HERE / "node_modules" / "oidc-provider").is_dir() else None

pytestmark = [
    b.needs_browser,
    pytest.mark.skipif(
        NODE is None and not os.environ.get("LIBRARY_REQUIRE_BROWSER"),
        reason="没有 Node.js 或 oidc-provider，经身份平台登录的测试未运行",
    ),
    pytest.mark.xdist_group("browser"),
]

COOKIE_SECRET = "a-cookie-secret-of-the-tests-only"
CLIENT_SECRET = "a-client-secret-of-the-tests"
CLAIMS = {"uscc": "credit_code", "enterprise_name": "org_name", "contact_name": "agent", "contact_phone": "mobile"}
PEOPLE = {
    "xinghe": {
        "credit_code": USCC["enterprise"],
        "org_name": NAMES["enterprise"],
        "agent": "李明",
        "mobile": "13800000001",
    }
}


@dataclass
class Provider:
    """The provider, started when first needed: until then it is one that is down."""

    port: int
    key: RSAKey
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self, clients: list[dict[str, Any]]) -> None:
        assert NODE, "没有找到 Node.js 或 oidc-provider，请先运行 sh tests/provider.sh"
        given = json.dumps(
            {
                "port": self.port,
                "jwks": {"keys": [self.key.as_dict(private=True)]},
                "clients": clients,
                "people": PEOPLE,
            }
        )
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [NODE, "provider.mjs", given], cwd=HERE, stdout=output, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + 30
        while b"ready" not in self.log.read_bytes():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text("utf-8", "replace")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def suffer(self, **fault: Any) -> None:
        """Its clock ahead, claims it is without, or away altogether; nothing given: well again."""
        healthy = {"ahead": 0, "without": [], "away": False}
        httpx2.post(f"{self.issuer}/test", json=healthy | fault, trust_env=False).raise_for_status()


@dataclass(frozen=True)
class Sites:
    """Two installations of the product: one with a client secret, one with a key and pinned provider keys."""

    provider: Provider
    secret: Server
    key: Server
    clients: list[dict[str, Any]]


def registered(client_id: str, site: Server, **differs: Any) -> dict[str, Any]:
    """What a bureau tells the provider about its installation."""
    return {
        "client_id": client_id,
        "redirect_uris": [f"{site.url}/auth/callback"],
        "post_logout_redirect_uris": [f"{site.url}/auth/login"],
        **differs,
    }


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Both installations running; the provider they name is not there yet."""
    folder = tmp_path_factory.mktemp("certified")
    client_key, provider_key = ECKey.generate_key("P-256"), RSAKey.generate_key(2048, {"use": "sig", "kid": "theirs"})
    (folder / "client.pem").write_bytes(client_key.as_pem(private=True))
    (folder / "jwks.json").write_text(json.dumps({"keys": [provider_key.as_dict(private=False)]}))
    provider = Provider(server.free_port(), provider_key, folder / "provider.log")
    common = {
        "LIBRARY_OIDC_ISSUER": provider.issuer,
        "LIBRARY_OIDC_CLAIMS": json.dumps(CLAIMS),
        "LIBRARY_OIDC_SCOPE": "openid enterprise",
        "LIBRARY_COOKIE_SECRET": COOKIE_SECRET,
    }
    # prompt=off lets the provider's own session sign people in, so that leaving it can be seen.
    with_secret = {
        "LIBRARY_OIDC_CLIENT_ID": "s",
        "LIBRARY_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "LIBRARY_OIDC_PROMPT": "off",
    }
    with_key = {
        "LIBRARY_OIDC_CLIENT_ID": "k",
        "LIBRARY_OIDC_CLIENT_KEY": str(folder / "client.pem"),
        "LIBRARY_OIDC_JWKS": str(folder / "jwks.json"),
    }
    for name in ("secret", "key"):
        server.prepare(folder / name / "library")
    try:
        with (
            server.running(folder / "secret" / "library", **common | with_secret) as secret,
            server.running(folder / "key" / "library", **common | with_key) as key,
        ):
            by_secret = {"client_secret": CLIENT_SECRET, "token_endpoint_auth_method": "client_secret_basic"}
            public = {"keys": [client_key.as_dict(private=False)]}
            by_key = {"jwks": public, "token_endpoint_auth_method": "private_key_jwt"}
            clients = [registered("s", secret, **by_secret), registered("k", key, **by_key)]
            yield Sites(provider, secret, key, clients)
    finally:
        provider.stop()


@pytest.fixture
def certified(sites: Sites) -> Iterator[Sites]:
    """Both installations, and the provider in good health."""
    if sites.provider.process is None:
        sites.provider.start(sites.clients)
    yield sites
    sites.provider.suffer()


class Person:
    """Somebody with a browser that keeps cookies and takes each step when told."""

    def __init__(self, site: Server) -> None:
        self.site = site
        self.http = httpx2.Client(trust_env=False)

    def begin(self, wanted: str = "/") -> httpx2.Response:
        """Press 登录 on the sign-in page."""
        page = self.http.get(f"{self.site.url}/auth/login", params={"next": wanted})
        csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
        return self.http.post(f"{self.site.url}/auth/begin", data={"csrf": csrf, "next": wanted})

    def at_the_provider(self, answer: httpx2.Response) -> httpx2.Response:
        """Follow to the provider's next page, or to the redirect that leads back to us."""
        while answer.is_redirect:
            address = str(httpx2.URL(answer.request.url).join(answer.headers["location"]))
            if address.startswith(self.site.url):
                return answer
            answer = self.http.get(address)
        assert answer.status_code == 200, answer.text
        return answer

    def say(self, page: httpx2.Response, **form: str) -> httpx2.Response:
        """Fill in the page of the provider."""
        action = re.findall(r'action="([^"]+)"', page.text)[0]
        return self.at_the_provider(self.http.post(page.request.url.join(action), data=form))

    def callback(self, wanted: str = "/", consent: str = "yes") -> str:
        """Sign in at the provider; the address that it sends the browser back to."""
        login = self.at_the_provider(self.begin(wanted))
        assert "省平台登录" in login.text
        asked = self.say(login, account="xinghe", answer="yes")
        assert "授权培育库读取企业信息" in asked.text
        return str(self.say(asked, answer=consent).headers["location"])

    def signs_in(self, address: str) -> httpx2.Response:
        """Come back by this address, to the page that it leads to."""
        answer = self.http.get(address)
        assert answer.status_code == 303, answer.text
        assert server.COOKIE in self.http.cookies
        return answer

    def is_refused(self, address: str, *words: str) -> None:
        """Come back by this address, to a page that signs nobody in and says what to do."""
        tells(self.http.get(address), self.site, 400, *words)
        assert server.COOKIE not in self.http.cookies


def tells(answer: httpx2.Response, site: Server, status: int, *words: str) -> None:
    """The page of a failure: styled, a sentence, a number that the log knows, and the way back."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    sentence = html.unescape(re.findall(r'role="alert">([^<]+)', answer.text)[0])
    for word in words:
        assert word in sentence
    assert re.search("请|重新登录", sentence)
    assert "<style>" in answer.text
    assert 'href="/auth/login"' in answer.text
    (reference,) = re.findall(r"参考编号 <code>([2-9A-Z]{8})</code>", answer.text)
    assert reference in site.log.read_text("utf-8")


def parameters(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


# --- in the browser: these come first, since the provider is down until the second of them ------------------


def begin_in_browser(page: Page, site: Server, path: str = "/basic") -> None:
    page.goto(site.url + path)
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()
    page.get_by_role("button", name="登录", exact=True).click()


def sign_in_at_the_provider(page: Page) -> None:
    expect(page.get_by_role("heading", name="省平台登录")).to_be_visible()
    page.get_by_label("账号").fill("xinghe")
    page.get_by_role("button", name="确定").click()


def test_a_provider_that_is_down_is_a_page_that_says_what_to_do(sites: Sites, chromium: Browser) -> None:
    assert sites.provider.process is None
    page = b.window(chromium).new_page()
    begin_in_browser(page, sites.secret)
    expect(page.get_by_role("alert")).to_contain_text(
        "暂时连接不上统一身份认证平台，登录没有开始。请稍后返回登录页重试。"
    )
    expect(page.get_by_text("参考编号")).to_be_visible()
    page.get_by_role("link", name="返回登录页").click()
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()
    tells(Person(sites.key).begin(), sites.key, 502, "暂时连接不上统一身份认证平台")


def test_sign_in_reload_and_leaving_the_provider_too(certified: Sites, chromium: Browser) -> None:
    context = b.window(chromium)
    page = context.new_page()
    begin_in_browser(page, certified.secret)
    sign_in_at_the_provider(page)
    page.get_by_role("button", name="同意").click()
    b.settled(page)
    expect(page).to_have_url(f"{certified.secret.url}/basic")
    expect(page.get_by_role("heading", name="基础信息")).to_be_visible()
    page.reload()
    b.settled(page)
    expect(page.get_by_role("heading", name="基础信息")).to_be_visible()

    # The provider remembers its guest: with our session alone gone, nothing is asked again.
    context.clear_cookies(name=server.COOKIE)
    begin_in_browser(page, certified.secret, "/technology")
    b.settled(page)
    expect(page).to_have_url(f"{certified.secret.url}/technology")

    page.get_by_role("link", name="退出登录").click()
    expect(page.get_by_role("heading", name="退出省平台？")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{certified.secret.url}/auth/login")
    begin_in_browser(page, certified.secret)
    expect(page.get_by_role("heading", name="省平台登录")).to_be_visible()  # both have forgotten


def test_refused_consent_is_a_page_that_says_what_to_do(certified: Sites, chromium: Browser) -> None:
    page = b.window(chromium).new_page()
    begin_in_browser(page, certified.key)
    sign_in_at_the_provider(page)
    page.get_by_role("button", name="拒绝").click()
    expect(page.get_by_role("alert")).to_contain_text("您在统一身份认证平台取消了授权，没有登录。")
    page.get_by_role("link", name="返回登录页").click()
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()


# --- by HTTP, step by step ----------------------------------------------------------------------------------


def test_the_provider_demands_pkce_and_we_bring_it(certified: Sites) -> None:
    person = Person(certified.secret)
    asked = person.begin().headers["location"]
    assert parameters(asked)["code_challenge_method"] == "S256"
    assert parameters(asked)["scope"] == "openid enterprise"
    assert "prompt" not in parameters(asked)
    without = re.sub("&code_challenge[^&]*", "", asked)
    assert without != asked
    refused = person.http.get(without).headers["location"]
    assert "requires PKCE" in parameters(refused)["error_description"]
    person.is_refused(refused, "统一身份认证平台没有完成登录")


def test_a_private_key_instead_of_a_secret_and_pinned_keys(certified: Sites) -> None:
    person = Person(certified.key)
    assert parameters(person.begin().headers["location"])["prompt"] == "login"
    assert person.signs_in(person.callback("/market")).headers["location"] == "/market"


def test_a_callback_is_used_once(certified: Sites) -> None:
    person = Person(certified.secret)
    address = person.callback()
    kept = person.http.cookies.get("library_signin")
    person.signs_in(address)
    person.http.cookies.clear()
    # Even with the cookie of before: somebody who kept both gains nothing.
    person.http.cookies.set("library_signin", kept, domain="127.0.0.1", path="/auth")
    person.is_refused(address, "已经用过，不能重复使用")


def test_a_state_that_is_not_ours(certified: Sites) -> None:
    person = Person(certified.secret)
    address = person.callback()
    state = parameters(address)["state"]
    person.is_refused(address.replace(state, "guessed"), "没有找到与本次返回对应的登录请求")
    Person(certified.secret).is_refused(address, "请确认浏览器允许 Cookie")


def test_a_sign_in_that_took_too_long(certified: Sites) -> None:
    person = Person(certified.secret)
    address = person.callback()
    signer = TimestampSigner(COOKIE_SECRET)
    session = json.loads(base64.b64decode(signer.unsign(person.http.cookies["library_signin"])))
    session["oidc"][parameters(address)["state"]][0] -= oidc.PENDING_SECONDS + 1
    person.http.cookies.delete("library_signin", domain="127.0.0.1", path="/auth")
    older = signer.sign(base64.b64encode(json.dumps(session).encode())).decode()
    person.http.cookies.set("library_signin", older, domain="127.0.0.1", path="/auth")
    person.is_refused(address, "登录用时超过 10 分钟")


@pytest.mark.parametrize("ahead", [300, -900])
def test_clocks_that_differ_too_much(certified: Sites, ahead: int) -> None:
    person = Person(certified.secret)
    address = person.callback()
    certified.provider.suffer(ahead=ahead)
    person.is_refused(address, "身份凭证不在有效期内", "核对服务器时间")


def test_clocks_that_differ_a_little(certified: Sites) -> None:
    person = Person(certified.secret)
    address = person.callback()
    certified.provider.suffer(ahead=30)
    person.signs_in(address)


@pytest.mark.parametrize(
    ("theirs", "sentence"),
    [("credit_code", "没有提供统一社会信用代码"), ("org_name", "没有提供企业名称"), ("mobile", "没有提供联系人电话")],
)
def test_a_claim_that_the_provider_does_not_give(certified: Sites, theirs: str, sentence: str) -> None:
    person = Person(certified.secret)
    address = person.callback()
    certified.provider.suffer(without=[theirs])
    person.is_refused(address, sentence)


def test_a_provider_that_goes_away_halfway(certified: Sites) -> None:
    person = Person(certified.secret)
    address = person.callback()
    certified.provider.suffer(away=True)
    person.is_refused(address, "登录中途连接不上统一身份认证平台")


def test_a_code_that_the_provider_did_not_give(certified: Sites) -> None:
    person = Person(certified.secret)
    address = person.callback()
    person.is_refused(address.replace(parameters(address)["code"], "guessed"), "没有认可本次登录")
