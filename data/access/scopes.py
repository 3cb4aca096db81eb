"""What a visit sees: the scope of its role, applied to where the person works and to whom he looks after."""

from core.access.organisations import CITY, below, full_name
from core.access.roles import Role
from core.access.scope import Scope
from data.access import organisations, roles
from data.store.store import Row, Store, per_version


def of_account(store: Store, account: Row) -> Scope:
    """The scope of an account row (account_id, role, enterprise_id, organisation_id)."""
    return of_role(store, account, roles.known(store).get(account["role"]))


def of_role(store: Store, account: Row, role: Role | None) -> Scope:
    """As `of_account`, with the account's role as the caller knows it."""
    if account["enterprise_id"] is not None:
        return Scope("本企业", enterprises=frozenset({account["enterprise_id"]}))
    return _of_staff(store, role, account["organisation_id"], account["account_id"])


@per_version
def _of_staff(store: Store, role: Role | None, organisation_id: str | None, account_id: str) -> Scope:
    tree = organisations.tree(store)
    if role is None:
        return Scope("无")
    if role.scope == "all":
        return Scope("全市", everything=True)
    if role.scope == "own":
        mine = store.rows("SELECT enterprise_id FROM placements WHERE officer_id = $1", [account_id])
        return Scope("本人联系的企业", enterprises=frozenset(row["enterprise_id"] for row in mine))
    if role.scope == "custom":
        known = role.organisations & tree.keys()
        return _of(
            store, frozenset().union(*(below(tree, each) for each in known)), f"自定义范围（{len(known)} 个机构）"
        )
    if organisation_id not in tree:
        return Scope("无")
    inside = below(tree, organisation_id)
    if role.scope == "organisation_below":
        return _of(store, inside, full_name(tree, organisation_id))
    lower = inside - {organisation_id}
    return _of(
        store,
        frozenset({organisation_id}),
        f"{full_name(tree, organisation_id)}{'（不含下级）' if lower else ''}",
        lower,
    )


def _of(store: Store, inside: frozenset[str], words: str, outside: frozenset[str] = frozenset()) -> Scope:
    """Enterprises of these districts, and those placed in these parks, without those placed in `outside`.

    Of the city itself are the enterprises that have not filed a district yet.
    """
    if CITY in inside and not outside:
        return Scope("全市", everything=True, organisations=inside)
    tree = organisations.tree(store)
    placed = store.rows("SELECT enterprise_id, organisation_id FROM placements WHERE organisation_id IS NOT NULL")
    districts = {each for each in inside if each != CITY and tree[each].parent == CITY}
    return Scope(
        words,
        districts=frozenset(districts | ({""} if CITY in inside else set())),
        enterprises=frozenset(row["enterprise_id"] for row in placed if row["organisation_id"] in inside),
        without=frozenset(row["enterprise_id"] for row in placed if row["organisation_id"] in outside),
        organisations=inside,
    )
