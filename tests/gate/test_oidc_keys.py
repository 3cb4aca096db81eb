"""What a bureau configures of its identity provider: keys, trust, scope and prompt; and providers that answer oddly."""

from __future__ import annotations

import datetime
import json
import re
import shlex
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from starlette.requests import Request

from gate import oidc
from gate.settings import CLAIMS, NotConfigured, refuse_unsafe
from tests.environment import settings_of

ROOT = Path(__file__).parents[2]
ISSUER = "https://id.example.gov.cn"
CALLBACK = "http://library.test/auth/callback"
THEIRS = RSAKey.generate_key(2048, {"kid": "theirs", "use": "sig"})
OTHERS = RSAKey.generate_key(2048, {"kid": "others", "use": "sig"})
OCT = OctKey.generate_key(256).as_dict(private=True)
OURS = {"RSA": RSAKey.generate_key(2048), "EC": ECKey.generate_key("P-384")}
PERSON = {"uscc": "91420199MA0DEM013C", "name": "武汉测试智能科技有限公司", "contact_name": "李明", "phone_number": "1"}


def file(folder: Path, content: Any) -> str:
    path = folder / "material"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


class FakeProvider:
    """A provider as a function from requests to answers; `edit` changes a document by the last part of its path."""

    def __init__(self, key: RSAKey = THEIRS) -> None:
        self.key = key
        self.nonce = ""
        self.seen: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.edit: dict[str, Callable[[Any], Any]] = {}
        self.transport = httpx2.MockTransport(self.answer)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        self.seen.append(name)
        document = getattr(self, name.replace("-", "_"))(request)
        return httpx2.Response(200, json=self.edit.get(name, lambda same: same)(document))

    def openid_configuration(self, _: httpx2.Request) -> dict[str, Any]:
        places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "leave"}
        return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"} | {
            f"{what}_endpoint": f"{ISSUER}/{where}" for what, where in places.items()
        }

    def jwks(self, _: httpx2.Request) -> dict[str, Any]:
        return KeySet([self.key]).as_dict(private=False)

    def token(self, request: httpx2.Request) -> dict[str, Any]:
        self.forms.append({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": "library", "sub": "1", "nonce": self.nonce, "iat": now, "exp": now + 60}
        claims = self.edit.get("claims", lambda same: same)(claims)
        signed = jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}

    def userinfo(self, _: httpx2.Request) -> dict[str, Any]:
        return {"sub": "1"} | PERSON

    def provider(self, **given: Any) -> oidc.Provider:
        usual = {"issuer": ISSUER, "client_id": "library", "client_secret": "s", "claims": CLAIMS}
        return oidc.Provider(**usual | {"transport": self.transport} | given)

    def sign_in(self, provider: oidc.Provider) -> oidc.Identity:
        """The whole way, without a browser."""

        async def way() -> oidc.Identity:
            session: dict[str, Any] = {}
            answer = await oidc.begin(request(session), provider, callback_url=CALLBACK, next_path="/")
            asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
            self.nonce = asked["nonce"]
            back = request(session, f"code=c&state={asked['state']}")
            return (await oidc.complete(back, provider, callback_url=CALLBACK))[0]

        return anyio.run(way)


def request(session: dict[str, Any], query: str = "") -> Request:
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/auth/callback",
            "query_string": query.encode(),
            "headers": [(b"host", b"library.test")],
            "session": session,
        }
    )


# --- our own key --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "material", "header"),
    [
        (OURS["RSA"], OURS["RSA"].as_pem(private=True), {"alg": "RS256"}),
        (OURS["EC"], OURS["EC"].as_pem(private=True), {"alg": "ES384"}),
        (
            OURS["RSA"],
            OURS["RSA"].as_dict(private=True) | {"kid": "2026", "alg": "PS256"},
            {"alg": "PS256", "kid": "2026"},
        ),
    ],
    ids=["RSA as PEM", "EC as PEM", "JWK with its own algorithm and name"],
)
def test_we_prove_who_we_are_with_the_configured_key(
    tmp_path: Path, key: Any, material: Any, header: dict[str, str]
) -> None:
    found = settings_of({"LIBRARY_OIDC_CLIENT_KEY": file(tmp_path, material)})
    fake = FakeProvider()
    assert fake.sign_in(fake.provider(client_secret=None, client_key=found.client_key)).uscc == PERSON["uscc"]
    (form,) = fake.forms
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form
    proof = jwt.decode(form["client_assertion"], key, algorithms=[header["alg"]])
    assert header.items() <= proof.header.items()
    assert (proof.claims["iss"], proof.claims["sub"], proof.claims["aud"]) == ("library", "library", f"{ISSUER}/token")
    assert proof.claims["jti"] and proof.claims["exp"] > time.time()


