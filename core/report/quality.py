"""Exhibits of 数据质量 and 填报进度: who has filed of those who must, what is missing or doubtful, how old it is."""

from collections.abc import Callable
from typing import Any, Final

import polars as pl

from core.base import beijing
from core.filing.reminders import FILED, PROGRESS
from core.report import disclosure
from core.report.disclosure import FEW, Pattern, Release
from core.report.model import WITHHELD_NOTE, Column, Exhibit, of_metric
from core.report.table import NAMES, exhibit
from core.statistics import revisions
from core.statistics.metrics import ENTERPRISES, ITEMS, METRICS, PERCENT, ratio
from core.statistics.quality import GROUPS, ISSUES, ages, counts

#: Longest list of enterprises, and of corrections.
MOST: Final = 100
_COUNT: Final = METRICS["enterprises"]
#: Issues that are the enterprises of a class, whose number is published: what is withheld there is withheld here.
_CLASSES: Final = {"report_missing": "missing", "invalid": "undetermined"}


def filed(frame: pl.DataFrame, groups: tuple[str, ...], release: Release | None, note: str = "") -> list[Exhibit]:
    """应报, 已报 and 未报 by each of `groups`; inside each state of a filing, too. `frame`: the groups and `progress`."""
    frame = frame.with_columns(
        pl.when(pl.col("progress").is_in(FILED)).then(pl.lit("filed")).otherwise(pl.lit("open")).alias("done")
    )
    kept = {by: disclosure.pattern(disclosure.cells(frame, (by, "done"))) for by in groups} if release else {}
    if any(each.everything for each in kept.values()):  # the totals are in every table
        kept = dict.fromkeys(groups, Pattern(everything=True))
    states = () if release else PROGRESS
    found = []
    for by in groups:
        table = frame.group_by(by).agg(
            pl.len().cast(pl.Int64).alias("due"),
            *((pl.col("done") == code).sum().cast(pl.Int64).alias(code) for code in ("filed", "open")),
            *((pl.col("progress") == state).sum().cast(pl.Int64).alias(state) for state in states),
        )
        columns = [
            Column("label", NAMES[by][0]), Column("due", "应报", ENTERPRISES), Column("filed", "已报", ENTERPRISES, drawn=True),
            Column("open", "未报", ENTERPRISES, drawn=True), *(Column(state, PROGRESS[state], ENTERPRISES) for state in states),
        ]  # fmt: skip
        said = f"{note}已报为已提交、区级通过和入库；其余为未报。"
        code = "progress" if groups == ("district",) else f"progress_{by}"
        found.append(
            exhibit(
                code,
                f"各{NAMES[by][0]}填报进度",
                table,
                columns,
                by,
                chart="stacked",
                note=said,
                hides=_shut(kept[by]) if release else None,
            )
        )
    return found


def _shut(kept: Pattern) -> Callable[[str | None, str], bool]:
    return lambda row, column: kept.withholds(row, None if column == "due" else column)


def quality(judged: pl.DataFrame, release: Release | None) -> list[Exhibit]:
    """How many enterprises each issue concerns and how old their data is; inside, which ones. `judged`: core.statistics.quality.judged."""
    found = [_issues(judged, release), _ages(judged, release)]
    return found if release else [*found, _concerned(judged)]


def _few(part: int, whole: int) -> bool:
    """Whether a part or the rest of a whole is too few."""
    return 0 < part <= FEW or 0 < whole - part <= FEW


def _issues(judged: pl.DataFrame, release: Release | None) -> Exhibit:
    whole = judged.height
    table = counts(judged)
    withheld: set[tuple[int, str]] = set()
    if release is not None:
        found = dict(table.select("code", "found").iter_rows())
        risky = {code for code, number in found.items() if _few(number, whole)}
        risky |= {code for code, tier in _CLASSES.items() if release.count("district", None, tier)}
        for number, row in enumerate(table.iter_rows(named=True)):
            if release.no_counts or row["code"] in risky:
                withheld |= {(number, "found"), (number, "share"), (number, "explained")}
            elif row["explained"] is not None and _few(row["explained"], row["found"]):
                withheld.add((number, "explained"))
    columns = [
        Column("label", "问题"), Column("found", _COUNT.brief, ENTERPRISES, drawn=True), Column("share", f"占{_COUNT.label}", PERCENT),
        Column("explained", "已有说明", ENTERPRISES), Column("group", "类别"), Column("rule", "判定规则"),
    ]  # fmt: skip
    rows = [
        _without(
            withheld,
            number,
            {
                "label": ISSUES[row["code"]].label,
                "found": row["found"],
                "share": ratio(row["found"], whole),
                "explained": row["explained"],
                "group": GROUPS[ISSUES[row["code"]].group],
                "rule": ISSUES[row["code"]].rule,
            },
        )
        for number, row in enumerate(table.iter_rows(named=True))
    ]
    kinds = {column.code: pl.String if column.unit is None else pl.Int64 for column in columns}
    note = "对入库数据重新核对；“已有说明”指企业在填报中写了说明。" + (WITHHELD_NOTE if withheld else "")
    return Exhibit(
        "issues",
        "数据问题",
        pl.DataFrame(rows, schema=kinds),
        columns,
        "bar" if whole else "none",
        note,
        withheld=frozenset(withheld),
    )


