"""The store: one DuckDB file, facts appended by one batching writer, readers on cursors of their own.

A write is a job run on the writer thread inside a transaction shared with whatever else has gathered;
it decides from the current state, appends facts and puts projection rows, and is answered only after
the commit is on disk. Measured reasons stand in the design's fact page: one batching writer is an order
of magnitude faster than a commit per thread, and needs no lock.
"""

import hashlib
import json
import logging
import os
import queue
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

import duckdb
import polars as pl

from core.base import beijing
from core.base.errors import Conflict, Unavailable, UserError

Row = dict[str, Any]
T = TypeVar("T")
P = ParamSpec("P")
logger = logging.getLogger(__name__)

GENESIS: Final = "0" * 64
#: Above this many rows an Arrow table is faster to hand over than Python lists.
_ARROW_FROM: Final = 256
_BATCH: Final = 512
_WORD: Final = re.compile(r"\w+")


class StoreDamaged(Exception):
    """The database does not hold what it had acknowledged; the text says what is missing and what to do."""


@dataclass(frozen=True)
class Fact:
    seq: int
    at_utc: datetime
    account_id: str
    session_id: str | None
    kind: str
    subject: str
    revision: int
    body: dict[str, Any]

    @property
    def identity(self) -> str:
        """What the subject "kind:identity" names."""
        return self.subject.split(":", 1)[1]


@dataclass(frozen=True)
class Actor:
    """Who appends a fact, and from which session."""

    account_id: str
    session_id: str | None = None


SYSTEM: Final = Actor("system")


