"""What happened to a filing, folded from the facts: decisions, comments, what became of the enterprise."""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.base.dictionaries import DISTRICTS
from core.base.terms import CHANGES
from core.filing import correction
from core.filing.timeline import TimelineStep
from data.store.store import Row, Store, Transaction

#: Facts about the enterprise that concern its filings.
_OF_ENTERPRISE: Final = (
    "enterprise.moved",
    "enterprise.merged",
    "enterprise.unmerged",
    "enterprise.planned",
    "enterprise.plan_withdrawn",
)


def steps(store: Store, filing_id: str, enterprise_id: str) -> list[TimelineStep]:
    """Newest first; runs of saves are folded to their last.

    For callers that have looked at the visit's scope: this asks nobody who is reading.
    """
    found = store.rows(
        "SELECT f.at_utc AS at, f.kind, f.body, coalesce(a.name, '系统') AS who FROM facts f LEFT JOIN accounts a ON a.id = f.account_id "
        "WHERE f.subject IN ($1, $2) OR (f.subject = $3 AND list_contains($4::VARCHAR[], f.kind) "
        "AND f.at_utc >= (SELECT opened_at FROM filings WHERE id = $5)) ORDER BY f.seq",
        [f"filing:{filing_id}", f"comment:{filing_id}", f"enterprise:{enterprise_id}", list(_OF_ENTERPRISE), filing_id],
    )
    told: list[TimelineStep] = []
    for row in found:
        if row["kind"] == "filing.saved" and told and told[-1].kind == "filing.saved":
            told.pop()
        told.append(TimelineStep(row["at"], row["kind"], row["who"], _said(row["kind"], json.loads(row["body"]))))
    return told[::-1]


def _said(kind: str, body: Mapping[str, Any]) -> dict[str, str]:
    if kind == "filing.commented":
        return {body["path"]: body["text"]}
    if kind == "enterprise.moved":
        return {"": f"自 {body['from']} 起，区属调整为{DISTRICTS[body['district']]}。依据：{body['reason']}"}
    if kind == "enterprise.merged":
        return {"": f"自 {body['from']} 起，并入“{body['into_name']}”。原因：{body['reason']}{_by(body)}"}
    if kind == "enterprise.unmerged":
        return {"": f"不再并入“{body['into_name']}”。原因：{body['reason']}"}
    if kind == "enterprise.planned":
        words = "区属调整为" if body["change"] == "move" else "并入"
        return {"": f"将自 {body['from']} 起，{words}“{body['target_name']}”。原因：{body['reason']}{_by(body)}"}
    if kind == "enterprise.plan_withdrawn":
        return {"": f"{CHANGES[body['change']]}不再生效。原因：{body['reason']}"}
    if kind == "enterprise.corrected":
        before, after = (correction.worded(body["path"], body[side]) for side in ("before", "after"))
        return {"": f"{body['label']}：{before} → {after}。原因：{body['reason']}{_by(body)}"}
    if kind == "filing.unlocked":
        return {"": f"可填至 {body['until']}。原因：{body['reason']}"}
    given = body.get("reasons") or {}
    return dict(given) if given or not body.get("reason") else {"": str(body["reason"])}


def _by(body: Mapping[str, Any]) -> str:
    return f"；依据：{body['document']}" if body.get("document") else ""


# --- for the functions that write --------------------------------------------------------------------------


def behind(transaction: Transaction, row: Row) -> dict[str, int]:
    """Within a job: for admitting a filing of an earlier round, the admission of a later one that stands: {"behind": its seq}."""
    found = transaction.find(
        "SELECT a.seq FROM admissions a JOIN filings f ON f.id = a.filing_id JOIN rounds r ON r.id = f.round_id WHERE a.enterprise_id = $1 "
        "AND a.admitted AND a.seq = (SELECT max(seq) FROM admissions WHERE enterprise_id = $1) "
        "AND r.opens > (SELECT opens FROM rounds WHERE id = $2)",
        [row["enterprise_id"], row["round_id"]],
    )
    return {"behind": found[0][0]} if found else {}
