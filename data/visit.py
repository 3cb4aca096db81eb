"""A visit: the person, the data scope, and the only way to read or write. No visit, no data."""

from dataclasses import dataclass, field
from typing import Any

from core.errors import Forbidden
from data.store import Actor, Store


@dataclass(frozen=True)
class Visit:
    """Made by the gate from a session row; every door function takes it first.

    Scope: an enterprise sees itself (`enterprise_id`), a district its own enterprises (`district`),
    the city everything (neither set).
    """

    store: Store = field(repr=False)
    account_id: str
    name: str
    role: str
    permissions: frozenset[str]
    session_id: str | None = None
    enterprise_id: str | None = None
    district: str | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.session_id)

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def check(self, *permissions: str) -> None:
        """Raise Forbidden unless the visit has one of `permissions`."""
        if not self.permissions.intersection(permissions):
            raise Forbidden("您的账号没有此项权限，操作未执行。如需开通请联系系统管理员。")

    def sees(self, filing: dict[str, Any]) -> bool:
        """Whether a filing or enterprise row (enterprise_id or id, district) lies within the scope."""
        if self.enterprise_id is not None:
            return bool(filing["enterprise_id"] == self.enterprise_id)
        return self.district is None or filing["district"] == self.district

    def scope_sql(self, position: int, *, enterprise: str = "enterprise_id", district: str = "district") -> tuple[str, list[Any]]:
        """A condition and its parameters, the first numbered `position`, that keep a query within the scope."""
        if self.enterprise_id is not None:
            return f"{enterprise} = ${position}", [self.enterprise_id]
        if self.district is not None:
            return f"{district} = ${position}", [self.district]
        return "TRUE", []
