"""站内信: sent within a scope, read, answered; who has read what is kept as receipts."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from core.access.permissions import Permission
from core.base.errors import Forbidden, Refused
from core.messaging.letter import TEXT, TITLE, To
from core.messaging.message import Message, Opened, Receipt, Received, Sent, Turn
from data.access.visit import Visit
from data.messaging import outgoing
from data.messaging.audience import ACCOUNTS, ENTERPRISES
from data.store.store import Actor, Row, Store, Transaction, per_version

PAGE: Final = 20
#: Most enterprises that are chosen by name at once.
CHOSEN: Final = 200
#: How a message's sender or recipient `a` of enterprise `e` is called.
_WORDS: Final = "CASE WHEN e.name IS NULL THEN coalesce(a.name, '系统') ELSE a.name || '（' || e.name || '）' END"


# --- for other parts of the product --------------------------------------------------------------------


def send(
    transaction: Transaction,
    actor: Actor,
    *,
    to: Sequence[str],
    title: str,
    text: str,
    link: str = "",
    kind: str = "message",
    thread: str = "",
    outgoing: bool = False,
) -> str:
    """Within a job: a message to these accounts; its id, or "" when there is nobody to send it to.

    `link`: an in-app path such as "/review?filing=…". `thread`: id of the message that began it. `outgoing`: a copy
    is queued for the outgoing channel; call `data.messaging.outgoing.deliver_due` once the job is committed.
    """
    accounts = sorted(set(to))
    if not accounts:
        return ""
    identity = secrets.token_hex(8)
    body = {
        "title": title,
        "text": text,
        "link": link,
        "kind": kind,
        "thread": thread,
        "outgoing": outgoing,
        "recipients": accounts,
    }
    transaction.append(actor, "message.sent", f"message:{identity}", body)
    for account in accounts if outgoing else ():
        row = {"message_id": identity, "account_id": account, "state": "queued", "at_utc": transaction.now}
        transaction.put("outgoing", row)
    return identity


def accounts_of(transaction: Transaction, enterprise_id: str) -> list[str]:
    """Within a job: the active accounts of an enterprise."""
    return accounts_of_each(transaction, [enterprise_id]).get(enterprise_id, [])


def accounts_of_each(transaction: Transaction, enterprises: Iterable[str]) -> dict[str, list[str]]:
    """As `accounts_of` for many with one query: enterprise -> accounts; those without any are left out."""
    wanted = set(enterprises)
    query = "SELECT id, enterprise_id, active FROM accounts WHERE enterprise_id = ANY($1::VARCHAR[])"
    known = {
        identity: (enterprise, active) for identity, enterprise, active in transaction.find(query, [sorted(wanted)])
    }
    known |= {row["id"]: (row["enterprise_id"], row["active"]) for row in transaction.pending_rows("accounts")}
    found: dict[str, list[str]] = {}
    for identity, (enterprise, active) in sorted(known.items()):
        if active and enterprise in wanted:
            found.setdefault(enterprise, []).append(identity)
    return found


# --- reading -------------------------------------------------------------------------------------------


@per_version
def _unread(store: Store) -> dict[str, int]:
    """account -> how many messages wait: counted once for everybody, as every run of every page asks."""
    rows = store.rows(
        "SELECT t.account_id, count(*) AS waiting FROM message_recipients t LEFT JOIN message_reads r "
        "ON r.message_id = t.message_id AND r.account_id = t.account_id WHERE r.read_at IS NULL GROUP BY t.account_id"
    )
    return {row["account_id"]: row["waiting"] for row in rows}


def unread(visit: Visit) -> int:
    """How many messages the visiting person has not read; 0 for who may not read any."""
    return _unread(visit.store).get(visit.account_id, 0) if visit.may(Permission.MESSAGE_READ) else 0


_RECEIVED: Final = (
    "FROM message_recipients t JOIN messages m ON m.id = t.message_id "
    "LEFT JOIN message_reads r ON r.message_id = t.message_id AND r.account_id = t.account_id "
    f"LEFT JOIN accounts a ON a.id = m.sender_id LEFT JOIN enterprises e ON e.id = a.enterprise_id"  # noqa: F541
)


def count(visit: Visit, *, only_unread: bool = False) -> int:
    """How many messages the visiting person has received."""
    visit.check(Permission.MESSAGE_READ)
    if only_unread:
        return unread(visit)
    found = visit.store.rows(
        "SELECT count(*) AS total FROM message_recipients WHERE account_id = $1", [visit.account_id]
    )
    return int(found[0]["total"])


def inbox(visit: Visit, *, page: int = 1, only_unread: bool = False) -> list[Received]:
    """A page of what was received, newest first."""
    visit.check(Permission.MESSAGE_READ)
    rows = visit.store.rows(
        f"SELECT m.id, m.at_utc, m.kind, m.title, {_WORDS} AS sender, r.read_at {_RECEIVED} "
        f"WHERE t.account_id = $1 AND (NOT $2 OR r.read_at IS NULL) ORDER BY m.at_utc DESC, m.id LIMIT {PAGE} OFFSET $3",
        [visit.account_id, only_unread, PAGE * (max(page, 1) - 1)],
    )
    return [Received(**row) for row in rows]


def one(visit: Visit, message_id: str) -> Opened:
    """A message received or sent. The first look at one received is its receipt. Raises Forbidden for all others'."""
    visit.check(Permission.MESSAGE_READ)
    store, me = visit.store, visit.account_id
    found = store.rows(
        f"SELECT m.*, {_WORDS} AS sender, coalesce(a.active, FALSE) AS answerable FROM messages m "  # noqa: S608
        f"LEFT JOIN accounts a ON a.id = m.sender_id LEFT JOIN enterprises e ON e.id = a.enterprise_id WHERE m.id = $1",
        [message_id],
    )
    mine = store.rows(
        "SELECT message_id FROM message_recipients WHERE message_id = $1 AND account_id = $2", [message_id, me]
    )
    if not found or not (mine or found[0]["sender_id"] == me):
        raise Forbidden("没有这封站内信，或它不是发给您的。请从列表中重新选择。")
    row = found[0]
    newly = bool(mine) and visit.write(lambda transaction: _mark(transaction, me, [message_id])) > 0
    talk = _conversation(visit, row, received=bool(mine))
    message = Message(**{each.name: row[each.name] for each in fields(Message)})
    return Opened(message, talk, bool(mine), newly, bool(mine) and row["answerable"])


