"""Settings from the environment, secrets from the data folder, and what production refuses to start with."""

import json
import os
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from joserfc.jwk import ECKey, KeySet, RSAKey

from core.access.roles import ENTERPRISE, SECOND_FACTOR, SHIPPED
from data.store.store import Store
from gate import keys

#: our name -> the provider's claim; LIBRARY_OIDC_CLAIMS (JSON) overrides single entries
CLAIMS: Final = {
    "uscc": "uscc",
    "enterprise_name": "name",
    "contact_name": "contact_name",
    "contact_phone": "phone_number",
}
#: what a provider may do without
OPTIONAL: Final = ("contact_name", "contact_phone")
SCOPE: Final = "openid profile phone"
#: What a person can be asked at the provider. "none" would ask nothing and let nobody in.
PROMPTS: Final = ("login", "consent", "select_account")

#: So many different signs a random secret of 32 has at least: 15 of hexadecimal ones are all but certain.
_SIGNS: Final = 10

T = TypeVar("T")


class NotConfigured(Exception):
    """The service must not start like this; the text says what to set."""


@dataclass(frozen=True)
class Settings:
    """`issuer` "" means the demonstration platform in this process; `base_url` "" means as the request says."""

    mode: str
    data_folder: Path
    host: str
    port: int
    base_url: str
    cookie_secret: str | None = field(repr=False)
    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    claims: Mapping[str, str]
    scope: str = SCOPE
    prompt: str | None = "login"
    client_key: RSAKey | ECKey | None = field(default=None, repr=False)
    provider_keys: KeySet | None = field(default=None, repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    second_factor: frozenset[str] = frozenset()

    @property
    def demonstration(self) -> bool:
        return self.mode == "demo"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read LIBRARY_* and PORT. Raises NotConfigured on values that make no sense."""

    def given(name: str, default: str = "") -> str:
        return environment.get(name, default).strip()

    mode = given("LIBRARY_MODE", "demo") or "demo"
    if mode not in ("demo", "production"):
        raise NotConfigured(f"LIBRARY_MODE 应为 demo 或 production，现为“{mode}”。")
    port = given("PORT", "8501") or "8501"
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise NotConfigured(f"PORT 应为 1 至 65535 的整数，现为“{port}”。")
    try:
        claims: dict[str, Any] = json.loads(given("LIBRARY_OIDC_CLAIMS") or "{}")
        if not isinstance(claims, dict) or not set(claims) <= set(CLAIMS):
            raise ValueError
        if not all(
            (isinstance(name, str) and name) or (name is None and ours in OPTIONAL) for ours, name in claims.items()
        ):
            raise ValueError
    except ValueError:
        raise NotConfigured(
            f"LIBRARY_OIDC_CLAIMS 应为 JSON 对象，键取自 {'、'.join(CLAIMS)}，值为平台的声明名"
            f"（平台不提供的 {'、'.join(OPTIONAL)} 写 null），现为“{given('LIBRARY_OIDC_CLAIMS')}”。"
        ) from None
    scope = given("LIBRARY_OIDC_SCOPE") or SCOPE
    if "openid" not in scope.split():
        raise NotConfigured(f"LIBRARY_OIDC_SCOPE 应含 openid，各项以空格分开，例如“{SCOPE}”，现为“{scope}”。")
    prompt = given("LIBRARY_OIDC_PROMPT") or "login"
    if prompt != "off" and not set(prompt.split()) <= set(PROMPTS):
        raise NotConfigured(
            f"LIBRARY_OIDC_PROMPT 应取自 {'、'.join(PROMPTS)}（多项以空格分开），"
            f"或为 off（沿用在平台已有的登录），现为“{prompt}”。"
        )

    demanding = given("LIBRARY_SECOND_FACTOR") or ("off" if mode == "demo" else ",".join(SECOND_FACTOR))
    second_factor = frozenset(role.strip() for role in demanding.split(",") if role.strip()) - {"off"}
    if not second_factor <= (known := SHIPPED.keys() - {ENTERPRISE}):  # enterprises sign in at the platform
        raise NotConfigured(
            f"LIBRARY_SECOND_FACTOR 应取自 {'、'.join(sorted(known))}（以逗号分开），或为 off（都不要求），现为“{demanding}”。"
        )

    def from_file(name: str, what: str, read: Callable[[str], T]) -> T | None:
        """What the file named by this variable holds; None when it names none."""
        path = given(name)
        try:
            return read(path) if path else None
        except ValueError as error:
            raise NotConfigured(f"{name} 应为{what}的路径，现为“{path}”：{error}。") from None

    if given("LIBRARY_OIDC_CLIENT_SECRET") and given("LIBRARY_OIDC_CLIENT_KEY"):
        raise NotConfigured(
            "LIBRARY_OIDC_CLIENT_SECRET 与 LIBRARY_OIDC_CLIENT_KEY 只能设置一个，请按在平台登记的方式保留其一。"
        )
    return Settings(
        mode=mode,
        data_folder=Path(given("LIBRARY_DATA_DIR") or "data/var"),
        host=given("HOST", "127.0.0.1") or "127.0.0.1",
        port=int(port),
        base_url=given("LIBRARY_BASE_URL").rstrip("/"),
        cookie_secret=given("LIBRARY_COOKIE_SECRET") or None,
        issuer=given("LIBRARY_OIDC_ISSUER"),
        client_id=given("LIBRARY_OIDC_CLIENT_ID") or "library",
        client_secret=given("LIBRARY_OIDC_CLIENT_SECRET") or None,
        claims={ours: theirs for ours, theirs in {**CLAIMS, **claims}.items() if theirs},
        scope=scope,
        prompt=None if prompt == "off" else prompt,
        client_key=from_file("LIBRARY_OIDC_CLIENT_KEY", "本系统私钥文件（PEM 或 JWK）", keys.client_key),
        provider_keys=from_file("LIBRARY_OIDC_JWKS", "身份平台公钥文件（JWKS）", keys.provider_keys),
        second_factor=second_factor,
        trust=from_file("LIBRARY_OIDC_CA", "CA 证书文件（PEM）", keys.trust),
    )


def cookie_secret(settings: Settings) -> str:
    """The secret that signs the sign-in cookie: configured, or generated once into the data folder (mode 0600)."""
    if settings.cookie_secret:
        return settings.cookie_secret
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    file = settings.data_folder / "secrets.json"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret: str = json.loads(file.read_text("utf-8"))["cookie_secret"]
        return secret
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump({"cookie_secret": (generated := secrets.token_urlsafe(48))}, handle)
    return generated


def refuse_unsafe(settings: Settings, store: Store | None = None) -> None:
    """In production, raise NotConfigured naming everything that still has to be set."""
    if settings.demonstration:
        return
    missing = []
    if len(settings.cookie_secret or "") < 32:
        missing.append("LIBRARY_COOKIE_SECRET：至少 32 个字符的随机串（生产环境不使用自动生成的密钥）")
    elif len(set(settings.cookie_secret or "")) < _SIGNS:
        missing.append(
            "LIBRARY_COOKIE_SECRET：须为随机串，现值由少数字符重复而成，可被猜到（例如 openssl rand -base64 48）"
        )
    if not settings.issuer:
        missing.append("LIBRARY_OIDC_ISSUER：身份平台的签发者地址（生产环境不启用演示身份平台）")
    elif not settings.issuer.startswith("https://"):
        missing.append(f"LIBRARY_OIDC_ISSUER：须为 https 地址，现为“{settings.issuer}”")
    if not settings.client_secret and not settings.client_key:
        missing.append(
            "LIBRARY_OIDC_CLIENT_SECRET：在身份平台登记本系统时得到的密钥；以私钥认证（private_key_jwt）时改设 LIBRARY_OIDC_CLIENT_KEY"
        )
    if not settings.base_url.startswith("https://"):
        missing.append("LIBRARY_BASE_URL：本系统对外的 https 地址，例如 https://wj.weip.org.cn")
    if store is not None:
        found = store.rows("SELECT count(*) AS accounts FROM accounts WHERE demonstration AND active")
        if found[0]["accounts"]:
            missing.append(
                f"LIBRARY_DATA_DIR：数据目录 {settings.data_folder} 中有 {found[0]['accounts']} 个演示账号，请换用空目录"
            )
    if missing:
        raise NotConfigured("生产环境尚不能启动，请先设置：\n  - " + "\n  - ".join(missing))
