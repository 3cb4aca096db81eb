"""What the product writes by itself as 站内信: what became of a filing, what was said about it, who is brought together.

All within the job that does the deed: told exactly when it is done. Whoever did it is the sender and can be answered.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from core.access.permissions import Permission
from core.filing import correction
from core.filing.cells import label_of
from core.filing.round import Round
from core.filing.states import DECIDED, STATES
from core.messaging.letter import TEXT, TITLE
from data.access import roles, scopes
from data.messaging import messages
from data.store.store import SYSTEM, Actor, Row, Transaction

#: Decisions an enterprise is told of: kind of fact -> word, title, the page of its own that shows it. 通过 of a district
#: is no result yet: the workbench shows it.
_TOLD: Final = {
    "filing.returned": ("退回", "填报被退回，请修改后重新提交", "/submit"),
    "filing.admitted": ("入库", "填报已通过审核，企业已入库", "/workbench"),
    "filing.revoked": ("撤销入库", "入库资格已被撤销", "/workbench"),
}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _post(
    transaction: Transaction, actor: Actor, to: Iterable[str], title: str, lines: Iterable[str], *, link: str, kind: str
) -> None:
    """To everybody but who did it; cut to what a message holds."""
    others = [account for account in to if account != actor.account_id]
    text = _cut("\n".join(line for line in lines if line), TEXT)
    messages.send(transaction, actor, to=others, title=_cut(title, TITLE), text=text, link=link, kind=kind)


def _field(path: str) -> str:
    return label_of(path) if path else "总体意见"


# --- filings -------------------------------------------------------------------------------------------


def decided(
    transaction: Transaction,
    actor: Actor,
    kind: str,
    row: Row,
    *,
    round_name: str,
    reasons: Mapping[str, str],
    to: Sequence[str] | None = None,
) -> None:
    """An enterprise learns what was decided (kind of fact) on its filing `row`, and why. `to`: its accounts, where known."""
    if kind not in _TOLD:
        return
    _, title, link = _TOLD[kind]
    said = [f"{_field(path)}：{text}" for path, text in reasons.items()]
    link = f"{link}?round={row['round_id']}" if link == "/submit" else link
    lines = [f"“{round_name}”：{title}。", *(["原因："] if said else []), *said]
    accounts = messages.accounts_of(transaction, row["enterprise_id"]) if to is None else to
    _post(transaction, actor, accounts, title, lines, link=link, kind="review")


def taken_back(transaction: Transaction, actor: Actor, kind: str, row: Row, *, round_name: str, state: str) -> None:
    """The decision (kind of fact) that the enterprise was told of stands no more; its filing is in `state` again."""
    if kind not in _TOLD:
        return
    word = _TOLD[kind][0]
    text = f"“{round_name}”刚才的“{word}”决定已由审核人员撤回，此前的通知作废。填报当前状态为“{STATES[state]}”。"
    accounts = messages.accounts_of(transaction, row["enterprise_id"])
    _post(transaction, actor, accounts, f"“{word}”决定已撤回", [text], link="/workbench", kind="review")


def commented(transaction: Transaction, actor: Actor, row: Row, path: str, text: str, *, by_bureau: bool) -> None:
    """A comment on the filing `row` reaches the other side: its enterprise, or who asked, else who decided on it."""
    if by_bureau:
        to, title, link = (
            messages.accounts_of(transaction, row["enterprise_id"]),
            "审核人员对填报发表了意见",
            f"/submit?round={row['round_id']}",
        )
    else:
        to, title, link = _asked(transaction, row, path), f"{row['name']}答复了填报意见", f"/review?filing={row['id']}"
    _post(transaction, actor, to, title, [f"{_field(path)}：{text}"], link=link, kind="review")


def _asked(transaction: Transaction, row: Row, path: str) -> list[str]:
    """Who of the bureau spoke last of this field, else all who spoke of the filing, else who decided on it."""
    found = transaction.find("SELECT seq, path, account_id FROM comments WHERE filing_id = $1", [row["id"]])
    found += [
        (each["seq"], each["path"], each["account_id"])
        for each in transaction.pending_rows("comments")
        if each["filing_id"] == row["id"]
    ]
    staff = set(_staff(transaction, {account for _, _, account in found}, Permission.FILING_READ, row))
    spoke = [(at, account) for _, at, account in sorted(found) if account in staff]
    if same := [account for at, account in spoke if at == path]:
        return same[-1:]
    if spoke:
        return [account for _, account in spoke]
    query = "SELECT DISTINCT account_id FROM facts WHERE subject = $1 AND kind = ANY($2::VARCHAR[])"
    acted = [account for (account,) in transaction.find(query, [f"filing:{row['id']}", list(DECIDED)])]
    return _staff(transaction, acted, Permission.FILING_READ, row)


def corrected(transaction: Transaction, actor: Actor, enterprise_id: str, of: Round, body: Mapping[str, Any]) -> None:
    """An enterprise learns what the bureau has corrected (body of the fact), from what to what, why and by which document."""
    before, after = (correction.worded(body["path"], body[side]) for side in ("before", "after"))
    lines = [
        f"“{of.name}”的入库数据已更正：{body['label']}，由 {before} 改为 {after}。",
        f"原因：{body['reason']}",
        f"依据：{body['document']}" if body["document"] else "",
        f"附件：{body['file'].partition('/')[2]}（在“核对提交”页可下载）" if body.get("file") else "",
    ]
    accounts = messages.accounts_of(transaction, enterprise_id)
    _post(
        transaction,
        actor,
        accounts,
        f"入库数据已更正：{body['label']}",
        lines,
        link=f"/submit?round={of.id}",
        kind="review",
    )


# --- projects ------------------------------------------------------------------------------------------


def proposed(transaction: Transaction, actor: Actor, project: Row, enterprise_id: str, reasons: str) -> list[str]:
    """Both sides learn that the bureau proposes to bring them together, and why; the names of those without an account."""
    sides = {
        side: transaction.get("enterprises", side) or {"name": ""} for side in (project["enterprise_id"], enterprise_id)
    }
    names = {side: row["name"] for side, row in sides.items()}
    reach = messages.accounts_of_each(transaction, sides)
    why = f"理由：{reasons}"
    end = "请在“供需对接”中答复。双方都同意之后，才互相看到联系方式。"
    told = {
        project["enterprise_id"]: f"贵企业的需求“{project['title']}”有了可以对接的企业：{names[enterprise_id]}。",
        enterprise_id: f"{names[project['enterprise_id']]}有一项需求可与贵企业对接：“{project['title']}”。",
    }
    for side, first in told.items():
        title = f"对接建议：{project['title']}"
        _post(transaction, actor, reach.get(side, ()), title, [first, why, end], link="/matches", kind="match")
    return [names[side] for side in sides if side not in reach]


def answered(
    transaction: Transaction, actor: Actor, match: Row, project: Row, side: str, *, agreed: bool, both: bool
) -> None:
    """Who looks after the project learns the answer of a side ("demand" or "supply"); both sides, once both have agreed."""
    sides = {"demand": project["enterprise_id"], "supply": match["enterprise_id"]}
    names = {
        each: (transaction.get("enterprises", identity) or {"name": ""})["name"] for each, identity in sides.items()
    }
    word = "同意" if agreed else "不同意"
    lines = [
        f"需求“{project['title']}”：{names['demand']}（需求方）与{names['supply']}（供给方）。",
        f"{names[side]}答复：{word}。" + ("双方都已同意，联系方式已互相可见。" if both else ""),
    ]
    link = f"/projects?demand={project['id']}"
    title = f"{names[side]}{word}对接" + ("，双方均已同意" if both else "")
    _post(transaction, actor, _managing(transaction, match, project), title, lines, link=link, kind="match")
    if both:
        accounts = [
            account for found in messages.accounts_of_each(transaction, sides.values()).values() for account in found
        ]
        text = f"{lines[0]}双方都已同意，请在“供需对接”中查看对方的联系方式。"
        # By the system: neither side is to be the other's correspondent here.
        _post(transaction, SYSTEM, accounts, "双方已同意对接", [text], link="/matches", kind="match")


def _managing(transaction: Transaction, match: Row, project: Row) -> list[str]:
    """Who made the project or the proposal and still manages it; else everybody who may."""
    enterprise = transaction.get("enterprises", project["enterprise_id"]) or {}
    row = {"enterprise_id": project["enterprise_id"], "district": enterprise.get("district")}
    query = "SELECT DISTINCT account_id FROM facts WHERE (subject = $1 AND kind = 'project.opened') OR (subject = $2 AND kind = 'match.proposed')"
    acted = [account for (account,) in transaction.find(query, [f"project:{project['id']}", f"match:{match['id']}"])]
    if found := _staff(transaction, acted, Permission.PROJECT_MANAGE, row):
        return found
    able = [code for code, role in roles.standing(transaction).items() if Permission.PROJECT_MANAGE in role.permissions]
    everybody = transaction.find("SELECT id FROM accounts WHERE active AND role = ANY($1::VARCHAR[])", [able])
    return _staff(transaction, [account for (account,) in everybody], Permission.PROJECT_MANAGE, row)


def _staff(transaction: Transaction, accounts: Iterable[str], permission: Permission, row: Row) -> list[str]:
    """Those of these accounts who work for the bureau now, have the permission, and see the row: nobody else is told of it."""
    known, found = roles.standing(transaction), []
    for identity in sorted(set(accounts)):
        account = transaction.get("accounts", identity)
        if account is None or not account["active"] or account["enterprise_id"] is not None:
            continue
        role = known.get(account["role"])
        scope = scopes.of_account(transaction.store, {**account, "account_id": identity})
        if role is not None and permission in role.permissions and scope.sees(row):
            found.append(identity)
    return found
