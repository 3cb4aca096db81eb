"""A scope in SQL: the conditions that keep a query within it, and the districts in which what it holds lies."""

from typing import Any

from core.access.scope import Scope
from data.store.store import Store, per_version


def enterprises(
    scope: Scope, position: int, *, enterprise: str = "enterprise_id", district: str = "district"
) -> tuple[str, list[Any]]:
    """A condition and its parameters, the first numbered `position`: enterprises of the scope, as `Scope.sees`."""
    if scope.everything:
        return "TRUE", []
    condition = (
        f"((coalesce({district}, '') = ANY(${position}::VARCHAR[]) AND NOT {enterprise} = ANY(${position + 1}::VARCHAR[])) "
        f"OR {enterprise} = ANY(${position + 2}::VARCHAR[]))"
    )
    return condition, [sorted(scope.districts), sorted(scope.without), sorted(scope.enterprises)]


def accounts(scope: Scope, account_id: str, position: int) -> tuple[str, list[Any]]:
    """As `enterprises`, for accounts `a` joined with their enterprises `e`: `account_id` itself, and those of the scope."""
    if scope.everything:
        return "TRUE", []
    condition, parameters = enterprises(scope, position, enterprise="a.enterprise_id", district="e.district")
    first = position + len(parameters)
    condition = (
        f"a.id = ${first} OR list_contains(${first + 1}::VARCHAR[], a.organisation_id) "
        f"OR (a.enterprise_id IS NOT NULL AND {condition})"
    )
    return f"({condition})", [*parameters, account_id, sorted(scope.organisations)]


@per_version
def districts(store: Store, among: frozenset[str]) -> frozenset[str]:
    """Every district in which one of these enterprises is or was counted, or has filed."""
    rows = store.rows(
        "SELECT district FROM enterprises WHERE id = ANY($1::VARCHAR[]) UNION "
        "SELECT district FROM admissions WHERE enterprise_id = ANY($1::VARCHAR[]) UNION "
        "SELECT district FROM filings WHERE enterprise_id = ANY($1::VARCHAR[])",
        [sorted(among)],
    )
    return frozenset(row["district"] for row in rows if row["district"])
