"""通知公告: drafted, published, withdrawn; for whom, and how many of them have read it."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from core.access.permissions import Permission
from core.base.dictionaries import DISTRICTS
from core.base.errors import Forbidden, Refused
from core.base.terms import NOTICES
from data.access import roles
from data.access.visit import Visit
from data.messaging import audience, messages
from data.store.store import Row, Store, Transaction, conflict_unless, per_version

PAGE: Final = 20


def _row(row: Row) -> Row:
    return {**row, **{name: [code for code in row[name].split(",") if code] for name in ("roles", "districts")}}


# --- reading -------------------------------------------------------------------------------------------


@per_version
def _published(store: Store) -> list[Row]:
    """What is published, pinned first, then newest first."""
    rows = store.rows("SELECT * FROM notices WHERE state = 'published' ORDER BY pinned DESC, published_at DESC, id")
    return [_row(row) for row in rows]


@per_version
def _read_by(store: Store, account_id: str) -> dict[str, Any]:
    """notice -> when this account read it."""
    rows = store.rows("SELECT notice_id, read_at FROM notice_reads WHERE account_id = $1", [account_id])
    return {row["notice_id"]: row["read_at"] for row in rows}


def _for(visit: Visit, row: Row) -> bool:
    """Whether a notice is for the visiting person. Staff of the city are of every district."""
    if row["roles"] and visit.role not in row["roles"]:
        return False
    if not row["districts"]:
        return True
    own = audience.district(visit)
    return own in row["districts"] or (own is None and visit.enterprise_id is None)


def _mine(visit: Visit) -> list[Row]:
    today = visit.store.today
    return [
        row for row in _published(visit.store) if (row["until"] is None or row["until"] >= today) and _for(visit, row)
    ]


def unread(visit: Visit) -> int:
    """How many notices for the visiting person it has not read; 0 for who may not read any."""
    if not visit.may(Permission.NOTICE_READ):
        return 0
    rows = _mine(visit)
    return sum(row["id"] not in _read_by(visit.store, visit.account_id) for row in rows) if rows else 0


def mine(visit: Visit) -> list[Row]:
    """The published notices for the visiting person, pinned first: the columns of the table, and read_at (None: unread)."""
    visit.check(Permission.NOTICE_READ)
    read = _read_by(visit.store, visit.account_id)
    return [{**row, "read_at": read.get(row["id"])} for row in _mine(visit)]


def one(visit: Visit, notice_id: str) -> Row:
    """A notice for the visiting person; `newly`: it was unread until now. Raises Forbidden for all others."""
    visit.check(Permission.NOTICE_READ)
    row = next((row for row in _mine(visit) if row["id"] == notice_id), None)
    if row is None:
        raise Forbidden("没有这条公告，它已撤回、过期，或不是面向您的。请从列表中重新选择。")

    def job(transaction: Transaction) -> bool:
        if transaction.get("notice_reads", notice_id, visit.account_id) is not None:
            return False
        mark = {"notice_id": notice_id, "account_id": visit.account_id, "read_at": transaction.now}
        transaction.put("notice_reads", mark)
        return True

    known = notice_id in _read_by(visit.store, visit.account_id)
    return {**row, "newly": False if known else visit.write(job)}


# --- managing ------------------------------------------------------------------------------------------


def _authorised(visit: Visit) -> None:
    visit.check(Permission.NOTICE_MANAGE)
    if not visit.scope.everything:
        raise Refused("公告对全市生效，只有数据范围为“全部”的账号可以管理。操作未执行。")


def count(visit: Visit) -> int:
    """How many notices there are, in whatever state."""
    _authorised(visit)
    return int(visit.store.rows("SELECT count(*) AS total FROM notices")[0]["total"])


def listing(visit: Visit, *, page: int = 1) -> list[Row]:
    """A page of all notices, newest change first: the columns of the table, author, audience and read (accounts)."""
    _authorised(visit)
    rows = visit.store.rows(
        "SELECT n.*, coalesce(a.name, '系统') AS author FROM notices n LEFT JOIN accounts a ON a.id = n.author_id "  # noqa: S608
        f"ORDER BY n.changed_at DESC, n.id LIMIT {PAGE} OFFSET $1",
        [PAGE * (max(page, 1) - 1)],
    )
    everyone = audience.everyone(visit.store)
    return [{**_row(row), **_rate(_reached(visit.store, everyone, _row(row)))} for row in rows]


def standing(visit: Visit, notice_id: str) -> Row:
    """As a row of `listing`, with `by_district`: (district or None, audience, read). Raises Refused."""
    _authorised(visit)
    found = visit.store.rows("SELECT * FROM notices WHERE id = $1", [notice_id])
    if not found:
        raise Refused("没有这条公告。请从列表中重新选择。")
    row = _row(found[0])
    reached = _reached(visit.store, audience.everyone(visit.store), row)
    grouped = reached.group_by("district").agg(pl.len().alias("audience"), pl.col("read").sum().alias("read"))
    order = {code: position for position, code in enumerate(DISTRICTS)}
    by_district = sorted(grouped.rows(), key=lambda each: order.get(each[0], len(order)))
    return {**row, **_rate(reached), "by_district": by_district}


def _reached(store: Store, everyone: pl.DataFrame, row: Row) -> pl.DataFrame:
    """The accounts a notice is for, each with whether it has read it."""
    if row["roles"]:
        everyone = everyone.filter(pl.col("role").is_in(row["roles"]))
    if row["districts"]:
        city = pl.col("staff") & pl.col("district").is_null()
        everyone = everyone.filter(pl.col("district").is_in(row["districts"]).fill_null(False) | city)
    read = store.rows("SELECT account_id FROM notice_reads WHERE notice_id = $1", [row["id"]])
    return everyone.with_columns(read=pl.col("id").is_in([each["account_id"] for each in read]))


def _rate(reached: pl.DataFrame) -> dict[str, int]:
    return {"audience": reached.height, "read": int(reached["read"].sum())}


def _checked(transaction: Transaction, given: Mapping[str, Any]) -> Row:
    """The fields of a notice as a fact keeps them. Raises Refused for what does not fit."""
    title, text = messages.checked(given["title"], given["text"])
    known = roles.standing(transaction)
    if unknown := set(given["roles"]) - known.keys():
        raise Refused(f"“面向角色”没有“{min(unknown)}”这一项，可能已被删除，未保存。请重新选择。")
    if unknown := set(given["districts"]) - DISTRICTS.keys():
        raise Refused(f"“面向区域”没有“{min(unknown)}”这一项，未保存。请重新选择。")
    until: date | None = given["until"]
    if until is not None and until < transaction.today:
        raise Refused(f"“展示至”{until} 已经过去，未保存。请填今天或以后的日期，或留空。")
    return {
        "title": title,
        "text": text,
        "pinned": bool(given["pinned"]),
        "roles": sorted(given["roles"]),
        "districts": sorted(given["districts"]),
        "until": until.isoformat() if until else None,
    }


def draft(visit: Visit, *, key: str | None = None, **given: Any) -> str:
    """A draft of title, text, pinned, roles, districts (each empty: all) and until (a day or None); its id."""
    _authorised(visit)

    def job(transaction: Transaction) -> str:
        identity = secrets.token_hex(6)
        transaction.append(visit.actor, "notice.drafted", f"notice:{identity}", _checked(transaction, given))
        return identity

    return visit.write(job, key=f"{visit.account_id}:notice:{key}" if key else None)


def _current(transaction: Transaction, notice_id: str, revision: int) -> Row:
    row = transaction.get("notices", notice_id)
    if row is None:
        raise Refused("没有这条公告，操作未执行。请从列表中重新选择。")
    stale = "这条公告刚刚被别人修改过，您的操作没有执行，刚才的输入还在页面上。请复制需要的文字，刷新页面后再改。"
    conflict_unless(transaction, f"notice:{notice_id}", revision, stale)
    return _row(row)


def change(visit: Visit, notice_id: str, revision: int, **given: Any) -> None:
    """Change a draft, or what is published: readers see it at once, what stood before stays in the log."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        row = _current(transaction, notice_id, revision)
        before = {**row, "until": row["until"].isoformat() if row["until"] else None}
        # A last day that is past may stay as it is, while the rest is changed.
        kept = {**given, "until": None} if given["until"] == row["until"] else given
        after = _checked(transaction, kept) | ({"until": before["until"]} if kept is not given else {})
        if changed := {name: value for name, value in after.items() if before[name] != value}:
            transaction.append(visit.actor, "notice.changed", f"notice:{notice_id}", changed)

    visit.write(job)


def publish(visit: Visit, notice_id: str, revision: int) -> None:
    """Show it to those it is for; one withdrawn may be published again. Raises Refused when it is, or its last day is past."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        row = _current(transaction, notice_id, revision)
        if row["state"] == "published":
            raise Refused(f"这条公告{NOTICES['published']}，没有重复发布。")
        if row["until"] is not None and row["until"] < transaction.today:
            raise Refused(f"“展示至”{row['until']} 已经过去，没有发布。请先修改日期。")
        transaction.append(visit.actor, "notice.published", f"notice:{notice_id}", {"state": "published"})

    visit.write(job)


def withdraw(visit: Visit, notice_id: str, revision: int) -> None:
    """Take a published notice back: nobody sees it any more, who has read it stays known."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        row = _current(transaction, notice_id, revision)
        if row["state"] != "published":
            raise Refused(f"这条公告是“{NOTICES[row['state']]}”，不需要撤回。")
        transaction.append(visit.actor, "notice.withdrawn", f"notice:{notice_id}", {"state": "withdrawn"})

    visit.write(job)
