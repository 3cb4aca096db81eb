"""The real server for tests: `python app.py` on a free port, and a browser's websocket spoken by hand.

To start without the large sample, write a small World into the folder first (`prepare`): app.py fills
only a store that holds no facts.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from core.base import beijing
from data.store.store import SYSTEM
from tests.world import PERSONAS, Clock, World

ROOT = Path(__file__).parent.parent
COOKIE = "library_session"


@dataclass(frozen=True)
class Server:
    """A running server; `log` is what it prints."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def client(self, token: str | None = None, **headers: str) -> httpx2.Client:
        """A browser without websocket, that does not follow redirects."""
        cookie = {"cookie": f"{COOKIE}={token}"} if token else {}
        return httpx2.Client(base_url=self.url, headers=cookie | headers, trust_env=False)

    def tab(self, token: str | None = None, *, resume: str | None = None, **headers: str) -> "Tab":
        """Open a tab: Streamlit's websocket, without running anything yet."""
        protocols = ["streamlit", "x", resume] if resume else ["streamlit"]
        cookie = {"cookie": f"{COOKIE}={token}"} if token else {}
        return Tab(
            connect(
                f"{self.url.replace('http', 'ws', 1)}/_stcore/stream",
                subprotocols=protocols,  # type: ignore[arg-type]
                additional_headers=cookie | {name.replace("_", "-"): value for name, value in headers.items()},
                max_size=None,
                proxy=None,
                legacy=True,
            )
        )


@dataclass(frozen=True)
class Shown:
    """What a run sent to the browser: the titles of pages, and every message as text."""

    titles: list[str]
    text: str


class Tab:
    """One websocket to the script stream."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.session_id = ""
        #: page -> its hash, as the navigation told it
        self.hashes: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    def run(self, page: str = "", *, timeout: float = 20) -> "Shown":
        """Run the script for the page of this name ("basic"); what it sends until it has finished."""
        message = BackMsg()
        message.rerun_script.page_name = page
        return self.ask(message, timeout=timeout)

    def ask(self, message: BackMsg, *, timeout: float = 20) -> "Shown":
        """Send any message that leads to a run; what comes back until the run has finished."""
        titles: list[str] = []
        seen: list[str] = []
        try:
            self.connection.send(message.SerializeToString())
            while True:
                answer = ForwardMsg()
                answer.ParseFromString(self.connection.recv(timeout))  # type: ignore[arg-type]
                kind = answer.WhichOneof("type")
                if kind == "new_session":
                    self.session_id = answer.new_session.initialize.session_id
                elif kind == "navigation":
                    self.hashes = {page.url_pathname: page.page_script_hash for page in answer.navigation.app_pages}
                else:
                    seen.append(str(answer.SerializeToString(), "utf-8", "replace"))
                    heading = answer.delta.new_element.heading
                    titles += [heading.body] if heading.tag == "h1" else []
                if kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
        except ConnectionClosed:
            pass
        return Shown(titles, "\n".join(seen))


def prepare(folder: Path, fill: Callable[[World], None] | None = None) -> dict[str, str]:
    """Write a small world with a round open today; the cookie of each persona, sessions already open."""
    now = datetime.now(UTC).replace(tzinfo=None)
    world = World(folder, clock=Clock(now))
    try:
        today = beijing.day(now)
        body = {
            "year": today.year,
            "columns": ["full_year"],
            "opens": f"{today - timedelta(days=5)}",
            "closes": f"{today + timedelta(days=5)}",
        }
        world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:today", body))
        if fill:
            fill(world)
        return {persona: world.token(persona) for persona in PERSONAS}
    finally:
        world.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """The environment of the server: ours without any LIBRARY_ setting, and the given ones."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIBRARY_")}
    return clean | {"LIBRARY_DATA_DIR": str(folder), "PORT": str(port), "HOST": "127.0.0.1"} | more


@contextmanager
def running(folder: Path, *, patience: float = 60, port: int | None = None, **env: str) -> Iterator[Server]:
    """Start the server on `folder` (empty: it generates the sample, some seconds) and stop it at the end.

    `port`: the one of a server that has ended.
    """
    port = port or free_port()
    log = folder.parent / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment(folder, port, **env),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait(server, patience)
        yield server
    finally:
        _stop(process)


def _wait(server: Server, patience: float) -> None:
    until = time.monotonic() + patience
    with server.client() as client:
        while True:
            try:
                if client.get("/healthz").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            if server.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start:\n{server.log.read_text('utf-8', 'replace')}")
            time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole group that the server leads."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
    process.wait(10)
