"""The shape of what a form sends, held against the models: the store takes nothing else, whoever sends it."""

import re
from collections.abc import Mapping
from typing import Any

from core.base.values import shown
from core.filing.model import STEPS, Part, field


def invalid_path(patch: Mapping[str, Any]) -> str | None:
    """The first path whose value no form sends; what is written in the values is judged by the checks."""

    def text(value: Any) -> bool:
        """Text that can be stored: no NUL, no half of a surrogate pair."""
        return isinstance(value, str) and not re.search("[\x00\ud800-\udfff]", value)

    def part(model: type[Part], value: Any) -> bool:
        return isinstance(value, dict) and all(
            name in model.model_fields and fits(model, name, v) for name, v in value.items()
        )

    def fits(model: type[Part], name: str, value: Any) -> bool:
        about = field(model, name)
        if about.part is not None:
            return part(about.part, value)
        if about.row is not None:
            return isinstance(value, list) and len(value) <= 500 and all(part(about.row, row) for row in value)
        if about.widget in ("segments", "files"):
            return isinstance(value, list) and len(value) <= 500 and all(text(item) for item in value)
        return value is None or isinstance(value, bool) or text(value)

    for path, value in patch.items():
        step, _, name = path.partition(".")
        if step == "explanations":
            ok = 0 < len(name) <= 200 and text(name) and text(value) and len(value) <= 2000
        else:
            ok = step in STEPS and name in STEPS[step].model_fields and fits(STEPS[step], name, value)
        if not ok:
            return shown(path, 60) or "空"
    return None
