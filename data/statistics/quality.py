"""数据质量: what is missing, doubtful or old in a year's data, and how far the round has come. Once per version."""

from datetime import date

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.filing.round import Round
from core.rule.policy import Policy
from core.statistics import quality
from core.statistics.selection import Selection
from data.access.visit import Visit
from data.directory.classified import AMOUNTS, classified_of_all, newest_figures
from data.filing import progress
from data.filing.periods import rounds
from data.rule import policies
from data.statistics.talent import FILED, of_year
from data.store.store import Store, per_version


@per_version
def _explained(store: Store, year: int) -> pl.DataFrame:
    """enterprise_id, explained: the codes of the checks that admitted filings of a year explain."""
    frame = store.frame(
        "SELECT f.enterprise_id, split_part(unnest(json_keys(f.content, '$.explanations')), '@', 1) AS code "
        "FROM filings f JOIN rounds r ON r.id = f.round_id WHERE r.year = $1 AND f.state = 'admitted' AND f.explained > 0",
        [year],
    )
    return frame.group_by("enterprise_id").agg(pl.col("code").unique().alias("explained"))


@per_version
def _admitted_for(store: Store) -> pl.DataFrame:
    """enterprise_id, filed_year: of which round's year the newest admission is."""
    return store.frame(
        "SELECT a.enterprise_id, r.year::BIGINT AS filed_year FROM "
        "(SELECT enterprise_id, arg_max(filing_id, seq) AS filing_id FROM admissions GROUP BY enterprise_id) a "
        "JOIN rounds r ON r.id = split_part(a.filing_id, '.', 2)"
    )


@per_version
def _corrections(store: Store, year: int) -> pl.DataFrame:
    """Every correction of filings of a year, newest first: enterprise_id, at, who, label, reason."""
    return store.frame(
        "SELECT l.enterprise_id, f.at_utc AS at, coalesce(a.name, '系统') AS who, f.body->>'$.label' AS label, f.body->>'$.reason' AS reason "
        "FROM facts f JOIN filings l ON f.subject = 'filing:' || l.id JOIN rounds r ON r.id = l.round_id "
        "LEFT JOIN accounts a ON a.id = f.account_id WHERE f.kind = 'enterprise.corrected' AND r.year = $1 ORDER BY f.seq DESC",
        [year],
    )


@per_version
def _judged(store: Store, year: int, provisional: bool, policy: Policy) -> pl.DataFrame:
    frame = classified_of_all(store, year, provisional, policy, None)
    before = newest_figures(store).filter(
        (pl.col("year") == year - 1) & (pl.col("period") == "full_year") & ~pl.col("forecast")
    )
    amounts = before.select("enterprise_id", *(pl.col(name).alias(f"{name}_before") for name in AMOUNTS))
    corrected = _corrections(store, year).group_by("enterprise_id").agg(pl.len().alias("corrections"))
    # Persons of another year would make a size and a revenue per head that never were.
    people = of_year(store, year).with_columns(filed=pl.lit(True))
    frame = frame.drop(FILED)
    for other in (people, amounts, _explained(store, year), _admitted_for(store), corrected):
        frame = frame.join(other, on="enterprise_id", how="left", maintain_order="left")
    return quality.judged(frame.with_columns(pl.col("filed").fill_null(False)), year)


@per_version
def _chosen(
    store: Store, policy: Policy, scope: Scope, selection: Selection
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    frame = selection.of(scope.within(_judged(store, selection.year, selection.provisional, policy)))
    return frame, quality.counts(frame), quality.ages(frame)


def _frame(visit: Visit, selection: Selection) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    visit.check(Permission.OVERVIEW_READ)
    return _chosen(visit.store, policies.for_year(visit, selection.year), visit.scope, selection)


def enterprises(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The enterprises of the selection, `core.statistics.quality.judged`."""
    return _frame(visit, selection)[0]


def counts(visit: Visit, selection: Selection) -> pl.DataFrame:
    """`core.statistics.quality.counts` of the selection: how many enterprises each issue concerns."""
    return _frame(visit, selection)[1]


def ages(visit: Visit, selection: Selection) -> pl.DataFrame:
    """`core.statistics.quality.ages` of the selection."""
    return _frame(visit, selection)[2]


def concerned(visit: Visit, selection: Selection, issue: str) -> pl.DataFrame:
    """The enterprises of the selection that an issue of `core.statistics.quality.ISSUES` concerns, by name; all columns of `judged`."""
    return _frame(visit, selection)[0].filter(pl.col(issue)).sort("name", "enterprise_id")


def corrections(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The bureau's corrections of filings of the year within the selection: name, at (naive UTC), who, label, reason; newest first."""
    frame = _frame(visit, selection)[0].select("enterprise_id", "name")
    return _corrections(visit.store, selection.year).join(frame, on="enterprise_id", how="inner", maintain_order="left")


# --- 应报、已报、入库 -----------------------------------------------------------------------------------


def _rounds_of(store: Store, selection: Selection, today: date) -> list[Round]:
    return [
        each
        for each in rounds(store)
        if each.year == selection.year and each.forecast == selection.provisional and each.opens <= today
    ]


def coverage(visit: Visit, selection: Selection) -> tuple[Round | None, pl.DataFrame]:
    """The newest round of the selected year that has begun (None: there is none), and those who must file in it.

    Rows: see `data.filing.progress.of_round`; within the scope and the filters 区属 and 企业规模 of the selection.
    """
    visit.check(Permission.OVERVIEW_READ)
    found = _rounds_of(visit.store, selection, visit.store.today)
    if not found:
        return None, pl.DataFrame()
    newest = max(found, key=lambda each: (each.opens, each.id))
    frame = visit.scope.within(progress.of_round(visit.store, newest.id))
    for column, code in (("district", selection.district), ("size", selection.size)):
        if code:
            frame = frame.filter(pl.col(column) == code)
    return newest, frame
