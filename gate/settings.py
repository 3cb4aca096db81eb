"""Settings from the environment, secrets from the data folder, and what production refuses to start with."""

import json
import os
import secrets
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from ipaddress import ip_network
from typing import Annotated, Any, Final

from joserfc.jwk import ECKey, KeySet, RSAKey
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import NoDecode

from core.access.roles import ENTERPRISE, SECOND_FACTOR, SHIPPED
from data.platform.settings import DataSettings
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


class NotConfigured(Exception):
    """The service must not start like this; the text says what to set."""


class Settings(DataSettings):
    """What the service is started with. `issuer` "" means the demonstration platform in this process; `base_url` "" means
    as the request says. Each field's alias is its variable, its description what the operator reads in docs/reference."""

    mode: str = Field(
        default="demo", validation_alias="LIBRARY_MODE", description="`demo`（默认，虚构数据）或 `production`"
    )
    host: str = Field(
        default="127.0.0.1", validation_alias="HOST", description="监听的地址，默认只供本机；`0.0.0.0` 允许其他机器访问"
    )
    port: int = Field(default=8501, validation_alias="PORT", description="监听的端口，默认 8501")
    forwarded: str = Field(
        default="127.0.0.1",
        validation_alias="FORWARDED_ALLOW_IPS",
        description="反向代理的地址或网段，逗号分隔，默认 `127.0.0.1`：只有从这些地址来的 `X-Forwarded-For`、`X-Forwarded-Proto` 才被采信；生产环境不接受 `*`，否则人人可以冒充任何地址，按地址的锁定和日志失效",
    )
    base_url: str = Field(
        default="", validation_alias="LIBRARY_BASE_URL", description="对外的 https 地址；生产环境必填"
    )
    issuer: str = Field(
        default="",
        validation_alias="LIBRARY_OIDC_ISSUER",
        description="身份平台签发者地址（https），须提供 OpenID Connect 发现文档；生产环境必填",
    )
    client_id: str = Field(
        default="library", validation_alias="LIBRARY_OIDC_CLIENT_ID", description="在身份平台登记本系统所得的客户端标识"
    )
    client_secret: str | None = Field(
        default=None,
        repr=False,
        validation_alias="LIBRARY_OIDC_CLIENT_SECRET",
        description="登记所得的密钥（client_secret_basic，平台只收表单时自动改用 client_secret_post）；与下一项二选一",
    )
    client_key: RSAKey | ECKey | None = Field(
        default=None,
        repr=False,
        validation_alias="LIBRARY_OIDC_CLIENT_KEY",
        description="本系统私钥文件的路径（private_key_jwt）：不带口令的 PEM，或 JWK；RSA，或 P-256、P-384、P-521 的 EC",
    )
    claims: Annotated[Mapping[str, str], NoDecode] = Field(
        default=CLAIMS,
        validation_alias="LIBRARY_OIDC_CLAIMS",
        description='JSON，声明名映射，如 `{"uscc": "credit_code"}`；键为 '
        + "、".join(f"`{ours}`（默认 `{theirs}`）" for ours, theirs in CLAIMS.items())
        + f"。映射到的声明平台都须提供；{'、'.join(OPTIONAL)} 平台没有时写 `null`",
    )
    scope: str = Field(
        default=SCOPE,
        validation_alias="LIBRARY_OIDC_SCOPE",
        description=f"默认 `{SCOPE}`，须含 `openid`，各项以空格分开",
    )
    prompt: str | None = Field(
        default="login",
        validation_alias="LIBRARY_OIDC_PROMPT",
        description="默认 `login`（每次都请用户在平台验证身份）；`consent`、`select_account` 可并列；`off` 沿用用户在平台已有的登录（单点登录）",
    )
    provider_keys: KeySet | None = Field(
        default=None,
        repr=False,
        validation_alias="LIBRARY_OIDC_JWKS",
        description="平台公钥文件（JWKS）的路径：只认这些公钥，不再读取平台公布的；平台换公钥时须同时更换并重启",
    )
    trust: ssl.SSLContext | None = Field(
        default=None,
        repr=False,
        validation_alias="LIBRARY_OIDC_CA",
        description="PEM 文件的路径：平台的 https 证书只认这些 CA（政务外网自建 CA 时用）",
    )
    second_factor: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        validate_default=True,
        validation_alias="LIBRARY_SECOND_FACTOR",
        description=f"须用动态验证码的角色代码，逗号分隔，或 `off`；生产环境默认 `{','.join(sorted(SECOND_FACTOR))}`，首次登录时绑定；角色管理中的设定优先",
    )

    @property
    def demonstration(self) -> bool:
        return self.mode == "demo"

    @field_validator("mode", mode="before")
    @classmethod
    def _mode(cls, given: str) -> str:
        if given not in ("demo", "production"):
            raise ValueError(f"LIBRARY_MODE 应为 demo 或 production，现为“{given}”。")
        return given

    @field_validator("port", mode="before")
    @classmethod
    def _port(cls, given: str) -> int:
        if not (given.isascii() and given.isdecimal()) or not 0 < int(given) < 65_536:
            raise ValueError(f"PORT 应为 1 至 65535 的整数，现为“{given}”。")
        return int(given)

    @field_validator("forwarded")
    @classmethod
    def _forwarded(cls, given: str) -> str:
        for each in given.split(","):
            try:
                if each.strip() != "*":
                    ip_network(each.strip(), strict=False)
            except ValueError:
                raise ValueError(
                    f"FORWARDED_ALLOW_IPS 应为反向代理的地址或网段，以逗号分开，例如 10.0.0.5,10.1.0.0/24，现为“{given}”。"
                ) from None
        return given

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, given: str) -> str:
        return given.rstrip("/")

    @field_validator("claims", mode="before")
    @classmethod
    def _claims(cls, given: str) -> dict[str, str]:
        try:
            named = json.loads(given)
        except ValueError:
            named = None
        if (
            not isinstance(named, dict)
            or not set(named) <= set(CLAIMS)
            or not all(
                (isinstance(name, str) and name) or (name is None and ours in OPTIONAL) for ours, name in named.items()
            )
        ):
            raise ValueError(
                f"LIBRARY_OIDC_CLAIMS 应为 JSON 对象，键取自 {'、'.join(CLAIMS)}，值为平台的声明名"
                f"（平台不提供的 {'、'.join(OPTIONAL)} 写 null），现为“{given}”。"
            )
        return {ours: theirs for ours, theirs in {**CLAIMS, **named}.items() if theirs}

    @field_validator("scope")
    @classmethod
    def _scope(cls, given: str) -> str:
        if "openid" not in given.split():
            raise ValueError(f"LIBRARY_OIDC_SCOPE 应含 openid，各项以空格分开，例如“{SCOPE}”，现为“{given}”。")
        return given

    @field_validator("prompt", mode="before")
    @classmethod
    def _prompt(cls, given: str) -> str | None:
        if given != "off" and not set(given.split()) <= set(PROMPTS):
            raise ValueError(
                f"LIBRARY_OIDC_PROMPT 应取自 {'、'.join(PROMPTS)}（多项以空格分开），"
                f"或为 off（沿用在平台已有的登录），现为“{given}”。"
            )
        return None if given == "off" else given

    @field_validator("client_key", "provider_keys", "trust", mode="before")
    @classmethod
    def _from_file(cls, path: str, about: ValidationInfo) -> Any:
        """What the file named by the variable holds."""
        field = str(about.field_name)
        what, read = _FILES[field]
        try:
            return read(path)
        except ValueError as error:
            variable = cls.model_fields[field].validation_alias
            raise ValueError(f"{variable} 应为{what}的路径，现为“{path}”：{error}。") from None

    @field_validator("second_factor", mode="before")
    @classmethod
    def _second_factor(cls, given: str | frozenset[str], others: ValidationInfo) -> frozenset[str]:
        demanding = str(given or "") or ("off" if others.data.get("mode") == "demo" else ",".join(SECOND_FACTOR))
        found = frozenset(role.strip() for role in demanding.split(",") if role.strip()) - {"off"}
        if not found <= (known := SHIPPED.keys() - {ENTERPRISE}):  # enterprises sign in at the platform
            raise ValueError(
                f"LIBRARY_SECOND_FACTOR 应取自 {'、'.join(sorted(known))}（以逗号分开），或为 off（都不要求），现为“{demanding}”。"
            )
        return found

    @model_validator(mode="after")
    def _one_way_to_authenticate(self) -> "Settings":
        if self.client_secret and self.client_key:
            raise ValueError(
                "LIBRARY_OIDC_CLIENT_SECRET 与 LIBRARY_OIDC_CLIENT_KEY 只能设置一个，请按在平台登记的方式保留其一。"
            )
        return self


