"""职位管理: the positions that accounts of staff may hold."""

import secrets

from core.access.people import Position
from core.access.permissions import Permission
from core.base.errors import Refused
from data.access.visit import Visit
from data.store.store import Row, Store, Transaction, conflict_unless, per_version


@per_version
def names(store: Store) -> dict[str, str]:
    """id -> name of the positions that may be given, by name."""
    return {row["id"]: row["name"] for row in store.rows("SELECT id, name FROM positions WHERE active ORDER BY name")}


def listing(visit: Visit) -> list[Position]:
    """Every position by name."""
    visit.check(Permission.POSITION_MANAGE)
    rows = visit.store.rows(
        "SELECT p.id, p.name, p.note, count(a.id) AS accounts, "
        "(SELECT max(f.revision) FROM facts f WHERE f.subject = 'position:' || p.id) AS revision "
        "FROM positions p LEFT JOIN accounts a ON a.position_id = p.id WHERE p.active GROUP BY ALL ORDER BY p.name"
    )
    return [Position(**row) for row in rows]


def _checked(transaction: Transaction, name: str, note: str, identity: str | None = None) -> dict[str, str]:
    name, note = name.strip(), note.strip()
    if not 1 <= len(name) <= 30:
        raise Refused("“职位名称”须为 1 至 30 个字，未保存。")
    if len(note) > 200:
        raise Refused(f"“说明”有 {len(note)} 字，最多 200 字，未保存。")
    taken = {row[0] for row in transaction.find("SELECT id FROM positions WHERE active AND name = $1", [name])}
    taken |= {row["id"] for row in transaction.pending_rows("positions") if row["active"] and row["name"] == name}
    if taken - {identity}:
        raise Refused(f"已有名为“{name}”的职位，请换一个名称。")
    return {"name": name, "note": note}


def add(visit: Visit, name: str, note: str = "") -> str:
    """A new position; its id. Raises Refused for a name taken, missing or overlong."""
    visit.check(Permission.POSITION_MANAGE)
    identity = secrets.token_hex(6)

    def job(transaction: Transaction) -> str:
        transaction.append(visit.actor, "position.created", f"position:{identity}", _checked(transaction, name, note))
        return identity

    return visit.write(job)


def _standing(transaction: Transaction, identity: str, revision: int) -> Row:
    row = transaction.get("positions", identity)
    if row is None or not row["active"]:
        raise Refused("这个职位已被删除，操作未执行。请刷新页面。")
    conflict_unless(
        transaction, f"position:{identity}", revision, "这个职位刚刚被别人修改过，您的修改没有保存。请刷新页面后再改。"
    )
    return row


def change(visit: Visit, identity: str, revision: int, name: str, note: str) -> None:
    """Rename a position or change its note."""
    visit.check(Permission.POSITION_MANAGE)

    def job(transaction: Transaction) -> None:
        row = _standing(transaction, identity, revision)
        changed = {
            key: value for key, value in _checked(transaction, name, note, identity).items() if row[key] != value
        }
        if changed:
            transaction.append(visit.actor, "position.changed", f"position:{identity}", changed)

    visit.write(job)


def remove(visit: Visit, identity: str, revision: int) -> None:
    """Remove a position that nobody holds. Raises Refused while somebody does."""
    visit.check(Permission.POSITION_MANAGE)

    def job(transaction: Transaction) -> None:
        row = _standing(transaction, identity, revision)
        held = transaction.find("SELECT id FROM accounts WHERE position_id = $1", [identity])
        holders = {account for (account,) in held} | {r["id"] for r in transaction.pending_rows("accounts")}
        used = [a for a in holders if (transaction.get("accounts", a) or {}).get("position_id") == identity]
        if used:
            raise Refused(f"职位“{row['name']}”还有 {len(used)} 个账号在用，没有删除。请先在账号管理中更换。")
        transaction.append(visit.actor, "position.removed", f"position:{identity}", {"active": False})

    visit.write(job)
