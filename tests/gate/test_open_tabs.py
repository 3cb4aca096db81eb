"""Open tabs of the running server: closed when their session ends, and no place for another's uploads."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

import gate
from data.access import sessions
from gate import sockets
from tests import server
from tests.server import Server, Tab
from tests.world import World

pytestmark = pytest.mark.xdist_group("guard")
SPARE = ("leaving", "again", "staying")


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tokens: dict[str, str]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tabs") / "library"

    def fill(world: World) -> None:
        for name in SPARE:
            tokens[name] = sessions.start(
                world.store, world.account("enterprise"), way="test", address=None, agent=None
            )

    tokens |= server.prepare(folder, fill)
    with server.running(folder) as started:
        yield started


def ended(world: World, session: str) -> None:
    sessions.end(world.store, session, reason="test", actor=world.visit("enterprise").actor)


def stopped(world: World, session: str) -> None:
    account = world.account("enterprise")
    world.store.write(lambda t: t.put("accounts", {**(t.get("accounts", account) or {}), "active": False}))


def everywhere(world: World, session: str) -> None:
    account, actor = world.account("enterprise"), world.visit("other").actor
    world.store.write(lambda t: sessions.end_all(t, account, reason="test", actor=actor))


def idle(world: World, session: str) -> None:
    world.clock.now += sessions.idle(world.store)


@pytest.mark.parametrize("end", [ended, stopped, everywhere, idle], ids=lambda each: each.__name__)
def test_the_watch_sees_every_end(world: World, monkeypatch: pytest.MonkeyPatch, end: Any) -> None:
    monkeypatch.setattr(sockets, "_SECONDS", 0.01)
    monkeypatch.setattr(gate, "_bound", [world.store])
    session = sessions.token_id(world.token("enterprise"))

    async def watch() -> None:
        task = asyncio.create_task(sockets._wait_for_the_end(session))
        await asyncio.sleep(0.1)
        # Used again, it lives on; others coming and going are nothing to it.
        world.clock.now += sessions.idle(world.store) - timedelta(minutes=1)
        sessions.use(world.store, session)
        world.clock.now += timedelta(minutes=5)
        world.token("other")
        await asyncio.sleep(0.1)
        assert not task.done()
        end(world, session)
        await asyncio.wait_for(task, 3)

    asyncio.run(watch())


def closed_within(tab: Tab, seconds: float) -> int | None:
    """The code by which the tab was closed; None if it still is open."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            tab.connection.recv(left)
        except TimeoutError:
            break
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0
    return None


def upload(running: Server, token: str, tab: str, method: str = "PUT") -> httpx2.Response:
    """Send a file to a tab, with the token that Streamlit's own page would send."""
    with running.client(token, **{"x-xsrftoken": "x"}) as browser:
        files = {"file": ("note.pdf", b"%PDF-1.4", "application/pdf")} if method == "PUT" else None
        return browser.request(method, f"/_stcore/upload_file/{tab}/file-1", files=files)


def test_signing_out_in_one_tab_closes_the_others_and_nobody_else_s(running: Server, tokens: dict[str, str]) -> None:
    with (
        running.tab(tokens["leaving"]) as ran,
        running.tab(tokens["leaving"]) as fresh,
        running.tab(tokens["staying"]) as other,
    ):
        assert ran.run("basic").titles == other.run("basic").titles == ["基础信息"]
        assert closed_within(ran, 1.5) is None
        with running.client(tokens["leaving"]) as browser:
            assert browser.get("/auth/logout").status_code == 303
        assert closed_within(ran, 3) == closed_within(fresh, 3) == 4401
        assert closed_within(other, 2) is None
        assert other.run("basic").titles == ["基础信息"]


def test_a_file_goes_to_a_tab_of_one_s_own_session_only(running: Server, tokens: dict[str, str]) -> None:
    with running.tab(tokens["enterprise"]) as mine, running.tab(tokens["other"]) as theirs:
        mine.run("basic")
        theirs.run("basic")
        for method in ("PUT", "DELETE"):
            for tab in (theirs.session_id, "nobody", ""):
                assert upload(running, tokens["enterprise"], tab, method).status_code == 403, (method, tab)
            # Past the guard; what is left is Streamlit's own check of its token.
            answer = upload(running, tokens["enterprise"], mine.session_id, method)
            assert answer.status_code != 403 or "XSRF" in answer.text, answer.text
        # Another session of the same person has its own tabs.
        assert upload(running, tokens["again"], mine.session_id).status_code == 403


def test_a_tab_that_lost_its_connection_may_still_be_sent_files(running: Server, tokens: dict[str, str]) -> None:
    with running.tab(tokens["again"]) as tab:
        tab.run("basic")
    with running.tab(tokens["again"], resume=tab.session_id):
        assert upload(running, tokens["again"], tab.session_id).text != "不能上传到这里，请刷新页面后重试"


@pytest.mark.parametrize("persona", ["district", "city", "administrator"])
def test_who_does_not_file_uploads_nothing(running: Server, tokens: dict[str, str], persona: str) -> None:
    with running.tab(tokens[persona]) as tab:
        tab.run("profile")
        assert tab.session_id
        assert upload(running, tokens[persona], tab.session_id).status_code == 403


def test_nothing_went_wrong_in_all_this(running: Server) -> None:
    assert "Traceback" not in running.log.read_text("utf-8")
