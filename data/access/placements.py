"""企业归属: which park an enterprise lies in, and who looks after it."""

from collections.abc import Sequence
from typing import Any, Final

from core.access.organisations import SHIPPED, district_of
from core.access.people import Placed
from core.access.permissions import Permission
from core.base.errors import Refused
from data.access import organisations
from data.access.visit import Visit
from data.store.store import Transaction

PAGE: Final = 50
_SOURCE: Final = (
    "FROM enterprises e LEFT JOIN placements p ON p.enterprise_id = e.id LEFT JOIN accounts a ON a.id = p.officer_id WHERE "
    "($1 = '' OR contains(lower(e.name), $1) OR contains(lower(e.uscc), $1)) AND ($2::VARCHAR IS NULL OR e.district = $2) AND "
)


def _asked(visit: Visit, text: str, district: str | None) -> tuple[str, list[Any]]:
    visit.check(Permission.ORGANISATION_MANAGE)
    condition, parameters = visit.scope_sql(3, enterprise="e.id", district="e.district")
    return _SOURCE + condition, [text.strip().lower(), district, *parameters]


def count(visit: Visit, *, text: str = "", district: str | None = None) -> int:
    """How many enterprises within the scope hold `text` in name or credit code."""
    condition, parameters = _asked(visit, text, district)
    return int(visit.store.rows(f"SELECT count(*) AS total {condition}", parameters)[0]["total"])


def listing(visit: Visit, *, text: str = "", district: str | None = None, page: int = 1) -> list[Placed]:
    """A page of them by name."""
    condition, parameters = _asked(visit, text, district)
    position = len(parameters) + 1
    rows = visit.store.rows(
        "SELECT e.id, e.name, e.uscc, e.district, p.organisation_id, p.officer_id, a.name AS officer "
        f"{condition} ORDER BY e.name, e.id LIMIT {PAGE} OFFSET ${position}",
        [*parameters, PAGE * (max(page, 1) - 1)],
    )
    return [Placed(**row) for row in rows]


def officers(visit: Visit) -> dict[str, str]:
    """id -> name of the members of staff who may look after an enterprise."""
    visit.check(Permission.ORGANISATION_MANAGE)
    rows = visit.store.rows(
        "SELECT id, name, username FROM accounts WHERE active AND enterprise_id IS NULL ORDER BY username"
    )
    return {row["id"]: f"{row['name']}（{row['username']}）" for row in rows}


def place(visit: Visit, enterprises: Sequence[str], *, organisation_id: str | None, officer_id: str | None) -> int:
    """Where these enterprises lie (a park of their own district, or None) and who looks after them; how many changed."""
    organisations.authorised(visit)

    def job(transaction: Transaction) -> int:
        among = organisations.standing(transaction)
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
                raise Refused(
                    f"“{row['name']}”的区属不是{among[district or ''].name}，不能归入“{among[organisation_id].name}”，未保存。"
                )
            now = transaction.get("placements", identity) or {"organisation_id": None, "officer_id": None}
            after = {"organisation_id": organisation_id, "officer_id": officer_id}
            if {key: now[key] for key in after} != after:
                transaction.append(visit.actor, "enterprise.placed", f"enterprise:{identity}", after)
                changed += 1
        return changed

    return visit.write(job)
