"""Whether the data are what was acknowledged: the journal against anchors kept elsewhere, the tables against the journal.

Who can write the database can write a whole journal anew, mark included. So each day the journal's head is appended to
a file outside the data folder, signed with a key that is not in it; and whoever printed a head has an anchor, too.
"""

import hashlib
import hmac
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from data.access import credentials
from data.platform.settings import DataSettings
from data.projections import PROJECTED, project
from data.store.store import Store

_SHOWN: Final = 5


def _seal(key: bytes, line: dict[str, str | int]) -> str:
    signed = "\x1f".join(str(line[name]) for name in ("at", "seq", "hash"))
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()


def anchor(store: Store, settings: DataSettings) -> str:
    """Append the head of the journal to the anchors' file, on disk before it returns; a sentence."""
    seq, digest = store.head
    line: dict[str, str | int] = {"at": store.clock().isoformat(timespec="seconds"), "seq": seq, "hash": digest}
    line["seal"] = _seal(settings.key, line) if settings.key else ""
    file = settings.anchors_file
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(line) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    return f"日志首部第 {seq:,} 条（{digest[:12]}）已记入 {file.name}。"


def examine(store: Store, settings: DataSettings) -> tuple[list[str], list[str]]:
    """(what is wrong, what was looked at): anchors, read model and credentials; the chain itself is `Store.verify`."""
    wrong, seen = _anchors(store, settings)
    rebuilt = _read_model(store)
    seen.append(f"由日志重建 {len(PROJECTED)} 张表，逐行比对。")
    differing, unknown = credentials.unlike_facts(store)
    seen.append(
        "登录凭据与日志中的指纹比对。" + (f"其中 {unknown} 个在登记指纹以前设定，无从比对。" if unknown else "")
    )
    return [*wrong, *rebuilt, *(f"账号 {each} 的密码或动态验证码不是经由系统改的。" for each in differing)], seen


def _anchors(store: Store, settings: DataSettings) -> tuple[list[str], list[str]]:
    try:
        text = settings.anchors_file.read_text("utf-8")
    except FileNotFoundError:
        return [], [f"还没有锚文件 {settings.anchors_file}，日志没有与外部记录比对。"]
    wrong: list[str] = []
    lines = text.splitlines()
    for number, given in enumerate(lines, 1):
        try:
            line = json.loads(given)
            seq, digest, seal = int(line["seq"]), str(line["hash"]), str(line["seal"])
        except (ValueError, KeyError, TypeError):
            wrong.append(f"锚文件第 {number} 行无法读取。")
            continue
        if settings.key and not hmac.compare_digest(seal, _seal(settings.key, line)):
            wrong.append(f"锚文件第 {number} 行的签名不符：该行被改动，或密钥已更换。")
        if seq > store.head[0]:
            wrong.append(f"{line['at']} 已有 {seq:,} 条记录，现在只有 {store.head[0]:,} 条：末尾的记录被删除。")
        elif seq and store.rows("SELECT hash FROM facts WHERE seq = $1", [seq])[0]["hash"] != digest:
            wrong.append(f"到第 {seq:,} 条为止的记录与 {line['at']} 的锚不符：其中有记录被改动。")
    signed = "" if settings.key else "没有设置 LIBRARY_DATA_KEY，锚的签名没有核验。"
    return wrong, [f"与锚文件 {settings.anchors_file} 的 {len(lines)} 个锚比对。{signed}"]


def _read_model(store: Store) -> list[str]:
    """The projected tables that are not what the facts make of them, with the rows in words."""
    with tempfile.TemporaryDirectory(dir=store.folder, prefix=".verifying-") as temporary:
        kept, folder = Path(temporary) / "kept.duckdb", Path(temporary) / "rebuilt"
        folder.mkdir()
        store.copy_to(kept)
        shutil.copyfile(kept, folder / "library.duckdb")
        with Store(folder, project=project, clock=store.clock, accept_mark=True) as copy:
            copy.rebuild(PROJECTED)
        wrong = []
        with duckdb.connect() as both:
            for name, file in (("kept", kept), ("rebuilt", folder / "library.duckdb")):
                both.execute(f"ATTACH '{str(file).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
            for table in PROJECTED:
                counts = [
                    both.execute(
                        f"SELECT count(*) FROM (SELECT * FROM {one}.{table} EXCEPT ALL SELECT * FROM {other}.{table})"  # noqa: S608
                    ).fetchall()[0][0]
                    for one, other in (("kept", "rebuilt"), ("rebuilt", "kept"))
                ]
                if any(counts):
                    wrong.append(f"表 {table} 与日志不符：有 {counts[0]} 行不是日志所记，缺 {counts[1]} 行。")
            both.execute("DETACH kept; DETACH rebuilt")
        return wrong
