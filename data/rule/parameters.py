"""参数: what the administrator has set, over the defaults."""

import re
import unicodedata
from datetime import datetime
from typing import NamedTuple

from core.access.permissions import Permission
from core.base.errors import Conflict, Refused
from core.base.parameters import PARAMETERS, Parameter
from data.access.visit import Visit
from data.store.store import Store, Transaction, per_version


@per_version
def _set(store: Store) -> dict[str, int]:
    return {row["code"]: row["value"] for row in store.rows("SELECT code, value FROM parameters")}


def value(store: Store, code: str) -> int:
    """The value of a parameter as it stands. Raises KeyError for a code that is none."""
    return _set(store).get(code, PARAMETERS[code].default)


class Standing(NamedTuple):
    """A parameter as it stands; `who` and `at` (naive UTC): who set it when, "" and None where nobody has."""

    about: Parameter
    value: int
    who: str
    at: datetime | None
    revision: int


def listing(visit: Visit) -> list[Standing]:
    """Every parameter, in order."""
    visit.check(Permission.PARAMETER_MANAGE)
    rows = visit.store.rows(
        "SELECT p.code, p.value, coalesce(a.name, p.account_id) AS who, p.at_utc, "
        "(SELECT max(f.revision) FROM facts f WHERE f.subject = 'parameter:' || p.code) AS revision "
        "FROM parameters p LEFT JOIN accounts a ON a.id = p.account_id"
    )
    known = {row["code"]: row for row in rows}
    return [
        Standing(each, row["value"], row["who"], row["at_utc"], row["revision"])
        if (row := known.get(code))
        else Standing(each, each.default, "", None, 0)
        for code, each in PARAMETERS.items()
    ]


def put(visit: Visit, code: str, revision: int, typed: str) -> int:
    """Set a parameter to the whole number typed; the number. Raises Refused outside its range."""
    visit.check(Permission.PARAMETER_MANAGE)
    if code not in PARAMETERS:
        raise Refused(f"没有“{code[:40]}”这个参数，未保存。")
    about = PARAMETERS[code]
    text = unicodedata.normalize("NFKC", typed).strip().removesuffix(about.unit).replace(",", "").strip()
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not about.low <= int(text) <= about.high:
        raise Refused(
            f"“{about.label}”填的是“{typed.strip()[:20]}”，须为 {about.low:,} 至 {about.high:,} 的整数（{about.unit}），未保存。"
        )
    number = int(text)

    def job(transaction: Transaction) -> int:
        if transaction.revision(f"parameter:{code}") != revision:
            raise Conflict(f"“{about.label}”刚刚被别人修改过，您的修改没有保存。请刷新页面后再改。")
        row = transaction.get("parameters", code)
        if number != (row["value"] if row else about.default):
            transaction.append(visit.actor, "parameter.set", f"parameter:{code}", {"value": number})
        return number

    return visit.write(job)
