"""What one request may cost: large headers, large and endless bodies, slow ones, and uploads that nobody attaches."""

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from gate import limits, sockets
from tests import server
from tests.server import Server
from tests.world import World

pytestmark = pytest.mark.xdist_group("guard")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("limits") / "library"
    server.prepare(folder)
    with server.running(folder) as started:
        yield started


def endless(most: int) -> Iterator[bytes]:
    """A form of one part without a Content-Length, cut after `most` bytes so that a broken limit ends the test."""
    yield b'--x\r\nContent-Disposition: form-data; name="username"; filename="a"\r\n\r\n'
    for _ in range(most // 65_536):
        yield b"a" * 65_536
    yield b"\r\n--x--\r\n"


@pytest.mark.parametrize("path", ["/auth/local", "/auth/begin", "/auth/code", "/demo-identity/login", "/nothing", "/"])
def test_a_form_larger_than_any_is_refused_while_it_arrives(running: Server, path: str) -> None:
    """Before the token of the form is looked for, which needs the whole of it."""
    sent = 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for part in endless(64 * 2**20):
            sent += len(part)
            yield part

    with running.client() as browser:
        try:
            answer = browser.post(path, content=counted(), headers={"content-type": "multipart/form-data; boundary=x"})
            assert answer.status_code in (303, 400, 401, 404, 413), answer.text
        except httpx2.TransportError:
            pass  # told and hung up while we were still sending
    assert sent < 16 * 2**20, "most of it was never taken"


def test_a_length_that_is_declared_is_believed_at_once(running: Server) -> None:
    port = int(running.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as raw:
        raw.sendall(b"POST /auth/local HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 413")


def test_headers_larger_than_any_are_refused(running: Server) -> None:
    with running.client(**{"x-padding": "a" * (limits.HEADERS + 1)}) as browser:
        assert browser.get("/auth/login").status_code == 431
    with running.client(**{"x-padding": "a" * 4000}) as browser:
        assert browser.get("/auth/login").status_code == 200


def test_nothing_of_this_is_a_traceback(running: Server) -> None:
    assert "Traceback" not in running.log.read_text("utf-8")


# --- without a server ------------------------------------------------------------------------------------


async def _form(request: Request) -> Response:
    form = await request.form()
    return PlainTextResponse(f"{len(form)}")


def asked(parts: list[tuple[float, bytes]], path: str = "/auth/local") -> tuple[int, float]:
    """Status of a POST whose body arrives in parts, each after a pause in seconds; how long the answer took."""
    app = Starlette(routes=[Route("/{rest:path}", _form, methods=["POST", "PUT"])])
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "http_version": "1.1",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")], "server": ("x", 80), "scheme": "http",
    }  # fmt: skip
    waiting, sent = iter(parts), []

    async def receive() -> dict[str, Any]:
        try:
            pause, part = next(waiting)
        except StopIteration:
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    begun = time.monotonic()
    asyncio.run(limits.bounded(app, scope, receive, send))
    starts = [each for each in sent if each["type"] == "http.response.start"]
    assert len(starts) == 1, "one answer"
    return starts[0]["status"], time.monotonic() - begun


def test_a_slow_client_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.3)
    assert asked([(0.0, b"a=1"), (0.01, b"&b=2")])[0] == 200
    status, took = asked([(0.02, b"a")] * 1000)
    assert (status, took < 2) == (408, True)


def test_the_largest_body_is_taken_and_one_byte_more_is_not() -> None:
    assert asked([(0, b"a=" + b"b" * (limits.BODY - 2))])[0] == 200
    assert asked([(0, b"a=" + b"b" * (limits.BODY - 1))])[0] == 413
    assert asked([(0, b"a=" + b"b" * limits.BODY)], limits.UPLOADS + "tab/file")[0] == 200


# --- uploads that nobody attaches ------------------------------------------------------------------------


class _Runtime:
    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    fake = _Runtime()
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: fake)
    monkeypatch.setattr(limits, "UPLOAD", 1000)
    monkeypatch.setattr(sockets, "PENDING", 4000)
    monkeypatch.setattr(sockets, "PENDING_OF_ALL", 6000)
    monkeypatch.setattr(sockets, "_tabs", {})
    return fake.uploaded_file_mgr


def send_file(world: World, held: MemoryUploadedFileManager, persona: str, tab: str, name: str) -> bool:
    visit = world.visit(persona)
    sockets._tabs[tab] = str(visit.session_id)
    if taken := sockets.make_room(visit):
        held.add_file(tab, UploadedFileRec(name, name, "application/pdf", b"x" * 1000))
    return taken


def test_uploads_never_attached_take_no_more_than_a_session_s_share(
    world: World, held: MemoryUploadedFileManager
) -> None:
    for number in range(50):
        assert send_file(world, held, "enterprise", f"tab-{number % 3}", f"file-{number}")
        lying = sum(len(each.data) for files in held.file_storage.values() for each in files.values())
        assert lying <= 4000
    assert any("file-49" in files for files in held.file_storage.values()), "the newest is there to be read"


def test_all_sessions_together_hold_no_more_than_the_process_may(world: World, held: MemoryUploadedFileManager) -> None:
    for number in range(4):
        assert send_file(world, held, "enterprise", "one", f"file-{number}")
    taken = [send_file(world, held, "other", "two", f"file-{number}") for number in range(4)]
    assert taken == [True, True, False, False]


def test_nothing_that_a_session_has_sent_outlives_it(world: World, held: MemoryUploadedFileManager) -> None:
    send_file(world, held, "enterprise", "one", "mine")
    send_file(world, held, "other", "two", "theirs")

    async def signed_out() -> None:
        async def send(_: Any) -> None: ...

        tab = sockets.Tab(str(world.visit("enterprise").session_id), send)
        tab.ended()

    asyncio.run(signed_out())
    assert set(held.file_storage) == {"two"}
