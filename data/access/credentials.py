"""Credentials of local accounts: hashes, the second factor, failures, and what stands between password and session.

Passwords and tickets are kept as hashes only, and no fact carries a secret: the rows here are no projection.
"""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from core.access.people import Person
from core.base.errors import Conflict, Refused
from data.access import sessions
from data.access.visit import Visit
from data.store.store import SYSTEM, Actor, Row, Store, Transaction, dump

FAILURES_BEFORE_LOCK: Final = 5
LOCK: Final = timedelta(minutes=30)
#: How many passwords before the present one are remembered.
HISTORY: Final = 5
#: An office behind one address may mistype this often within LOCK before its answers slow down.
FREE_FAILURES: Final = 10
LONGEST_DELAY: Final = 8.0
TICKET: Final = timedelta(minutes=10)
_NO_PASSWORD = "该账号没有本地密码：企业账号请在湖北省统一身份认证平台修改密码。"  # noqa: S105

_KNOWN = (
    "SELECT a.id AS account_id, a.username, a.name, a.role, a.demonstration, c.password_hash, c.changed_at, c.must_change, "
    "c.earlier, c.totp_secret, c.totp_step FROM accounts a JOIN credentials c ON c.account_id = a.id WHERE a.active AND "
)


def local_credentials(store: Store, username: str) -> Row | None:
    """An active local account by its user name: account_id, password_hash and what else signing in asks for."""
    found = store.rows(_KNOWN + "a.username = $1", [username.strip().lower()])
    return found[0] if found else None


def of_account(store: Store, account_id: str) -> Row | None:
    """As `local_credentials`, by the account's id."""
    found = store.rows(_KNOWN + "a.id = $1", [account_id])
    return found[0] if found else None


def mine(visit: Visit) -> Person:
    """Who the visiting person is; no secret is among it."""
    (row,) = visit.store.rows(
        "SELECT a.username, a.name, a.role, a.organisation_id, e.name AS enterprise, c.account_id IS NOT NULL AS local, "
        "c.changed_at, c.totp_secret IS NOT NULL AS second_factor FROM accounts a LEFT JOIN credentials c "
        "ON c.account_id = a.id LEFT JOIN enterprises e ON e.id = a.enterprise_id WHERE a.id = $1",
        [visit.account_id],
    )
    return Person(**row)


# --- failures --------------------------------------------------------------------------------------------


def _known_as(username: str) -> str:
    """Under this name failures are counted."""
    return username.strip().lower()[:100]


def locked(store: Store, username: str) -> bool:
    """Whether five failures within thirty minutes, and since it was last unlocked, lock this user name."""
    since = store.clock() - LOCK
    found = store.rows(
        "SELECT count(*) AS failures FROM sign_in_failures WHERE username = $1 AND at_utc > $2 "
        "AND at_utc > coalesce((SELECT max(at_utc) FROM unlocks WHERE username = $1), $2)",
        [_known_as(username), since],
    )
    return bool(found[0]["failures"] >= FAILURES_BEFORE_LOCK)


def reserve(store: Store, username: str, address: str | None) -> datetime | None:
    """Count an attempt as failed before it is compared: the moment under which it stands, None when the name is locked.

    However many come at once, only as many are compared as may fail. To be followed by `forgive` when it was right, else
    by `record_failure`; one whose process dies in between counts as failed.
    """
    username = _known_as(username)

    def job(transaction: Transaction) -> datetime | None:
        since = transaction.now - LOCK
        if unlocked := transaction.get("unlocks", username):
            since = max(since, unlocked["at_utc"])
        query = "SELECT at_utc FROM sign_in_failures WHERE username = $1 AND at_utc > $2"
        known = {at for (at,) in transaction.find(query, [username, since])}
        known |= {row["at_utc"] for row in transaction.pending_rows("sign_in_failures") if row["username"] == username}
        return None if len(known) >= FAILURES_BEFORE_LOCK else _count(transaction, username, address)

    return store.write(job)


def _count(transaction: Transaction, username: str, address: str | None) -> datetime:
    moment = transaction.now
    while transaction.get("sign_in_failures", username, moment):
        moment += timedelta(microseconds=1)  # attempts of one batch share its moment; each counts
    transaction.put("sign_in_failures", {"username": username, "at_utc": moment, "address": address})
    return moment