def _conversation(visit: Visit, row: Row, *, received: bool) -> tuple[Turn, ...]:
    """The messages of this thread between the visiting person and the other side; of one to many, itself alone."""
    other = row["sender_id"]
    if not received:
        to = visit.store.rows("SELECT account_id FROM message_recipients WHERE message_id = $1 LIMIT 2", [row["id"]])
        other = to[0]["account_id"] if len(to) == 1 else None
    rows = visit.store.rows(
        f"SELECT DISTINCT m.id, m.at_utc, m.title, m.text, m.link, {_WORDS} AS sender, m.sender_id = $2 AS mine FROM messages m "  # noqa: S608
        f"JOIN message_recipients t ON t.message_id = m.id LEFT JOIN accounts a ON a.id = m.sender_id "
        f"LEFT JOIN enterprises e ON e.id = a.enterprise_id WHERE m.thread = $1 AND (m.id = $4 "
        "OR (m.sender_id = $2 AND t.account_id = $3) OR (m.sender_id = $3 AND t.account_id = $2)) ORDER BY m.at_utc, m.id",
        [row["thread"], visit.account_id, other, row["id"]],
    )
    return tuple(Turn(**each) for each in rows)


def count_sent(visit: Visit) -> int:
    """How many messages the visiting person has sent."""
    visit.check(Permission.MESSAGE_SEND)
    found = visit.store.rows("SELECT count(*) AS total FROM messages WHERE sender_id = $1", [visit.account_id])
    return int(found[0]["total"])


def sent(visit: Visit, *, page: int = 1) -> list[Sent]:
    """A page of what was sent, newest first."""
    visit.check(Permission.MESSAGE_SEND)
    rows = visit.store.rows(
        "WITH shown AS (SELECT id, at_utc, kind, title, recipients FROM messages WHERE sender_id = $1 "  # noqa: S608
        f"ORDER BY at_utc DESC, id LIMIT {PAGE} OFFSET $2), "
        "r AS (SELECT message_id, count(*) AS read FROM message_reads WHERE message_id IN (SELECT id FROM shown) GROUP BY message_id), "
        "o AS (SELECT message_id, count(*) FILTER (WHERE state = 'queued') AS queued, "
        "count(*) FILTER (WHERE state = 'sent') AS handed_over, count(*) FILTER (WHERE state = 'failed') AS failed "
        "FROM outgoing WHERE message_id IN (SELECT id FROM shown) GROUP BY message_id) "
        "SELECT shown.*, coalesce(r.read, 0) AS read, coalesce(o.queued, 0) AS queued, "
        "coalesce(o.handed_over, 0) AS handed_over, coalesce(o.failed, 0) AS failed "
        "FROM shown LEFT JOIN r ON r.message_id = shown.id LEFT JOIN o ON o.message_id = shown.id ORDER BY at_utc DESC, id",
        [visit.account_id, PAGE * (max(page, 1) - 1)],
    )
    return [Sent(**row) for row in rows]


