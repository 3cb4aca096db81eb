"""The route that gives out the files of reports: only to who had them made, only in a session, noted in the log."""

import time
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import gate
from data.access import sessions
from data.audit import log
from data.report import reports
from data.report.reports import Order
from data.store.store import SYSTEM
from gate import exports
from gate.guard import COOKIE, Guard
from tests.world import PERSONAS, World


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    gate.bind(world.store)
    with TestClient(Starlette(routes=list(exports.ROUTES), middleware=[Middleware(Guard)])) as client:
        yield client
    gate.bind(None)


def got(client: TestClient, token: str | None, identity: str, method: str = "GET"):  # type: ignore[no-untyped-def]
    return client.request(
        method, f"/exports/reports/{identity}", headers={"cookie": f"{COOKIE}={token}"} if token else {}
    )


@pytest.fixture
def made(world: World) -> str:
    """A file of the city's officer."""
    world.admit("enterprise")
    identity = reports.start(world.visit("city"), Order("overview", 2025, False, "inside", "xlsx"))
    until = time.monotonic() + 60
    while reports.mine(world.visit("city"))[0].going and time.monotonic() < until:
        time.sleep(0.02)
    return identity


def test_who_asked_for_it_has_it(world: World, client: TestClient, made: str) -> None:
    answer = got(client, world.token("city"), made)
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats-officedocument.spreadsheetml")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "产业总览-2025年度全年实际-内部.xlsx" in unquote(answer.headers["content-disposition"])
    world.store.write(lambda _: None)
    (entry,) = log.entries(world.visit("administrator"), log.Query("access", "下载文件"))
    assert (entry.account, entry.body["name"]) == ("officer", "产业总览-2025年度全年实际-内部.xlsx")


@pytest.mark.parametrize("persona", [persona for persona in PERSONAS if persona != "city"])
def test_nobody_else_has_it(world: World, client: TestClient, made: str, persona: str) -> None:
    answer = got(client, world.token(persona), made)
    assert answer.status_code == 403
    assert not answer.content.startswith(b"PK")
    assert "没有" in answer.text


def test_without_a_session_or_after_it_there_is_nothing(world: World, client: TestClient, made: str) -> None:
    assert got(client, None, made).status_code == 401
    token = world.token("city")
    sessions.end(world.store, sessions.token_id(token), reason="强制下线", actor=SYSTEM)
    assert got(client, token, made).status_code == 401


@pytest.mark.parametrize("identity", ["0" * 32, "..%2F..%2Flibrary.duckdb", "../library.duckdb"])
def test_no_other_file_is_given_out(world: World, client: TestClient, made: str, identity: str) -> None:
    assert got(client, world.token("city"), identity).status_code in (403, 404)


def test_nothing_can_be_put_or_deleted(world: World, client: TestClient, made: str) -> None:
    for method in ("DELETE", "PUT", "POST", "PATCH"):
        assert got(client, world.token("city"), made, method).status_code == 405
