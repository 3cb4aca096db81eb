"""The reporting rounds: all of them, and the one that is open now."""

from core.filing.round import Round
from data.access.visit import Visit
from data.store.rounds import round_of
from data.store.store import Store, per_version


@per_version
def rounds(store: Store) -> tuple[Round, ...]:
    """All reporting rounds, newest first."""
    return tuple(round_of(row) for row in store.rows("SELECT * FROM rounds ORDER BY opens DESC, id DESC"))


def current_round(visit: Visit) -> Round | None:
    """The round that is open today, else the one closed last; None before the first."""
    known = [r for r in rounds(visit.store) if r.opens <= visit.store.today]
    return known[0] if known else None
