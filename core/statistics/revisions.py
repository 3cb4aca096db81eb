"""修订表: the figure of a closed year as it was first, after each revision, and as it stands, with the days and the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from core.statistics.metrics import METRICS

#: What is told of each state of a year, codes of metrics.
TOLD: Final = ("enterprises", "core", "counted_output", "ai_revenue")
METHOD: Final = (
    "首次为该年度全年数填报期截止日终了时的数（此前没有填报期的年度为第一天的数），此后每有变动列一行，写明当日的办理和原因；"
    "现行为此刻的数，次年结束后为最终。按该年度的政策版本和该年度的登记计。"
)


@dataclass(frozen=True)
class State:
    """A year's figures at the end of a day; yuan, enterprises. `reason`: what was done that day, "" of the first."""

    day: date
    enterprises: int
    core: int
    counted_output: int
    ai_revenue: int
    reason: str = ""

    @property
    def figures(self) -> tuple[int, ...]:
        return tuple(getattr(self, code) for code in TOLD)


def revised(states: Sequence[State]) -> list[State]:
    """Of the states of the days in order those whose figures differ from the one before."""
    kept: list[State] = []
    for each in states:
        if not kept or each.figures != kept[-1].figures:
            kept.append(each)
    return kept


def table(kept: Sequence[State], *, closed: bool) -> pl.DataFrame:
    """`revised` in order: state (首次, 修订, 现行 or, once `closed`, 最终), day, `TOLD`, change (yuan of 纳入统计 against the first), reason."""
    last = "最终" if closed else "现行"
    rows = [
        {
            "state": last if place == len(kept) - 1 and place else "修订" if place else "首次",
            "day": str(each.day),
            **dict(zip(TOLD, each.figures, strict=True)),
            "change": each.counted_output - kept[0].counted_output,
            "reason": each.reason or "—",
        }
        for place, each in enumerate(kept)
    ]
    if len(rows) == 1:
        rows.append({**rows[0], "state": last, "reason": "没有修订"})
    kinds = {"state": pl.String, "day": pl.String, **dict.fromkeys((*TOLD, "change"), pl.Int64), "reason": pl.String}
    return pl.DataFrame(rows, schema=kinds)


def headings() -> dict[str, str]:
    """The columns of `table` in words."""
    counted = METRICS["counted_output"]
    return {
        "state": "状态",
        "day": "日期",
        **{code: METRICS[code].heading for code in TOLD},
        "change": f"比首次（{counted.unit.word}）",
        "reason": "原因",
    }
