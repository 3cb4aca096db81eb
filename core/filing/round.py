"""填报期: one reporting round, and which figures it asks for."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from core.base import terms
from core.base.dictionaries import district_names

#: Who must file in a round.
OBLIGED: Final = {"all": "所有已登记企业", "admitted": "在库企业"}


@dataclass(frozen=True)
class Round:
    """`columns`: the cumulative columns open now (the manual: 目前只用填写四季度（全年）).

    `closes` is the last day of filing. A full-year figure filed before its year is over is a forecast
    (全年（预测）) and gives a provisional class only. `obliged`: who must file, of these `districts` (none: of all).
    """

    id: str
    year: int
    columns: tuple[str, ...]
    opens: date
    closes: date
    obliged: str = "all"
    districts: tuple[str, ...] = ()

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
