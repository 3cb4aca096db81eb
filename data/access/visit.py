"""A visit: the person, the data scope, and the only way to read or write. No visit, no data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.access.permissions import Permission
from core.access.scope import Places, Scope
from core.base.dictionaries import DISTRICTS
from core.base.errors import Forbidden
from data.access import row_scope
from data.store.store import Actor, Store, Transaction

T = TypeVar("T")


@dataclass(frozen=True)
class Visit:
    """Made by the gate from a session row; every function of data that a page calls takes it first.

    `ask_again`: raises Forbidden within a job unless the account stands there as this visit has it.
    `enterprise_id`: for which enterprise it files, None for staff. `organisation_id`: where a member of staff works.
    """

    store: Store = field(repr=False)
    account_id: str
    name: str
    role: str
    permissions: frozenset[Permission]
    scope: Scope
    ask_again: Callable[[Transaction, "Visit"], None] = field(repr=False, compare=False)
    session_id: str | None = None
    enterprise_id: str | None = None
    organisation_id: str | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.session_id)

    @property
    def places(self) -> Places:
        """The districts in which anything within the scope can lie."""
        near = self.scope.districts
        if self.scope.enterprises:
            near |= row_scope.districts(self.store, self.scope.enterprises)
        found = {code: name for code, name in DISTRICTS.items() if self.scope.everything or code in near}
        return Places(self.scope.words, found)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def check(self, *permissions: Permission) -> None:
        """Raise Forbidden unless the visit has one of `permissions`."""
        if not self.permissions.intersection(permissions):
            raise Forbidden("您的账号没有此项权限，操作未执行。如需开通请联系系统管理员。")

    def check_district(self, district: str | None) -> None:
        """Raise Forbidden where something is asked of a district of which nothing can lie within the scope: 0 would be a lie."""
        if outside := self.places.outside(district):
            raise Forbidden(f"{outside}，没有执行。请取消这项筛选。")

    def write(self, job: Callable[[Transaction], T], *, key: str | None = None) -> T:
        """As `Store.write`, after account, role and scope have been looked at again on the writer.

        A page holds its visit for as long as it runs: what was taken from the person meanwhile counts no more. Raises
        Forbidden then, and whatever the job raises.
        """

        def asked(transaction: Transaction) -> T:
            self.ask_again(transaction, self)
            return job(transaction)

        return self.store.write(asked, key=key)

    def sees(self, row: dict[str, Any]) -> bool:
        """Whether a row with enterprise_id and district lies within the scope."""
        return self.scope.sees(row)

    def scope_sql(
        self, position: int, *, enterprise: str = "enterprise_id", district: str = "district"
    ) -> tuple[str, list[Any]]:
        """A condition and its parameters, the first numbered `position`, that keep a query within the scope."""
        return row_scope.enterprises(self.scope, position, enterprise=enterprise, district=district)

    def accounts_sql(self, position: int) -> tuple[str, list[Any]]:
        """As `scope_sql`, for accounts `a` joined with their enterprises `e`: one's own, and those within the scope."""
        return row_scope.accounts(self.scope, self.account_id, position)
