"""The band of a headline: what it is under every reading of the two questions that the statistics rule leaves open."""

from itertools import product
from typing import Final

import polars as pl

from core.aggregation import totals
from core.classification import INPUTS, classify
from core.policy import LOW_SHARE, Policy

#: What a band is given for.
BANDED: Final = ("core", "related_software", "related_hardware", "counted_output")


def band(amounts: pl.DataFrame, law: Policy) -> dict[str, tuple[int, int]]:
    """name of `BANDED` -> the least and the most (enterprises; yuan) over low_share_core and threshold_inclusive.

    `amounts`: the int64 yuan columns of `core.classification.INPUTS`, a row an enterprise.
    """
    bare = amounts.select(INPUTS)
    readings = (law.scenario(low_share_core=low, threshold_inclusive=inclusive) for low, inclusive in product(LOW_SHARE, (False, True)))
    found = [totals(classify(bare, reading)).row(0, named=True) for reading in readings]
    return {name: (min(row[name] for row in found), max(row[name] for row in found)) for name in BANDED}
