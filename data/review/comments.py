"""沟通记录: what reviewers and filers say to one another about a filing and its fields."""

import re
from typing import Any, Final

from core.access.permissions import Permission
from core.base.errors import Forbidden, Refused
from core.filing.cells import label_of
from core.filing.model import STEPS
from core.review.comment import Comment
from data.access import belonging
from data.access.visit import Visit
from data.filing import filings
from data.messaging import notifications
from data.store.store import Transaction

LONGEST: Final = 1000
#: Most comments on one filing: a conversation, not a store of files.
MOST: Final = 500


def listing(visit: Visit, filing_id: str) -> list[Comment]:
    """The comments on a filing, oldest first."""
    filings.one(visit, filing_id)
    rows = visit.store.rows(
        "SELECT c.path, c.text, c.at_utc, coalesce(a.name, '') AS who, a.enterprise_id IS NULL AS bureau "
        "FROM comments c LEFT JOIN accounts a ON a.id = c.account_id WHERE c.filing_id = $1 ORDER BY c.seq",
        [filing_id],
    )
    return [Comment(**row) for row in rows]


def add(visit: Visit, filing_id: str, path: str, text: str, *, key: str | None = None) -> None:
    """Say something about a field ("step.field") or the whole ("") of a filing.

    Reviewers and the filer, from the first submission on. It changes nothing of the filing nor its revision:
    nobody's work on it is disturbed. Raises Refused with a sentence, Forbidden outside the scope.
    """
    visit.check(Permission.FILING_READ, Permission.FILING_EDIT)
    said = text.strip()
    step, _, name = path.partition(".")
    if path and (step not in STEPS or name not in STEPS[step].model_fields):
        raise Refused(f"没有“{path[:60]}”这个填报项，意见未发出。")
    if not re.sub(r"\W", "", said):
        raise Refused("请写明意见内容，尚未发出。")
    if len(said) > LONGEST:
        raise Refused(f"“{label_of(path) if path else '总体意见'}”的意见超过 {LONGEST} 字，尚未发出，请删减。")

    def job(transaction: Transaction) -> Any:
        row = transaction.get("filings", filing_id)
        if row is None or not belonging.sees_row(visit, transaction, row):
            raise Forbidden("没有这份填报，或不在您的管辖范围内，意见未发出。")
        if row["state"] == "draft":
            raise Forbidden("这份填报尚未提交，意见未发出。提交后双方可在此沟通。")
        subject = f"comment:{filing_id}"
        if transaction.revision(subject) >= MOST:
            raise Refused(f"这份填报已有 {MOST} 条意见，未再发出。请改用电话联系。")
        transaction.append(visit.actor, "filing.commented", subject, {"path": path, "text": said})
        notifications.commented(transaction, visit.actor, row, path, said, by_bureau=visit.enterprise_id is None)

    visit.write(job, key=f"{visit.account_id}:comment:{filing_id}:{key}" if key else None)
