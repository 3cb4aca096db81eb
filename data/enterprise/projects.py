"""项目库: demands as filed, the projects made of them, and enterprises brought together."""

import json
import re
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base.errors import Conflict, Forbidden, Refused
from core.enterprise.matching import Wanted, contact, ranked
from core.enterprise.projects import Demand, Offer, OwnDemand, Proposal
from core.enterprise.query import searchable
from core.filing.states import FILED
from data.access.visit import Visit
from data.messaging import notifications
from data.store.store import Row, Store, Transaction, per_version

_SENT_IN: Final = str(FILED)
_LIVE: Final = ("open", "matched")
_NEWEST: Final = f"""
    SELECT * FROM filings WHERE state IN {_SENT_IN}
    QUALIFY row_number() OVER (PARTITION BY enterprise_id ORDER BY opened_at DESC) = 1"""  # noqa: S608


@per_version
def demands_of_all(store: Store) -> pl.DataFrame:
    """Every demand of the newest filing sent in, and every project; a demand is known by who has it, its kind and title."""
    return store.frame(f"""
        WITH filed AS (
            SELECT enterprise_id, district, unnest(json_extract(content, '$.market.demands[*]')) AS demand FROM ({_NEWEST})
        ), demands AS (
            SELECT enterprise_id, district, coalesce(demand->>'kind', '') AS kind, coalesce(demand->>'title', '') AS title,
                coalesce(demand->>'description', '') AS description, coalesce(demand->>'scale', '') AS scale,
                coalesce(demand->>'needed_by', '') AS needed_by FROM filed WHERE trim(coalesce(demand->>'title', '')) <> ''
        ), known AS (
            SELECT substr(sha256(enterprise_id || chr(31) || kind || chr(31) || title), 1, 16) AS id, * FROM demands
            QUALIFY row_number() OVER (PARTITION BY enterprise_id, kind, title ORDER BY description) = 1
        )
        SELECT coalesce(p.id, k.id) AS id, e.id AS enterprise_id, e.name, coalesce(e.district, k.district) AS district,
            coalesce(p.kind, k.kind) AS kind, coalesce(p.title, k.title) AS title, coalesce(p.description, k.description) AS description,
            coalesce(p.scale, k.scale) AS scale, coalesce(p.needed_by, k.needed_by) AS needed_by, coalesce(p.state, '') AS state,
            coalesce(p.reason, '') AS reason, coalesce(p.revision, 0) AS revision
        FROM known k FULL JOIN projects p ON p.id = k.id
            JOIN enterprises e ON e.id = coalesce(p.enterprise_id, k.enterprise_id)""")  # noqa: S608


@per_version
def _enterprises(store: Store) -> pl.DataFrame:
    """Who could answer: enterprise_id, name, district, segments, products of each newest filing sent in."""
    return store.frame(f"""
        SELECT f.enterprise_id, e.name, coalesce(e.district, f.district) AS district,
            array_to_string(json_extract_string(f.content, '$.technology.segments[*]'), ',') AS segments,
            array_to_string(json_extract_string(f.content, '$.technology.products[*].name'), '、') AS products
        FROM ({_NEWEST}) f JOIN enterprises e ON e.id = f.enterprise_id""")  # noqa: S608


def demands(
    visit: Visit, *, text: str = "", kind: str | None = None, district: str | None = None, state: str | None = None
) -> pl.DataFrame:
    """Demands and projects of enterprises within the scope, those under way first, then by name.

    Columns: id, enterprise_id, name, district, kind, title, description, scale, needed_by, state ("" = no project), reason, revision.
    """
    visit.check(Permission.PROJECT_READ)
    frame = visit.scope.within(demands_of_all(visit.store))
    if words := searchable(text).split():
        said = pl.concat_str("name", "title", "description", separator="\n").str.normalize("NFKC").str.to_lowercase()
        frame = frame.filter(pl.all_horizontal(said.str.contains(word, literal=True) for word in words))
    for column, code in (("kind", kind), ("district", district), ("state", state)):
        if code is not None:
            frame = frame.filter(pl.col(column) == code)
    return frame.sort(~pl.col("state").is_in(_LIVE), "name", "title", "id")


