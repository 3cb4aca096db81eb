"""企业规模 by 《中小企业划型标准规定》（工信部联企业〔2011〕300号）, exact in yuan and persons."""

from typing import Final, Literal

from core.dictionaries import industries

Size = Literal["large", "medium", "small", "micro"]
_ORDER: Final[tuple[Size, ...]] = ("micro", "small", "medium", "large")


def enterprise_size(
    industry: str, *, employees: int | None, revenue: int | None, assets: int | None
) -> Size | None:
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
