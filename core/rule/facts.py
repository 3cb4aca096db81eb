"""Facts about policy versions and parameters."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import ConfigDict

from core.base.facts import Body, FactKind


class PolicySet(Body):
    """A draft whole, or what changed of it: the fields of `core.rule.policy.Policy` as JSON."""

    model_config = ConfigDict(extra="allow")

    version: str = ""
    effective_from: date | None = None


class PolicyPublished(Body):
    version: str
    effective_from: date


class PolicyWithdrawn(Body):
    version: str


class ParameterSet(Body):
    value: int


FACTS: Final[Mapping[str, FactKind]] = {
    "policy.drafted": FactKind("起草政策版本", PolicySet),
    "policy.changed": FactKind("修改政策草案", PolicySet),
    "policy.published": FactKind("发布政策版本", PolicyPublished),
    "policy.withdrawn": FactKind("撤回政策草案", PolicyWithdrawn),
    "parameter.set": FactKind("设定参数", ParameterSet),
}
