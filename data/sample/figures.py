"""The numbers of the sample, drawn at once for all enterprises from the published parameters.

Arrays are indexed [enterprise, year]: year 0, 1, 2 is the year before last, last year and the current one.
Yuan as int64; nearly all in hundreds, as they come from amounts typed in 万元 with two decimals.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: (line, yuan above it): two enterprises stand at each, one software and one hardware.
THRESHOLD_CASES: Final = tuple(
    (line, offset)
    for line in ("core_share_bp", "core_ai_revenue", "related_share_bp")
    for offset in (-1, 0, 1)
    for _ in range(2)
)
#: The enterprise of the first threshold case; the others follow it.
FIRST_THRESHOLD: Final = 10
#: Total and AI revenue (yuan) that stand exactly at each line, below or beside the others.
_AT_THE_LINE: Final = {
    "core_share_bp": (20_000_000, 10_000_000),
    "core_ai_revenue": (60_000_000, 20_000_000),
    "related_share_bp": (30_000_000, 6_000_000),
}
#: Total revenue (yuan), persons, AI share and software share of the two that sign in (see `people.FILERS`).
_FILERS: Final = (
    ((29_460_000, 38_620_000, 48_500_000), (58, 66, 78), 0.62, 0.85),
    ((76_000_000, 92_500_000, 118_000_000), (185, 204, 230), 0.34, 0.22),
)


@dataclass(frozen=True)
class Amounts:
    """What the enterprises earned and how many work there.

    `columns`: [enterprise, year, q1 … full_year, total/AI/software/hardware], cumulative yuan.
    `kind_missing`: software and hardware are left empty. `parts_differ`: year whose parts do not sum, or -1.
    """

    columns: Ints
    employees: Ints
    kind_missing: Flags
    parts_differ: Ints


def draw(rng: np.random.Generator, hardware: Flags) -> Amounts:
    """Draw the amounts of enterprises of which those in `hardware` lean to hardware."""
    count = len(hardware)
    revenue, employees = _revenue_and_employees(rng, count)
    total = np.rint(revenue * 100).astype(np.int64) * 100
    # The point mass near 1 (0.30 of all) is commoner among software enterprises.
    pure = rng.random(count) < np.where(hardware, 0.1, 0.355)
    ratio = np.where(pure, rng.uniform(0.95, 1, count), rng.beta(1.6, 2.4, count))
    moved = np.clip(ratio[:, None] * np.exp(rng.normal(0.01, 0.05, (count, 3))), 0.004, 1)
    ratios = np.where(pure[:, None], np.maximum(moved, 0.95), moved)
    leans_hardware = hardware ^ (rng.random(count) < 0.08)
    share = np.where(leans_hardware, rng.beta(2, 6, count), rng.beta(9, 1.2, count))
    share = np.where(rng.random(count) < 0.3, np.where(leans_hardware, 0.0, 1.0), share)
    for position, (amounts, persons, ai_share, software_share) in enumerate(_FILERS):
        total[position], employees[position] = amounts, persons
        ratios[position], share[position] = ai_share, software_share
    ai = _hundreds(total * ratios)
    software = _hundreds(ai * share[:, None])
    for position, (line, offset) in enumerate(THRESHOLD_CASES, start=FIRST_THRESHOLD):
        at_total, at_ai = _AT_THE_LINE[line]
        employees[position] = np.array([52, 60, 72]) + position
        total[position] = _hundreds(at_total * np.array([0.8, 1, 1.25]))
        ai[position] = _hundreds(at_ai * np.array([0.8, 1, 1.25]) * np.array([0.98, 1, 1.03]))
        ai[position, 1] += offset
        software[position] = ai[position] * (3 if position % 2 == 0 else 1) // 4
    hardware_part = ai - software
    special = np.arange(count) < FIRST_THRESHOLD + len(THRESHOLD_CASES)
    parts_differ = np.where((rng.random(count) < 0.03) & ~special, rng.integers(0, 3, count), -1)
    for year in range(3):
        missing = np.where(parts_differ == year, _hundreds(ai[:, year] * 0.03), 0)
        larger = software[:, year] >= hardware_part[:, year]
        software[:, year] -= np.where(larger, missing, 0)
        hardware_part[:, year] -= np.where(larger, 0, missing)
    return Amounts(
        columns=_columns(rng, total, ai, software, hardware_part),
        employees=employees,
        kind_missing=(rng.random(count) < 0.03) & ~special & (parts_differ < 0),
        parts_differ=parts_differ,
    )


def _hundreds(yuan: NDArray[Any]) -> Ints:
    """Down to whole hundreds of yuan."""
    return np.floor(yuan / 100 + 1e-9).astype(np.int64) * 100


def _revenue_and_employees(rng: np.random.Generator, count: int) -> tuple[Floats, Ints]:
    """Total revenue (万元) and persons; last year is fitted, the others grow to and from it."""
    # One draw from each of `count` equal slices keeps the sum steady, however heavy the tail.
    slices = (rng.permutation(count) + rng.random(count)) / count
    normal = np.array([NormalDist().inv_cdf(min(max(u, 1e-6), 1 - 1e-6)) for u in slices])
    last = np.clip(np.exp(7.13 + 2.21 * normal), 5, 500_000)
    growth = np.exp(np.clip(rng.normal(0.25, 0.2, (count, 2)), -0.55, 0.9))
    unusual = rng.random(count)
    usual = np.arange(count) < FIRST_THRESHOLD + len(THRESHOLD_CASES)
    growth[:, 1] = np.where((unusual < 0.012) & ~usual, rng.uniform(3.3, 4.5, count), growth[:, 1])
    growth[:, 1] = np.where((unusual > 0.99) & ~usual, rng.uniform(0.2, 0.36, count), growth[:, 1])
    growth[:, 0] = np.where((np.abs(unusual - 0.5) < 0.005) & ~usual, rng.uniform(3.3, 4.2, count), growth[:, 0])
    revenue = np.column_stack([last / growth[:, 0], last, np.minimum(last * growth[:, 1], 800_000)])
    noise = rng.normal(0, 0.611, count)
    staff = np.exp(4.475 + 0.316 * (np.log(revenue) - 7) + noise[:, None])
    return np.maximum(revenue, 2), np.maximum(np.rint(staff), 1).astype(np.int64)


def _columns(rng: np.random.Generator, total: Ints, ai: Ints, software: Ints, hardware: Ints) -> Ints:
    """Cumulative columns: quarters in an enterprise's own season, never falling, AI the sum of its parts."""
    count = len(total)
    season = rng.normal([0.18, 0.42, 0.67], [0.03, 0.04, 0.04], (count, 3))
    shares = np.clip(season[:, None, :] + rng.normal(0, 0.008, (count, 3, 3)), [0.09, 0.33, 0.56], [0.29, 0.52, 0.79])
    columns = np.empty((count, 3, 4, 4), dtype=np.int64)
    columns[:, :, 3] = np.stack([total, ai, software, hardware], axis=-1)
    for amount, whole in ((0, total), (2, software), (3, hardware)):
        columns[:, :, :3, amount] = _hundreds(whole[:, :, None] * shares)
    columns[:, :, :3, 1] = columns[:, :, :3, 2] + columns[:, :, :3, 3]
    return columns
