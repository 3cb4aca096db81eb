"""The cells of a filing: every value on a form has a path, every row of a list an identity that stays.

A path is "step.field" for a single value, "step.field.ROW" for a row as a whole (None: it is not there),
"step.field.ROW.name" for a value in it, "business.years.ROW.column.amount" for a figure, and "explanations.KEY".
A row keeps its identity under "id"; rows of older facts have none and are known by their position at that time.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from core.base.values import empty, shown
from core.filing.model import ROW_ID, STEP_NAMES, STEPS, About, Content, Part, bare, field, identified, row_id

#: In a row that is added or put back: at which position; at the end without it.
PLACE: Final = "at"


class _Gone:
    """What stands in a row that is not there: equal to nothing that could be typed."""

    def __repr__(self) -> str:
        return "GONE"


GONE: Final = _Gone()


def position_of(rows: Any, identity: str) -> int | None:
    """Where the row stands in its list, None when it is not there."""
    known = enumerate(rows if isinstance(rows, list) else ())
    return next((position for position, row in known if row_id(row, position) == identity), None)


def split(path: str) -> tuple[str, str, tuple[str, ...]]:
    """(step, field, the rest of the way). An explanation's key may hold dots and is one word."""
    step, _, rest = path.partition(".")
    if step == "explanations":
        return step, rest, ()
    name, *way = rest.split(".")
    return step, name, tuple(way)


def get(content: Content, path: str) -> Any:
    """The raw value at `path`; None when nothing was typed there, GONE when its row is not there."""
    step, name, way = split(path)
    value = (content.get(step) or {}).get(name)
    if not way:
        return value
    row, *inner = way
    position = position_of(value, row)
    if position is None:
        return GONE if inner else None
    value = cast(list[Any], value)[position]
    for part in inner:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def put(content: Content, path: str, raw: Any) -> Content:
    """A new content with `raw` at `path`. Raises KeyError on a path of no form, or of a row that is not there."""
    step, name, way = split(path)
    if not (step == "explanations" or (step in STEPS and name in STEPS[step].model_fields)):
        raise KeyError(path)
    if way and field(STEPS[step], name).row is None:
        raise KeyError(path)
    fields = dict(content.get(step) or {})
    fields[name] = _row_put(fields.get(name), way, raw, path) if way else raw
    return {**content, step: fields}


def _row_put(given: Any, way: tuple[str, ...], raw: Any, path: str) -> list[Any]:
    rows, (identity, *inner) = identified(given), way
    position = position_of(rows, identity)
    if inner:
        if position is None:
            raise KeyError(path)
        rows[position] = _inner_put(rows[position], inner, raw)
    elif raw is None:
        if position is not None:
            del rows[position]
    else:
        row = {ROW_ID: identity, **{key: value for key, value in raw.items() if key not in (ROW_ID, PLACE)}}
        if position is None:
            rows.insert(raw.get(PLACE, len(rows)), row)
        else:
            rows[position] = row
    return rows


def _inner_put(group: Any, way: list[str], raw: Any) -> dict[str, Any]:
    known = dict(group) if isinstance(group, Mapping) else {}
    name, *rest = way
    known[name] = _inner_put(known.get(name), rest, raw) if rest else raw
    return known


def apply(content: Content, patch: Mapping[str, Any]) -> Content:
    """A new content with `patch` (path -> raw value) laid over `content`, whatever its order. Raises KeyError as `put` does."""
    for path, raw in sorted(patch.items(), key=_turn):
        content = put(content, path, raw)
    return {step: dict(given) for step, given in content.items()}


def _turn(cell: tuple[str, Any]) -> tuple[int, int, str]:
    """Rows go before others come, these in the order of their places, and values are set in rows that are there."""
    path, raw = cell
    depth = len(split(path)[2])
    if depth != 1:
        return (3 if depth else 0, 0, path)
    if raw is None:
        return (1, 0, path)
    return (2, raw.get(PLACE, 1_000) if isinstance(raw, Mapping) else 0, path)


def same(one: Any, other: Any) -> bool:
    """Whether two raw values say the same: nothing typed is nothing stored, a truth value is its word."""
    return bool(_comparable(one) == _comparable(other))