def forgive(store: Store, username: str, reserved: datetime) -> None:
    """A reserved attempt was right, and counts no more."""
    condition, parameters = "username = $1 AND at_utc = $2", [_known_as(username), reserved]
    store.write(lambda transaction: transaction.purge("sign_in_failures", condition, parameters))


def record_failure(
    store: Store, username: str, address: str | None, *, second_factor: bool = False, reserved: datetime | None = None
) -> None:
    """A wrong password, or a wrong code of the second factor: noted, and counted unless it was `reserved`."""
    username = _known_as(username)
    body = {"address": address} | ({"second_factor": True} if second_factor else {})

    def job(transaction: Transaction) -> None:
        if reserved is None:
            _count(transaction, username, address)
        transaction.append(SYSTEM, "sign_in.failed", f"sign_in:{username}", body)

    store.write(job)


def delay(store: Store, address: str | None, *, reserved: bool = False) -> float:
    """Seconds an answer to this address waits, right or wrong: guessing many names from one place is slow.

    `reserved`: an attempt of one's own stands among those counted.
    """
    found = store.rows(
        "SELECT count(*) AS failures FROM sign_in_failures WHERE address = $1 AND at_utc > $2",
        [address, store.clock() - LOCK],
    )
    failures: int = found[0]["failures"] - reserved
    return min(LONGEST_DELAY, max(0, failures - FREE_FAILURES) * 0.5)


# --- passwords -------------------------------------------------------------------------------------------


def _row(transaction: Transaction, account_id: str) -> Row:
    row = transaction.get("credentials", account_id)
    if row is None:
        raise Refused(_NO_PASSWORD)
    return row


def set_password(store: Store, account_id: str, password_hash: str, *, actor: Actor, **how: Any) -> int:
    """`put_password` in a job of its own."""
    return store.write(lambda transaction: put_password(transaction, account_id, password_hash, actor=actor, **how))


def put_password(
    transaction: Transaction,
    account_id: str,
    password_hash: str,
    *,
    actor: Actor,
    replaces: str | None = None,
    but: str | None = None,
    must_change: bool = False,
) -> int:
    """Within a job: change a password and end at once every session of the account `but` one; how many were ended.

    `replaces`: the hash that the new password was checked against; raises Conflict when it is not the present one
    any more. `must_change`: set by somebody else, to be changed at the next sign-in.
    """
    row = _row(transaction, account_id)
    if replaces is not None and row["password_hash"] != replaces:
        raise Conflict("密码刚刚在别处修改过，本次修改未保存。请用新密码重新登录。")
    earlier = [row["password_hash"], *json.loads(row["earlier"])][:HISTORY]
    changed = {
        "password_hash": password_hash,
        "earlier": dump(earlier),
        "changed_at": transaction.now,
        "must_change": must_change,
    }
    transaction.put("credentials", {**row, **changed})
    kind, reason = ("password.reset", "重置密码") if must_change else ("password.changed", "修改密码")
    transaction.append(actor, kind, f"account:{account_id}", {})
    _spend_all(transaction, account_id)  # whoever stands half way in with the old password stays out
    return sessions.end_all(transaction, account_id, reason=reason, actor=actor, but=but)


# --- the second factor -----------------------------------------------------------------------------------


def enrol_second_factor(
    store: Store, account_id: str, secret: str, step: int, *, actor: Actor, ticket: str | None = None
) -> None:
    """Keep the secret of an authenticator that has just shown the code of `step`; that code is used up.

    `ticket`: of the sign-in that demanded it, which has thereby shown its second factor.
    """

    def job(transaction: Transaction) -> None:
        row = _row(transaction, account_id)
        if row["totp_secret"] is not None:
            raise Refused("该账号已绑定动态验证码，本次未作改动。如需更换，请先解除绑定。")
        if ticket is not None:
            transaction.put("sign_in_steps", {**_live(transaction, ticket), "proven": True, "secret": None})
        transaction.put("credentials", {**row, "totp_secret": secret, "totp_step": step})
        transaction.append(actor, "second_factor.enrolled", f"account:{account_id}", {})

    store.write(job)


