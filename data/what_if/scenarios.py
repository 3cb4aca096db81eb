"""阈值测算: what a trial policy would give within the scope, and the scenarios that people have saved.

A scenario kept is its parameters. What it gives is computed when it is looked at, shared by all who look, and stored nowhere.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.base import beijing
from core.base.errors import Conflict, Refused
from core.rule.policy import READINGS, Policy
from core.what_if import scenario as what_if_scenario
from core.what_if.scenario import Outcome, Saved
from data.access.visit import Visit
from data.audit.log import downloaded
from data.directory import classified
from data.rule import policies
from data.store.store import Row, Store, Transaction, per_version

#: By what the answers are broken down.
GROUPS: Final = ("district", "layer", "size")
_KEPT: Final = (
    "enterprise_id",
    "name",
    "uscc",
    "district",
    "size",
    "layer",
    *classified.AMOUNTS,
    "directory_tier",
    "directory_tier_after",
    "counting_basis",
    "counting_basis_after",
    "counted_output",
    "counted_output_after",
    "moved",
    "difference",
)


@dataclass(frozen=True)
class Basis:
    """Of which figures a trial is made: the year, whether they are forecasts (预判), and the policy that it counts by."""

    year: int
    provisional: bool
    policy: Policy


def named(basis: Basis) -> str:
    """What the year is called in an address and on the page: “2025”, “2026预判”."""
    return f"{basis.year}预判" if basis.provisional else str(basis.year)


def bases(visit: Visit) -> list[Basis]:
    """The years that a trial can be made of, the newest actual one first, then the others, newest first."""
    visit.check(Permission.WHAT_IF_USE)
    known = _years(visit.store)
    newest = [next((each for each in known if not each[1]), None)]
    ordered = [each for each in dict.fromkeys([*newest, *known]) if each is not None]
    return [Basis(year, forecast, policies.for_year(visit, year)) for year, forecast in ordered]


@per_version
def _years(store: Store) -> list[tuple[int, bool]]:
    full = (
        classified.newest_figures(store, None)
        .filter(pl.col("period") == "full_year")
        .select("year", "forecast")
        .unique()
    )
    return sorted(((int(year), bool(forecast)) for year, forecast in full.iter_rows()), reverse=True)


@per_version
def _outcome(store: Store, scope: Scope, basis: Basis, trial: Policy) -> Outcome:
    frame = scope.within(classified.classified_of_all(store, basis.year, basis.provisional, basis.policy, None))
    compared = what_if_scenario.compare(frame, trial)
    return Outcome(
        whole=what_if_scenario.whole(compared),
        groups={by: what_if_scenario.groups(compared, by) for by in GROUPS},
        moves=what_if_scenario.moves(compared),
        movers=what_if_scenario.movers(compared).select(_KEPT),
        band=_band(store, scope, basis, _unread(trial)),
        policy_band=_band(store, scope, basis, _unread(basis.policy)),
    )


@per_version
def _band(store: Store, scope: Scope, basis: Basis, policy: Policy) -> pl.DataFrame:
    return what_if_scenario.band(
        scope.within(classified.classified_of_all(store, basis.year, basis.provisional, basis.policy, None)), policy
    )


def _unread(policy: Policy) -> Policy:
    """The policy without its readings: its band is the same whichever is chosen."""
    return policy.scenario(**{name: next(iter(readings)) for name, readings in READINGS.items()}, version="")


def outcome(visit: Visit, basis: Basis, trial: Policy) -> Outcome:
    """What `trial` gives within the scope, beside the policy in force; computed once for all who look."""
    visit.check(Permission.WHAT_IF_USE)
    result: Outcome = _outcome(visit.store, visit.scope, basis, trial)
    return result


def version(visit: Visit) -> tuple[int, ...]:
    """Moves when anything the page shows has moved."""
    visit.check(Permission.WHAT_IF_USE)
    moved: tuple[int, ...] = visit.store.version("admissions", "figures", "scenarios", "policies")
    return moved


def export(visit: Visit, basis: Basis, trial: Policy, name: str) -> pl.DataFrame:
    """Who moves, in words, marked 测算 in every line; noted in the log as handed out under this file name."""
    rows = what_if_scenario.listing(outcome(visit, basis, trial).movers)
    downloaded(visit, "export:what_if", name, filters=what_if_scenario.described(basis.policy, trial) or "现行规则")
    return rows.select(
        pl.lit(f"测算，{basis.year}年{'预判' if basis.provisional else ''}，不是统计结果").alias("性质"), pl.all()
    )


# --- saved ------------------------------------------------------------------------------------------------


@per_version
def _rows(store: Store) -> tuple[Row, ...]:
    return tuple(
        store.rows(
            "SELECT s.*, a.name AS author FROM scenarios s LEFT JOIN accounts a ON a.id = s.account_id ORDER BY s.at_utc DESC, s.id"
        )
    )


def _may_change(visit: Visit, row: Row) -> bool:
    """Who saved it, and whoever answers for the whole city."""
    return row["account_id"] == visit.account_id or visit.scope.everything


def saved(visit: Visit, *, removed: str | None = None) -> list[Saved]:
    """The saved scenarios, newest first, and the one of this id when it was removed. They say nothing of any enterprise: all see all."""
    visit.check(Permission.WHAT_IF_USE)
    return [
        Saved(
            row["id"],
            row["name"],
            row["note"],
            row["author"] or row["account_id"],
            beijing.day(row["at_utc"]),
            row["version"],
            json.loads(row["changes"]),
            row["active"],
            _may_change(visit, row),
            row["revision"],
        )
        for row in _rows(visit.store)
        if row["active"] or row["id"] == removed
    ]


def _worded(transaction: Transaction, name: str, note: str, identity: str | None = None) -> dict[str, str]:
    name, note = " ".join(name.split()), note.strip()
    if not 1 <= len(name) <= 40:
        raise Refused(f"“名称”须为 1 至 40 个字，现为 {len(name)} 个字，没有保存。")
    if len(note) > 200:
        raise Refused(f"“说明”有 {len(note)} 字，最多 200 字，没有保存。")
    laid = {row["id"]: row for row in transaction.pending_rows("scenarios")}
    found = {
        row[0] for row in transaction.find("SELECT id FROM scenarios WHERE active AND name = $1", [name])
    } - laid.keys()
    if (found | {key for key, row in laid.items() if row["active"] and row["name"] == name}) - {identity}:
        raise Refused(f"已有名为“{name}”的测算，没有保存。请换一个名称。")
    return {"name": name, "note": note}


def save(visit: Visit, name: str, note: str, policy: Policy, trial: Policy) -> str:
    """Keep the parameters of `trial` that differ from the policy in force, under a name; its id. Raises Refused."""
    visit.check(Permission.WHAT_IF_USE)
    changes = what_if_scenario.changes(policy, trial)
    if not changes:
        raise Refused("各参数与现行规则相同，没有可以保存的测算。请先调整参数。")
    identity = secrets.token_hex(6)

    def job(transaction: Transaction) -> str:
        body = {**_worded(transaction, name, note), "version": policy.version, **changes}
        transaction.append(visit.actor, "scenario.saved", f"scenario:{identity}", body)
        return identity

    return visit.write(job)


def _standing(visit: Visit, transaction: Transaction, identity: str, revision: int, *, active: bool = True) -> Row:
    row = transaction.get("scenarios", identity)
    if row is None or row["active"] is not active:
        raise Refused(
            "这个测算已被删除，操作未执行。请刷新页面。" if active else "这个测算没有被删除，无须恢复。请刷新页面。"
        )
    if not _may_change(visit, row):
        raise Refused(f"“{row['name']}”由别人保存，您不能修改或删除，操作未执行。可以打开后另存一份。")
    if transaction.revision(f"scenario:{identity}") != revision:
        raise Conflict("这个测算刚刚被别人修改过，您的操作没有执行。请刷新页面后再试。")
    return row


def change(visit: Visit, identity: str, revision: int, name: str, note: str) -> None:
    """Rename a scenario or change its note; its parameters stay as they were saved."""
    visit.check(Permission.WHAT_IF_USE)

    def job(transaction: Transaction) -> None:
        row = _standing(visit, transaction, identity, revision)
        changed = {key: text for key, text in _worded(transaction, name, note, identity).items() if row[key] != text}
        if changed:
            transaction.append(visit.actor, "scenario.changed", f"scenario:{identity}", changed)

    visit.write(job)


def remove(visit: Visit, identity: str, revision: int) -> None:
    """Take a scenario off the list; `restore` brings it back."""
    visit.check(Permission.WHAT_IF_USE)

    def job(transaction: Transaction) -> None:
        _standing(visit, transaction, identity, revision)
        transaction.append(visit.actor, "scenario.removed", f"scenario:{identity}", {"active": False})

    visit.write(job)


def restore(visit: Visit, identity: str, revision: int) -> None:
    """Bring a removed scenario back. Raises Refused when its name has been given to another meanwhile."""
    visit.check(Permission.WHAT_IF_USE)

    def job(transaction: Transaction) -> None:
        row = _standing(visit, transaction, identity, revision, active=False)
        _worded(transaction, row["name"], row["note"], identity)
        transaction.append(visit.actor, "scenario.restored", f"scenario:{identity}", {"active": True})

    visit.write(job)