def _without(withheld: set[tuple[int, str]], number: int, row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if (number, name) in withheld else value for name, value in row.items()}


def _ages(judged: pl.DataFrame, release: Release | None) -> Exhibit:
    table = ages(judged)
    withheld: frozenset[tuple[int, str]] = frozenset()
    if release is not None:
        line = disclosure.line(
            disclosure.cells(judged.with_columns(pl.col("filed_year").cast(pl.String)), ("filed_year",))
        )
        every = release.no_counts or line is None
        gone = {value for (value,) in line or ()}
        withheld = frozenset(
            (number, "enterprises")
            for number, year in enumerate(table["filed_year"])
            if every or ("" if year is None else str(year)) in gone
        )
    shown = pl.Series([(number, "enterprises") not in withheld for number in range(table.height)], dtype=pl.Boolean)
    frame = table.select(
        pl.format("{}年度", "filed_year").fill_null("未知").alias("label"),
        pl.when(shown).then("enterprises").alias("enterprises"),
    )
    columns = [Column("label", "最近入库的填报"), of_metric("enterprises", brief=True, drawn=True)]
    note = "年份越早越陈旧。" + (WITHHELD_NOTE if withheld else "")
    return Exhibit("ages", "数据时效", frame, columns, "bar", note, withheld=withheld)


def _concerned(judged: pl.DataFrame) -> Exhibit:
    """Inside only: the enterprises with most issues."""
    words = [pl.when(pl.col(code)).then(pl.lit(issue.label)) for code, issue in ISSUES.items()]
    known = judged.with_columns(pl.sum_horizontal(*ISSUES).cast(pl.Int64).alias("issues")).filter(pl.col("issues") > 0)
    frame = (
        known.sort("issues", "name", descending=[True, False])
        .head(MOST)
        .select(
            pl.col("name").alias("label"),
            "uscc",
            pl.col("district")
            .fill_null("")
            .replace_strict(dict(NAMES["district"][1]), default="未填", return_dtype=pl.String)
            .alias("district"),
            "issues",
            pl.concat_str(words, separator="、", ignore_nulls=True).alias("which"),
        )
    )
    columns = [
        Column("label", "企业名称"), Column("uscc", "统一社会信用代码"), Column("district", "区属"), Column("issues", "问题数", ITEMS),
        Column("which", "问题"),
    ]  # fmt: skip
    note = f"共 {known.height:,} 家有问题，按问题数由多到少，列前 {min(MOST, known.height)} 家。"
    return Exhibit("concerned", "涉及的企业", frame, columns, "none", note)


def corrected(rows: pl.DataFrame) -> Exhibit:
    """Inside only: corrections by the bureau (name, at in naive UTC, who, label, reason), newest first."""
    frame = rows.head(MOST).select(
        pl.col("name").alias("label"),
        beijing.minutes(pl.col("at")).alias("at"),
        "who",
        pl.col("label").alias("item"),
        "reason",
    )
    columns = [
        Column("label", "企业名称"),
        Column("at", "时间"),
        Column("who", "更正人"),
        Column("item", "项目"),
        Column("reason", "原因与依据"),
    ]
    return Exhibit(
        "corrected", "主管部门更正", frame, columns, "none", f"共 {rows.height:,} 处，列最近 {frame.height} 处。"
    )


def revised(rows: pl.DataFrame) -> Exhibit:
    """Inside only: 修订表, rows of `core.statistics.revisions.table`."""
    columns = [
        Column("state", "状态"), Column("day", "日期"), *(of_metric(code) for code in revisions.TOLD),
        Column("change", "比首次", METRICS["counted_output"].unit), Column("reason", "原因"),
    ]  # fmt: skip
    return Exhibit("revised", "修订表", rows.select([each.code for each in columns]), columns, "none", revisions.METHOD)