def one(visit: Visit, identity: str) -> Demand:
    """One row of `demands`. Raises Forbidden outside the scope."""
    found = demands(visit).filter(pl.col("id") == identity)
    if found.is_empty():
        raise Forbidden("没有这项需求，或不在您的管辖范围内。请从列表中重新选择。")
    return Demand(**found.row(0, named=True))


def candidates(visit: Visit, identity: str) -> pl.DataFrame:
    """Enterprises within the scope that could answer, best first: enterprise_id, name, district, score, reasons."""
    demand = one(visit, identity)
    everybody = _enterprises(visit.store)
    own = everybody.filter(pl.col("enterprise_id") == demand.enterprise_id)
    segments = tuple((own["segments"][0] or "").split(",")) if own.height else ()
    wanted = Wanted(
        demand.kind, f"{demand.title}\n{demand.description}", demand.enterprise_id, demand.district, segments
    )
    return ranked(visit.scope.within(everybody), wanted)


def proposals(visit: Visit, identity: str) -> list[Proposal]:
    """The enterprises proposed for a project, in the order of proposing."""
    one(visit, identity)
    rows = visit.store.rows(
        "SELECT m.id, m.enterprise_id, e.name, m.reasons, m.proposed_at, m.demand, m.supply FROM matches m JOIN enterprises e ON e.id = m.enterprise_id WHERE m.project_id = $1 ORDER BY m.proposed_at",
        [identity],
    )
    return [Proposal(**row) for row in rows]


# --- what the bureau does ---------------------------------------------------------------------------------


def open_project(visit: Visit, identity: str) -> None:
    """Make a project of a demand, worded as it is filed now."""
    visit.check(Permission.PROJECT_MANAGE)

    def job(transaction: Transaction) -> None:
        demand = one(visit, identity)
        if transaction.revision(f"project:{identity}"):
            raise Conflict("这项需求刚刚已由别人立项，操作未执行。请刷新页面。")
        body = {
            name: getattr(demand, name)
            for name in ("enterprise_id", "kind", "title", "description", "scale", "needed_by")
        }
        transaction.append(visit.actor, "project.opened", f"project:{identity}", body)

    visit.write(job)


def _project(visit: Visit, transaction: Transaction, identity: str) -> Row:
    one(visit, identity)
    row = transaction.get("projects", identity)
    if row is None:
        raise Refused("这项需求还没有立项，操作未执行。")
    if row["state"] not in _LIVE:
        raise Refused("这个项目已经结束，操作未执行。请刷新页面。")
    return row


def close(visit: Visit, identity: str, revision: int, outcome: str, reason: str) -> None:
    """End a project: done (brought together) or closed; with what came of it. Raises Conflict on a stale revision."""
    visit.check(Permission.PROJECT_MANAGE)
    reason = reason.strip()
    if len(re.sub(r"\W", "", reason)) < 2 or len(reason) > 500:
        raise Refused("请用 2 至 500 字写明结果或原因，操作未执行。")
    if outcome not in ("done", "closed"):
        raise Refused("没有这种结果。")

    def job(transaction: Transaction) -> None:
        row = _project(visit, transaction, identity)
        if row["revision"] != revision:
            raise Conflict("这个项目刚刚有了新的变化，操作未执行。请刷新页面后再决定。")
        if outcome == "done" and row["state"] != "matched":
            raise Refused("双方同意对接之后才能记为已完成，操作未执行。")
        transaction.append(visit.actor, "project.ended", f"project:{identity}", {"outcome": outcome, "reason": reason})

    visit.write(job)


