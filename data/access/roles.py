"""角色管理: what ships with the product, and what the bureau has made of it. Roles count for the whole city."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from core.access import permissions
from core.access.organisations import Tree
from core.access.permissions import Permission
from core.access.roles import ADMINISTRATION, BASE, ENTERPRISE, SHIPPED, Role, fits, reach
from core.base.errors import Refused
from data.access import organisations
from data.access.visit import Visit
from data.store.store import Row, Store, Transaction, conflict_unless, per_version

Roles = Mapping[str, Role]


def _overlaid(rows: Iterable[Row]) -> dict[str, Role]:
    """The shipped roles with the bureau's own laid over them."""
    found = dict(SHIPPED)
    for row in sorted(rows, key=lambda row: row["name"]):
        if row["active"]:
            found[row["code"]] = Role(
                row["code"],
                row["name"],
                permissions.known(_set(row["permissions"])) | BASE,
                row["scope"],
                _set(row["organisations"]),
                row["second_factor"],
                row["note"],
            )
    return found


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) - {""}


@per_version
def known(store: Store) -> dict[str, Role]:
    """code -> role, as they stand; the shipped ones first."""
    return _overlaid(store.rows("SELECT * FROM roles"))


def standing(transaction: Transaction) -> dict[str, Role]:
    """As `known`, within a job."""
    found = [
        dict(zip(transaction.columns("roles"), row, strict=True)) for row in transaction.find("SELECT * FROM roles")
    ]
    return _overlaid({row["code"]: row for row in [*found, *transaction.pending_rows("roles")]}.values())


def names(visit: Visit) -> dict[str, str]:
    """code -> name of every role: words that everybody may read."""
    return {code: role.name for code, role in known(visit.store).items()}


def listing(visit: Visit) -> list[tuple[Role, int, int]]:
    """Every role, how many accounts hold it, and its revision (0: as shipped)."""
    visit.check(Permission.ROLE_MANAGE)
    held = {
        r["role"]: r["accounts"]
        for r in visit.store.rows("SELECT role, count(*) AS accounts FROM accounts GROUP BY role")
    }
    changed = visit.store.rows(
        "SELECT subject, max(revision) AS revision FROM facts WHERE subject LIKE 'role:%' GROUP BY subject"
    )
    revisions = {row["subject"].removeprefix("role:"): row["revision"] for row in changed}
    return [(role, held.get(code, 0), revisions.get(code, 0)) for code, role in known(visit.store).items()]


def _checked(transaction: Transaction, role: Role, among: Roles) -> Role:
    role = replace(role, name=role.name.strip(), note=role.note.strip())
    if not 1 <= len(role.name) <= 20:
        raise Refused("“角色名称”须为 1 至 20 个字，未保存。")
    if len(role.note) > 200:
        raise Refused(f"“说明”有 {len(role.note)} 字，最多 200 字，未保存。")
    if any(other.name == role.name and other.code != role.code for other in among.values()):
        raise Refused(f"已有名为“{role.name}”的角色，请换一个名称。")
    if wrong := fits(role.permissions, role.scope):
        raise Refused(f"{wrong}未保存。")
    if role.scope != "custom":
        role = replace(role, organisations=frozenset())
    elif not role.organisations:
        raise Refused("数据范围为“自定义”时，须选择至少一个机构，未保存。")
    if role.organisations - organisations.standing(transaction).keys():
        raise Refused("所选机构中有的已被删除，未保存。请重新选择。")
    return replace(role, permissions=permissions.known(role.permissions) | BASE)


def _body(role: Role) -> Row:
    body = asdict(role)
    del body["code"]
    return {
        **body,
        "permissions": sorted(each.value for each in role.permissions),
        "organisations": sorted(role.organisations),
    }


def _authorised(visit: Visit) -> None:
    visit.check(Permission.ROLE_MANAGE)
    if not visit.scope.everything:
        raise Refused("角色对全市生效，只有数据范围为“全部”的账号可以修改。操作未执行。")


