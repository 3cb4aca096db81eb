"""填报期: one reporting round, and which figures it asks for."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from core.base import terms
from core.base.dictionaries import district_names

#: Who must file in a round.
OBLIGED: Final = {"all": "所有已登记企业", "admitted": "在库企业"}

#: Field of the form's legal head -> its label.
LEGAL_HEAD: Final = {
    "form_number": "表号",
    "authority": "制定机关",
    "approval": "批准或备案文号",
    "valid_until": "有效期至",
}


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """A round as somebody wants it, whether or not it makes sense; the fields are those of `Round`."""

    year: int
    columns: tuple[str, ...]
    opens: date
    closes: date
    obliged: str = "all"
    districts: tuple[str, ...] = ()
    form_number: str = ""
    authority: str = ""
    approval: str = ""
    valid_until: date | None = None


@dataclass(frozen=True)
class Round:
    """`columns`: the cumulative columns open now (the manual: 目前只用填写四季度（全年）).

    `closes` is the last day of filing. A full-year figure filed before its year is over is a forecast
    (全年（预测）) and gives a provisional class only. `obliged`: who must file, of these `districts` (none: of all).
    `form_number`, `authority`, `approval`, `valid_until`: the form's legal head (DOMAIN.md); older rounds have none.
    """

    id: str
    year: int
    columns: tuple[str, ...]
    opens: date
    closes: date
    obliged: str = "all"
    districts: tuple[str, ...] = ()
    form_number: str = ""
    authority: str = ""
    approval: str = ""
    valid_until: date | None = None

    @property
    def legal_head(self) -> tuple[tuple[str, str], ...]:
        """(label, text) of what a survey form shows at its top right by 统计法; what the round does not say is missing."""
        said = (self.form_number, self.authority, self.approval, str(self.valid_until or ""))
        return tuple((label, text) for label, text in zip(LEGAL_HEAD.values(), said, strict=True) if text)

    @property
    def name(self) -> str:
        columns = "、".join(terms.PERIODS[column] for column in self.columns)
        return f"{self.year}年度填报：{columns}"

    @property
    def who(self) -> str:
        """Who must file, in words."""
        places = "、".join(district_names().get(code, code) for code in self.districts)
        return OBLIGED[self.obliged] + (f"（{places}）" if places else "")

    @property
    def forecast(self) -> bool:
        return self.opens.year <= self.year

    def open_on(self, day: date) -> bool:
        return self.opens <= day <= self.closes

    def days_left(self, day: date) -> int:
        return (self.closes - day).days

    @property
    def draft(self) -> RoundDraft:
        """What can be changed of it."""
        return RoundDraft(**{each.name: getattr(self, each.name) for each in fields(RoundDraft)})


@dataclass(frozen=True, slots=True)
class RoundCounts:
    """How many enterprises are `obliged` to file in a round, and how many filings of it are `saved`, `filed` (submitted
    or further) and `admitted`; `revision`: of the round, to be named by who changes it.
    """

    obliged: int
    saved: int
    filed: int
    admitted: int
    revision: int
