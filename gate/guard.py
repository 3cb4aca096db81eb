"""The guard around the whole server: without a live session only sign-in, health and static assets answer.

It sees every HTTP path and every websocket before Streamlit does: pages, /media, uploads, metrics, the
script stream. Identity travels inwards in one header that no client can set. Websockets end with their session
(gate.sockets).
"""

from typing import Final
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.access.permissions import Permission
from data.access import sessions
from data.access.visit import Visit
from gate import SESSION_HEADER, bound_store, limits, sockets

COOKIE: Final = "library_session"
#: The same where we are reached by https: browsers take it from this very host only, and never send it in the clear.
HOST_COOKIE: Final = f"__Host-{COOKIE}"

#: Paths open to everybody: sign-in, health, and Streamlit's own program files (no data).
_OPEN_PREFIXES: Final = (
    "/auth/",
    "/demo-identity/",
    "/demo-fund/",
    "/static/",
    "/_stcore/health",
    "/_stcore/host-config",
)
_OPEN: Final = ("/healthz", "/login", "/favicon.ico", "/favicon.png", "/robots.txt")
_METRICS: Final = "/_stcore/metrics"
#: Addresses of more than one segment that mean something: our routes and Streamlit's own.
_DEEP: Final = (
    "auth",
    "demo-identity",
    "demo-fund",
    "files",
    "exports",
    "print",
    "api",
    "_stcore",
    "media",
    "component",
    "static",
)

#: As far as Streamlit lets us: its page has inline scripts and styles. Nothing comes from elsewhere, nothing goes there.
_CONTENT: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "frame-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
_HEADERS: Final = (
    (b"content-security-policy", _CONTENT.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()"),
)
_HTTPS: Final = (b"strict-transport-security", b"max-age=31536000")


def visit_of(connection: HTTPConnection) -> Visit | None:
    """The visit that the connection's cookie names, if its session is alive."""
    cookies = connection.cookies
    token = cookies.get(HOST_COOKIE) or cookies.get(COOKIE)
    return sessions.visit_of(bound_store(), sessions.token_id(token)) if token else None


def _navigates(scope: Scope) -> bool:
    """Whether a browser asks for a page to show, not a program for data."""
    accepted = HTTPConnection(scope).headers.get("accept", "")
    return scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and "text/html" in accepted


def _leads_nowhere(path: str) -> bool:
    """Pages have one segment; below any other, Streamlit would serve a shell that stays blank."""
    segments = [segment for segment in path.split("/") if segment]
    return len(segments) > 1 and segments[0] not in _DEEP


class Guard:
    """Pure ASGI middleware; put it outermost. `https`: whether people reach us by https only, and browsers shall know."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self.app = app
        self._headers = (*_HEADERS, _HTTPS) if https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def with_headers(message: dict) -> None:  # type: ignore[type-arg]
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        if scope["type"] == "http":
            await limits.bounded(self._guarded, scope, receive, with_headers)  # type: ignore[arg-type]
        else:
            await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, answer: Send) -> None:
        name = SESSION_HEADER.encode()
        headers = [(key, value) for key, value in scope["headers"] if key.lower() != name]
        path = scope["path"]
        visit = visit_of(HTTPConnection(scope))
        if visit is not None and visit.session_id is not None:
            headers.append((name, visit.session_id.encode()))
        elif not (scope["type"] == "http" and (path in _OPEN or path.startswith(_OPEN_PREFIXES))):
            await self._refuse(scope, receive, answer)
            return
        if path.startswith(_METRICS) and not (visit and visit.may(Permission.SYSTEM_READ)):
            await PlainTextResponse("没有权限", 403)(scope, receive, answer)
            return
        if path.startswith(limits.UPLOADS) and not (visit and sockets.may_upload(visit, path)):
            await PlainTextResponse("不能上传到这里，请刷新页面后重试", 403)(scope, receive, answer)
            return
        if path.startswith(limits.UPLOADS) and visit and scope["method"] == "PUT" and not sockets.make_room(visit):
            await PlainTextResponse("现在上传的人较多，文件未上传。请过几分钟再试。", 503, {"retry-after": "120"})(
                scope, receive, answer
            )
            return
        if visit is not None and visit.session_id is not None and _navigates(scope):
            sessions.use(bound_store(), visit.session_id)
        if visit is not None and _navigates(scope) and _leads_nowhere(path):
            await RedirectResponse("/", 303)(scope, receive, answer)
            return
        inner = {**scope, "headers": headers}
        if scope["type"] == "websocket" and visit is not None and visit.session_id is not None:
            await sockets.Tab(visit.session_id, answer).run(self.app, inner, receive)
        else:
            await self.app(inner, receive, answer)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4401, "reason": "sign in first"})
            return
        if _navigates(scope):
            query = scope["query_string"].decode("latin-1")
            wanted = scope["path"] + (f"?{query}" if query else "")
            await RedirectResponse(f"/auth/login?next={quote(wanted)}", 303)(scope, receive, send)
        else:
            await PlainTextResponse("请先登录", 401)(scope, receive, send)
