"""Filings: read, save, submit, decide. Every write is authorised and validated again here."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from core.access.permissions import Permission
from core.base import beijing
from core.base.errors import Conflict, Forbidden, Refused
from core.filing import checks
from core.filing.cells import apply, before, compared, get, row_names, same
from core.filing.checks import Check, Context
from core.filing.filing import Filing, Saved
from core.filing.model import Content, carried_over, read
from core.filing.payload import MOST_ROWS, invalid_path
from core.filing.round import Round
from core.filing.states import EDITABLE, STATES
from core.filing.timeline import TimelineStep
from data.access import belonging
from data.access.visit import Visit
from data.directory import merged
from data.filing import history
from data.filing.periods import current_round, rounds
from data.rule import policies
from data.store.store import Row, Transaction

_CONTENT_LIMIT: Final = 400_000  # a draft is kept as typed, but not without bound


def from_row(row: Row, filing_round: Round) -> Filing:
    """A row of filings, with its round, as a Filing."""
    return Filing(
        id=row["id"],
        enterprise_id=row["enterprise_id"],
        round=filing_round,
        state=row["state"],
        revision=row["revision"],
        district=row["district"],
        content=json.loads(row["content"]),
        first_draft=json.loads(row["first_draft"] or "{}"),
        saved_at=row["saved_at"],
        submitted_at=row["submitted_at"],
        reasons=json.loads(row["reasons"]),
        unlocked_until=row.get("unlocked_until"),
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        merged=row.get("merged", ""),
    )


#: A filing with the day until which it alone is unlocked.
_FILING: Final = "SELECT f.*, u.until AS unlocked_until FROM filings f LEFT JOIN filing_unlocks u ON u.filing_id = f.id WHERE f.id = $1"


#: The same without what is filed.
_STANDING: Final = _FILING.replace("f.*", "f.state, f.revision")


def _unlocked_until(transaction: Transaction, filing_id: str) -> date | None:
    return (transaction.get("filing_unlocks", filing_id) or {}).get("until")


def with_identity(content: Content, enterprise: Row) -> Content:
    """The fields that identity supplies are what the sign-in says, whatever the browser sent."""
    return apply(content, {"basic.enterprise_name": enterprise["name"], "basic.uscc": enterprise["uscc"]})


def mine(visit: Visit, round_id: str | None = None) -> Filing | None:
    """The visiting enterprise's filing in the current round, None when there is no round at all; or in an earlier round.

    Raises Forbidden for a round in which it has neither filed nor been let in.
    """
    visit.check(Permission.FILING_EDIT)
    this_round = current_round(visit)
    if this_round is None or visit.enterprise_id is None:
        return None
    if round_id in (None, this_round.id):
        return _of_round(visit, visit.enterprise_id, this_round)
    named = next(
        (each for each in rounds(visit.store) if each.id == round_id and each.opens <= visit.store.today), None
    )
    found = named and _of_round(visit, visit.enterprise_id, named)
    if not found or not (found.revision or found.unlocked_until):
        raise Forbidden("贵企业没有这一期的填报，可能地址有误。请从工作台重新打开。")
    return found


def earlier(visit: Visit) -> list[Filing]:
    """The enterprise's filings of rounds before the current one, newest first, with those that it may still begin."""
    visit.check(Permission.FILING_EDIT)
    this_round = current_round(visit)
    known = visit.store.rows(
        "SELECT id FROM filings WHERE enterprise_id = $1 UNION SELECT filing_id FROM filing_unlocks WHERE starts_with(filing_id, $1 || '.') "
        "AND until >= $2",
        [visit.enterprise_id, visit.store.today],
    )
    held = {row["id"].partition(".")[2] for row in known}
    return [
        _of_round(visit, visit.enterprise_id or "", each)
        for each in rounds(visit.store)
        if this_round and each.opens < this_round.opens and each.id in held
    ]


def _of_round(visit: Visit, enterprise_id: str, this_round: Round) -> Filing:
    """The enterprise's filing in a round: as saved, or as it would begin, from what was filed in the rounds before."""
    filing_id = f"{enterprise_id}.{this_round.id}"
    gone = merged.standing_words(visit.store).get(enterprise_id, "")
    found = visit.store.rows(_FILING, [filing_id])
    if found:
        return from_row({**found[0], "merged": gone}, this_round)
    latest = visit.store.rows(
        "SELECT f.content, f.round_id, (SELECT m.district FROM moves m WHERE m.enterprise_id = $1 AND m.at_utc > f.saved_at) AS moved_to "
        "FROM filings f JOIN rounds r ON r.id = f.round_id WHERE f.enterprise_id = $1 AND r.opens < $2 ORDER BY r.opens DESC LIMIT 1",
        [enterprise_id, this_round.opens],
    )
    before = next((r for r in rounds(visit.store) if latest and r.id == latest[0]["round_id"]), None)
    forecast_year = before.year if before and before.forecast else None
    enterprise = visit.store.rows("SELECT * FROM enterprises WHERE id = $1", [enterprise_id])[0]
    content = with_identity(
        carried_over(json.loads(latest[0]["content"]) if latest else {}, this_round.year, forecast_year), enterprise
    )
    if latest and latest[0]["moved_to"]:
        content = apply(content, {"basic.district": latest[0]["moved_to"]})
    unlock = visit.store.rows("SELECT until FROM filing_unlocks WHERE filing_id = $1", [filing_id])
    until = unlock[0]["until"] if unlock else None
    return Filing(
        filing_id, enterprise_id, this_round, "draft", 0, None, content, {}, None, None, {}, until, merged=gone
    )


