"""What a dashboard is asked for: a year and filters. Pure, hashable, one meaning on every page."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import polars as pl

from core.base import terms
from core.base.dictionaries import DISTRICTS, SEGMENTS

#: filter -> its word and the values there are, code -> Chinese.
FILTERS: Final[dict[str, tuple[str, Mapping[str, str]]]] = {
    "district": ("区属", DISTRICTS),
    "layer": ("产业链层", terms.LAYERS),
    "segment": ("产业链环节", SEGMENTS),
    "size": ("企业规模", terms.SIZES),
    "tier": ("名录身份", terms.TIERS),
}


@dataclass(frozen=True)
class Selection:
    """`provisional`: by 全年（预测） figures. A filter is a code of `FILTERS`, or None for all.

    `tier` asks for the class in `year`: what is compared with another year are the same enterprises.
    """

    year: int
    provisional: bool = False
    district: str | None = None
    layer: str | None = None
    segment: str | None = None
    size: str | None = None
    tier: str | None = None

    def of(self, classified: pl.DataFrame) -> pl.DataFrame:
        """The rows that the filters leave; `classified`: columns of `data.directory.classified.classified`."""
        wanted = {"district": self.district, "layer": self.layer, "size": self.size, "directory_tier": self.tier}
        tests = [pl.col(column) == code for column, code in wanted.items() if code]
        if self.segment:
            tests.append(pl.col("segments").str.split(",").list.contains(self.segment))
        return classified.filter(*tests) if tests else classified

    def without(self, *filters: str) -> "Selection":
        """The same with these filters lifted, as a chart needs that shows every value of one."""
        return Selection.asked(
            self.year, self.provisional, {name: code for name, code in self.chosen.items() if name not in filters}
        )

    @classmethod
    def asked(cls, year: int, provisional: bool, filters: Mapping[str, str]) -> "Selection":
        """The year with these filters; keys that are none of `FILTERS` are left out."""
        return cls(year, provisional, *(filters.get(name) for name in FILTERS))

    @property
    def chosen(self) -> dict[str, str]:
        """filter -> code, for the filters that are set."""
        return {name: code for name in FILTERS if (code := getattr(self, name))}

    @property
    def period(self) -> str:
        """The year and what kind of figures: 2025年度全年实际."""
        return f"{self.year}年度{'全年（预测），预判' if self.provisional else '全年实际'}"

    @property
    def year_words(self) -> str:
        """As in the address: 2025, 2026预判."""
        return f"{self.year}{'预判' if self.provisional else ''}"

    @property
    def words(self) -> str:
        """The filters in words: 东湖高新区、核心企业; "" without any."""
        return "、".join(FILTERS[name][1][code] for name, code in self.chosen.items())


def read(asked: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The filters of an address, and the values there that mean nothing."""
    given = {name: asked[name] for name in FILTERS if asked.get(name)}
    known = {name: code for name, code in given.items() if code in FILTERS[name][1]}
    return known, [code for name, code in given.items() if name not in known]


assert [each.name for each in fields(Selection)][2:] == list(FILTERS), "every filter has its word"
