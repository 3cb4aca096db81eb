"""A data scope: which enterprises, and whose accounts, a visit sees. Decided once, asked everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from core.base.dictionaries import DISTRICTS

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scope:
    """An enterprise is within when its district is one of `districts` ("" = none filed yet) and it is not one of
    `without`, or when it is one of `enterprises`. Hashable, so that results can be kept per scope.

    `words`: what the scope is called on a page. `organisations`: whose accounts are within.
    """

    words: str
    everything: bool = False
    districts: frozenset[str] = _NONE
    enterprises: frozenset[str] = _NONE
    without: frozenset[str] = _NONE
    organisations: frozenset[str] = _NONE

    def same_as(self, other: "Scope") -> bool:
        """Whether both see the same, whatever they are called."""
        return replace(self, words="") == replace(other, words="")

    def sees(self, row: Mapping[str, Any]) -> bool:
        """Whether a row with enterprise_id and district lies within."""
        identity = row["enterprise_id"]
        return (
            self.everything
            or identity in self.enterprises
            or ((row["district"] or "") in self.districts and identity not in self.without)
        )

    def within(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame with enterprise_id and district that lie within."""
        if self.everything:
            return frame
        district = pl.col("district").cast(pl.String).fill_null("").is_in(sorted(self.districts))
        if self.without:
            district &= ~pl.col("enterprise_id").is_in(sorted(self.without))
        if self.enterprises:
            district |= pl.col("enterprise_id").is_in(sorted(self.enterprises))
        return frame.filter(district)


@dataclass(frozen=True)
class Places:
    """Where anything of a scope can lie. `words`: what the scope is called; `districts`: code -> name, in their order."""

    words: str
    districts: Mapping[str, str]

    def outside(self, district: str | None) -> str | None:
        """The beginning of a sentence when nothing of a district (its code or name) can lie within: 0 would be a lie."""
        for code, name in DISTRICTS.items():
            if district in (code, name) and code not in self.districts:
                return f"“{name}”不在您的数据范围（{self.words}）"
        return None
