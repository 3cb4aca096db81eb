"""For the administrator: health of the store, and the proof of its log."""

import platform
import shutil
import time
from pathlib import Path

import duckdb

from core.access.permissions import Permission
from core.platform.status import Holdings, Process
from data.access.visit import Visit
from data.platform import backups
from data.store.store import StoreDamaged
from data.store.version import STARTED, VERSION


def summary(visit: Visit) -> Holdings:
    """How much the store holds."""
    visit.check(Permission.SYSTEM_READ)
    store = visit.store
    counts = store.rows(
        "SELECT (SELECT count(*) FROM facts) AS facts, (SELECT max(at_utc) FROM facts) AS newest, "
        "(SELECT count(*) FROM enterprises) AS enterprises, (SELECT count(*) FROM filings) AS filings, "
        "(SELECT count(*) FROM sessions WHERE ended_at IS NULL AND expires_at > $1) AS sessions",
        [store.clock()],
    )[0]
    accounts = store.rows("SELECT role, count(*) AS accounts FROM accounts WHERE active GROUP BY role ORDER BY role")
    size = sum(file.stat().st_size for file in store.folder.glob("library.duckdb*"))
    by_role = tuple((row["role"], row["accounts"]) for row in accounts)
    return Holdings(**counts, accounts=by_role, megabytes=round(size / 2**20))


def process(visit: Visit) -> Process:
    """Which versions run, in how much room, for how long, and when it was last copied."""
    visit.check(Permission.SYSTEM_READ)
    store = visit.store
    schema = store.rows("SELECT max(version) AS version FROM schema_versions")[0]["version"]
    return Process(
        product=VERSION,
        python=platform.python_version(),
        duckdb=duckdb.__version__,
        schema=schema.partition("_")[0],
        memory=_memory(),
        free=shutil.disk_usage(store.folder).free // 2**20,
        up=int(time.monotonic() - STARTED),
        backup=next(iter(backups.known(store.folder)), None),
    )


def clock_behind(visit: Visit) -> int:
    """Seconds that the clock of the machine is behind the newest fact; 0 when it is right."""
    visit.check(Permission.SYSTEM_READ)
    return int(visit.store.clock_behind.total_seconds())


def _memory() -> int | None:
    """Megabytes that this process holds; only Linux says so without another library."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:")), None)


def verify(visit: Visit) -> tuple[bool, str]:
    """Recompute the hash chain: whether it is whole, and the sentence that says so."""
    visit.check(Permission.SYSTEM_READ, Permission.LOG_READ)
    try:
        return True, f"日志链完整，共 {visit.store.verify():,} 条记录。"
    except StoreDamaged as damage:
        return False, str(damage)
