"""Sessions: opened by the gate, looked up on every run and request, ended at once. Tokens are kept as hashes only."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from core.access.people import Device
from core.base.errors import Forbidden, Refused
from core.base.parameters import PARAMETERS
from data.access import roles, scopes
from data.access.visit import Visit
from data.store.store import Actor, Row, Store, Transaction, per_version

HOURS: Final = 12
#: How stale the recorded moment of the last use may be; a restart forgets no more than this.
_GRAIN: Final = timedelta(minutes=1)
#: store -> session -> when it was last used, and what of that is on disk.
_seen: "WeakKeyDictionary[Store, dict[str, tuple[datetime, datetime]]]" = WeakKeyDictionary()


@per_version
def idle(store: Store) -> timedelta:
    """How long a session lives that nobody uses."""
    found = store.rows("SELECT value FROM parameters WHERE code = 'idle_minutes'")
    return timedelta(minutes=found[0]["value"] if found else PARAMETERS["idle_minutes"].default)


def token_id(token: str) -> str:
    """What the table and the log know of a session: the hash of its token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(
    store: Store,
    account_id: str,
    *,
    way: str,
    address: str | None,
    agent: str | None,
    id_token: str | None = None,
    until: datetime | None = None,
) -> str:
    """Start a session; the returned token goes into the cookie and is kept nowhere.

    `id_token`: the provider's, to sign out there as well. `until`: its end, if before the twelve hours. Raises Refused for a stopped account.
    """
    token = secrets.token_urlsafe(32)
    identity = token_id(token)

    def job(transaction: Transaction) -> None:
        account = transaction.get("accounts", account_id)
        if account is None or not account["active"]:
            raise Refused("该账号已停用，请联系系统管理员。")
        transaction.put(
            "sessions",
            {
                "id": identity,
                "account_id": account_id,
                "opened_at": transaction.now,
                "expires_at": min(transaction.now + timedelta(hours=HOURS), until or datetime.max),
                "ended_at": None,
                "way": way,
                "address": address,
                "agent": (agent or "")[:300],
                "id_token": id_token,
            },
        )
        body = {"way": way, "address": address}
        transaction.append(Actor(account_id, identity), "session.opened", f"session:{identity}", body)

    store.write(job)
    return token


def _end(transaction: Transaction, row: Row, reason: str, actor: Actor) -> None:
    transaction.put("sessions", {**row, "ended_at": transaction.now, "id_token": None})
    transaction.append(actor, "session.ended", f"session:{row['id']}", {"reason": reason})


def end(store: Store, identity: str, *, reason: str, actor: Actor) -> None:
    """End a session at once; ending an ended one changes nothing."""

    def job(transaction: Transaction) -> None:
        row = transaction.get("sessions", identity)
        if row is not None and row["ended_at"] is None:
            _end(transaction, row, reason, actor)

    store.write(job)


def end_all(transaction: Transaction, account_id: str, *, reason: str, actor: Actor, but: str | None = None) -> int:
    """Within a job: end every session of an account, `but` one; how many. For password changes, 强制下线, a stop."""
    query = "SELECT id FROM sessions WHERE account_id = $1 AND ended_at IS NULL"
    known = {identity for (identity,) in transaction.find(query, [account_id])}
    known |= {row["id"] for row in transaction.pending_rows("sessions") if row["account_id"] == account_id}
    ended = 0
    for identity in sorted(known - {but}):
        row = transaction.get("sessions", identity)
        if row is not None and row["ended_at"] is None:
            _end(transaction, row, reason, actor)
            ended += 1
    return ended


def id_token(store: Store, identity: str) -> str | None:
    """The provider's token of a live session, to sign out there."""
    found = store.rows("SELECT id_token FROM sessions WHERE id = $1 AND ended_at IS NULL", [identity])
    return found[0]["id_token"] if found else None


def until(store: Store, identity: str | None) -> datetime | None:
    """When a live session ends at the latest."""
    row = _session(store, identity) if identity else None
    return row["expires_at"] if row else None


@per_version
def _session(store: Store, identity: str) -> Row | None:
    found = store.rows(
        "SELECT s.account_id, s.opened_at, s.expires_at, a.name, a.role, a.enterprise_id, a.organisation_id FROM sessions s "
        "JOIN accounts a ON a.id = s.account_id WHERE s.id = $1 AND s.ended_at IS NULL AND a.active",
        [identity],
    )
    return found[0] if found else None