#: field -> what its file is, and what reads it (raises ValueError with the reason)
_FILES: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "client_key": ("本系统私钥文件（PEM 或 JWK）", keys.client_key),
    "provider_keys": ("身份平台公钥文件（JWKS）", keys.provider_keys),
    "trust": ("CA 证书文件（PEM）", keys.trust),
}


def from_environment() -> Settings:
    """The settings as the environment has them now. Raises NotConfigured naming every value that makes no sense."""
    try:
        return Settings()
    except ValidationError as errors:
        raise NotConfigured("\n".join(str(each["ctx"]["error"]) for each in errors.errors())) from None


@cache
def current() -> Settings:
    """The settings of this process, read once."""
    return from_environment()


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
    if any(each.strip() in ("*", "0.0.0.0/0", "::/0") for each in settings.forwarded.split(",")):
        missing.append(
            f"FORWARDED_ALLOW_IPS：反向代理的地址，不能是所有地址（现为“{settings.forwarded}”），否则人人可以冒充任何地址"
        )
    if store is not None:
        found = store.rows("SELECT count(*) AS accounts FROM accounts WHERE demonstration")
        if found[0]["accounts"]:
            missing.append(
                f"LIBRARY_DATA_DIR：数据目录 {settings.data_folder} 中有 {found[0]['accounts']} 个演示账号，请换用空目录"
            )
    if missing:
        raise NotConfigured("生产环境尚不能启动，请先设置：\n  - " + "\n  - ".join(missing))
