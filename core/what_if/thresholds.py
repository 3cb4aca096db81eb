"""At the edge of a line: which line gives a wished-for number, and what each enterprise's nearest line decides.

All in whole numbers. An enterprise crosses by its AI revenue; total, software and hardware revenue stay as they are.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.base.errors import Refused
from core.rule.classification import OUTPUTS, classify
from core.rule.policy import Policy, clauses
from core.statistics.metrics import METRICS, headed
from core.what_if.surface import LINES, apart, reached, with_tests

#: Bands around a line in hundredths: percentage points of a share line, per cent of the revenue line.
BANDS: Final = (1, 2, 5)


@dataclass(frozen=True)
class Stretch:
    """Values of a threshold from `first` to `last` (basis points or yuan) that all give `core` core enterprises.

    `least`, `most`: between these lies the counted output, yuan.
    """

    first: int
    last: int
    core: int
    least: int
    most: int


def _stretches(steps: pl.DataFrame) -> list[Stretch]:
    """Steps of a profile with one count of core enterprises as one stretch, ascending."""
    rows = steps.group_by("core").agg(
        pl.col("first").min(),
        pl.col("last").max(),
        pl.col("counted_output").min().alias("least"),
        pl.col("counted_output").max().alias("most"),
    )
    return [Stretch(**row) for row in rows.sort("first").iter_rows(named=True)]


def for_core_count(steps: pl.DataFrame, wanted: int) -> list[Stretch]:
    """The values of a threshold that give `wanted` core enterprises; where none does, the nearest fewer and the nearest more.

    `steps`: core.what_if.surface.profile. Raising a line never adds a core enterprise, so each answer is one stretch.
    """
    stretches = _stretches(steps)
    exact = [each for each in stretches if each.core == wanted]
    more, fewer = ([each for each in stretches if sign * (each.core - wanted) > 0] for sign in (1, -1))
    return exact or more[-1:] + fewer[:1]


def around(steps: pl.DataFrame, policy: int, parts: int) -> tuple[int, int] | None:
    """How far a line may move from `policy` until counted output differs by more than `parts` in ten thousand of today's.

    The lowest and the highest value; every value between keeps within too. None for a value outside of the profile.
    """
    here = (pl.col("first") <= policy) & (pl.col("last") >= policy)
    if (found := steps.filter(here)).is_empty():
        return None
    now = found["counted_output"][0]
    # now × parts / 10000 rounded down, without the product that a city's sum could make too large.
    within = (pl.col("counted_output") - now).abs() <= (now // 10_000) * parts + (now % 10_000) * parts // 10_000
    runs = steps.select("first", "last", here.alias("_here"), within.rle_id().alias("_run"))
    kept = runs.filter(pl.col("_run") == runs.filter("_here")["_run"][0])
    return kept["first"][0], kept["last"][-1]


def at_edge(frame: pl.DataFrame, policy: Policy, line: str, first: int, last: int) -> pl.DataFrame:
    """The enterprises for which a stretch ends: those that would drop below the line above `last`, those that would
    meet it below `first`. Adds `leaves` (bool), as `frame` otherwise; largest AI revenue first.
    """
    rows = with_tests(frame, policy).with_columns(_reached=reached(line, policy)).filter("_sound")
    rows = rows.filter((pl.col("_reached") == last) | (pl.col("_reached") == first - 1)).with_columns(
        leaves=pl.col("_reached") == last
    )
    return rows.select(*frame.columns, "leaves").sort("ai_revenue", descending=True).collect()


def value_of(policy: Policy, line: str) -> int:
    """Where a threshold lies, basis points or yuan."""
    return int(getattr(policy, line))


def _line_of(line: str, policy: Policy) -> pl.Expr:
    """Where a threshold lies for a row: 小微企业 may have a share line of their own."""
    value, own = pl.lit(value_of(policy, line), pl.Int64), policy.core_share_small_bp
    return (
        pl.when(apart(line, policy)).then(pl.lit(own, pl.Int64)).otherwise(value) if line == "core_share_bp" else value
    )


def _needed(line: str, policy: Policy) -> pl.Expr:
    """The least AI revenue with which an enterprise meets a line, its total revenue as it is."""
    value = _line_of(line, policy)
    if line == "core_ai_revenue":
        return value if policy.threshold_inclusive else value + 1
    exact = pl.col("total_revenue") * value
    return (exact + 9_999) // 10_000 if policy.threshold_inclusive else exact // 10_000 + 1


def ledger(classified: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """临界企业: every line whose crossing would change an enterprise's class or counted output, nearest first.

    `classified`: the output of `classify` with this policy, one row for each enterprise. Added: line; above (it meets
    the line now); distance (yuan of AI revenue to the other side, at least 1); tier_after, counted_change (yuan that
    going there adds to the city's counted output); nearest (the first of its enterprise). A line that nobody could
    cross with the total revenue given, and one at which nothing changes, is left out.
    """
    sound = classified.filter(~pl.col("directory_tier").is_in(["undetermined", "missing"]))
    each = []
    for order, line in enumerate(LINES):
        needed = _needed(line, policy)
        above = pl.col("ai_revenue") >= needed
        each.append(
            sound.with_columns(
                line=pl.lit(line),
                above=above,
                _order=pl.lit(order),
                _target=pl.when(above).then(needed - 1).otherwise(needed),
            )
        )
    rows = pl.concat(each).filter((pl.col("_target") >= 0) & (pl.col("_target") <= pl.col("total_revenue")))
    short = pl.col("_target") - pl.when("above").then(-1).otherwise(1)
    crossed, before = (
        classify(rows.drop(OUTPUTS).with_columns(ai_revenue=ai), policy) for ai in (pl.col("_target"), short)
    )
    changes = (crossed["directory_tier"] != before["directory_tier"]) | (
        crossed["counting_basis"] != before["counting_basis"]
    )
    rows = rows.with_columns(
        distance=(pl.col("_target") - pl.col("ai_revenue")).abs(),
        tier_after=crossed["directory_tier"],
        counted_change=crossed["counted_output"] - pl.col("counted_output"),
    ).filter(changes)
    rows = rows.sort("distance", "_order", "enterprise_id")
    return rows.with_columns(nearest=pl.col("enterprise_id").is_first_distinct()).drop("_order", "_target")


def near(line: str, policy: Policy, band: int) -> pl.Expr:
    """Whether an enterprise lies within ±`band` hundredths of a line: percentage points of a share, per cent of the amount."""
    value = _line_of(line, policy)
    if line == "core_ai_revenue":
        return (pl.col("ai_revenue") - value).abs() * 100 <= value * band
    gap = pl.col("ai_revenue") * 10_000 - pl.col("total_revenue") * value
    return gap.abs() <= pl.col("total_revenue") * (band * 100)


SIDES: Final = {"below": "未越线", "above": "已越线"}
ORDERS: Final = {"distance": "离线最近在前", "change": "变化最大在前"}
_COUNTED: Final = METRICS["counted_output"]
#: Amounts of the list: they stay numbers.
AMOUNTS: Final = (
    "距线（元）",
    f"全市{headed(f'{_COUNTED.label}变化', _COUNTED.one)}",
    f"{METRICS['ai_revenue'].label}（元）",
)


def chosen(ledger: pl.DataFrame, policy: Policy, given: Mapping[str, str | None]) -> pl.DataFrame:
    """The rows of a ledger that an address asks for: line (else the nearest of each), side, band, district, order."""
    line, band = given.get("line"), given.get("band") or ""
    rows = ledger.filter(pl.col("line") == line) if line else ledger.filter("nearest")
    if side := given.get("side"):
        rows = rows.filter(pl.col("above") == (side == "above"))
    if band in map(str, BANDS):
        rows = rows.filter(
            pl.any_horizontal((pl.col("line") == each) & near(each, policy, int(band)) for each in LINES)
        )
    if district := given.get("district"):
        rows = rows.filter(pl.col("district") == district)
    return (
        rows.sort(pl.col("counted_change").abs(), descending=True, maintain_order=True)
        if given.get("order") == "change"
        else rows
    )


def table(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a ledger as people read them."""
    distance, change, revenue = AMOUNTS
    tier = pl.col("directory_tier", "tier_after").replace_strict(terms.TIERS)
    return rows.with_columns(tier, shares(rows)).select(
        pl.col("name").alias("企业名称"),
        pl.col("line").replace_strict({line: clauses()[line].label for line in LINES}).alias("线"),
        pl.when("above").then(pl.lit("再减少即退到线下")).otherwise(pl.lit("再增加即越线")).alias("方向"),
        pl.col("distance").alias(distance),
        (pl.col("counted_change") / _COUNTED.one.size).alias(change),
        pl.col("directory_tier").alias("名录身份"),
        pl.col("tier_after").alias("到另一侧后（测算）"),
        METRICS["share"].label,
        pl.col("ai_revenue").alias(revenue),
        pl.col("district").replace_strict(DISTRICTS, default="未填").alias("区属"),
    )


def shares(rows: pl.DataFrame) -> pl.Series:
    """AI收入占比 of each row in words."""
    words = [terms.share(ai, total) for ai, total in rows.select("ai_revenue", "total_revenue").iter_rows()]
    return pl.Series(METRICS["share"].label, words, dtype=pl.String)


def resting(ledger: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What rests within ±1, 2 and 5 hundredths of each line, of the enterprises whose class or sum it decides.

    line, band, below, above (enterprises), counted_output (theirs, yuan), gain and loss: what would be added if all
    those below crossed, and what change if all those above fell below.
    """
    found = []
    for line in LINES:
        for band in BANDS:
            rows = ledger.filter((pl.col("line") == line) & near(line, policy, band))
            above = pl.col("above")
            found.append(
                rows.select(
                    pl.lit(line).alias("line"),
                    pl.lit(band).alias("band"),
                    (~above).sum().cast(pl.Int64).alias("below"),
                    above.sum().cast(pl.Int64).alias("above"),
                    pl.col("counted_output").sum(),
                    pl.col("counted_change").filter(~above).sum().alias("gain"),
                    pl.col("counted_change").filter(above).sum().alias("loss"),
                )
            )
    return pl.concat(found)


def whole(text: str) -> int:
    """A typed count. Raises Refused."""
    digits = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not (digits.isascii() and digits.isdigit()):
        raise Refused(f"“希望有多少家核心企业”填的是“{text[:20]}”，请填整数，如 500。")
    return int(digits)


def parts(text: str) -> int:
    """A typed percentage in ten-thousandths: "1.5" -> 150. Raises Refused."""
    given = re.fullmatch(r"(\d{1,3})(?:\.(\d{1,2}))?", unicodedata.normalize("NFKC", text).strip().removesuffix("%"))
    if not given:
        raise Refused(f"“纳入统计的变化不超过”填的是“{text[:20]}”，请填百分数，如 1 或 0.5。")
    return int(given[1]) * 100 + int(f"{given[2] or '0':0<2}")
