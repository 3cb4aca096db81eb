"""政策版本: what ships with the product and what the bureau has published; drafts, which another publishes."""

import json
import secrets
from dataclasses import dataclass
from datetime import date

from core.access.permissions import Permission
from core.base.errors import Refused
from core.rule import policy as rule_policy
from core.rule.policy import Policy
from core.rule.policy_draft import PolicyDraft, read
from data.access import duties
from data.access.visit import Visit
from data.store.store import Row, Store, Transaction, conflict_unless, per_version


def _policy_of(row: Row) -> Policy:
    return Policy.model_validate({**json.loads(row["policy"]), "effective_from": row["effective_from"]})


@per_version
def versions(store: Store) -> tuple[Policy, ...]:
    """What ships with the product and what the bureau has published, in that order: of one day the later holds."""
    rows = store.rows("SELECT policy, effective_from FROM policies WHERE state = 'published' ORDER BY published_seq")
    return (*rule_policy.shipped(), *map(_policy_of, rows))


def in_force(visit: Visit) -> Policy:
    """The version in force today. Everybody is judged by it, so everybody may read it."""
    return rule_policy.in_force(versions(visit.store), visit.store.today)


def for_year(visit: Visit, year: int) -> Policy:
    """The version by which the figures of a year count: a later one leaves those of past years as they were."""
    return rule_policy.counts_for(versions(visit.store), year, visit.store.today)


@dataclass(frozen=True)
class Version:
    """A version on the page. `id` "": it ships with the product. `state`: shipped, published, draft.

    `authors`: the names of who drafted and changed it; `own`: the visitor is one of them.
    """

    id: str
    policy: Policy
    state: str
    authors: tuple[str, ...] = ()
    own: bool = False
    publisher: str = ""
    revision: int = 0


def listing(visit: Visit) -> list[Version]:
    """Every version and draft: those shipped, those published in order, then the drafts by their day."""
    visit.check(Permission.POLICY_READ)
    rows = visit.store.rows(
        "SELECT p.*, (SELECT max(f.revision) FROM facts f WHERE f.subject = 'policy:' || p.id) AS revision FROM policies p "
        "WHERE p.state <> 'withdrawn' ORDER BY p.published_seq NULLS LAST, p.effective_from, p.id"
    )
    names = {row["id"]: row["name"] for row in visit.store.rows("SELECT id, name FROM accounts")} if rows else {}
    return [Version("", each, "shipped") for each in rule_policy.shipped()] + [
        Version(
            row["id"],
            _policy_of(row),
            row["state"],
            tuple(names.get(each, each) for each in row["authors"].split(",")),
            visit.account_id in row["authors"].split(","),
            names.get(row["published_by"], ""),
            row["revision"],
        )
        for row in rows
    ]


# --- drafting ----------------------------------------------------------------------------------------


def _not_in_the_past(policy: Policy, today: date) -> None:
    if policy.effective_from <= today:
        raise Refused(
            f"“生效日期”{policy.effective_from} 须在明天或以后：新版本不改变已经发生的统计。未执行，请改日期。"
        )


def _checked(transaction: Transaction, policy: Policy, identity: str) -> Row:
    """The body of a draft's fact. Raises Refused for a name taken or a day that has come."""
    _not_in_the_past(policy, transaction.today)
    known = {row[0] for row in transaction.find("SELECT id FROM policies")} | {
        row["id"] for row in transaction.pending_rows("policies")
    }
    standing = [transaction.get("policies", each) or {} for each in known - {identity}]
    taken = {row["version"] for row in standing if row["state"] != "withdrawn"} | {
        each.version for each in rule_policy.shipped()
    }
    if policy.version in taken:
        raise Refused(f"已有版本号为“{policy.version}”的政策版本，请换一个版本号。未保存。")
    return policy.model_dump(mode="json")


def draft(visit: Visit, given: PolicyDraft) -> str:
    """A new draft from what was typed; its id. Raises Refused for what does not fit."""
    visit.check(Permission.POLICY_DRAFT)
    policy, identity = read(given), secrets.token_hex(6)

    def job(transaction: Transaction) -> str:
        transaction.append(visit.actor, "policy.drafted", f"policy:{identity}", _checked(transaction, policy, identity))
        return identity

    return visit.write(job)


def _standing(transaction: Transaction, identity: str, revision: int) -> Row:
    row = transaction.get("policies", identity)
    if row is None or row["state"] != "draft":
        raise Refused("这份草案已经发布或撤回，操作未执行。请刷新页面。")
    conflict_unless(
        transaction,
        f"policy:{identity}",
        revision,
        "这份草案刚刚被别人修改过，您的操作没有执行。请刷新页面，看过最新内容再定。",
    )
    return row


def change(visit: Visit, identity: str, revision: int, given: PolicyDraft) -> None:
    """Change a draft. Who does is one of its authors from then on and cannot publish it."""
    visit.check(Permission.POLICY_DRAFT)
    policy = read(given)

    def job(transaction: Transaction) -> None:
        old = _policy_of(_standing(transaction, identity, revision)).model_dump(mode="json")
        changed = {name: value for name, value in _checked(transaction, policy, identity).items() if old[name] != value}
        if changed:
            transaction.append(visit.actor, "policy.changed", f"policy:{identity}", changed)

    visit.write(job)


def withdraw(visit: Visit, identity: str, revision: int) -> None:
    """Give up a draft."""
    visit.check(Permission.POLICY_DRAFT, Permission.POLICY_PUBLISH)

    def job(transaction: Transaction) -> None:
        row = _standing(transaction, identity, revision)
        transaction.append(visit.actor, "policy.withdrawn", f"policy:{identity}", {"version": row["version"]})

    visit.write(job)


def publish(visit: Visit, identity: str, revision: int) -> None:
    """Publish a draft, which counts from its day on. Raises Refused for who wrote any of it, and once the day has come."""
    visit.check(Permission.POLICY_PUBLISH)

    def job(transaction: Transaction) -> None:
        row = _standing(transaction, identity, revision)
        if visit.account_id in row["authors"].split(","):
            raise Refused("起草或修改过这份草案的人不能发布它，须由另一人复核后发布。未发布。")
        if duties.in_one_hand(transaction, visit, row["authors"].split(",")):
            raise Refused(
                "这份草案出自您创建或重置过密码的账号（或由其为您开立账号），不能由您发布，须由另一位管理员复核后发布。未发布。"
            )
        policy = _policy_of(row)
        _not_in_the_past(policy, transaction.today)
        body = {"version": policy.version, "effective_from": policy.effective_from.isoformat()}
        transaction.append(visit.actor, "policy.published", f"policy:{identity}", body)

    visit.write(job)
