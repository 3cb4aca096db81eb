"""账号管理: every account, created, changed, stopped, reset, unlocked and signed out, each a fact."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from core.access.organisations import Tree
from core.access.permissions import Permission
from core.access.roles import ENTERPRISE
from core.base.errors import Forbidden, Refused
from data.access import accounts, credentials, organisations, positions, roles, sessions
from data.access.visit import Visit
from data.store.store import Row, Transaction, conflict_unless

PAGE: Final = 50
#: What `change` takes, and its label.
EDITABLE: Final = {"name": "姓名", "role": "角色", "organisation_id": "机构", "position_id": "职位"}
_SOURCE = "FROM accounts a LEFT JOIN enterprises e ON e.id = a.enterprise_id"
_STALE = "这个账号刚刚被别人修改过，您的修改没有保存。请查看最新内容后再改。"


def _asked(visit: Visit, text: str, role: str | None, active: bool | None) -> tuple[str, list[Any]]:
    visit.check(Permission.ACCOUNT_MANAGE)
    like = text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    condition = (
        "($1 = '' OR a.username LIKE '%' || $1 || '%' ESCAPE '\\' OR lower(a.name) LIKE '%' || $1 || '%' ESCAPE '\\' "
        "OR lower(e.name) LIKE '%' || $1 || '%' ESCAPE '\\') "
        "AND ($2::VARCHAR IS NULL OR a.role = $2) AND ($3::BOOLEAN IS NULL OR a.active = $3)"
    )
    scope, parameters = visit.accounts_sql(4)
    return f"{condition} AND {scope}", [like, role, active, *parameters]


def count(visit: Visit, *, text: str = "", role: str | None = None, active: bool | None = None) -> int:
    """How many accounts hold `text` in user name, name or enterprise."""
    condition, parameters = _asked(visit, text, role, active)
    found = visit.store.rows(f"SELECT count(*) AS total {_SOURCE} WHERE {condition}", parameters)
    return int(found[0]["total"])


def listing(
    visit: Visit, *, text: str = "", role: str | None = None, active: bool | None = None, page: int = 1
) -> list[Row]:
    """A page of these accounts, staff first, by user name: id, username, name, role, organisation_id, enterprise, active,
    demonstration, last_sign_in, live_sessions.
    """
    condition, parameters = _asked(visit, text, role, active)
    position = len(parameters) + 1
    query = f"""
        WITH shown AS (
            SELECT a.id, a.username, a.name, a.role, a.organisation_id, e.name AS enterprise, a.active, a.demonstration
            {_SOURCE} WHERE {condition} ORDER BY a.role = 'enterprise', a.username LIMIT {PAGE} OFFSET ${position}
        ), used AS (
            SELECT account_id, max(opened_at) AS last_sign_in,
                   count(*) FILTER (WHERE ended_at IS NULL AND expires_at > ${position + 1}) AS live_sessions
            FROM sessions WHERE account_id IN (SELECT id FROM shown) GROUP BY account_id
        )
        SELECT shown.*, used.last_sign_in, coalesce(used.live_sessions, 0) AS live_sessions
        FROM shown LEFT JOIN used ON used.account_id = shown.id ORDER BY shown.role = 'enterprise', shown.username"""  # noqa: S608
    return visit.store.rows(query, [*parameters, PAGE * (max(page, 1) - 1), visit.store.clock()])


def one(visit: Visit, account_id: str) -> Row:
    """An account with its `revision`, whether it is `local`, `locked`, has a `second_factor`. Raises Refused."""
    visit.check(Permission.ACCOUNT_MANAGE)
    scope, parameters = visit.accounts_sql(3)
    query = f"""
        SELECT a.*, e.name AS enterprise, c.account_id IS NOT NULL AS local, c.totp_secret IS NOT NULL AS second_factor,
               coalesce(c.must_change, FALSE) AS must_change, (SELECT max(revision) FROM facts WHERE subject = $2) AS revision
        {_SOURCE} LEFT JOIN credentials c ON c.account_id = a.id WHERE a.id = $1 AND {scope}"""  # noqa: S608
    found = visit.store.rows(query, [account_id, f"account:{account_id}", *parameters])
    if not found:
        raise Refused("没有这个账号，或不在您的管辖范围内。请从列表中重新选择。")
    return {**found[0], "locked": credentials.locked(visit.store, found[0]["username"])}


def positions_open(visit: Visit) -> dict[str, str]:
    """id -> name of the positions that may be given."""
    visit.check(Permission.ACCOUNT_MANAGE)
    return positions.names(visit.store)


def roles_open(visit: Visit) -> dict[str, str]:
    """code -> name of the roles that this visit may give."""
    visit.check(Permission.ACCOUNT_MANAGE)
    return {code: role.name for code, role in roles.known(visit.store).items() if roles.may_be_given_by(visit, role)}


def organisations_open(visit: Visit) -> dict[str, str]:
    """id -> full name of the organisations that this visit may put an account into."""
    visit.check(Permission.ACCOUNT_MANAGE)
    names = organisations.names(visit)
    return {each: name for each, name in names.items() if visit.scope.everything or each in visit.scope.organisations}


def create(
    visit: Visit, *, username: str, name: str, role: str, organisation_id: str | None, password_hash: str
) -> str:
    """A local account of a member of staff, whose password must be changed at the first sign-in; its id."""
    visit.check(Permission.ACCOUNT_MANAGE)
    row = {
        "username": accounts.checked_username(username),
        "name": name,
        "role": role,
        "organisation_id": organisation_id,
        "password_hash": password_hash,
    }
    return visit.write(lambda transaction: _add(visit, transaction, row))


def _add(visit: Visit, transaction: Transaction, row: Row) -> str:
    _fits(visit, row, roles.standing(transaction), organisations.standing(transaction), ())
    return accounts.add_local(
        transaction,
        visit.actor,
        username=row["username"],
        name=row["name"].strip(),
        role=row["role"],
        organisation_id=row["organisation_id"],
        password_hash=row["password_hash"],
        must_change=True,
    )


#: The columns of an imported table, and the most rows of one.
COLUMNS: Final = {"用户名": "username", "姓名": "name", "角色": "role", "机构": "organisation_id"}
MOST: Final = 200
Lines = Sequence[tuple[int, Mapping[str, str]]]


def imported(visit: Visit, lines: Lines) -> tuple[list[Row], list[str]]:
    """The rows of a table (line, `COLUMNS` -> text) as accounts to create, and a sentence for each line that does not fit."""
    visit.check(Permission.ACCOUNT_MANAGE)
    known, tree = roles.known(visit.store), organisations.tree(visit.store)
    codes = {role.name: code for code, role in known.items()}
    places = {name: identity for identity, name in organisations_open(visit).items()}
    taken = {row["username"] for row in visit.store.rows("SELECT username FROM accounts")}
    rows: list[Row] = []
    wrong: list[str] = []
    for line, cells in lines:
        try:
            row = {
                "username": accounts.checked_username(cells["用户名"]),
                "name": cells["姓名"],
                "role": codes.get(cells["角色"], cells["角色"]),
                "organisation_id": places.get(cells["机构"], cells["机构"] or None),
            }
            _fits(visit, row, known, tree, ())
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
    visit.check(Permission.ACCOUNT_MANAGE)
    if len(rows) > MOST:
        raise Refused(f"一次最多导入 {MOST} 个账号，没有导入。")

    def job(transaction: Transaction) -> int:
        for row in rows:
            _add(visit, transaction, {**row, "username": accounts.checked_username(row["username"])})
        return len(rows)

    return visit.write(job)


def _fits(visit: Visit, row: Mapping[str, Any], known: roles.Roles, tree: Tree, looked_after: Sequence[Row]) -> None:
    """Raise Refused for an account to be that does not fit, or lies beyond what this visit may give."""
    accounts.checked_name(row["name"])
    if not row["role"]:
        raise Refused("请选择“角色”，未保存。")
    role = known.get(row["role"])
    if role is None or role.code == ENTERPRISE:
        raise Refused(f"“角色”没有“{row['role']}”这一项，未保存。请从列表中选择。")
    accounts.checked_organisation(tree, role, row["organisation_id"])
    if roles.exceeds(visit, role, row["organisation_id"], tree, looked_after):
        raise Refused(f"“{role.name}”的权限或数据范围超出您的范围，不能由您授予，未保存。请联系市级系统管理员。")
    if not visit.scope.everything and row["organisation_id"] not in visit.scope.organisations:
        raise Refused("所选“机构”不在您的管辖范围内，未保存。请重新选择。")


def _sees(visit: Visit, transaction: Transaction, row: Row) -> bool:
    """As `Visit.accounts_sql`, of one row."""
    if visit.scope.everything or row["id"] == visit.account_id or row["organisation_id"] in visit.scope.organisations:
        return True
    enterprise = transaction.get("enterprises", row["enterprise_id"]) if row["enterprise_id"] else None
    return enterprise is not None and visit.sees(
        {"enterprise_id": enterprise["id"], "district": enterprise["district"]}
    )


def _looked_after(transaction: Transaction, account_id: str) -> list[Row]:
    """enterprise_id and district of the enterprises whose officer this account is."""
    query = "SELECT enterprise_id FROM placements WHERE officer_id = $1"
    known = {each for (each,) in transaction.find(query, [account_id])}
    known |= {row["enterprise_id"] for row in transaction.pending_rows("placements")}
    found = []
    for each in sorted(known):
        placed, enterprise = transaction.get("placements", each), transaction.get("enterprises", each)
        if placed and enterprise and placed["officer_id"] == account_id:
            found.append({"enterprise_id": each, "district": enterprise["district"]})
    return found


def _on(visit: Visit, account_id: str, job: Callable[[Transaction, Row], Any], *, opens: bool = False) -> Any:
    """Run `job` on the account as it stands in the writer, authorised again.

    Nobody acts on an account that sees or decides more than himself: a head of office not on an administrator. `opens`:
    who does this could sign in as that account; into an enterprise's only an administrator of the whole city might.
    """
    visit.check(Permission.ACCOUNT_MANAGE)

    def within(transaction: Transaction) -> Any:
        row = transaction.get("accounts", account_id)
        if row is None or not _sees(visit, transaction, row):
            raise Refused("没有这个账号，或不在您的管辖范围内，操作未执行。请从列表中重新选择。")
        if row["role"] == ENTERPRISE and opens and not roles.administers(visit):
            raise Refused("企业填报人员的密码由本企业的填报负责人或市级系统管理员重置，未执行。")
        role = roles.standing(transaction).get(row["role"])
        if role is not None and role.code != ENTERPRISE and account_id != visit.account_id:
            tree = organisations.standing(transaction)
            if roles.exceeds(visit, role, row["organisation_id"], tree, _looked_after(transaction, account_id)):
                raise Refused("这个账号的权限或数据范围超出您的范围，不能由您操作，未执行。请联系市级系统管理员。")
        return job(transaction, row)

    return visit.write(within)


def change(visit: Visit, account_id: str, revision: int, changes: Mapping[str, Any]) -> None:
    """Change name, role, organisation, position of a member of staff; a new role or organisation counts from the next click."""
    if unknown := set(changes) - set(EDITABLE):
        raise Refused(f"没有“{'、'.join(sorted(unknown))}”这个可修改的项目。")

    def job(transaction: Transaction, row: Row) -> None:
        conflict_unless(transaction, f"account:{account_id}", revision, _STALE)
        if row["role"] == ENTERPRISE:
            raise Refused("企业账号的名称由统一身份认证平台提供，不能在此修改。")
        after = {name: changes.get(name, row[name]) for name in EDITABLE}
        known, tree = roles.standing(transaction), organisations.standing(transaction)
        if account_id == visit.account_id and any(after[name] != row[name] for name in ("role", "organisation_id")):
            raise Refused("不能更改自己的角色或机构，须由另一位管理员办理，未保存。")
        if account_id != visit.account_id:
            _fits(visit, after, known, tree, _looked_after(transaction, account_id))
        accounts.checked_name(after["name"])
        position = transaction.get("positions", after["position_id"]) if after["position_id"] else None
        if after["position_id"] and (position is None or not position["active"]):
            raise Refused("所选“职位”已被删除，未保存。请重新选择。")
        after["name"] = after["name"].strip()
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
        transaction.append(visit.actor, "account.changed", f"account:{account_id}", {"active": active})
        return 0 if active else sessions.end_all(transaction, account_id, reason="账号停用", actor=visit.actor)

    return int(_on(visit, account_id, job))


def sign_out(visit: Visit, account_id: str) -> int:
    """强制下线: end every session of the account at once; how many."""
    return int(
        _on(
            visit,
            account_id,
            lambda transaction, _: sessions.end_all(transaction, account_id, reason="强制下线", actor=visit.actor),
        )
    )


def reset(visit: Visit, account_id: str, password_hash: str) -> int:
    """Set a password that must be changed at the next sign-in; unlocks, and ends all sessions: how many."""
    visit.check(Permission.ACCOUNT_MANAGE)
    if account_id == visit.account_id:
        raise Forbidden("自己的密码请在个人中心修改。")

    def job(transaction: Transaction, row: Row) -> int:
        _forgive(transaction, row["username"])
        return credentials.put_password(transaction, account_id, password_hash, actor=visit.actor, must_change=True)

    return int(_on(visit, account_id, job, opens=True))


def remove_second_factor(visit: Visit, account_id: str) -> None:
    """For a lost phone: the next sign-in asks for the password only, or for a new authenticator where one is demanded."""
    visit.check(Permission.ACCOUNT_MANAGE)
    if account_id == visit.account_id:
        raise Forbidden("自己的动态验证码请在个人中心解除。")
    _on(
        visit,
        account_id,
        lambda transaction, _: credentials.drop_second_factor(transaction, account_id, actor=visit.actor),
        opens=True,
    )


def unlock(visit: Visit, account_id: str) -> None:
    """Forget the failures that lock an account; not one's own, who may be somebody at an unattended screen."""
    visit.check(Permission.ACCOUNT_MANAGE)
    if account_id == visit.account_id:
        raise Forbidden("自己的账号须由另一位管理员解锁。")

    def job(transaction: Transaction, row: Row) -> None:
        _forgive(transaction, row["username"])
        transaction.append(visit.actor, "account.unlocked", f"account:{account_id}", {})

    _on(visit, account_id, job)


def _forgive(transaction: Transaction, username: str) -> None:
    """Failures up to now count no more."""
    transaction.put("unlocks", {"username": username, "at_utc": transaction.now + timedelta(microseconds=1)})
