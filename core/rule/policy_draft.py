"""A policy version as the bureau types it: percentages, 万元, 是/否, read exactly; what cannot be read is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from core.base import values
from core.base.errors import Refused
from core.base.values import Percent, YesNo, Yuan, visible
from core.rule.policy import CHOICES, Policy, clauses, written

#: Text of a version: field -> (label, fewest and most characters).
_TEXTS: Final = {"version": ("版本号", 1, 30), "title": ("标题", 2, 60), "reference": ("文件依据", 4, 200)}


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A version as typed. `effective_from`: its day. `parameters`: each of `clauses()`, as `parameter` reads it."""

    version: str
    title: str
    reference: str
    effective_from: str
    parameters: Mapping[str, str | None]


def parameter(name: str, raw: Any) -> Any:
    """A parameter as typed (percentages, 万元, 是/否, a code) -> its exact value."""
    if name == "core_share_small_bp" and str(raw or "").strip() in ("", "不分规模"):
        return None
    if name in CHOICES:
        if raw not in CHOICES[name]:
            raise Refused(f"“{clauses()[name].label}”须从所列各项中选择，未保存。")
        return raw
    kind = Percent if name.endswith("_bp") else Yuan if name == "core_ai_revenue" else YesNo
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as error:
        raise Refused(
            f"“{clauses()[name].label}”填的是“{str(raw)[:20]}”：{error.errors()[0]['msg']}。未保存。"
        ) from None


def as_typed(policy: Policy) -> dict[str, str | None]:
    """The parameters of `policy` as they would be typed, for a draft made from it."""
    return {
        name: value if name in CHOICES else written(name, value)[0]
        for name in clauses()
        for value in [getattr(policy, name)]
    }


def read(given: PolicyDraft) -> Policy:
    """A version from what was typed. Raises Refused naming the field and its value."""
    texts: dict[str, Any] = {}
    for name, (label, fewest, most) in _TEXTS.items():
        texts[name] = visible(getattr(given, name))
        if not fewest <= len(texts[name]) <= most:
            raise Refused(f"“{label}”须为 {fewest} 至 {most} 个字，现为 {len(texts[name])} 个字，未保存。")
    day = values.day(given.effective_from, "“生效日期”")
    if day is None:
        raise Refused("“生效日期”须填写，未保存。")
    policy = Policy(
        **texts, effective_from=day, **{name: parameter(name, given.parameters.get(name)) for name in clauses()}
    )
    for line in ("core_share_bp", "core_share_small_bp"):
        if (core := getattr(policy, line)) is not None and policy.related_share_bp > core:
            raise Refused(
                f"“相关企业占比线”高于“{clauses()[line].label}”，没有企业会成为相关企业，未保存。请核对两条线。"
            )
    return policy
