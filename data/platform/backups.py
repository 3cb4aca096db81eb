"""备份: copies of the running store, and the check that each can be restored.

A backup is a folder `backups/<moment>` of the data folder: the database, the high-water mark, 证明材料 and a manifest
that says what the store held at that moment. What a check found lies beside it, so that a list needs no store.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from core.access.permissions import Permission
from core.base import beijing
from core.base.errors import Refused, Unavailable
from core.platform.backup import Backup
from data.access.visit import Visit
from data.projections import project
from data.rule import parameters
from data.store.store import SYSTEM, Actor, Store, StoreDamaged, Transaction
from data.store.version import VERSION

_DATABASE: Final = "library.duckdb"
_MARK: Final = "high_water.json"
_FILES: Final = "attachments"
_FORMAT: Final = "%Y-%m-%d-%H%M%S"
_one_at_a_time: Final = threading.Lock()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Backups are made, checked and removed one at a time."""
    if not _one_at_a_time.acquire(timeout=1):
        raise Refused("正在备份或校验，请稍候再试。")
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise Unavailable(f"备份没有完成，已有的备份和数据不受影响。请检查磁盘空间和权限：{error}") from error
    finally:
        _one_at_a_time.release()


def _home(folder: Path) -> Path:
    return folder / "backups"


def _note(store: Store, actor: Actor, kind: str, name: str, body: dict[str, Any]) -> None:
    store.write(lambda transaction: transaction.append(actor, kind, f"backup:{name}", body))


# --- what there is -------------------------------------------------------------------------------------


def known(folder: Path) -> list[Backup]:
    """The backups of a data folder, newest first; a folder without a readable manifest is none."""
    found = []
    for home in sorted(_home(folder).glob("[0-9]*"), reverse=True):
        try:
            manifest = json.loads((home / "manifest.json").read_text("utf-8"))
            found.append(_described(home, manifest))
        except (OSError, ValueError, KeyError):
            continue
    return found


def _described(home: Path, manifest: dict[str, Any]) -> Backup:
    checked: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        checked = json.loads((home / "checked.json").read_text("utf-8"))
    at = checked.get("at")
    return Backup(
        name=home.name,
        made_at=datetime.fromisoformat(manifest["made_at"]),
        version=manifest["version"],
        facts=manifest["seq"],
        files=manifest["files"],
        bytes=manifest["bytes"],
        checked_at=datetime.fromisoformat(at) if at else None,
        whole=checked.get("whole"),
        finding=checked.get("finding", ""),
    )


def _place(folder: Path, name: str) -> Path:
    """The folder of a backup; a name is one of those listed and nothing else. Raises Refused."""
    if name not in {backup.name for backup in known(folder)}:
        raise Refused(f"没有名为“{name[:60]}”的备份。请从列表中重新选择。")
    return _home(folder) / name


# --- making --------------------------------------------------------------------------------------------


