"""The exhibits of the reports, from classified enterprises: what is in each table, and what of it is withheld 对外."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base import terms
from core.base.errors import Refused
from core.report import disclosure
from core.report.disclosure import AMOUNTS, TIER, Release
from core.report.growth import beside, concentrated, measures
from core.report.meeting import Shown, exhibits
from core.report.model import WITHHELD_NOTE, Column, Exhibit, Report, of_metric
from core.report.quality import corrected, filed, quality, revised
from core.report.table import NAMES, covered, exhibit, layers_within, share
from core.report.talent import people
from core.report.trial import MARK, trial
from core.rule.policy import Policy
from core.statistics.metrics import ENTERPRISES, METRICS
from core.statistics.totals import PERIOD_ORDER, totals
from core.statistics.year_on_year import Registers

#: Longest list of enterprises.
MOST: Final = 100

_QUARTERS: Final = dict(zip(PERIOD_ORDER, ("一季度", "二季度", "三季度", "四季度"), strict=True))
_MONEY: Final = (
    of_metric("counted_output", drawn=True),
    of_metric("ai_revenue", drawn=True),
    of_metric("total_revenue"),
    of_metric("share"),
)
_COUNT, _COUNTED = METRICS["enterprises"], METRICS["counted_output"]
_ONE_LAYER: Final = "企业按其产业链环节最多的一层计入一层，各层之和等于合计。"
_SEVERAL: Final = "一家企业可属多个环节，在每个环节各计一次，各环节之和大于总数。"


@dataclass(frozen=True)
class Material:
    """What reports are made of, within the scope of who asked.

    `classified`: core.rule.classification of one year, a row an enterprise with name, uscc, district, layer, size, segments;
    `quarters`: core.statistics.totals.single_quarters by enterprise; `progress`: data.filing.progress.of_round. `trial`: of 阈值测算.
    `meeting`: what a 例会 shows.
    """

    classified: pl.DataFrame
    quarters: pl.DataFrame
    progress: pl.DataFrame
    #: The year before, classified; no rows: there is none. `year_policies`: by which the year and the one before count.
    former: pl.DataFrame = field(default_factory=pl.DataFrame)
    year_policies: tuple[Policy, Policy] | None = None
    trial: Policy | None = None
    #: core.statistics.talent.COUNTS with the classes; core.statistics.quality.judged; the bureau's corrections
    people: pl.DataFrame = field(default_factory=pl.DataFrame)
    judged: pl.DataFrame = field(default_factory=pl.DataFrame)
    corrections: pl.DataFrame = field(default_factory=pl.DataFrame)
    #: Demands by segment, for who may read projects; the name of the round that `progress` is of.
    wanted: Mapping[str, int] | None = None
    round: str = ""
    meeting: Shown | None = None
    #: Percent of last year's 纳入统计 that must have reported for a change of all.
    coverage_least: int = 0
    #: Who stood where in both years; core.statistics.revisions.table.
    registers: Registers | None = None
    revisions: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Head:
    """What a report says of itself; see core.report.model.Report."""

    which: str
    scope: str
    period: str
    provisional: bool
    data_as_of: datetime | None
    policy_version: str
    audience: str
    trial: str = ""
    made: str = ""


def compose(head: Head, material: Material) -> Report:
    """The report; 对外 with the small cells withheld. Raises Refused for one that names enterprises, or without any row."""
    kind = KINDS[head.which]
    if head.audience == "outside" and kind.inside_only:
        raise Refused(f"“{kind.title}”{kind.inside_only}，只供内部使用，没有导出。请把用途改为“内部”，或改选其他报表。")
    release = Release(material.classified) if head.audience == "outside" else None
    found = [each for each in kind.build(material, release) if each.plotted.height]
    if not found:
        raise Refused(f"“{kind.title}”在您的管辖范围内没有数据，没有导出。")
    return Report(
        head.which,
        kind.title + (MARK if head.trial else ""),
        head.scope,
        head.period,
        head.provisional,
        head.data_as_of,
        head.policy_version,
        head.audience,
        found,
        head.trial,
        head.made,
        covered(material.meeting.figures if material.meeting else material.classified, release),
    )


def _counts(frame: pl.DataFrame, by: str, release: Release | None, note: str = "") -> Exhibit:
    """Enterprises by `by` and class."""
    columns = [
        Column("label", NAMES[by][0]),
        of_metric("enterprises", brief=True),
        *(of_metric(tier, drawn=True) for tier in terms.TIERS),
    ]

    def hides(row: str | None, column: str) -> bool:
        return release is not None and release.count(by, row, None if column == "enterprises" else column)

    return exhibit(
        f"classes_{by}",
        f"各{NAMES[by][0]}{_COUNT.brief}",
        totals(frame, by),
        columns,
        by,
        chart="stacked",
        note=note,
        hides=hides if release else None,
    )


def _amounts(frame: pl.DataFrame, by: str, release: Release | None, note: str = "") -> Exhibit:
    """Amounts by `by`."""
    columns = [Column("label", NAMES[by][0]), *_MONEY]

    def hides(row: str | None, _: str) -> bool:
        return release is not None and release.amount(by, row)

    return exhibit(
        f"amounts_{by}",
        f"各{NAMES[by][0]}{_COUNTED.label}与{METRICS['ai_revenue'].label}",
        totals(frame, by),
        columns,
        by,
        chart="bar",
        note=note,
        hides=hides if release else None,
    )


def _classes(frame: pl.DataFrame, release: Release | None) -> Exhibit:
    """Enterprises and amounts by class."""
    columns = [
        Column("label", "名录身份"),
        of_metric("enterprises", brief=True, drawn=True),
        *(replace(each, drawn=False) for each in _MONEY),
    ]

    def hides(row: str | None, column: str) -> bool:
        if release is None:
            return False
        return release.count("district", None, row) if column == "enterprises" else release.amount(TIER, row)

    return exhibit(
        "classes",
        "名录身份",
        totals(frame, TIER),
        columns,
        TIER,
        chart="bar",
        note="“无法认定”指该年度有数而缺一项或有误，“缺报”指还没有该年度全年数。",
        hides=hides if release else None,
    )


def _quarters(material: Material, release: Release | None) -> Exhibit:
    """Single-quarter AI revenue of the enterprises that can be compared."""
    known = material.quarters.filter(pl.col("ai_revenue_single").is_not_null())
    keys = ["year", "period"]
    table = (
        known.group_by(keys)
        .agg(
            pl.col("ai_revenue_single").sum().alias("ai_revenue"),
            pl.len().cast(pl.Int64).alias("enterprises"),
            pl.col("forecast").any(),
        )
        .sort(
            "year",
            pl.col("period").replace_strict({name: i for i, name in enumerate(PERIOD_ORDER)}, return_dtype=pl.Int8),
        )
    )
    single = METRICS["ai_revenue_single"]
    columns = [
        Column("label", "季度"), Column("ai_revenue", single.label, single.unit, drawn=True),
        Column("enterprises", "可比企业", ENTERPRISES), Column("basis", "依据"),
    ]  # fmt: skip
    hidden: set[int] = set()
    if release is not None:
        parts = disclosure.cells(
            known.with_columns(pl.col("year").cast(pl.String)), ("year", "period"), ("ai_revenue_single",)
        )
        for year in {year for year, _ in parts}:
            line = disclosure.line({key: cell for key, cell in parts.items() if key[0] == year})
            of_year = [
                (number, (str(row["year"]), row["period"]))
                for number, row in enumerate(table.iter_rows(named=True))
                if str(row["year"]) == year
            ]
            hidden |= {number for number, key in of_year if line is None or key in line}
    gone = pl.Series([number in hidden for number in range(table.height)], dtype=pl.Boolean)
    frame = table.select(
        pl.concat_str(
            pl.col("year").cast(pl.String),
            pl.lit("年"),
            pl.col("period").replace_strict(_QUARTERS, return_dtype=pl.String),
            pl.when("forecast").then(pl.lit("（预测）")).otherwise(pl.lit("")),
        ).alias("label"),
        pl.when(gone).then(None).otherwise(pl.col("ai_revenue")).alias("ai_revenue"),
        pl.when(gone).then(None).otherwise(pl.col("enterprises")).alias("enterprises"),
        pl.when("forecast").then(pl.lit("含全年预测")).otherwise(pl.lit("实际")).alias("basis"),
    )
    withheld = frozenset((number, code) for number in hidden for code in ("ai_revenue", "enterprises"))
    note = "单季数为累计数之差，只计前后两列都已填报的可比企业，各季家数不同，不宜直接比较。"
    return Exhibit(
        "quarters",
        single.label,
        frame,
        columns,
        "column",
        note + (WITHHELD_NOTE if withheld else ""),
        withheld=withheld,
    )


def _segments(frame: pl.DataFrame, release: Release | None) -> Exhibit:
    """Enterprises and amounts by segment. They overlap, so there is no total to subtract from; small cells are withheld."""
    each = (
        frame.with_columns(pl.col("segments").fill_null("").str.split(",").alias("segment"))
        .explode("segment")
        .filter(pl.col("segment") != "")
    )
    columns = [Column("label", "产业链环节"), of_metric("enterprises", brief=True), *_MONEY]
    parts = disclosure.cells(each, ("segment",), AMOUNTS) if release else {}

    def hides(row: str | None, column: str) -> bool:
        cell = parts[row or "",]
        return release is not None and (
            release.no_counts
            or (0 < cell.n <= disclosure.FEW if column == "enterprises" else release.no_amounts or cell.risky)
        )

    return exhibit(
        "segments",
        f"各产业链环节{_COUNT.brief}与{_COUNTED.label}",
        totals(each, "segment"),
        columns,
        "segment",
        chart="bar",
        note=_SEVERAL,
        hides=hides if release else None,
        whole=False,
    )


def _overview(material: Material, release: Release | None) -> list[Exhibit]:
    frame = material.classified
    if frame.is_empty():
        return []
    notes = {"district": "", "layer": _ONE_LAYER, "size": ""}
    by = [each(frame, name, release, note) for name, note in notes.items() for each in (_counts, _amounts)]
    found = [_classes(frame, release), concentrated(frame, release), *by, _quarters(material, release)]
    if material.year_policies and material.former.height:
        found += beside(
            frame,
            material.former,
            material.year_policies,
            release,
            least=material.coverage_least,
            registers=material.registers,
        )
    return found


def _regions(material: Material, release: Release | None) -> list[Exhibit]:
    frame = material.classified
    found = [_counts(frame, "district", release), _amounts(frame, "district", release)]
    # By layer within a district, beside its classes, would let one be worked out from the other: inside only.
    return found if release else [*found, layers_within(frame, _ONE_LAYER), _measures(material, "district")]


def _measures(material: Material, by: str) -> Exhibit:
    now, wanted = (material.year_policies or (None,))[0], material.wanted if by == "segment" else None
    frames = material.classified, material.former
    return measures(*frames, by, wanted, policy=now, registers=material.registers)


def _chain(material: Material, release: Release | None) -> list[Exhibit]:
    frame = material.classified
    found = [
        _counts(frame, "layer", release, _ONE_LAYER),
        _amounts(frame, "layer", release, _ONE_LAYER),
        _segments(frame, release),
    ]
    return found if release else [*found, _measures(material, "segment")]


def _ranking(material: Material, _: Release | None) -> list[Exhibit]:
    frame = material.classified.sort(
        "counted_output", "total_revenue", "name", descending=[True, True, False], nulls_last=True
    ).head(MOST)
    words = {name: dict(names) for name, (_, names) in NAMES.items()}
    table = frame.select(
        pl.col("name").alias("label"),
        "uscc",
        *(
            pl.col(name).fill_null("").replace_strict(words[name], default="未填", return_dtype=pl.String)
            for name in ("district", "directory_tier")
        ),
        *AMOUNTS,
        share().alias("share"),
    )
    columns = [
        Column("label", "企业名称"), Column("uscc", "统一社会信用代码"), Column("district", "区属"), Column("directory_tier", "名录身份"), *_MONEY,
    ]  # fmt: skip
    note = f"按{_COUNTED.label}由大到小，列前 {MOST} 家；名录身份为计算结果。"
    return [Exhibit("ranking", "企业榜单", table.select([column.code for column in columns]), columns, "none", note)]


def _progress(material: Material, release: Release | None) -> list[Exhibit]:
    return filed(material.progress, ("district",), release)


def _talent(material: Material, release: Release | None) -> list[Exhibit]:
    return people(material.people, release) if material.people.height else []


def _quality(material: Material, release: Release | None) -> list[Exhibit]:
    due = (
        filed(material.progress, ("district", "size"), release, f"{material.round}。")
        if material.progress.height
        else []
    )
    found = [*due, *quality(material.judged, release)] if material.judged.height else due
    found += [] if release or material.corrections.is_empty() else [corrected(material.corrections)]
    return found + ([] if release or material.revisions.is_empty() else [revised(material.revisions)])


def _trial(material: Material, _: Release | None) -> list[Exhibit]:
    assert material.year_policies and material.trial
    return trial(material.classified, material.year_policies[0], material.trial) if material.classified.height else []


@dataclass(frozen=True)
class ReportKind:
    """A report: `title`; `build`: its exhibits; `permission`: who may have it beside the right to export.

    `inside_only`: why it never leaves the bureau. `filtered`: it is of those that the filters of a dashboard leave; such a part
    never leaves, either. `linked`: its tables share numbers with those of the other linked ones: of two moments, one of
    either can be subtracted from the other. `now_only`: of a moment of its own. `beside_former`: laid beside the year before.
    """

    title: str
    build: Callable[[Material, Release | None], list[Exhibit]]
    permission: Permission = Permission.OVERVIEW_READ
    inside_only: str = ""
    filtered: bool = False
    linked: bool = False
    now_only: bool = False
    beside_former: bool = False


def _meeting(material: Material, _: Release | None) -> list[Exhibit]:
    return exhibits(material.meeting) if material.meeting else []


#: Which reports there are, in the order of the choice.
KINDS: Final[Mapping[str, ReportKind]] = {
    "overview": ReportKind("产业总览", _overview, filtered=True, linked=True, beside_former=True),
    "regions": ReportKind("区域", _regions, filtered=True, linked=True, beside_former=True),
    "chain": ReportKind("产业链", _chain, filtered=True, linked=True, beside_former=True),
    "ranking": ReportKind("企业榜单", _ranking, Permission.ENTERPRISE_READ, inside_only="列出单个企业", filtered=True),
    "talent": ReportKind("人才与知识产权", _talent, filtered=True, linked=True),
    "quality": ReportKind("数据质量", _quality, filtered=True, linked=True, now_only=True),
    "progress": ReportKind("填报进度", _progress, Permission.PROGRESS_READ, now_only=True),
    "meeting": ReportKind("例会", _meeting, Permission.MEETING_READ, inside_only="列出单个企业", now_only=True),
    "what_if": ReportKind(
        "阈值测算", _trial, Permission.WHAT_IF_USE, inside_only="是测算、不是统计结果，并列出单个企业"
    ),
}
#: code -> title.
REPORTS: Final = {code: kind.title for code, kind in KINDS.items()}
