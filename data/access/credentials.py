"""Credentials of local accounts: hashes, the second factor, failures, and what stands between password and session.

Passwords and tickets are kept as hashes only, and no fact carries a secret: the rows here are no projection.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.access.people import Person
from core.base.errors import Conflict, Refused
from data.access import sessions
from data.access.visit import Visit
from data.store.store import SYSTEM, Actor, Row, Store, Transaction, dump

FAILURES_BEFORE_LOCK: Final = 5
#: So many from all addresses together: a password alone is not guessed from many places either.
FAILURES_OF_ALL: Final = 50
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


def _known_as(username: str, *, code: bool = False) -> str:
    """Under this name failures are counted; those of codes apart, which only who has the password can cause."""
    return username.strip().lower()[:100].replace("#", "＃") + ("#code" if code else "")


@dataclass(frozen=True)
class _Failures:
    """The failures of one user name that still count: by address, over all, and of codes."""

    addresses: Mapping[str | None, int]
    codes: int

    def shut(self, address: str | None, *, has_code: Callable[[], bool]) -> bool:
        """Whether an attempt from this address is not compared. Nobody elsewhere can shut a name for its owner; many
        addresses together can, unless a second factor stands behind the password.
        """
        if self.codes >= FAILURES_BEFORE_LOCK or self.addresses.get(address, 0) >= FAILURES_BEFORE_LOCK:
            return True
        return sum(self.addresses.values()) >= FAILURES_OF_ALL and not has_code()


def _failures(rows: Iterable[tuple[str, str | None]]) -> _Failures:
    """From (name as counted, address)."""
    addresses: dict[str | None, int] = {}
    codes = 0
    for name, address in rows:
        if name.endswith("#code"):
            codes += 1
        else:
            addresses[address] = addresses.get(address, 0) + 1
    return _Failures(addresses, codes)


_SINCE_UNLOCKED = (
    "SELECT username, address, at_utc FROM sign_in_failures WHERE username IN ($1, $1 || '#code') AND at_utc > $2 "
    "AND at_utc > coalesce((SELECT max(at_utc) FROM unlocks WHERE username = $1), $2)"
)


def locked(store: Store, username: str) -> bool:
    """Whether five failures within thirty minutes, and since it was last unlocked, lock this user name from anywhere."""
    rows = store.rows(_SINCE_UNLOCKED, [_known_as(username), store.clock() - LOCK])
    found = _failures((row["username"], row["address"]) for row in rows)
    return any(found.shut(address, has_code=lambda: False) for address in (*found.addresses, None))


def codes_locked(store: Store, username: str) -> bool:
    """Whether so many codes were wrong that no more are compared."""
    rows = store.rows(_SINCE_UNLOCKED, [_known_as(username), store.clock() - LOCK])
    return _failures((row["username"], None) for row in rows).codes >= FAILURES_BEFORE_LOCK


def reserve(store: Store, username: str, address: str | None, *, code: bool = False) -> datetime | None:
    """Count an attempt as failed before it is compared: the moment under which it stands, None when the name is locked
    to this address. `code`: the attempt is one of the second factor.

    However many come at once, only as many are compared as may fail. To be followed by `forgive` when it was right, else
    by `record_failure`; one whose process dies in between counts as failed.
    """
    name, base = _known_as(username, code=code), _known_as(username)

    def job(transaction: Transaction) -> datetime | None:
        since = transaction.now - LOCK
        if unlocked := transaction.get("unlocks", base):
            since = max(since, unlocked["at_utc"])
        known = {(each, at): where for each, where, at in transaction.find(_SINCE_UNLOCKED, [base, since])}
        for row in transaction.pending_rows("sign_in_failures"):
            if row["username"] in (base, f"{base}#code") and row["at_utc"] > since:
                known[row["username"], row["at_utc"]] = row["address"]
        found = _failures((each, where) for (each, _), where in known.items())

        def has_code() -> bool:
            row = transaction.get("credentials", f"local-{base}")
            return bool(row and row["totp_secret"])

        shut = found.codes >= FAILURES_BEFORE_LOCK if code else found.shut(address, has_code=has_code)
        return None if shut else _count(transaction, name, address)

    return store.write(job)


def _count(transaction: Transaction, username: str, address: str | None) -> datetime:
    moment = transaction.now
    while transaction.get("sign_in_failures", username, moment):
        moment += timedelta(microseconds=1)  # attempts of one batch share its moment; each counts
    transaction.put("sign_in_failures", {"username": username, "at_utc": moment, "address": address})
    return moment


def forgive(store: Store, username: str, reserved: datetime, *, code: bool = False) -> None:
    """A reserved attempt was right, and counts no more."""
    condition, parameters = "username = $1 AND at_utc = $2", [_known_as(username, code=code), reserved]
    store.write(lambda transaction: transaction.purge("sign_in_failures", condition, parameters))


def record_failure(
    store: Store, username: str, address: str | None, *, second_factor: bool = False, reserved: datetime | None = None
) -> None:
    """A wrong password, or a wrong code of the second factor: noted, and counted unless it was `reserved`."""
    username = _known_as(username)
    body = {"address": address} | ({"second_factor": True} if second_factor else {})

    def job(transaction: Transaction) -> None:
        if reserved is None:
            _count(transaction, _known_as(username, code=second_factor), address)
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


def fingerprints(row: Row) -> dict[str, str]:
    """What the journal knows of a row of credentials: enough to see that it is another one, not to sign in with."""
    return {
        name: hashlib.sha256(row[column].encode()).hexdigest() if row[column] else ""
        for name, column in (("password", "password_hash"), ("second_factor", "totp_secret"))
    }


def put(transaction: Transaction, row: Row, actor: Actor) -> None:
    """Within a job: keep a row of credentials, and note in the journal which it is."""
    transaction.put("credentials", row)
    transaction.append(actor, "credential.set", f"credential:{row['account_id']}", fingerprints(row))


def unlike_facts(store: Store) -> tuple[list[str], int]:
    """The accounts whose credentials are not those that the journal knows; how many it knows nothing of."""
    rows = store.rows(
        "SELECT c.account_id, c.password_hash, c.totp_secret, f.body FROM credentials c LEFT JOIN "
        "(SELECT subject, arg_max(body, seq) AS body FROM facts WHERE kind = 'credential.set' GROUP BY subject) f "
        "ON f.subject = 'credential:' || c.account_id ORDER BY 1"
    )
    known = [row for row in rows if row["body"] is not None]
    unlike = [row["account_id"] for row in known if json.loads(row["body"]) != fingerprints(row)]
    gone = store.rows(
        "SELECT DISTINCT split_part(subject, ':', 2) AS account_id FROM facts WHERE kind = 'credential.set' "
        "AND split_part(subject, ':', 2) NOT IN (SELECT account_id FROM credentials)"
    )
    return [*unlike, *(row["account_id"] for row in gone)], len(rows) - len(known)


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
    put(transaction, {**row, **changed}, actor)
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
        put(transaction, {**row, "totp_secret": secret, "totp_step": step}, actor)
        transaction.append(actor, "second_factor.enrolled", f"account:{account_id}", {})

    store.write(job)


def kept_secrets(store: Store) -> dict[str, str]:
    """account -> the secret of its authenticator as it is kept, for the gate that seals it."""
    rows = store.rows("SELECT account_id, totp_secret FROM credentials WHERE totp_secret IS NOT NULL")
    return {row["account_id"]: row["totp_secret"] for row in rows}


def replace_secrets(store: Store, secrets_of: Mapping[str, tuple[str, str]]) -> None:
    """account -> (as it was kept, as it is kept from now on); one that has changed meanwhile is left alone."""

    def job(transaction: Transaction) -> None:
        for account_id, (was, now) in secrets_of.items():
            row = transaction.get("credentials", account_id)
            if row is not None and row["totp_secret"] == was:
                put(transaction, {**row, "totp_secret": now}, SYSTEM)

    if secrets_of:
        store.write(job)


def remove_second_factor(store: Store, account_id: str, *, actor: Actor) -> None:
    """`drop_second_factor` in a job of its own."""
    store.write(lambda transaction: drop_second_factor(transaction, account_id, actor=actor))


def drop_second_factor(transaction: Transaction, account_id: str, *, actor: Actor) -> None:
    """Within a job: forget the authenticator; doing it again changes nothing."""
    row = _row(transaction, account_id)
    if row["totp_secret"] is not None:
        # The step stays: what was used once is never right again, whatever secret comes next.
        put(transaction, {**row, "totp_secret": None}, actor)
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
