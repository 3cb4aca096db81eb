"""产业链 segment by segment: where core enterprises are missing or few, and what is asked for there."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from core.base import dictionaries
from core.base.dictionaries import ANSWERS, SEGMENTS

STATES: Final = {"missing": "缺链", "weak": "薄弱", "": "—"}
#: What the states mean, in words.
RULE: Final = "“缺链”：没有核心企业；“薄弱”：核心企业不到各环节中位数的一半。"


def strength(table: pl.DataFrame) -> pl.DataFrame:
    """Every segment there is, in the order of the chain: segment, layer, enterprises, core, state (a key of `STATES`).

    `table`: core.statistics.totals.totals by segment; a segment that is not in it has nobody. Weak: fewer core enterprises
    than half the median of all segments (of an even number the lower of the middle two).
    """
    chain = pl.DataFrame([{"segment": row["segment"], "layer": row["layer"]} for row in dictionaries.segments()])
    known = table.select("segment", "enterprises", "core")
    frame = chain.join(known, on="segment", how="left", maintain_order="left").with_columns(
        pl.col("enterprises", "core").fill_null(0)
    )
    median = pl.col("core").sort().get((frame.height - 1) // 2)
    state = (
        pl.when(pl.col("core") == 0)
        .then(pl.lit("missing"))
        .when(pl.col("core") * 2 < median)
        .then(pl.lit("weak"))
        .otherwise(pl.lit(""))
    )
    return frame.with_columns(state=state)


def asked_for(demands: pl.DataFrame) -> Mapping[str, int]:
    """segment -> how many demands its enterprises answer: by the kind of the demand, or because its words name the segment.

    `demands`: kind, title, description, one row each. A demand may ask for several segments.
    """
    text = pl.col("title") + " " + pl.col("description")
    counts = [
        (
            pl.col("kind").is_in([kind for kind, answering in ANSWERS.items() if segment in answering])
            | text.str.contains(name, literal=True)
        )
        .sum()
        .alias(segment)
        for segment, name in SEGMENTS.items()
    ]
    return demands.select(counts).row(0, named=True)
