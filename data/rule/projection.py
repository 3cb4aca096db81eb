"""What the facts of this domain change in the tables that pages read: policy versions and parameters."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Final

from core.rule import facts
from data.store.store import Fact, Handler, Transaction, dump

#: Tables that are filled from the facts alone.
TABLES: Final = ("policies", "parameters")


def _policy(
    transaction: Transaction, fact: Fact, body: facts.PolicySet | facts.PolicyPublished | facts.PolicyWithdrawn
) -> None:
    """The bureau's versions: drafted and changed with their content, published or withdrawn as they stand."""
    identity = fact.identity
    row = transaction.get("policies", identity) or {
        "id": identity,
        "policy": "{}",
        "authors": "",
        "published_by": None,
        "published_seq": None,
    }
    row = {**row, "state": {"policy.published": "published", "policy.withdrawn": "withdrawn"}.get(fact.kind, "draft")}
    if fact.kind == "policy.published":
        row |= {"published_by": fact.account_id, "published_seq": fact.seq}
    elif fact.kind != "policy.withdrawn":
        policy = {**json.loads(row["policy"]), **fact.body}  # as it is kept: JSON
        authors = [*(each for each in row["authors"].split(",") if each not in ("", fact.account_id)), fact.account_id]
        day = date.fromisoformat(policy["effective_from"])
        row |= {
            "policy": dump(policy),
            "version": policy["version"],
            "effective_from": day,
            "authors": ",".join(authors),
        }
    transaction.put("policies", row)


def _parameter(transaction: Transaction, fact: Fact, body: facts.ParameterSet) -> None:
    row = {"code": fact.identity, "value": body.value, "account_id": fact.account_id, "at_utc": fact.at_utc}
    transaction.put("parameters", row)


HANDLERS: Final[Mapping[str, Handler]] = {
    "parameter.set": _parameter,
    "policy.drafted": _policy,
    "policy.changed": _policy,
    "policy.published": _policy,
    "policy.withdrawn": _policy,
}
