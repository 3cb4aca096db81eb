"""What hangs on an enterprise (filings, evidence, comments, corrections, prints, files of exports) opens by one rule.

It is asked at each opening: who sees the enterprise where it stands today sees what hangs on it; after a move the
district before no longer does. Only a filing under way belongs to the district that it waits in.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from core.filing.states import ADMITTED, EDITABLE, IN_REVIEW, REVOKED
from data.access.visit import Visit
from data.store.store import Row, Transaction

#: The district that answers for a filing `f`, of an enterprise `e`, today. One sent back and left behind by a later
#: admission goes with the enterprise, as what has been decided.
FILING_DISTRICT: Final = f"""CASE WHEN f.state IN {IN_REVIEW} OR (f.state IN {EDITABLE} AND NOT EXISTS (
    SELECT 1 FROM filings n WHERE n.enterprise_id = f.enterprise_id AND n.opened_at > f.opened_at AND n.state IN {(ADMITTED, REVOKED)}
)) THEN f.district ELSE coalesce(e.district, f.district) END"""  # noqa: S608

#: The district of an enterprise `e` today: as admitted or moved, before that as it last sent in.
ENTERPRISE_DISTRICT: Final = """coalesce(e.district, (
    SELECT arg_max(n.district, n.opened_at) FROM filings n WHERE n.enterprise_id = e.id AND n.state <> 'draft'))"""

_OF_FILING: Final = (
    f"SELECT {FILING_DISTRICT} AS district FROM filings f JOIN enterprises e ON e.id = f.enterprise_id WHERE f.id = $1"  # noqa: S608
)
_OF_ENTERPRISE: Final = f"SELECT {ENTERPRISE_DISTRICT} AS district FROM enterprises e WHERE e.id = $1"  # noqa: S608


def sees_enterprise(visit: Visit, enterprise_id: str) -> bool:
    """Whether what hangs on an enterprise opens to the visit now; False for one that is not there."""
    found = visit.store.rows(_OF_ENTERPRISE, [enterprise_id])
    return bool(found) and visit.sees({"enterprise_id": enterprise_id, **found[0]})


def sees_filing(visit: Visit, filing_id: str) -> bool:
    """Whether a filing, and what is said of it, opens to the visit now; False for one that is not there."""
    found = visit.store.rows(_OF_FILING, [filing_id])
    return bool(found) and visit.sees({"enterprise_id": filing_id.partition(".")[0], **found[0]})


def sees_row(visit: Visit, transaction: Transaction, row: Row) -> bool:
    """`sees_filing` within a job, of a row of filings as the batch has left it."""
    enterprise = transaction.get("enterprises", row["enterprise_id"]) or {"district": None}
    district = row["district"]
    if row["state"] in (ADMITTED, REVOKED):
        district = enterprise["district"] or district
    elif row["state"] in EDITABLE and enterprise["district"] != district:
        found = transaction.find(_OF_FILING, [row["id"]])
        district = found[0][0] if found else district
    return visit.sees({"enterprise_id": row["enterprise_id"], "district": district})


def moved_away(visit: Visit, enterprises: Collection[str], since: datetime) -> bool:
    """Whether one of these enterprises has been moved since a moment (naive UTC) and no longer opens to the visit."""
    if visit.scope.everything or not enterprises:
        return False
    rows = visit.store.rows(
        "SELECT m.enterprise_id, e.district FROM moves m JOIN enterprises e ON e.id = m.enterprise_id "
        "WHERE m.enterprise_id = ANY($1::VARCHAR[]) AND m.at_utc > $2",
        [sorted(enterprises), since],
    )
    return not all(map(visit.sees, rows))
