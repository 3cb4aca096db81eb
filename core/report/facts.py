"""Facts about files that left the register."""

from collections.abc import Mapping
from typing import Final

from core.base.facts import Body, FactKind


class Exported(Body):
    """`format`, `audience`: codes; `version`: of the policy; `as_of`, `filters`: where they were chosen."""

    report: str
    period: str
    audience: str
    format: str
    name: str
    version: str
    as_of: str = ""
    filters: str = ""


FACTS: Final[Mapping[str, FactKind]] = {"report.exported": FactKind("导出报表", Exported)}
