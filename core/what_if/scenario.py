"""阈值测算: a trial policy beside the one in force, on the same enterprises; the band over the readings of unclear clauses.

Pure and exact: counts and whole yuan. A scenario is a policy that differs from the one in force; what it gives is
a trial (测算) and never stored as a figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any, Final

import polars as pl
from pydantic import ValidationError

from core.base import terms
from core.base.dictionaries import district_names
from core.rule.classification import OUTPUTS, classify, mark_missing
from core.rule.policy import CHOICES, EQUAL_KIND, LOW_SHARE, READINGS, Policy, clauses, in_words
from core.statistics.metrics import METRICS

#: What a headline says: enterprises of a class and yuan.
HEADLINE: Final = ("core", "related", "counted_output")


@dataclass(frozen=True)
class Preset:
    """A ready scenario: what differs from the policy in force, and where it comes from."""

    name: str
    source: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """A scenario that somebody has saved. `author`: a name; `day`: of Beijing.

    `version`: the policy that `changes` differ from; `own`: may be changed by the visitor; not `active`: deleted.
    """

    id: str
    name: str
    note: str
    author: str
    day: date
    version: str
    changes: Mapping[str, Any]
    active: bool
    own: bool
    revision: int

    @property
    def preset(self) -> Preset:
        """As one of the ready ones, to choose from."""
        source = f"{self.note or '没有说明'} · 保存时的现行版本 {self.version}"
        return Preset(f"{self.name}（{self.author}，{self.day}）", source, self.changes)


def presets(policy: Policy) -> dict[str, Preset]:
    """code -> the policy itself, each other reading of each unclear clause, and the city's rule of 2023."""
    known = {"in_force": Preset("现行规则", f"政策版本 {policy.version}")}
    for name, readings in READINGS.items():
        about = clauses()[name]
        for code, words in readings.items():
            if code != getattr(policy, name):
                known[f"{name}.{code}".lower()] = Preset(f"{about.label}：{words}", about.clause, {name: code})
    known["city_2023"] = Preset(
        "全市2023年规则",
        "武汉市人工智能企业2023年的认定条件：小微企业AI业务收入占比 40% 及以上；中型、大型企业占比 30% 及以上，"
        "或AI业务收入 2000 万元及以上。其余参数按现行规则。",
        {
            "core_share_small_bp": 4000,
            "core_share_bp": 3000,
            "core_ai_revenue": 20_000_000,
            "small_core_by_revenue": False,
            "threshold_inclusive": True,
        },
    )
    return known


# --- the scenario in an address ----------------------------------------------------------------------------


def changes(base: Policy, trial: Policy) -> dict[str, Any]:
    """The parameters of `trial` that differ from `base`, in the order of the source."""
    return {name: getattr(trial, name) for name in clauses() if getattr(trial, name) != getattr(base, name)}


def address(base: Policy, trial: Policy) -> dict[str, str]:
    """What differs, as text for an address: {"core_share_bp": "4000"}."""
    return {name: str(value).lower() for name, value in changes(base, trial).items()}


def read(base: Policy, given: Mapping[str, str]) -> tuple[Policy, list[str]]:
    """The scenario that an address names, and a sentence for each value that cannot be read and is left as in force."""
    changed: dict[str, Any] = {}
    problems = []
    for name, about in clauses().items():
        if name in given:
            text = given[name]
            try:
                changed |= _checked(base, name, text)
            except ValueError:
                problems.append(
                    f"网址中“{about.label}”的值“{text[:20]}”不能识别，已按现行的 {in_words(name, getattr(base, name))} 显示。"
                )
    return scenario(base, changed), problems


def _checked(base: Policy, name: str, text: str) -> dict[str, Any]:
    """One parameter from its text. Raises ValueError."""
    if name in CHOICES:
        value: Any = text
    elif isinstance(getattr(base, name), bool):
        value = {"true": True, "false": False}.get(text)
    else:
        value = None if text == "none" else int(text)
    base.scenario(**{name: value})
    return {name: value}


def scenario(base: Policy, changed: Mapping[str, Any]) -> Policy:
    """`base` with these parameters; `base` itself when nothing differs. Raises ValidationError."""
    # A line that is only tried rests on no document.
    trial = base.scenario(**changed, reference="测算参数，没有文件依据")
    return trial if changes(base, trial) else base


