"""用户名登录: a local account's password, and what may stand between it and a session.

After a right password the browser holds a ticket for ten minutes: the second factor is shown or enrolled, a password
that must be changed is changed, and the ticket is spent for a session.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from threading import BoundedSemaphore
from typing import Any, Final

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core.base.errors import UserError
from data.access import credentials
from data.store.store import Actor, Row
from gate import bound_store, oidc, passwords, second_factor
from gate.front import STALE, Front, address_of

_WRONG = "用户名或密码不正确，请核对后重试。连续输错 5 次将锁定 30 分钟。"
_EXPIRED = "登录步骤已过期或已在别处完成，请重新输入用户名和密码。"
_WAY = "用户名登录"
#: Where the signed sign-in cookie keeps the ticket.
_TICKET = "ticket"
#: And the page first asked for, for who has to begin again.
_WANTED = "wanted"
_WHY = {
    True: "此密码由他人设置，首次登录须改成只有您自己知道的密码。",
    False: f"此密码已使用超过 {passwords.PASSWORD_DAYS} 天，须更换后才能继续。",
}


#: Passwords compared at once, each for a quarter of a second of a core; and how many may be under way or wait.
_AT_ONCE: Final = 2
_ROOM: Final = 24
_BUSY = "现在登录的人较多，尚未核对密码。请过几秒再试，已输入的用户名仍在。"


async def _reserve(request: Request, username: str, *, code: bool = False) -> datetime | None:
    """Count the attempt before it is compared, then let the answer wait; None when the user name is locked.

    Right and wrong answers wait alike, and those that come at once have all been counted before the first one waits.
    """
    store, address = bound_store(), address_of(request)
    reserved = await anyio.to_thread.run_sync(partial(credentials.reserve, store, username, address, code=code))
    delay = partial(credentials.delay, store, address, reserved=reserved is not None)
    if seconds := await anyio.to_thread.run_sync(delay):
        await anyio.sleep(seconds)
    return reserved


def routes(front: Front) -> list[BaseRoute]:
    """/auth/local, and the steps after it: /auth/code, /auth/enrol, /auth/password."""
    # Threads of their own: signing in must not take those that everybody's routes run on.
    comparing, room = ThreadPoolExecutor(_AT_ONCE, "password"), BoundedSemaphore(_ROOM)

    def due(known: Row, proven: bool) -> str | None:
        """The step that still stands between these credentials and a session."""
        if not proven and known["totp_secret"] is not None:
            return "code"
        if not proven and second_factor.demanded(bound_store(), known["role"], front.settings.second_factor):
            return "enrol"
        return "password" if passwords.outdated(bound_store(), known) else None

    def expired(request: Request, error: str = _EXPIRED) -> Response:
        request.session.pop(_TICKET, None)
        wanted = str(request.session.pop(_WANTED, "/"))
        return front.login(request, tab="local", wanted=wanted, error=error, status=400)

    async def local(request: Request) -> Response:
        form = await front.form_of(request)
        if form is None:
            return front.login(request, tab="local", wanted=await front.wanted(request), error=STALE, status=400)
        username, wanted = form.get("username", "").strip(), oidc.safe_next(form.get("next"))
        store = bound_store()

        def attempt(reserved: datetime) -> Row | None:
            """The credentials, None when wrong. Same work whether or not the user exists."""
            known = credentials.local_credentials(store, username)
            if not passwords.matches(username, form.get("password", ""), known["password_hash"] if known else None):
                credentials.record_failure(store, username, address_of(request), reserved=reserved)
                return None
            credentials.forgive(store, username, reserved)
            return known

        reserved = await _reserve(request, username)
        if reserved is None:
            return front.login(
                request, tab="local", wanted=wanted, error=passwords.LOCKED, username=username, status=429
            )
        # Taken after the wait: those that are slowed down stand in nobody's way.
        if not room.acquire(blocking=False):
            await anyio.to_thread.run_sync(credentials.forgive, store, username, reserved)
            busy = front.login(request, tab="local", wanted=wanted, error=_BUSY, username=username, status=503)
            busy.headers["retry-after"] = "5"
            return busy
        try:
            known = await asyncio.get_running_loop().run_in_executor(comparing, attempt, reserved)
        finally:
            room.release()
        if known is None:
            return front.login(request, tab="local", wanted=wanted, error=_WRONG, username=username, status=401)
        request.session.pop(_TICKET, None)
        request.session.pop(_WANTED, None)
        if step := due(known, proven=False):
            ticket = await anyio.to_thread.run_sync(credentials.open_ticket, store, known["account_id"], wanted)
            request.session[_TICKET], request.session[_WANTED] = ticket, wanted
            return RedirectResponse(f"/auth/{step}", 303)
        return await enter(request, known["account_id"], wanted)

    async def enter(request: Request, account_id: str, wanted: str) -> Response:
        try:
            return await front.signed_in(request, account_id, _WAY, wanted)
        except UserError as refusal:
            return front.message(request, "登录没有完成", str(refusal), refusal.reference, 400)

    async def standing(request: Request) -> tuple[str, Row, Row] | None:
        """The ticket this browser holds, its row and the credentials it is for; None when it is over."""
        store, ticket = bound_store(), str(request.session.get(_TICKET, ""))

        def look() -> tuple[str, Row, Row] | None:
            row = credentials.ticket_row(store, ticket) if ticket else None
            known = credentials.of_account(store, row["account_id"]) if row else None
            return (ticket, row, known) if row and known else None

        return await anyio.to_thread.run_sync(look)

    async def onward(request: Request) -> Response:
        """To the step that is due now, or with the ticket spent into a session."""
        held = await standing(request)
        if held is None:
            return expired(request)
        ticket, row, known = held
        if step := due(known, row["proven"]):
            return RedirectResponse(f"/auth/{step}", 303)
        request.session.pop(_TICKET, None)
        try:
            await anyio.to_thread.run_sync(credentials.spend, bound_store(), ticket)
        except UserError:
            return expired(request)
        return await enter(request, known["account_id"], row["wanted"])

    def page(request: Request, step: str, known: Row, error: str | None, **more: Any) -> Response:
        status = 200 if error is None else 400 if error == STALE else 401
        return front.show(request, f"{step}.html", status, error=error, username=known["username"], **more)

    async def code(request: Request) -> Response:
        held = await standing(request)
        if held is None:
            return expired(request)
        ticket, row, known = held
        if due(known, row["proven"]) != "code":
            return await onward(request)
        if request.method == "GET":
            return page(request, "code", known, None)
        form = await front.form_of(request)
        if form is None:
            return page(request, "code", known, STALE)
        store = bound_store()

        def right(reserved: datetime) -> bool:
            step = second_factor.step_of(store, known["totp_secret"], form.get("code", ""))
            if step is not None and credentials.prove(store, ticket, step):
                credentials.forgive(store, known["username"], reserved, code=True)
                return True
            credentials.record_failure(
                store, known["username"], address_of(request), second_factor=True, reserved=reserved
            )
            return False

        reserved = await _reserve(request, known["username"], code=True)
        if reserved is None:
            # The ticket dies with the lock: unlocking asks for the password again.
            with suppress(UserError):
                await anyio.to_thread.run_sync(credentials.spend, store, ticket)
            return expired(request, passwords.LOCKED)
        try:
            if await anyio.to_thread.run_sync(right, reserved):
                return await onward(request)
            if await anyio.to_thread.run_sync(credentials.codes_locked, store, known["username"]):
                await anyio.to_thread.run_sync(credentials.spend, store, ticket)
                return expired(request, passwords.LOCKED)
        except UserError:
            return expired(request)
        return page(request, "code", known, second_factor.WRONG)

    async def enrol(request: Request) -> Response:
        held = await standing(request)
        if held is None:
            return expired(request)
        ticket, row, known = held
        if due(known, row["proven"]) != "enrol":
            return await onward(request)
        store = bound_store()
        try:
            secret = row["secret"] or await anyio.to_thread.run_sync(
                credentials.offer_secret, store, ticket, second_factor.sealed(second_factor.new_secret())
            )
            error = None
            if request.method == "POST":
                form = await front.form_of(request)
                step = second_factor.step_of(store, secret, form.get("code", "")) if form else None
                if step is not None:
                    await anyio.to_thread.run_sync(
                        lambda: credentials.enrol_second_factor(
                            store, known["account_id"], secret, step, actor=Actor(known["account_id"]), ticket=ticket
                        )
                    )
                    return await onward(request)
                error = second_factor.WRONG if form else STALE
        except UserError as refusal:
            return expired(request, str(refusal))
        secret = second_factor.opened(secret)
        picture = second_factor.picture(secret, known["username"])
        return page(request, "enrol", known, error, picture=picture, secret=second_factor.spaced(secret))

    async def password(request: Request) -> Response:
        held = await standing(request)
        if held is None:
            return expired(request)
        _, row, known = held
        if due(known, row["proven"]) != "password":
            return await onward(request)
        why = _WHY[bool(known["must_change"])]
        if request.method == "GET":
            return page(request, "password", known, None, why=why)
        form = await front.form_of(request)
        if form is None:
            return page(request, "password", known, STALE, why=why)
        new = form.get("new", "")
        if new != form.get("again", ""):
            return page(request, "password", known, "两次输入的新密码不一致，请重新输入同一密码。", why=why)
        try:
            # Spends the ticket too; of two that come at once the second finds another password and is refused.
            await anyio.to_thread.run_sync(passwords.replace, bound_store(), known, new)
        except UserError as refusal:
            return page(request, "password", known, str(refusal), why=why)
        request.session.pop(_TICKET, None)
        return await enter(request, known["account_id"], row["wanted"])

    steps = {"code": code, "enrol": enrol, "password": password}
    return [
        Route("/local", local, methods=["POST"]),
        *(Route(f"/{name}", step, methods=["GET", "POST"]) for name, step in steps.items()),
    ]
