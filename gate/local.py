"""用户名登录: a local account's password, and what may stand between it and a session."""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from data import accounts
from gate import bound_store, oidc, passwords
from gate.front import STALE, Front, address_of

_WRONG = "用户名或密码不正确，请核对后重试。连续输错 5 次将锁定 30 分钟。"
_LOCKED = "该用户名连续输错次数过多，已锁定 30 分钟。请稍后再试，或联系系统管理员。"


def routes(front: Front) -> list[BaseRoute]:
    """/auth/local."""

    async def local(request: Request) -> Response:
        form = await front.form_of(request)
        if form is None:
            return front.login(request, tab="local", wanted="/", error=STALE, status=400)
        username, wanted = form.get("username", "").strip(), oidc.safe_next(form.get("next"))
        store = bound_store()

        def attempt() -> str | None:
            """The account's id, None when wrong. Same work whether or not the user exists."""
            known = accounts.local_credentials(store, username)
            if not passwords.matches(username, form.get("password", ""), known["password_hash"] if known else None):
                accounts.record_failure(store, username, address_of(request))
                return None
            assert known is not None
            return str(known["account_id"])

        if await anyio.to_thread.run_sync(lambda: accounts.locked(store, username)):
            return front.login(request, tab="local", wanted=wanted, error=_LOCKED, username=username, status=429)
        account_id = await anyio.to_thread.run_sync(attempt)
        if account_id is None:
            return front.login(request, tab="local", wanted=wanted, error=_WRONG, username=username, status=401)
        return await front.signed_in(request, account_id, "用户名登录", wanted)

    return [Route("/local", local, methods=["POST"])]
