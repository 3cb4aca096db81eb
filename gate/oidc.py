"""Sign-in by OpenID Connect (统一登录): our relying party, authorization code flow with PKCE S256.

`begin` sends the browser to the identity provider; `complete` turns its answer into an `Identity` or
raises `SignInFailed` with a sentence for the person. What must survive the journey (state, nonce,
verifier, the page first asked for) waits in `request.session`, once per sign-in, so several tabs can be
under way together.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time as now
from typing import Any

import anyio
import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry
from starlette.requests import Request
from starlette.responses import RedirectResponse

from gate import keys
from gate.settings import Settings

PENDING_LIMIT = 5
PENDING_SECONDS = 600
PENDING_ROOM = 2600  # characters of JSON; signed and encoded it must fit a 4 KB cookie
CACHE_SECONDS = 300
CLOCK_SKEW_SECONDS = 60
LEAVING_SECONDS = 3
NEXT_LENGTH = 1024
SESSION_KEY = "oidc"
# Public-key signatures only: "none" and HMAC keyed with the client secret are never accepted.
SIGNATURES = JWSRegistry(
    algorithms=["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
    strict_check_header=False,
)
USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")

AGAIN = "请返回登录页重新登录"
NOT_FOR_US = "身份凭证不是签发给本系统的，已拒绝登录。请联系系统管理员核对接入配置。"
REFUSED_CLAIM = {
    "nonce": f"身份凭证与本次登录请求不对应，已拒绝登录。{AGAIN}。",
    "iss": "身份凭证不是由约定的统一身份认证平台签发的，已拒绝登录。请联系系统管理员核对平台地址。",
    "aud": NOT_FOR_US,
    "azp": NOT_FOR_US,
} | dict.fromkeys(
    ("exp", "nbf", "iat"), f"身份凭证不在有效期内，已拒绝登录。{AGAIN}；若仍不行，请联系系统管理员核对服务器时间。"
)
MISSING_CLAIM = {
    "uscc": "统一身份认证平台没有提供统一社会信用代码，无法确认企业身份。请改用“法人登录”重新登录。",
    "enterprise_name": "统一身份认证平台没有提供企业名称。请先在该平台完善法人信息，再重新登录。",
    "contact_name": "统一身份认证平台没有提供联系人姓名。请先在该平台完善经办人信息，再重新登录。",
    "contact_phone": "统一身份认证平台没有提供联系人电话。请先在该平台完善手机号码，再重新登录。",
}

log = logging.getLogger(__name__)


class SignInFailed(Exception):
    """A sign-in that named nobody. `str()` tells the person; `reference` finds `detail` in the log."""

    def __init__(self, sentence: str, detail: object = None) -> None:
        super().__init__(sentence)
        self.reference = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(8))
        log.warning("sign-in failed, reference %s: %s %.300r", self.reference, sentence, detail)


@dataclass(frozen=True)
class Provider:
    """An identity provider and how it knows us. Make one and keep it: it holds what it has learnt.

    `issuer` "" means the demonstration platform at `demonstration_path` of our own address, whatever that is;
    it is then only ever asked through `transport`, since a Host header must not choose who vouches for
    people. `claims` maps our names (uscc, enterprise_name, contact_name, contact_phone) to the provider's;
    every name in it is required of the provider. `transport` must survive being closed, as ASGITransport
    does (give it the platform's Mount, or `root_path`). With `client_key` we
    prove who we are by private_key_jwt; `pinned` keys are believed instead of what the provider publishes.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    claims: Mapping[str, str]
    transport: httpx2.AsyncBaseTransport | None = None
    scope: str = "openid profile phone"
    prompt: str | None = "login"
    demonstration_path: str = "/demo-fund"
    client_key: RSAKey | ECKey | None = field(default=None, repr=False)
    pinned: KeySet | None = field(default=None, repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    _documents: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, init=False, repr=False)
    _spent: dict[str, float] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if "uscc" not in self.claims or not self.claims.keys() <= MISSING_CLAIM.keys():
            raise ValueError(f"claims must map uscc, and nothing beyond {', '.join(MISSING_CLAIM)}")

    def issuer_for(self, request: Request) -> str:
        """The issuer that must have signed for a sign-in begun with this request."""
        if not self.issuer and self.transport is None:
            raise SignInFailed("还没有配置统一身份认证平台，暂时不能统一登录。请联系系统管理员。")
        return self.issuer or f"{str(request.base_url).rstrip('/')}{self.demonstration_path}"

    def _client(self, callback_url: str | None = None) -> AsyncOAuth2Client:
        client = AsyncOAuth2Client(
            self.client_id,
            self.client_key or self.client_secret,
            scope=self.scope,
            redirect_uri=callback_url,
            code_challenge_method="S256",
            leeway=0,
            timeout=10,
            transport=self.transport,
            verify=self.trust or True,
        )
        if self.client_key:
            client.register_client_auth_method(keys.client_authentication(self.client_key))
            client.token_endpoint_auth_method = "private_key_jwt"  # noqa: S105
        return client

    async def _fetch(self, client: AsyncOAuth2Client, url: str, *, fresh: bool = False) -> Any:
        """A published JSON document, kept for some minutes."""
        read_at, document = self._documents.get(url, (0.0, {}))
        if fresh or now() - read_at > CACHE_SECONDS:
            response = await client.request("GET", url, withhold_token=True)
            document = response.raise_for_status().json()
            if len(self._documents) > 20:  # only a demonstration, reached under many names, gets here
                self._documents.clear()
            self._documents[url] = (now(), document)
        return document

    async def _discover(self, client: AsyncOAuth2Client, issuer: str) -> dict[str, Any]:
        metadata: dict[str, Any] = await self._fetch(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if metadata["issuer"] != issuer:
            raise ValueError(f"{issuer} calls itself {metadata['issuer']!r}")
        return metadata

    def _spend(self, state: str) -> None:
        """Remember a state as used, for as long as an old copy of the cookie could bring it back."""
        for old in [s for s, at in self._spent.items() if now() - at > PENDING_SECONDS]:
            del self._spent[old]
        self._spent[state] = now()


def configured(settings: Settings) -> Provider:
    """The identity provider that the settings name."""
    return Provider(
        issuer=settings.issuer,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        claims=settings.claims,
        scope=settings.scope,
        prompt=settings.prompt,
        client_key=settings.client_key,
        pinned=settings.provider_keys,
        trust=settings.trust,
    )


@dataclass(frozen=True)
class Identity:
    """Who the provider says has signed in; names the provider does not map are ""."""

    issuer: str
    subject: str
    uscc: str
    enterprise_name: str
    contact_name: str
    contact_phone: str
    id_token: str = field(repr=False)


def safe_next(path: str | None) -> str:
    """`path` if it is an absolute path of this site ("/x?y"), else "/"."""
    local = path and path[0] == "/" and path[:2] != "//" and "\\" not in path and path.isprintable()
    return path if path and local and len(path) <= NEXT_LENGTH else "/"


async def begin(request: Request, provider: Provider, *, callback_url: str, next_path: str) -> RedirectResponse:
    """Send the browser to the provider. Raises SignInFailed when the provider cannot be reached."""
    issuer = provider.issuer_for(request)
    state, nonce, verifier = (secrets.token_urlsafe(size) for size in (16, 16, 32))
    async with provider._client(callback_url) as client:
        with _expecting("暂时连接不上统一身份认证平台，登录没有开始。请稍后返回登录页重试。"):
            metadata = await provider._discover(client, issuer)
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **({"prompt": provider.prompt} if provider.prompt else {}),
            )
    pending = request.session.get(SESSION_KEY, {}) | {
        state: [int(now()), issuer, nonce, verifier, safe_next(next_path)]
    }
    while len(pending) > PENDING_LIMIT or (len(pending) > 1 and len(json.dumps(pending)) > PENDING_ROOM):
        del pending[next(iter(pending))]
    request.session[SESSION_KEY] = pending
    return RedirectResponse(url, status_code=303)


async def complete(request: Request, provider: Provider, *, callback_url: str) -> tuple[Identity, str]:
    """Who the callback names, and the path first asked for, or SignInFailed; its state is then used up."""
    query = request.query_params
    started, issuer, nonce, verifier, next_path = _claim_pending(request, provider, query.get("state", ""))
    if now() - started > PENDING_SECONDS:
        raise SignInFailed(f"登录用时超过 10 分钟，本次登录已失效。{AGAIN}。")
    if query.get("iss", issuer) != issuer:
        raise SignInFailed(REFUSED_CLAIM["iss"], query["iss"])
    if query.get("error") == "access_denied":
        raise SignInFailed("您在统一身份认证平台取消了授权，没有登录。需要登录时，请返回登录页重新登录。")
    if "error" in query or not query.get("code"):
        raise SignInFailed(f"统一身份认证平台没有完成登录。{AGAIN}，或联系系统管理员。", dict(query))
    async with provider._client(callback_url) as client:
        with _expecting("登录中途连接不上统一身份认证平台，没有登录。请稍后返回登录页重试。"):
            metadata = await provider._discover(client, issuer)
            methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if provider.client_secret and "client_secret_basic" not in methods:
                client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105
            token = await client.fetch_token(
                metadata["token_endpoint"], grant_type="authorization_code", code=query["code"], code_verifier=verifier
            )
            claims = await _verify(client, provider, metadata, token, nonce)
            if not claims.keys() >= set(provider.claims.values()) and "userinfo_endpoint" in metadata:
                answer = await client.request("GET", metadata["userinfo_endpoint"])
                more = answer.raise_for_status().json()
                if more["sub"] != claims["sub"]:
                    raise SignInFailed(REFUSED_CLAIM["nonce"], "userinfo speaks of somebody else")
                claims = more | claims
    said = {ours: str(claims.get(theirs) or "").strip() for ours, theirs in provider.claims.items()}
    for ours, value in said.items():
        if not value:
            raise SignInFailed(MISSING_CLAIM[ours], f"no claim {provider.claims[ours]}")
    said["uscc"] = said["uscc"].upper()
    if not USCC.fullmatch(said["uscc"]):
        raise SignInFailed(
            "统一身份认证平台提供的统一社会信用代码格式不正确，无法确认企业身份。请联系该平台核对法人信息。",
            said["uscc"],
        )
    known = dict.fromkeys(MISSING_CLAIM, "") | said
    return Identity(issuer=issuer, subject=claims["sub"], id_token=token["id_token"], **known), next_path


async def end_session_url(request: Request, provider: Provider, *, id_token: str, return_url: str) -> str | None:
    """Where the browser leaves the provider as well; None if the provider has no such place or is away."""
    try:
        with anyio.fail_after(LEAVING_SECONDS):  # nobody waits long to be signed out
            async with provider._client() as client:
                metadata = await provider._discover(client, provider.issuer_for(request))
        params = {"id_token_hint": id_token, "client_id": provider.client_id, "post_logout_redirect_uri": return_url}
        return str(add_params_to_uri(metadata["end_session_endpoint"], params.items()))
    except (SignInFailed, TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError, TypeError):
        return None


def _claim_pending(request: Request, provider: Provider, state: str) -> tuple[int, str, str, str, str]:
    """Take the pending sign-in of this state out of the session, once."""
    pending = dict(request.session.get(SESSION_KEY, {}))
    found = pending.pop(state, None)
    if found is not None:
        request.session[SESSION_KEY] = pending
    if state in provider._spent:
        raise SignInFailed(f"这次登录的返回地址已经用过，不能重复使用。若尚未登录，{AGAIN}。")
    if found is None:
        raise SignInFailed("没有找到与本次返回对应的登录请求。请确认浏览器允许 Cookie 后返回登录页重新登录。", state)
    provider._spend(state)
    return tuple(found)


async def _verify(
    client: AsyncOAuth2Client, provider: Provider, metadata: dict[str, Any], token: dict[str, Any], nonce: str
) -> CodeIDToken:
    """The claims of an ID token whose signature, issuer, audience, times and nonce have been checked."""
    try:
        for fresh in (False, True):
            known = provider.pinned or KeySet.import_key_set(
                await provider._fetch(client, metadata["jwks_uri"], fresh=fresh)
            )
            try:
                decoded = jwt.decode(token["id_token"], known, registry=SIGNATURES)
                break
            except InvalidKeyIdError:
                if fresh:
                    raise
        expected = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
        }
        params = {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, expected, params)
        claims.validate(now=int(now()), leeway=CLOCK_SKEW_SECONDS)
        return claims
    except ClaimError as error:
        invalid = f"身份凭证内容不完整或不正确，已拒绝登录。{AGAIN}；若仍不行，请联系系统管理员。"
        raise SignInFailed(REFUSED_CLAIM.get(error.claim, invalid), error) from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignInFailed("身份凭证的签名没有通过验证，已拒绝登录。请联系系统管理员。", error) from error


@contextmanager
def _expecting(unreachable: str) -> Iterator[None]:
    """Turn what can go wrong in talking to a provider into SignInFailed."""
    try:
        yield
    except OAuthError as error:
        raise SignInFailed(f"统一身份认证平台没有认可本次登录。{AGAIN}，或联系系统管理员。", error) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignInFailed(unreachable, error) from error
