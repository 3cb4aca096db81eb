"""Facts about saved scenarios."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ConfigDict

from core.base.facts import Body, FactKind
from core.rule.policy import clauses


class ScenarioSet(Body):
    """A scenario as saved, with the parameters that differ from the policy of `version`; or what changed of its words."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    note: str = ""
    active: bool = True
    version: str = ""

    @property
    def changes(self) -> dict[str, Any]:
        """parameter -> value."""
        return {name: value for name, value in (self.model_extra or {}).items() if name in clauses()}


FACTS: Final[Mapping[str, FactKind]] = {
    "scenario.saved": FactKind("保存测算", ScenarioSet),
    "scenario.changed": FactKind("修改测算", ScenarioSet),
    "scenario.removed": FactKind("删除测算", ScenarioSet),
    "scenario.restored": FactKind("恢复测算", ScenarioSet),
}
