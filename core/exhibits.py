"""The exhibits of the reports, from classified enterprises: what is in each table, and what of it is withheld 对外."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from core import confidentiality, dictionaries, terms
from core.aggregation import PERIOD_ORDER, totals
from core.confidentiality import AMOUNTS, TIER, Release
from core.errors import Refused
from core.meeting_exhibits import Shown, exhibits
from core.reminders import FILED, PROGRESS
from core.report import WITHHELD_NOTE, Chart, Column, Exhibit, Report

#: Which reports there are; which of them name enterprises and so never leave the bureau.
REPORTS: Final = {"overview": "产业总览", "regions": "区域", "chain": "产业链", "ranking": "企业榜单", "progress": "填报进度", "meeting": "例会"}
INSIDE_ONLY: Final = frozenset({"ranking", "meeting"})
#: What each report is made of.
NEEDS: Final = {"ranking": "enterprise.read", "progress": "progress.read", "meeting": "meeting.read"}
#: Longest list of enterprises.
MOST: Final = 100

_NAMES: Final[dict[str, tuple[str, Mapping[str, str]]]] = {
    "district": ("区属", dictionaries.district_names()), "layer": ("产业链层", terms.LAYERS), "size": ("企业规模", terms.SIZES),
    "directory_tier": ("名录身份", terms.TIERS), "segment": ("产业链环节", dictionaries.segment_names()),
}  # fmt: skip
_QUARTERS: Final = dict(zip(PERIOD_ORDER, ("一季度", "二季度", "三季度", "四季度"), strict=True))
_MONEY: Final = (
    Column("counted_output", "纳入统计", "yuan", "亿元", drawn=True),
    Column("ai_revenue", "AI业务收入", "yuan", "亿元", drawn=True),
    Column("total_revenue", "总收入", "yuan", "亿元"),
    Column("share", "AI收入占比", "bp"),
)
_ONE_LAYER: Final = "企业按其产业链环节最多的一层计入一层，各层之和等于合计。"
_SEVERAL: Final = "一家企业可属多个环节，在每个环节各计一次，各环节之和大于总数。"


@dataclass(frozen=True)
class Material:
    """What reports are made of, within the scope of who asked.

    `classified`: core.classification of one year, a row an enterprise with name, uscc, district, layer, size, segments;
    `quarters`: core.aggregation.single_quarters by enterprise; `progress`: data.progress.listing of a round;
    `meeting`: what a 例会 shows.
    """

    classified: pl.DataFrame
    quarters: pl.DataFrame
    progress: pl.DataFrame
    meeting: Shown | None = None


@dataclass(frozen=True)
class Head:
    """What a report says of itself; see core.report.Report."""

    which: str
    scope: str
    period: str
    provisional: bool
    data_as_of: datetime | None
    policy_version: str
    audience: str


def compose(head: Head, material: Material) -> Report:
    """The report; 对外 with the small cells withheld. Raises Refused for one that names enterprises, or without any row."""
    if head.audience == "outside" and head.which in INSIDE_ONLY:
        raise Refused(f"“{REPORTS[head.which]}”列出单个企业，只供内部使用，没有导出。请把用途改为“内部”，或改选其他报表。")
    release = Release(material.classified) if head.audience == "outside" else None
    found = [each for each in _BUILDERS[head.which](material, release) if each.plotted.height]
    if not found:
        raise Refused(f"“{REPORTS[head.which]}”在您的管辖范围内没有数据，没有导出。")
    return Report(
        head.which, REPORTS[head.which], head.scope, head.period, head.provisional, head.data_as_of, head.policy_version,
        head.audience, found,
    )  # fmt: skip


def _labelled(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """`by` in words as the first column `label`, in the order of its dictionary."""
    names = _NAMES[by][1]
    order = {code: place for place, code in enumerate(names)}
    known = pl.col(by).fill_null("")
    return frame.sort(known.replace_strict(order, default=len(order), return_dtype=pl.Int64)).select(
        known.replace_strict(dict(names), default="未填", return_dtype=pl.String).alias("label"), pl.all()
    )


def _with_whole(frame: pl.DataFrame) -> pl.DataFrame:
    """With the sum of the numbers as the last row."""
    numbers = [name for name, kind in frame.schema.items() if kind.is_integer()]
    return pl.concat([frame, frame.select(pl.lit("合计").alias("label"), *(pl.col(name).sum() for name in numbers))], how="diagonal")


def _hidden(frame: pl.DataFrame, columns: list[Column], hides: Callable[[str | None, str], bool], by: str) -> tuple[pl.DataFrame, frozenset[tuple[int, str]]]:
    """The frame without what `hides(value of by, column)` withholds, and where that was; the total's row has None."""
    last = frame.height - 1
    withheld = frozenset(
        (number, column.code)
        for number, row in enumerate(frame.iter_rows(named=True))
        for column in columns[1:]
        if hides(None if number == last and row["label"] == "合计" else row[by] or "", column.code)
    )
    gone = {column.code: [(number, column.code) in withheld for number in range(frame.height)] for column in columns[1:]}
    return frame.with_columns(
        pl.when(pl.Series(places)).then(None).otherwise(pl.col(code)).alias(code) for code, places in gone.items()
    ), withheld  # fmt: skip


