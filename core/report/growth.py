"""Exhibits beside the year before: growth in all and on the same sample, who moved in the directory, how concentrated it is."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl

from core.base import terms
from core.report import disclosure
from core.report.disclosure import FEW, Release
from core.report.model import WITHHELD_NOTE, Column, Exhibit, of_metric
from core.report.table import NAMES, labelled
from core.rule.policy import Policy
from core.statistics import decomposition, industry_chain
from core.statistics.coverage import COVERAGE, coverage
from core.statistics.metrics import COMPARISONS, DEMANDS, ENTERPRISES, LARGEST, METRICS, PERCENT, YI, ratio
from core.statistics.year_on_year import (
    AMOUNTS,
    CHANGES,
    MEANING,
    Registers,
    complete,
    concentration,
    counted_as,
    growth,
    incomplete_words,
    paired,
    reason,
)

#: The amounts, in the order of the lines.
_AMOUNTS: Final = ("counted_output", "ai_revenue", "total_revenue")
_ALL, _SAME = COMPARISONS["all"], COMPARISONS["same"]
_COUNTS_SAME: Final = f"“{_SAME.label}”{_SAME.definition}"
#: Longest list of enterprises.
MOST: Final = 100
_OWN: Final = f"“本年”“上年”各按当年的政策版本认定，“{_SAME.label}”两年都按本年的。"
_INCOMPLETE: Final = f"本年已报的企业不足以与上年全部比较，不作“{_ALL.label}”。"


def beside(
    frame: pl.DataFrame,
    former: pl.DataFrame,
    year_policies: tuple[Policy, Policy],
    release: Release | None,
    *,
    least: int = 0,
    registers: Registers | None = None,
) -> list[Exhibit]:
    """What `frame` (classified) shows beside the year before (`former`, by the second of `year_policies`). 对外 names nobody.

    `least`: percent of last year's 纳入统计 that must have reported for a change of all; below only the same sample is compared.
    `registers`: who stood where, as `paired` asks.

    Amounts of the same sample leave only where neither it nor the rest is a risk.
    """
    now, then = year_policies
    pairs = paired(frame, former, None if now == then else now, registers or Registers())
    whole = growth(pairs).row(0, named=True)
    before = Release(former) if release else None
    found = [
        _amounts(pairs, whole, release, before, least),
        _classes(whole, release, before, least),
        _moved(pairs, whole, release),
    ]
    return found if release else [*found, _parts(frame, pairs, whole, year_policies), _movers(pairs, year_policies)]


def _values(whole: Mapping[str, int], code: str) -> dict[str, int]:
    """Both years of a metric by both comparisons, under the codes of the columns."""
    return {
        "now": whole[f"{code}{_ALL.now}"],
        "before": whole[f"{code}{_ALL.before}"],
        "same": whole[f"{code}{_SAME.now}"],
        "same_before": whole[f"{code}{_SAME.before}"],
    }


def _made(
    code: str,
    title: str,
    lines: list[dict[str, Any]],
    columns: list[Column],
    hides: Callable[[dict[str, Any], str], bool] | None,
    *,
    chart: Any = "bar",
    note: str = "",
) -> Exhibit:
    """An exhibit of these lines, without what `hides(line, column)` withholds."""
    withheld = frozenset(
        (number, column.code)
        for number, line in enumerate(lines)
        for column in columns[1:]
        if hides is not None and hides(line, column.code)
    )
    kinds = {column.code: pl.String if column.unit is None else pl.Int64 for column in columns}
    rows = [
        {name: None if (number, name) in withheld else line[name] for name in kinds}
        for number, line in enumerate(lines)
    ]
    return Exhibit(
        code,
        title,
        pl.DataFrame(rows, schema=kinds),
        columns,
        chart,
        note + (WITHHELD_NOTE if withheld else ""),
        withheld=withheld,
    )


def _amounts(
    pairs: pl.DataFrame, whole: Mapping[str, int], release: Release | None, before: Release | None, least: int
) -> Exhibit:
    compared = complete(whole, least)
    lines = [
        {
            "label": METRICS[code].label,
            **(values := _values(whole, code)),
            "rate": ratio(values["now"] - values["before"], values["before"]) if compared else None,
            "same_rate": ratio(values["same"] - values["same_before"], values["same_before"]),
        }
        for code in _AMOUNTS
    ]
    columns = [
        Column("label", "指标"), Column("now", "本年", YI, drawn=True), Column("before", "上年", YI, drawn=True),
        Column("rate", _ALL.label, PERCENT), Column("same", f"{_SAME.label}本年", YI), Column("same_before", f"{_SAME.label}上年", YI),
        Column("same_rate", f"{_SAME.label}增减", PERCENT),
    ]  # fmt: skip
    shut: set[str] = set()
    if release is not None and before is not None:
        # Who is in one of the years only is the total less the same sample.
        amounts = tuple(f"{name}{end}" for name in AMOUNTS for end in ("", "_before", "_ruled"))
        parts = disclosure.cells(pairs.with_columns(pl.col("same").cast(pl.String)), ("same",), amounts)
        shut |= {"now", "rate"} if release.no_amounts else set()
        shut |= {"before", "rate"} if before.no_amounts else set()
        if shut or disclosure.line(parts) != frozenset():
            shut |= {"same", "same_before", "same_rate"}
    note = f"{_COUNTS_SAME}，共 {whole['same']:,} 家。" if not shut else f"{_COUNTS_SAME}。"
    # 对外 the share itself would tell how much one enterprise had.
    note += incomplete_words(whole, least) if release is None else "" if compared else _INCOMPLETE
    return _made(
        "growth", "比上年增减", lines, columns, (lambda _, column: column in shut) if release else None, note=note
    )


def _parts(
    frame: pl.DataFrame, pairs: pl.DataFrame, whole: Mapping[str, int], year_policies: tuple[Policy, Policy]
) -> Exhibit:
    """Inside only: from last year's 纳入统计 to this year's, to the yuan."""
    found, counted = decomposition.summed(pairs), METRICS["counted_output"]
    lines = [
        {"label": f"上年{counted.label}", "amount": whole["counted_output_before"]},
        *({"label": word, "amount": found[code]} for code, word in decomposition.PARTS.items()),
        {"label": f"本年{counted.label}", "amount": whole["counted_output"]},
    ]
    columns = [Column("label", "部分"), Column("amount", "金额", YI)]
    note = decomposition.said(found, decomposition.rule_on_new(frame, year_policies[1]), year_policies)
    return _made("growth_parts", f"{counted.label}比上年的分解", lines, columns, None, chart="none", note=note)


def _classes(whole: Mapping[str, int], release: Release | None, before: Release | None, least: int) -> Exhibit:
    compared = complete(whole, least)
    lines = [
        {
            "label": METRICS[tier].label,
            "tier": tier,
            **(values := _values(whole, tier)),
            "change": values["now"] - values["before"] if compared else None,
        }
        for tier in terms.TIERS
    ]
    columns = [
        Column("label", "名录身份"), Column("now", "本年", ENTERPRISES, drawn=True), Column("before", "上年", ENTERPRISES, drawn=True),
        Column("change", "增减", ENTERPRISES),
    ]  # fmt: skip
    if release is None or before is None:
        columns += [
            Column("same", f"{_SAME.label}本年", ENTERPRISES),
            Column("same_before", f"{_SAME.label}上年", ENTERPRISES),
        ]
        return _made("growth_classes", "名录身份比上年", lines, columns, None, note=_OWN)

    def hides(line: dict[str, Any], column: str) -> bool:
        years = {"now": (release,), "before": (before,)}.get(column, (release, before))
        return any(each is not None and each.count("district", None, line["tier"]) for each in years)

    return _made("growth_classes", "名录身份比上年", lines, columns, hides, note=_OWN)


def _moved(pairs: pl.DataFrame, whole: Mapping[str, int], release: Release | None) -> Exhibit:
    lines = [
        {"label": word, "enterprises": whole[counted_as(code)], "meaning": MEANING[code]}
        for code, word in CHANGES.items()
    ]
    columns = [Column("label", "变动"), of_metric("enterprises", brief=True, drawn=True), Column("meaning", "含义")]
    counts = [whole[counted_as(code)] for code in CHANGES]
    # With both years' classes one of these follows from the others: all or none.
    shut = release is not None and (
        release.no_counts or any(0 < each <= FEW for each in (*counts, pairs.height - sum(counts)))
    )
    return _made("moved", "比上年的名录变动", lines, columns, lambda _, column: shut and column == "enterprises")


def _movers(pairs: pl.DataFrame, year_policies: tuple[Policy, Policy]) -> Exhibit:
    """Inside only: who moved, and why."""
    rows = pairs.filter(pl.col("change").is_not_null()).sort(
        "ai_revenue", "name", descending=[True, False], nulls_last=True
    )
    districts = NAMES["district"][1]
    lines = [
        {
            "label": row["name"],
            "district": districts.get(row["district"], "未填"),
            "change": CHANGES[row["change"]],
            "before": terms.TIERS.get(row["directory_tier_before"], "—"),
            "now": terms.TIERS.get(row["directory_tier"], "—"),
            "reason": reason(row, *year_policies),
        }
        for row in rows.head(MOST).iter_rows(named=True)
    ]
    columns = [
        Column("label", "企业名称"), Column("district", "区属"), Column("change", "变动"), Column("before", "上年身份"),
        Column("now", "本年身份"), Column("reason", "原因"),
    ]  # fmt: skip
    note = f"共 {rows.height:,} 家，按{METRICS['ai_revenue'].label}由大到小，列前 {min(MOST, rows.height)} 家。"
    return _made("movers", "名录变动的企业", lines, columns, None, chart="none", note=note)


def concentrated(frame: pl.DataFrame, release: Release | None, top: int = LARGEST) -> Exhibit:
    """What the `top` largest enterprises of each amount hold of it."""
    found = concentration(frame, top=top).row(0, named=True)
    columns = [
        Column("label", "指标"), Column("whole", "合计", YI), Column("top", f"前 {top} 家", YI),
        Column("share", f"前 {top} 家占比", PERCENT, drawn=True),
    ]  # fmt: skip
    lines = [
        {
            "label": METRICS[name].label,
            "code": name,
            "whole": found[name],
            "top": found[f"{name}_top"],
            "share": METRICS[f"{name}_top_share"].of(found),
        }
        for name in _AMOUNTS
    ]

    def hides(line: dict[str, Any], column: str) -> bool:
        if release is None:
            return False
        if release.no_amounts or column == "whole":
            return release.no_amounts
        first = pl.int_range(pl.len()) < top
        ranked = frame.sort(pl.col(line["code"]).fill_null(0), descending=True).with_columns(part=first.cast(pl.String))
        return disclosure.line(disclosure.cells(ranked, ("part",), (line["code"],))) != frozenset()

    return _made("concentration", f"前 {top} 家占比", lines, columns, hides)


def measures(
    frame: pl.DataFrame,
    former: pl.DataFrame,
    by: str,
    wanted: Mapping[str, int] | None = None,
    *,
    policy: Policy | None = None,
    registers: Registers | None = None,
) -> Exhibit:
    """Inside only: growth on the same sample, weight and concentration by "district" or "segment"; `wanted`: demands by segment.

    `policy`: of this year, by which both count.
    """
    if by == "segment":
        frame = (
            frame.with_columns(pl.col("segments").fill_null("").str.split(",").alias("segment"))
            .explode("segment")
            .filter(pl.col("segment") != "")
        )
    table = concentration(frame, by).join(
        frame.group_by(by).agg(pl.len().cast(pl.Int64).alias("enterprises")), on=by, nulls_equal=True
    )
    table = table.join(coverage(frame, by), on=by, nulls_equal=True)
    columns = [Column("label", NAMES[by][0]), of_metric("enterprises", brief=True), of_metric("ai_revenue", drawn=True)]
    if former.height:
        table = table.join(
            growth(paired(frame, former, policy, registers or Registers()), by).select(
                by, "same", "ai_revenue_same", "ai_revenue_same_before"
            ),
            on=by,
            nulls_equal=True,
        )
        columns += [Column("same", f"{_SAME.label}企业", ENTERPRISES), of_metric("growth", brief=True)]
    else:
        table = table.with_columns(same=pl.lit(0), ai_revenue_same=pl.lit(0), ai_revenue_same_before=pl.lit(0))
    columns += [of_metric(code) for code in COVERAGE]
    columns += [of_metric("weight")] if by == "district" else []
    columns += [of_metric("ai_revenue_top_share", brief=True)]
    whole, states = int(table["ai_revenue"].sum()), {}
    if by == "segment":
        core = frame.group_by(by).agg(
            pl.len().cast(pl.Int64).alias("enterprises"),
            (pl.col("directory_tier") == "core").sum().cast(pl.Int64).alias("core"),
        )
        states = {
            row["segment"]: industry_chain.STATES[row["state"]]
            for row in industry_chain.strength(core).iter_rows(named=True)
        }
        columns += [Column("state", "判断")] + ([] if wanted is None else [Column("wanted", "市场需求", DEMANDS)])
    lines = [
        {
            **row, **{code: METRICS[code].of({**row, "ai_revenue_of_all": whole}) for code in ("growth", "weight", "ai_revenue_top_share", *COVERAGE)}, "state": states.get(row[by], "—"), "wanted": (wanted or {}).get(row[by], 0),
        }
        for row in labelled(table, by).iter_rows(named=True)
    ]  # fmt: skip
    note = (f"{_COUNTS_SAME}。" if former.height else "") + (industry_chain.RULE if by == "segment" else "")
    return _made(f"measures_{by}", f"各{NAMES[by][0]}增减与集中度", lines, columns, None, note=note)