def propose(visit: Visit, identity: str, enterprise_id: str) -> list[str]:
    """Propose an enterprise of the match list to the demand's side, and the other way round.

    Both are told by message: the names of those that have no account to receive it.
    """
    visit.check(Permission.PROJECT_MANAGE)

    def job(transaction: Transaction) -> list[str]:
        project = _project(visit, transaction, identity)
        found = candidates(visit, identity).filter(pl.col("enterprise_id") == enterprise_id)
        if found.is_empty():
            raise Refused("这家企业不在匹配名单中，没有提出。请刷新页面后重新选择。")
        subject = f"match:{identity}.{enterprise_id}"
        if transaction.revision(subject):
            raise Refused("已向双方提出过这家企业，无需重复。")
        body = {"project_id": identity, "enterprise_id": enterprise_id, "reasons": found["reasons"][0]}
        transaction.append(visit.actor, "match.proposed", subject, body)
        return notifications.proposed(transaction, visit.actor, project, enterprise_id, body["reasons"])

    return visit.write(job)


# --- what enterprises do ----------------------------------------------------------------------------------


def own(visit: Visit) -> list[OwnDemand]:
    """The visiting enterprise's demands as filed, with their project's state, by title."""
    visit.check(Permission.MATCH_OWN)
    mine = demands_of_all(visit.store).filter(pl.col("enterprise_id") == (visit.enterprise_id or ""))
    mine = mine.select("id", "kind", "title", "state", "reason").sort("title")
    return [OwnDemand(**row) for row in mine.iter_rows(named=True)]


def offers(visit: Visit) -> list[Offer]:
    """What has been proposed to the visiting enterprise, newest first."""
    visit.check(Permission.MATCH_OWN)
    query = f"""
        SELECT m.id, m.reasons, m.demand, m.supply, p.kind, p.title, p.description, p.scale, p.needed_by, p.state AS project_state,
            CASE WHEN p.enterprise_id = $1 THEN 'demand' ELSE 'supply' END AS side, o.name AS other,
            CASE WHEN m.demand AND m.supply THEN
                (SELECT arg_max(content, opened_at) FROM filings WHERE enterprise_id = o.id AND state IN {_SENT_IN}) END AS content
        FROM matches m JOIN projects p ON p.id = m.project_id
            JOIN enterprises o ON o.id = CASE WHEN p.enterprise_id = $1 THEN m.enterprise_id ELSE p.enterprise_id END
        WHERE p.enterprise_id = $1 OR m.enterprise_id = $1 ORDER BY m.proposed_at DESC"""  # noqa: S608
    rows = visit.store.rows(query, [visit.enterprise_id])
    for row in rows:
        demand, supply, content = row.pop("demand"), row.pop("supply"), row.pop("content")
        row["mine"], row["theirs"] = (demand, supply) if row["side"] == "demand" else (supply, demand)
        row["contact"] = contact(json.loads(content or "{}")) if demand and supply else None
    return [Offer(**row) for row in rows]


def answer(visit: Visit, identity: str, agreed: bool) -> bool:
    """同意 or 不同意 of the visiting enterprise; whether both agree now. It may change its mind until both have agreed."""
    visit.check(Permission.MATCH_OWN)

    def job(transaction: Transaction) -> bool:
        row = transaction.get("matches", identity)
        project = transaction.get("projects", row["project_id"]) if row else None
        if (
            row is None
            or project is None
            or visit.enterprise_id not in (row["enterprise_id"], project["enterprise_id"])
        ):
            raise Forbidden("没有这项对接，或它不属于贵企业，操作未执行。")
        if project["state"] not in _LIVE:
            raise Refused("这个项目已经结束，您的答复没有保存。如仍有意请联系所在区经信部门。")
        if row["demand"] and row["supply"]:
            raise Refused("双方都已同意，不能再更改。如有变化请联系所在区经信部门。")
        side = "demand" if visit.enterprise_id == project["enterprise_id"] else "supply"
        both = bool(agreed and row["supply" if side == "demand" else "demand"])
        if row[side] is not agreed:
            transaction.append(visit.actor, "match.answered", f"match:{identity}", {"side": side, "agreed": agreed})
            notifications.answered(transaction, visit.actor, row, project, side, agreed=agreed, both=both)
        return both

    return visit.write(job)