def receipts(visit: Visit, message_id: str) -> list[Receipt]:
    """The recipients of a message one has sent, those who have not read it first."""
    visit.check(Permission.MESSAGE_SEND)
    rows = visit.store.rows(
        f"SELECT coalesce({_WORDS}, '') AS recipient, r.read_at, o.state AS outgoing, o.at_utc AS outgoing_at FROM messages m "  # noqa: S608
        "JOIN message_recipients t ON t.message_id = m.id LEFT JOIN message_reads r ON r.message_id = t.message_id "
        "AND r.account_id = t.account_id LEFT JOIN outgoing o ON o.message_id = t.message_id AND o.account_id = t.account_id "
        f"LEFT JOIN accounts a ON a.id = t.account_id LEFT JOIN enterprises e ON e.id = a.enterprise_id "
        "WHERE m.id = $1 AND m.sender_id = $2 ORDER BY r.read_at IS NOT NULL, r.read_at, recipient",
        [message_id, visit.account_id],
    )
    return [Receipt(**row) for row in rows]


# --- writing -------------------------------------------------------------------------------------------


def _mark(transaction: Transaction, account_id: str, messages: Sequence[str]) -> int:
    """The receipts of messages not read before; how many."""
    fresh = [each for each in messages if transaction.get("message_reads", each, account_id) is None]
    for identity in fresh:
        transaction.put("message_reads", {"message_id": identity, "account_id": account_id, "read_at": transaction.now})
    return len(fresh)


def read_all(visit: Visit) -> int:
    """全部已读: how many were not."""
    visit.check(Permission.MESSAGE_READ)

    def job(transaction: Transaction) -> int:
        found = transaction.find(
            "SELECT t.message_id FROM message_recipients t LEFT JOIN message_reads r ON r.message_id = t.message_id "
            "AND r.account_id = t.account_id WHERE t.account_id = $1 AND r.read_at IS NULL",
            [visit.account_id],
        )
        return _mark(transaction, visit.account_id, [identity for (identity,) in found])

    return visit.write(job)


def _addressed(visit: Visit, to: To) -> tuple[str, list[Any]]:
    """The accounts addressed, never beyond the scope: (id, enterprise_id) by a query for page and writer alike."""
    if to.enterprises:
        wanted: tuple[str, Any] = ("a.enterprise_id = ANY($2::VARCHAR[])", list(to.enterprises))
    elif to.district is not None:
        wanted = ("a.enterprise_id IS NOT NULL AND ($2 = '' OR e.district = $2)", to.district)
    else:
        wanted = ("a.role = $2", to.role or "")
    scope, parameters = visit.accounts_sql(3)
    query = f"SELECT a.id, a.enterprise_id FROM {ACCOUNTS} WHERE a.active AND a.id <> $1 AND ({wanted[0]}) AND {scope}"  # noqa: S608
    return query, [visit.account_id, wanted[1], *parameters]


def reach(visit: Visit, to: To) -> tuple[int, int]:
    """How many accounts, of how many enterprises, a message to these would reach."""
    visit.check(Permission.MESSAGE_SEND)
    query, parameters = _addressed(visit, to)
    found = visit.store.rows(
        f"SELECT count(*) AS accounts, count(DISTINCT enterprise_id) AS enterprises FROM ({query})",  # noqa: S608
        parameters,
    )
    return found[0]["accounts"], found[0]["enterprises"]


def enterprises(visit: Visit, text: str, *, most: int = 50) -> dict[str, str]:
    """id -> name of enterprises within the scope that hold `text` in name or credit code; by name."""
    visit.check(Permission.MESSAGE_SEND)
    scope, parameters = visit.scope_sql(2, enterprise="e.id", district="e.district")
    rows = visit.store.rows(
        f"SELECT e.id, e.name FROM {ENTERPRISES} e WHERE ($1 = '' OR contains(lower(e.name), $1) OR contains(lower(e.uscc), $1)) "  # noqa: S608
        f"AND {scope} ORDER BY e.name, e.id LIMIT {int(most)}",
        [text.strip().lower(), *parameters],
    )
    return {row["id"]: row["name"] for row in rows}