def take(store: Store, actor: Actor = SYSTEM) -> str:
    """Make a backup of the store while it serves; its name. Raises Refused or Unavailable, leaving nothing half made."""
    with _alone():
        home, at = _home(store.folder), store.clock()
        home.mkdir(exist_ok=True)
        home.chmod(0o700)
        size = sum(file.stat().st_size for file in store.folder.glob(f"{_DATABASE}*"))
        if shutil.disk_usage(home).free < 2 * size:
            raise Refused(
                f"磁盘剩余空间不足（数据库约 {size / 2**20:,.0f} MB，须有两倍余量），没有备份。请清理磁盘后重试。"
            )
        name = f"{beijing.local(at):{_FORMAT}}"
        if (home / name).exists():
            raise Refused("这一秒已有一份备份，没有重复备份。")
        with tempfile.TemporaryDirectory(dir=home, prefix=".making-", ignore_cleanup_errors=True) as temporary:
            made = Path(temporary) / name
            made.mkdir()
            manifest = {"made_at": at.isoformat(), "version": VERSION, **_copied(store, made)}
            (made / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")
            made.rename(home / name)
    _note(
        store,
        actor,
        "backup.made",
        name,
        {"facts": manifest["seq"], "files": manifest["files"], "bytes": manifest["bytes"]},
    )
    return name


def _copied(store: Store, made: Path) -> dict[str, Any]:
    """Fill the folder of a backup; what its manifest says of it."""
    counts = store.copy_to(made / _DATABASE)
    with duckdb.connect(str(made / _DATABASE), read_only=True) as copy:
        seq, digest = copy.execute(
            "SELECT coalesce(max(seq), 0), coalesce(arg_max(hash, seq), '') FROM facts"
        ).fetchall()[0]
    (made / _MARK).write_text(json.dumps({"seq": seq, "hash": digest}), "utf-8")
    with (made / _DATABASE).open("rb+") as handle:
        os.fsync(handle.fileno())
    # Every file the copied rows speak of lies there already: a file is written before its row.
    (made / _FILES).mkdir()
    files = [file for file in (store.folder / _FILES).glob("*") if not file.suffix]
    for file in files:
        _linked(file, made / _FILES / file.name)
    size = (made / _DATABASE).stat().st_size
    return {"seq": seq, "hash": digest, "tables": counts, "files": len(files), "bytes": size}


def _linked(source: Path, target: Path) -> None:
    """The same bytes under another name, which takes no room; a copy where the disk knows no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


# --- checking ------------------------------------------------------------------------------------------


def examine(folder: Path, name: str, at: datetime) -> tuple[bool, str]:
    """Restore a copy of a backup aside and compare it with its manifest: whether it is whole, and the sentence.

    What was found is written beside the backup. Needs no running store. Raises Refused when there is no such backup.
    """
    with _alone():
        home = _place(folder, name)
        manifest = json.loads((home / "manifest.json").read_text("utf-8"))
        try:
            wrong = _differences(home, manifest)
        except (StoreDamaged, duckdb.Error, OSError) as error:
            wrong = [str(error).splitlines()[0]]
        words = f"可以恢复：{manifest['seq']:,} 条记录、{len(manifest['tables'])} 张表与备份时一致，日志链完整，证明材料 {manifest['files']:,} 个齐全。"
        finding = f"不能恢复：{'；'.join(wrong[:5])}" if wrong else words
        (home / "checked.json").write_text(
            json.dumps({"at": at.isoformat(), "whole": not wrong, "finding": finding}, ensure_ascii=False), "utf-8"
        )
    return not wrong, finding


def _differences(home: Path, manifest: dict[str, Any]) -> list[str]:
    """What a restored copy of the backup does not hold as its manifest says, in words."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".checking-", ignore_cleanup_errors=True) as temporary:
        copy = Path(temporary)
        for part in (_DATABASE, _MARK):
            shutil.copyfile(home / part, copy / part)
        # Counted before this version of the product brings the schema up to date.
        with duckdb.connect(str(copy / _DATABASE), read_only=True) as database:
            there = {table for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
            wanted = manifest["tables"].items()
            counted = {
                table: database.execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0]  # noqa: S608
                for table, _ in wanted
                if table in there
            }
        wrong = [
            f"表 {table} 应有 {rows:,} 行，现有 {counted.get(table, 0):,} 行"
            for table, rows in wanted
            if counted.get(table) != rows
        ]
        with Store(copy, project=project) as store:
            last = store.rows("SELECT hash FROM facts ORDER BY seq DESC LIMIT 1")
            if store.verify() != manifest["seq"] or (last and last[0]["hash"] != manifest["hash"]):
                wrong.append(f"最后一条记录不是第 {manifest['seq']:,} 条")
            digests = [row["sha256"] for row in store.rows("SELECT DISTINCT sha256 FROM attachments")]
    bad = [digest for digest in digests if _digest(home / _FILES / digest) != digest]
    return wrong + ([f"证明材料缺失或损坏 {len(bad):,} 个"] if bad else [])


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return ""


# --- keeping so many, restoring ------------------------------------------------------------------------


def kept(store: Store) -> int:
    """So many backups are kept, and the newest that was found whole, however old."""
    return parameters.value(store, "backups_kept")


def superfluous(backups: list[Backup], most: int) -> list[Backup]:
    """Those beyond the newest `most`, without the newest that was found whole."""
    good = next((backup.name for backup in backups if backup.whole), None)
    return [backup for backup in backups[most:] if backup.name != good]


def prune(store: Store, actor: Actor = SYSTEM) -> list[str]:
    """Remove what is superfluous, and what an interrupted backup left behind; the names removed."""
    with _alone():
        for left in _home(store.folder).glob(".*ing-*"):
            shutil.rmtree(left, ignore_errors=True)
        names = [backup.name for backup in superfluous(known(store.folder), kept(store))]
        for name in names:
            shutil.rmtree(_home(store.folder) / name)
    for name in names:
        _note(store, actor, "backup.removed", name, {})
    return names


def nightly(store: Store) -> str:
    """A backup, its check, and the old ones removed; a sentence. Raises Unavailable when it cannot be restored."""
    name = take(store)
    whole, finding = _checked(store, SYSTEM, name)
    if not whole:
        raise Unavailable(f"备份 {name} 校验未通过。{finding}")
    removed = prune(store)
    return f"备份 {name}。{finding}" + (f"清理旧备份 {len(removed)} 份。" if removed else "")


def restore(folder: Path, name: str, at: datetime) -> str:
    """Put a backup in the place of the data of a folder that no service holds; where the old data now lies.

    The backup is checked first. Sessions of then are ended: who has signed out since must not be signed in again.
    Raises Refused for a damaged backup, StoreDamaged while a service holds the folder.
    """
    _refuse_while_held(folder)
    whole, finding = examine(folder, name, at)
    if not whole:
        raise Refused(f"备份 {name} {finding}没有恢复，现有数据未动。")
    home, aside = _home(folder) / name, folder / f"replaced-{beijing.local(at):{_FORMAT}}"
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".restoring-", ignore_cleanup_errors=True) as temporary:
        ready = Path(temporary)
        for part in (_DATABASE, _MARK):
            shutil.copyfile(home / part, ready / part)
        (ready / _FILES).mkdir()
        for file in (home / _FILES).iterdir():
            _linked(file, ready / _FILES / file.name)
        # Only names change from here on: a full disk was met above.
        aside.mkdir()
        for old in (*folder.glob(f"{_DATABASE}*"), folder / _MARK, folder / _FILES):
            if old.exists():
                old.rename(aside / old.name)
        for new in ready.iterdir():
            new.rename(folder / new.name)
    with Store(folder, project=project) as store:

        def job(transaction: Transaction) -> None:
            for (identity,) in transaction.find("SELECT id FROM sessions WHERE ended_at IS NULL"):
                row = transaction.get("sessions", identity)
                transaction.put("sessions", {**(row or {}), "ended_at": transaction.now, "id_token": None})
            transaction.append(SYSTEM, "backup.restored", f"backup:{name}", {})

        store.write(job)
    return aside.name


