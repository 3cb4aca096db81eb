"""报告问题: a filer tells the office of its district what does not work, on which page and when, as a 站内信."""

from collections.abc import Mapping
from typing import Any, Final

from core.access.permissions import Permission
from core.base import beijing
from core.base.dictionaries import DISTRICTS
from core.base.errors import Refused
from core.messaging.letter import TITLE
from data.access import roles, scopes
from data.access.visit import Visit
from data.messaging import audience, messages
from data.store.store import Transaction

#: Most characters of a report.
MOST: Final = 500


def report(visit: Visit, page: str, text: str, *, key: str | None = None) -> str:
    """Send what does not work on `page` (its title) to the district's reviewers, else to the city's; whom it reached.

    `key`: a press that comes twice is one report. Raises Refused for an empty or too long text, or where nobody can take it.
    """
    visit.check(Permission.FILING_EDIT)
    _, said = messages.checked("报告问题", text, text_most=MOST)
    district = audience.district(visit)
    row = {"enterprise_id": visit.enterprise_id, "district": district}

    def job(transaction: Transaction) -> str:
        near = _office(transaction, Permission.REVIEW_DISTRICT, row, nearby=True)
        to = near or _office(transaction, Permission.REVIEW_CITY, row, nearby=False)
        if not to:
            raise Refused("目前没有可以接收问题的审核人员，没有发出。请电话联系所在区经信部门。")
        title = f"报告问题：{page}"[:TITLE]
        words = f"{said}\n\n页面：{page}\n时间：{beijing.minute(transaction.now)}"
        messages.send(transaction, visit.actor, to=to, title=title, text=words, kind="problem")
        return f"{DISTRICTS.get(district or '', '所在区')}审核人员" if near else "市级管理人员"

    reached: str = visit.write(job, key=f"{visit.account_id}:problem:{key}" if key else None)
    return reached


def _office(transaction: Transaction, permission: Permission, row: Mapping[str, Any], *, nearby: bool) -> list[str]:
    """Active staff with this permission who see the enterprise; `nearby`: who do not see the whole city."""
    able = [
        code
        for code, role in roles.standing(transaction).items()
        if {permission, Permission.MESSAGE_READ} <= role.permissions
    ]
    columns = ("account_id", "role", "enterprise_id", "organisation_id")
    found = transaction.find(
        "SELECT id, role, enterprise_id, organisation_id FROM accounts "
        "WHERE active AND enterprise_id IS NULL AND list_contains($1::VARCHAR[], role)",
        [able],
    )
    staff = [dict(zip(columns, each, strict=True)) for each in found]
    seeing = [(each["account_id"], scopes.of_account(transaction.store, each)) for each in staff]
    return [account for account, scope in seeing if scope.sees(row) and not (nearby and scope.everything)]
