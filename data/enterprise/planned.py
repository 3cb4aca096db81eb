"""待生效: changes of an enterprise kept for a day to come, withdrawn before it, done on it."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from core.access.permissions import Permission
from core.base.errors import Conflict, Forbidden, Refused, UserError
from core.base.terms import CHANGES
from core.enterprise.changes import Change
from data.access.visit import Visit
from data.messaging import messages
from data.store.store import SYSTEM, Actor, Row, Store, Transaction

LONGEST: Final = 500
#: How far ahead a change is kept; a later day is a slip of the pen.
_AHEAD: Final = timedelta(days=366)
#: change -> what does it: `apply(transaction, actor, change)`, raising what forbids it.
Doers = Mapping[str, Callable[[Transaction, Actor, Change], None]]


def reasoned(text: str, label: str) -> str:
    """A reason as it is kept. Raises Refused when it says nothing or too much."""
    said = text.strip()
    if len(re.sub(r"\W", "", said)) < 2:
        raise Refused(f"请写明“{label}”（文件名称、文号或原因），未保存。")
    if len(said) > LONGEST:
        raise Refused(f"“{label}”超过 {LONGEST} 字，请删减，未保存。")
    return said


def officer(visit: Visit) -> None:
    """Raise Forbidden or Refused for who may not change where an enterprise belongs: it concerns more than one district."""
    visit.check(Permission.ENTERPRISE_CORRECT)
    if not visit.scope.everything:
        raise Refused("此事涉及两个区或两家企业，只有数据范围为“全部”的账号可以办理，未保存。")


def pending(transaction: Transaction, enterprise_id: str, change: str) -> Change | None:
    """Within a job: the change that waits for its day."""
    row = transaction.get("planned_changes", enterprise_id, change)
    return _of_row(row) if row and row["target"] else None


def _of_row(row: Row) -> Change:
    return Change(row["enterprise_id"], row["target"], row["effective"], row["reason"], row["document"])


def keep(
    transaction: Transaction,
    actor: Actor,
    enterprise_id: str,
    change: str,
    *,
    target: str,
    name: str,
    since: date,
    reason: str,
    document: str = "",
) -> None:
    """Within a job: keep a change for `since`; `name`: the target in words. Raises Refused for a day too far ahead."""
    if since > transaction.today + _AHEAD:
        raise Refused(f"“生效日期”{since} 在一年以后，未保存。请核对日期。")
    body = {
        "change": change,
        "target": target,
        "target_name": name,
        "from": since.isoformat(),
        "reason": reason,
        "document": document,
    }
    transaction.append(actor, "enterprise.planned", f"enterprise:{enterprise_id}", body)


def withdraw(visit: Visit, enterprise_id: str, change: str, seen: int, reason: str) -> None:
    """Take back what was to happen on a day to come. `seen`: its seq on the page, else Conflict."""
    officer(visit)
    said = reasoned(reason, "撤回原因")

    def job(transaction: Transaction) -> None:
        row = transaction.get("planned_changes", enterprise_id, change)
        if row is None:
            raise Forbidden("没有这项待生效的调整，未执行。请刷新页面。")
        if row["target"] is None or row["seq"] != seen:
            raise Conflict(
                f"这项{CHANGES[change]}刚刚已生效、被撤回或改过，您的撤回没有执行。请刷新页面，核对后再办理。"
            )
        _drop(transaction, visit.actor, row, said)

    visit.write(job)


def _drop(transaction: Transaction, actor: Actor, row: Row, reason: str) -> None:
    body = {"change": row["change"], "reason": reason}
    transaction.append(actor, "enterprise.plan_withdrawn", f"enterprise:{row['enterprise_id']}", body)
    concerned = [row["enterprise_id"], *([row["target"]] if row["change"] == "merge" else [])]
    to = [account for each in concerned for account in messages.accounts_of(transaction, each)]
    if actor == SYSTEM:
        to.append(row["account_id"])  # whoever asked for it learns that it could not be done
    name = (transaction.get("enterprises", row["enterprise_id"]) or {"name": ""})["name"]
    messages.send(
        transaction,
        actor,
        to=to,
        title=f"{CHANGES[row['change']]}已撤回",
        text=f"“{name}”原定 {row['effective']} 生效的{CHANGES[row['change']]}已撤回。原因：{reason}",
    )


def take_effect(store: Store, doers: Doers) -> str:
    """The daily job: do what has come to its day, once; what cannot be done any more is withdrawn with the reason."""
    due = store.rows(
        "SELECT enterprise_id, change, seq FROM planned_changes WHERE target IS NOT NULL AND effective <= $1 ORDER BY effective, seq",
        [store.today],
    )
    came = [store.write(lambda transaction, each=each: _one(transaction, each, doers)) for each in due]  # type: ignore[misc]
    return f"生效 {came.count(True):,} 项，未能生效而撤回 {came.count(False):,} 项。" if due else "没有到期生效的调整。"


def _one(transaction: Transaction, due: Mapping[str, Any], doers: Doers) -> bool | None:
    """Whether it was done; None when it was no longer there to do."""
    row = transaction.get("planned_changes", due["enterprise_id"], due["change"])
    if row is None or row["target"] is None or row["seq"] != due["seq"]:
        return None
    try:
        doers[row["change"]](transaction, SYSTEM, _of_row(row))
    except UserError as error:
        _drop(transaction, SYSTEM, row, f"生效当日未能办理：{error}")
        return False
    return True