def one(visit: Visit, filing_id: str) -> Filing:
    """A filing within the visit's scope. Raises Forbidden when it is not there or not to be seen."""
    visit.check(Permission.FILING_READ, Permission.FILING_EDIT)
    found = visit.store.rows(_FILING, [filing_id])
    if not found or not belonging.sees_filing(visit, filing_id):
        raise Forbidden("没有这份填报，或不在您的管辖范围内。请从列表中重新选择。")
    known = {r.id: r for r in rounds(visit.store)}
    row = {**found[0], "merged": merged.standing_words(visit.store).get(found[0]["enterprise_id"], "")}
    return from_row(row, known[row["round_id"]])


def standing(visit: Visit, filing_id: str) -> tuple[int, str]:
    """(revision, `Filing.standing_on` today) of the visiting enterprise's filing, without reading what is filed. Raises Forbidden."""
    visit.check(Permission.FILING_EDIT)
    enterprise_id, _, round_id = filing_id.partition(".")
    this_round = next((each for each in rounds(visit.store) if each.id == round_id), None)
    if this_round is None or enterprise_id != visit.enterprise_id:
        raise Forbidden("没有这份填报，或它不属于贵企业。")
    found = visit.store.rows(_STANDING, [filing_id])
    state, revision, until = found[0].values() if found else ("draft", 0, None)
    gone = merged.standing_words(visit.store).get(enterprise_id, "")
    bare = Filing(
        filing_id, enterprise_id, this_round, state, revision, None, {}, {}, None, None, {}, until, merged=gone
    )
    return revision, bare.standing_on(visit.store.today)


def context_for(visit: Visit, filing: Filing) -> Context:
    """What the checks need: the policy in force, the previous filing's values, the first draft's."""
    previous = visit.store.rows(
        "SELECT f.content FROM filings f JOIN rounds r ON r.id = f.round_id "
        "WHERE f.enterprise_id = $1 AND f.state = 'admitted' AND r.year < $2 ORDER BY r.year DESC, r.opens DESC LIMIT 1",
        [filing.enterprise_id, filing.round.year],
    )
    return Context(
        round=filing.round,
        today=visit.store.today,
        policy=policies.in_force(visit),
        previous=read(json.loads(previous[0]["content"]))[0] if previous else None,
        first_draft=read(filing.first_draft)[0] if filing.first_draft else None,
    )


def check(visit: Visit, filing: Filing) -> list[Check]:
    """All findings on the filing as it stands."""
    return checks.run(filing.content, context_for(visit, filing))


# --- writing -----------------------------------------------------------------------------------------


def idempotency_key(visit: Visit, action: str, filing_id: str, key: str | None) -> str | None:
    """An idempotency key belongs to one account and one action: nobody is answered with another's result."""
    return f"{visit.account_id}:{action}:{filing_id}:{key}" if key else None


def _locked(filing: Filing, today: date) -> str | None:
    if filing.merged:
        return f"贵企业{filing.merged}，本次改动未保存。"
    if filing.state not in EDITABLE:
        return f"本期填报的状态是“{STATES[filing.state]}”，不能修改，本次改动未保存。如需更正请联系所在区审核员退回。"
    if not filing.editable_on(today):
        return f"本期填报已于 {filing.closes} 截止，本次改动未保存。如需补报请联系所在区经信部门。"
    return None


def _current(transaction: Transaction, visit: Visit, filing_id: str, this_round: Round) -> Row | None:
    row = transaction.get("filings", filing_id)
    if row is not None and not visit.sees(row):
        raise Forbidden("没有这份填报，或不在您的管辖范围内。")
    return row and {
        **row,
        "unlocked_until": _unlocked_until(transaction, filing_id),
        "merged": _merged(transaction, row["enterprise_id"]),
    }


def _merged(transaction: Transaction, enterprise_id: str) -> str:
    found = merged.of(transaction, enterprise_id)
    return found.words if found else ""


