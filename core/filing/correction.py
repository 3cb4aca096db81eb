"""更正: which single values of an admitted filing the bureau may correct, and the content with one of them replaced."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.base import terms
from core.filing import cells
from core.filing.model import PERIOD_ORDER, STEP_NAMES, STEPS, Content, Figures, fields, in_words, read_part, row_id

#: What the filer says of demands is nobody else's to change; rows with evidence are returned to the filer instead.
_STEPS: Final = ("basic", "technology")


@dataclass(frozen=True, slots=True)
class Correction:
    """One value corrected. `at`: naive UTC. `who`: corrected it. `label`: which value; `before` and `after`: in words.

    `document`: what it rests on, "" for none; `file`: its address "sha256/name", "" for none.
    """

    at: datetime
    who: str
    round_id: str
    label: str
    before: str
    after: str
    reason: str
    document: str
    file: str


def places(content: Content) -> dict[str, str]:
    """path -> label of every value that may be corrected, in the order of the form.

    A path is "step.field", or "business.years.N.column.amount" for the years that the filing holds.
    """
    found = {
        f"{step}.{about.name}": f"{STEP_NAMES[step]} · {about.label}"
        for step in _STEPS
        for about in fields(STEPS[step])
        if about.row is None and not about.identity and about.widget != "files"
    }
    for number, row in enumerate(content.get("business", {}).get("years") or ()):
        identity = row_id(row, number)
        for period in PERIOD_ORDER:
            for about in fields(Figures):
                path = f"business.years.{identity}.{period}.{about.name}"
                found[path] = f"{row.get('year') or '未填年份'}年 {terms.PERIODS[period]} · {about.label}"
    return found


def standing(content: Content, path: str) -> Any:
    """The raw value at a path of `places`; None when nothing was filed there."""
    value = cells.get(content, path)
    return None if value is cells.GONE else value


def worded(path: str, raw: Any) -> str:
    """A raw value in the words of its field, with its unit."""
    *_, name = path.split(".")
    model = Figures if path.startswith("business.") else STEPS[path.partition(".")[0]]
    return in_words(next(about for about in fields(model) if about.name == name), raw)


def readable(path: str, raw: Any) -> str | None:
    """What is wrong with `raw` at this path, None when it can be read."""
    *_, name = path.split(".")
    model = Figures if path.startswith("business.") else STEPS[path.partition(".")[0]]
    found = [problem for problem in read_part(model, {name: raw}, "")[1] if problem.path == f".{name}"]
    return found[0].sentence if found else None