def add(visit: Visit, **given: Any) -> str:
    """A new role (name, permissions, scope, and what else `Role` has); its code. Raises Refused for what does not fit."""
    _authorised(visit)
    code = f"r{secrets.token_hex(5)}"

    def job(transaction: Transaction) -> str:
        role = _checked(transaction, Role(code, **given), standing(transaction))
        _not_beyond(visit, role)
        transaction.append(visit.actor, "role.created", f"role:{code}", _body(role))
        return code

    return visit.write(job)


def _not_beyond(visit: Visit, *given: Role) -> None:
    """Nobody makes, changes or removes a role that may more than he himself."""
    if any(role.permissions - visit.permissions for role in given) and not administers(visit):
        raise Refused("这个角色的权限超出您自己的权限，不能由您设定，未保存。请由系统管理员办理。")


def _standing(transaction: Transaction, code: str, revision: int, among: Roles) -> Role:
    if code not in among:
        raise Refused("这个角色已被删除，操作未执行。请刷新页面。")
    if code == ENTERPRISE:
        raise Refused("企业填报人的权限由系统固定，不能修改。")
    conflict_unless(
        transaction, f"role:{code}", revision, "这个角色刚刚被别人修改过，您的修改没有保存。请刷新页面后再改。"
    )
    return among[code]


def change(visit: Visit, code: str, revision: int, **given: Any) -> None:
    """Change a role; it counts from the next click of everybody who holds it."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        among = standing(transaction)
        before = _standing(transaction, code, revision, among)
        after = _checked(transaction, replace(before, **given), among)
        if code == visit.role:
            raise Refused("不能修改自己所属的角色，须由另一角色的系统管理员办理，未保存。")
        _not_beyond(visit, before, after)
        old = _body(before)
        changed = {name: value for name, value in _body(after).items() if old[name] != value}
        if changed:
            # A first change of a shipped role says the whole of it: the projection starts from nothing.
            whole = transaction.get("roles", code) is None
            transaction.append(visit.actor, "role.changed", f"role:{code}", _body(after) if whole else changed)

    visit.write(job)


def remove(visit: Visit, code: str, revision: int) -> None:
    """Remove a role that nobody holds. Raises Refused while somebody does, and for what ships with the product."""
    _authorised(visit)
    if code in SHIPPED:
        raise Refused("这是系统自带的角色，可以修改，不能删除。")

    def job(transaction: Transaction) -> None:
        role = _standing(transaction, code, revision, standing(transaction))
        _not_beyond(visit, role)
        held = {account for (account,) in transaction.find("SELECT id FROM accounts WHERE role = $1", [code])}
        held |= {row["id"] for row in transaction.pending_rows("accounts")}
        used = [each for each in held if (transaction.get("accounts", each) or {}).get("role") == code]
        if used:
            raise Refused(f"角色“{role.name}”还有 {len(used)} 个账号在用，没有删除。请先在账号管理中更换。")
        transaction.append(visit.actor, "role.removed", f"role:{code}", {"active": False})

    visit.write(job)


def administers(visit: Visit) -> bool:
    """Whether this visit administers the whole city: it alone acts on what exceeds itself."""
    return visit.scope.everything and visit.permissions >= ADMINISTRATION


def exceeds(
    visit: Visit, role: Role, organisation_id: str | None, tree: Tree, looked_after: Iterable[Row] = ()
) -> bool:
    """Whether somebody of this role who works there sees or decides more than this visit, which then gives it to nobody
    and acts on nobody who has it.

    `looked_after`: enterprise_id and district of the enterprises that the person looks after, for a role of scope "own".
    """
    if role.code == ENTERPRISE:
        return True
    if administers(visit):
        return False
    if role.permissions - visit.permissions:
        return True
    if visit.scope.everything:
        return False
    seen = reach(role, organisation_id, tree)
    if seen is None or not seen <= visit.scope.organisations:
        return True
    return role.scope == "own" and not all(visit.sees(row) for row in looked_after)


def may_be_given_by(visit: Visit, role: Role) -> bool:
    """Whether this visit may give somebody this role somewhere."""
    places = [None] if visit.scope.everything else sorted(visit.scope.organisations)
    tree = organisations.tree(visit.store)
    return any(not exceeds(visit, role, place, tree) for place in places)
