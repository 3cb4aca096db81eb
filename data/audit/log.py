"""The four logs: views of the one journal of facts, and what is noted for them. Nothing here can delete."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from core.access.permissions import Permission
from core.audit.entry import LogEntry
from core.audit.wording import EVENTS, effect
from core.base import beijing
from core.base.errors import Refused, Unavailable
from core.filing.states import STATE_AFTER
from data.access.visit import Visit
from data.store.store import Row, Store, Transaction, dump

logger = logging.getLogger(__name__)

_ACCESS: Final = ("session.opened", "session.ended", "sign_in.failed", "page.opened", "file.opened")
_TROUBLE: Final = ("error.shown", "access.refused", "sign_in.failed", "job.failed")
_APART: Final = tuple(dict.fromkeys(_ACCESS + _TROUBLE))
#: Most facts of one export.
MOST: Final = 100_000
_CHUNK: Final = 2_000
#: store -> what has been refused to whom: noted once per session and page, however often it is asked for.
_refused: "WeakKeyDictionary[Store, set[tuple[str | None, str, str]]]" = WeakKeyDictionary()

#: The names that a reader knows an account, an enterprise or a filing by.
_NAMED: Final = """
    FROM facts f
    LEFT JOIN accounts a ON a.id = f.account_id
    LEFT JOIN enterprises e ON e.id = a.enterprise_id
    LEFT JOIN enterprises s ON s.id = split_part(split_part(f.subject, ':', 2), '.', 1)
    LEFT JOIN accounts t ON f.subject = 'account:' || t.id"""


# --- reading -------------------------------------------------------------------------------------------


def _list(name: str, kinds: tuple[str, ...]) -> str:
    return f"{name} IN ({', '.join(repr(kind) for kind in kinds)})"


_KINDS: Final = {
    "access": _list("f.kind", _ACCESS),
    "operations": f"NOT {_list('f.kind', _APART)}",
    "trouble": _list("f.kind", _TROUBLE),
    # Opening a filing copies the last one, a file has no before, a letter tells of a change: none changes anything.
    "changes": f"NOT {_list('f.kind', (*_APART, 'filing.opened', 'attachment.added', 'query.run', 'report.exported', 'message.sent'))} AND f.body <> '{{}}'",
}


@dataclass(frozen=True)
class Query:
    """What is looked for in one log (access, operations, trouble, changes). Days are Beijing's, `until` included."""

    kind: str
    text: str = ""
    account: str = ""
    since: date | None = None
    until: date | None = None