def test_each_proof_is_made_anew() -> None:
    fake = FakeProvider()
    provider = fake.provider(client_key=OURS["EC"])
    for _ in range(2):
        fake.sign_in(provider)
    first, second = (
        jwt.decode(form["client_assertion"], OURS["EC"], algorithms=["ES384"]).claims for form in fake.forms
    )
    assert first["jti"] != second["jti"]


# --- the provider's keys ------------------------------------------------------------------------------------


def test_pinned_keys_are_believed_and_the_published_ones_not_even_read(tmp_path: Path) -> None:
    pinned = settings_of({"LIBRARY_OIDC_JWKS": file(tmp_path, KeySet([THEIRS]).as_dict(private=False))}).provider_keys
    fake = FakeProvider()
    assert fake.sign_in(fake.provider(pinned=pinned)).subject == "1"
    impostor = FakeProvider(OTHERS)
    with pytest.raises(oidc.SignInFailed, match="签名没有通过验证"):
        impostor.sign_in(impostor.provider(pinned=pinned))
    assert "jwks" not in fake.seen + impostor.seen


def test_published_keys_of_kinds_we_do_not_know_are_passed_over() -> None:
    fake = FakeProvider()
    strange = [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "x"}, OCT]
    fake.edit["jwks"] = lambda document: {"keys": strange + document["keys"]}
    assert fake.sign_in(fake.provider()).subject == "1"
    fake.edit["jwks"] = lambda _: {"keys": strange}
    with pytest.raises(oidc.SignInFailed, match="签名没有通过验证"):
        fake.sign_in(fake.provider())


# --- the provider's TLS -------------------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Discovery over TLS with a certificate that no public authority knows: its address, and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    both, ca = tmp_path / "server.pem", tmp_path / "ca.pem"
    ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    both.write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain) + ca.read_bytes())

    class Discovery(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"issuer": issuer, "authorization_endpoint": f"{issuer}/authorize"}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Discovery)
    issuer = f"https://localhost:{server.server_port}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield issuer, ca
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_a_provider_with_a_certificate_of_its_own_needs_its_authority_configured(tls: tuple[str, Path]) -> None:
    issuer, ca = tls

    def begun(**environment: str) -> str:
        provider = oidc.configured(settings_of({"LIBRARY_OIDC_ISSUER": issuer} | environment))
        answer = anyio.run(lambda: oidc.begin(request({}), provider, callback_url=CALLBACK, next_path="/"))
        return str(answer.headers["location"])

    assert begun(LIBRARY_OIDC_CA=str(ca)).startswith(f"{issuer}/authorize?")
    with pytest.raises(oidc.SignInFailed, match="暂时连接不上统一身份认证平台"):
        begun()


# --- settings -----------------------------------------------------------------------------------------------

