"""What both demonstration platforms are to their one client: an OpenID provider.

Authorization code flow only, PKCE S256 required, ID tokens signed with RS256.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gate.demo import shelf
from gate.demo.shelf import Shelf

CODE_SECONDS = 60
TOKEN_SECONDS = 300
SIGN_IN_SECONDS = 600
CLAIMS = ["sub", "uscc", "name", "contact_name", "phone_number"]
NO_STORE = {"Cache-Control": "no-store"}
Claims = Mapping[str, str]


@dataclass(frozen=True)
class Asking:
    """An authorization request that waits for a person, in the memory of the browser it came from."""

    redirect_uri: str
    challenge: str
    state: str | None
    nonce: str | None


@dataclass(frozen=True)
class Granted:
    """What an authorization code stands for."""

    claims: Claims
    asking: Asking
    at: int


class OpenIdProvider:
    """The endpoints a client asks for directly, and the way from its request to its answer."""

    def __init__(self, *, client_id: str, client_secret: str | None, redirect_path: str) -> None:
        self.client_id, self.client_secret, self.redirect_path = client_id, client_secret, redirect_path
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        self.codes: Shelf[Granted] = Shelf(CODE_SECONDS)
        self.tokens: Shelf[Claims] = Shelf(TOKEN_SECONDS)
        self.routes = [
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/jwks", self.jwks),
            Route("/token", self.token, methods=["POST"]),
            Route("/userinfo", self.userinfo, methods=["GET", "POST"]),
        ]

    # The authorization request, and its answer

    def asked(self, request: Request) -> Asking | None:
        """What the client asks for; None when it is not our client, or not its address to return to."""
        query = request.query_params
        redirect_uri = query.get("redirect_uri", "")
        ours = {f"{scheme}://{request.url.netloc}{self.redirect_path}" for scheme in ("http", "https")}
        if query.get("client_id") != self.client_id or redirect_uri not in ours:
            return None
        return Asking(redirect_uri, query.get("code_challenge", ""), query.get("state"), query.get("nonce"))

    def wait(self, request: Request, asking: Asking) -> str:
        """Keep the request until somebody has signed in; the transaction to name it by."""
        waiting: Shelf[Asking] = request.session.setdefault("asking", Shelf(SIGN_IN_SECONDS, room=20))
        return waiting.put(asking)

    def waiting(self, request: Request, transaction: str) -> Asking | None:
        """The request of this transaction, if it waits in this browser."""
        kept: Shelf[Asking] | None = request.session.get("asking")
        return kept.get(transaction) if kept else None

    def take(self, request: Request, transaction: str) -> Asking | None:
        """As `waiting`, once: whoever takes it answers it."""
        kept: Shelf[Asking] | None = request.session.get("asking")
        return kept.pop(transaction) if kept else None

    def grant(self, request: Request, asking: Asking, claims: Claims) -> Response:
        """Send the browser back to the client with a code for these claims."""
        return self.answer(request, asking, code=self.codes.put(Granted(claims, asking, int(shelf.now()))))

    def answer(self, request: Request, asking: Asking, **params: str) -> Response:
        """Send the browser back to the client with a code or an error."""
        if asking.state is not None:
            params["state"] = asking.state
        query = urlencode(params | {"iss": issuer_of(request)})
        return RedirectResponse(f"{asking.redirect_uri}?{query}", 303, NO_STORE)

    # What the client asks for directly

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
                "claims_supported": CLAIMS,
                "authorization_response_iss_parameter_supported": True,
                "request_parameter_supported": False,
                "request_uri_parameter_supported": False,
            }
        )

    async def jwks(self, _: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict())

    async def token(self, request: Request) -> Response:
        form = await texts(request)
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
        access_token = self.tokens.put(granted.claims)
        moment = int(shelf.now())
        claims: dict[str, Any] = dict(granted.claims) | {
            "iss": issuer_of(request),
            "aud": self.client_id,
            "iat": moment,
            "exp": moment + TOKEN_SECONDS,
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
            headers=NO_STORE,
        )

    async def userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = self.tokens.get(token) if scheme.lower() == "bearer" else None
        if claims is None:
            return refusal("invalid_token", 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return JSONResponse(dict(claims), headers=NO_STORE)

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


def objection(request: Request) -> str | None:
    """The OAuth error code for an authorization request that we do not serve, None if we do."""
    query = request.query_params
    if len(query.multi_items()) != len(query):
        return "invalid_request"  # a parameter given twice
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in query.get("scope", "").split():
        return "invalid_scope"
    challenge = re.fullmatch(r"[A-Za-z0-9_-]{43}", query.get("code_challenge", ""))
    if query.get("code_challenge_method") != "S256" or not challenge:
        return "invalid_request"
    return None


async def returning(request: Request) -> str:
    """Where an end_session request wants the browser next, if that is on the host we are on, else ""."""
    params = request.query_params if request.method == "GET" else await request.form()
    back, state = str(params.get("post_logout_redirect_uri", "")), str(params.get("state", ""))
    target = urlsplit(back)
    if target.scheme not in ("http", "https") or target.netloc != request.url.netloc or "\\" in back:
        return ""
    joint = "&" if target.query else "?"
    return f"{back}{joint}{urlencode({'state': state})}" if state else back


def issuer_of(request: Request) -> str:
    """Our own address as the browser or the client sees it: no trailing slash."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


async def texts(request: Request) -> dict[str, str]:
    """The text fields of a posted form."""
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


def same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())


def refusal(error: str, status: int = 400, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": error}, status, {**NO_STORE, **(headers or {})})
