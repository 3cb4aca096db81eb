"""The second factor: a code of an authenticator app (TOTP, RFC 6238), enrolled by a picture, each code good once."""

import hashlib
import hmac
import unicodedata
from datetime import UTC
from typing import Final

import pyotp
import segno
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from core.access.permissions import Permission
from core.base.errors import Refused
from data.access import credentials, roles
from data.access.visit import Visit
from data.store.store import Store
from gate.passwords import LOCKED, prove_password
from gate.settings import current

_PERIOD: Final = 30
#: What the app calls us: short, since each character takes nine in the picture, twice.
_ISSUER: Final = "培育库"
WRONG: Final = "动态验证码不正确或已用过，请输入验证器当前显示的 6 位数字。连续输错 5 次将锁定 30 分钟。"


def new_secret() -> str:
    return pyotp.random_base32()


def picture(secret: str, username: str) -> str:
    """The QR code that an authenticator app scans, as SVG; dark on white whatever the page's colours."""
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=_ISSUER)
    code = segno.make(address, error="l", micro=False)
    return str(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False))


def _key() -> OctKey:
    """Of the key outside the database, which production has; a demonstration may do without, its passwords are public."""
    return OctKey.import_key(hashlib.sha256(b"second factor" + (current().key or b"")).digest())


def sealed(secret: str) -> str:
    """A secret as the database keeps it: who reads the database alone cannot make codes of it."""
    return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, secret, _key())


def opened(kept: str) -> str:
    """The secret of what the database keeps; one of before it was sealed stands as it is. Raises Refused under another key."""
    if "." not in kept:
        return kept
    try:
        return (jwe.decrypt_compact(kept, _key()).plaintext or b"").decode()
    except JoseError:
        raise Refused(
            "动态验证码的密钥无法解密：LIBRARY_DATA_KEY 可能已更换。请联系系统管理员改回原值，或解除绑定后重新绑定。"
        ) from None


def seal_all(store: Store) -> int:
    """At start: seal what an older version kept in the clear; how many."""
    plain = {account: kept for account, kept in credentials.kept_secrets(store).items() if "." not in kept}
    credentials.replace_secrets(store, {account: (kept, sealed(kept)) for account, kept in plain.items()})
    return len(plain)


def spaced(secret: str) -> str:
    """The secret for typing by hand: in groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def step_of(store: Store, secret: str, code: str) -> int | None:
    """Of a secret, sealed or not: the time step whose code this is, of now and one to either side; None when it is wrong."""
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    now = int(store.clock().replace(tzinfo=UTC).timestamp()) // _PERIOD
    one = pyotp.TOTP(opened(secret))
    right = [
        step for step in (now, now - 1, now + 1) if hmac.compare_digest(one.generate_otp(step).encode(), typed.encode())
    ]
    return right[0] if right else None


def demanded(store: Store, role: str, configured: frozenset[str] | None = None) -> bool:
    """Whether this role must show a second factor: as the bureau has set it, else as `configured`."""
    known = roles.known(store).get(role)
    if known is not None and known.second_factor is not None:
        return known.second_factor
    return role in (current().second_factor if configured is None else configured)


def demanded_of(visit: Visit) -> bool:
    """Whether the visiting person must show a second factor."""
    return demanded(visit.store, visit.role)


def enrol_mine(visit: Visit, secret: str, code: str, password: str) -> None:
    """Enrol the authenticator that shows `code` for `secret`, with one's password once more: an unattended screen must not
    be bound to a stranger's telephone. Raises Refused with what is wrong.
    """
    prove_password(visit, password, "尚未绑定")
    step = step_of(visit.store, secret, code)
    if step is None:
        raise Refused("动态验证码不正确，尚未绑定。请核对手机时间是否自动校准，再输入验证器当前显示的 6 位数字。")
    credentials.enrol_second_factor(visit.store, visit.account_id, sealed(secret), step, actor=visit.actor)


def remove_mine(visit: Visit, code: str) -> None:
    """Remove the visiting person's second factor, which must be shown once more. Raises Refused with what is wrong."""
    visit.check(Permission.PROFILE_OWN)
    if demanded_of(visit):
        raise Refused("您的角色必须使用动态验证码，不能解除绑定。如需更换验证器，请联系系统管理员。")
    known = credentials.of_account(visit.store, visit.account_id)
    if known is None or known["totp_secret"] is None:
        raise Refused("该账号没有绑定动态验证码，未作改动。请刷新页面查看当前状态。")
    reserved = credentials.reserve(visit.store, known["username"], None, code=True)
    if reserved is None:
        raise Refused(LOCKED)
    step = step_of(visit.store, known["totp_secret"], code)
    if step is None or not credentials.use_step(visit.store, visit.account_id, step):
        credentials.record_failure(visit.store, known["username"], None, second_factor=True, reserved=reserved)
        raise Refused(f"{WRONG}尚未解除绑定。")
    credentials.forgive(visit.store, known["username"], reserved, code=True)
    credentials.remove_second_factor(visit.store, visit.account_id, actor=visit.actor)
