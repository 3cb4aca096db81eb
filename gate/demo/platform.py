"""湖北省统一身份认证平台（演示）: a small but real OpenID provider for fictional legal persons.

Authorization code flow only, PKCE S256 required, ID tokens signed with RS256. Everything lives in memory;
nobody stays signed in, so every authorization asks for the password again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from time import time as now
from typing import Generic, TypeVar
from urllib.parse import unquote_plus, urlencode, urlsplit

import anyio.to_thread
import bcrypt
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

CODE_SECONDS = 60
TOKEN_SECONDS = 300
SIGN_IN_SECONDS = 600
FAILURE_LIMIT = 5
FAILURE_SECONDS = 600
COOKIE = "demo_identity"
TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
WRONG = "统一社会信用代码或密码不正确，请核对后重新输入。"

T = TypeVar("T")


@dataclass(frozen=True)
class LegalPerson:
    """A fictional enterprise with an account. A `demo_password` is shown and filled in on request."""

    uscc: str
    enterprise_name: str
    password_hash: str = field(repr=False)
    contact_name: str
    contact_phone: str
    enterprise_district: str | None = None
    demo_password: str | None = field(default=None, repr=False)

    @property
    def subject(self) -> str:
        """An opaque `sub`, the same after every restart."""
        return hashlib.sha256(f"demo-identity:{self.uscc}".encode()).hexdigest()[:32]

    @property
    def claims(self) -> dict[str, str]:
        return {
            "sub": self.subject,
            "uscc": self.uscc,
            "name": self.enterprise_name,
            "contact_name": self.contact_name,
            "phone_number": self.contact_phone,
        }


@dataclass(frozen=True)
class Asking:
    """An authorization request that waits for a person; bound to the browser it came from."""

    browser: str
    redirect_uri: str
    challenge: str
    state: str | None
    nonce: str | None


@dataclass(frozen=True)
class Granted:
    """What an authorization code stands for."""

    person: LegalPerson
    asking: Asking
    at: int


class Shelf(Generic[T]):
    """Values under unguessable keys for some seconds; when it is full the oldest leave."""

    def __init__(self, seconds: int, room: int = 2000) -> None:
        self.seconds, self.room = seconds, room
        self.kept: dict[str, tuple[float, T]] = {}

    def put(self, value: T, key: str | None = None) -> str:
        key = key or secrets.token_urlsafe(32)
        self.kept.pop(key, None)
        self.kept[key] = (now(), value)
        while len(self.kept) > self.room:
            del self.kept[next(iter(self.kept))]
        return key

    def get(self, key: str) -> T | None:
        at, value = self.kept.get(key, (-math.inf, None))
        return value if now() - at < self.seconds else None

    def pop(self, key: str) -> T | None:
        value = self.get(key)
        self.kept.pop(key, None)
        return value


def create(people: Sequence[LegalPerson], *, client_id: str, client_secret: str | None, redirect_path: str) -> Starlette:
    """The platform as an application to mount at /demo-identity, with one client: ourselves."""
    platform = Platform(people, client_id, client_secret, redirect_path)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", platform.configuration),
            Route("/jwks", platform.jwks),
            Route("/authorize", platform.authorize),
            Route("/sign-in", platform.sign_in, methods=["POST"]),
            Route("/token", platform.token, methods=["POST"]),
            Route("/userinfo", platform.userinfo, methods=["GET", "POST"]),
            Route("/logout", platform.logout, methods=["GET", "POST"]),
            Route("/style.css", platform.style),
        ]
    )


class Platform:
    """The endpoints, and what they remember for a few minutes."""

    def __init__(self, people: Sequence[LegalPerson], client_id: str, client_secret: str | None, redirect_path: str) -> None:
        self.people = {person.uscc: person for person in people}
        self.client_id, self.client_secret, self.redirect_path = client_id, client_secret, redirect_path
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        # Checked for unknown codes, so that they take as long as known ones.
        self.spare_hash = next((person.password_hash for person in people), None) or hash_password("")
        self.asking: Shelf[Asking] = Shelf(SIGN_IN_SECONDS)
        self.codes: Shelf[Granted] = Shelf(CODE_SECONDS)
        self.tokens: Shelf[LegalPerson] = Shelf(TOKEN_SECONDS)
        self.failures: Shelf[list[float]] = Shelf(FAILURE_SECONDS)
        self.templates = Jinja2Templates(TEMPLATES)

    # Published documents

    async def configuration(self, request: Request) -> Response:
        issuer = issuer_of(request)
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "jwks_uri": f"{issuer}/jwks",
                "end_session_endpoint": f"{issuer}/logout",
                "scopes_supported": ["openid", "profile", "phone"],
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": (
                    ["client_secret_basic", "client_secret_post"] if self.client_secret else ["none"]
                ),
                "claims_supported": ["sub", "uscc", "name", "contact_name", "phone_number"],
                "authorization_response_iss_parameter_supported": True,
                "request_parameter_supported": False,
                "request_uri_parameter_supported": False,
            }
        )

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict())

    async def style(self, request: Request) -> Response:
        return FileResponse(TEMPLATES / "style.css", headers={"Cache-Control": "max-age=300"})

    # Pages

    async def authorize(self, request: Request) -> Response:
        """Show the sign-in page, or say to the client, if it is ours, what is wrong with its request."""
        query = request.query_params
        redirect_uri = query.get("redirect_uri", "")
        ours = {f"{scheme}://{request.url.netloc}{self.redirect_path}" for scheme in ("http", "https")}
        if query.get("client_id") != self.client_id or redirect_uri not in ours:
            sentence = "原系统没有在本平台登记，或返回地址与登记的不一致。请联系原系统的管理员。"
            return self.message(request, "无法登录", sentence, 400)
        asking = Asking(
            browser=request.cookies.get(COOKIE) or secrets.token_urlsafe(24),
            redirect_uri=redirect_uri,
            challenge=query.get("code_challenge", ""),
            state=query.get("state"),
            nonce=query.get("nonce"),
        )
        if error := objection(query, len(query.multi_items())):
            return self.answer(request, asking, error=error)
        response = self.form(request, self.asking.put(asking))
        response.set_cookie(
            COOKIE,
            asking.browser,
            max_age=SIGN_IN_SECONDS,
            path=request.scope["root_path"] or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response

    async def sign_in(self, request: Request) -> Response:
        form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
        transaction = form.get("transaction", "")
        asking = self.asking.get(transaction)
        if asking is None or not same(asking.browser, request.cookies.get(COOKIE, "")):
            sentence = "本页停留过久、已经用过，或浏览器没有保存 Cookie。请回到原系统重新点击登录。"
            return self.message(request, "登录页面已失效", sentence, 400)
        if "cancel" in form:
            self.asking.pop(transaction)
            return self.answer(request, asking, error="access_denied")
        if person := self.people.get(form.get("fill", "")):
            return self.form(request, transaction, uscc=person.uscc, password=person.demo_password or "")
        uscc = unicodedata.normalize("NFKC", form.get("uscc", "")).strip().upper()[:18]
        if minutes := self.waiting(uscc):
            sentence = f"该代码连续输错 {FAILURE_LIMIT} 次，已暂停登录。请 {minutes} 分钟后再试。"
            return self.form(request, transaction, 429, uscc=uscc, error=sentence)
        person = await self.recognise(uscc, form.get("password", ""))
        if person is None:
            return self.form(request, transaction, 401, uscc=uscc, error=WRONG)
        if self.asking.pop(transaction) is None:  # a second click overtook this one
            return self.message(request, "登录页面已失效", "本页已经用过。请回到原系统查看是否已登录。", 400)
        return self.answer(request, asking, code=self.codes.put(Granted(person, asking, int(now()))))

    async def logout(self, request: Request) -> Response:
        """End the session (there is none to end) and go back, if that is to the host we are on."""
        params = request.query_params if request.method == "GET" else await request.form()
        back = str(params.get("post_logout_redirect_uri", ""))
        target = urlsplit(back)
        if target.scheme in ("http", "https") and target.netloc == request.url.netloc and "\\" not in back:
            state = str(params.get("state", ""))
            joint = "&" if target.query else "?"
            return RedirectResponse(f"{back}{joint}{urlencode({'state': state})}" if state else back, 303)
        return self.message(request, "已退出登录", "您已退出统一身份认证平台，可以关闭本页。", 200)

    def form(
        self,
        request: Request,
        transaction: str,
        status: int = 200,
        *,
        uscc: str = "",
        password: str = "",
        error: str | None = None,
    ) -> Response:
        context = {
            "base": request.scope["root_path"],
            "people": list(self.people.values()),
            "transaction": transaction,
            "uscc": uscc,
            "password": password,
            "error": error,
        }
        return self.templates.TemplateResponse(request, "sign_in.html", context, status, HEADERS)

    def message(self, request: Request, title: str, sentence: str, status: int) -> Response:
        context = {"base": request.scope["root_path"], "title": title, "sentence": sentence}
        return self.templates.TemplateResponse(request, "message.html", context, status, HEADERS)

    def answer(self, request: Request, asking: Asking, **params: str) -> Response:
        """Send the browser back to the client with a code or an error."""
        if asking.state is not None:
            params["state"] = asking.state
        query = urlencode(params | {"iss": issuer_of(request)})
        return RedirectResponse(f"{asking.redirect_uri}?{query}", 303, HEADERS)

    # Passwords

    def waiting(self, uscc: str) -> int:
        """Minutes until this code may be tried again, 0 for now."""
        recent = [at for at in self.failures.get(uscc) or [] if now() - at < FAILURE_SECONDS]
        return math.ceil((recent[0] + FAILURE_SECONDS - now()) / 60) if len(recent) >= FAILURE_LIMIT else 0

    async def recognise(self, uscc: str, password: str) -> LegalPerson | None:
        """The person with this code and password; a try counts as failed until it has succeeded."""
        self.failures.put([*(self.failures.get(uscc) or []), now()][-FAILURE_LIMIT:], uscc)
        person = self.people.get(uscc)
        hashed = person.password_hash if person else self.spare_hash
        secret = password.encode()  # bcrypt reads 72 bytes and refuses more
        right = await anyio.to_thread.run_sync(bcrypt.checkpw, secret[:72], hashed.encode())
        if person is None or not right or len(secret) > 72:
            return None
        self.failures.pop(uscc)
        return person

    # What the client asks for directly

    async def token(self, request: Request) -> Response:
        form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
        if not self.is_client(request, form):
            return refusal("invalid_client", 401, {"WWW-Authenticate": 'Basic realm="token"'})
        if form.get("grant_type") != "authorization_code":
            return refusal("unsupported_grant_type")
        granted = self.codes.pop(form.get("code", ""))
        verifier = form.get("code_verifier", "")
        if (
            granted is None
            or form.get("redirect_uri") != granted.asking.redirect_uri
            or not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier)
            or not same(create_s256_code_challenge(verifier), granted.asking.challenge)
        ):
            return refusal("invalid_grant")
        access_token = self.tokens.put(granted.person)
        claims = granted.person.claims | {
            "iss": issuer_of(request),
            "aud": self.client_id,
            "iat": int(now()),
            "exp": int(now()) + TOKEN_SECONDS,
            "auth_time": granted.at,
            "at_hash": create_half_hash(access_token, "RS256").decode(),
        }
        if granted.asking.nonce is not None:
            claims["nonce"] = granted.asking.nonce
        return JSONResponse(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": TOKEN_SECONDS,
                "id_token": jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key),
            },
            headers={"Cache-Control": "no-store"},
        )

    async def userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        person = self.tokens.get(token) if scheme.lower() == "bearer" else None
        if person is None:
            return refusal("invalid_token", 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return JSONResponse(person.claims, headers={"Cache-Control": "no-store"})

    def is_client(self, request: Request, form: Mapping[str, str]) -> bool:
        """Client authentication: HTTP Basic or form fields; the name alone when no secret is set."""
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, basic = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                pair = base64.b64decode(basic, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return False
            client_id, secret = (unquote_plus(part) for part in (pair.partition(":")[::2]))
        return same(client_id, self.client_id) and same(secret, self.client_secret or "")


def objection(query: Mapping[str, str], parameters: int) -> str | None:
    """The OAuth error code for an authorization request that we do not serve, None if we do."""
    if parameters != len(query):
        return "invalid_request"  # a parameter given twice
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in query.get("scope", "").split():
        return "invalid_scope"
    challenge = re.fullmatch(r"[A-Za-z0-9_-]{43}", query.get("code_challenge", ""))
    if query.get("code_challenge_method") != "S256" or not challenge:
        return "invalid_request"
    return "login_required" if query.get("prompt") == "none" else None


def issuer_of(request: Request) -> str:
    """Our own address as the browser or the client sees it: no trailing slash."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def hash_password(password: str) -> str:
    """A bcrypt hash as `LegalPerson.password_hash` wants it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


def same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())


def refusal(error: str, status: int = 400, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": error}, status, {"Cache-Control": "no-store", **(headers or {})})
