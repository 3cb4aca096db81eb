"""更正: the bureau corrects one value of what was admitted, as a fact with its reason and document."""

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.access.permissions import Permission
from core.base.errors import Conflict, Forbidden, Refused
from core.base.values import empty, shown
from core.filing import cells, correction
from core.filing.correction import Correction
from core.filing.filing import Filing
from data.access import belonging
from data.access.visit import Visit
from data.directory import merged
from data.filing import attachments, filings, periods
from data.messaging import notifications
from data.store.store import Row, Transaction


def standing(visit: Visit, enterprise_id: str) -> Filing | None:
    """The filing that the enterprise's admission rests on; None while it is not admitted. Raises Forbidden outside the scope."""
    visit.check(Permission.ENTERPRISE_READ)
    found = visit.store.rows(
        "SELECT * FROM filings WHERE id = (SELECT arg_max(filing_id, seq) FROM admissions WHERE enterprise_id = $1)",
        [enterprise_id],
    )
    if not found or found[0]["state"] != "admitted" or merged.standing_words(visit.store).get(enterprise_id):
        return None
    if not belonging.sees_filing(visit, found[0]["id"]):
        raise Forbidden("没有这家企业，或不在您的管辖范围内。请从“企业信息”中重新选择。")
    return _filing(visit, found[0])


def _filing(visit: Visit, row: Row) -> Filing:
    rounds = {each.id: each for each in periods.rounds(visit.store)}
    return filings.from_row(row, rounds[row["round_id"]])


def correct(
    visit: Visit,
    filing_id: str,
    revision: int,
    path: str,
    after: Any,
    *,
    reason: str,
    document: str = "",
    file: tuple[str, bytes] | None = None,
) -> datetime:
    """Put `after` (raw, as on the form) at a path of `core.filing.correction.places`; the moment of the fact.

    `file`: name and bytes of the document. Only the filing that the admission rests on can be corrected: later
    admissions would hide an older one. Raises Refused for what a check forbids, Conflict on a stale revision.
    """
    visit.check(Permission.ENTERPRISE_CORRECT)
    reason, document = reason.strip(), " ".join(document.split())
    if len(re.sub(r"\W", "", reason)) < 2:
        raise Refused("请写明更正的原因，企业将看到这些文字。尚未更正。")
    if len(reason) > 1000 or len(document) > 200:
        raise Refused("“更正原因”最多 1000 字，“依据文件”最多 200 字，尚未更正。请删减。")
    after = after.strip() if isinstance(after, str) else after

    def judged(transaction: Transaction) -> tuple[Filing, dict[str, Any]]:
        row = transaction.get("filings", filing_id)
        if row is None or not belonging.sees_row(visit, transaction, row):
            raise Forbidden("没有这份填报，或不在您的管辖范围内，尚未更正。")
        merged.refuse(transaction, row["enterprise_id"], "入库数据不再更正")
        if row["state"] != "admitted" or _admission(transaction, row["enterprise_id"]) != filing_id:
            raise Refused("只能更正现行入库的填报，这一份已不是。尚未更正，请刷新页面。")
        if row["revision"] != revision:
            raise Conflict("这份填报刚刚有了新的变化，您的更正没有执行。请刷新页面，核对最新内容后再更正。")
        now = _filing(visit, row)
        labels = correction.places(now.content)
        if path not in labels:
            raise Refused("没有这个可以更正的项目，尚未更正。请刷新页面后重新选择。")
        before = correction.standing(now.content, path)
        if before == after or (empty(before) and empty(after)):
            raise Refused(f"“{labels[path]}”的更正值与现值相同（{correction.worded(path, before)}），无需更正。")
        if wrong := correction.readable(path, after):
            raise Refused(f"“{labels[path]}”填的是“{shown(after)}”：{wrong}。尚未更正。")
        content = cells.put(now.content, path, after)
        stops = [each for each in filings.check(visit, replace(now, content=content)) if each.severity == "blocking"]
        if stops:
            raise Refused(f"更正后不符合审核关系，尚未更正：{stops[0].message}{stops[0].remedy}")
        return now, {
            "path": path,
            "label": labels[path],
            "before": before,
            "after": after,
            "reason": reason,
            "document": document,
        }

    def job(transaction: Transaction) -> str:
        now, body = judged(transaction)
        body |= {"file": address}
        fact = transaction.append(visit.actor, "enterprise.corrected", now.subject, body)
        notifications.corrected(transaction, visit.actor, now.enterprise_id, now.round, body)
        return fact.at_utc.isoformat()

    # Looked at first, so that no file is kept for what is refused; and again where it counts.
    now, _ = visit.write(judged)
    address = attachments.keep(visit, now.enterprise_id, *file) if file else ""
    return datetime.fromisoformat(visit.write(job))


def _admission(transaction: Transaction, enterprise_id: str) -> str | None:
    """The filing of the newest admission, as the batch has left it."""
    found = transaction.find(
        "SELECT seq, filing_id FROM admissions WHERE enterprise_id = $1 ORDER BY seq DESC LIMIT 1", [enterprise_id]
    )
    found += [
        (row["seq"], row["filing_id"])
        for row in transaction.pending_rows("admissions")
        if row["enterprise_id"] == enterprise_id
    ]
    newest: str | None = max(found)[1] if found else None
    return newest


def of_enterprise(visit: Visit, enterprise_id: str) -> list[Correction]:
    """Every correction to its filings, newest first.

    For the bureau within its scope, and for the enterprise itself.
    """
    visit.check(Permission.ENTERPRISE_READ, Permission.FILING_EDIT)
    if not belonging.sees_enterprise(visit, enterprise_id):
        return []
    query = """
        SELECT f.at_utc AS at, coalesce(a.name, '系统') AS who, l.round_id, f.body
        FROM facts f JOIN filings l ON f.subject = 'filing:' || l.id LEFT JOIN accounts a ON a.id = f.account_id
        WHERE f.kind = 'enterprise.corrected' AND l.enterprise_id = $1 ORDER BY f.seq DESC"""
    rows = visit.store.rows(query, [enterprise_id])
    return [_told(row) for row in rows]


def _told(row: Row) -> Correction:
    body = json.loads(row["body"])
    before, after = (correction.worded(body["path"], body[side]) for side in ("before", "after"))
    return Correction(
        at=row["at"],
        who=row["who"],
        round_id=row["round_id"],
        label=body.get("label", ""),
        before=before,
        after=after,
        reason=body.get("reason", ""),
        document=body.get("document", ""),
        file=body.get("file", ""),
    )
