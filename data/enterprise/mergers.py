"""企业合并: which enterprise has gone into another, since when, and what that ends."""

from datetime import date
from typing import Any, Final

from core.base.errors import Conflict, Forbidden, Refused
from core.enterprise.changes import Change
from data.access.visit import Visit
from data.directory.merged import of, refuse
from data.enterprise import planned
from data.messaging import messages
from data.store.store import Actor, Transaction

DOCUMENT: Final = 200
#: How many enterprises a search for the other side shows.
MOST: Final = 20


# --- for other packages of data -----------------------------------------------------------------------------------


# --- reading -------------------------------------------------------------------------------------------


def others(visit: Visit, enterprise_id: str, text: str) -> dict[str, str]:
    """id -> name and credit code of the enterprises it could go into that hold `text`; at most `MOST`."""
    planned.officer(visit)
    if not text.strip():
        return {}
    rows = visit.store.rows(
        "SELECT e.id, e.name, e.uscc FROM enterprises e LEFT JOIN mergers m ON m.enterprise_id = e.id "
        "WHERE e.id <> $1 AND m.into_id IS NULL AND (contains(lower(e.name), $2) OR contains(lower(e.uscc), $2)) ORDER BY e.name LIMIT $3",
        [enterprise_id, text.strip().lower(), MOST],
    )
    return {row["id"]: f"{row['name']}（{row['uscc']}）" for row in rows}


# --- writing -------------------------------------------------------------------------------------------


def merge(
    visit: Visit, enterprise_id: str, seen: int, *, into: str, since: date | None, reason: str, document: str = ""
) -> bool:
    """The enterprise goes into another on a day: it files no more and is counted no more; what it was stays. Whether it is done now.

    A day to come is kept for the daily job (False). `seen`: `data.enterprise.profile.merger`'s seq on the page, else Conflict. Raises Refused, Forbidden.
    """
    planned.officer(visit)
    said, document = planned.reasoned(reason, "合并原因"), " ".join(document.split())
    if since is None:
        raise Refused("请填写“生效日期”，例如 2026-01-05，未保存。")
    if len(document) > DOCUMENT:
        raise Refused(f"“依据文件”超过 {DOCUMENT} 字，请删减，未保存。")

    def job(transaction: Transaction) -> bool:
        name = _judged(transaction, enterprise_id, into)
        _unchanged(transaction, enterprise_id, seen)
        if known := planned.pending(transaction, enterprise_id, "merge"):
            raise Refused(f"“{name[0]}”已有 {known.effective} 生效的企业合并，请先撤回，再重新登记。未保存。")
        opens = transaction.find("SELECT max(opens) FROM rounds WHERE opens <= $1", [transaction.today])[0][0]
        if since < min(opens or transaction.today, transaction.today):
            raise Refused(
                f"“生效日期”{since} 早于本填报期的开始日期 {opens or transaction.today}，未保存。此前各期的填报和统计不能改变。"
            )
        if since > transaction.today:
            planned.keep(
                transaction,
                visit.actor,
                enterprise_id,
                "merge",
                target=into,
                name=name[1],
                since=since,
                reason=said,
                document=document,
            )
            text = f"按登记，“{name[0]}”将自 {since} 起并入“{name[1]}”。原因：{said}。在此之前照常填报；如有疑问请联系市经信部门。"
            _tell(transaction, visit.actor, (enterprise_id, into), "企业合并将生效", text)
            return False
        apply(transaction, visit.actor, Change(enterprise_id, into, since, said, document))
        return True

    return visit.write(job)


def apply(transaction: Transaction, actor: Actor, change: Change) -> None:
    """Within a job: a merger takes effect."""
    enterprise_id, into, since = change.enterprise_id, change.target, change.effective
    reason, document = change.reason, change.document
    name, into_name = _judged(transaction, enterprise_id, into)
    found = transaction.find(
        "SELECT seq, admitted FROM admissions WHERE enterprise_id = $1 ORDER BY seq DESC LIMIT 1", [enterprise_id]
    )
    found += [
        (row["seq"], row["admitted"])
        for row in transaction.pending_rows("admissions")
        if row["enterprise_id"] == enterprise_id
    ]
    newest: tuple[Any, ...] = max(found, default=(None, False))
    body = {
        "into": into,
        "into_name": into_name,
        "from": since.isoformat(),
        "reason": reason,
        "document": document,
        "admission": newest[0] if newest[1] else None,
    }
    transaction.append(actor, "enterprise.merged", f"enterprise:{enterprise_id}", body)
    text = (
        f"“{name}”自 {since} 起并入“{into_name}”，不再单独填报，此前填报的内容仍可查看；合并后的经营数据由“{into_name}”填报。"
        f"原因：{reason}" + (f"；依据：{document}" if document else "")
    )
    _tell(transaction, actor, (enterprise_id, into), "企业合并已生效", text)


def unmerge(visit: Visit, enterprise_id: str, seen: int, reason: str) -> None:
    """Take a merger back: the enterprise files again, and what was admitted of it counts again from now on."""
    planned.officer(visit)
    said = planned.reasoned(reason, "撤销原因")

    def job(transaction: Transaction) -> None:
        merged = of(transaction, enterprise_id)
        _unchanged(transaction, enterprise_id, seen)
        if merged is None:
            raise Refused("该企业没有并入其他企业，或合并已撤销，未执行。请刷新页面。")
        body = {"into": merged.into_id, "into_name": merged.into_name, "reason": said, "admission": merged.admission}
        transaction.append(visit.actor, "enterprise.unmerged", f"enterprise:{enterprise_id}", body)
        name = (transaction.get("enterprises", enterprise_id) or {"name": ""})["name"]
        text = f"“{name}”并入“{merged.into_name}”的登记已撤销，“{name}”恢复填报。原因：{said}"
        _tell(transaction, visit.actor, (enterprise_id, merged.into_id), "企业合并已撤销", text)

    visit.write(job)


def _unchanged(transaction: Transaction, enterprise_id: str, seen: int) -> None:
    rows = (transaction.get("mergers", enterprise_id), transaction.get("planned_changes", enterprise_id, "merge"))
    if max((row["seq"] for row in rows if row), default=0) != seen:
        raise Conflict("该企业的合并登记刚刚被别人改过，您的操作未执行。请刷新页面，核对后再办理。")


def _judged(transaction: Transaction, enterprise_id: str, into: str) -> tuple[str, str]:
    """The names of both sides. Raises Refused when the one cannot go into the other."""
    one, other = transaction.get("enterprises", enterprise_id), transaction.get("enterprises", into)
    if one is None:
        raise Forbidden("没有这家企业，或不在您的管辖范围内，未保存。")
    if other is None:
        raise Refused("请选择“并入企业”，未保存。")
    if enterprise_id == into:
        raise Refused(f"“{one['name']}”不能并入其自身，未保存。请选择另一家企业。")
    refuse(transaction, enterprise_id, "不能再次合并，未保存")
    if gone := of(transaction, into):
        raise Refused(f"“{other['name']}”已并入“{gone.into_name}”，未保存。请选择“{gone.into_name}”。")
    return one["name"], other["name"]


def _tell(transaction: Transaction, actor: Actor, enterprises: tuple[str, str], title: str, text: str) -> None:
    to = [account for each in enterprises for account in messages.accounts_of(transaction, each)]
    messages.send(transaction, actor, to=to, title=title, text=text)
