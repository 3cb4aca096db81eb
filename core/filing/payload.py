"""The shape of what a form sends, held against the models: the store takes nothing else, whoever sends it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from core.base.values import shown
from core.filing.cells import PLACE, split
from core.filing.model import ROW_ID, STEPS, Part, field

#: Longest list of rows, choices or files.
MOST_ROWS: Final = 500


def invalid_path(patch: Mapping[str, Any]) -> str | None:
    """The first path (core.filing.cells) that no form has, or whose value none sends; what is written in it the checks judge."""

    def text(value: Any) -> bool:
        """Text that can be stored: no NUL, no half of a surrogate pair."""
        return isinstance(value, str) and not re.search("[\x00\ud800-\udfff]", value)

    def part(model: type[Part], value: Any) -> bool:
        return isinstance(value, dict) and all(
            name in model.model_fields and fits(model, name, v) for name, v in value.items() if name != ROW_ID
        )

    def fits(model: type[Part], name: str, value: Any) -> bool:
        about = field(model, name)
        if about.part is not None:
            return part(about.part, value)
        if about.widget in ("segments", "files"):
            return isinstance(value, list) and len(value) <= MOST_ROWS and all(text(item) for item in value)
        return value is None or isinstance(value, bool) or text(value)

    def row(model: type[Part], way: tuple[str, ...], value: Any) -> bool:
        """A row as a whole, with the place at which it is put in; None for none; or a value within it."""
        identity, *inner = way
        if not re.fullmatch(r"[0-9a-z]{1,12}", identity, re.ASCII):
            return False
        if inner:
            return within(model, inner, value)
        given = dict(value) if isinstance(value, dict) else {}
        place = given.pop(PLACE, 0)
        return value is None or (
            isinstance(value, dict) and type(place) is int and 0 <= place <= MOST_ROWS and part(model, given)
        )

    def within(model: type[Part] | None, way: list[str], value: Any) -> bool:
        name, *inner = way
        if model is None or name not in model.model_fields:
            return False
        about = field(model, name)
        return within(about.part, inner, value) if inner else about.part is None and fits(model, name, value)

    def cell(path: str, value: Any) -> bool:
        step, name, way = split(path)
        if step == "explanations":
            return 0 < len(name) <= 200 and text(name) and (value is None or (text(value) and len(value) <= 2000))
        if step not in STEPS or name not in STEPS[step].model_fields:
            return False
        about = field(STEPS[step], name)
        if about.row is None:
            return not way and fits(STEPS[step], name, value)
        return bool(way) and row(about.row, way, value)

    return next((shown(path, 60) or "空" for path, value in patch.items() if not cell(path, value)), None)