def _last_used(store: Store, identity: str, opened: datetime) -> datetime:
    known = _seen.setdefault(store, {})
    if identity not in known:
        found = store.rows("SELECT seen_at FROM session_activity WHERE id = $1", [identity])
        moment = found[0]["seen_at"] if found else opened
        known[identity] = moment, moment
    return known[identity][0]


def remaining(store: Store, identity: str | None) -> timedelta:
    """How long a session lives on if it is not used: zero when it is over."""
    row = _session(store, identity) if identity else None
    return _left(store, identity, row) if row and identity else timedelta(0)


def _left(store: Store, identity: str, row: Row) -> timedelta:
    until: datetime = min(row["expires_at"], _last_used(store, identity, row["opened_at"]) + idle(store))
    return max(until - store.clock(), timedelta(0))


def use(store: Store, identity: str) -> None:
    """Note that a person has just used this session. A page that refreshes itself is not a person."""
    now, known = store.clock(), _seen.setdefault(store, {})
    _, kept = known.get(identity, (now, now - _GRAIN))
    due = now - kept >= _GRAIN
    known[identity] = now, now if due else kept
    if due:
        store.send(lambda transaction: transaction.put("session_activity", {"id": identity, "seen_at": now}))


def visit_of(store: Store, identity: str | None) -> Visit | None:
    """The visit of a live session (by `token_id`), or None: unknown, ended, idle, expired, or the account stopped."""
    row = _session(store, identity) if identity else None
    role = roles.known(store).get(row["role"]) if row else None
    if row is None or role is None or identity is None or not _left(store, identity, row):
        return None
    return Visit(
        store=store,
        account_id=row["account_id"],
        name=row["name"],
        role=row["role"],
        permissions=role.permissions,
        scope=scopes.of_account(store, row),
        ask_again=_ask_again,
        session_id=identity,
        enterprise_id=row["enterprise_id"],
        organisation_id=row["organisation_id"],
    )


def _ask_again(transaction: Transaction, visit: Visit) -> None:
    """Raise Forbidden unless session, account, role and scope stand in the writer as this visit has them.

    Taken from what is committed, which is kept until it changes, with what this batch has changed laid over it.
    """
    store, row = transaction.store, _session(transaction.store, visit.session_id or "")
    for changed in transaction.pending_rows("accounts"):
        if row is not None and changed["id"] == visit.account_id:
            row = {**row, **changed, "account_id": changed["id"]} if changed["active"] else None
    ended = any(
        each["id"] == visit.session_id and each["ended_at"] is not None for each in transaction.pending_rows("sessions")
    )
    if row is None or ended:
        raise Forbidden("您的登录已结束，或账号已停用，操作未执行。请重新登录。")
    known = roles.standing(transaction) if transaction.pending_rows("roles") else roles.known(store)
    role = known.get(row["role"])
    scope = scopes.of_role(store, row, role)
    if role is None or not role.permissions >= visit.permissions or not scope.same_as(visit.scope):
        raise Forbidden("您的角色、权限或管辖范围刚刚有变化，操作未执行。请刷新页面，核对后再试。")


def mine(visit: Visit) -> list[Device]:
    """The live sessions of the visiting person, newest first."""
    rows = visit.store.rows(
        "SELECT id, way, opened_at, address, agent FROM sessions "
        "WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY opened_at DESC",
        [visit.account_id, visit.store.clock()],
    )
    live = (row for row in rows if remaining(visit.store, row["id"]))
    return [Device(**row, seen_at=_last_used(visit.store, row["id"], row["opened_at"])) for row in live]


def end_mine(visit: Visit, identity: str | None = None) -> int:
    """End one session of the visiting person, or (None) all but this one; how many. Raises Forbidden for another's."""

    def job(transaction: Transaction) -> int:
        if identity is None:
            return end_all(
                transaction, visit.account_id, reason="本人下线其他设备", actor=visit.actor, but=visit.session_id
            )
        row = transaction.get("sessions", identity)
        if row is None or row["account_id"] != visit.account_id:
            raise Forbidden("没有这个登录会话，或它不属于您。")
        if row["ended_at"] is not None:
            return 0
        _end(transaction, row, "本人下线", visit.actor)
        return 1

    return visit.write(job)