PUBLIC = KeySet([THEIRS]).as_dict(private=False)
SECRET_KEY = OURS["RSA"].as_pem(private=True)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("CLIENT_KEY", None, "文件不存在"), ("CLIENT_KEY", b"", "没有能签名的私钥"), ("CLIENT_KEY", b"secret", "没有能签名的私钥"),
        ("CLIENT_KEY", bytes(range(256)), "没有能签名的私钥"), ("CLIENT_KEY", b"{", "没有能签名的私钥"),
        ("CLIENT_KEY", OURS["RSA"].as_pem(private=False), "没有能签名的私钥"),
        ("CLIENT_KEY", OURS["RSA"].as_pem(private=True, password="x"), "不带口令"),
        ("CLIENT_KEY", OCT, "没有能签名的私钥"),
        ("CLIENT_KEY", ECKey.generate_key("secp256k1").as_pem(private=True), "P-256"),
        ("CLIENT_KEY", OURS["RSA"].as_dict(private=True) | {"alg": "ES256"}, "没有能签名的私钥"),
        ("JWKS", None, "文件不存在"), ("JWKS", b"<html>", "不是含 RSA 或 EC 公钥的 JWKS"), ("JWKS", [], "JWKS"),
        ("JWKS", {"keys": []}, "JWKS"), ("JWKS", {"keys": None}, "JWKS"), ("JWKS", {"keys": [{"kty": "RSA"}]}, "JWKS"),
        ("JWKS", {"keys": [OCT]}, "JWKS"), ("JWKS", THEIRS.as_pem(private=False), "JWKS"),
        ("JWKS", KeySet([THEIRS]).as_dict(private=True), "含有私钥"),
        ("CA", None, "文件不存在"), ("CA", b"", "不是 PEM 格式的 CA 证书"), ("CA", SECRET_KEY, "不是 PEM 格式的 CA 证书"),
    ],
)  # fmt: skip
def test_material_that_is_no_use_is_named_at_the_start(tmp_path: Path, name: str, content: Any, reason: str) -> None:
    path = str(tmp_path / "absent") if content is None else file(tmp_path, content)
    with pytest.raises(NotConfigured) as refusal:
        settings_of({f"LIBRARY_OIDC_{name}": path})
    sentence = str(refusal.value)
    assert sentence.startswith(f"LIBRARY_OIDC_{name} 应为")
    assert path in sentence and reason in sentence


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("SCOPE", "profile phone", "应含 openid"), ("SCOPE", "openidprofile", "应含 openid"),
        ("PROMPT", "none", "或为 off"), ("PROMPT", "login none", "login、consent、select_account"), ("PROMPT", "否", "off"),
        ("CLAIMS", '{"enterprise_name": null}', "contact_name、contact_phone 写 null"), ("CLAIMS", '{"uscc": null}', "null"),
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_named_at_the_start(name: str, value: str, remedy: str) -> None:
    with pytest.raises(NotConfigured) as refusal:
        settings_of({f"LIBRARY_OIDC_{name}": value})
    sentence = str(refusal.value)
    assert f"LIBRARY_OIDC_{name} 应" in sentence and f"现为“{value}”" in sentence and remedy in sentence


def test_everything_that_is_configured_reaches_the_provider(tmp_path: Path, tls: tuple[str, Path]) -> None:
    (tmp_path / "key").write_bytes(SECRET_KEY)
    (tmp_path / "jwks").write_text(json.dumps(PUBLIC))
    found = settings_of(
        {
            "LIBRARY_OIDC_ISSUER": ISSUER,
            "LIBRARY_OIDC_CLIENT_ID": "us",
            "LIBRARY_OIDC_CLAIMS": '{"uscc": "credit_code", "contact_phone": null}',
            "LIBRARY_OIDC_SCOPE": "openid enterprise",
            "LIBRARY_OIDC_PROMPT": "login consent",
            "LIBRARY_OIDC_CLIENT_KEY": str(tmp_path / "key"),
            "LIBRARY_OIDC_JWKS": str(tmp_path / "jwks"),
            "LIBRARY_OIDC_CA": str(tls[1]),
        }
    )
    provider = oidc.configured(found)
    assert (provider.issuer, provider.client_id, provider.client_secret) == (ISSUER, "us", None)
    assert (provider.scope, provider.prompt) == ("openid enterprise", "login consent")
    assert provider.claims == {"uscc": "credit_code", "enterprise_name": "name", "contact_name": "contact_name"}
    assert provider.client_key.as_dict(private=True) == OURS["RSA"].as_dict(private=True)
    assert provider.pinned.as_dict(private=False) == PUBLIC
    assert len(provider.trust.get_ca_certs()) == 1
    for shown in (repr(found), repr(provider)):
        assert "RSAKey" not in shown and str(OURS["RSA"].as_dict(private=True)["d"]) not in shown


def test_off_leaves_the_prompt_to_the_provider() -> None:
    assert settings_of({}).prompt == "login"
    assert settings_of({"LIBRARY_OIDC_PROMPT": "off"}).prompt is None


def test_a_secret_and_a_key_together_are_refused(tmp_path: Path) -> None:
    both = {"LIBRARY_OIDC_CLIENT_SECRET": "s", "LIBRARY_OIDC_CLIENT_KEY": file(tmp_path, SECRET_KEY)}
    with pytest.raises(NotConfigured, match="LIBRARY_OIDC_CLIENT_SECRET 与 LIBRARY_OIDC_CLIENT_KEY 只能设置一个"):
        settings_of(both)


