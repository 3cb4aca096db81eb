"""Exhibits of 阈值测算: a trial policy beside the one in force. Every title says that it is a trial; inside only."""

from dataclasses import replace
from typing import Final

import polars as pl

from core.base import terms
from core.report.model import Column, Exhibit, of_metric
from core.report.table import NAMES, exhibit
from core.rule import policy as rule_policy
from core.rule.policy import Policy, clauses, in_words
from core.statistics.metrics import ENTERPRISES, METRICS
from core.what_if import scenario

#: Stands in every title.
MARK: Final = "（测算）"
#: Longest list of enterprises.
MOST: Final = 100
_COUNTED: Final = METRICS["counted_output"]
_SPENT: Final = (
    Column("counted_output", f"{_COUNTED.label}现行", _COUNTED.unit, drawn=True), Column("counted_output_after", f"{_COUNTED.label}测算", _COUNTED.unit, drawn=True),
    of_metric("difference"),
)  # fmt: skip


def trial(frame: pl.DataFrame, policy: Policy, trial_policy: Policy) -> list[Exhibit]:
    """`frame`: classified by `policy`."""
    compared = scenario.compare(frame, trial_policy)
    found = [_parameters(policy, trial_policy), *(_groups(compared, by) for by in ("district", "layer", "size"))]
    return [*found, _moves(compared), _readings(frame, trial_policy), _movers(compared)]


def _parameters(policy: Policy, trial_policy: Policy) -> Exhibit:
    rows = [
        {
            "label": about.label,
            "before": in_words(name, getattr(policy, name)),
            "after": in_words(name, getattr(trial_policy, name)),
            "changed": "有改动" if getattr(policy, name) != getattr(trial_policy, name) else "—",
            "clause": about.clause,
        }
        for name, about in clauses().items()
    ]
    columns = [
        Column("label", "参数"),
        Column("before", "现行"),
        Column("after", "测算"),
        Column("changed", "改动"),
        Column("clause", "现行条款"),
    ]
    return Exhibit("parameters", f"参数{MARK}", pl.DataFrame(rows), columns)


def _groups(compared: pl.DataFrame, by: str) -> Exhibit:
    columns = [
        Column("label", NAMES[by][0]), *(
            Column(f"{code}{end}", f"{METRICS[code].brief}{word}", ENTERPRISES)
            for code in ("core", "related") for end, word in (("", "现行"), ("_after", "测算"))
        ),
        of_metric("moved"),
        *_SPENT,
    ]  # fmt: skip
    return exhibit(
        f"trial_{by}", f"各{NAMES[by][0]}现行与测算{MARK}", scenario.groups(compared, by), columns, by, chart="bar"
    )


def _moves(compared: pl.DataFrame) -> Exhibit:
    """Who goes from which class to which; those who stay, too."""
    words = dict(terms.TIERS)
    frame = scenario.moves(compared).with_columns(
        pl.concat_str(
            pl.col("directory_tier").replace_strict(words, return_dtype=pl.String),
            pl.lit(" → "),
            pl.col("directory_tier_after").replace_strict(words, return_dtype=pl.String),
        ).alias("label")
    )
    columns = [
        Column("label", "现行身份 → 测算身份"),
        of_metric("enterprises", brief=True, drawn=True),
        *(replace(each, drawn=False) for each in _SPENT),
    ]
    return Exhibit("moves", f"身份流向{MARK}", frame.select([column.code for column in columns]), columns, "bar")


def _readings(frame: pl.DataFrame, trial_policy: Policy) -> Exhibit:
    """The trial under every reading of the unclear clauses."""
    band = scenario.band(frame, trial_policy)
    words = [
        pl.col(name).replace_strict(dict(readings), return_dtype=pl.String)
        for name, readings in rule_policy.READINGS.items()
    ]
    columns = [
        Column("label", "读法"), of_metric("core"), of_metric("related"),
        of_metric("counted_output", drawn=True),
    ]  # fmt: skip
    table = band.with_columns(pl.concat_str(words, separator="；").alias("label")).select(
        [column.code for column in columns]
    )
    return Exhibit("readings", f"各种读法{MARK}", table, columns, "bar", "测算参数在条款每一种读法下的结果。")


def _movers(compared: pl.DataFrame) -> Exhibit:
    rows = scenario.movers(compared)
    names = {"district": NAMES["district"][1], "directory_tier": terms.TIERS, "directory_tier_after": terms.TIERS}
    frame = rows.head(MOST).select(
        pl.col("name").alias("label"),
        "uscc",
        *(
            pl.col(code).fill_null("").replace_strict(dict(words), default="未填", return_dtype=pl.String)
            for code, words in names.items()
        ),
        *(each.code for each in _SPENT),
    )
    columns = [
        Column("label", "企业名称"), Column("uscc", "统一社会信用代码"), Column("district", "区属"), Column("directory_tier", "现行身份"),
        Column("directory_tier_after", "测算身份"), *_SPENT,
    ]  # fmt: skip
    note = f"身份、口径或{_COUNTED.label}改变的共 {rows.height:,} 家，变动大的在前，列前 {frame.height} 家。"
    return Exhibit("trial_movers", f"谁变了{MARK}", frame, columns, "none", note)
