"""人才与知识产权: heads and rights as filed for a year, beside the year's revenue. Once per version."""

from datetime import datetime

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.rule.policy import Policy
from core.statistics import talent
from core.statistics.selection import Selection
from data.access.visit import Visit
from data.directory.classified import classified_of_all
from data.rule import policies
from data.store.store import Store, per_version

#: What is filed for a year; 研发人员 is a sum.
FILED = (*(name for name in talent.COUNTS if name != "researchers"), "industry", "total_assets")


@per_version
def of_year(store: Store, year: int, as_of: datetime | None = None) -> pl.DataFrame:
    """enterprise_id, `FILED`, researchers and filed_size of each enterprise that was admitted in a round of `year`, as it stood at `as_of`.

    What an enterprise filed for another year says nothing of this one, and is left out.
    """
    # The newest admission up to this year: one of an older round shows that this year's was taken back.
    return store.frame(
        f"SELECT enterprise_id, {', '.join(FILED)}, coalesce(developers, 0) + coalesce(software_staff, 0) AS researchers, size AS filed_size FROM ("  # noqa: S608
        "SELECT a.*, r.year AS round_year FROM admissions a "
        # The round stands in the filing's id: what hangs on `filings` is old with every save.
        "JOIN rounds r ON r.id = split_part(a.filing_id, '.', 2) "
        "WHERE r.year <= $1 AND ($2::TIMESTAMP IS NULL OR a.at_utc <= $2) "
        "QUALIFY row_number() OVER (PARTITION BY a.enterprise_id ORDER BY a.seq DESC) = 1) "
        "WHERE admitted AND round_year = $1",
        [year, as_of],
    )


@per_version
def _chosen(store: Store, policy: Policy, scope: Scope, selection: Selection) -> pl.DataFrame:
    frame = selection.of(scope.within(classified_of_all(store, selection.year, selection.provisional, policy, None)))
    return with_people(store, frame, selection.year)


def with_people(store: Store, frame: pl.DataFrame, year: int, as_of: datetime | None = None) -> pl.DataFrame:
    """Classified enterprises with `FILED` and researchers of `year` as it stood at `as_of`, null unless `filed`."""
    people = of_year(store, year, as_of).with_columns(filed=pl.lit(True))
    return (
        frame.drop(FILED)
        .join(people, on="enterprise_id", how="left", maintain_order="left")
        .with_columns(pl.col("filed").fill_null(False))
    )


@per_version
def _sums(store: Store, policy: Policy, scope: Scope, selection: Selection, by: str | None) -> pl.DataFrame:
    return talent.sums(_chosen(store, policy, scope, selection), by)


def sums(visit: Visit, selection: Selection, by: str | None = None) -> pl.DataFrame:
    """`core.statistics.talent.sums` of the selection; by "district", "layer", "size" or "directory_tier" without the filter on that one."""
    visit.check(Permission.OVERVIEW_READ)
    freed = selection.without("tier" if by == "directory_tier" else by) if by else selection
    return _sums(visit.store, policies.for_year(visit, selection.year), visit.scope, freed, by)


@per_version
def _plotted(
    store: Store, policy: Policy, scope: Scope, selection: Selection, shown: tuple[str, int]
) -> tuple[pl.DataFrame, int]:
    across, most = shown
    return talent.plotted(_chosen(store, policy, scope, selection), across, most=most)


def plotted(visit: Visit, selection: Selection, across: str, *, most: int) -> tuple[pl.DataFrame, int]:
    """`core.statistics.talent.plotted` of the selection: the enterprises of a scatter of `across` against AI业务收入, and of how many."""
    visit.check(Permission.OVERVIEW_READ)
    return _plotted(visit.store, policies.for_year(visit, selection.year), visit.scope, selection, (across, most))