def test_production_takes_a_key_in_place_of_a_secret(tmp_path: Path) -> None:
    production = {
        "LIBRARY_MODE": "production",
        "LIBRARY_COOKIE_SECRET": "q8Zr2LxWv0TnYc5EuKdPb7HsJm4GfAiX",
        "LIBRARY_OIDC_ISSUER": ISSUER,
        "LIBRARY_BASE_URL": "https://library.example.gov.cn",
    }
    with pytest.raises(NotConfigured, match=r"LIBRARY_OIDC_CLIENT_SECRET：.*LIBRARY_OIDC_CLIENT_KEY"):
        refuse_unsafe(settings_of(production))
    found = settings_of(production | {"LIBRARY_OIDC_CLIENT_KEY": file(tmp_path, SECRET_KEY)})
    refuse_unsafe(found)  # does not raise
    assert found.client_secret is None


def test_the_example_of_the_operations_manual_may_start(tmp_path: Path, tls: tuple[str, Path]) -> None:
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    example = re.findall(r"^(LIBRARY_[A-Z_]+)=(.*)$", operations, re.M)
    assert example
    environment = {name: shlex.split(value, comments=True)[0] for name, value in example}
    environment |= {
        "LIBRARY_COOKIE_SECRET": "q8Zr2LxWv0TnYc5EuKdPb7HsJm4GfAiX",
        "LIBRARY_OIDC_CLIENT_KEY": file(tmp_path, SECRET_KEY),
    }
    found = settings_of(environment | {"LIBRARY_OIDC_CA": str(tls[1])})
    refuse_unsafe(found)  # does not raise
    assert found.claims["uscc"] == "credit_code" and "contact_phone" not in found.claims


# --- leaving ------------------------------------------------------------------------------------------------


def leave(provider: oidc.Provider) -> str | None:
    back = "http://library.test/auth/login"
    return anyio.run(lambda: oidc.end_session_url(request({}), provider, id_token="t", return_url=back))


def test_leaving_names_us_the_person_and_the_way_back() -> None:
    url = leave(FakeProvider().provider())
    assert url is not None and url.startswith(f"{ISSUER}/leave?")
    said = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert said == {
        "id_token_hint": "t",
        "client_id": "library",
        "post_logout_redirect_uri": "http://library.test/auth/login",
    }


def test_leaving_a_provider_that_does_not_answer_waits_only_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(_: httpx2.Request) -> httpx2.Response:
        await anyio.sleep(30)
        raise AssertionError

    monkeypatch.setattr(oidc, "LEAVING_SECONDS", 0.05)
    started = time.monotonic()
    assert leave(FakeProvider().provider(transport=httpx2.MockTransport(silence))) is None
    assert time.monotonic() - started < 5


# --- whatever a provider says -------------------------------------------------------------------------------

words = st.sampled_from(
    ["issuer", "keys", "kty", "RSA", "n", "e", "sub", "error", "", ISSUER, "é" * 3, "\x00", "http://["]
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
FIELDS = {
    "openid-configuration": [
        "issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "userinfo_endpoint",
        "token_endpoint_auth_methods_supported",
    ],
    "jwks": ["keys"],
    "token": ["access_token", "token_type", "id_token", "expires_in", "expires_at", "error"],
    "userinfo": ["sub", *PERSON],
    "claims": ["iss", "aud", "sub", "nonce", "iat", "exp", "nbf", "azp", "at_hash", "auth_time", *PERSON],
}  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_whatever_a_provider_answers_a_sign_in_ends_with_somebody_or_with_a_sentence(
    name: str, data: st.DataObject
) -> None:
    """Anything else would be an error page without advice."""
    field, value = data.draw(st.sampled_from([None, *FIELDS[name]])), data.draw(anything)
    fake = FakeProvider()
    whole = field is None and name != "claims"  # what is signed is an object
    fake.edit[name] = lambda document: value if whole else document | {field or "more": value}
    try:
        assert isinstance(fake.sign_in(fake.provider()), oidc.Identity)
    except oidc.SignInFailed as failed:
        assert "请" in str(failed) and failed.reference
