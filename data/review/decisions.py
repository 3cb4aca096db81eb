"""Decisions on a filing: one, several at once, and taking one back within a minute."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.access.organisations import district_of
from core.base.errors import Conflict, Forbidden, Refused, UserError
from core.filing.cells import label_of
from core.filing.filing import Filing, Saved
from core.filing.model import STEPS
from core.filing.states import ACTIONS, DECIDERS, DECISIONS, EVENTS, FORWARD, STATE_AFTER, STATES, UNDOABLE, WAITING
from data.access import belonging, duties
from data.access.organisations import standing
from data.access.visit import Visit
from data.directory import merged
from data.filing import filings, history
from data.messaging import messages, notifications
from data.review import queue as review_queue
from data.store.store import Row, Transaction

#: For so long whoever decided may take it back.
_UNDO_FOR: Final = timedelta(seconds=60)
#: Most filings of one action.
MOST: Final = 50


# --- one ---------------------------------------------------------------------------------------------


def open_to(visit: Visit, filing: Filing) -> list[str]:
    """The actions (pass, admit, return, revoke) this visit may take on the filing now."""
    return [
        action
        for action, known in DECISIONS.items()
        if not filing.merged
        and filing.state in known.permissions
        and visit.may(known.permissions[filing.state])
        and visit.sees({"enterprise_id": filing.enterprise_id, "district": filing.district})
    ]


def decide(
    visit: Visit,
    filing_id: str,
    revision: int,
    action: str,
    *,
    reasons: Mapping[str, str] | None = None,
    key: str | None = None,
) -> Saved:
    """通过 pass, 入库 admit, 退回 return, 撤销入库 revoke. `reasons`: "step.field" (or "") -> text.

    退回 and 撤销入库 need a reason. Raises Conflict when another reviewer or the filer was faster.
    """
    if action not in DECISIONS:
        raise Refused("没有这种审核操作。")
    decision = DECISIONS[action]
    kind, permissions = decision.kind, decision.permissions
    visit.check(*permissions.values())
    filing = filings.one(visit, filing_id)
    given = {path: text.strip() for path, text in (reasons or {}).items() if text and text.strip()}
    if decision.reasoned and not any(len(re.sub(r"\W", "", text)) >= 2 for text in given.values()):
        raise Refused("请写明原因（可按字段填写），企业将看到这些文字。尚未执行。")
    for path, text in given.items():
        step, _, name = path.partition(".")
        if path and (step not in STEPS or name not in STEPS[step].model_fields):
            raise Refused(f"没有“{path[:60]}”这个填报项。")
        if len(text) > 1000:
            raise Refused(f"“{label_of(path) if path else '总体意见'}”的原因超过 1000 字，请删减。")

    def job(transaction: Transaction) -> dict[str, Any]:
        row = transaction.get("filings", filing_id)
        if row is None or not belonging.sees_row(visit, transaction, row):
            raise Forbidden("这份填报已不在您的管辖范围内，操作未执行。")
        if row["revision"] != revision:
            raise Conflict(
                f"这份填报刚刚有了新的变化，当前状态为“{STATES[row['state']]}”，您的操作未执行。请查看最新内容后再决定。",
                current=filings.from_row(row, filing.round),
            )
        if row["state"] not in permissions:
            raise Refused(f"当前状态为“{STATES[row['state']]}”，不能执行此操作。")
        visit.check(permissions[row["state"]])
        merged.refuse(transaction, row["enterprise_id"], "操作未执行")
        if action == "admit":
            _two_people(transaction, visit, row)
        body = {"reasons": given} | (history.behind(transaction, row) if action == "admit" else {})
        fact = transaction.append(visit.actor, kind, f"filing:{filing_id}", body)
        notifications.decided(transaction, visit.actor, kind, row, round_name=filing.round.name, reasons=given)
        return {"revision": fact.revision, "at": fact.at_utc.isoformat()}

    answer = visit.write(job, key=filings.idempotency_key(visit, action, filing_id, key))
    return Saved(answer["revision"], datetime.fromisoformat(answer["at"]))


def _two_people(transaction: Transaction, visit: Visit, row: Row) -> None:
    """Raise Refused when who would admit the filing has passed it, or has made or reset the account that did."""
    if duties.in_one_hand(transaction, visit, [row["decided_by"]]):
        raise Refused(
            "这份填报的区级审核由您本人，或由您创建、重置过（或创建、重置过您）的账号通过，不能再由您入库，未执行。请由另一位市级审核人员办理。"
        )


# --- taking back ---------------------------------------------------------------------------------------


def seconds_left(visit: Visit, filing: Filing) -> int:
    """For how many seconds the visitor may still take back the decision just taken; 0: not any more, or not theirs."""
    at = filing.decided_at
    later = [moment for moment in (filing.saved_at, filing.submitted_at) if moment and at and moment > at]
    if (
        at is None
        or later
        or filing.decided_by != visit.account_id
        or filing.state not in {decision.to for decision in DECISIONS.values()}
    ):
        return 0
    return max(0, int((at + _UNDO_FOR - visit.store.clock()).total_seconds()))


def undo(visit: Visit, filing_id: str, revision: int) -> Saved:
    """Take back one's own decision, made at `revision`, within a minute and before anything else has happened.

    The filing stands as before it; an admission taken back counts no more from now on, and what it had replaced
    counts again. What was seen in between stays to be seen as of then. Raises Refused, Conflict, Forbidden.
    """
    visit.check(*DECIDERS.values())
    filing = filings.one(visit, filing_id)

    def job(transaction: Transaction) -> dict[str, Any]:
        subject, row = f"filing:{filing_id}", transaction.get("filings", filing_id)
        if row is None or not belonging.sees_row(visit, transaction, row):
            raise Forbidden("这份填报已不在您的管辖范围内，操作未执行。")
        happened = transaction.find(
            "SELECT seq, revision, at_utc, account_id, kind, body FROM facts WHERE subject = $1 ORDER BY seq", [subject]
        )
        seq, newest, at, account, kind, _ = happened[-1]
        if not row["revision"] == transaction.revision(subject) == newest == revision:
            raise Conflict(
                f"这份填报在您决定之后又有了新的变化，当前状态为“{STATES[row['state']]}”，没有撤回。请查看最新内容。"
            )
        if kind not in UNDOABLE or account != visit.account_id:
            raise Refused("只能撤回本人刚刚作出的审核决定，操作未执行。")
        if transaction.now - at > _UNDO_FOR:
            raise Refused(f"“{EVENTS[kind]}”已超过 60 秒，不能撤回，原决定有效。如需更正，请按退回或撤销入库办理。")
        merged.refuse(transaction, row["enterprise_id"], "没有撤回")
        before = _before(happened[:-1])
        visit.check(DECIDERS[before["state"]])
        body = {"of": seq, **before}
        if kind in ("filing.admitted", "filing.revoked"):
            body |= _restored(transaction, row["enterprise_id"], seq)
        fact = transaction.append(visit.actor, "filing.undone", subject, body)
        notifications.taken_back(
            transaction, visit.actor, kind, row, round_name=filing.round.name, state=before["state"]
        )
        return {"revision": fact.revision, "at": fact.at_utc.isoformat()}

    answer = visit.write(job)
    return Saved(answer["revision"], datetime.fromisoformat(answer["at"]))


def _before(happened: list[tuple[Any, ...]]) -> dict[str, Any]:
    """How a filing stood after these facts: state, and who decided last and when."""
    now: dict[str, Any] = {"state": "draft", "decided_at": None, "decided_by": None}
    for _, _, at, account, kind, body in happened:
        if kind in STATE_AFTER:
            now["state"] = STATE_AFTER[kind]
        if kind in UNDOABLE:
            now |= {"decided_at": at.isoformat(), "decided_by": account}
        elif kind == "filing.undone":
            now |= {name: json.loads(body)[name] for name in now}
    return now


def _restored(transaction: Transaction, enterprise_id: str, seq: int) -> dict[str, Any]:
    """What stood before the admission or revocation `seq`: the number of the standing admission, of each figure; the place."""
    rows = transaction.find(
        "SELECT seq FROM admissions WHERE enterprise_id = $1 ORDER BY seq DESC LIMIT 2", [enterprise_id]
    )
    if rows[0][0] != seq or any(
        row["enterprise_id"] == enterprise_id and row["seq"] > seq for row in transaction.pending_rows("admissions")
    ):
        raise Conflict("企业的入库记录在您决定之后又有了新的变化，没有撤回。请查看最新内容。")
    figures = transaction.find(
        "SELECT g.year, g.period, max(p.seq) FROM figures g LEFT JOIN figures p ON p.enterprise_id = g.enterprise_id "
        "AND p.year = g.year AND p.period = g.period AND p.seq < g.seq WHERE g.seq = $1 GROUP BY g.year, g.period ORDER BY ALL",
        [seq],
    )
    district = transaction.find(
        "SELECT district FROM admissions WHERE enterprise_id = $1 AND seq < $2 AND district IS NOT NULL ORDER BY seq DESC LIMIT 1",
        [enterprise_id, seq],
    )
    moved = transaction.get("moves", enterprise_id)
    body: dict[str, Any] = {
        "admission": rows[1][0] if len(rows) > 1 else None,
        "figures": figures,
        "district": district[0][0] if district else moved and moved["district"],
    }
    placement, enterprise = transaction.get("placements", enterprise_id), transaction.get("enterprises", enterprise_id)
    if placement and placement["organisation_id"] is None and enterprise and enterprise["district"] != body["district"]:
        placed = transaction.find(
            "SELECT body FROM facts WHERE subject = $1 AND kind = 'enterprise.placed' ORDER BY seq DESC LIMIT 1",
            [f"enterprise:{enterprise_id}"],
        )
        park = json.loads(placed[0][0])["organisation_id"] if placed else None
        if park and district_of(standing(transaction), park) == body["district"]:
            body["organisation_id"] = park
    return body


# --- several at once -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Several:
    """What came of deciding several: the names of those done; name -> why for those left alone."""

    done: list[str]
    left: dict[str, str]


def decide_several(visit: Visit, chosen: Mapping[str, int]) -> Several:
    """Pass (district) or admit (city) the filings `chosen` (id -> the revision that was seen) where nothing is flagged.

    Each is judged by itself: one that changed meanwhile, or has something to look at, is left alone and named.
    All that stand are decided in one write. Raises Refused when there are too many, Forbidden without the permission.
    """
    visit.check(*WAITING)
    state = review_queue.waiting_state(visit)
    decision = ACTIONS[FORWARD[state or ""]]
    kind, word, permission = decision.kind, decision.word, decision.permissions[state or ""]
    if not 1 <= len(chosen) <= MOST:
        raise Refused(f"一次可办理 1 至 {MOST} 份，所选为 {len(chosen)} 份，尚未办理。")
    seen = {name: _found(visit, name) for name in chosen}
    two_people: set[str | None] = set()  # who has passed some of them and is another person: looked up once

    def one(transaction: Transaction, filing_id: str, revision: int, reach: Mapping[str, list[str]]) -> str:
        row = transaction.get("filings", filing_id)
        assert row is not None
        if row["revision"] != revision or row["state"] != state or not visit.sees(row):
            raise Conflict(f"打开列表之后有了新的变化，当前状态为“{STATES[row['state']]}”，没有{word}。")
        filing, flagged = seen[filing_id]
        if flagged or filing.revision != revision:
            raise Refused(f"有需要查看的事项，没有{word}，请打开后逐份审核。")
        merged.refuse(transaction, row["enterprise_id"], f"没有{word}")
        if kind == "filing.admitted" and row["decided_by"] not in two_people:
            _two_people(transaction, visit, row)
            two_people.add(row["decided_by"])
        body: dict[str, Any] = {"reasons": {}} | (history.behind(transaction, row) if kind == "filing.admitted" else {})
        transaction.append(visit.actor, kind, filing.subject, body)
        notifications.decided(
            transaction,
            visit.actor,
            kind,
            row,
            round_name=filing.round.name,
            reasons={},
            to=reach.get(row["enterprise_id"], ()),
        )
        return str(row["name"])

    def job(transaction: Transaction) -> Several:
        visit.check(permission)
        two_people.clear()  # a job may be run again in another batch
        done, left = [], {}
        reach = messages.accounts_of_each(transaction, [filing.enterprise_id for filing, _ in seen.values()])
        for filing_id, revision in chosen.items():
            try:
                done.append(one(transaction, filing_id, revision, reach))
            except UserError as error:
                left[seen[filing_id][0].content["basic"]["enterprise_name"]] = str(error)
        return Several(done, left)

    return visit.write(job)


def _found(visit: Visit, filing_id: str) -> tuple[Filing, bool]:
    """The filing, and whether anything about it asks to be looked at."""
    filing = filings.one(visit, filing_id)
    findings = any(check.severity != "notice" for check in filings.check(visit, filing))
    return filing, findings or bool(review_queue.head(visit, filing).flagged)
