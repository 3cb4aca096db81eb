"""The door for 机构管理: the tree of organisations, and where enterprises lie in it."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from core.errors import Conflict, Refused
from core.organisations import SHIPPED, Organisation, Tree, below, district_of, full_name, in_order, may_lie_under
from data.store import Row, Transaction, per_version
from data.visit import Visit


def _laid_out(rows: Iterable[Row]) -> dict[str, Organisation]:
    return {**SHIPPED, **{row["id"]: Organisation(row["id"], row["name"], row["parent"]) for row in rows if row["active"]}}


@per_version("organisations")
def tree(store: Any) -> dict[str, Organisation]:
    """Every organisation by its id: what ships, and the parks added."""
    return _laid_out(store.rows("SELECT * FROM organisations"))


def names(visit: Visit) -> dict[str, str]:
    """id -> “江岸区 / 某园区”, in the order of the tree: words that everybody may read."""
    return _names(visit.store)


@per_version("organisations")
def _names(store: Any) -> dict[str, str]:
    known = tree(store)
    return {identity: full_name(known, identity) for identity in in_order(known)}


def standing(transaction: Transaction) -> dict[str, Organisation]:
    """As `tree`, within a job."""
    known = {identity for (identity,) in transaction.find("SELECT id FROM organisations")}
    known |= {row["id"] for row in transaction.laid("organisations")}
    return _laid_out(row for identity in known if (row := transaction.get("organisations", identity)))


def usage(visit: Visit) -> dict[str, dict[str, int]]:
    """id -> how many `accounts` work in it, `enterprises` lie in it (a park: placed; a district: all of it), its `revision`."""
    visit.check("organisation.manage")
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


def _authorised(visit: Visit) -> None:
    visit.check("organisation.manage")
    if not visit.scope.everything:
        raise Refused("机构对全市生效，只有数据范围为“全部”的账号可以修改。操作未执行。")


def add(visit: Visit, name: str, parent: str) -> str:
    """A new park below a district or another park; its id."""
    _authorised(visit)
    identity = f"o{secrets.token_hex(5)}"

    def job(transaction: Transaction) -> str:
        among = standing(transaction)
        if wrong := may_lie_under(among, None, parent):
            raise Refused(f"{wrong}未保存。")
        body = {"name": _checked_name(among, name, parent, None), "parent": parent}
        transaction.append(visit.actor, "organisation.created", f"organisation:{identity}", body)
        return identity

    return visit.store.write(job)


def _park(transaction: Transaction, identity: str, revision: int, among: Tree) -> Organisation:
    if identity in SHIPPED:
        raise Refused("全市和各区由系统自带，不能修改或删除。")
    if identity not in among:
        raise Refused("这个机构已被删除，操作未执行。请刷新页面。")
    if transaction.revision(f"organisation:{identity}") != revision:
        raise Conflict("这个机构刚刚被别人修改过，您的修改没有保存。请刷新页面后再改。")
    return among[identity]


def _placed_in(transaction: Transaction, identities: Iterable[str]) -> list[str]:
    """The enterprises placed in one of these organisations, as the batch has left it."""
    wanted = set(identities)
    found = transaction.find("SELECT enterprise_id FROM placements WHERE organisation_id = ANY($1)", [sorted(wanted)])
    known = {each for (each,) in found} | {row["enterprise_id"] for row in transaction.laid("placements")}
    return [each for each in known if (transaction.get("placements", each) or {}).get("organisation_id") in wanted]


def change(visit: Visit, identity: str, revision: int, *, name: str, parent: str) -> None:
    """Rename a park or move it. Raises Refused for a cycle, and for another district while enterprises lie in it."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        among = standing(transaction)
        node = _park(transaction, identity, revision, among)
        if wrong := may_lie_under(among, identity, parent):
            raise Refused(f"{wrong}未保存。")
        if district_of(among, parent) != district_of(among, identity) and (placed := _placed_in(transaction, below(among, identity))):
            raise Refused(f"“{node.name}”及下级还有 {len(placed)} 家企业，不能移到别的区，未保存。请先调整这些企业的归属。")
        after = {"name": _checked_name(among, name, parent, identity), "parent": parent}
        if changed := {key: value for key, value in after.items() if getattr(node, key) != value}:
            transaction.append(visit.actor, "organisation.changed", f"organisation:{identity}", changed)

    visit.store.write(job)


