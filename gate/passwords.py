"""Local passwords: streamlit-authenticator's controller checks them, bcrypt hashes them, zxcvbn knows the weak ones."""

import json
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Final

import bcrypt
from streamlit_authenticator.controllers import AuthenticationController
from zxcvbn import zxcvbn

from core.access.permissions import Permission
from core.base.errors import Refused
from core.base.terms import PRODUCT
from data.access import credentials
from data.access.visit import Visit
from data.store.store import Actor, Row, Store

#: A password older than this is changed at the next sign-in.
PASSWORD_DAYS: Final = 90
#: bcrypt reads no more than 72 bytes and refuses longer ones.
_LONGEST: Final = 72
#: bcrypt's cost: about 240 ms.
_ROUNDS = 12
#: Words around here that a guesser would try first.
_LOCAL: Final = (
    PRODUCT,
    "武汉",
    "人工智能",
    "培育库",
    "经信",
    "wuhan",
    "whai",
    "rengongzhineng",
    "peiyuku",
    "jingxin",
    "jingxinju",
    "hubei",
    "donghu",
    "guanggu",
)
LOCKED: Final = "该用户名连续输错次数过多，已锁定 30 分钟。请稍后再试，或联系系统管理员。"


def hashed(password: str, person: Sequence[str] = ()) -> str:
    """A bcrypt hash. Raises ValueError, in Chinese, for a password that `weakness` refuses."""
    if sentence := weakness(password, person):
        raise ValueError(sentence)
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(_ROUNDS)).decode()


def weakness(password: str, person: Sequence[str] = ()) -> str | None:
    """What is wrong with a password, or None.

    The manual's rule (8位以上的小写加大写字母加数字), and not among the weak ones: common passwords and words, rows of
    keys, years, the words of the product, and those of the `person` (user name, name).
    """
    if len(password) < 8 or not all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]")):
        return "密码须由 8 位以上的小写字母、大写字母和数字组成"
    if len(password.encode()) > _LONGEST:
        return f"密码不能超过 {_LONGEST} 个字节"
    # Below 2: found within a million guesses.
    if zxcvbn(password, user_inputs=[*_LOCAL, *filter(None, person)])["score"] < 2:
        return "密码过于常见，容易被猜到：请避开姓名、用户名、单位名称、常用词、年份和键盘上相邻的键"
    return None


def temporary() -> str:
    """A password to hand over once: by the rule, without signs that look alike."""
    letters = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz") for _ in range(5))
    capitals = "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(3))
    return f"{capitals}{letters}{secrets.randbelow(9000) + 1000}"


@cache
def _nobody() -> str:
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt(_ROUNDS)).decode()


def matches(username: str, password: str, password_hash: str | None) -> bool:
    """Whether the password is right; an unknown user (`None`) takes as long. About 240 ms: run in a thread."""
    if not password or len(password.encode()) > _LONGEST:
        password, password_hash = "-", None
    username = username.lower()  # as the controller keeps its names
    entry = {"name": username, "email": "", "password": password_hash or _nobody()}
    controller = AuthenticationController({"usernames": {username: entry}}, auto_hash=False)
    right = controller.authentication_model.check_credentials(username, password)
    return bool(right) and password_hash is not None


def outdated(store: Store, known: Row) -> bool:
    """Whether these credentials' password must be changed before a session: set by another, or over 90 days old.

    A demonstration's password is public and stays as the login page lists it.
    """
    if known["must_change"]:
        return True
    return not known["demonstration"] and store.clock() - known["changed_at"] > timedelta(days=PASSWORD_DAYS)


def objection(known: Row, new: str) -> str | None:
    """Why these credentials may not have this password, as a sentence, or None. Up to 1.5 s: run in a thread."""
    if sentence := weakness(new, (known["username"], known["name"])):
        return f"{sentence}。请换一个密码。"
    before = [known["password_hash"], *json.loads(known["earlier"])]
    if any(bcrypt.checkpw(new.encode(), kept.encode()) for kept in before):
        return f"新密码不能与当前密码或之前 {credentials.HISTORY} 次用过的密码相同，请换一个密码。"
    return None


def replace(store: Store, known: Row, new: str, *, visit: Visit | None = None) -> int:
    """Give these credentials a new password; how many sessions that ended. Raises Refused with what is wrong."""
    if sentence := objection(known, new):
        raise Refused(sentence)
    actor = visit.actor if visit else Actor(known["account_id"])
    return credentials.set_password(
        store,
        known["account_id"],
        hashed(new),
        actor=actor,
        replaces=known["password_hash"],
        but=visit.session_id if visit else None,
    )


def prove_password(visit: Visit, password: str, tail: str) -> Row:
    """The visiting person's credentials, once the password is right; `tail`: what was not done. Raises Refused.

    A wrong one counts towards the lock: an unattended screen is no place to guess.
    """
    visit.check(Permission.PROFILE_OWN)
    known = credentials.of_account(visit.store, visit.account_id)
    if known is None:
        raise Refused("该账号没有本地密码：企业账号请在湖北省统一身份认证平台修改密码。")
    reserved = credentials.reserve(visit.store, known["username"], None)
    if reserved is None:
        raise Refused(LOCKED)
    if not matches(known["username"], password, known["password_hash"]):
        credentials.record_failure(visit.store, known["username"], None, reserved=reserved)
        raise Refused(f"当前密码不正确，{tail}。请重新输入；连续输错 5 次将锁定 30 分钟。")
    credentials.forgive(visit.store, known["username"], reserved)
    return known


def change_mine(visit: Visit, current: str, new: str) -> int:
    """Change the visiting person's password; how many other sessions that ended. Raises Refused with what is wrong."""
    return replace(visit.store, prove_password(visit, current, "密码未修改"), new, visit=visit)
