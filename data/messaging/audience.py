"""Whom a message or a notice reaches: every active account with its role, its enterprise and its district."""

from typing import Final

import polars as pl

from core.access.organisations import district_of
from data.access import organisations
from data.access.visit import Visit
from data.store.store import Store, per_version

#: Enterprises as `e`: their district, or what the newest filing says until they have been admitted once.
ENTERPRISES: Final = """(
    SELECT e.id, e.name, e.uscc, coalesce(e.district, f.district) AS district FROM enterprises e LEFT JOIN (
        SELECT DISTINCT ON (enterprise_id) enterprise_id, district FROM filings ORDER BY enterprise_id, opened_at DESC
    ) f ON f.enterprise_id = e.id)"""
#: Active accounts `a` with their enterprises `e`, as `visit.accounts_sql` speaks of them.
ACCOUNTS: Final = f"accounts a LEFT JOIN {ENTERPRISES} e ON e.id = a.enterprise_id"


def district(visit: Visit) -> str | None:
    """The district of the visiting person: of the enterprise, or where a member of staff works; None for the city."""
    if visit.enterprise_id is None:
        return _district_of_staff(visit.store, visit.organisation_id)
    return _district_admitted(visit.store, visit.enterprise_id) or _district_filed(visit.store, visit.enterprise_id)


def _district_of_staff(store: Store, organisation_id: str | None) -> str | None:
    tree = organisations.tree(store)
    return district_of(tree, organisation_id) if organisation_id in tree else None


# Two reads, because filings change with every save of anybody, and this is asked for on every run.
@per_version
def _district_admitted(store: Store, enterprise_id: str) -> str | None:
    found = store.rows("SELECT district FROM enterprises WHERE id = $1", [enterprise_id])
    return found[0]["district"] if found else None


@per_version
def _district_filed(store: Store, enterprise_id: str) -> str | None:
    found = store.rows(
        "SELECT district FROM filings WHERE enterprise_id = $1 ORDER BY opened_at DESC LIMIT 1", [enterprise_id]
    )
    return found[0]["district"] if found else None


def everyone(store: Store) -> pl.DataFrame:
    """Every active account: id, role, staff (whether it is no enterprise's), district (None: not filed, or of the city)."""
    frame = store.frame(
        f"SELECT a.id, a.role, a.enterprise_id IS NULL AS staff, a.organisation_id, e.district FROM {ACCOUNTS} WHERE a.active"  # noqa: S608
    )
    tree = organisations.tree(store)
    places = {identity: district_of(tree, identity) for identity in tree}
    working = pl.col("organisation_id").replace_strict(places, default=None, return_dtype=pl.String)
    return frame.with_columns(district=pl.when("staff").then(working).otherwise("district")).drop("organisation_id")
