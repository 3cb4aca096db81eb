"""What one request may cost: bytes of its headers and body, and the time its body may take, before anybody reads it.

The body is counted as it arrives, so neither a missing Content-Length nor a form of many parts gets past. What uvicorn
reads before it asks us (the request line and headers of a slow client) is the proxy's to limit: docs/operations.md.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

#: Bytes of the request line's address and of all headers.
HEADERS: Final = 32 * 2**10
#: One file of an upload is 10 MB; the rest is the framing of its form.
UPLOAD: Final = 10 * 2**20 + 64 * 2**10
#: Whatever else is sent: sign-in forms, and what an open page reports.
BODY: Final = 256 * 2**10
#: Seconds for the whole body to arrive.
SECONDS: Final = 20.0
UPLOAD_SECONDS: Final = 180.0
UPLOADS: Final = "/_stcore/upload_file/"

_TOO_LARGE: Final = "发送的内容超过上限，未处理。上传的每个文件不能超过 10 MB。"
_TOO_SLOW: Final = "发送的内容没有在限定时间内到达，未处理。请检查网络后重试。"
_HEADERS_TOO_LARGE: Final = "请求头超过上限，未处理。请清除本站的 Cookie 后重试。"


@dataclass
class _Body:
    """The body of one request on its way in. `refused`: status and sentence once it went over."""

    receive: Receive
    most: int
    until: float
    got: int = 0
    whole: bool = False
    refused: tuple[int, str] | None = None

    async def read(self) -> Message:
        if self.refused:
            return {"type": "http.disconnect"}
        if self.whole:
            return await self.receive()  # only the end of the connection is still to come
        try:
            message = await asyncio.wait_for(self.receive(), max(0.0, self.until - time.monotonic()))
        except TimeoutError:
            return self._refuse(408, _TOO_SLOW)
        if message["type"] == "http.request":
            self.got += len(message.get("body", b""))
            self.whole = not message.get("more_body", False)
            if self.got > self.most:
                return self._refuse(413, _TOO_LARGE)
        return message

    def _refuse(self, status: int, sentence: str) -> Message:
        self.refused = status, sentence
        return {"type": "http.disconnect"}


def _declared(scope: Scope) -> int:
    given = HTTPConnection(scope).headers.get("content-length", "0")
    return int(given) if given.isascii() and given.isdecimal() else 0


async def bounded(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run the app for a request within the limits; 431, 413 or 408 and a closed connection beyond them."""
    upload = scope["path"].startswith(UPLOADS)
    most, seconds = (UPLOAD, UPLOAD_SECONDS) if upload else (BODY, SECONDS)
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"]) + sum(map(len, sum(scope["headers"], ())))
    if size > HEADERS:
        await _answer(431, _HEADERS_TOO_LARGE, scope, receive, send)
        return
    if _declared(scope) > most:
        await _answer(413, _TOO_LARGE, scope, receive, send)
        return
    brings = _declared(scope) > 0 or "transfer-encoding" in HTTPConnection(scope).headers
    body, begun = _Body(receive, most, time.monotonic() + seconds), False

    async def sent(message: Message) -> None:
        nonlocal begun
        if body.refused and not begun:
            return  # what the app makes of a body cut off is not what happened
        begun = True
        if message["type"] == "http.response.start" and brings and not body.whole:
            # Answered without the body: what is left of it is nobody's to wait for.
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    try:
        await app(scope, body.read, sent)
    except Exception:
        if not body.refused:
            raise
    if body.refused and not begun:
        logger.warning("refused: %s %s after %d bytes", body.refused[0], scope["path"], body.got)
        await _answer(*body.refused, scope, receive, send)


async def _answer(status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"connection": "close", "cache-control": "no-store"}
    await PlainTextResponse(sentence, status, headers)(scope, receive, send)
