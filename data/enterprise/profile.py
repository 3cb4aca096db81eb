"""企业画像: one enterprise, what it has filed and been, year by year, and what happened to it."""

import json
from datetime import date

import polars as pl

from core.audit.entry import LogEntry
from core.base.dictionaries import DISTRICTS
from core.enterprise.changes import Absorbed, MergerStanding, PlannedChange
from core.enterprise.profile import EnterpriseLetter, FiledDocument, FiledRound, Profile
from core.filing.model import PERIOD_ORDER
from core.rule import policy
from core.rule.policy import Policy
from data.access.visit import Visit
from data.audit import log
from data.directory import classified
from data.enterprise import search as enterprise_search
from data.filing import attachments, periods
from data.rule import policies
from data.store.store import Store, per_version


def profile(visit: Visit, enterprise_id: str) -> Profile:
    """What is known of an enterprise. Raises Forbidden outside the scope."""
    enterprise = enterprise_search.one(visit, enterprise_id)
    more = visit.store.rows(
        "SELECT a.name AS officer, (SELECT min(designation) FROM designations d WHERE contains($2, d.name)) AS designation "
        "FROM enterprises e LEFT JOIN placements p ON p.enterprise_id = e.id LEFT JOIN accounts a ON a.id = p.officer_id "
        "WHERE e.id = $1",
        [enterprise_id, enterprise.name],
    )
    newest = visit.store.rows(
        "SELECT content FROM filings WHERE enterprise_id = $1 AND state <> 'draft' ORDER BY opened_at DESC LIMIT 1",
        [enterprise_id],
    )
    return Profile(enterprise, **more[0], content=json.loads(newest[0]["content"]) if newest else {})


def history(visit: Visit, enterprise_id: str) -> pl.DataFrame:
    """Admitted figures: year, period (cumulative), forecast, the four amounts (yuan); newest year first, columns in order."""
    enterprise_search.one(visit, enterprise_id)
    order = pl.col("period").replace_strict(
        {name: place for place, name in enumerate(PERIOD_ORDER)}, return_dtype=pl.Int8
    )
    figures = classified.newest_figures(visit.store).filter(pl.col("enterprise_id") == enterprise_id)
    return figures.select("year", "period", "forecast", *classified.AMOUNTS).sort(
        "year", order, descending=[True, False]
    )


def year_policies(visit: Visit, years: list[int]) -> dict[int, tuple[Policy, bool]]:
    """year -> the policy version in force at its end; the oldest there is, and False, for years before it."""
    known = policies.versions(visit.store)
    oldest = min(known, key=lambda version: version.effective_from)
    return {
        year: (policy.in_force(known, end), True)
        if oldest.effective_from <= (end := date(year, 12, 31))
        else (oldest, False)
        for year in years
    }


def filed(visit: Visit, enterprise_id: str) -> list[FiledRound]:
    """Its filings, newest first."""
    enterprise_search.one(visit, enterprise_id)
    names = {each.id: each.name for each in periods.rounds(visit.store)}
    rows = visit.store.rows(
        "SELECT id, round_id AS round, state, saved_at, submitted_at, decided_at FROM filings WHERE enterprise_id = $1 ORDER BY opened_at DESC",
        [enterprise_id],
    )
    return [FiledRound(**row | {"round": names.get(row["round"], row["round"])}) for row in rows]


def files(visit: Visit, enterprise_id: str) -> list[FiledDocument]:
    """Its 证明材料, and documents of corrections, newest first."""
    enterprise_search.one(visit, enterprise_id)
    rows = visit.store.rows(
        "SELECT a.name, a.sha256 || '/' || a.name AS address, a.bytes, a.added_at FROM attachments a "  # noqa: S608
        f"WHERE a.enterprise_id = $1 AND ($2 OR {attachments.SHOWN}) ORDER BY a.added_at DESC",
        [enterprise_id, visit.enterprise_id == enterprise_id],
    )
    return [FiledDocument(**row) for row in rows]


def letters(visit: Visit, enterprise_id: str, *, most: int = 50) -> tuple[EnterpriseLetter, ...]:
    """The newest 站内信 to and from its accounts, newest first.

    What stands in a letter is for its two sides only.
    """
    enterprise_search.one(visit, enterprise_id)
    return _letters(visit.store, enterprise_id, most)


