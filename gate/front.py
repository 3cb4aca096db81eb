"""What all routes of signing in share: their pages, forms that belong to one browser, and the session cookie."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from core.base.terms import PRODUCT
from data.access import sessions
from gate import bound_store, oidc
from gate.guard import COOKIE, HOST_COOKIE, visit_of
from gate.settings import Settings

_templates = Jinja2Templates(Path(__file__).parent / "templates")
STALE = "登录页面已过期，请重新登录。"


def address_of(request: Request) -> str | None:
    return request.client.host if request.client else None


@dataclass(frozen=True)
class Front:
    """`people`: the demonstration sign-ins listed on the login page; empty outside demo mode."""

    settings: Settings
    provider: oidc.Provider
    people: list[dict[str, str]]

    def base(self, request: Request) -> str:
        """Our own address, as configured or as the browser knows it; no trailing slash."""
        return self.settings.base_url or str(request.base_url).removesuffix("/auth/").rstrip("/")

    def show(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """A page of the gate; forms on it carry `csrf`."""
        common = {
            "product": PRODUCT,
            "demo": self.settings.demonstration,
            "login_path": "/auth/login",
            "csrf": request.session.setdefault("csrf", secrets.token_urlsafe(16)),
        }
        response = _templates.TemplateResponse(request, template, common | context, status_code=status)
        response.headers["cache-control"] = "no-store"
        return response

    def login(
        self,
        request: Request,
        *,
        tab: str,
        wanted: str,
        error: str | None = None,
        username: str = "",
        status: int = 200,
        notice: str | None = None,
    ) -> Response:
        """The login page, on the tab "unified" or "local"."""
        return self.show(
            request,
            "login.html",
            status,
            tab=tab,
            next=wanted,
            error=error,
            username=username,
            people=self.people,
            notice=notice,
        )

    def message(self, request: Request, title: str, sentence: str, reference: str | None, status: int) -> Response:
        """A page that says what happened and leads back."""
        return self.show(request, "message.html", status, title=title, sentence=sentence, reference=reference)

    async def form_of(self, request: Request) -> dict[str, str] | None:
        """The posted form, or None when its token is not the one this browser was given."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        expected = request.session.get("csrf", "")
        return form if expected and secrets.compare_digest(form.get("csrf", "").encode(), expected.encode()) else None

    async def wanted(self, request: Request) -> str:
        """The page first asked for, as the posted form has it, also where the form itself is not taken."""
        given = (await request.form()).get("next")
        return oidc.safe_next(given if isinstance(given, str) else None)

    async def signed_in(
        self,
        request: Request,
        account_id: str,
        way: str,
        wanted: str,
        *,
        id_token: str | None = None,
        until: datetime | None = None,
    ) -> Response:
        """Open a session, end the one this browser had, and go on to `wanted`. Raises Refused for a stopped account.

        `until`: when the session ends at the latest, if before the twelve hours.
        """
        store, old = bound_store(), visit_of(request)

        def change() -> str:
            token = sessions.start(
                store,
                account_id,
                way=way,
                address=address_of(request),
                agent=request.headers.get("user-agent"),
                id_token=id_token,
                until=until,
            )
            if old is not None and old.session_id is not None:
                sessions.end(store, old.session_id, reason="重新登录", actor=old.actor)
            return token

        token = await anyio.to_thread.run_sync(change)
        # What was known before the sign-in says nothing after it.
        request.session.pop("csrf", None)
        response, secure = RedirectResponse(wanted, 303), self.base(request).startswith("https://")
        response.set_cookie(
            HOST_COOKIE if secure else COOKIE,
            token,
            max_age=sessions.HOURS * 3600,
            path="/",
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        if secure:
            response.delete_cookie(COOKIE, path="/")
        return response
