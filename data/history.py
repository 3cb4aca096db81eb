"""What happened to a filing, folded from the facts: decisions, comments, what became of the enterprise."""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.filing import DISTRICTS
from data.store import Row, Store

#: Facts about the enterprise that concern its filings.
_OF_ENTERPRISE: Final = ("enterprise.moved",)


def steps(store: Store, filing_id: str, enterprise_id: str) -> list[Row]:
    """Newest first: at, kind, who, reasons ("step.field" or "" -> words); runs of saves are folded to their last.

    For doors that have looked at the visit's scope: this asks nobody who is reading.
    """
    found = store.rows(
        "SELECT f.at_utc AS at, f.kind, f.body, coalesce(a.name, '系统') AS who FROM facts f LEFT JOIN accounts a ON a.id = f.account_id "
        "WHERE f.subject IN ($1, $2) OR (f.subject = $3 AND list_contains($4::VARCHAR[], f.kind) "
        "AND f.at_utc >= (SELECT opened_at FROM filings WHERE id = $5)) ORDER BY f.seq",
        [f"filing:{filing_id}", f"comment:{filing_id}", f"enterprise:{enterprise_id}", list(_OF_ENTERPRISE), filing_id],
    )
    told: list[Row] = []
    for row in found:
        if row["kind"] == "filing.saved" and told and told[-1]["kind"] == "filing.saved":
            told.pop()
        told.append({"at": row["at"], "kind": row["kind"], "who": row["who"], "reasons": _said(row["kind"], json.loads(row["body"]))})
    return told[::-1]


def _said(kind: str, body: Mapping[str, Any]) -> dict[str, str]:
    if kind == "filing.commented":
        return {body["path"]: body["text"]}
    if kind == "enterprise.moved":
        return {"": f"自 {body['from']} 起，区属调整为{DISTRICTS[body['district']]}。依据：{body['reason']}"}
    given = body.get("reasons") or {}
    return dict(given) if given or not body.get("reason") else {"": str(body["reason"])}
