"""填报期: one reporting round, and which figures it asks for."""

from dataclasses import dataclass
from datetime import date

from core import terms


@dataclass(frozen=True)
class Round:
    """`columns`: the cumulative columns open now (the manual: 目前只用填写四季度（全年）).

    `closes` is the last day of filing. A full-year figure filed before its year is over is a forecast
    (全年（预测）) and gives a provisional class only.
    """

    id: str
    year: int
    columns: tuple[str, ...]
    opens: date
    closes: date

    @property
    def name(self) -> str:
        columns = "、".join(terms.PERIODS[column] for column in self.columns)
        return f"{self.year}年度填报：{columns}"

    @property
    def forecast(self) -> bool:
        return self.opens.year <= self.year

    def open_on(self, day: date) -> bool:
        return self.opens <= day <= self.closes

    def days_left(self, day: date) -> int:
        return (self.closes - day).days
