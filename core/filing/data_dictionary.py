"""The data dictionary: every field a filer fills, drawn from the models of `core.filing.model`, in the words of the form."""

from collections.abc import Iterator
from typing import Any, Final, get_args

from core.base import terms
from core.base import values as base_values
from core.base.values import YUAN_LIMIT
from core.filing.model import STEP_NAMES, STEPS, About, Part, fields

#: type of a field -> what it is called, what it must be
_TYPES: Final[dict[Any, tuple[str, str]]] = {
    base_values.Yuan: ("金额", f"0 至 {terms.wan(YUAN_LIMIT)} 万元，最多 4 位小数；存为整数元"),
    base_values.Count: ("整数", "0 至 10,000,000"),
    base_values.Day: ("日期", "有效日期，不早于 1900-01-01，如 2020-01-31"),
    base_values.Year: ("年份", "四位，1900 至 2099"),
    base_values.Uscc: ("统一社会信用代码", "18 位，校验位与主体标识码须相符"),
    base_values.Email: ("邮箱", "最多 254 字"),
    base_values.Phone: ("电话", "11 位手机号，或带区号的座机号"),
    base_values.YesNo: ("是否", "是、否"),
    base_values.Name: ("文本", "最多 100 字"),
    base_values.Line: ("文本", "最多 200 字"),
    base_values.Paragraph: ("多行文本", "最多 2,000 字"),
    base_values.Files: ("附件", "PDF、PNG 或 JPEG，每个不超过 10 MB"),
}
HEADINGS: Final = ("步骤", "所属", "名称", "代码", "类型", "单位", "必填", "约束", "选项", "说明")


def _kind(model: type[Part], about: About) -> tuple[str, str]:
    if about.row is not None:
        return "列表", "每行的字段见下"
    if about.part is not None:
        return "组", "其字段见下"
    if about.choices:
        many = about.widget == "segments"
        return ("多选", "选项之内，可多选") if many else ("单选", "选项之内")
    return _TYPES[get_args(model.model_fields[about.name].annotation)[0]]


def _required(model: type[Part], about: About) -> str:
    if about.shown_if:
        opener = next(other for other in fields(model) if other.name == about.shown_if)
        return f"“{opener.label}”为是时"
    return "是" if about.required else "否"


def _lines(step: str, model: type[Part], path: str, within: str) -> Iterator[dict[str, str]]:
    for about in fields(model):
        name, constraint = _kind(model, about)
        code = f"{path}.{about.name}"
        values = (
            STEP_NAMES[step],
            within,
            about.label,
            code,
            name,
            about.unit,
            _required(model, about),
            constraint,
            "、".join(f"{word}（{key}）" for key, word in about.choices.items()),
            "；".join(filter(None, (about.help, "由登录提供" if about.identity else ""))),
        )
        yield dict(zip(HEADINGS, values, strict=True))
        if about.row is not None:
            yield from _lines(step, about.row, f"{code}[]", f"{within} › {about.label}".removeprefix(" › "))
        if about.part is not None:
            yield from _lines(step, about.part, code, f"{within} › {about.label}")


def entries() -> list[dict[str, str]]:
    """One line a field under `HEADINGS`, in the order of the form; a list or group first, then its fields."""
    return [line for step, model in STEPS.items() for line in _lines(step, model, step, "")]
