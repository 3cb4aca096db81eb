"""查询: read-only SQL over views without contact data, accounts or what was typed.

The views are copied into a database of their own, which is all that the process running the query ever sees
(see `data.platform.query_worker`): there is nothing else in it to be read, and nothing in it that anybody keeps.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from core.access.permissions import Permission
from core.base.errors import Forbidden, Refused, Unavailable
from data.access.visit import Visit
from data.platform import query_worker
from data.store.store import Store

LIMIT: Final = query_worker.ROWS
SECONDS: Final = 5.0
#: Longest query, and what the log keeps of one.
LONGEST: Final = 10_000
_NOTED: Final = 2_000
_one_at_a_time: Final = threading.Lock()

#: view -> what it holds, and where from. Money in whole yuan, moments in UTC.
VIEWS: Final = {
    "v_enterprises": ("企业", "SELECT id, uscc, name, district, known_since FROM enterprises"),
    "v_filings": (
        "各期填报（不含填报内容）",
        "SELECT id, enterprise_id, round_id, state, revision, name, district, total_revenue, ai_revenue, software_revenue, "
        "hardware_revenue, opened_at, saved_at, submitted_at, decided_at FROM filings",
    ),
    "v_admissions": (
        "入库与撤销，逐次",
        "SELECT seq, at_utc, enterprise_id, filing_id, admitted, name, uscc, district, size, layer, segments, ip_count, "
        "developers, insured_staff FROM admissions",
    ),
    "v_figures": (
        "入库时的收入，逐年逐季累计",
        "SELECT seq, year, period, enterprise_id, at_utc, forecast, total_revenue, ai_revenue, software_revenue, "
        "hardware_revenue, withdrawn FROM figures",
    ),
    "v_rounds": ("填报期", "SELECT id, year, columns, opens, closes FROM rounds"),
    "v_designations": ("名单认定", "SELECT name, designation, source FROM designations"),
}


@dataclass(frozen=True)
class Answer:
    """`frame`: at most `LIMIT` rows, `more` if there were others; `error`: DuckDB's own words, "" when it went well."""

    frame: pl.DataFrame
    more: bool = False
    error: str = ""


def views(visit: Visit) -> list[tuple[str, str, list[str]]]:
    """(name, what it holds, its columns) of every view."""
    visit.check(Permission.DEVELOPER_USE)
    return [(name, about, visit.store.frame(f"{sql} LIMIT 0").columns) for name, (about, sql) in VIEWS.items()]


def run(visit: Visit, sql: str) -> Answer:
    """Run one SELECT over `VIEWS`, noted in the log. Raises Refused for what is none, takes too long or too much."""
    visit.check(Permission.DEVELOPER_USE)
    if not visit.scope.everything:
        raise Forbidden("查询涉及全市数据，只有数据范围为“全部”的账号可以使用。")
    sql = sql.strip()
    if not sql or "\x00" in sql:
        raise Refused("请填写一条 SELECT 查询。")
    if len(sql) > LONGEST:
        raise Refused(f"查询有 {len(sql):,} 个字符，最多 {LONGEST:,} 个，没有运行。")
    noted = sql[:_NOTED].encode("utf-8", "replace").decode()
    visit.write(lambda t: t.append(visit.actor, "query.run", f"query:{visit.account_id}", {"sql": noted}))
    if not _one_at_a_time.acquire(timeout=SECONDS + 1):
        raise Refused("另一个查询正在运行，请稍候再试。")
    try:
        with tempfile.TemporaryDirectory(prefix="query-", ignore_cleanup_errors=True) as folder:
            return _answered(_lent(visit.store, Path(folder)), sql)
    finally:
        _one_at_a_time.release()


def _lent(store: Store, folder: Path) -> Path:
    """A database that holds the views as they stand, and nothing else."""
    file = folder / "views.duckdb"
    with duckdb.connect(str(file)) as lent:
        for name, (_, sql) in VIEWS.items():
            lent.register("given", store.frame(sql).to_arrow())
            lent.execute(f"CREATE TABLE {name} AS FROM given")
            lent.unregister("given")
    return file


def _answered(database: Path, sql: str) -> Answer:
    command = [sys.executable, "-I", query_worker.__file__, str(database)]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=sql.encode("utf-8", "replace"),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=database.parent,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},  # Windows
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"查询超过 {SECONDS:.0f} 秒，已停止。请缩小范围或先汇总。") from None
    except OSError as error:
        raise Unavailable("查询进程没有启动，请稍后重试；若再次出现请联系管理员。") from error
    if done.returncode or not done.stdout:
        raise Refused("查询占用的内存过多或进程中断，已停止。请缩小范围。")
    answer = json.loads(done.stdout)
    if "sentence" in answer:
        raise Refused(f"{answer['sentence']}没有运行。")
    if "error" in answer:
        return Answer(pl.DataFrame(), error=answer["error"])
    names = _distinct(answer["names"])
    frame = pl.DataFrame(dict(zip(names, answer["columns"], strict=True)), strict=False)
    return Answer(frame, more=answer["more"])


def _distinct(names: list[str]) -> list[str]:
    """Names of columns as given, the second and later of a name numbered."""
    found: list[str] = []
    for name in names:
        number, free = 2, name
        while free in found:
            number, free = number + 1, f"{name}_{number}"
        found.append(free)
    return found