def _exhibit(
    code: str, title: str, frame: pl.DataFrame, columns: list[Column], by: str, *, chart: Chart, note: str = "",
    hides: Callable[[str | None, str], bool] | None = None, whole: bool = True,
) -> Exhibit:  # fmt: skip
    frame = _with_whole(_labelled(frame, by)) if whole else _labelled(frame, by)
    if "share" in [column.code for column in columns]:
        frame = frame.with_columns(_share().alias("share"))
    frame, withheld = _hidden(frame, columns, hides, by) if hides else (frame, frozenset())
    notes = [note, WITHHELD_NOTE if withheld else ""]
    return Exhibit(
        code, title, frame.select([column.code for column in columns]), columns, chart,
        "".join(notes), whole, withheld,
    )  # fmt: skip


def _share() -> pl.Expr:
    """AI收入占比 in basis points, rounded half up; null without revenue."""
    ai, total = pl.col("ai_revenue"), pl.col("total_revenue")
    return pl.when(total > 0).then((ai * 20_000 + total) // (2 * total))


def _counts(frame: pl.DataFrame, by: str, release: Release | None, note: str = "") -> Exhibit:
    """Enterprises by `by` and class."""
    columns = [
        Column("label", _NAMES[by][0]), Column("enterprises", "企业数", "count", "家"),
        *(Column(tier, word, "count", "家", drawn=True) for tier, word in terms.TIERS.items()),
    ]  # fmt: skip

    def hides(row: str | None, column: str) -> bool:
        return release is not None and release.count(by, row, None if column == "enterprises" else column)

    return _exhibit(
        f"classes_{by}", f"各{_NAMES[by][0]}企业数", totals(frame, by), columns, by, chart="stacked", note=note,
        hides=hides if release else None,
    )  # fmt: skip


def _amounts(frame: pl.DataFrame, by: str, release: Release | None, note: str = "") -> Exhibit:
    """Amounts by `by`."""
    columns = [Column("label", _NAMES[by][0]), *_MONEY]

    def hides(row: str | None, _: str) -> bool:
        return release is not None and release.amount(by, row)

    return _exhibit(
        f"amounts_{by}", f"各{_NAMES[by][0]}纳入统计与AI业务收入", totals(frame, by), columns, by, chart="bar", note=note,
        hides=hides if release else None,
    )  # fmt: skip


def _classes(frame: pl.DataFrame, release: Release | None) -> Exhibit:
    """Enterprises and amounts by class."""
    columns = [Column("label", "名录身份"), Column("enterprises", "企业数", "count", "家", drawn=True), *(
        Column(each.code, each.label, each.format, each.unit) for each in _MONEY
    )]  # fmt: skip

    def hides(row: str | None, column: str) -> bool:
        if release is None:
            return False
        return release.count("district", None, row) if column == "enterprises" else release.amount(TIER, row)

    return _exhibit(
        "classes", "名录身份", totals(frame, TIER), columns, TIER, chart="bar", note="“无法认定”指该年度收入缺失或有误。",
        hides=hides if release else None,
    )  # fmt: skip


def _quarters(material: Material, release: Release | None) -> Exhibit:
    """Single-quarter AI revenue of the enterprises that can be compared."""
    known = material.quarters.filter(pl.col("ai_revenue_single").is_not_null())
    keys = ["year", "period"]
    table = known.group_by(keys).agg(
        pl.col("ai_revenue_single").sum().alias("ai_revenue"), pl.len().cast(pl.Int64).alias("enterprises"), pl.col("forecast").any()
    ).sort("year", pl.col("period").replace_strict({name: i for i, name in enumerate(PERIOD_ORDER)}, return_dtype=pl.Int8))  # fmt: skip
    columns = [
        Column("label", "季度"), Column("ai_revenue", "单季AI业务收入", "yuan", "亿元", drawn=True),
        Column("enterprises", "可比企业", "count", "家"), Column("basis", "依据"),
    ]  # fmt: skip
    hidden: set[int] = set()
    if release is not None:
        parts = confidentiality.cells(known.with_columns(pl.col("year").cast(pl.String)), ("year", "period"), ("ai_revenue_single",))
        for year in {year for year, _ in parts}:
            line = confidentiality.line({key: cell for key, cell in parts.items() if key[0] == year})
            of_year = [(number, (str(row["year"]), row["period"])) for number, row in enumerate(table.iter_rows(named=True)) if str(row["year"]) == year]
            hidden |= {number for number, key in of_year if line is None or key in line}
    gone = pl.Series([number in hidden for number in range(table.height)], dtype=pl.Boolean)
    frame = table.select(
        pl.concat_str(
            pl.col("year").cast(pl.String), pl.lit("年"), pl.col("period").replace_strict(_QUARTERS, return_dtype=pl.String),
            pl.when("forecast").then(pl.lit("（预测）")).otherwise(pl.lit("")),
        ).alias("label"),
        pl.when(gone).then(None).otherwise(pl.col("ai_revenue")).alias("ai_revenue"),
        pl.when(gone).then(None).otherwise(pl.col("enterprises")).alias("enterprises"),
        pl.when("forecast").then(pl.lit("含全年预测")).otherwise(pl.lit("实际")).alias("basis"),
    )
    withheld = frozenset((number, code) for number in hidden for code in ("ai_revenue", "enterprises"))
    note = "单季数为累计数之差，只计前后两列都已填报的可比企业，各季家数不同，不宜直接比较。"
    return Exhibit("quarters", "单季AI业务收入", frame, columns, "column", note + (WITHHELD_NOTE if withheld else ""), withheld=withheld)


def _segments(frame: pl.DataFrame, release: Release | None) -> Exhibit:
    """Enterprises and amounts by segment. They overlap, so there is no total to subtract from; small cells are withheld."""
    each = frame.with_columns(pl.col("segments").fill_null("").str.split(",").alias("segment")).explode("segment").filter(pl.col("segment") != "")
    columns = [Column("label", "产业链环节"), Column("enterprises", "企业数", "count", "家"), *_MONEY]
    parts = confidentiality.cells(each, ("segment",), AMOUNTS) if release else {}

    def hides(row: str | None, column: str) -> bool:
        cell = parts[row or "",]
        return release is not None and (release.no_counts or (0 < cell.n <= confidentiality.FEW if column == "enterprises" else release.no_amounts or cell.risky))

    return _exhibit(
        "segments", "各产业链环节企业数与纳入统计", totals(each, "segment"), columns, "segment", chart="bar", note=_SEVERAL,
        hides=hides if release else None, whole=False,
    )  # fmt: skip


def _overview(material: Material, release: Release | None) -> list[Exhibit]:
    frame = material.classified
    by = [each for name in ("district", "layer", "size") for each in (
        _counts(frame, name, release, _ONE_LAYER if name == "layer" else ""), _amounts(frame, name, release, _ONE_LAYER if name == "layer" else "")
    )]  # fmt: skip
    return [_classes(frame, release), *by, _quarters(material, release)]


def _regions(material: Material, release: Release | None) -> list[Exhibit]:
    frame = material.classified
    found = [_counts(frame, "district", release), _amounts(frame, "district", release)]
    # By layer within a district, beside its classes, would let one be worked out from the other: inside only.
    return found if release else [*found, _layers_within(frame)]


def _layers_within(frame: pl.DataFrame) -> Exhibit:
    """Enterprises by district and layer."""
    layers = {**terms.LAYERS, "": "未填"}
    table = frame.group_by("district").agg(
        pl.len().cast(pl.Int64).alias("enterprises"),
        *((pl.col("layer").fill_null("") == code).sum().cast(pl.Int64).alias(code or "none") for code in layers),
    )
    columns = [Column("label", "区属"), Column("enterprises", "企业数", "count", "家"), *(
        Column(code or "none", word, "count", "家", drawn=True) for code, word in layers.items()
    )]  # fmt: skip
    return _exhibit("layers_district", "各区属产业链层企业数", table, columns, "district", chart="stacked", note=_ONE_LAYER)


def _chain(material: Material, release: Release | None) -> list[Exhibit]:
    frame = material.classified
    return [_counts(frame, "layer", release, _ONE_LAYER), _amounts(frame, "layer", release, _ONE_LAYER), _segments(frame, release)]


def _ranking(material: Material, _: Release | None) -> list[Exhibit]:
    frame = material.classified.sort("counted_output", "total_revenue", "name", descending=[True, True, False], nulls_last=True).head(MOST)
    words = {name: dict(names) for name, (_, names) in _NAMES.items()}
    table = frame.select(
        pl.col("name").alias("label"), "uscc",
        *(pl.col(name).fill_null("").replace_strict(words[name], default="未填", return_dtype=pl.String) for name in ("district", "directory_tier")),
        *AMOUNTS, _share().alias("share"),
    )  # fmt: skip
    columns = [
        Column("label", "企业名称"), Column("uscc", "统一社会信用代码"), Column("district", "区属"), Column("directory_tier", "名录身份"), *_MONEY,
    ]  # fmt: skip
    note = f"按纳入统计由大到小，列前 {MOST} 家；名录身份为计算结果。"
    return [Exhibit("ranking", "企业榜单", table.select([column.code for column in columns]), columns, "none", note)]


def _progress(material: Material, release: Release | None) -> list[Exhibit]:
    frame = material.progress.with_columns(pl.when(pl.col("progress").is_in(FILED)).then(pl.lit("filed")).otherwise(pl.lit("open")).alias("done"))
    kept = confidentiality.pattern(confidentiality.cells(frame, ("district", "done"))) if release else None
    states = () if release else PROGRESS
    table = frame.group_by("district").agg(
        pl.len().cast(pl.Int64).alias("due"),
        *((pl.col("done") == code).sum().cast(pl.Int64).alias(code) for code in ("filed", "open")),
        *((pl.col("progress") == state).sum().cast(pl.Int64).alias(state) for state in states),
    )
    columns = [
        Column("label", "区属"), Column("due", "应报", "count", "家"), Column("filed", "已报", "count", "家", drawn=True),
        Column("open", "未报", "count", "家", drawn=True), *(Column(state, PROGRESS[state], "count", "家") for state in states),
    ]  # fmt: skip

    def hides(row: str | None, column: str) -> bool:
        return kept is not None and kept.withholds(row, None if column == "due" else column)

    note = "已报为已提交、区级通过和入库；其余为未报。"
    return [_exhibit("progress", "各区属填报进度", table, columns, "district", chart="stacked", note=note, hides=hides if kept else None)]


_BUILDERS: Final[dict[str, Callable[[Material, Release | None], list[Exhibit]]]] = {
    "overview": _overview, "regions": _regions, "chain": _chain, "ranking": _ranking, "progress": _progress,
    "meeting": lambda material, _: exhibits(material.meeting) if material.meeting else [],
}  # fmt: skip
