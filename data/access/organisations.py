"""机构管理: the tree of organisations, which ships with the city and its districts."""

import secrets
from collections.abc import Iterable

from core.access.organisations import (
    SHIPPED,
    Organisation,
    Tree,
    below,
    district_of,
    full_name,
    in_order,
    may_lie_under,
    path,
)
from core.access.permissions import Permission
from core.base.errors import Refused
from data.access.visit import Visit
from data.store.store import Row, Store, Transaction, conflict_unless, per_version


def _laid_out(rows: Iterable[Row]) -> dict[str, Organisation]:
    return {
        **SHIPPED,
        **{row["id"]: Organisation(row["id"], row["name"], row["parent"]) for row in rows if row["active"]},
    }


@per_version
def tree(store: Store) -> dict[str, Organisation]:
    """Every organisation by its id: what ships, and the parks added."""
    return _laid_out(store.rows("SELECT * FROM organisations"))


def names(visit: Visit) -> dict[str, str]:
    """id -> “江岸区 / 某园区”, in the order of the tree: words that everybody may read."""
    return _names(visit.store)


@per_version
def _names(store: Store) -> dict[str, str]:
    known = tree(store)
    return {identity: full_name(known, identity) for identity in in_order(known)}


def nodes(visit: Visit) -> dict[str, Organisation]:
    """As `tree`, for those who manage it."""
    visit.check(Permission.ORGANISATION_MANAGE)
    return tree(visit.store)


def in_depth(visit: Visit) -> list[tuple[str, int]]:
    """(id, how many lie above it) in the order of the tree."""
    known = nodes(visit)
    return [(identity, len(path(known, identity)) - 1) for identity in in_order(known)]


def standing(transaction: Transaction) -> dict[str, Organisation]:
    """As `tree`, within a job."""
    columns = transaction.columns("organisations")
    found = [dict(zip(columns, row, strict=True)) for row in transaction.find("SELECT * FROM organisations")]
    rows = {row["id"]: row for row in [*found, *transaction.pending_rows("organisations")]}
    return _laid_out(rows.values())


def usage(visit: Visit) -> dict[str, dict[str, int]]:
    """id -> how many `accounts` work in it, `enterprises` lie in it (a park: placed; a district: all of it), its `revision`."""
    visit.check(Permission.ORGANISATION_MANAGE)
    rows = visit.store.rows(
        "SELECT id, sum(accounts)::BIGINT AS accounts, sum(enterprises)::BIGINT AS enterprises, max(revision) AS revision FROM ("
        "SELECT organisation_id AS id, count(*) AS accounts, 0 AS enterprises, 0 AS revision FROM accounts GROUP BY ALL "
        "UNION ALL SELECT organisation_id, 0, count(*), 0 FROM placements GROUP BY ALL "
        "UNION ALL SELECT district, 0, count(*), 0 FROM enterprises GROUP BY ALL "
        "UNION ALL SELECT replace(subject, 'organisation:', ''), 0, 0, max(revision) FROM facts "
        "WHERE subject LIKE 'organisation:%' GROUP BY ALL) GROUP BY id"
    )
    return {row.pop("id"): row for row in rows if row["id"] is not None}


def _checked_name(among: Tree, name: str, parent: str, identity: str | None) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 30:
        raise Refused("“机构名称”须为 1 至 30 个字，未保存。")
    if any(node.name == name and node.parent == parent and node.id != identity for node in among.values()):
        raise Refused(f"同一上级之下已有名为“{name}”的机构，请换一个名称。")
    return name


def authorised(visit: Visit) -> None:
    """Raise unless this visit may change what counts for the whole city."""
    visit.check(Permission.ORGANISATION_MANAGE)
    if not visit.scope.everything:
        raise Refused("机构对全市生效，只有数据范围为“全部”的账号可以修改。操作未执行。")