def _comparable(raw: Any) -> Any:
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, Mapping):
        return {name: _comparable(item) for name, item in bare(raw).items() if name not in (ROW_ID, PLACE)}
    if isinstance(raw, list):
        # Choices and files have no order of their own; rows are compared one by one.
        return sorted(map(str, raw)) if all(isinstance(item, str) for item in raw) and raw else raw or None
    return raw if raw is GONE else None if empty(raw) else str(raw)


def compared(content: Content, cells: Mapping[str, tuple[Any, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what is to be set, what stands instead): `cells` path -> (what it was, what it is now), held against `content`.

    A row goes as it was known, or not at all: what another wrote into it meanwhile is not deleted unseen.
    """
    wanted: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    for path, (was, now) in cells.items():
        stored = get(content, path)
        if same(stored, now):
            continue
        if stored is not GONE and same(stored, was):
            wanted[path] = now
        else:
            conflicts[path] = None if stored is GONE else stored
    return wanted, conflicts


def before(content: Content, path: str) -> Any:
    """What stood at `path`, of a row with its place, so that it can be put back."""
    value = get(content, path)
    step, name, way = split(path)
    if len(way) == 1 and value is not None:
        return {**value, PLACE: position_of(content[step][name], way[0])}
    return None if value is GONE else value


def row_names(after: Content, earlier: Content, paths: Iterable[str]) -> dict[str, str]:
    """Path of a row -> what it is called, of every row that `paths` touch; one that is gone as it was called."""
    touched = dict.fromkeys(".".join(path.split(".")[:3]) for path in paths if split(path)[2])
    return {path: row_name(after, path) or row_name(earlier, path) for path in touched}


def leaves(content: Content, step: str) -> Iterator[tuple[str, Any]]:
    """(path, raw value) of every single value of a step that was typed."""
    for name, value in (content.get(step) or {}).items():
        if step in STEPS and name in STEPS[step].model_fields and field(STEPS[step], name).row is not None:
            for position, row in enumerate(value if isinstance(value, list) else ()):
                here = f"{step}.{name}.{row_id(row, position)}"
                yield from _row_leaves(here, row)
        else:
            yield f"{step}.{name}", value


def _row_leaves(here: str, row: Any) -> Iterator[tuple[str, Any]]:
    for name, value in row.items() if isinstance(row, Mapping) else ():
        if isinstance(value, Mapping):
            yield from _row_leaves(f"{here}.{name}", value)
        elif name != ROW_ID:
            yield f"{here}.{name}", value


def row_name(content: Content, path: str) -> str:
    """What the row of `path` is called: “2025年” for a year, “第 2 条” for any other; empty without a row."""
    step, name, way = split(path)
    rows = (content.get(step) or {}).get(name) if way else None
    position = position_of(rows, way[0]) if way else None
    if position is None:
        return ""
    assert isinstance(rows, list)
    if (step, name) != ("business", "years"):
        return f"第 {position + 1} 条"
    typed = rows[position].get("year") if isinstance(rows[position], Mapping) else None
    return f"第 {position + 1} 个年度" if empty(typed) else f"{shown(typed, 8).removesuffix('年')}年"


def field_of(path: str) -> About | None:
    """What the form says of the value at `path`, of a row its list; None when no form has it."""
    step, name, way = split(path)
    model: type[Part] | None = STEPS.get(step)
    if model is None or name not in model.model_fields:
        return None
    about = field(model, name)
    for part in way[1:]:
        model = about.row or about.part
        if model is None or part not in model.model_fields:
            return None
        about = field(model, part)
    return about


def label_of(path: str, row: str = "") -> str:
    """ "basic.uscc" -> “基础信息 · 统一社会信用代码”; within a row its name (`row_name`), column and field follow."""
    step, name, way = split(path)
    if step == "explanations":
        return "核实说明"
    about = field(STEPS[step], name)
    if not way:
        return f"{STEP_NAMES[step]} · {about.label}"
    words = [row or about.label] if name == "years" else [about.label, row]
    for end in range(4, len(path.split(".")) + 1):
        inner = field_of(".".join(path.split(".")[:end]))
        words.append(inner.label if inner else "")
    return f"{STEP_NAMES[step]} · {' '.join(filter(None, words))}"
