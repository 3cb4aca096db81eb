"""Key material for signing in by OpenID Connect: our own private key, the provider's public ones.

Each function raises ValueError with the reason in Chinese, as the end of a sentence, when there is nothing to use.
"""

import json
import ssl
from pathlib import Path
from typing import Final

from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

_CURVES: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_BROKEN: Final = (JoseError, ValueError, KeyError, TypeError, AttributeError)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        raise ValueError("文件不存在，或没有读取权限") from None


def client_key(path: str) -> RSAKey | ECKey:
    """Our private key, from a PEM file without a pass phrase or a JWK file."""
    content = _read(path)
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(json.loads(content) if content.lstrip().startswith(b"{") else content)
            algorithm = _algorithm(key)
            jwt.encode({"alg": algorithm}, {}, key, algorithms=[algorithm])  # now, not when somebody signs in
            return key
        except _BROKEN:
            continue
    raise ValueError("其中没有能签名的私钥（RSA，或 P-256、P-384、P-521 曲线的 EC；不带口令）")


def _algorithm(key: RSAKey | ECKey) -> str:
    """A JWK may say what it signs with; a PEM can not."""
    return key.alg or ("RS256" if isinstance(key, RSAKey) else _CURVES[key.curve_name])


def client_authentication(key: RSAKey | ECKey) -> PrivateKeyJWT:
    """private_key_jwt with this key; its `kid`, if it has one, tells the provider which of ours it is."""
    return PrivateKeyJWT(alg=_algorithm(key), headers={"kid": key.kid} if key.kid else None)


def provider_keys(path: str) -> KeySet:
    """The provider's public keys from a JWKS file."""
    content = _read(path)
    try:
        known = KeySet.import_key_set(json.loads(content)).keys
    except _BROKEN:
        known = []
    usable = [key for key in known if isinstance(key, RSAKey | ECKey)]
    if not usable:
        raise ValueError('其内容不是含 RSA 或 EC 公钥的 JWKS（形如 {"keys": […]}）')
    if any(key.is_private for key in usable):
        raise ValueError("其中含有私钥，请只保留身份平台公布的公钥")
    return KeySet([*usable])


def trust(path: str) -> ssl.SSLContext:
    """TLS that believes the authorities of this PEM bundle and no others."""
    _read(path)
    try:
        return ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError):
        raise ValueError("其内容不是 PEM 格式的 CA 证书") from None
