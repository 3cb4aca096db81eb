"""填报人员: who files for an enterprise, added, stopped and handed over by the enterprise itself."""

from typing import Any, Final

from core.access.people import Filer
from core.access.permissions import Permission
from core.base.errors import Forbidden, Refused
from data.access import accounts, credentials, sessions
from data.access.visit import Visit
from data.store.store import Row, Transaction

MOST: Final = 20


def _mine(visit: Visit) -> str:
    visit.check(Permission.FILER_MANAGE)
    if visit.enterprise_id is None:
        raise Forbidden("只有企业账号可以管理填报人员。")
    return visit.enterprise_id


def _legal_person(visit: Visit) -> bool:
    """Signed in as 法人, through the platform."""
    return visit.account_id.startswith("oidc-")


def may_manage(visit: Visit) -> bool:
    """Whether this person manages the others: signed in as 法人, or the principal filer."""
    found = visit.store.rows("SELECT principal FROM accounts WHERE id = $1", [visit.account_id])
    return _legal_person(visit) or bool(found and found[0]["principal"])


def _manages(transaction: Transaction, visit: Visit) -> Row:
    """One's own account as it stands in the writer. Raises Forbidden for who manages nobody."""
    own = transaction.get("accounts", visit.account_id)
    if own is None or not own["active"] or not (_legal_person(visit) or own["principal"]):
        raise Forbidden("只有法人账号或填报负责人可以管理填报人员，操作未执行。如需变更请联系本企业的填报负责人。")
    return own


def listing(visit: Visit) -> list[Filer]:
    """The accounts of the visiting enterprise, those of the platform first."""
    enterprise = _mine(visit)
    rows = visit.store.rows(
        "SELECT a.id, a.username, a.name, a.active, coalesce(a.principal, FALSE) AS principal, "
        "c.account_id IS NOT NULL AS local, max(s.opened_at) AS last_sign_in FROM accounts a "
        "LEFT JOIN credentials c ON c.account_id = a.id LEFT JOIN sessions s ON s.account_id = a.id "
        "WHERE a.enterprise_id = $1 GROUP BY ALL ORDER BY local, a.username",
        [enterprise],
    )
    return [Filer(**row) for row in rows]


def username_of(visit: Visit, typed: str) -> str:
    """The user name of a filer: what was typed behind the enterprise's own organisation code.

    So each enterprise has names of its own, and what is taken says nothing of staff or of other enterprises.
    """
    found = visit.store.rows("SELECT uscc FROM enterprises WHERE id = $1", [_mine(visit)])
    return f"{found[0]['uscc'][8:17].lower()}.{accounts.checked_username(typed)}"


def add(visit: Visit, *, username: str, name: str, password_hash: str) -> str:
    """A filer of the visiting enterprise, called `username_of` what was typed, with a password to be changed at the first
    sign-in; the account's id.
    """
    enterprise, full = _mine(visit), accounts.checked_username(username_of(visit, username))

    def job(transaction: Transaction) -> str:
        own = _manages(transaction, visit)
        known = {row[0] for row in transaction.find("SELECT id FROM accounts WHERE enterprise_id = $1", [enterprise])}
        known |= {row["id"] for row in transaction.pending_rows("accounts") if row["enterprise_id"] == enterprise}
        if len(known) >= MOST:
            raise Refused(f"一家企业最多 {MOST} 名填报人员，未新增。可先停用并联系系统管理员。")
        return accounts.add_local(
            transaction,
            visit.actor,
            username=full,
            name=accounts.checked_name(name),
            role="enterprise",
            enterprise_id=enterprise,
            password_hash=password_hash,
            must_change=True,
            demonstration=own["demonstration"],
        )

    return visit.write(job)


def _colleague(transaction: Transaction, visit: Visit, account_id: str) -> Row:
    """A local filer of the same enterprise, other than oneself."""
    _manages(transaction, visit)
    row = transaction.get("accounts", account_id)
    if row is None or row["enterprise_id"] != visit.enterprise_id or transaction.get("credentials", account_id) is None:
        raise Forbidden("没有这名填报人员，或不属于贵企业，操作未执行。")
    if account_id == visit.account_id:
        raise Refused("不能对自己操作。如要离任，请用“移交填报工作”。")
    return row


def set_active(visit: Visit, account_id: str, active: bool) -> int:
    """Stop a filer, ending his sessions at once, or let him in again; how many sessions were ended."""
    _mine(visit)

    def job(transaction: Transaction) -> int:
        row = _colleague(transaction, visit, account_id)
        if row["active"] == active:
            return 0
        changes: dict[str, Any] = {"active": active} | ({} if active else {"principal": False})
        transaction.append(visit.actor, "account.changed", f"account:{account_id}", changes)
        return 0 if active else sessions.end_all(transaction, account_id, reason="账号停用", actor=visit.actor)

    return visit.write(job)


def reset(visit: Visit, account_id: str, password_hash: str) -> int:
    """Give a filer a new password, to be changed at the next sign-in; how many sessions were ended."""
    _mine(visit)

    def job(transaction: Transaction) -> int:
        _colleague(transaction, visit, account_id)
        return credentials.put_password(transaction, account_id, password_hash, actor=visit.actor, must_change=True)

    return visit.write(job)


def hand_over(visit: Visit, account_id: str, *, leave: bool) -> None:
    """Make a colleague the principal in one's place; `leave`: one's own local account is stopped at once.

    Drafts and filings belong to the enterprise and stay as they are.
    """
    _mine(visit)

    def job(transaction: Transaction) -> None:
        row = _colleague(transaction, visit, account_id)
        if not row["active"]:
            raise Refused(f"“{row['name']}”的账号已停用，不能接手。请先启用。")
        if leave and _legal_person(visit):
            raise Refused("法人账号由统一身份认证平台管理，不能在此停用。请取消勾选后再移交。")
        if not row["principal"]:
            transaction.append(visit.actor, "account.changed", f"account:{account_id}", {"principal": True})
        if not _legal_person(visit):
            changes: dict[str, Any] = {"principal": False} | ({"active": False} if leave else {})
            transaction.append(visit.actor, "account.changed", f"account:{visit.account_id}", changes)
        transaction.append(visit.actor, "filer.handed_over", f"enterprise:{visit.enterprise_id}", {"to": account_id})
        if leave:
            sessions.end_all(transaction, visit.account_id, reason="移交填报工作", actor=visit.actor)

    visit.write(job)
