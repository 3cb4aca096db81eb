"""The door for 区属调整: which district answers for an enterprise from a day on."""

import re
from datetime import date
from typing import Final

from core.errors import Conflict, Forbidden, Refused
from core.filing import DISTRICTS, EDITABLE
from data.store import Row, Transaction
from data.visit import Visit

#: Filings in these states go on in the new district; what has been decided stays where it was.
_OPEN: Final = (*EDITABLE, "submitted", "city_review")
LONGEST: Final = 500


def standing(visit: Visit, enterprise_id: str) -> Row:
    """The enterprise's district, and since when and why if it was moved: id, name, district, effective, reason.

    Raises Forbidden outside the scope.
    """
    visit.check("enterprise.correct")
    found = visit.store.rows(
        "SELECT e.id, e.name, e.district, m.effective, m.reason FROM enterprises e LEFT JOIN moves m ON m.enterprise_id = e.id "
        "WHERE e.id = $1",
        [enterprise_id],
    )
    if not found or not visit.sees({"enterprise_id": enterprise_id, "district": found[0]["district"]}):
        raise Forbidden("没有这家企业，或不在您的管辖范围内。")
    return found[0]


def move(visit: Visit, enterprise_id: str, seen: str | None, *, district: str, since: date | None, reason: str) -> None:
    """From now on `district` answers for the enterprise: reviews its open filings, counts it; the past stays as it was.

    `seen`: the district it stood in on the page, else Conflict. `since`: the day of the decision, today or before.
    `reason`: the document it rests on. Raises Refused with a sentence, Forbidden outside the scope.
    """
    visit.check("enterprise.correct")
    if not visit.scope.everything:
        raise Refused("调整区属涉及两个区，只有数据范围为“全部”的账号可以办理，未保存。")
    said = reason.strip()
    if district not in DISTRICTS:
        raise Refused("请选择调整后的区属，未保存。")
    if since is None:
        raise Refused("请填写“生效日期”，例如 2026-01-05，未保存。")
    if len(re.sub(r"\W", "", said)) < 2:
        raise Refused("请写明“调整依据”（文件名称、文号或原因），未保存。")
    if len(said) > LONGEST:
        raise Refused(f"“调整依据”超过 {LONGEST} 字，请删减，未保存。")

    def job(transaction: Transaction) -> None:
        enterprise = transaction.get("enterprises", enterprise_id)
        if enterprise is None or not visit.sees({"enterprise_id": enterprise_id, "district": enterprise["district"]}):
            raise Forbidden("没有这家企业，或不在您的管辖范围内，未保存。")
        if since > transaction.today:
            raise Refused(f"“生效日期”{since} 晚于今天，未保存。请在生效当日办理。")
        if enterprise["district"] != seen:
            now = DISTRICTS.get(enterprise["district"] or "", "未填")
            raise Conflict(f"“{enterprise['name']}”的区属刚刚已变为{now}，您的调整未保存。请核对后再办理。")
        if enterprise["district"] == district:
            raise Refused(f"“{enterprise['name']}”的区属已是{DISTRICTS[district]}，无需调整。")
        filings = {name for (name,) in transaction.find("SELECT id FROM filings WHERE enterprise_id = $1", [enterprise_id])}
        filings |= {row["id"] for row in transaction.laid("filings") if row["enterprise_id"] == enterprise_id}
        newest = [seq for (seq,) in transaction.find("SELECT max(seq) FROM admissions WHERE enterprise_id = $1", [enterprise_id]) if seq]
        newest += [row["seq"] for row in transaction.laid("admissions") if row["enterprise_id"] == enterprise_id]
        body = {
            "district": district, "from": since.isoformat(), "reason": said, "admission": max(newest, default=None),
            "filings": sorted(name for name in filings if (row := transaction.get("filings", name)) and row["state"] in _OPEN),
        }  # fmt: skip
        transaction.append(visit.actor, "enterprise.moved", f"enterprise:{enterprise_id}", body)

    visit.store.write(job)
