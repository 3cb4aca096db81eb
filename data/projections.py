"""The projections of all domains in one: what each fact changes in the tables that pages read.

`project` is the one function: the writer calls it for every new fact, `rebuild` for all of them.
"""

from typing import Final

from core.audit.facts import FACTS
from data.access import projection as access
from data.enterprise import projection as enterprise
from data.filing import projection as filing
from data.meeting import projection as meeting
from data.messaging import projection as messaging
from data.review import projection as review
from data.rule import projection as rule
from data.store.store import Fact, Transaction
from data.what_if import projection as what_if

_DOMAINS: Final = (filing, enterprise, review, access, messaging, rule, meeting, what_if)
#: Tables that can be emptied and filled again from the facts.
PROJECTED: Final = tuple(table for domain in _DOMAINS for table in domain.TABLES)
HANDLERS: Final = {kind: handler for domain in _DOMAINS for kind, handler in domain.HANDLERS.items()}


def project(transaction: Transaction, fact: Fact) -> None:
    """Apply `fact` to the projections; kinds without one are kept as facts only. Raises ValueError for a body that is
    not of its kind."""
    if handler := HANDLERS.get(fact.kind):
        handler(transaction, fact, FACTS[fact.kind].read(fact.body))
