"""查询: one SELECT over the views, and no way to anything else, however it is written."""

import time
from collections.abc import Iterator

import pytest

from core.base.errors import Forbidden, Refused
from data.platform import query, query_worker
from data.platform.query import Answer
from tests.world import World


def ask(world: World, sql: str) -> Answer:
    return query.run(world.visit("administrator"), sql)


def test_a_query_is_answered_and_noted(world: World) -> None:
    world.admit("enterprise")
    answer = ask(
        world, "SELECT e.name, f.total_revenue FROM v_enterprises e JOIN v_figures f ON f.enterprise_id = e.id;"
    )
    assert answer.frame.rows() == [("武汉测试智能科技有限公司（虚构）", 60_000_000)]
    assert not answer.more
    fact = next(fact for fact in reversed(world.store.facts()) if fact.kind == "query.run")
    assert fact.account_id == "local-keeper"
    assert fact.body["sql"].startswith("SELECT e.name")


def test_the_newest_data_are_seen_and_nothing_is_kept(world: World) -> None:
    count = "SELECT count(*) AS n FROM v_filings"
    assert ask(world, count).frame["n"].to_list() == [0]
    world.save("enterprise")
    assert ask(world, count).frame["n"].to_list() == [1]


def test_rows_are_cut_with_a_word(world: World) -> None:
    answer = ask(world, "SELECT * FROM range(5000)")
    assert (answer.frame.height, answer.more) == (1000, True)
    answer = ask(world, "FROM range(1000)")
    assert (answer.frame.height, answer.more) == (1000, False)
    assert ask(world, "SELECT 1 WHERE false").frame.height == 0


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS a, 2 AS a, 3 AS a",
        "SELECT [1, 2] l, {'a': 1} s, INTERVAL 3 DAY i, 2::HUGEINT ** 100 h, uuid() u",
        "SELECT 170141183460469231731687303715884105727::HUGEINT",
        "SELECT 'nan'::DOUBLE, 'inf'::DOUBLE, NULL",
        "WITH v_enterprises AS (SELECT 1 AS x) SELECT x FROM v_enterprises",
        "VALUES (1), (2)",
        "SELECT 'a;b' -- ; DROP",
        "SELECT /* ; */ 1",
        "SELECT DATE '2026-01-01', TIMESTAMP '2026-01-01 00:00:00', TRUE, 1.50::DECIMAL(9, 2), 'x'::BLOB",
        "SELECT * FROM unnest([1, 2])",
        "SELECT * FROM (SELECT * FROM V_ROUNDS) r, LATERAL (SELECT r.year)",
        "WITH RECURSIVE r AS (SELECT 1 a UNION ALL SELECT a + 1 FROM r WHERE a < 5) SELECT * FROM r",
    ],
)
def test_every_kind_of_select_and_value_is_shown(world: World, sql: str) -> None:
    answer = ask(world, sql)
    assert answer.error == ""
    assert answer.frame.height >= 1


