"""The routes of signing in and out: they alone set and clear the session cookie."""

import secrets
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.templating import Jinja2Templates

from core.errors import DoorError
from core.terms import PRODUCT
from data import accounts
from gate import bound_store, oidc, passwords
from gate.guard import COOKIE, visit_of
from gate.settings import Settings

_templates = Jinja2Templates(Path(__file__).parent / "templates")
_WRONG = "用户名或密码不正确，请核对后重试。连续输错 5 次将锁定 30 分钟。"
_LOCKED = "该用户名连续输错次数过多，已锁定 30 分钟。请稍后再试，或联系系统管理员。"
_STALE = "登录页面已过期，请重新登录。"


def routes(
    settings: Settings, *, secret: str, provider: oidc.Provider, people: list[dict[str, str]]
) -> list[BaseRoute]:
    """/auth/login, /auth/local, /auth/begin, /auth/callback, /auth/logout and /login.

    `people`: the demonstration sign-ins listed on the login page; empty outside demo mode.
    """

    def base(request: Request) -> str:
        return settings.base_url or str(request.base_url).removesuffix("/auth/").rstrip("/")

    def page(
        request: Request,
        *,
        tab: str,
        wanted: str,
        error: str | None = None,
        username: str = "",
        status: int = 200,
    ) -> Response:
        token = request.session.setdefault("csrf", secrets.token_urlsafe(16))
        context = {
            "product": PRODUCT, "demo": settings.demonstration, "next": wanted, "tab": tab, "error": error,
            "csrf": token, "username": username, "people": people, "notice": None, "login_path": "/auth/login",
        }  # fmt: skip
        response = _templates.TemplateResponse(request, "login.html", context, status_code=status)
        response.headers["cache-control"] = "no-store"
        return response

    def message(request: Request, title: str, sentence: str, reference: str, status: int) -> Response:
        context = {
            "product": PRODUCT,
            "demo": settings.demonstration,
            "title": title,
            "sentence": sentence,
            "reference": reference,
            "login_path": "/auth/login",
        }
        return _templates.TemplateResponse(request, "message.html", context, status_code=status)

    async def signed_in(request: Request, account_id: str, way: str, wanted: str) -> Response:
        address = request.client.host if request.client else None
        old = visit_of(request)
        token = await anyio.to_thread.run_sync(
            lambda: accounts.open_session(
                bound_store(), account_id, way=way, address=address, agent=request.headers.get("user-agent")
            )
        )
        if old is not None and old.session_id is not None:
            await anyio.to_thread.run_sync(
                lambda: accounts.end_session(
                    bound_store(), old.session_id or "", reason="重新登录", actor=old.actor
                )
            )
        response = RedirectResponse(wanted, 303)
        response.set_cookie(
            COOKIE, token, max_age=accounts.SESSION_HOURS * 3600, path="/", httponly=True, samesite="lax",
            secure=base(request).startswith("https://"),
        )  # fmt: skip
        return response

    async def form_of(request: Request) -> dict[str, str] | None:
        """The posted form, or None when its token is not the one this browser was given."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        expected = request.session.get("csrf", "")
        return form if expected and secrets.compare_digest(form.get("csrf", "").encode(), expected.encode()) else None

    async def login(request: Request) -> Response:
        wanted = oidc.safe_next(request.query_params.get("next"))
        if visit_of(request) is not None:
            return RedirectResponse(wanted, 303)
        tab = "local" if request.query_params.get("tab") == "local" else "unified"
        return page(request, tab=tab, wanted=wanted)

    async def local(request: Request) -> Response:
        form = await form_of(request)
        if form is None:
            return page(request, tab="local", wanted="/", error=_STALE, status=400)
        username, wanted = form.get("username", "").strip(), oidc.safe_next(form.get("next"))
        address = request.client.host if request.client else None
        store = bound_store()

        def attempt() -> str | None:
            """The account's id, None when wrong. Same work whether or not the user exists."""
            known = accounts.local_credentials(store, username)
            if not passwords.matches(username, form.get("password", ""), known["password_hash"] if known else None):
                accounts.record_failure(store, username, address)
                return None
            assert known is not None
            return str(known["account_id"])

        if await anyio.to_thread.run_sync(lambda: accounts.locked(store, username)):
            return page(request, tab="local", wanted=wanted, error=_LOCKED, username=username, status=429)
        account_id = await anyio.to_thread.run_sync(attempt)
        if account_id is None:
            return page(request, tab="local", wanted=wanted, error=_WRONG, username=username, status=401)
        return await signed_in(request, account_id, "用户名登录", wanted)

    async def begin(request: Request) -> Response:
        form = await form_of(request)
        if form is None:
            return page(request, tab="unified", wanted="/", error=_STALE, status=400)
        try:
            return await oidc.begin(
                request,
                provider,
                callback_url=f"{base(request)}/auth/callback",
                next_path=oidc.safe_next(form.get("next")),
            )
        except oidc.SignInFailed as failed:
            return message(request, "暂时无法登录", str(failed), failed.reference, 502)

    async def callback(request: Request) -> Response:
        try:
            identity, wanted = await oidc.complete(
                request, provider, callback_url=f"{base(request)}/auth/callback"
            )
            account_id = await anyio.to_thread.run_sync(
                lambda: accounts.enterprise_account(
                    bound_store(), issuer=settings.issuer or accounts.DEMONSTRATION_ISSUER, uscc=identity.uscc,
                    enterprise_name=identity.enterprise_name, contact=identity.contact_name or "",
                    demonstration=settings.demonstration,
                )
            )  # fmt: skip
            return await signed_in(request, account_id, "统一登录", wanted)
        except (oidc.SignInFailed, DoorError) as failed:
            return message(request, "登录没有完成", str(failed), failed.reference, 400)

    async def logout(request: Request) -> Response:
        # A link on a foreign page must not sign people out: browsers say where a navigation comes from.
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("请从系统内退出登录", 403)
        visit = visit_of(request)
        if visit is not None and visit.session_id is not None:
            identity, actor = visit.session_id, visit.actor
            await anyio.to_thread.run_sync(
                lambda: accounts.end_session(bound_store(), identity, reason="退出登录", actor=actor)
            )
        response = RedirectResponse("/auth/login", 303)
        response.delete_cookie(COOKIE, path="/")
        return response

    async def astray(request: Request) -> Response:
        """An address under /auth/ typed by hand or kept from a form: back to the sign-in page, on its tab."""
        tab = "?tab=local" if request.url.path.rstrip("/").endswith("/local") else ""
        return RedirectResponse(f"/auth/login{tab}", 303)

    async def short(request: Request) -> Response:
        return RedirectResponse(f"/auth/login?{request.url.query}".rstrip("?"), 307)

    secure = settings.base_url.startswith("https://")
    middleware: list[Any] = [
        Middleware(
            SessionMiddleware, secret_key=secret, session_cookie="library_signin", path="/auth", same_site="lax",
            https_only=secure, max_age=3600,
        )
    ]  # fmt: skip
    auth = Starlette(
        routes=[
            Route("/login", login),
            Route("/local", local, methods=["POST"]),
            Route("/begin", begin, methods=["POST"]),
            Route("/callback", callback),
            Route("/logout", logout),
            # Whatever no route above takes, by its path or by its method.
            Route("/{rest:path}", astray, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ],
        middleware=middleware,
    )
    return [Mount("/auth", app=auth), Route("/login", short)]