def save(visit: Visit, filing_id: str, cells: Mapping[str, tuple[Any, Any]], *, deliberate: bool = False) -> Saved:
    """Set cells, each path (core.filing.cells) -> (what it was when this was typed, what it is now): a compare-and-set.

    Saves what was typed, right or wrong. A cell that is already so needs nothing; one that stands as it was is set; any
    other was changed elsewhere, is left alone and comes back among the conflicts. `deliberate`: the filer asked for it.
    Raises Refused when the filing is locked or a path is no form's, Forbidden outside the scope; nothing is set then.
    """
    visit.check(Permission.FILING_EDIT)
    enterprise_id, _, round_id = filing_id.partition(".")
    this_round = next((r for r in rounds(visit.store) if r.id == round_id), None)
    if this_round is None or enterprise_id != visit.enterprise_id:
        raise Forbidden("没有这份填报，或它不属于贵企业，本次改动未保存。")
    typed = {path: now for path, (_, now) in cells.items()}
    if wrong := invalid_path(typed):
        raise Refused(f"提交的内容不是表单中的项目（{wrong}），未保存。请刷新页面后重试。")
    if len(json.dumps(typed, ensure_ascii=False)) > _CONTENT_LIMIT:
        raise Refused("本次填写的内容过长（超过 40 万字），未保存，请删减后重试。")
    begun = visit.store.rows("SELECT 1 FROM filings WHERE id = $1", [filing_id])
    start = None if begun else _of_round(visit, enterprise_id, this_round)

    def job(transaction: Transaction) -> dict[str, Any]:
        subject = f"filing:{filing_id}"
        row = _current(transaction, visit, filing_id, this_round)
        if row is not None:
            now = from_row(row, this_round)
        else:
            assert start is not None  # a filing that was there stays
            until = _unlocked_until(transaction, filing_id)
            gone = _merged(transaction, enterprise_id)
            now = replace(start, revision=0, unlocked_until=until, merged=gone)
        if locked := _locked(now, transaction.today):
            raise Refused(locked)
        wanted, conflicts = compared(now.content, cells)
        enterprise = transaction.get("enterprises", enterprise_id)
        assert enterprise is not None
        content = apply(now.content, wanted)
        identity = {f"basic.{name}": value for name, value in with_identity(content, enterprise)["basic"].items()}
        wanted |= {path: value for path, value in identity.items() if not same(value, get(content, path))}
        if not wanted and not (deliberate and not (row and row["first_draft"])):
            return {"revision": now.revision, "at": now.saved_at and now.saved_at.isoformat(), "conflicts": conflicts}
        content = apply(content, wanted)
        if len(json.dumps(content, ensure_ascii=False)) > _CONTENT_LIMIT or _too_many_rows(content):
            raise Refused("填报内容过长（超过 40 万字，或一项超过 500 条），本次改动未保存，请删减后重试。")
        if row is None:
            body = {"enterprise_id": enterprise_id, "round_id": round_id, "content": now.content}
            transaction.append(visit.actor, "filing.opened", subject, body)
        # What stood there before is said again, so that the log shows a change without folding all that came earlier.
        saved: dict[str, Any] = {
            "patch": wanted,
            "before": {path: before(now.content, path) for path in wanted},
            "rows": row_names(content, now.content, wanted),
            "deliberate": deliberate,
        }
        fact = transaction.append(visit.actor, "filing.saved", subject, saved)
        return {"revision": fact.revision, "at": fact.at_utc.isoformat(), "conflicts": conflicts}

    answer = visit.write(job)
    at = answer["at"] and datetime.fromisoformat(answer["at"])
    return Saved(answer["revision"], at, answer["conflicts"])


def _too_many_rows(content: Content) -> bool:
    lists = (value for fields in content.values() for value in fields.values() if isinstance(value, list))
    return any(len(value) > MOST_ROWS for value in lists)


def _clock(moment: datetime | None) -> str:
    return f"{beijing.local(moment):%m-%d %H:%M:%S}" if moment else "未知时间"


def submit(visit: Visit, filing_id: str, revision: int, *, key: str | None = None) -> Saved:
    """Submit for review. Raises Refused with the findings when a check stops it, Conflict on a stale revision."""
    visit.check(Permission.FILING_EDIT)
    filing = one(visit, filing_id)

    def job(transaction: Transaction) -> dict[str, Any]:
        row = _current(transaction, visit, filing_id, filing.round)
        assert row is not None
        now = from_row(row, filing.round)
        if now.state not in EDITABLE:
            raise Refused(
                f"本期填报已于 {_clock(now.submitted_at)} 提交，当前状态为“{STATES[now.state]}”，无需重复提交。"
            )
        if locked := _locked(now, transaction.today):
            raise Refused(locked)
        if now.revision != revision:
            raise Conflict("这份填报在您核对之后又被保存过，尚未提交。请刷新本页，核对最新内容后再提交。", current=now)
        findings = checks.outstanding(check(visit, now), now.content.get("explanations", {}))
        if findings:
            raise Refused(
                f"还有 {len(findings)} 处须处理，尚未提交，已填内容均已保留。第一处：{findings[0].message}{findings[0].remedy}"
            )
        fact = transaction.append(visit.actor, "filing.submitted", now.subject, {"from": now.state})
        return {"revision": fact.revision, "at": fact.at_utc.isoformat()}

    answer = visit.write(job, key=idempotency_key(visit, "submit", filing_id, key))
    return Saved(answer["revision"], datetime.fromisoformat(answer["at"]))


def timeline(visit: Visit, filing_id: str) -> list[TimelineStep]:
    """What happened to a filing, newest first."""
    filing = one(visit, filing_id)
    return history.steps(visit.store, filing.id, filing.enterprise_id)
