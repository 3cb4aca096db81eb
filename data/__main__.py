"""Keeping the store, with the service stopped: `python -m data verify | rebuild | accept-mark`."""

import os
import sys
from pathlib import Path

from data.projections import PROJECTED, project
from data.store import Store, StoreDamaged


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in ("verify", "rebuild", "accept-mark"):
        print("用法：python -m data verify（核验日志链）| rebuild（由事实重建各表）| accept-mark（确认现有数据，重建水位）")
        return 2
    folder = Path(os.environ.get("LIBRARY_DATA_DIR", "data/var"))
    if arguments[0] == "accept-mark":
        (folder / "high_water.json").unlink(missing_ok=True)
    try:
        with Store(folder, project=project, accept_mark=arguments[0] == "accept-mark") as store:
            if arguments[0] == "rebuild":
                store.rebuild(PROJECTED)
            print(f"日志链完整，共 {store.verify():,} 条记录。")
    except StoreDamaged as damage:
        print(damage, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
