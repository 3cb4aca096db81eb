"""Open tabs: a tab's websocket ends with its session, and files go only to tabs of one's own session."""

import asyncio
from contextlib import suppress
from typing import Final

import anyio.to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from core.access.permissions import Permission
from data.access import sessions
from data.access.visit import Visit
from gate import bound_store, limits

#: The close code by which the page knows that it has to sign in again.
OVER: Final = 4401
_SECONDS: Final = 1.0
#: Bytes of uploads in memory: of one session, of all.
PENDING: Final = 4 * limits.UPLOAD
PENDING_OF_ALL: Final = 50 * limits.UPLOAD
_ROOM: Final = 50_000

#: Streamlit's id of a tab -> our session. Kept beyond the websocket: a tab that reconnects is not told its id again.
_tabs: dict[str, str] = {}


def may_upload(visit: Visit, path: str) -> bool:
    """Whether the tab that an upload's address names belongs to the visit's session, and the visit has pages that take files."""
    tab = path.removeprefix(limits.UPLOADS).split("/", 1)[0]
    return (
        any(map(visit.may, (Permission.FILING_EDIT, Permission.ACCOUNT_MANAGE, Permission.ENTERPRISE_CORRECT)))
        and visit.session_id is not None
        and _tabs.get(tab) == visit.session_id
    )


def _held() -> MemoryUploadedFileManager | None:
    """What Streamlit holds of uploads, in memory; None where no server runs."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    return manager if isinstance(manager, MemoryUploadedFileManager) else None


def make_room(visit: Visit) -> bool:
    """Before a file of the largest size is taken: let go of the session's oldest ones that are over its share.

    A page reads a file within a second of its arrival; what still lies there was attached, or never will be. False when
    all sessions together hold as much as the process may.
    """
    manager = _held()
    if manager is None:
        return True
    tabs = {tab: list(files.values()) for tab, files in manager.file_storage.copy().items()}
    whole = sum(len(each.data) for files in tabs.values() for each in files)
    mine = [(tab, each) for tab, files in tabs.items() if _tabs.get(tab) == visit.session_id for each in files]
    held = sum(len(each.data) for _, each in mine)
    for tab, each in mine:
        if held + limits.UPLOAD <= PENDING:
            break
        manager.remove_file(tab, each.file_id)
        held, whole = held - len(each.data), whole - len(each.data)
    return whole + limits.UPLOAD <= PENDING_OF_ALL


def _let_go(session_id: str) -> None:
    """Nothing that a session has sent outlives it."""
    if manager := _held():
        for tab in [tab for tab, whose in _tabs.copy().items() if whose == session_id]:
            manager.remove_session_files(tab)


async def _wait_for_the_end(session_id: str) -> None:
    """Return within a second of the session's end. Asks the store only when the answer may have changed."""
    store, version, until = bound_store(), None, None
    while True:
        now = store.version("sessions", "accounts", "parameters")
        if until is None or now != version or store.clock() >= until:
            left = await anyio.to_thread.run_sync(sessions.remaining, store, session_id)
            if not left:
                return
            version, until = now, store.clock() + left
        await asyncio.sleep(_SECONDS)


class Tab:
    """One websocket of a live session, on its way through the guard."""

    def __init__(self, session_id: str, send: Send) -> None:
        self.session_id, self._send = session_id, send
        self._named = self._over = False

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive) -> None:
        watch = asyncio.create_task(self._watch())
        try:
            await app(scope, receive, self.send)
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        await _wait_for_the_end(self.session_id)
        self.ended()
        with suppress(OSError):  # it has gone by itself meanwhile
            await self._send({"type": "websocket.close", "code": OVER, "reason": "session over"})

    def ended(self) -> None:
        """The session is over: nothing more goes to the browser, and nothing that it sent is kept."""
        self._over = True
        _let_go(self.session_id)

    async def send(self, message: Message) -> None:
        if self._over:
            raise OSError("the session is over")  # as if the browser had gone: Streamlit stops quietly
        if not self._named and message.get("bytes"):
            self._learn(message["bytes"])
        await self._send(message)

    def _learn(self, data: bytes) -> None:
        told = ForwardMsg.FromString(data)
        if told.WhichOneof("type") != "new_session":
            return
        self._named = True
        _tabs[told.new_session.initialize.session_id] = self.session_id
        while len(_tabs) > _ROOM:
            del _tabs[next(iter(_tabs))]