def _refuse_while_held(folder: Path) -> None:
    """Raise StoreDamaged when a process holds the database; one that is damaged or not there may be replaced."""
    try:
        if (folder / _DATABASE).exists():
            duckdb.connect(str(folder / _DATABASE), read_only=True).close()
    except duckdb.Error as error:
        if any(word in str(error).lower() for word in ("lock", "being used")):
            raise StoreDamaged("服务正在使用数据目录，没有恢复。请先停止服务。") from error


# --- for the administrator ------------------------------------------------------------------------------------------


def listing(visit: Visit) -> list[Backup]:
    """Every backup, newest first."""
    visit.check(Permission.BACKUP_MANAGE)
    return known(visit.store.folder)


def make(visit: Visit) -> str:
    """Make a backup now; its name."""
    visit.check(Permission.BACKUP_MANAGE)
    return take(visit.store, visit.actor)


def check(visit: Visit, name: str) -> tuple[bool, str]:
    """Whether a backup can be restored, and the sentence that says so."""
    visit.check(Permission.BACKUP_MANAGE)
    return _checked(visit.store, visit.actor, name)


def _checked(store: Store, actor: Actor, name: str) -> tuple[bool, str]:
    whole, finding = examine(store.folder, name, store.clock())
    _note(store, actor, "backup.checked", name, {"whole": whole, "finding": finding})
    return whole, finding


def to_clean(visit: Visit) -> tuple[int, int]:
    """How many backups are superfluous, and how many are kept."""
    visit.check(Permission.BACKUP_MANAGE)
    return len(superfluous(known(visit.store.folder), kept(visit.store))), kept(visit.store)


def clean(visit: Visit) -> int:
    """Remove the superfluous ones now; how many."""
    visit.check(Permission.BACKUP_MANAGE)
    return len(prune(visit.store, visit.actor))
