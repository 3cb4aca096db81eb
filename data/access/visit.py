"""A visit: the person, the data scope, and the only way to read or write. No visit, no data."""

from dataclasses import dataclass, field
from typing import Any

from core.access.permissions import Permission
from core.access.scope import Scope
from core.base.errors import Forbidden
from data.store.store import Actor, Store


@dataclass(frozen=True)
class Visit:
    """Made by the gate from a session row; every function of data that a page calls takes it first.

    `enterprise_id`: for which enterprise it files, None for staff. `organisation_id`: where a member of staff works.
    """

    store: Store = field(repr=False)
    account_id: str
    name: str
    role: str
    permissions: frozenset[Permission]
    scope: Scope
    session_id: str | None = None
    enterprise_id: str | None = None
    organisation_id: str | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.session_id)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def check(self, *permissions: Permission) -> None:
        """Raise Forbidden unless the visit has one of `permissions`."""
        if not self.permissions.intersection(permissions):
            raise Forbidden("您的账号没有此项权限，操作未执行。如需开通请联系系统管理员。")

    def sees(self, row: dict[str, Any]) -> bool:
        """Whether a row with enterprise_id and district lies within the scope."""
        return self.scope.sees(row)

    def scope_sql(
        self, position: int, *, enterprise: str = "enterprise_id", district: str = "district"
    ) -> tuple[str, list[Any]]:
        """A condition and its parameters, the first numbered `position`, that keep a query within the scope."""
        return self.scope.sql(position, enterprise=enterprise, district=district)

    def accounts_sql(self, position: int) -> tuple[str, list[Any]]:
        """As `scope_sql`, for accounts `a` joined with their enterprises `e`: one's own, and those within the scope."""
        if self.scope.everything:
            return "TRUE", []
        condition, parameters = self.scope_sql(position, enterprise="a.enterprise_id", district="e.district")
        first = position + len(parameters)
        condition = (
            f"a.id = ${first} OR list_contains(${first + 1}::VARCHAR[], a.organisation_id) "
            f"OR (a.enterprise_id IS NOT NULL AND {condition})"
        )
        return f"({condition})", [*parameters, self.account_id, sorted(self.scope.organisations)]