def standing(base: Policy, kept: Mapping[str, Any]) -> Policy | None:
    """A scenario kept earlier, on the policy of today; None when it does not fit any more."""
    try:
        return scenario(base, kept)
    except ValidationError:
        return None


def described(base: Policy, trial: Policy) -> str:
    """What differs, in words: “核心企业占比线 50% → 40%”."""
    return "；".join(
        f"{clauses()[name].label} {in_words(name, getattr(base, name))} → {in_words(name, value)}"
        for name, value in changes(base, trial).items()
    )


# --- before and after ---------------------------------------------------------------------------------------


def compare(counted: pl.DataFrame, trial: Policy) -> pl.DataFrame:
    """Each enterprise by the policy in force and by `trial`: the columns of classify again, ending in _after.

    `counted`: the output of `classify` by the policy in force. Added further: `moved` (another 名录身份) and
    `difference` (yuan of 纳入统计).
    """
    after = classify(counted.drop(OUTPUTS), trial).select(pl.col(name).alias(f"{name}_after") for name in OUTPUTS)
    return mark_missing(mark_missing(counted).hstack(after), "_after").with_columns(
        moved=pl.col("directory_tier") != pl.col("directory_tier_after"),
        difference=pl.col("counted_output_after") - pl.col("counted_output"),
    )


def _headline(ending: str = "") -> list[pl.Expr]:
    return [METRICS[code].total(ending) for code in HEADLINE]


