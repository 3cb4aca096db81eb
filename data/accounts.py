"""Accounts and credentials: what the gate asks the store. Passwords are kept as hashes only."""

import hashlib
from datetime import timedelta
from typing import Final

from core.errors import Refused
from core.filing import DISTRICTS
from core.roles import ROLES
from data.store import SYSTEM, Actor, Row, Store, Transaction

#: One issuer for the demonstration platform, by whatever host name it is reached.
DEMONSTRATION_ISSUER: Final = "demo-identity"
FAILURES_BEFORE_LOCK: Final = 5
LOCK: Final = timedelta(minutes=30)


def enterprise_id(uscc: str) -> str:
    """An enterprise's id: stable for its credit code, and not the code itself."""
    return "e" + hashlib.sha256(uscc.encode()).hexdigest()[:11]


def register_enterprise(transaction: Transaction, actor: Actor, uscc: str, name: str) -> str:
    """The id of the enterprise with this credit code, recorded if it was not known, renamed if it is called otherwise."""
    identity = enterprise_id(uscc)
    known = transaction.get("enterprises", identity)
    if known is None:
        transaction.append(actor, "enterprise.registered", f"enterprise:{identity}", {"uscc": uscc, "name": name})
    elif known["name"] != name:
        body = {"uscc": uscc, "name": name, "district": known["district"]}
        transaction.append(actor, "enterprise.registered", f"enterprise:{identity}", body)
    return identity


def create_local(
    store: Store,
    *,
    username: str,
    name: str,
    role: str,
    password_hash: str,
    district: str | None = None,
    demonstration: bool = False,
    must_change: bool = False,
    actor: Actor = SYSTEM,
) -> str:
    """Create an account with a local password. Raises Refused when the user name is taken or the role unknown."""
    username = username.strip().lower()
    identity = f"local-{username}"
    if role not in ROLES or role == "enterprise":
        raise Refused(f"没有“{role}”这个可用密码登录的角色。")
    if role == "district_reviewer" and district not in DISTRICTS:
        # Without a district the scope would be the whole city.
        raise Refused("区级审核员须指定区属，账号未创建。")

    def job(transaction: Transaction) -> str:
        if transaction.revision(f"account:{identity}"):
            raise Refused(f"用户名“{username}”已被使用，请换一个。")
        body = {"username": username, "name": name, "role": role, "district": district, "demonstration": demonstration}
        transaction.append(actor, "account.created", f"account:{identity}", body)
        transaction.put(
            "credentials",
            {
                "account_id": identity, "password_hash": password_hash, "changed_at": transaction.now,
                "must_change": must_change, "earlier": "[]", "totp_secret": None, "totp_step": 0,
            },
        )  # fmt: skip
        return identity

    return store.write(job)


def local_credentials(store: Store, username: str) -> Row | None:
    """account_id and password_hash of an active local account."""
    found = store.rows(
        "SELECT a.id AS account_id, c.password_hash FROM accounts a JOIN credentials c ON c.account_id = a.id "
        "WHERE a.username = $1 AND a.active",
        [username.strip().lower()],
    )
    return found[0] if found else None


def _known_as(username: str) -> str:
    """Under this name failures are counted."""
    return username.strip().lower()[:100]


def locked(store: Store, username: str) -> bool:
    """Whether five failures within thirty minutes lock this user name."""
    since = store.clock() - LOCK
    found = store.rows(
        "SELECT count(*) AS failures FROM sign_in_failures WHERE username = $1 AND at_utc > $2", [_known_as(username), since]
    )
    return bool(found[0]["failures"] >= FAILURES_BEFORE_LOCK)


def record_failure(store: Store, username: str, address: str | None) -> None:
    username = _known_as(username)

    def job(transaction: Transaction) -> None:
        moment = transaction.now
        while transaction.get("sign_in_failures", username, moment):
            moment += timedelta(microseconds=1)  # attempts of one batch share its moment; each counts
        transaction.put("sign_in_failures", {"username": username, "at_utc": moment, "address": address})
        transaction.append(SYSTEM, "sign_in.failed", f"sign_in:{username}", {"address": address})

    store.write(job)


def platform_account_id(issuer: str, uscc: str) -> str:
    """The account of an enterprise from the platform: keyed on issuer and credit code, `sub` being opaque."""
    return "oidc-" + hashlib.sha256(f"{issuer}\x1f{uscc}".encode()).hexdigest()[:16]


def enterprise_account(
    store: Store, *, issuer: str, uscc: str, enterprise_name: str, contact: str, demonstration: bool = False
) -> str:
    """The account of an enterprise that came from the platform, created at its first visit."""
    identity = platform_account_id(issuer, uscc)

    def job(transaction: Transaction) -> str:
        actor = Actor(identity)
        enterprise = register_enterprise(transaction, actor, uscc, enterprise_name)
        known = transaction.get("accounts", identity)
        if known is not None and not known["active"]:
            raise Refused("该账号已停用，请联系所在区经信部门。")
        if known is None:
            body = {
                "username": uscc.lower(), "name": contact or enterprise_name, "role": "enterprise",
                "enterprise_id": enterprise, "demonstration": demonstration,
            }  # fmt: skip
            transaction.append(actor, "account.created", f"account:{identity}", body)
        return identity

    return store.write(job)