def _where(query: Query) -> tuple[str, list[Any]]:
    """The condition and its parameters."""
    kind, since, until = query.kind, query.since, query.until
    if kind not in _KINDS:
        raise Refused("没有这种日志。")
    conditions, parameters = [_KINDS[kind]], []

    def given(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    if text := query.text.strip():
        # In the body a quotation mark stands escaped; the words of the kinds stand in no table.
        body, plain = given(dump(text)[1:-1].lower()), given(text.lower())
        kinds = given([code for code, word in EVENTS.items() if text in word])
        columns = ("f.subject", "f.kind", "a.name", "a.username", "e.name", "s.name", "t.name", "t.username")
        found = " OR ".join(f"contains(lower({column}), {plain})" for column in columns)
        conditions.append(f"(contains(lower(f.body), {body}) OR list_contains({kinds}::VARCHAR[], f.kind) OR {found})")
    if account := query.account.strip().lower():
        who = given(account)
        found = " OR ".join(f"contains(lower({column}), {who})" for column in ("a.name", "a.username", "e.name"))
        conditions.append(f"({found} OR f.account_id = {who} OR f.subject = 'sign_in:' || {who})")
    if since:
        conditions.append(f"f.at_utc >= {given(beijing.start(since))}")
    if until:
        conditions.append(f"f.at_utc < {given(beijing.start(until + timedelta(days=1)))}")
    return " AND ".join(conditions), parameters


def _within(visit: Visit, query: Query, permission: Permission = Permission.LOG_READ) -> tuple[str, list[Any]]:
    """The condition for what is query among the deeds of those within the scope."""
    visit.check(permission)
    where, parameters = _where(query)
    if visit.scope.everything:
        return where, parameters
    condition, more = visit.accounts_sql(len(parameters) + 1)
    return f"{where} AND ({condition})", [*parameters, *more]


def count(visit: Visit, query: Query) -> int:
    """How many facts match."""
    where, parameters = _within(visit, query)
    total: int = visit.store.rows(f"SELECT count(*) AS total {_NAMED} WHERE {where}", parameters)[0]["total"]
    return total


def entries(visit: Visit, query: Query, *, page: int = 1, size: int = 50) -> list[LogEntry]:
    """A page of the facts that match, newest first."""
    where, parameters = _within(visit, query)
    many = len(parameters)
    statement = f"SELECT f.seq {_NAMED} WHERE {where} ORDER BY f.seq DESC LIMIT ${many + 1} OFFSET ${many + 2}"
    found = visit.store.rows(statement, [*parameters, size, (max(page, 1) - 1) * size])
    return with_names(visit.store, query.kind, [row["seq"] for row in found])


def export(visit: Visit, query: Query) -> Iterator[list[LogEntry]]:
    """All of `entries`, in lists, up to `MOST` facts; checked and chosen before the first list is asked for."""
    where, parameters = _within(visit, query, Permission.LOG_EXPORT)
    statement = f"SELECT f.seq {_NAMED} WHERE {where} ORDER BY f.seq DESC LIMIT {MOST}"
    chosen = [row["seq"] for row in visit.store.rows(statement, parameters)]
    return (
        with_names(visit.store, query.kind, chosen[start : start + _CHUNK]) for start in range(0, len(chosen), _CHUNK)
    )


def with_names(store: Store, kind: str, seqs: list[int]) -> list[LogEntry]:
    """The facts of these numbers with the names; choosing first and reading then keeps long bodies out of the sort."""
    if not seqs:
        return []
    statement = f"""
        SELECT f.seq, f.at_utc, coalesce(a.username, f.account_id) AS account,
            CASE WHEN f.account_id = 'system' THEN '系统' ELSE coalesce(a.name, '') END AS name,
            coalesce(e.name, '') AS enterprise, f.session_id, f.kind, f.subject,
            coalesce(s.name, t.name, '') AS about, f.body
        {_NAMED} WHERE f.seq BETWEEN $2 AND $3 AND list_contains($1::BIGINT[], f.seq) ORDER BY f.seq DESC"""
    rows = store.rows(statement, [seqs, min(seqs), max(seqs)])
    for row in rows:
        row["body"] = json.loads(row["body"])
    if kind == "changes":
        _add_before(store, rows)
    return [LogEntry(**row) for row in rows]


def _add_before(store: Store, rows: list[Row]) -> None:
    """What stood before each change, folded from the earlier facts of the same subjects: one query for all rows."""
    # A save says itself what stood before; only those of earlier versions of the product must be folded.
    silent = {row["subject"] for row in rows if row["kind"] == "filing.saved" and "before" not in row["body"]}
    folded = {row["subject"] for row in rows if row["kind"] != "filing.saved"} | silent
    states: dict[str, dict[str, Any]] = {subject: {} for subject in folded}
    statement = f"""
        SELECT seq, kind, subject, CASE WHEN kind IN ('filing.saved', 'filing.opened')
            AND NOT list_contains($3::VARCHAR[], subject) THEN '{{}}' ELSE body END AS body
        FROM facts WHERE seq <= $2 AND list_contains($1::VARCHAR[], subject) AND NOT {_list("kind", _APART)}
        ORDER BY seq"""  # noqa: S608
    newest = max(row["seq"] for row in rows)
    known: list[Row] = store.rows(statement, [sorted(folded), newest, sorted(silent)]) if folded else []
    wanted = {row["seq"]: row for row in rows}
    for fact in known:
        state, after = states[fact["subject"]], effect(fact["kind"], json.loads(fact["body"]))
        if row := wanted.get(fact["seq"]):
            full = effect(row["kind"], row["body"])
            row["after"], row["before"] = full, {field: state.get(field) for field in full}
        state.update({field: value for field, value in after.items() if not field.startswith("reasons.")})
    for row in rows:
        if row["kind"] == "filing.saved" and "before" in row["body"]:
            row["after"], row["before"] = row["body"]["patch"], row["body"]["before"]
        elif row["kind"] == "enterprise.corrected":
            path = row["body"]["path"]
            row["after"], row["before"] = {path: row["body"]["after"]}, {path: row["body"]["before"]}
        else:
            row.setdefault("after", effect(row["kind"], row["body"]))
            row.setdefault("before", {})
        if "from" in row["body"] and row["kind"] in STATE_AFTER:
            row["before"]["state"] = row["body"]["from"]


# --- noting --------------------------------------------------------------------------------------------


def _note(visit: Visit, kind: str, subject: str, body: dict[str, Any]) -> "Future[None] | None":
    """Append a fact without waiting: what is good to know must not hold up whom it is about."""

    def job(transaction: Transaction) -> None:
        transaction.append(visit.actor, kind, subject, body)

    try:
        return visit.store.send(job)
    except Unavailable:
        logger.warning("%s was not noted: the store is closing", kind)
        return None


def _own(visit: Visit) -> str:
    return f"session:{visit.session_id or visit.account_id}"


def opened(visit: Visit, page: str) -> None:
    """A page was opened (not merely run again)."""
    _note(visit, "page.opened", _own(visit), {"page": page})


def downloaded(visit: Visit, subject: str, name: str, **more: str) -> None:
    """A file was asked for and given."""
    _note(visit, "file.opened", subject, {"name": name, **more})


def refused(visit: Visit, permission: Permission, page: str) -> None:
    """Somebody asked for what they may not see; noted once per session and page."""
    known = _refused.setdefault(visit.store, set())
    key = visit.session_id, permission, page
    if key not in known:
        if len(known) >= 10_000:  # long-running processes: better noted twice than kept for ever
            known.clear()
        known.add(key)
        _note(visit, "access.refused", _own(visit), {"permission": permission, "page": page})


def failed(visit: Visit, *, reference: str, kind: str, sentence: str, page: str) -> None:
    """A page failed; the sentence and the number are what the person saw, the trace stays in the server's log."""
    _note(visit, "error.shown", _own(visit), {"reference": reference, "kind": kind, "sentence": sentence, "page": page})
