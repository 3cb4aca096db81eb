"""区属调整: which district answers for an enterprise from a day on."""

from datetime import date
from typing import Final

from core.access.permissions import Permission
from core.base.dictionaries import DISTRICTS
from core.base.errors import Conflict, Forbidden, Refused
from core.enterprise.changes import Change, DistrictStanding
from core.filing.states import EDITABLE, IN_REVIEW
from data.access.visit import Visit
from data.directory import merged
from data.enterprise import planned
from data.messaging import messages
from data.store.store import Actor, Transaction

#: Filings in these states go on in the new district; what has been decided stays where it was.
_OPEN: Final = (*EDITABLE, *IN_REVIEW)


def standing(visit: Visit, enterprise_id: str) -> DistrictStanding:
    """The enterprise's district, and since when and why if it was moved. Raises Forbidden outside the scope."""
    visit.check(Permission.ENTERPRISE_CORRECT)
    found = visit.store.rows(
        "SELECT e.id, e.name, e.district, m.effective, m.reason FROM enterprises e LEFT JOIN moves m ON m.enterprise_id = e.id "
        "WHERE e.id = $1",
        [enterprise_id],
    )
    if not found or not visit.sees({"enterprise_id": enterprise_id, "district": found[0]["district"]}):
        raise Forbidden("没有这家企业，或不在您的管辖范围内。")
    return DistrictStanding(**found[0])


def move(visit: Visit, enterprise_id: str, seen: str | None, *, district: str, since: date | None, reason: str) -> bool:
    """From a day on `district` answers for the enterprise: reviews its open filings, counts it; the past stays as it was.

    `since`: the day of the decision; one to come is kept for the daily job. Whether it is done now. `seen`: the district
    it stood in on the page, else Conflict. `reason`: the document it rests on. Raises Refused, Forbidden outside the scope.
    """
    planned.officer(visit)
    if district not in DISTRICTS:
        raise Refused("请选择调整后的区属，未保存。")
    if since is None:
        raise Refused("请填写“生效日期”，例如 2026-01-05，未保存。")
    said = planned.reasoned(reason, "调整依据")

    def job(transaction: Transaction) -> bool:
        enterprise = transaction.get("enterprises", enterprise_id)
        if enterprise is None:
            raise Forbidden("没有这家企业，或不在您的管辖范围内，未保存。")
        if known := planned.pending(transaction, enterprise_id, "move"):
            raise Refused(
                f"“{enterprise['name']}”已有 {known.effective} 生效的区属调整（{DISTRICTS[known.target]}），请先撤回，再重新办理。未保存。"
            )
        if enterprise["district"] != seen:
            now = DISTRICTS.get(enterprise["district"] or "", "未填")
            raise Conflict(f"“{enterprise['name']}”的区属刚刚已变为{now}，您的调整未保存。请核对后再办理。")
        if since > transaction.today:
            _judge(transaction, enterprise_id, district)
            planned.keep(
                transaction,
                visit.actor,
                enterprise_id,
                "move",
                target=district,
                name=DISTRICTS[district],
                since=since,
                reason=said,
            )
            _tell(
                transaction,
                visit.actor,
                enterprise_id,
                "区属调整将生效",
                f"自 {since} 起，贵企业的区属将调整为{DISTRICTS[district]}，在此之前照常办理。依据：{said}",
            )
            return False
        apply(transaction, visit.actor, Change(enterprise_id, district, since, said))
        return True

    return visit.write(job)


def apply(transaction: Transaction, actor: Actor, change: Change) -> None:
    """Within a job: a move takes effect."""
    enterprise_id, district, since, reason = change.enterprise_id, change.target, change.effective, change.reason
    _judge(transaction, enterprise_id, district)
    filings = {name for (name,) in transaction.find("SELECT id FROM filings WHERE enterprise_id = $1", [enterprise_id])}
    filings |= {each["id"] for each in transaction.pending_rows("filings") if each["enterprise_id"] == enterprise_id}
    newest = [
        seq
        for (seq,) in transaction.find("SELECT max(seq) FROM admissions WHERE enterprise_id = $1", [enterprise_id])
        if seq
    ]
    newest += [each["seq"] for each in transaction.pending_rows("admissions") if each["enterprise_id"] == enterprise_id]
    body = {
        "district": district,
        "from": since.isoformat(),
        "reason": reason,
        "admission": max(newest, default=None),
        "filings": sorted(
            name for name in filings if (filing := transaction.get("filings", name)) and filing["state"] in _OPEN
        ),
    }
    transaction.append(actor, "enterprise.moved", f"enterprise:{enterprise_id}", body)
    text = f"自 {since} 起，贵企业的区属调整为{DISTRICTS[district]}，未办结的填报由{DISTRICTS[district]}审核。依据：{reason}"
    _tell(transaction, actor, enterprise_id, "区属已调整", text)


def _tell(transaction: Transaction, actor: Actor, enterprise_id: str, title: str, text: str) -> None:
    messages.send(transaction, actor, to=messages.accounts_of(transaction, enterprise_id), title=title, text=text)


def _judge(transaction: Transaction, enterprise_id: str, district: str) -> None:
    """Raise Refused for a move that makes no sense."""
    merged.refuse(transaction, enterprise_id, "区属未调整")
    enterprise = transaction.get("enterprises", enterprise_id)
    assert enterprise is not None, enterprise_id
    if enterprise["district"] == district:
        raise Refused(f"“{enterprise['name']}”的区属已是{DISTRICTS[district]}，无需调整。")