NOT_ALLOWED = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
    "SELECT * FROM glob('/*')",
    "COPY (SELECT 1) TO '/tmp/stolen.csv'",
    "COPY v_rounds TO '/tmp/stolen.csv'",
    "EXPORT DATABASE '/tmp/stolen'",
    "ATTACH '/tmp/other.db'",
    "DETACH views",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "FORCE INSTALL spatial",
    "PRAGMA database_list",
    "PRAGMA version",
    "SET memory_limit = '100GB'",
    "SET enable_external_access = true",
    "RESET memory_limit",
    "SET VARIABLE x = 1",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE v_rounds",
    "/* x */ SELECT 1 /* ; */; SELECT 2",
    "SELECT 1 --\n; DROP TABLE v_rounds",
    "DELETE FROM v_rounds",
    "INSERT INTO v_rounds VALUES (1)",
    "UPDATE v_rounds SET year = 1",
    "DROP TABLE v_rounds",
    "CREATE TABLE x AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "ALTER TABLE v_rounds ADD COLUMN x INT",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
    "CALL pragma_version()",
    "EXPLAIN SELECT 1",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "WITH x AS (DELETE FROM v_rounds RETURNING *) SELECT * FROM x",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM accounts",
    "SELECT * FROM credentials",
    "SELECT * FROM sessions",
    "SELECT * FROM facts",
    "SELECT content FROM filings",
    "SELECT * FROM library.facts",
    "SELECT * FROM main.accounts",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('v_rounds')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM sql",
    "FROM connection",
    "DESCRIBE v_rounds",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SUMMARIZE v_rounds",
    "SELECT 1 WHERE EXISTS (SELECT * FROM accounts)",
    "SELECT * FROM v_rounds UNION ALL SELECT * FROM facts",
    "WITH a AS (SELECT * FROM b) SELECT * FROM a",
    "",
    "  ",
    "-- nothing",
    ";",
]


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database that the process of a query is given."""
    world = World(tmp_path_factory.mktemp("lent") / "library")
    yield str(query._lent(world.store, world.folder))
    world.close()


@pytest.mark.parametrize("sql", NOT_ALLOWED)
def test_what_is_no_select_over_the_views_is_refused(lent: str, sql: str) -> None:
    answer = query_worker.run(lent, sql)
    assert not answer.keys() & {"names", "columns"}
    assert answer.get("sentence") or answer.get("error")  # the parser or the binder said no


def test_a_refusal_reaches_the_page_as_a_sentence(world: World) -> None:
    with pytest.raises(Refused, match="只能查询"):
        ask(world, "DROP TABLE v_rounds")
    with pytest.raises(Refused, match="没有“accounts”这张视图"):
        ask(world, "SELECT * FROM accounts")
    with pytest.raises(Refused, match="一次只能运行一条"):
        ask(world, "SELECT 1; SELECT 2")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.db'",
        "SET threads = 4",
        "INSTALL httpfs",
        "CREATE TABLE x AS SELECT 1",
        "DROP TABLE v_rounds",
    ],
)
def test_what_the_check_would_miss_the_database_refuses(lent: str, sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_worker, "check", lambda *_: None)
    assert query_worker.run(lent, sql)["error"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT getenv('HOME')",
        "SELECT content FROM v_filings",
        "SELECT contact_phone FROM v_filings",
        "SELEC 1",
        "SELECT nextval('x')",
        "SELECT decided_by FROM v_filings",
    ],
)
def test_what_does_not_exist_is_said_in_duckdbs_words(lent: str, sql: str) -> None:
    assert "Error" in query_worker.run(lent, sql)["error"]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE r AS (SELECT 1 a UNION ALL SELECT a + 1 FROM r) SELECT max(a) FROM r",
        "SELECT levenshtein(repeat('ab', 100000), repeat('ba', 100000))",  # does not listen to an interrupt
        "SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c WHERE a.range + b.range = c.range + 1",
    ],
)
def test_a_query_that_never_ends_is_ended(world: World, sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "SECONDS", 2.0)
    started = time.perf_counter()
    try:
        assert "memory" in ask(world, sql).error.lower()
    except Refused as refusal:
        assert "秒，已停止" in str(refusal) or "内存" in str(refusal)
    assert time.perf_counter() - started < 5
    assert ask(world, "SELECT 1").frame.height == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('x', 100000000) FROM range(1000)",
        "SELECT string_agg(a.range || repeat('y', 1000)) FROM range(2000000) a",
        "SELECT list_sort(range(300000000))",
        "SELECT a.range FROM range(3000) a, range(3000) b, range(3000) c ORDER BY a.range || b.range",
        "WITH RECURSIVE r AS (SELECT 'x' a UNION ALL SELECT a || a FROM r) SELECT length(a) FROM r",
    ],
)
def test_a_query_that_takes_too_much_is_ended_and_the_service_goes_on(world: World, sql: str) -> None:
    try:
        answer = ask(world, sql)
    except Refused as refusal:
        assert "已停止" in str(refusal)
    else:
        assert "memory" in answer.error.lower()
    assert world.store.rows("SELECT 1 AS one") == [{"one": 1}]


def test_a_long_text_comes_short(world: World) -> None:
    assert len(ask(world, "SELECT repeat('x', 100000) AS t").frame["t"][0]) == 2_000
    with pytest.raises(Refused, match="最多 10,000"):
        ask(world, f"SELECT 1 {' ' * 10_000} + 1")


def test_nobody_else_may(world: World) -> None:
    for persona in ("enterprise", "district", "city"):
        for act in (query.views, lambda visit: query.run(visit, "SELECT 1")):
            with pytest.raises(Forbidden):
                act(world.visit(persona))


def test_no_view_holds_contact_data_accounts_or_what_was_typed(world: World) -> None:
    columns = {column for _, _, names in query.views(world.visit("administrator")) for column in names}
    assert not columns & {
        "content",
        "first_draft",
        "reasons",
        "decided_by",
        "account_id",
        "body",
        "password_hash",
        "officer_id",
    }
    assert not [column for column in columns if "contact" in column or "phone" in column or "email" in column]
