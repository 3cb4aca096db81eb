"""企业规模 by 《中小企业划型标准规定》（工信部联企业〔2011〕300号）, exact in yuan and persons."""

from typing import Final, Literal

import polars as pl

from core.base.dictionaries import industries

Size = Literal["large", "medium", "small", "micro"]
_ORDER: Final[tuple[Size, ...]] = ("micro", "small", "medium", "large")


def enterprise_size(industry: str, *, employees: int | None, revenue: int | None, assets: int | None) -> Size | None:
    """The computed size: the LOWER of the per-indicator classes; None while an indicator is missing.

    `industry`: code I01…I16; `employees` persons, `revenue` (营业收入) and `assets` (资产总额) whole yuan.
    Raises KeyError for an unknown industry.
    """
    rule = next((row for row in industries() if row["code"] == industry), None)
    if rule is None:
        raise KeyError(industry)
    values = {"从业人员": employees, "营业收入": revenue, "资产总额": assets}
    classes: list[int] = []
    for line in rule["indicators"]:
        value = values[line["indicator"]]
        if value is None:
            return None
        unit = 10_000 if line["unit"] == "万元" else 1
        # 农业 has its three minima on one indicator only; every minimum is inclusive.
        minima = (line["small"], line["medium"], line["large"])
        classes.append(sum(1 for minimum in minima if minimum is not None and value >= minimum * unit))
    return _ORDER[min(classes)]


def form_size(size: Size) -> str:
    """The form's three options merge small and micro (小微企业)."""
    return "small" if size == "micro" else size


def computed_size(*, industry: str, employees: str, revenue: str, assets: str) -> pl.Expr:
    """As `enterprise_size` and `form_size`, for columns of a frame: small, medium or large; null while an indicator is missing."""
    columns = {"从业人员": employees, "营业收入": revenue, "资产总额": assets}
    classes = []
    for indicator, column in columns.items():
        lines = {
            row["code"]: line for row in industries() for line in row["indicators"] if line["indicator"] == indicator
        }
        asked = pl.col(industry).is_in(list(lines))
        reached = pl.lit(0)
        for name in ("small", "medium", "large"):
            minima = {
                code: line[name] * (10_000 if line["unit"] == "万元" else 1)
                for code, line in lines.items()
                if line[name] is not None
            }
            minimum = pl.col(industry).replace_strict(minima, default=None, return_dtype=pl.Int64)
            reached += (pl.col(column) >= minimum).fill_null(False).cast(pl.Int64)
        # Large where it is not asked for, so that it decides nothing; unknown where it is asked for and missing.
        classes.append(pl.when(~asked).then(3).when(pl.col(column).is_not_null()).then(reached))
    lowest = pl.when(pl.all_horizontal(each.is_not_null() for each in classes)).then(pl.min_horizontal(classes))
    names = {number: form_size(size) for number, size in enumerate(_ORDER)}
    known = pl.col(industry).is_in([row["code"] for row in industries()])
    return pl.when(known).then(lowest.replace_strict(names, default=None, return_dtype=pl.String))
