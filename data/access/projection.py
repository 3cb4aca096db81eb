"""What the facts of this domain change in the tables that pages read: accounts, positions, organisations, roles, and where enterprises are placed."""

from collections.abc import Mapping
from typing import Final

from core.access import facts
from data.store.store import Fact, Handler, Transaction

#: Tables that are filled from the facts alone.
TABLES: Final = ("accounts", "positions", "organisations", "placements", "roles")


def _account(transaction: Transaction, fact: Fact, body: facts.AccountSet) -> None:
    # A first revision has no row to change; looking for one costs a query each when many are loaded.
    known = transaction.get("accounts", fact.identity) if fact.revision > 1 else None
    row = known or {
        "id": fact.identity,
        "enterprise_id": None,
        "organisation_id": None,
        "active": True,
        "demonstration": False,
        "principal": False,
        "position_id": None,
    }
    transaction.put("accounts", {**row, **body.given})


def _position(transaction: Transaction, fact: Fact, body: facts.PositionSet) -> None:
    row = transaction.get("positions", fact.identity) or {"id": fact.identity, "active": True}
    transaction.put("positions", {**row, **body.given})


def _organisation(transaction: Transaction, fact: Fact, body: facts.OrganisationSet) -> None:
    row = transaction.get("organisations", fact.identity) or {"id": fact.identity, "active": True}
    transaction.put("organisations", {**row, **body.given})


def _placement(transaction: Transaction, fact: Fact, body: facts.Placed) -> None:
    transaction.put("placements", {"enterprise_id": fact.identity, **body.given})


def _role(transaction: Transaction, fact: Fact, body: facts.RoleSet) -> None:
    row = transaction.get("roles", fact.identity) or {"code": fact.identity, "active": True}
    lists = body.joined("permissions", "organisations")
    transaction.put("roles", {**row, **body.given, **lists})


HANDLERS: Final[Mapping[str, Handler]] = {
    "account.created": _account,
    "account.changed": _account,
    "position.created": _position,
    "position.changed": _position,
    "position.removed": _position,
    "organisation.created": _organisation,
    "organisation.changed": _organisation,
    "organisation.removed": _organisation,
    "enterprise.placed": _placement,
    "role.created": _role,
    "role.changed": _role,
    "role.removed": _role,
}
