"""催报: reminders to enterprises, and what is passed on to the district and the city when they do not help."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import polars as pl

from core.access.permissions import Permission
from core.base import beijing
from core.base.dictionaries import DISTRICTS
from core.base.errors import Refused
from core.filing.reminders import TEMPLATES, UNFINISHED, SentReminder, filled
from core.filing.round import Round
from data.access import roles, scopes
from data.access.visit import Visit
from data.directory import merged
from data.filing import progress
from data.filing.periods import rounds
from data.messaging import messages, outgoing
from data.rule import parameters
from data.store.store import SYSTEM, Actor, Row, Store, Transaction

#: Enterprises reminded in one write: others' saves come in between.
BATCH: Final = 200
TITLE: Final = 60
TEXT: Final = 1_000
_BEYOND: Final = "有 {} 家企业不在您的管辖范围内，或本期无须填报，没有发送。请刷新页面后重新选择。"
LEVELS: Final = {"enterprise": "催报企业", "district": "上报区级", "city": "上报市级"}


@dataclass(frozen=True)
class Reminded:
    """`sent`: to how many enterprises; `filed`: those that had filed meanwhile; `unreachable`: names of those without an account."""

    sent: int
    filed: int
    unreachable: tuple[str, ...]


def remind(
    visit: Visit, round_id: str, enterprises: Sequence[str], *, template: str, title: str, text: str, copy: bool = False
) -> Reminded:
    """Remind these enterprises, at most `BATCH`: those that have not filed and lie within the scope.

    `title` and `text` may hold the words of core.filing.reminders.WORDS. `copy`: also by the outgoing channel.
    """
    visit.check(Permission.REMINDER_SEND)
    if len(enterprises) > BATCH:
        raise Refused(f"一次最多催报 {BATCH} 家企业，没有发送。")
    if template not in TEMPLATES:
        raise Refused("没有这种催报模板，没有发送。")
    title, text = messages.checked(title, text, title_most=TITLE, text_most=TEXT)
    this_round = progress.round_of(visit, round_id)

    def job(transaction: Transaction) -> Reminded:
        within = set(progress.listing(visit, this_round)["enterprise_id"])
        if strangers := [each for each in enterprises if each not in within]:
            raise Refused(_BEYOND.format(len(strangers)))
        return _remind(
            transaction,
            visit.actor,
            this_round,
            enterprises,
            template=template,
            title=title,
            text=text,
            copy=copy,
            sees=visit.sees,
        )

    answer = visit.write(job)
    if copy:
        outgoing.deliver_due(visit.store)
    return answer


def _remind(
    transaction: Transaction,
    actor: Actor,
    this_round: Round,
    enterprises: Iterable[str],
    *,
    template: str,
    title: str,
    text: str,
    copy: bool = False,
    sees: Callable[[Row], bool] = lambda _: True,
) -> Reminded:
    chosen = sorted(set(enterprises))
    reach = messages.accounts_of_each(transaction, chosen)
    sent, done, unreachable = 0, 0, []
    for identity in chosen:
        row, filing = (
            transaction.get("enterprises", identity),
            transaction.get("filings", f"{identity}.{this_round.id}"),
        )
        if (
            row is None
            or (filing is not None and filing["state"] not in UNFINISHED)
            or merged.of(transaction, identity)
        ):
            done += 1
            continue
        if not sees({"enterprise_id": identity, "district": (filing or {}).get("district") or row["district"]}):
            raise Refused(_BEYOND.format(1))  # moved away in this very batch
        if identity not in reach:
            unreachable.append(row["name"])
            continue
        words = {
            "enterprise": row["name"],
            "round_name": this_round.name,
            "closes": this_round.closes,
            "today": transaction.today,
        }
        message = messages.send(
            transaction,
            actor,
            to=reach[identity],
            title=filled(title, **words),
            text=filled(text, **words),
            link=f"/submit?round={this_round.id}",
            kind="reminder",
            outgoing=copy,
        )
        body = {"round_id": this_round.id, "level": "enterprise", "template": template, "message_id": message}
        transaction.append(actor, "reminder.sent", f"enterprise:{identity}", body)
        sent += 1
    return Reminded(sent, done, tuple(unreachable))


# --- passing on ------------------------------------------------------------------------------------------


def overdue(visit: Visit, this_round: Round) -> pl.DataFrame:
    """Who must be passed on: unfinished, reminded at least once, and that long past the last day that the parameter says."""
    visit.check(Permission.PROGRESS_READ)
    return _overdue(visit.store, this_round, progress.listing(visit, this_round))


def _overdue(store: Store, this_round: Round, frame: pl.DataFrame) -> pl.DataFrame:
    after = timedelta(days=parameters.value(store, "escalation_days_after"))
    if store.today <= this_round.closes or store.today < this_round.closes + after:
        return frame.clear()
    return progress.unfinished(frame).filter(pl.col("reminders") > 0)


def escalate(visit: Visit, round_id: str, level: str) -> int:
    """Pass the list of `overdue` on to the reviewers of each district, or to the city; how many messages."""
    visit.check(Permission.REMINDER_SEND)
    if level not in ("district", "city"):
        raise Refused("只能上报区级或市级，没有发送。")
    this_round = progress.round_of(visit, round_id)

    def job(transaction: Transaction) -> int:
        # Asked for here, where nothing changes any more: who has filed meanwhile or left the scope is not named.
        frame = overdue(visit, this_round)
        if frame.is_empty():
            raise Refused("没有达到上报条件的企业（逾期且已催报过），没有发送。")
        return _escalate(transaction, visit.actor, this_round, frame, level)

    return visit.write(job)


def _escalate(transaction: Transaction, actor: Actor, this_round: Round, frame: pl.DataFrame, level: str) -> int:
    permission = Permission.REVIEW_DISTRICT if level == "district" else Permission.REVIEW_CITY
    known = roles.standing(transaction)
    able = [code for code, role in known.items() if permission in role.permissions]
    query = "SELECT id AS account_id, role, enterprise_id, organisation_id FROM accounts WHERE active AND list_contains($1::VARCHAR[], role)"
    # Who files or moves in this very batch is not named: the frame does not know of it yet.
    touched = {row["enterprise_id"] for row in transaction.pending_rows("filings")} | {
        row["id"] for row in transaction.pending_rows("enterprises")
    }
    frame = frame.filter(~pl.col("enterprise_id").is_in(sorted(touched)))
    sent = 0
    for account in (
        dict(zip(("account_id", "role", "enterprise_id", "organisation_id"), row, strict=True))
        for row in transaction.find(query, [able])
    ):
        scope = scopes.of_account(transaction.store, account)
        theirs = scope.within(frame)
        if theirs.is_empty() or (level == "district" and scope.everything):
            continue
        names = "、".join(theirs["name"].head(20)) + (f"等 {theirs.height} 家" if theirs.height > 20 else "")
        count = theirs.group_by("district").len().sort("len", descending=True)
        places = "，".join(f"{DISTRICTS.get(code or '', '未填区属')} {number} 家" for code, number in count.iter_rows())
        messages.send(
            transaction,
            actor,
            to=[account["account_id"]],
            title=f"{theirs.height} 家企业逾期未报",
            text=f"“{this_round.name}”已于 {this_round.closes} 截止，经催报仍未报送：{names}。\n{places}。请逐家联系。",
            # Who reviews need not have 填报进度: no link to a page that is closed to him.
            link=f"/progress?round={this_round.id}"
            if Permission.PROGRESS_READ in known[account["role"]].permissions
            else "",
            kind="reminder",
        )
        sent += 1
    if sent:
        for identity in frame["enterprise_id"]:
            body = {"round_id": this_round.id, "level": level, "template": "late", "message_id": ""}
            transaction.append(actor, "reminder.sent", f"enterprise:{identity}", body)
    return sent


# --- by itself -------------------------------------------------------------------------------------------


def remind_due(store: Store) -> str:
    """The daily job: remind who has not filed once some days before the end and once after it, then pass the late on.

    Who was reminded within these days by a person is left alone; nobody gets the same reminder twice.
    """
    said = []
    for this_round in rounds(store):
        before = timedelta(days=parameters.value(store, "reminder_days_before"))
        after = timedelta(days=parameters.value(store, "escalation_days_after"))
        if not this_round.closes - before <= store.today <= this_round.closes + after + timedelta(days=7):
            continue
        late = store.today > this_round.closes
        template = TEMPLATES["late" if late else "due"]
        since = this_round.closes + timedelta(days=1) if late else this_round.closes - before
        frame = progress.unfinished(progress.of_round(store, this_round.id))
        fresh = frame.filter(
            pl.col("reminded_at").is_null() | (beijing.localised(pl.col("reminded_at")).dt.date() < since)
        )
        ids = fresh["enterprise_id"].to_list()
        done = [_batch(store, this_round, ids[start : start + BATCH], template) for start in range(0, len(ids), BATCH)]
        if done:
            said.append(
                f"“{this_round.name}”催报 {sum(each.sent for each in done):,} 家，{sum(len(each.unreachable) for each in done):,} 家没有账号"
            )
        if late and (passed := _pass_on(store, this_round)):
            said.append(f"逾期名单已发给 {passed} 位审核人员")
    return "；".join(said) + "。" if said else "没有到期的催报。"


def _batch(store: Store, this_round: Round, enterprises: list[str], template: Any) -> Reminded:
    return store.write(
        lambda transaction: _remind(
            transaction,
            SYSTEM,
            this_round,
            enterprises,
            template=template.code,
            title=template.title,
            text=template.text,
        )
    )


def _pass_on(store: Store, this_round: Round) -> int:
    """Pass those on to the districts that have not been before; how many messages."""

    def job(transaction: Transaction) -> int:
        frame = _overdue(store, this_round, progress.of_round(store, this_round.id))
        known = transaction.find(
            "SELECT DISTINCT enterprise_id FROM reminders WHERE round_id = $1 AND level = 'district'", [this_round.id]
        )
        frame = frame.filter(~pl.col("enterprise_id").is_in([enterprise for (enterprise,) in known]))
        return 0 if frame.is_empty() else _escalate(transaction, SYSTEM, this_round, frame, "district")

    return store.write(job)


def history(visit: Visit, this_round: Round, enterprise_id: str) -> list[SentReminder]:
    """The reminders of one enterprise in a round, newest first."""
    visit.check(Permission.PROGRESS_READ)
    if progress.listing(visit, this_round).filter(pl.col("enterprise_id") == enterprise_id).is_empty():
        return []
    rows = visit.store.rows(
        "SELECT r.at_utc, r.level, r.template, coalesce(a.name, '系统') AS who FROM reminders r LEFT JOIN accounts a ON a.id = r.account_id "
        "WHERE r.round_id = $1 AND r.enterprise_id = $2 ORDER BY r.seq DESC",
        [this_round.id, enterprise_id],
    )
    return [SentReminder(**row) for row in rows]
