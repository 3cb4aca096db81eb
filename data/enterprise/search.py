"""企业信息: every enterprise as one row, looked through as somebody types; and a person's saved views."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

import polars as pl

from core.access.organisations import full_name
from core.access.permissions import Permission
from core.base.errors import Forbidden, Refused
from core.enterprise import query as enterprise_query
from core.enterprise.profile import Enterprise
from core.enterprise.query import Query
from core.rule.classification import classify, mark_missing
from core.rule.policy import Policy
from data.access.organisations import tree
from data.access.visit import Visit
from data.audit.log import downloaded
from data.directory import classified, register
from data.filing import periods
from data.rule import policies
from data.store.store import Store, Transaction, per_version

PAGE: Final = 50
#: Most views that one person keeps.
MOST_VIEWS: Final = 30


@per_version
def _last_actual_year(store: Store) -> int | None:
    """The newest year with actual full-year figures, over all enterprises."""
    newest: int | None = store.rows(
        "SELECT max(year) AS year FROM figures WHERE period = 'full_year' AND NOT forecast"
    )[0]["year"]
    return newest


@per_version
def _standing(store: Store, policy: Policy) -> pl.DataFrame:
    """Every enterprise by name, with what its admission and its figures of the last actual year say."""
    parks = tree(store)
    names = {identity: full_name(parks, identity) for identity in parks}
    known = store.frame(
        "SELECT e.id AS enterprise_id, e.name, e.uscc, e.district AS settled, p.organisation_id AS park, e.known_since, "
        "b.name AS merged_into FROM enterprises e LEFT JOIN placements p ON p.enterprise_id = e.id "
        "LEFT JOIN mergers m ON m.enterprise_id = e.id LEFT JOIN enterprises b ON b.id = m.into_id"
    )
    # Read whole and shared with the dashboards: that copy is made once per admission.
    admitted = register.newest_admissions(store, None).select("enterprise_id", "size", "layer", "segments", "admitted")
    year = _last_actual_year(store)
    figures = classified.newest_figures(store).filter(
        (pl.col("year") == (year or 0)) & (pl.col("period") == "full_year") & ~pl.col("forecast")
    )
    # The rule speaks of admitted enterprises; of others no class is said.
    classes = mark_missing(
        classify(
            admitted.select("enterprise_id", "size").join(
                figures.select("enterprise_id", *classified.AMOUNTS), on="enterprise_id", how="left"
            ),
            policy,
        )
    )
    return (
        known.join(admitted, on="enterprise_id", how="left")
        .join(classes.select("enterprise_id", *classified.AMOUNTS, "directory_tier"), on="enterprise_id", how="left")
        .with_columns(
            pl.col("park").replace_strict(names, default=None, return_dtype=pl.String),
            pl.col("admitted").fill_null(False),
            # For the order only; what is shown and decided is computed on whole amounts.
            share=pl.when(pl.col("total_revenue") > 0).then(pl.col("ai_revenue") / pl.col("total_revenue")),
            found_by=pl.concat_str("name", pl.lit("\n"), "uscc").str.normalize("NFKC").str.to_lowercase(),
        )
        .sort("name", "enterprise_id")
    )


@per_version
def _register(store: Store, policy: Policy, round_id: str | None) -> pl.DataFrame:
    """`_standing` with the state in this round, the district as last filed, and the moment of the last change."""
    filed = store.frame(
        "SELECT enterprise_id, max(CASE WHEN round_id = $1 THEN state END) AS state, arg_max(district, opened_at) AS filed_in, "
        "max(greatest(saved_at, coalesce(submitted_at, saved_at), coalesce(decided_at, saved_at))) AS touched "
        "FROM filings GROUP BY enterprise_id",
        [round_id],
    )
    return (
        _standing(store, policy)
        .join(filed, on="enterprise_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("state").fill_null("none"),
            # Before the first admission an enterprise belongs to the district it names in its filing.
            district=pl.coalesce("settled", "filed_in"),
            changed_at=pl.coalesce("touched", "known_since"),
        )
        .drop("settled", "filed_in", "touched")
    )


def basis(visit: Visit) -> tuple[int | None, Policy]:
    """The year whose actual figures the register shows, None before the first, and the policy that its classes rest on."""
    visit.check(Permission.ENTERPRISE_READ)
    year = _last_actual_year(visit.store)
    return year, policies.in_force(visit) if year is None else policies.for_year(visit, year)


def _within(visit: Visit) -> pl.DataFrame:
    visit.check(Permission.ENTERPRISE_READ)
    this_round = periods.current_round(visit)
    policy = basis(visit)[1]
    return visit.scope.within(_register(visit.store, policy, this_round.id if this_round else None))


def search(visit: Visit, query: Query) -> pl.DataFrame:
    """The enterprises within the scope that are looked for, sorted; one row each.

    Columns: enterprise_id, those of `core.enterprise.query.COLUMNS` (codes; yuan of the last actual year) and the other amounts.
    Class and amounts are null while an enterprise is not admitted.
    """
    return enterprise_query.select(_within(visit), query)


def one(visit: Visit, enterprise_id: str) -> Enterprise:
    """The row of `search` for one enterprise. Raises Forbidden outside the scope."""
    found = _within(visit).filter(pl.col("enterprise_id") == enterprise_id)
    if found.is_empty():
        raise Forbidden("没有这家企业，或不在您的管辖范围内。请从“企业信息”中重新选择。")
    return Enterprise(**found.drop("share", "found_by").row(0, named=True))


def export(visit: Visit, query: Query, columns: tuple[str, ...], name: str) -> pl.DataFrame:
    """All rows of `search` in words, noted in the log as handed out under this file name."""
    visit.check_district(query.district)
    rows = enterprise_query.table(search(visit, query), columns)
    used = {heading: str(given) for heading, given in query.__dict__.items() if given}
    downloaded(visit, "export:enterprises", name, filters=urlencode(used) or "全部")
    return rows


# --- saved views ------------------------------------------------------------------------------------------


def views(visit: Visit) -> dict[str, dict[str, str]]:
    """One's own views by name: name -> what was chosen, as in the page's address."""
    visit.check(Permission.ENTERPRISE_READ)
    rows = visit.store.rows(
        "SELECT name, query FROM saved_views WHERE account_id = $1 AND query <> '' ORDER BY name", [visit.account_id]
    )
    return {row["name"]: dict(parse_qsl(row["query"])) for row in rows}


def save_view(visit: Visit, name: str, chosen: Mapping[str, str]) -> bool:
    """Keep what is chosen under a name; whether a view of this name was replaced. Raises Refused past `MOST_VIEWS`."""
    visit.check(Permission.ENTERPRISE_READ)
    name, query = " ".join(name.split()), urlencode({key: value for key, value in chosen.items() if value}) or "all=1"
    if not 1 <= len(name) <= 30:
        raise Refused("“视图名称”须为 1 至 30 个字，没有保存。")
    if len(query) > 2000:
        raise Refused("筛选条件过长，没有保存。请缩短搜索文字。")

    def job(transaction: Transaction) -> bool:
        key = (visit.account_id, name)
        held = transaction.find(
            "SELECT name FROM saved_views WHERE account_id = $1 AND query <> ''", [visit.account_id]
        )
        kept = {each for (each,) in held}
        for row in transaction.pending_rows("saved_views"):
            if row["account_id"] == visit.account_id:
                (kept.add if row["query"] else kept.discard)(row["name"])
        if name not in kept and len(kept) >= MOST_VIEWS:
            raise Refused(f"已保存 {MOST_VIEWS} 个视图，达到上限，“{name}”没有保存。请先删除不用的视图。")
        transaction.put("saved_views", {"account_id": key[0], "name": key[1], "query": query})
        return name in kept

    return visit.write(job)


def remove_view(visit: Visit, name: str) -> None:
    """Forget a view."""
    visit.check(Permission.ENTERPRISE_READ)

    def job(transaction: Transaction) -> None:
        if transaction.get("saved_views", visit.account_id, name):
            transaction.put("saved_views", {"account_id": visit.account_id, "name": name, "query": ""})

    visit.write(job)