def remove(visit: Visit, identity: str, revision: int) -> None:
    """Remove a park that nothing uses. Raises Refused, naming what does."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        among = standing(transaction)
        node = _park(transaction, identity, revision, among)
        accounts = {each for (each,) in transaction.find("SELECT id FROM accounts WHERE organisation_id = $1", [identity])}
        accounts |= {row["id"] for row in transaction.laid("accounts")}
        roles = {each for (each,) in transaction.find("SELECT code FROM roles")} | {row["code"] for row in transaction.laid("roles")}
        used = {
            "个下级机构": len(below(among, identity)) - 1,
            "个账号": sum((transaction.get("accounts", a) or {}).get("organisation_id") == identity for a in accounts),
            "家企业": len(_placed_in(transaction, [identity])),
            "个角色的自定义范围": sum(
                bool((row := transaction.get("roles", code)) and row["active"] and identity in row["organisations"].split(","))
                for code in roles
            ),
        }
        if standing_in_the_way := "、".join(f"{count} {what}" for what, count in used.items() if count):
            raise Refused(f"“{node.name}”还有 {standing_in_the_way} 在用，没有删除。请先调整。")
        transaction.append(visit.actor, "organisation.removed", f"organisation:{identity}", {"active": False})

    visit.store.write(job)


# --- 企业归属 ---------------------------------------------------------------------------------------------

PAGE = 50
_PLACED = (
    "FROM enterprises e LEFT JOIN placements p ON p.enterprise_id = e.id LEFT JOIN accounts a ON a.id = p.officer_id WHERE "
    "($1 = '' OR contains(lower(e.name), $1) OR contains(lower(e.uscc), $1)) AND ($2::VARCHAR IS NULL OR e.district = $2) AND "
)


def _asked(visit: Visit, text: str, district: str | None) -> tuple[str, list[Any]]:
    visit.check("organisation.manage")
    condition, parameters = visit.scope_sql(3, enterprise="e.id", district="e.district")
    return _PLACED + condition, [text.strip().lower(), district, *parameters]


def count_enterprises(visit: Visit, *, text: str = "", district: str | None = None) -> int:
    """How many enterprises within the scope hold `text` in name or credit code."""
    condition, parameters = _asked(visit, text, district)
    return int(visit.store.rows(f"SELECT count(*) AS total {condition}", parameters)[0]["total"])


def enterprises(visit: Visit, *, text: str = "", district: str | None = None, page: int = 1) -> list[Row]:
    """A page of them by name: id, name, uscc, district, organisation_id, officer_id, officer."""
    condition, parameters = _asked(visit, text, district)
    position = len(parameters) + 1
    return visit.store.rows(
        "SELECT e.id, e.name, e.uscc, e.district, p.organisation_id, p.officer_id, a.name AS officer "
        f"{condition} ORDER BY e.name, e.id LIMIT {PAGE} OFFSET ${position}",
        [*parameters, PAGE * (max(page, 1) - 1)],
    )


def officers(visit: Visit) -> dict[str, str]:
    """id -> name of the members of staff who may look after an enterprise."""
    visit.check("organisation.manage")
    rows = visit.store.rows("SELECT id, name, username FROM accounts WHERE active AND enterprise_id IS NULL ORDER BY username")
    return {row["id"]: f"{row['name']}（{row['username']}）" for row in rows}


def place(visit: Visit, enterprises: Sequence[str], *, organisation_id: str | None, officer_id: str | None) -> int:
    """Where these enterprises lie (a park of their own district, or None) and who looks after them; how many changed."""
    _authorised(visit)

    def job(transaction: Transaction) -> int:
        among = standing(transaction)
        if organisation_id is not None and (organisation_id not in among or organisation_id in SHIPPED):
            raise Refused("请选择园区：企业所在的区由其填报的区属决定。未保存。")
        officer = transaction.get("accounts", officer_id) if officer_id else None
        if officer_id and (officer is None or not officer["active"] or officer["enterprise_id"]):
            raise Refused("所选“联系人”的账号已停用或不是工作人员，未保存。请重新选择。")
        changed = 0
        for identity in enterprises:
            row = transaction.get("enterprises", identity)
            if row is None:
                raise Refused("所选企业中有的已不存在，未保存。请刷新页面后重新选择。")
            if organisation_id is not None and row["district"] != (district := district_of(among, organisation_id)):
                raise Refused(f"“{row['name']}”的区属不是{among[district or ''].name}，不能归入“{among[organisation_id].name}”，未保存。")
            now = transaction.get("placements", identity) or {"organisation_id": None, "officer_id": None}
            after = {"organisation_id": organisation_id, "officer_id": officer_id}
            if {key: now[key] for key in after} != after:
                transaction.append(visit.actor, "enterprise.placed", f"enterprise:{identity}", after)
                changed += 1
        return changed

    return visit.store.write(job)
