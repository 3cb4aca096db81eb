"""The figures of a 例会: classified enterprises at a moment by a policy, and what has changed between two such moments.

All as of a moment, computed from the facts once per version for every viewer of one scope.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from core.access.scope import Scope
from core.meeting.change import split
from core.rule.policy import Policy
from core.what_if import scenario
from data.directory import classified as directory_classified
from data.store.store import Store, per_version


@dataclass(frozen=True)
class Moment:
    """What a figure is computed from. `as_of`: naive UTC, None: now. `provisional`: 预判, on forecasts."""

    year: int
    provisional: bool
    policy: Policy
    as_of: datetime | None = None


@dataclass(frozen=True)
class Sample:
    """Whose figures: those within the scope, of one district, layer and size where these are given."""

    scope: Scope
    district: str = ""
    layer: str = ""
    size: str = ""

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame with enterprise_id, district, and layer and size where those are asked for."""
        frame = self.scope.within(frame)
        for column in ("district", "layer", "size"):
            if wanted := getattr(self, column):
                frame = frame.filter(pl.col(column) == wanted)
        return frame


@per_version
def standing(store: Store, sample: Sample, moment: Moment) -> pl.DataFrame:
    """The rows of `overview.classified` in the sample at the moment."""
    return sample.of(
        directory_classified.classified_of_all(store, moment.year, moment.provisional, moment.policy, moment.as_of)
    )


@per_version
def bands(store: Store, sample: Sample, moment: Moment) -> dict[str, tuple[int, int]]:
    """The least and the most over all readings of the unclear clauses, of the sample: `core.what_if.scenario.spans`."""
    return scenario.spans(scenario.band(standing(store, sample, moment), moment.policy))


@per_version
def changes(store: Store, sample: Sample, then: Moment, now: Moment) -> pl.DataFrame:
    """`core.meeting.change.split` between two moments on the same year, with name and district of each enterprise (as now, else as then)."""
    before, after = standing(store, sample, then), standing(store, sample, now)
    named = pl.concat([after, before]).select("enterprise_id", "name", "district").unique("enterprise_id", keep="first")
    return split(before, after, now.policy).join(named, on="enterprise_id", how="left")
