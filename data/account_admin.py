"""The door for 账号管理: every account, created, changed, stopped, reset, unlocked and signed out, each a fact."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from core.errors import Conflict, Forbidden, Refused
from core.filing import DISTRICTS
from core.roles import ROLES
from core.terms import ROLES as ROLE_NAMES
from data import accounts, credentials, positions, sessions
from data.store import Row, Transaction
from data.visit import Visit

PAGE: Final = 50
#: What `change` takes, and its label.
EDITABLE: Final = {"name": "姓名", "role": "角色", "district": "区属", "position_id": "职位"}
_SOURCE = "FROM accounts a LEFT JOIN enterprises e ON e.id = a.enterprise_id"
_STALE = "这个账号刚刚被别人修改过，您的修改没有保存。请查看最新内容后再改。"


def _asked(text: str, role: str | None, active: bool | None) -> tuple[str, list[Any]]:
    like = text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    condition = (
        "($1 = '' OR a.username LIKE '%' || $1 || '%' ESCAPE '\\' OR lower(a.name) LIKE '%' || $1 || '%' ESCAPE '\\' "
        "OR lower(e.name) LIKE '%' || $1 || '%' ESCAPE '\\') "
        "AND ($2::VARCHAR IS NULL OR a.role = $2) AND ($3::BOOLEAN IS NULL OR a.active = $3)"
    )
    return condition, [like, role, active]


def count(visit: Visit, *, text: str = "", role: str | None = None, active: bool | None = None) -> int:
    """How many accounts hold `text` in user name, name or enterprise."""
    visit.check("account.manage")
    condition, parameters = _asked(text, role, active)
    found = visit.store.rows(f"SELECT count(*) AS total {_SOURCE} WHERE {condition}", parameters)
    return int(found[0]["total"])


def pages(total: int) -> int:
    """How many pages `total` accounts fill."""
    return -(-total // PAGE)


def listing(
    visit: Visit, *, text: str = "", role: str | None = None, active: bool | None = None, page: int = 1
) -> list[Row]:
    """A page of these accounts, staff first, by user name: id, username, name, role, district, enterprise, active,
    demonstration, last_sign_in, live_sessions.
    """
    visit.check("account.manage")
    condition, parameters = _asked(text, role, active)
    query = f"""
        WITH shown AS (
            SELECT a.id, a.username, a.name, a.role, a.district, e.name AS enterprise, a.active, a.demonstration
            {_SOURCE} WHERE {condition} ORDER BY a.role = 'enterprise', a.username LIMIT {PAGE} OFFSET $4
        ), used AS (
            SELECT account_id, max(opened_at) AS last_sign_in,
                   count(*) FILTER (WHERE ended_at IS NULL AND expires_at > $5) AS live_sessions
            FROM sessions WHERE account_id IN (SELECT id FROM shown) GROUP BY account_id
        )
        SELECT shown.*, used.last_sign_in, coalesce(used.live_sessions, 0) AS live_sessions
        FROM shown LEFT JOIN used ON used.account_id = shown.id ORDER BY shown.role = 'enterprise', shown.username"""  # noqa: S608
    return visit.store.rows(query, [*parameters, PAGE * (max(page, 1) - 1), visit.store.clock()])


def one(visit: Visit, account_id: str) -> Row:
    """An account with its `revision`, whether it is `local`, `locked`, has a `second_factor`. Raises Refused."""
    visit.check("account.manage")
    found = visit.store.rows(
        "SELECT a.*, e.name AS enterprise, c.account_id IS NOT NULL AS local, c.totp_secret IS NOT NULL AS second_factor, "
        "coalesce(c.must_change, FALSE) AS must_change, (SELECT max(revision) FROM facts WHERE subject = $2) AS revision "
        "FROM accounts a LEFT JOIN enterprises e ON e.id = a.enterprise_id LEFT JOIN credentials c ON c.account_id = a.id "
        "WHERE a.id = $1",
        [account_id, f"account:{account_id}"],
    )
    if not found:
        raise Refused("没有这个账号，可能地址有误。请从列表中重新选择。")
    return {**found[0], "locked": credentials.locked(visit.store, found[0]["username"])}


def positions_open(visit: Visit) -> dict[str, str]:
    """id -> name of the positions that may be given."""
    visit.check("account.manage")
    return positions.names(visit.store)


def create(visit: Visit, *, username: str, name: str, role: str, district: str | None, password_hash: str) -> str:
    """A local account of a member of staff, whose password must be changed at the first sign-in; its id."""
    visit.check("account.manage")
    _fits({"name": name, "role": role, "district": district})
    return accounts.create_local(
        visit.store, username=accounts.checked_username(username), name=name.strip(), role=role,
        district=district if role == "district_reviewer" else None,
        password_hash=password_hash, must_change=True, actor=visit.actor,
    )  # fmt: skip


#: The columns of an imported table, and the most rows of one.
COLUMNS: Final = {"用户名": "username", "姓名": "name", "角色": "role", "区属": "district"}
MOST: Final = 200
Lines = Sequence[tuple[int, Mapping[str, str]]]


def imported(visit: Visit, lines: Lines) -> tuple[list[Row], list[str]]:
    """The rows of a table (line, `COLUMNS` -> text) as accounts to create, and a sentence for each line that does not fit."""
    visit.check("account.manage")
    roles, districts = ({name: code for code, name in names.items()} for names in (ROLE_NAMES, DISTRICTS))
    taken = {row["username"] for row in visit.store.rows("SELECT username FROM accounts")}
    rows: list[Row] = []
    wrong: list[str] = []
    for line, cells in lines:
        try:
            row = {
                "username": accounts.checked_username(cells["用户名"]), "name": cells["姓名"],
                "role": roles.get(cells["角色"], cells["角色"]), "district": districts.get(cells["区属"], cells["区属"] or None),
            }  # fmt: skip
            _fits(row)
            if row["district"] is not None and row["district"] not in DISTRICTS:
                raise Refused(f"“区属”没有“{row['district']}”这一项。")
            if row["username"] in taken:
                raise Refused(f"用户名“{row['username']}”已被使用，或在表中重复，请换一个。")
        except Refused as refused:
            wrong.append(f"第 {line} 行：{refused}")
        else:
            taken.add(row["username"])
            rows.append(row)
    return rows, wrong


def create_many(visit: Visit, rows: Sequence[Row]) -> int:
    """Create all of these accounts (as `imported` gives them, each with its `password_hash`) or none; how many."""
    visit.check("account.manage")
    if len(rows) > MOST:
        raise Refused(f"一次最多导入 {MOST} 个账号，没有导入。")

    def job(transaction: Transaction) -> int:
        for row in rows:
            _fits(row)
            accounts.add_local(
                transaction, visit.actor, username=accounts.checked_username(row["username"]), name=row["name"].strip(),
                role=row["role"], district=row["district"] if row["role"] == "district_reviewer" else None,
                password_hash=row["password_hash"], must_change=True,
            )  # fmt: skip
        return len(rows)

    return visit.store.write(job)


def _fits(row: Mapping[str, Any]) -> None:
    accounts.checked_name(row["name"])
    if not row["role"]:
        raise Refused("请选择“角色”，未保存。")
    if row["role"] not in ROLES or row["role"] == "enterprise":
        raise Refused(f"“角色”没有“{row['role']}”这一项，未保存。请从列表中选择。")
    if row["role"] == "district_reviewer" and row["district"] not in DISTRICTS:
        raise Refused(f"{ROLE_NAMES['district_reviewer']}须选择“区属”，未保存：没有区属就不知道管辖哪些企业。")


def _keeps_an_administrator(transaction: Transaction, account_id: str) -> None:
    """Raise Refused when no other active local account could manage accounts."""
    able = [code for code, granted in ROLES.items() if "account.manage" in granted]
    query = (
        "SELECT a.id FROM accounts a JOIN credentials c ON c.account_id = a.id WHERE a.active AND a.id <> $1 AND a.role = ANY($2)"
    )
    for (other,) in transaction.find(query, [account_id, able]):
        row = transaction.get("accounts", other)  # as this batch may have left it
        if row is not None and row["active"] and row["role"] in able:
            return
    raise Refused("这是最后一个能管理账号的账号，不能停用或改为其他角色。请先设立另一位系统管理员。")


def _on(visit: Visit, account_id: str, job: Callable[[Transaction, Row], Any]) -> Any:
    """Run `job` on the account as it stands in the writer, authorised again."""
    visit.check("account.manage")

    def within(transaction: Transaction) -> Any:
        row = transaction.get("accounts", account_id)
        if row is None:
            raise Refused("没有这个账号，操作未执行。请从列表中重新选择。")
        return job(transaction, row)

    return visit.store.write(within)


def change(visit: Visit, account_id: str, revision: int, changes: Mapping[str, Any]) -> None:
    """Change name, role, district of a member of staff; a new role or district counts from the next click."""
    if unknown := set(changes) - set(EDITABLE):
        raise Refused(f"没有“{'、'.join(sorted(unknown))}”这个可修改的项目。")

    def job(transaction: Transaction, row: Row) -> None:
        if transaction.revision(f"account:{account_id}") != revision:
            raise Conflict(_STALE)
        if row["role"] == "enterprise":
            raise Refused("企业账号的名称由统一身份认证平台提供，不能在此修改。")
        after = {name: changes.get(name, row[name]) for name in EDITABLE}
        _fits(after)
        position = transaction.get("positions", after["position_id"]) if after["position_id"] else None
        if after["position_id"] and (position is None or not position["active"]):
            raise Refused("所选“职位”已被删除，未保存。请重新选择。")
        after["name"] = after["name"].strip()
        if after["role"] != "district_reviewer":
            after["district"] = None
        if "account.manage" not in ROLES[after["role"]] and "account.manage" in ROLES[row["role"]]:
            _keeps_an_administrator(transaction, account_id)
        if changed := {name: value for name, value in after.items() if row[name] != value}:
            transaction.append(visit.actor, "account.changed", f"account:{account_id}", changed)

    _on(visit, account_id, job)


def set_active(visit: Visit, account_id: str, active: bool) -> int:
    """Stop an account, ending its sessions at once, or let it in again; how many sessions were ended."""

    def job(transaction: Transaction, row: Row) -> int:
        if row["active"] == active:
            return 0
        if not active and account_id == visit.account_id:
            raise Refused("不能停用自己正在使用的账号。请由另一位系统管理员操作。")
        if not active and "account.manage" in ROLES[row["role"]]:
            _keeps_an_administrator(transaction, account_id)
        transaction.append(visit.actor, "account.changed", f"account:{account_id}", {"active": active})
        return 0 if active else sessions.end_all(transaction, account_id, reason="账号停用", actor=visit.actor)

    return int(_on(visit, account_id, job))


def sign_out(visit: Visit, account_id: str) -> int:
    """强制下线: end every session of the account at once; how many."""
    return int(
        _on(visit, account_id, lambda transaction, _: sessions.end_all(transaction, account_id, reason="强制下线", actor=visit.actor))
    )


def reset(visit: Visit, account_id: str, password_hash: str) -> int:
    """Set a password that must be changed at the next sign-in; unlocks, and ends all sessions: how many."""
    visit.check("account.manage")
    if account_id == visit.account_id:
        raise Forbidden("自己的密码请在个人中心修改。")

    def job(transaction: Transaction, row: Row) -> int:
        _forgive(transaction, row["username"])
        return credentials.put_password(transaction, account_id, password_hash, actor=visit.actor, must_change=True)

    return int(_on(visit, account_id, job))


def remove_second_factor(visit: Visit, account_id: str) -> None:
    """For a lost phone: the next sign-in asks for the password only, or for a new authenticator where one is demanded."""
    visit.check("account.manage")
    if account_id == visit.account_id:
        raise Forbidden("自己的动态验证码请在个人中心解除。")
    credentials.remove_second_factor(visit.store, account_id, actor=visit.actor)


def unlock(visit: Visit, account_id: str) -> None:
    """Forget the failures that lock an account."""

    def job(transaction: Transaction, row: Row) -> None:
        _forgive(transaction, row["username"])
        transaction.append(visit.actor, "account.unlocked", f"account:{account_id}", {})

    _on(visit, account_id, job)


def _forgive(transaction: Transaction, username: str) -> None:
    """Failures up to now count no more."""
    transaction.put("unlocks", {"username": username, "at_utc": transaction.now + timedelta(microseconds=1)})
