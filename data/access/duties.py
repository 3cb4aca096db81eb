"""Separation of duties: two steps that ask for two people are not taken by one, nor from accounts that one has in hand."""

from collections.abc import Iterable

from data.access.visit import Visit
from data.store.store import Transaction

#: What lets the doer sign in as the account that the fact is about.
_OPENING = "('account.created', 'password.reset', 'second_factor.removed')"


def in_one_hand(transaction: Transaction, visit: Visit, others: Iterable[str | None]) -> bool:
    """Whether the visiting account is one of `others`, or one of them has made or reset the other, also by way of a third.

    Within a job. What the product itself has made (the first administrator, the demonstration) is in nobody's hand.
    """
    wanted = {each for each in others if each}
    if visit.account_id in wanted:
        return True
    opened: dict[str, set[str]] = {}
    query = f"SELECT DISTINCT account_id, substr(subject, 9) FROM facts WHERE kind IN {_OPENING} AND subject LIKE 'account:%'"  # noqa: S608
    for doer, account in transaction.find(query):
        if doer not in ("system", account):
            opened.setdefault(doer, set()).add(account)
    return bool(_reached(opened, {visit.account_id}) & wanted) or visit.account_id in _reached(opened, wanted)


def _reached(opened: dict[str, set[str]], start: set[str]) -> set[str]:
    """The accounts that those of `start` have made or reset, and those that these have."""
    found: set[str] = set()
    ahead = set(start)
    while ahead:
        ahead = set().union(*(opened.get(each, set()) for each in ahead)) - found
        found |= ahead
    return found
