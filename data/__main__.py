"""Keeping the store, with the service stopped: `python -m data COMMAND`; only check-backup may run beside a service."""

import os
import sys
from datetime import UTC, datetime

from core.base.errors import UserError
from data.platform import backups, integrity
from data.platform.settings import DataSettings
from data.projections import PROJECTED, project
from data.store.store import Store, StoreDamaged

#: command -> (how many names follow, what it does)
COMMANDS = {
    "verify": (0, "核验日志链、锚、各表与登录凭据"),
    "rebuild": (0, "由事实重建各表"),
    "accept-mark": (0, "确认现有数据，重建水位"),
    "backup": (0, "备份"),
    "check-backup": (1, "校验一份备份能否恢复（服务运行时也可以）"),
    "restore": (1, "用一份备份恢复，现有数据移到一旁"),
}


def main(arguments: list[str]) -> int:
    command, *names = arguments or [""]
    if command not in COMMANDS or len(names) != COMMANDS[command][0]:
        print(
            "用法：python -m data 命令\n"
            + "\n".join(f"  {name}{' 名称' * count}：{what}" for name, (count, what) in COMMANDS.items())
        )
        return 2
    os.umask(0o077)  # a backup that is taken or restored is ours alone, as what the service writes
    settings = DataSettings()
    try:
        return _run(command, settings, *names)
    except (StoreDamaged, UserError) as damage:
        print(damage, file=sys.stderr)
        return 1


def _run(command: str, settings: DataSettings, name: str = "") -> int:
    folder = settings.data_folder
    now = datetime.now(UTC).replace(tzinfo=None)
    if command == "check-backup":
        whole, finding = backups.examine(folder, name, now)
        print(finding)
        return 0 if whole else 1
    if command == "restore":
        aside = backups.restore(folder, name, now)
        print(f"已恢复到备份 {name}；原来的数据在 {folder / aside}。请启动服务，确认无误后再删除。")
        return 0
    if command == "accept-mark":
        (folder / "high_water.json").unlink(missing_ok=True)
    with Store(folder, project=project, accept_mark=command == "accept-mark") as store:
        if command == "backup":
            made = backups.take(store)
            print(f"已备份：{folder / 'backups' / made}")
            return 0
        if command == "rebuild":
            store.rebuild(PROJECTED)
        print(f"日志链完整，共 {store.verify():,} 条记录。")
        if command == "verify":
            wrong, seen = integrity.examine(store, settings)
            print("\n".join(seen))
            print("\n".join(wrong) or "没有发现改动。", file=sys.stderr if wrong else sys.stdout)
            return 1 if wrong else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