def add(visit: Visit, name: str, parent: str) -> str:
    """A new park below a district or another park; its id."""
    authorised(visit)
    identity = f"o{secrets.token_hex(5)}"

    def job(transaction: Transaction) -> str:
        among = standing(transaction)
        if wrong := may_lie_under(among, None, parent):
            raise Refused(f"{wrong}未保存。")
        body = {"name": _checked_name(among, name, parent, None), "parent": parent}
        transaction.append(visit.actor, "organisation.created", f"organisation:{identity}", body)
        return identity

    return visit.write(job)


def _park(transaction: Transaction, identity: str, revision: int, among: Tree) -> Organisation:
    if identity in SHIPPED:
        raise Refused("全市和各区由系统自带，不能修改或删除。")
    if identity not in among:
        raise Refused("这个机构已被删除，操作未执行。请刷新页面。")
    conflict_unless(
        transaction,
        f"organisation:{identity}",
        revision,
        "这个机构刚刚被别人修改过，您的修改没有保存。请刷新页面后再改。",
    )
    return among[identity]


def placed_in(transaction: Transaction, identities: Iterable[str]) -> list[str]:
    """The enterprises placed in one of these organisations, as the batch has left it."""
    wanted = set(identities)
    found = transaction.find("SELECT enterprise_id FROM placements WHERE organisation_id = ANY($1)", [sorted(wanted)])
    known = {each for (each,) in found} | {row["enterprise_id"] for row in transaction.pending_rows("placements")}
    return [each for each in known if (transaction.get("placements", each) or {}).get("organisation_id") in wanted]


def change(visit: Visit, identity: str, revision: int, *, name: str, parent: str) -> None:
    """Rename a park or move it. Raises Refused for a cycle, and for another district while enterprises lie in it."""
    authorised(visit)

    def job(transaction: Transaction) -> None:
        among = standing(transaction)
        node = _park(transaction, identity, revision, among)
        if wrong := may_lie_under(among, identity, parent):
            raise Refused(f"{wrong}未保存。")
        if district_of(among, parent) != district_of(among, identity) and (
            placed := placed_in(transaction, below(among, identity))
        ):
            raise Refused(
                f"“{node.name}”及下级还有 {len(placed)} 家企业，不能移到别的区，未保存。请先调整这些企业的归属。"
            )
        after = {"name": _checked_name(among, name, parent, identity), "parent": parent}
        if changed := {key: value for key, value in after.items() if getattr(node, key) != value}:
            transaction.append(visit.actor, "organisation.changed", f"organisation:{identity}", changed)

    visit.write(job)


def remove(visit: Visit, identity: str, revision: int) -> None:
    """Remove a park that nothing uses. Raises Refused, naming what does."""
    authorised(visit)

    def job(transaction: Transaction) -> None:
        among = standing(transaction)
        node = _park(transaction, identity, revision, among)
        accounts = {
            each for (each,) in transaction.find("SELECT id FROM accounts WHERE organisation_id = $1", [identity])
        }
        accounts |= {row["id"] for row in transaction.pending_rows("accounts")}
        roles = {each for (each,) in transaction.find("SELECT code FROM roles")} | {
            row["code"] for row in transaction.pending_rows("roles")
        }
        used = {
            "个下级机构": len(below(among, identity)) - 1,
            "个账号": sum((transaction.get("accounts", a) or {}).get("organisation_id") == identity for a in accounts),
            "家企业": len(placed_in(transaction, [identity])),
            "个角色的自定义范围": sum(
                bool(
                    (row := transaction.get("roles", code))
                    and row["active"]
                    and identity in row["organisations"].split(",")
                )
                for code in roles
            ),
        }
        if standing_in_the_way := "、".join(f"{count} {what}" for what, count in used.items() if count):
            raise Refused(f"“{node.name}”还有 {standing_in_the_way} 在用，没有删除。请先调整。")
        transaction.append(visit.actor, "organisation.removed", f"organisation:{identity}", {"active": False})

    visit.write(job)
