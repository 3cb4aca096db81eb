"""Local passwords: streamlit-authenticator's controller checks them, bcrypt hashes them."""

import re
from functools import cache
from typing import Final

import bcrypt
from streamlit_authenticator.controllers import AuthenticationController

#: bcrypt reads no more than 72 bytes and refuses longer ones.
_LONGEST: Final = 72


def hashed(password: str) -> str:
    """A bcrypt hash. Raises ValueError, in Chinese, when the password breaks the rule of the manual."""
    if sentence := weakness(password):
        raise ValueError(sentence)
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


def weakness(password: str) -> str | None:
    """What the password lacks by the manual's rule (8位以上的小写加大写字母加数字), or None."""
    if len(password) < 8 or not all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]")):
        return "密码须由 8 位以上的小写字母、大写字母和数字组成"
    if len(password.encode()) > _LONGEST:
        return f"密码不能超过 {_LONGEST} 个字节"
    return None


@cache
def _nobody() -> str:
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt()).decode()


def matches(username: str, password: str, password_hash: str | None) -> bool:
    """Whether the password is right; an unknown user (`None`) takes as long. About 240 ms: run in a thread."""
    if not password or len(password.encode()) > _LONGEST:
        password, password_hash = "-", None
    username = username.lower()  # as the controller keeps its names
    entry = {"name": username, "email": "", "password": password_hash or _nobody()}
    controller = AuthenticationController({"usernames": {username: entry}}, auto_hash=False)
    right = controller.authentication_model.check_credentials(username, password)
    return bool(right) and password_hash is not None
