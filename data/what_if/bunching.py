"""阈值附近的异常: the two sides of each line, and drafts that crossed one before they were submitted."""

import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.filing.model import PERIOD_ORDER, read, year_figures
from core.rule.policy import Policy
from core.what_if import bunching
from core.what_if.bunching import Crossed, Draft
from core.what_if.surface import LINES
from data.access.visit import Visit
from data.store.rounds import round_of
from data.store.store import Store, per_version
from data.what_if import bunching_worker, thresholds
from data.what_if.thresholds import Basis

#: A test that takes longer is given up.
_SECONDS: Final = 120.0
#: One test at a time, beside the pages.
_beside: Final = ThreadPoolExecutor(1, "density")


@per_version
def _distances(store: Store, basis: Basis, scope: Scope) -> dict[str, pl.DataFrame]:
    frame = thresholds.enterprises_within(store, basis, scope)
    return {line: bunching.distances(frame, basis.policy, line) for line in LINES}


def distances(visit: Visit, basis: Basis) -> dict[str, pl.DataFrame]:
    """How far the enterprises within the scope lie from each line (core.what_if.bunching.distances)."""
    visit.check(Permission.EDGE_READ)
    return _distances(visit.store, basis, visit.scope)


def _tested(samples: dict[str, list[float]]) -> dict[str, float | None]:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", bunching_worker.__file__],
        input=json.dumps(samples).encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=True,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    answer: dict[str, float | None] = json.loads(done.stdout)
    return answer


@per_version
def _density(store: Store, basis: Basis, scope: Scope) -> "Future[dict[str, float | None]]":
    """The test under way: kept per version, so that it runs once however many look at it."""
    samples = {
        line: frame["gap"].to_list()
        for line, frame in _distances(store, basis, scope).items()
        if bunching.sides(frame).enough
    }
    if samples:
        return _beside.submit(_tested, samples)
    nothing: Future[dict[str, float | None]] = Future()
    nothing.set_result({})
    return nothing


def density(visit: Visit, basis: Basis) -> dict[str, float | None] | None:
    """p-value of the density test by line; None under a line: there is none. None while it is being computed.

    Lines with too small a sample are left out. Raises nothing: a test that failed gives none.
    """
    visit.check(Permission.EDGE_READ)
    under_way = _density(visit.store, basis, visit.scope)
    if not under_way.done():
        return None
    return {} if under_way.exception() else under_way.result()


# --- drafts ------------------------------------------------------------------------------------------


@per_version
def _crossed(store: Store, round_id: str, policy: Policy) -> list[Crossed]:
    """Every submitted filing of a round whose share was on another side of a line when first saved; newest change last."""
    this_round = round_of(store.rows("SELECT * FROM rounds WHERE id = $1", [round_id])[0])
    found = store.rows(
        "SELECT f.id, f.enterprise_id, f.district, f.name, f.submitted_at, f.total_revenue, f.ai_revenue, f.first_draft, "
        "(SELECT max(s.at_utc) FROM facts s WHERE s.subject = 'filing:' || f.id AND s.kind = 'filing.saved' "
        "AND s.at_utc <= f.submitted_at AND contains(s.body, 'business.years')) AS changed_at "
        "FROM filings f WHERE f.round_id = $1 AND f.submitted_at IS NOT NULL AND f.first_draft <> '' AND f.total_revenue > 0 "
        "AND json_extract(f.first_draft, '$.business.years') IS DISTINCT FROM json_extract(f.content, '$.business.years')",
        [round_id],
    )
    column = max(this_round.columns, key=PERIOD_ORDER.index)
    drafts = []
    for row in found:  # only those that changed their figures: a few
        before = year_figures(read(json.loads(row.pop("first_draft")))[0], this_round.year, column)
        if before["total_revenue"] and before["ai_revenue"] is not None and row["ai_revenue"] is not None:
            drafts.append(Draft(**row, first_total=before["total_revenue"], first_ai=before["ai_revenue"]))
    return bunching.crossings(drafts, policy)


def crossed(visit: Visit, round_id: str, policy: Policy) -> list[Crossed]:
    """For reviewers: filings within the scope that crossed a line between their first draft and what was submitted.

    The shortest time from the last change of figures to the submission first.
    """
    visit.check(Permission.FILING_READ)
    seen = [each for each in _crossed(visit.store, round_id, policy) if visit.sees(vars(each.draft))]
    return sorted(
        seen, key=lambda each: (each.draft.submitted_at - (each.draft.changed_at or datetime.min), each.draft.name)
    )