def checked(title: str, text: str, *, title_most: int = TITLE, text_most: int = TEXT) -> tuple[str, str]:
    """Title and text as they are kept. Raises Refused, naming what does not fit."""
    title, text = " ".join(title.split()), text.strip()
    if not 1 <= len(title) <= title_most:
        raise Refused(f"“标题”须为 1 至 {title_most} 个字（现有 {len(title)} 字），未保存，内容仍在页面上。")
    if not 1 <= len(text) <= text_most:
        raise Refused(f"“内容”须为 1 至 {text_most:,} 个字（现有 {len(text):,} 字），未保存，内容仍在页面上。")
    return title, text


def post(visit: Visit, to: To, title: str, text: str, *, copy: bool = False, key: str | None = None) -> tuple[str, int]:
    """Write to these; the message's id and to how many accounts. `copy`: through the outgoing channel as well.

    Raises Refused when nobody is reached, Forbidden for an enterprise beyond the scope.
    """
    visit.check(Permission.MESSAGE_SEND)
    title, text = checked(title, text)
    if len(to.enterprises) > CHOSEN:
        raise Refused(f"一次最多点名 {CHOSEN} 家企业，未发送。请改用按区域发送，或分几次发送。")

    def job(transaction: Transaction) -> list[Any]:
        query, parameters = _addressed(visit, to)
        found = transaction.find(query, parameters)
        if to.enterprises and (missing := set(to.enterprises) - {enterprise for _, enterprise in found}):
            names = "、".join(
                sorted(
                    (transaction.get("enterprises", each) or {"name": each})["name"]
                    for each in _inside(visit, transaction, missing)
                )
            )
            if names:
                raise Refused(f"{names}还没有可用的账号，收不到站内信，未发送。请先从名单中去掉。")
            raise Forbidden("所选企业中有的不在您的管辖范围内，未发送。请重新选择。")
        if not found:
            raise Refused("没有符合条件的收件人，未发送。请调整“发给”的范围。")
        accounts = [account for account, _ in found]
        return [send(transaction, visit.actor, to=accounts, title=title, text=text, outgoing=copy), len(accounts)]

    identity, reached = visit.write(job, key=f"{visit.account_id}:message:{key}" if key else None)
    if copy:
        outgoing.deliver_due(visit.store)
    return identity, reached


def hand_over(visit: Visit) -> tuple[int, int]:
    """Try again what has not gone out yet, of whomever; how many copies went out, and how many did not."""
    visit.check(Permission.MESSAGE_SEND)
    return outgoing.deliver_due(visit.store)


def _inside(visit: Visit, transaction: Transaction, identities: set[str]) -> list[str]:
    """Those of these enterprises that are within the scope; none as soon as one is not, so that no name is told."""
    scope, parameters = visit.scope_sql(2, enterprise="e.id", district="e.district")
    query = f"SELECT e.id FROM {ENTERPRISES} e WHERE e.id = ANY($1::VARCHAR[]) AND {scope}"  # noqa: S608
    found = [identity for (identity,) in transaction.find(query, [sorted(identities), *parameters])]
    return found if len(found) == len(identities) else []


def reply(visit: Visit, message_id: str, text: str, *, key: str | None = None) -> str:
    """Answer the sender of a message one has received; the answer's id."""
    visit.check(Permission.MESSAGE_READ)

    def job(transaction: Transaction) -> str:
        message = transaction.get("messages", message_id)
        if message is None or transaction.get("message_recipients", message_id, visit.account_id) is None:
            raise Forbidden("没有这封站内信，或它不是发给您的，没有回复。请从列表中重新选择。")
        sender = transaction.get("accounts", message["sender_id"])
        if sender is None or not sender["active"]:
            raise Refused("这封站内信由系统发出，或发件人的账号已停用，不能回复。请联系所在区经信部门。")
        title, words = checked(f"回复：{message['title'].removeprefix('回复：')}"[:TITLE], text)
        return send(
            transaction,
            visit.actor,
            to=[message["sender_id"]],
            title=title,
            text=words,
            link=message["link"],
            kind="reply",
            thread=message["thread"],
        )

    return visit.write(job, key=f"{visit.account_id}:reply:{key}" if key else None)
