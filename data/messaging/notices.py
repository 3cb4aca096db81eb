"""通知公告: drafted, published, withdrawn; for whom, and how many of them have read it."""

import secrets
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base import values
from core.base.dictionaries import DISTRICTS
from core.base.errors import Forbidden, Refused
from core.base.terms import NOTICES
from core.messaging.notice import ManagedNotice, Notice, NoticeDraft, NoticeForMe, OpenedNotice, Reach
from data.access import roles
from data.access.visit import Visit
from data.messaging import audience, messages
from data.store.store import Row, Store, Transaction, conflict_unless, per_version

PAGE: Final = 20
_COLUMNS: Final = ", ".join(f"n.{each.name}" for each in fields(Notice))
_AUTHOR: Final = "coalesce(a.name, '系统') AS author FROM notices n LEFT JOIN accounts a ON a.id = n.author_id"


def _notice(row: Row) -> Notice:
    """A row with the columns `_COLUMNS` of a notice."""
    codes = {name: tuple(code for code in row[name].split(",") if code) for name in ("roles", "districts")}
    return Notice(**{each.name: row[each.name] for each in fields(Notice)} | codes)


# --- reading -------------------------------------------------------------------------------------------


@per_version
def _published(store: Store) -> tuple[Notice, ...]:
    """What is published, pinned first, then newest first."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM notices n WHERE state = 'published' ORDER BY pinned DESC, published_at DESC, id"  # noqa: S608
    )
    return tuple(map(_notice, rows))


@per_version
def _read_by(store: Store, account_id: str) -> dict[str, datetime]:
    """notice -> when this account read it."""
    rows = store.rows("SELECT notice_id, read_at FROM notice_reads WHERE account_id = $1", [account_id])
    return {row["notice_id"]: row["read_at"] for row in rows}


def _for(visit: Visit, notice: Notice) -> bool:
    """Whether a notice is for the visiting person. Staff of the city are of every district."""
    if notice.roles and visit.role not in notice.roles:
        return False
    if not notice.districts:
        return True
    own = audience.district(visit)
    return own in notice.districts or (own is None and visit.enterprise_id is None)


def _mine(visit: Visit) -> list[Notice]:
    today = visit.store.today
    return [
        each for each in _published(visit.store) if (each.until is None or each.until >= today) and _for(visit, each)
    ]


def unread(visit: Visit) -> int:
    """How many notices for the visiting person it has not read; 0 for who may not read any."""
    if not visit.may(Permission.NOTICE_READ):
        return 0
    found = _mine(visit)
    return sum(each.id not in _read_by(visit.store, visit.account_id) for each in found) if found else 0


def mine(visit: Visit) -> list[NoticeForMe]:
    """The published notices for the visiting person, pinned first."""
    visit.check(Permission.NOTICE_READ)
    read = _read_by(visit.store, visit.account_id)
    return [NoticeForMe(each, read.get(each.id)) for each in _mine(visit)]


def one(visit: Visit, notice_id: str) -> OpenedNotice:
    """A notice for the visiting person. Raises Forbidden for all others."""
    visit.check(Permission.NOTICE_READ)
    notice = next((each for each in _mine(visit) if each.id == notice_id), None)
    if notice is None:
        raise Forbidden("没有这条公告，它已撤回、过期，或不是面向您的。请从列表中重新选择。")

    def job(transaction: Transaction) -> bool:
        if transaction.get("notice_reads", notice_id, visit.account_id) is not None:
            return False
        mark = {"notice_id": notice_id, "account_id": visit.account_id, "read_at": transaction.now}
        transaction.put("notice_reads", mark)
        return True

    known = notice_id in _read_by(visit.store, visit.account_id)
    return OpenedNotice(notice, newly=False if known else visit.write(job))


# --- managing ------------------------------------------------------------------------------------------


def _authorised(visit: Visit) -> None:
    visit.check(Permission.NOTICE_MANAGE)
    if not visit.scope.everything:
        raise Refused("公告对全市生效，只有数据范围为“全部”的账号可以管理。操作未执行。")


def count(visit: Visit) -> int:
    """How many notices there are, in whatever state."""
    _authorised(visit)
    return int(visit.store.rows("SELECT count(*) AS total FROM notices")[0]["total"])


def listing(visit: Visit, *, page: int = 1) -> list[ManagedNotice]:
    """A page of all notices, newest change first."""
    _authorised(visit)
    rows = visit.store.rows(
        f"SELECT {_COLUMNS}, {_AUTHOR} ORDER BY n.changed_at DESC, n.id LIMIT {PAGE} OFFSET $1",
        [PAGE * (max(page, 1) - 1)],
    )
    everyone = audience.everyone(visit.store)
    known = [(_notice(row), row["author"]) for row in rows]
    return [ManagedNotice(notice, author, _rate(_reached(visit.store, everyone, notice))) for notice, author in known]


def standing(visit: Visit, notice_id: str) -> ManagedNotice:
    """One of `listing`, with whom it reaches in each district. Raises Refused."""
    _authorised(visit)
    found = visit.store.rows(f"SELECT {_COLUMNS}, {_AUTHOR} WHERE n.id = $1", [notice_id])
    if not found:
        raise Refused("没有这条公告。请从列表中重新选择。")
    notice = _notice(found[0])
    reached = _reached(visit.store, audience.everyone(visit.store), notice)
    grouped = reached.group_by("district").agg(pl.len().alias("audience"), pl.col("read").sum().alias("read"))
    order = {code: position for position, code in enumerate(DISTRICTS)}
    by_district = sorted(grouped.rows(), key=lambda each: order.get(each[0], len(order)))
    places = tuple((district, Reach(many, read)) for district, many, read in by_district)
    return ManagedNotice(notice, found[0]["author"], _rate(reached), places)


def _reached(store: Store, everyone: pl.DataFrame, notice: Notice) -> pl.DataFrame:
    """The accounts a notice is for, each with whether it has read it."""
    if notice.roles:
        everyone = everyone.filter(pl.col("role").is_in(notice.roles))
    if notice.districts:
        city = pl.col("staff") & pl.col("district").is_null()
        everyone = everyone.filter(pl.col("district").is_in(notice.districts).fill_null(False) | city)
    read = store.rows("SELECT account_id FROM notice_reads WHERE notice_id = $1", [notice.id])
    return everyone.with_columns(read=pl.col("id").is_in([each["account_id"] for each in read]))


def _rate(reached: pl.DataFrame) -> Reach:
    return Reach(reached.height, int(reached["read"].sum()))


def _checked(transaction: Transaction, given: NoticeDraft, until: date | None) -> Row:
    """The fields of a notice as a fact keeps them. Raises Refused for what does not fit."""
    title, text = messages.checked(given.title, given.text)
    known = roles.standing(transaction)
    if unknown := set(given.roles) - known.keys():
        raise Refused(f"“面向角色”没有“{min(unknown)}”这一项，可能已被删除，未保存。请重新选择。")
    if unknown := set(given.districts) - DISTRICTS.keys():
        raise Refused(f"“面向区域”没有“{min(unknown)}”这一项，未保存。请重新选择。")
    if until is not None and until < transaction.today:
        raise Refused(f"“展示至”{until} 已经过去，未保存。请填今天或以后的日期，或留空。")
    return {
        "title": title,
        "text": text,
        "pinned": given.pinned,
        "roles": sorted(given.roles),
        "districts": sorted(given.districts),
        "until": until.isoformat() if until else None,
    }


def draft(visit: Visit, given: NoticeDraft, *, key: str | None = None) -> str:
    """A notice that nobody sees yet; its id. Raises Refused for what does not fit."""
    _authorised(visit)
    until = values.day(given.until, "展示至")

    def job(transaction: Transaction) -> str:
        identity = secrets.token_hex(6)
        transaction.append(visit.actor, "notice.drafted", f"notice:{identity}", _checked(transaction, given, until))
        return identity

    return visit.write(job, key=f"{visit.account_id}:notice:{key}" if key else None)


def _current(transaction: Transaction, notice_id: str, revision: int) -> Notice:
    row = transaction.get("notices", notice_id)
    if row is None:
        raise Refused("没有这条公告，操作未执行。请从列表中重新选择。")
    stale = "这条公告刚刚被别人修改过，您的操作没有执行，刚才的输入还在页面上。请复制需要的文字，刷新页面后再改。"
    conflict_unless(transaction, f"notice:{notice_id}", revision, stale)
    return _notice(row)


def change(visit: Visit, notice_id: str, revision: int, given: NoticeDraft) -> None:
    """Change a draft, or what is published: readers see it at once, what stood before stays in the log."""
    _authorised(visit)
    until = values.day(given.until, "展示至")

    def job(transaction: Transaction) -> None:
        known = _current(transaction, notice_id, revision)
        before: Row = asdict(known) | {"roles": list(known.roles), "districts": list(known.districts)}
        before["until"] = known.until.isoformat() if known.until else None
        # A last day that is past may stay as it is, while the rest is changed.
        stays = until == known.until
        after = _checked(transaction, given, None if stays else until)
        if stays:
            after["until"] = before["until"]
        if changed := {name: value for name, value in after.items() if before[name] != value}:
            transaction.append(visit.actor, "notice.changed", f"notice:{notice_id}", changed)

    visit.write(job)


def publish(visit: Visit, notice_id: str, revision: int) -> None:
    """Show it to those it is for; one withdrawn may be published again. Raises Refused when it is, or its last day is past."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        notice = _current(transaction, notice_id, revision)
        if notice.state == "published":
            raise Refused(f"这条公告{NOTICES['published']}，没有重复发布。")
        if notice.until is not None and notice.until < transaction.today:
            raise Refused(f"“展示至”{notice.until} 已经过去，没有发布。请先修改日期。")
        transaction.append(visit.actor, "notice.published", f"notice:{notice_id}", {"state": "published"})

    visit.write(job)


def withdraw(visit: Visit, notice_id: str, revision: int) -> None:
    """Take a published notice back: nobody sees it any more, who has read it stays known."""
    _authorised(visit)

    def job(transaction: Transaction) -> None:
        notice = _current(transaction, notice_id, revision)
        if notice.state != "published":
            raise Refused(f"这条公告是“{NOTICES[notice.state]}”，不需要撤回。")
        transaction.append(visit.actor, "notice.withdrawn", f"notice:{notice_id}", {"state": "withdrawn"})

    visit.write(job)
