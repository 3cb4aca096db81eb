"""Runs one query over a lent database in a process of its own: `python -I query_worker.py DATABASE`, the query on stdin.

A process, because not everything a query can ask for listens to an interrupt or keeps to DuckDB's memory limit: the
caller kills it. It knows no store, no module of the product and no environment; the answer is JSON on stdout.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import duckdb

ROWS: Final = 1_000
#: Longest text of a cell.
_CELL: Final = 2_000
_MEMORY: Final = 2 * 2**30
_FUNCTIONS: Final = frozenset({"unnest", "range", "generate_series"})
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
    "max_temp_directory_size": "0B",
    "memory_limit": "512MB",
    "threads": "1",
}


class NotAllowed(Exception):
    """A Chinese sentence: what the query may not do."""


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a statement as DuckDB's parser describes it."""
    if isinstance(tree, dict):
        yield tree
        for inner in tree.values():
            yield from _nodes(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _nodes(inner)


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise NotAllowed unless `sql` is one SELECT over the lent tables, as the parser itself reads it."""
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        raise NotAllowed("一次只能运行一条查询。" if statements else "请填写一条 SELECT 查询。")
    read = json.loads(
        connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [statements[0].query]).fetchall()[0][0]
    )
    if statements[0].type != duckdb.StatementType.SELECT or read["error"]:
        raise NotAllowed("只能查询（SELECT），不能修改、导出、设置或装载。")
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    nodes = list(_nodes(read))
    named = {entry["key"] for node in nodes for entry in (node.get("cte_map") or {}).get("map", ())}
    for node in nodes:
        if node.get("type") == "BASE_TABLE":
            where = [str(node[part]) for part in ("catalog_name", "schema_name") if node.get(part)]
            if where or node.get("table_name", "").lower() not in {name.lower() for name in tables | named}:
                raise NotAllowed(
                    f"没有“{'.'.join([*where, node.get('table_name', '')])[:80]}”这张视图，只能查询页面上列出的视图。"
                )
        elif node.get("type") == "TABLE_FUNCTION":
            name = (node.get("function") or {}).get("function_name", "")
            if name.lower() not in _FUNCTIONS:
                raise NotAllowed(f"不能使用表函数“{name[:80]}”。")
        elif node.get("type") in ("SHOW_REF", "COLUMN_DATA", "DELIM_GET"):
            raise NotAllowed("只能查询（SELECT），各视图的列见页面上的说明。")


def _column(values: list[Any]) -> list[Any]:
    """Values of one kind that JSON knows; of anything else, or of several kinds, the text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool} or kinds <= {float} or (kinds <= {int} and all(abs(value or 0) < 2**63 for value in values)):
        return values
    return [None if value is None else str(value)[:_CELL] for value in values]


def run(database: str, sql: str) -> dict[str, Any]:
    """The answer: columns, rows (by column), whether there were more; or "sentence", or DuckDB's own words "error"."""
    with duckdb.connect(database, read_only=True, config=_CONFIG) as connection:
        connection.execute("SET lock_configuration = true")
        try:
            check(connection, sql)
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description or ()]
            rows = answer.fetchmany(ROWS + 1)
        except NotAllowed as refusal:
            return {"sentence": str(refusal)}
        except (duckdb.Error, RuntimeError) as error:
            return {"error": str(error)[:_CELL]}
    columns = [list(column) for column in zip(*rows[:ROWS], strict=True)] or [[] for _ in names]
    return {"names": names, "columns": [_column(column) for column in columns], "more": len(rows) > ROWS}


def main() -> None:
    with contextlib.suppress(ImportError):  # not on Windows
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        answer = run(sys.argv[1], sys.stdin.buffer.read().decode())
    except MemoryError:
        answer = {"sentence": "查询占用的内存过多，已停止。请缩小范围。"}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