def dump(value: Any) -> str:
    """Canonical JSON: the text that is stored and hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


_TICK: Final = timedelta(microseconds=1)


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Transaction:
    """What a job sees: the committed state with this batch's changes laid over it."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._facts: list[tuple[Any, ...]] = []
        self._rows: dict[str, dict[tuple[Any, ...], Row]] = {}
        self._heads: dict[str, int] = {}
        self._purged: set[str] = set()
        self._puts, self._folded = 0, False
        self._seq, self._hash = store._seq, store._hash
        #: The moment of all facts of this batch: never before the newest fact, whatever the clock says, so that what
        #: was frozen as of a moment stays what it was.
        self.now = max(store.clock(), store._newest + _TICK)
        self._begin()

    def _begin(self) -> None:
        """Start a job: its changes lie in a layer of their own until it has succeeded."""
        self._start = len(self._facts), self._seq, self._hash
        self._job_rows: dict[str, dict[tuple[Any, ...], Row]] = {}
        self._job_heads: dict[str, int] = {}

    def _keep(self) -> None:
        for table, rows in self._job_rows.items():
            self._rows.setdefault(table, {}).update(rows)
        self._heads.update(self._job_heads)
        self._begin()

    def _undo(self) -> None:
        count, self._seq, self._hash = self._start
        del self._facts[count:]
        self._begin()

    @property
    def store(self) -> "Store":
        """What this job is run on, for reads of what was committed before."""
        return self._store

    @property
    def today(self) -> date:
        """The day in Beijing."""
        return beijing.day(self.now)

    def get(self, table: str, *key: Any) -> Row | None:
        """The row with this primary key, or None."""
        for layer in (self._job_rows, self._rows):
            if row := layer.get(table, {}).get(key):
                return row
        columns, names = self._store._tables[table]
        where = " AND ".join(f"{name} = ${position + 1}" for position, name in enumerate(names))
        found = self._store._writer_cursor.execute(f"SELECT * FROM {table} WHERE {where}", list(key)).fetchall()  # noqa: S608
        return dict(zip(columns, found[0], strict=True)) if found else None

    def columns(self, table: str) -> list[str]:
        """The columns of `table`, in order."""
        return self._store._tables[table][0]

    def find(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Committed rows only (rows put in this same batch are not seen): for keys no job of a batch shares."""
        return self._store._writer_cursor.execute(sql, list(parameters)).fetchall()

    def pending_rows(self, table: str) -> list[Row]:
        """The rows of `table` put in this batch, which `find` does not see."""
        return list({**self._rows.get(table, {}), **self._job_rows.get(table, {})}.values())

    def put(self, table: str, row: Row) -> None:
        """Insert `row`, or replace the one with its primary key."""
        _, names = self._store._tables[table]
        self._job_rows.setdefault(table, {})[tuple(row[name] for name in names)] = row
        self._puts += 1

    def purge(self, table: str, condition: str, parameters: Iterable[Any]) -> int:
        """Delete committed rows of a table that is no projection; how many. Alone in its job: nothing undoes it."""
        self._purged.add(table)
        sql = f"DELETE FROM {table} WHERE {condition}"  # noqa: S608
        return int(self._store._writer_cursor.execute(sql, list(parameters)).fetchall()[0][0])

    def revision(self, subject: str) -> int:
        """The newest revision of `subject`; 0 when there is none."""
        for layer in (self._job_heads, self._heads):
            if subject in layer:
                return layer[subject]
        return self._store._heads.get(subject, 0)

    def append(
        self, actor: Actor, kind: str, subject: str, body: dict[str, Any], *, at: datetime | None = None
    ) -> Fact:
        """Append a fact and apply its projection. `at` is for loading the past only."""
        fact = Fact(
            self._seq + 1,
            at or self.now,
            actor.account_id,
            actor.session_id,
            kind,
            subject,
            self.revision(subject) + 1,
            body,
        )
        text = dump(body)
        self._hash = fact_hash(self._hash, fact, text)
        self._facts.append(
            (fact.seq, fact.at_utc, fact.account_id, fact.session_id, kind, subject, fact.revision, text, self._hash)
        )
        self._seq = fact.seq
        self._job_heads[subject] = fact.revision
        puts = self._puts
        self._store._project(self, fact)
        self._folded = self._folded or self._puts > puts
        return fact


def fact_hash(previous: str, fact: Fact, body: str) -> str:
    """The chain: sha256 over the previous hash and every column of the fact."""
    parts = (
        previous,
        str(fact.seq),
        fact.at_utc.isoformat(timespec="microseconds"),
        fact.account_id,
        fact.session_id or "",
        fact.kind,
        fact.subject,
        str(fact.revision),
        body,
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


#: Applies a fact, with its typed body, to the tables.
Handler = Callable[[Transaction, Fact, Any], None]


class Store:
    """See the module. `project(transaction, fact)` keeps the projections; `clock` gives naive UTC.

    `accept_mark`: write a missing high-water mark anew instead of refusing to open.
    """

    def __init__(
        self,
        folder: Path,
        *,
        project: Callable[[Transaction, Fact], None],
        clock: Callable[[], datetime] = _utc_now,
        accept_mark: bool = False,
    ) -> None:
        self.folder, self.clock, self._project = folder, clock, project
        folder.mkdir(parents=True, exist_ok=True)
        self._mark_file = folder / "high_water.json"
        try:
            self._connection = duckdb.connect(str(folder / "library.duckdb"))
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise StoreDamaged(
                    "数据库正被另一个进程使用：同一数据目录只能启动一个服务，请先停止正在运行的服务。"
                ) from error
            raise
        try:
            self._open(accept_mark)
        except BaseException:
            # A refused folder is let go of at once, so that it can be restored and opened again.
            self._connection.close()
            raise
        self._local = threading.local()
        self._versions: dict[str, int] = {}
        self._queries: dict[str, frozenset[str]] = {}
        self._memo: dict[str, OrderedDict[Any, tuple[Any, Any]]] = {}
        self._memo_lock = threading.Lock()
        self._memo_locks: dict[Any, threading.Lock] = {}
        self._jobs: queue.SimpleQueue[tuple[Callable[[Transaction], Any], str | None, Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = False
        self._door = threading.Lock()
        self._writer = threading.Thread(target=self._write_forever, name="store-writer", daemon=True)
        self._writer.start()
        if self._refill:
            self._refill_tables()

    # --- opening -----------------------------------------------------------------------------

    def _open(self, accept_mark: bool) -> None:
        self._apply_schema()
        self._writer_cursor = self._connection.cursor()
        self._tables = self._describe()
        self._load_heads()
        self._check_mark(accept_mark)

    def _apply_schema(self) -> None:
        """Apply the numbered files not yet applied, each in a transaction of its own.

        One that begins with "-- refill: table, …" has added columns which only the facts can fill. It counts as applied
        once they are filled, and until then it can be applied again.
        """
        self._refill: dict[str, list[str]] = {}
        cursor = self._connection.cursor()
        cursor.execute("CREATE TABLE IF NOT EXISTS schema_versions (version VARCHAR PRIMARY KEY, applied_at TIMESTAMP)")
        done = {row[0] for row in cursor.execute("SELECT version FROM schema_versions").fetchall()}
        for file in sorted((Path(__file__).parent / "schema").glob("[0-9]*.sql")):
            if file.stem not in done:
                text = file.read_text("utf-8")
                head, _, tables = text.partition("\n")[0].partition("-- refill: ")
                cursor.execute("BEGIN")
                cursor.execute(text)
                if tables and not head and cursor.execute("SELECT count(*) FROM facts").fetchall()[0][0]:
                    self._refill[file.stem] = tables.split(", ")
                else:
                    cursor.execute("INSERT INTO schema_versions VALUES ($1, $2)", [file.stem, self.clock()])
                cursor.execute("COMMIT")

    def _refill_tables(self) -> None:
        """Fill from the facts what new columns of the schema wait for."""
        try:
            self.rebuild({table for tables in self._refill.values() for table in tables})
            for version in self._refill:
                self._connection.cursor().execute(
                    "INSERT INTO schema_versions VALUES ($1, $2)", [version, self.clock()]
                )
        except BaseException:
            self.close()
            raise

    def _describe(self) -> dict[str, tuple[list[str], list[str]]]:
        """table -> (columns, primary key columns); and the SQL types for bulk inserts."""
        columns: dict[str, list[str]] = {}
        self._types: dict[str, list[str]] = {}
        for table, column, kind in self._writer_cursor.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"
        ).fetchall():
            columns.setdefault(table, []).append(column)
            self._types.setdefault(table, []).append(kind)
        keys = self._writer_cursor.execute(
            "SELECT table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        ).fetchall()
        return {table: (columns[table], list(names)) for table, names in keys}

    def _load_heads(self) -> None:
        rows = self._writer_cursor.execute("SELECT subject, max(revision) FROM facts GROUP BY subject").fetchall()
        self._heads: dict[str, int] = dict(rows)
        last = self._writer_cursor.execute("SELECT seq, hash FROM facts ORDER BY seq DESC LIMIT 1").fetchall()
        self._seq: int
        self._hash: str
        self._seq, self._hash = last[0] if last else (0, GENESIS)
        newest = self._writer_cursor.execute("SELECT max(at_utc) FROM facts").fetchall()[0][0]
        self._newest: datetime = newest or datetime.min
        if self.clock_behind:
            logger.error("the clock is %s behind the newest fact; set it right", self.clock_behind)

    def _check_mark(self, accept: bool) -> None:
        """A damaged or deleted WAL opens silently with rows missing; the mark kept outside shows it."""
        try:
            mark = json.loads(self._mark_file.read_text("utf-8"))
        except (FileNotFoundError, ValueError) as error:
            if self._seq and not accept:
                raise StoreDamaged(
                    f"数据水位文件 {self._mark_file.name} 缺失或无法读取，无法确认数据完整。请从备份恢复数据目录；"
                    "若确认数据完整，可运行 python -m data accept-mark 重建水位。"
                ) from error
            self._write_mark()
            return
        found = self._writer_cursor.execute("SELECT hash FROM facts WHERE seq = $1", [mark["seq"]]).fetchall()
        if mark["seq"] and (not found or found[0][0] != mark["hash"]):
            raise StoreDamaged(
                f"数据不完整：已确认保存到第 {mark['seq']} 条记录，数据库中只有 {self._seq} 条或内容不符。"
                "为避免在缺失的数据上继续，服务未启动。请从最近的备份恢复数据目录。"
            )

    def _write_mark(self) -> None:
        temporary = self._mark_file.with_suffix(".new")
        temporary.write_text(json.dumps({"seq": self._seq, "hash": self._hash}), "utf-8")
        os.replace(temporary, self._mark_file)

    @property
    def head(self) -> tuple[int, str]:
        """The newest fact's number, and the hash of the chain up to it: who has noted it can prove what stood then."""
        return self._seq, self._hash

    # --- reading -----------------------------------------------------------------------------

    @property
    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if not hasattr(self._local, "cursor"):
            self._local.cursor = self._connection.cursor()
        cursor: duckdb.DuckDBPyConnection = self._local.cursor
        return cursor

    # Which tables a read touches: the name of each stands in the text of its query.

    def _tables_of(self, sql: str) -> frozenset[str]:
        known = self._queries.get(sql)
        if known is None:
            known = self._queries[sql] = frozenset(_WORD.findall(sql)) & self._types.keys()
        return known

    def touch(self, tables: Iterable[str]) -> None:
        """Note tables as read by the cached read that is under way on this thread, if one is."""
        if recording := getattr(self._local, "recording", None):
            recording[-1].update(tables)

    @contextmanager
    def touching(self) -> Iterator[set[str]]:
        """The tables read within the block on this thread; those of an inner block count for the outer one, too."""
        recording: list[set[str]] = self._local.__dict__.setdefault("recording", [])
        touched: set[str] = set()
        recording.append(touched)
        try:
            yield touched
        finally:
            recording.pop()
            self.touch(touched)

    def versions(self) -> dict[str, int]:
        """table -> how often a commit has touched it since the start; absent: never."""
        return dict(self._versions)

    def unchanged(self, versions: Mapping[str, int]) -> bool:
        """Whether these tables still stand at these versions."""
        return all(self._versions.get(table, 0) == version for table, version in versions.items())

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[Row]:
        """Run a query on this thread's cursor; every row as a dict."""
        self.touch(self._tables_of(sql))
        cursor = self._cursor.execute(sql, list(parameters))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def frame(self, sql: str, parameters: Iterable[Any] = ()) -> pl.DataFrame:
        """Run a query on this thread's cursor; the result as a Polars frame."""
        self.touch(self._tables_of(sql))
        frame: pl.DataFrame = self._cursor.sql(sql, params=list(parameters)).pl()
        return frame

    @property
    def data_version(self) -> int:
        """Rises with each commit of facts."""
        return self._seq

    def version(self, *tables: str) -> tuple[int, ...]:
        """Rises with each commit that touches one of `tables`."""
        self.touch(tables)
        return tuple(self._versions.get(table, 0) for table in tables)

    @property
    def today(self) -> date:
        return beijing.day(self.clock())

    @property
    def clock_behind(self) -> timedelta:
        """How far the clock is behind the newest fact; until it is set right, new facts follow that one by a microsecond."""
        return max(self._newest - self.clock(), timedelta(0)) if self._newest > datetime.min else timedelta(0)

    # --- writing -----------------------------------------------------------------------------

    def write(self, job: Callable[[Transaction], T], *, key: str | None = None) -> T:
        """Run `job` on the writer and return its result once it is on disk.

        `key`: idempotency key; a job whose key was seen before is not run, the first result (JSON) is
        returned. Raises what the job raises (nothing of it is kept), or Unavailable.
        """
        return self.send(job, key=key).result()

    def send(self, job: Callable[[Transaction], T], *, key: str | None = None) -> "Future[T]":
        """As `write`, without waiting: for what is good to know, but not worth anybody's time."""
        future: Future[T] = Future()
        with self._door:  # nothing is queued behind the last item, where nobody would answer it
            if self._closed:
                raise Unavailable("服务正在停止，本次修改未保存。页面内容仍在，请稍后重试。")
            self._jobs.put((job, key, future))
        return future

    def _write_forever(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch = [first]
            while len(batch) < _BATCH:
                try:
                    item = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    self._jobs.put(None)
                    break
                batch.append(item)
            if not self._commit(batch) and len(batch) > 1:
                # One bad job must not take the others with it: each again in a transaction of its own.
                for item in batch:
                    self._commit([item])

    def _commit(self, batch: list[tuple[Callable[[Transaction], Any], str | None, Future[Any]]]) -> bool:
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            self._writer_cursor.execute("BEGIN")
            transaction = Transaction(self)
            for job, key, future in batch:
                try:
                    seen = transaction.get("request_keys", key) if key else None
                    if seen:
                        result = json.loads(seen["result"])
                    else:
                        result = job(transaction)
                        if key:
                            transaction.put("request_keys", {"key": key, "result": dump(result)})
                    transaction._keep()
                    answers.append((future, result, None))
                except UserError as refusal:
                    transaction._undo()
                    answers.append((future, None, refusal))
            self._flush(transaction)
            self._writer_cursor.execute("COMMIT")
        except Exception as error:
            logger.exception("a batch of %d writes failed", len(batch))
            try:
                self._writer_cursor.execute("ROLLBACK")
            except duckdb.Error:
                self._writer_cursor = self._connection.cursor()
            if len(batch) == 1:
                failure = Unavailable(
                    "数据未能写入磁盘，本次修改未保存。页面内容仍在，请稍后重试；若再次出现请联系管理员。"
                )
                failure.__cause__ = error
                batch[0][2].set_exception(error if not isinstance(error, duckdb.Error | OSError) else failure)
            return False
        self._heads.update(transaction._heads)
        self._seq, self._hash = transaction._seq, transaction._hash
        self._newest = max([self._newest, *(fact[1] for fact in transaction._facts)])
        # A fact that changes no table (a page opened) makes no cached read old; the log itself is not cached.
        for table in {*transaction._rows, *transaction._purged, *(("facts",) if transaction._folded else ())}:
            self._versions[table] = self._versions.get(table, 0) + 1
        if transaction._facts:
            try:
                self._write_mark()
            except OSError:
                # The facts are on disk; a mark that lags behind is still a valid lower bound.
                logger.exception("the high-water mark could not be written")
        for future, result, reason in answers:
            if reason is None:
                future.set_result(result)
            else:
                future.set_exception(reason)
        return True

    def _flush(self, transaction: Transaction) -> None:
        if transaction._facts:
            self._insert("facts", transaction._facts)
        for table, rows in transaction._rows.items():
            columns, _ = self._tables[table]
            self._insert(table, [tuple(row[column] for column in columns) for row in rows.values()], replace=True)

    def _insert(self, table: str, rows: list[tuple[Any, ...]], *, replace: bool = False) -> None:
        verb = "INSERT OR REPLACE INTO" if replace else "INSERT INTO"
        columns = [list(column) for column in zip(*rows, strict=True)]
        if len(rows) >= _ARROW_FROM:
            names = self._tables[table][0]
            incoming = pl.DataFrame(dict(zip(names, columns, strict=True)), infer_schema_length=None).to_arrow()
            self._writer_cursor.register("incoming", incoming)
            self._writer_cursor.execute(f"{verb} {table} SELECT * FROM incoming")  # noqa: S608
            self._writer_cursor.unregister("incoming")
        else:
            lists = ", ".join(f"unnest(${position + 1}::{kind}[])" for position, kind in enumerate(self._types[table]))
            self._writer_cursor.execute(f"{verb} {table} SELECT {lists}", columns)

    # --- keeping -----------------------------------------------------------------------------

    def facts(self, subject: str | None = None, *, until: datetime | None = None) -> list[Fact]:
        """Facts in order: of one subject or all, up to a moment."""
        rows = self.rows(
            "SELECT seq, at_utc, account_id, session_id, kind, subject, revision, body FROM facts "
            "WHERE ($1::VARCHAR IS NULL OR subject = $1) AND ($2::TIMESTAMP IS NULL OR at_utc <= $2) ORDER BY seq",
            [subject, until],
        )
        return [Fact(**{**row, "body": json.loads(row["body"])}) for row in rows]

    def verify(self) -> int:
        """Recompute the whole hash chain; the number of facts. Raises StoreDamaged at the first break."""
        previous, count = GENESIS, 0
        cursor = self._connection.cursor()
        cursor.execute(
            "SELECT seq, at_utc, account_id, session_id, kind, subject, revision, body, hash FROM facts ORDER BY seq"
        )
        while chunk := cursor.fetchmany(10_000):
            for seq, at, account, session, kind, subject, revision, body, stored in chunk:
                count += 1
                previous = fact_hash(previous, Fact(seq, at, account, session, kind, subject, revision, {}), body)
                if previous != stored or seq != count:
                    raise StoreDamaged(f"日志链在第 {count} 条记录处断开：该记录被改动或缺失。")
        return count

    def copy_to(self, file: Path) -> dict[str, int]:
        """Copy the database as it stands at one moment into a new file, while it is read and written; rows by table.

        Raises duckdb.Error or OSError when the file cannot be written.
        """
        target = str(file).replace("'", "''")
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"ATTACH '{target}' AS kept_copy")
            try:
                # One transaction: the counts are of the very rows that are copied.
                cursor.execute("BEGIN")
                counts = {
                    table: cursor.execute(f"SELECT count(*) FROM library.{table}").fetchall()[0][0]  # noqa: S608
                    for table in sorted(self._tables)
                }
                cursor.execute("COPY FROM DATABASE library TO kept_copy")
                cursor.execute("COMMIT")
            finally:
                if cursor.execute(
                    "SELECT count(*) FROM duckdb_databases() WHERE database_name = 'kept_copy'"
                ).fetchall()[0][0]:
                    cursor.execute("DETACH kept_copy")
        finally:
            cursor.close()
        return counts

    def rebuild(self, tables: Iterable[str]) -> None:
        """Empty the projections `tables` and fill them again from the facts, in one transaction."""

        def job(transaction: Transaction) -> None:
            if transaction._facts or transaction._rows:
                # Facts not committed yet would be missing below: the batch is taken apart, this runs alone.
                raise RuntimeError("a rebuild needs a transaction of its own")
            for table in tables:
                transaction.purge(table, "TRUE", ())
            for fact in self.facts():
                self._project(transaction, fact)

        self.write(job)

    def close(self) -> None:
        """Finish what is queued, then close the database."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def per_version(function: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """Compute a read once for all sessions until a table it has touched changes: decorate `f(store, *hashable)`.

    Which tables those are is noted while it runs, those of the cached reads that it calls among them. The result is
    shared: callers must not change it. At most 256 results are kept of each function: many sessions must not push a
    dashboard out.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def cached(store: Store, /, *arguments: P.args, **named: P.kwargs) -> T:
        key = (arguments, *sorted(named.items()))
        with store._memo_lock:
            memo = store._memo.setdefault(name, OrderedDict())
            lock = store._memo_locks.setdefault((name, key), threading.Lock())
        with lock:
            with store._memo_lock:
                known = memo.get(key)
                if known and store.unchanged(known[0]):
                    memo.move_to_end(key)
                    store.touch(known[0])
                    result: T = known[1]
                    return result
            # The versions before the read: a commit in the middle of it makes the result old, never falsely new.
            before = store.versions()
            with store.touching() as touched:
                result = function(store, *arguments, **named)
            with store._memo_lock:
                memo[key] = ({table: before.get(table, 0) for table in touched}, result)
                if len(memo) > 256:
                    old, _ = memo.popitem(last=False)
                    store._memo_locks.pop((name, old), None)
        return result

    return cached


def conflict_unless(transaction: Transaction, subject: str, expected: int, sentence: str) -> None:
    """The optimistic check: raise Conflict unless `subject` still stands at revision `expected`."""
    if transaction.revision(subject) != expected:
        raise Conflict(sentence)
