"""Rounds as tests set them: said by what differs."""

from dataclasses import replace
from typing import Any

from core.filing.round import RoundDraft
from data.access.visit import Visit
from data.filing import periods, rounds


def add(visit: Visit, **given: Any) -> str:
    return rounds.add(visit, RoundDraft(**given))


def change(visit: Visit, identity: str, revision: int, **given: Any) -> None:
    before = next(each for each in periods.rounds(visit.store) if each.id == identity)
    rounds.change(visit, identity, revision, replace(before.draft, **given))
