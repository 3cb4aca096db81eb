"""Accounts: whose they are, and how the gate creates them. What opens them is in data.access.credentials."""

import hashlib
from typing import Any, Final

from core.access.organisations import Tree
from core.access.roles import ENTERPRISE, Role
from core.base.errors import Refused
from data.access import credentials, organisations, roles
from data.store.store import SYSTEM, Actor, Store, Transaction

#: One issuer for the demonstration platform, by whatever host name it is reached.
DEMONSTRATION_ISSUER: Final = "demo-identity"


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


def checked_username(username: str) -> str:
    """A user name as it is kept. Raises Refused, naming it, when it does not fit."""
    username = username.strip().lower()
    if not (
        2 <= len(username) <= 40 and all(sign.isascii() and (sign.isalnum() or sign in "._-") for sign in username)
    ):
        raise Refused(f"用户名“{username[:40]}”不合要求，账号未创建。请用 2 至 40 个字母、数字或 . _ - 。")
    return username


def checked_name(name: str) -> str:
    """A person's name as it is kept. Raises Refused when there is none or it is overlong."""
    if not 1 <= len(name.strip()) <= 60:
        raise Refused("“姓名”须为 1 至 60 个字，未保存。")
    return name.strip()


def checked_organisation(tree: Tree, role: Role, organisation_id: str | None) -> None:
    """Raise Refused when there is no such organisation, or none is given and the role sees only one's own."""
    if organisation_id is None and role.scope in ("organisation", "organisation_below"):
        raise Refused(f"“{role.name}”须选择“机构”，未保存：没有机构就不知道管辖哪些企业。")
    if organisation_id is not None and organisation_id not in tree:
        raise Refused(f"“机构”没有“{organisation_id[:40]}”这一项，可能已被删除，未保存。请重新选择。")


def create_local(store: Store, *, actor: Actor = SYSTEM, **account: Any) -> str:
    """`add_local` in a job of its own."""
    return store.write(lambda transaction: add_local(transaction, actor, **account))


def add_local(
    transaction: Transaction,
    actor: Actor,
    *,
    username: str,
    name: str,
    role: str,
    password_hash: str,
    organisation_id: str | None = None,
    enterprise_id: str | None = None,
    demonstration: bool = False,
    must_change: bool = False,
) -> str:
    """Within a job: an account with a local password; its id. Raises Refused when it does not fit or the name is taken.

    `must_change`: somebody else chose the password; it is to be changed at the first sign-in.
    """
    username = username.strip().lower()
    identity = f"local-{username}"
    known = roles.standing(transaction).get(role)
    if known is None or (role == ENTERPRISE) != (enterprise_id is not None):
        # A filer without an enterprise would see nothing, an official with one only that.
        raise Refused(f"没有“{role}”这个可用密码登录的角色。")
    checked_organisation(organisations.standing(transaction), known, organisation_id)
    if transaction.revision(f"account:{identity}"):
        raise Refused(f"用户名“{username}”已被使用，请换一个。")
    body = {
        "username": username,
        "name": name,
        "role": role,
        "organisation_id": organisation_id,
        "demonstration": demonstration,
        **({"enterprise_id": enterprise_id} if enterprise_id else {}),
    }
    transaction.append(actor, "account.created", f"account:{identity}", body)
    row = {
        "account_id": identity,
        "password_hash": password_hash,
        "changed_at": transaction.now,
        "must_change": must_change,
        "earlier": "[]",
        "totp_secret": None,
        "totp_step": 0,
    }
    credentials.put(transaction, row, actor)
    return identity


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
                "username": uscc.lower(),
                "name": contact or enterprise_name,
                "role": "enterprise",
                "enterprise_id": enterprise,
                "demonstration": demonstration,
            }
            transaction.append(actor, "account.created", f"account:{identity}", body)
        return identity

    return store.write(job)
