"""The routes under /auth: signing in by the platform, signing out, and what the other modules of the gate add."""

from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.base.errors import UserError
from data.access import accounts, sessions
from gate import bound_store, local, oidc, old_browser, qr
from gate.front import STALE, Front
from gate.guard import COOKIE, HOST_COOKIE, visit_of
from gate.settings import Settings

_ENDED = (
    "登录已失效：可能是长时间没有操作、超过 12 小时、已在别处退出，或账号被停用。已保存的内容不受影响，请重新登录。"
)


def routes(
    settings: Settings, *, secret: str, provider: oidc.Provider, people: list[dict[str, str]]
) -> list[BaseRoute]:
    """/auth/login, /auth/begin, /auth/callback, /auth/logout, /auth/alive, /auth/local, /auth/qr and /login.

    `people`: the demonstration sign-ins listed on the login page; empty outside demo mode.
    """
    front = Front(settings, provider, people)

    async def login(request: Request) -> Response:
        wanted = oidc.safe_next(request.query_params.get("next"))
        if visit_of(request) is not None:
            return RedirectResponse(wanted, 303)
        tab = "local" if request.query_params.get("tab") == "local" else "unified"
        return front.login(request, tab=tab, wanted=wanted, notice=_ENDED if "ended" in request.query_params else None)

    async def begin(request: Request) -> Response:
        form = await front.form_of(request)
        if form is None:
            return front.login(request, tab="unified", wanted=await front.wanted(request), error=STALE, status=400)
        try:
            return await oidc.begin(
                request,
                provider,
                callback_url=f"{front.base(request)}/auth/callback",
                next_path=oidc.safe_next(form.get("next")),
            )
        except oidc.SignInFailed as failed:
            return front.message(request, "暂时无法登录", str(failed), failed.reference, 502)

    async def callback(request: Request) -> Response:
        try:
            identity, wanted = await oidc.complete(
                request, provider, callback_url=f"{front.base(request)}/auth/callback"
            )
            account_id = await anyio.to_thread.run_sync(
                lambda: accounts.enterprise_account(
                    bound_store(),
                    issuer=settings.issuer or accounts.DEMONSTRATION_ISSUER,
                    uscc=identity.uscc,
                    enterprise_name=identity.enterprise_name,
                    contact=identity.contact_name or "",
                    demonstration=settings.demonstration,
                )
            )
            return await front.signed_in(request, account_id, "统一登录", wanted, id_token=identity.id_token)
        except (oidc.SignInFailed, UserError) as failed:
            return front.message(request, "登录没有完成", str(failed), failed.reference, 400)

    async def logout(request: Request) -> Response:
        # A link on a foreign page must not sign people out: browsers say where a navigation comes from.
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("请从系统内退出登录", 403)
        visit, away = visit_of(request), "/auth/login"
        if visit is not None and visit.session_id is not None:
            store, identity, actor = bound_store(), visit.session_id, visit.actor
            kept = await anyio.to_thread.run_sync(sessions.id_token, store, identity)
            await anyio.to_thread.run_sync(lambda: sessions.end(store, identity, reason="退出登录", actor=actor))
            if kept:
                back = f"{front.base(request)}/auth/login"
                away = await oidc.end_session_url(request, provider, id_token=kept, return_url=back) or away
        request.session.clear()
        response = RedirectResponse(away, 303)
        response.delete_cookie(COOKIE, path="/")
        if front.base(request).startswith("https://"):
            response.delete_cookie(HOST_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return response

    async def alive(request: Request) -> Response:
        """Seconds until the session ends by itself; 401 when it is over. POST: the person is still here."""
        visit = visit_of(request)
        if visit is None or visit.session_id is None:
            return JSONResponse({"seconds": 0}, 401, {"cache-control": "no-store"})
        if request.method == "POST":
            if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
                return JSONResponse({"seconds": 0}, 403)
            sessions.use(bound_store(), visit.session_id)
        left = await anyio.to_thread.run_sync(sessions.remaining, bound_store(), visit.session_id)
        return JSONResponse({"seconds": int(left.total_seconds())}, headers={"cache-control": "no-store"})

    async def astray(request: Request) -> Response:
        """An address under /auth/ typed by hand or kept from a form: back to the sign-in page, on its tab."""
        tab = "?tab=local" if request.url.path.rstrip("/").endswith("/local") else ""
        return RedirectResponse(f"/auth/login{tab}", 303)

    async def short(request: Request) -> Response:
        return RedirectResponse(f"/auth/login?{request.url.query}".rstrip("?"), 307)

    secure = settings.base_url.startswith("https://")
    middleware: list[Any] = [
        Middleware(
            SessionMiddleware,
            secret_key=secret,
            # Its own name and key: Streamlit has a session middleware, too (`_apart`). By https for this very host only,
            # which browsers grant to cookies of the whole site alone.
            session_cookie="__Host-library_signin" if secure else "library_signin",
            path="/" if secure else "/auth",
            same_site="lax",
            https_only=secure,
            max_age=3600,
        )
    ]
    auth = Starlette(
        routes=[
            Route("/login", login),
            Route("/begin", begin, methods=["POST"]),
            Route("/callback", callback),
            Route("/logout", logout),
            Route("/alive", alive, methods=["GET", "POST"]),
            old_browser.ROUTE,
            *local.routes(front),
            *qr.routes(front),
            # Whatever no route above takes, by its path or by its method.
            Route("/{rest:path}", astray, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ],
        middleware=middleware,
    )
    return [Mount("/auth", app=_apart(auth)), Route("/login", short)]


def _apart(app: ASGIApp) -> ASGIApp:
    """The app with a scope of its own: Streamlit's own middleware would keep our sign-in's session in its cookie, too."""

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await app(dict(scope), receive, send)

    return inner