def groups(compared: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """enterprises, core, related, counted_output (yuan) before and _after, moved, difference; by a column, or one row.

    Groups sum to the whole. Winners first: by the difference in yuan.
    """
    measures = [
        METRICS["enterprises"].total(),
        *_headline(),
        *_headline("_after"),
        METRICS["moved"].total(),
        METRICS["difference"].total(),
    ]
    if by is None:
        return compared.select(measures)
    return (
        compared.group_by(by)
        .agg(measures)
        .sort("difference", "counted_output", by, descending=[True, True, False], nulls_last=True)
    )


@dataclass(frozen=True)
class Whole:
    """The one row of `groups`: enterprises, and 纳入统计 in yuan, by the policy in force and (`…_after`) by the trial.

    `moved`: enterprises of another 名录身份; `difference`: yuan.
    """

    enterprises: int
    core: int
    related: int
    counted_output: int
    core_after: int
    related_after: int
    counted_output_after: int
    moved: int
    difference: int


def whole(compared: pl.DataFrame) -> Whole:
    """All of `compared` in one."""
    return Whole(**groups(compared).row(0, named=True))


def moves(compared: pl.DataFrame) -> pl.DataFrame:
    """The matrix of 名录身份 before and after: enterprises, counted_output and counted_output_after (yuan), one row a cell.

    Those who stay are a cell, too; empty cells are left out. In the order of core.base.terms.TIERS.
    """
    order = {tier: place for place, tier in enumerate(terms.TIERS)}
    keys = ("directory_tier", "directory_tier_after")
    return (
        compared.group_by(*keys)
        .agg(
            *(METRICS[code].total() for code in ("enterprises", "counted_output", "difference")),
            METRICS["counted_output"].total("_after"),
        )
        .sort(*(pl.col(key).replace_strict(order, return_dtype=pl.Int8) for key in keys))
    )


def movers(compared: pl.DataFrame) -> pl.DataFrame:
    """Whose 名录身份, 统计口径 or yuan differ, those that weigh most first."""
    differs = (
        pl.col("moved") | (pl.col("counting_basis") != pl.col("counting_basis_after")) | (pl.col("difference") != 0)
    )
    return compared.filter(differs).sort(pl.col("difference").abs(), "enterprise_id", descending=[True, False])


@dataclass(frozen=True)
class Outcome:
    """What a trial gives, each part as the function of its name says; `groups`: by each column.

    `band`: of the trial, `policy_band`: of the policy in force.
    """

    whole: Whole
    groups: Mapping[str, pl.DataFrame]
    moves: pl.DataFrame
    movers: pl.DataFrame
    band: pl.DataFrame
    policy_band: pl.DataFrame


# --- the band ------------------------------------------------------------------------------------------------


def band(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The headline of `policy` under every combination of readings: one column a clause, then core, related, counted_output.

    `frame`: as for `classify`. The rule is run once with and once without the lines themselves; what the other two clauses
    say of an enterprise can be read off its branch, so that dragging a line need not run the rule twelve times.
    """
    amounts = frame.drop(OUTPUTS, strict=False)
    rows = []
    for inclusive in READINGS["threshold_inclusive"]:
        plain = policy.scenario(threshold_inclusive=inclusive, low_share_core="related_weight", equal_kind="hardware")
        counted = classify(amounts, plain)
        low, tied = pl.col("rule_branch") == "core_by_revenue_low_share", pl.col("kind_assumed")
        weights = {
            "hardware": pl.col("weight_bp"),
            "software": pl.when(tied).then(policy.related_software_weight_bp).otherwise(pl.col("weight_bp")),
        }
        sums = {}
        for reading, kind in product(LOW_SHARE, EQUAL_KIND):
            weight = weights[kind]
            # Amounts that cannot be judged may be anything: they are not multiplied.
            of = pl.when(pl.col("directory_tier") == "undetermined").then(0).otherwise(pl.col("total_revenue"))
            if reading == "not_counted":
                weight = pl.when(low).then(0).otherwise(weight)
            elif reading == "ai_revenue":
                of, weight = (
                    pl.when(low).then(pl.col("ai_revenue")).otherwise(of),
                    pl.when(low).then(10_000).otherwise(weight),
                )
            sums[f"{reading}|{kind}"] = ((of * weight + 5_000) // 10_000).sum().cast(pl.Int64)
        result = counted.select(*_headline()[:2], **sums).row(0, named=True)
        rows += [
            {
                "threshold_inclusive": inclusive,
                "low_share_core": reading,
                "equal_kind": kind,
                "core": result["core"],
                "related": result["related"],
                "counted_output": result[f"{reading}|{kind}"],
            }
            for reading, kind in product(LOW_SHARE, EQUAL_KIND)
        ]
    return pl.DataFrame(
        rows,
        schema={
            **dict.fromkeys(READINGS, pl.String),
            **dict.fromkeys(HEADLINE, pl.Int64),
            "threshold_inclusive": pl.Boolean,
        },
    )


def spans(band: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Of each part of the headline the least and the most over all readings."""
    return {name: (int(band[name].min()), int(band[name].max())) for name in HEADLINE}  # type: ignore[arg-type]


def tornado(band: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What each unclear clause alone moves, the others read as in `policy`: clause, least, most, spread (yuan); widest first.

    `low` and `high`: the readings at either end.
    """
    rows = []
    for clause in READINGS:
        others = [pl.col(name) == getattr(policy, name) for name in READINGS if name != clause]
        alone = band.filter(*others).sort("counted_output", maintain_order=True)
        least, most = alone.row(0, named=True), alone.row(-1, named=True)
        rows.append(
            {
                "clause": clause,
                "low": READINGS[clause][least[clause]],
                "high": READINGS[clause][most[clause]],
                "least": least["counted_output"],
                "most": most["counted_output"],
                "spread": most["counted_output"] - least["counted_output"],
            }
        )
    return pl.DataFrame(rows).sort("spread", descending=True, maintain_order=True)


def listing(movers: pl.DataFrame) -> pl.DataFrame:
    """`movers` in words, under Chinese headings; 万元 as text, exact."""
    counted = METRICS["counted_output"]
    amounts = {
        "counted_output": f"现行{counted.heading_of_one}",
        "counted_output_after": f"测算{counted.heading_of_one}",
    }
    amounts |= {code: METRICS[code].heading_of_one for code in ("difference", "total_revenue", "ai_revenue")}
    words: dict[str, tuple[str, Mapping[str, str]]] = {
        "district": ("区属", district_names()), "size": ("企业规模", terms.SIZES), "directory_tier": ("现行身份", terms.TIERS),
        "directory_tier_after": ("测算身份", terms.TIERS), "counting_basis": ("现行口径", terms.BASES), "counting_basis_after": ("测算口径", terms.BASES),
    }  # fmt: skip
    return movers.select(
        pl.col("name").alias("企业名称"),
        pl.col("uscc").alias("统一社会信用代码"),
        *(
            pl.col(code).replace_strict(names, default="未填", return_dtype=pl.String).alias(label)
            for code, (label, names) in words.items()
        ),
        *(
            pl.Series(label, [counted.one.text(amount) for amount in movers[code]], dtype=pl.String)
            for code, label in amounts.items()
        ),
    )
