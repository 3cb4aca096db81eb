"""Facts about the keeping of the service itself."""

from collections.abc import Mapping
from typing import Final

from core.base.facts import Body, FactKind, Nothing


class BackupMade(Body):
    facts: int
    files: int
    bytes: int


class BackupChecked(Body):
    whole: bool
    finding: str


class JobFailed(Body):
    sentence: str
    kind: str


class QueryRun(Body):
    sql: str


FACTS: Final[Mapping[str, FactKind]] = {
    "backup.made": FactKind("备份", BackupMade),
    "backup.checked": FactKind("校验备份", BackupChecked),
    "backup.removed": FactKind("清理旧备份", Nothing),
    "backup.restored": FactKind("从备份恢复", Nothing),
    "job.failed": FactKind("任务失败", JobFailed),
    "query.run": FactKind("运行查询", QueryRun),
}
