"""The demonstration platforms in process: our relying party before one of them, and a browser's way through both."""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import bcrypt
import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from stdnum.cn import uscc

from core.base.values import organisation_digit
from gate import demo, oidc
from gate.demo import fiction
from gate.demo.book import FILE, Book
from gate.demo.province import Province

SITE = "http://library.test"
ISSUER = f"{SITE}/demo-identity"
FUND = f"{SITE}/demo-fund"
CALLBACK = f"{SITE}/auth/callback"
PASSWORD = "Peixu2025ku"
CLAIMS = {"uscc": "uscc", "enterprise_name": "name", "contact_name": "contact_name", "contact_phone": "phone_number"}
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


def credit_code(number: int) -> str:
    inner = f"MA{number:06d}"
    body = f"91420199{inner}{organisation_digit(inner)}"
    return body + uscc.calc_check_digit(body)


def enterprise(number: int, name: str, contact: str, phone: str, **more: Any) -> demo.LegalPerson:
    return demo.LegalPerson(credit_code(number), name, HASH, contact, phone, **{"known": True, **more})


PEOPLE = [
    enterprise(
        1, "武汉星河智算科技有限公司", "李明", "13800000001", contact_id=fiction.id_number(1), demo_password=PASSWORD
    ),
    enterprise(2, "武汉知音语音科技有限公司", "王芳", "13800000002"),
    enterprise(3, "武汉初来智能科技有限公司", "赵新", "13800000003", known=False),
]

#: 完善基础信息 of the funds platform, complete.
BASICS = {
    "registered_address": "武汉市东湖高新区演示路1号",
    "district": "GX",
    "operating_address": "同上",
    "founded": "2021-06-01",
    "contact_name": "赵新",
    "contact_phone": "13800000003",
    "contact_email": "demo@example.com",
    "action": "save",
}


def query(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def hidden(page: str, name: str = "transaction") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


class Between(httpx2.AsyncBaseTransport):
    """The road from a relying party to its platform: counts what passes, and may change the JSON that comes back."""

    def __init__(self, road: httpx2.AsyncBaseTransport) -> None:
        self.road = road
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
    """Our relying party before the province alone, both mounted, as seen from a browser."""

    base = "/demo-identity"

    def __init__(
        self, *, secret: str | None = "s3cret", people: Any = PEOPLE, folder: Path | None = None, **provider: Any
    ) -> None:
        self.own_folder = tempfile.TemporaryDirectory(prefix="platforms-")
        self.folder = folder or Path(self.own_folder.name)
        mounts = self.mounts(people, secret)
        self.between = Between(httpx2.ASGITransport(Starlette(routes=mounts)))
        settings = {"issuer": "", "client_id": "library", "client_secret": secret, "claims": CLAIMS}
        settings |= {"demonstration_path": self.base, "transport": self.between}
        self.provider = oidc.Provider(**settings | provider)
        self.signed_in: list[oidc.Identity] = []
        auth = Starlette(
            routes=[Route("/begin", self.begin), Route("/callback", self.complete), Route("/leave", self.leave)],
            middleware=[Middleware(SessionMiddleware, secret_key="k", path="/auth")],
        )
        self.app = Starlette(routes=[Mount("/auth", auth), *mounts])
        self.browser = self.new_browser()

    def mounts(self, people: Any, secret: str | None) -> list[Mount]:
        self.book = Book(people, self.folder)
        self.province = Province(self.book, client_id="library", client_secret=secret, redirect_path="/auth/callback")
        return [Mount(self.base, app=self.province.app)]

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

    def open(self, address: str) -> Any:
        """Open a page, over redirects."""
        return self.browser.get(address, follow_redirects=True)

    def open_form(self, address: str) -> str:
        return hidden(self.open(address).text)

    def send_form(self, transaction: str, **fields: str) -> Any:
        return self.browser.post("/demo-identity/sign-in", data={"transaction": transaction} | fields)

    def enter(self, address: str, person: demo.LegalPerson = PEOPLE[0]) -> str:
        """Sign in at the platform's address; the callback address that it answers with."""
        return self.send_form(self.open_form(address), uscc=person.uscc, password=PASSWORD).headers["location"]

    def callback(self, path: str = "/", person: demo.LegalPerson = PEOPLE[0]) -> str:
        return self.enter(self.ask(path), person)

    def failure(self, address: str) -> str:
        """The sentence shown for a callback that must sign nobody in."""
        before = len(self.signed_in)
        answer = self.browser.get(address)
        assert answer.status_code == 400 and len(self.signed_in) == before
        assert re.fullmatch(r"[2-9A-HJKMNP-Z]{8}", answer.json()["reference"])
        return answer.json()["sentence"]

    def exchange(self, **changes: str) -> Any:
        """Ask the token endpoint directly, with a fresh code and a known verifier."""
        verifier = "v" * 50
        challenge = create_s256_code_challenge(verifier)
        back = self.enter(f"{self.base}/authorize?{urlencode(self.request(code_challenge=challenge))}")
        self.last = {
            "grant_type": "authorization_code",
            "code": query(back)["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        } | changes
        return self.redeem()

    def redeem(self) -> Any:
        return self.browser.post(f"{self.base}/token", data=self.last, auth=("library", "s3cret"))

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


class Chain(World):
    """Our relying party before the funds platform, and the province behind that."""

    base = "/demo-fund"

    def mounts(self, people: Any, secret: str | None) -> list[Mount]:
        self.demonstration = demo.create(
            people, client_id="library", client_secret=secret, redirect_path="/auth/callback", folder=self.folder
        )
        self.book = self.demonstration.book
        return self.demonstration.routes

    def enter(self, address: str, person: demo.LegalPerson = PEOPLE[0]) -> str:
        return walk(self.browser, address, person.uscc, PASSWORD).headers["location"]


def to_the_province(browser: TestClient, address: str) -> str:
    """From the funds platform's address to the province; the transaction of its sign-in page."""
    here = hidden(browser.get(address, follow_redirects=True).text)
    onward = browser.post(f"{FUND}/province", data={"transaction": here}).headers["location"]
    return hidden(browser.get(onward, follow_redirects=True).text)


def walk(browser: TestClient, address: str, uscc: str, password: str, **more: str) -> Any:
    """Through both platforms: the answer that leads back to 培育库, or the page where the way ends before."""
    transaction = to_the_province(browser, address)
    answer = browser.post(
        f"{ISSUER}/sign-in", data={"transaction": transaction, "uscc": uscc, "password": password, **more}
    )
    while answer.headers.get("location", "").startswith((f"{FUND}/", "/demo-fund/")):
        answer = browser.get(answer.headers["location"])
    return answer


def person_form(world: World, account: str, password: str = PASSWORD) -> Any:
    form = world.open_form(world.ask("/x"))
    return world.browser.post(
        "/demo-identity/person", data={"transaction": form, "account": account, "password": password}
    )


def errors(page: Any) -> list[str]:
    return re.findall(r'class="wrong" id="\w+-error">([^<]+)', page.text)


def kept(world: World) -> dict[str, Any]:
    """What the JSON file says."""
    content: dict[str, Any] = json.loads((world.folder / FILE).read_text("utf-8"))
    return content