def remove_second_factor(store: Store, account_id: str, *, actor: Actor) -> None:
    """`drop_second_factor` in a job of its own."""
    store.write(lambda transaction: drop_second_factor(transaction, account_id, actor=actor))


def drop_second_factor(transaction: Transaction, account_id: str, *, actor: Actor) -> None:
    """Within a job: forget the authenticator; doing it again changes nothing."""
    row = _row(transaction, account_id)
    if row["totp_secret"] is not None:
        # The step stays: what was used once is never right again, whatever secret comes next.
        transaction.put("credentials", {**row, "totp_secret": None})
        transaction.append(actor, "second_factor.removed", f"account:{account_id}", {})


def use_step(store: Store, account_id: str, step: int) -> bool:
    """Use up a time step; False when it, or a later one, was used before: a code counts once."""

    def job(transaction: Transaction) -> bool:
        row = _row(transaction, account_id)
        if step <= row["totp_step"]:
            return False
        transaction.put("credentials", {**row, "totp_step": step})
        return True

    return store.write(job)


# --- between the password and the session ----------------------------------------------------------------


def open_ticket(store: Store, account_id: str, wanted: str) -> str:
    """The password was right, something else is still asked for. The ticket goes to that browser and is kept nowhere."""
    ticket = secrets.token_urlsafe(32)

    def job(transaction: Transaction) -> None:
        transaction.put(
            "sign_in_steps",
            {
                "id": sessions.token_id(ticket),
                "account_id": account_id,
                "wanted": wanted,
                "expires_at": transaction.now + TICKET,
                "proven": False,
                "secret": None,
                "spent": False,
            },
        )

    store.write(job)
    return ticket


def _live(transaction: Transaction, ticket: str) -> Row:
    row = transaction.get("sign_in_steps", sessions.token_id(ticket))
    if row is None or row["spent"] or row["expires_at"] <= transaction.now:
        raise Refused("登录步骤已过期，请重新输入用户名和密码。")
    return row


def ticket_row(store: Store, ticket: str) -> Row | None:
    """account_id, wanted, proven and secret of a ticket that is neither spent nor expired."""
    found = store.rows(
        "SELECT account_id, wanted, proven, secret FROM sign_in_steps WHERE id = $1 AND NOT spent AND expires_at > $2",
        [sessions.token_id(ticket), store.clock()],
    )
    return found[0] if found else None


def offer_secret(store: Store, ticket: str, secret: str) -> str:
    """The secret being enrolled with this ticket: the first one offered, so that a reload shows the same picture."""

    def job(transaction: Transaction) -> str:
        row = _live(transaction, ticket)
        kept: str = row["secret"] or secret
        transaction.put("sign_in_steps", {**row, "secret": kept})
        return kept

    return store.write(job)


def prove(store: Store, ticket: str, step: int) -> bool:
    """The code of `step` was right: use it up and note it on the ticket. False for a code used before."""

    def job(transaction: Transaction) -> bool:
        row = _live(transaction, ticket)
        known = _row(transaction, row["account_id"])
        if step <= known["totp_step"]:
            return False
        transaction.put("credentials", {**known, "totp_step": step})
        transaction.put("sign_in_steps", {**row, "proven": True})
        return True

    return store.write(job)


def spend(store: Store, ticket: str) -> None:
    """Use up a ticket. Raises Refused when it was used before or has expired."""
    store.write(
        lambda transaction: transaction.put(
            "sign_in_steps", {**_live(transaction, ticket), "spent": True, "secret": None}
        )
    )


def _spend_all(transaction: Transaction, account_id: str) -> None:
    query = "SELECT id FROM sign_in_steps WHERE account_id = $1 AND NOT spent"
    known = {identity for (identity,) in transaction.find(query, [account_id])}
    known |= {row["id"] for row in transaction.pending_rows("sign_in_steps") if row["account_id"] == account_id}
    for identity in sorted(known):
        row = transaction.get("sign_in_steps", identity)
        if row is not None and not row["spent"]:
            transaction.put("sign_in_steps", {**row, "spent": True, "secret": None})
