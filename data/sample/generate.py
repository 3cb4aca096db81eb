"""Load the fictional sample: enterprises, rounds and filings in every state, as facts of the past.

The job appends the facts that `data.filing.filings` and `data.access.accounts` append when people do these things.
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from core.base.terms import PERIODS
from core.filing.model import Content
from core.filing.round import Round
from data.enterprise.projects import demands_of_all
from data.filing import progress
from data.filing.periods import rounds as filing_rounds
from data.meeting.meetings import demand_rows, late_rows, what_is_kept
from data.sample import bureau, filings
from data.sample.contents import Contents
from data.sample.event import Event
from data.store.store import Store, Transaction


def anchor_year(today: date) -> int:
    """The year that the current round asks for."""
    return (today - timedelta(days=182)).year


def rounds(today: date) -> tuple[Round, Round, Round]:
    """Two annual rounds that are over, with actual figures, and the one that is open today."""
    year = anchor_year(today)
    past = [Round(str(y), y, tuple(PERIODS), date(y + 1, 1, 5), date(y + 1, 2, 28)) for y in (year - 2, year - 1)]
    now = Round(str(year), year, ("full_year",), today - timedelta(days=45), today + timedelta(days=40))
    return past[0], past[1], now


def load(store: Store, *, today: date, seed: int = 20251230) -> None:
    """Fill an empty store with the sample; the same `seed` and `today` (Beijing) give the same facts.

    Everything happens before `today`, so it must be loaded before anything else is recorded.
    Raises ValueError when the store has facts already.
    """
    if store.data_version:
        raise ValueError("the sample is the past: load it into a store without facts")
    events_before: list[Event] = []
    for event in events(today, seed):
        if event.kind == "meeting.frozen":  # keeps what is known by then
            _write(store, events_before)
            events_before = [replace(event, body={**event.body, "kept": _kept(store)})]
        else:
            events_before.append(event)
    _write(store, events_before)


def _write(store: Store, happened: list[Event]) -> None:
    def job(transaction: Transaction) -> None:
        for event in happened:
            transaction.append(event.actor, event.kind, event.subject, event.body, at=event.at)

    store.write(job)


def _kept(store: Store) -> dict[str, Any]:
    """Who is late in the newest round and what is asked for, as a meeting keeps it."""
    newest = filing_rounds(store)[0]
    return what_is_kept(
        (newest.name, late_rows(progress.of_round(store, newest.id))), demand_rows(demands_of_all(store))
    )


def events(today: date, seed: int) -> list[Event]:
    """All that happened, in the order of time."""
    rng = np.random.default_rng(seed)
    parameters = json.loads((Path(__file__).parent / "parameters.json").read_text("utf-8"))
    contents = Contents(rng, parameters, anchor_year(today))
    all_rounds = rounds(today)
    happened = [
        *bureau.reviewers_and_rounds(all_rounds),
        *bureau.notices(all_rounds[-1]),
        *bureau.meetings(all_rounds[-1], today),
    ]
    latest: dict[int, Content] = {}
    states = filings.states(rng, len(contents.firms), contents.known)
    for this_round, state in zip(all_rounds, states, strict=True):
        happened += filings.of_round(rng, contents, this_round, today, state=state, latest=latest)
    return sorted(happened, key=lambda event: event.at)
