"""A table of a report from its rows: words for codes, the total, and what of it is withheld."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from core.base import dictionaries, terms
from core.report.disclosure import Release
from core.report.model import WITHHELD_NOTE, Chart, Column, Exhibit, of_metric
from core.statistics import coverage
from core.statistics.metrics import ENTERPRISES, METRICS, ratios

#: What tables are broken down by: column -> its word, and the values in words.
NAMES: Final[dict[str, tuple[str, Mapping[str, str]]]] = {
    "district": ("区属", dictionaries.district_names()), "layer": ("产业链层", terms.LAYERS), "size": ("企业规模", terms.SIZES),
    "directory_tier": ("名录身份", terms.TIERS), "segment": ("产业链环节", dictionaries.segment_names()),
}  # fmt: skip


def labelled(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """`by` in words as the first column `label`, in the order of its dictionary."""
    names = NAMES[by][1]
    order = {code: place for place, code in enumerate(names)}
    known = pl.col(by).fill_null("")
    return frame.sort(known.replace_strict(order, default=len(order), return_dtype=pl.Int64)).select(
        known.replace_strict(dict(names), default="未填", return_dtype=pl.String).alias("label"), pl.all()
    )


def _with_whole(frame: pl.DataFrame) -> pl.DataFrame:
    """With the sum of the numbers as the last row."""
    numbers = [name for name, kind in frame.schema.items() if kind.is_integer()]
    return pl.concat(
        [frame, frame.select(pl.lit("合计").alias("label"), *(pl.col(name).sum() for name in numbers))], how="diagonal"
    )


def _hidden(
    frame: pl.DataFrame, columns: list[Column], hides: Callable[[str | None, str], bool], by: str
) -> tuple[pl.DataFrame, frozenset[tuple[int, str]]]:
    """The frame without what `hides(value of by, column)` withholds, and where that was; the total's row has None."""
    last = frame.height - 1
    withheld = frozenset(
        (number, column.code)
        for number, row in enumerate(frame.iter_rows(named=True))
        for column in columns[1:]
        if hides(None if number == last and row["label"] == "合计" else row[by] or "", column.code)
    )
    gone = {
        column.code: [(number, column.code) in withheld for number in range(frame.height)] for column in columns[1:]
    }
    return frame.with_columns(
        pl.when(pl.Series(places)).then(None).otherwise(pl.col(code)).alias(code) for code, places in gone.items()
    ), withheld


def exhibit(
    code: str,
    title: str,
    frame: pl.DataFrame,
    columns: list[Column],
    by: str,
    *,
    chart: Chart,
    note: str = "",
    hides: Callable[[str | None, str], bool] | None = None,
    whole: bool = True,
) -> Exhibit:
    frame = _with_whole(labelled(frame, by)) if whole else labelled(frame, by)
    if "share" in [column.code for column in columns]:
        frame = frame.with_columns(share().alias("share"))
    frame, withheld = _hidden(frame, columns, hides, by) if hides else (frame, frozenset())
    notes = [note, WITHHELD_NOTE if withheld else ""]
    return Exhibit(
        code, title, frame.select([column.code for column in columns]), columns, chart, "".join(notes), whole, withheld
    )


def share() -> pl.Expr:
    """AI收入占比 in basis points, rounded half up; null without revenue."""
    return ratios(pl.col("ai_revenue"), pl.col("total_revenue"))


def covered(frame: pl.DataFrame, release: Release | None) -> str:
    """How much has reported, for every page. 对外 by count alone, where who is missing may be told."""
    if frame.is_empty() or "last_revenue" not in frame.columns:
        return ""
    if release is None:
        return coverage.whole(frame).words
    if release.no_counts or release.count("district", None, "missing"):
        return ""
    found = coverage.whole(frame)
    return f"有数据 {found.covered:,} 家／入库 {found.admitted:,} 家"


def layers_within(frame: pl.DataFrame, note: str) -> Exhibit:
    """Enterprises by district and layer."""
    layers = {**terms.LAYERS, "": "未填"}
    table = frame.group_by("district").agg(
        pl.len().cast(pl.Int64).alias("enterprises"),
        *((pl.col("layer").fill_null("") == code).sum().cast(pl.Int64).alias(code or "none") for code in layers),
    )
    columns = [
        Column("label", "区属"),
        of_metric("enterprises", brief=True),
        *(Column(code or "none", word, ENTERPRISES, drawn=True) for code, word in layers.items()),
    ]
    return exhibit(
        "layers_district",
        f"各区属产业链层{METRICS['enterprises'].brief}",
        table,
        columns,
        "district",
        chart="stacked",
        note=note,
    )
