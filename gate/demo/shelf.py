"""What a demonstration platform remembers for a few minutes only: in memory, gone with a restart."""

import math
import secrets
from time import time
from typing import Any, Final, Generic, TypeVar

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAILURE_LIMIT: Final = 5
FAILURE_SECONDS: Final = 600
BROWSER_SECONDS: Final = 3600

T = TypeVar("T")


def now() -> float:
    """The platforms' clock; tests move it."""
    return time()


class Shelf(Generic[T]):
    """Values under unguessable keys for some seconds; when it is full the oldest leave."""

    def __init__(self, seconds: int, room: int = 2000) -> None:
        self.seconds, self.room = seconds, room
        self.kept: dict[str, tuple[float, T]] = {}

    def put(self, value: T, key: str | None = None) -> str:
        key = key or secrets.token_urlsafe(32)
        self.kept.pop(key, None)
        self.kept[key] = (now(), value)
        while len(self.kept) > self.room:
            del self.kept[next(iter(self.kept))]
        return key

    def get(self, key: str) -> T | None:
        at, value = self.kept.get(key, (-math.inf, None))
        return value if now() - at < self.seconds else None

    def pop(self, key: str) -> T | None:
        value = self.get(key)
        self.kept.pop(key, None)
        return value


class Failures:
    """Wrong passwords by name, known or unknown: after five the name has to wait."""

    def __init__(self) -> None:
        self.kept: Shelf[list[float]] = Shelf(FAILURE_SECONDS)

    def waiting(self, name: str) -> int:
        """Minutes until this name may be tried again, 0 for now."""
        recent = [at for at in self.kept.get(name) or [] if now() - at < FAILURE_SECONDS]
        return math.ceil((recent[0] + FAILURE_SECONDS - now()) / 60) if len(recent) >= FAILURE_LIMIT else 0

    def count(self, name: str) -> None:
        self.kept.put([*(self.kept.get(name) or []), now()][-FAILURE_LIMIT:], name)

    def forget(self, name: str) -> None:
        self.kept.pop(name)


class Remember:
    """`request.session` as a dict that stays on the server, for the browser that holds its cookie.

    Unlike Starlette's own it may hold anything of any size: sign-ins that wait, captchas, half a registration.
    """

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        self.app, self.cookie = app, cookie
        self.browsers: Shelf[dict[str, Any]] = Shelf(BROWSER_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        key = HTTPConnection(scope).cookies.get(self.cookie, "")
        found = self.browsers.get(key)
        memory: dict[str, Any] = {} if found is None else found
        key = secrets.token_urlsafe(24) if found is None else key

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and (memory or found is not None):
                self.browsers.put(memory, key)
                secure = "; Secure" if scope["scheme"] == "https" else ""
                MutableHeaders(scope=message).append(
                    "set-cookie",
                    f"{self.cookie}={key}; Path={scope['root_path'] or '/'}; Max-Age={BROWSER_SECONDS}; "
                    f"HttpOnly; SameSite=Lax{secure}",
                )
            await send(message)

        await self.app({**scope, "session": memory}, receive, answer)