@per_version
def _letters(store: Store, enterprise_id: str, most: int) -> tuple[EnterpriseLetter, ...]:
    ours = [row["id"] for row in store.rows("SELECT id FROM accounts WHERE enterprise_id = $1", [enterprise_id])]
    query = """
        WITH known AS (
            SELECT m.id, m.at_utc, m.kind, m.title, m.sender_id, m.sender_id = ANY($1::VARCHAR[]) AS own FROM messages m
            WHERE m.sender_id = ANY($1::VARCHAR[])
                OR m.id IN (SELECT message_id FROM message_recipients WHERE account_id = ANY($1::VARCHAR[]))
            ORDER BY m.at_utc DESC, m.id LIMIT $2
        )
        SELECT k.at_utc, k.kind, k.title, coalesce(any_value(a.name), '系统') AS who, k.own,
            count(*) AS recipients, count(r.account_id) AS read
        FROM known k LEFT JOIN accounts a ON a.id = k.sender_id
            JOIN message_recipients t ON t.message_id = k.id AND (k.own OR t.account_id = ANY($1::VARCHAR[]))
            LEFT JOIN message_reads r ON r.message_id = t.message_id AND r.account_id = t.account_id
        GROUP BY k.id, k.at_utc, k.kind, k.title, k.own ORDER BY k.at_utc DESC, k.id"""
    return tuple(EnterpriseLetter(**row) for row in store.rows(query, [ours, most]))


def merger(visit: Visit, enterprise_id: str) -> MergerStanding:
    """What it went into, and what went into it. Raises Forbidden outside the scope."""
    enterprise_search.one(visit, enterprise_id)
    found = visit.store.rows(
        "SELECT greatest(coalesce(m.seq, 0), coalesce(p.seq, 0)) AS seq, m.into_id, m.effective, m.reason, m.document, "
        "b.name AS into_name, b.district AS into_district FROM enterprises e LEFT JOIN mergers m ON m.enterprise_id = e.id "
        "LEFT JOIN planned_changes p ON p.enterprise_id = e.id AND p.change = 'merge' LEFT JOIN enterprises b ON b.id = m.into_id "
        "WHERE e.id = $1",
        [enterprise_id],
    )
    row = found[0]
    rows = visit.store.rows(
        "SELECT e.id AS enterprise_id, e.name, e.district, m.effective FROM mergers m JOIN enterprises e ON e.id = m.enterprise_id "
        "WHERE m.into_id = $1 ORDER BY m.effective, e.name",
        [enterprise_id],
    )
    absorbed = (
        Absorbed(each["enterprise_id"], each["name"], each["effective"], readable=visit.sees(each)) for each in rows
    )
    readable = visit.sees({"enterprise_id": row["into_id"], "district": row.pop("into_district")})
    return MergerStanding(**row, readable=readable, absorbed=tuple(absorbed))


def planned(visit: Visit, enterprise_id: str) -> dict[str, PlannedChange]:
    """change (move, merge) -> what waits for its day."""
    enterprise_search.one(visit, enterprise_id)
    rows = visit.store.rows(
        "SELECT p.change, p.target, p.effective, p.reason, p.document, p.at_utc, p.seq, coalesce(t.name, p.target) AS target_name, coalesce(a.name, '系统') AS who FROM planned_changes p "
        "LEFT JOIN enterprises t ON p.change = 'merge' AND t.id = p.target LEFT JOIN accounts a ON a.id = p.account_id "
        "WHERE p.enterprise_id = $1 AND p.target IS NOT NULL",
        [enterprise_id],
    )
    return {
        row.pop("change"): PlannedChange(**row | {"target_name": DISTRICTS.get(row["target"], row["target_name"])})
        for row in rows
    }


def record(visit: Visit, enterprise_id: str, *, most: int = 100) -> list[LogEntry]:
    """The newest facts about it, its filings, what was said of them, and its files, as the log of operations has them."""
    enterprise_search.one(visit, enterprise_id)
    query = """
        SELECT seq FROM facts WHERE (subject = 'enterprise:' || $1
            OR starts_with(subject, 'filing:' || $1 || '.') OR starts_with(subject, 'comment:' || $1 || '.')
            OR starts_with(subject, 'attachment:' || $1 || '.'))
            AND kind <> 'file.opened' ORDER BY seq DESC LIMIT $2"""
    return log.with_names(
        visit.store, "operations", [row["seq"] for row in visit.store.rows(query, [enterprise_id, most])]
    )
