"""扫码登录: the login page shows a QR code; a telephone that is signed in lets the waiting desktop in.

The desktop's browser holds a secret in its signed session cookie, the telephone only the code: who photographs
the QR code can approve it, but never redeem it. A code lives two minutes, in memory, and opens one session.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import anyio.to_thread
import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core.access.devices import browser
from core.base import beijing
from core.base.errors import UserError
from data.access import sessions
from gate import bound_store, oidc
from gate.front import STALE, Front, address_of
from gate.guard import visit_of

LIFE: Final = timedelta(minutes=2)
ROOM: Final = 5000

_OVER: Final = {
    "expired": "二维码 2 分钟内有效，现在已过期。请在电脑上刷新二维码后重新扫描。",
    "used": "这个二维码已经用过，每个只能用一次。请在电脑上刷新二维码后重新扫描。",
    "approved": "这个二维码已经确认过，每个只能用一次。请回到电脑上继续。",
    "cancelled": "这次登录已取消，电脑没有登录。如需登录，请在电脑上刷新二维码后重新扫描。",
}
_ENDED: Final = "手机上的登录已失效，电脑没有登录。请在手机上重新登录，再扫描电脑上新的二维码。"


@dataclass
class Shown:
    """A QR code on a desktop. `state`: waiting, scanned, then approved and used, or cancelled.

    `browser`: the secret of the browser that shows it; `number`: stands on the desktop only and is typed on the telephone,
    in so many `tries`; `name`, `account_id` and `session_id`: who has approved, and from which session.
    """

    browser: str
    at: datetime
    device: str
    address: str
    number: str
    tries: int = 3
    state: str = "waiting"
    name: str = ""
    account_id: str = ""
    session_id: str | None = None

    @property
    def open(self) -> bool:
        return self.state in ("waiting", "scanned")


class Shelf:
    """The codes of the last two minutes; when there is no room the oldest leave."""

    def __init__(self) -> None:
        self.kept: dict[str, Shown] = {}

    def put(self, shown: Shown) -> str:
        code = secrets.token_urlsafe(16)
        self.kept[code] = shown
        while len(self.kept) > ROOM or self._expired(next(iter(self.kept.values()))):
            del self.kept[next(iter(self.kept))]
        return code

    def get(self, code: str) -> Shown | None:
        shown = self.kept.get(code)
        return None if shown is None or self._expired(shown) else shown

    def _expired(self, shown: Shown) -> bool:
        return bound_store().clock() - shown.at >= LIFE


def routes(front: Front) -> list[BaseRoute]:
    """/auth/qr: POST makes a code; under /auth/qr/{code} the telephone's page, and /state and /enter for the desktop."""
    shelf = Shelf()

    def over(request: Request, state: str) -> Response:
        titles = {"cancelled": "已取消登录", "approved": "登录已确认"}
        return front.message(request, titles.get(state, "二维码已失效"), _OVER[state], None, 400)

    def shows(request: Request, shown: Shown) -> bool:
        """Whether this browser is the one that shows the code."""
        return secrets.compare_digest(request.session.get("qr", "").encode(), shown.browser.encode())

    # On the desktop

    async def make(request: Request) -> Response:
        if await front.form_of(request) is None:
            return JSONResponse({"error": STALE}, 403)
        shown = Shown(
            # One secret for all tabs of this browser, so that a second login page does not disown the first.
            browser=request.session.setdefault("qr", secrets.token_urlsafe(16)),
            at=bound_store().clock(),
            device=browser(request.headers.get("user-agent")),
            address=address_of(request) or "未知",
            number=f"{secrets.randbelow(9000) + 1000}",
        )
        code = shelf.put(shown)
        picture = segno.make(f"{front.base(request)}/auth/qr/{code}", error="m", micro=False)
        svg = picture.svg_inline(scale=4, border=2, light="#fff", omitsize=True)
        return JSONResponse(
            {"code": code, "number": shown.number, "svg": svg, "seconds": int(LIFE.total_seconds())},
            headers={"cache-control": "no-store"},
        )

    async def state(request: Request) -> Response:
        shown = shelf.get(request.path_params["code"])
        if shown is None or not shows(request, shown):
            return JSONResponse({"state": "expired", "name": ""}, headers={"cache-control": "no-store"})
        return JSONResponse({"state": shown.state, "name": shown.name}, headers={"cache-control": "no-store"})

    async def enter(request: Request) -> Response:
        form, shown = await front.form_of(request), shelf.get(request.path_params["code"])
        if form is None:
            return front.login(request, tab="unified", wanted=await front.wanted(request), error=STALE, status=400)
        if shown is None:
            return over(request, "expired")
        if not shows(request, shown):
            sentence = "显示这个二维码的不是本浏览器，不能在这里登录。请扫描本页面上的二维码。"
            return front.message(request, "登录没有完成", sentence, None, 403)
        if shown.open:
            sentence = "手机上还没有确认。请扫描二维码，并在手机上点“确认登录”。"
            return front.message(request, "登录没有完成", sentence, None, 409)
        if shown.state != "approved":
            return over(request, shown.state)
        shown.state = "used"
        approver = sessions.visit_of(bound_store(), shown.session_id)
        if approver is None or approver.account_id != shown.account_id:
            return front.message(request, "登录没有完成", _ENDED, None, 403)
        try:
            # No longer than the session that has approved: nobody renews his twelve hours without signing in.
            until = await anyio.to_thread.run_sync(sessions.until, bound_store(), approver.session_id)
            wanted = oidc.safe_next(form.get("next"))
            return await front.signed_in(request, shown.account_id, "扫码登录", wanted, until=until)
        except UserError as failed:
            return front.message(request, "登录没有完成", str(failed), failed.reference, 400)

    # On the telephone

    async def phone(request: Request) -> Response:
        code = request.path_params["code"]
        shown, visit = shelf.get(code), visit_of(request)
        if shown is None:
            return over(request, "expired")
        if not shown.open:
            return over(request, shown.state)
        if visit is None:
            if request.method == "POST":
                return front.message(request, "登录没有完成", _ENDED, None, 403)
            return RedirectResponse(f"/auth/login?next=/auth/qr/{code}", 303)
        if request.method == "POST":
            return await answered(request, shown)
        shown.state = "scanned"  # by whom is not told before he has consented
        return ask(request, shown)

    def ask(request: Request, shown: Shown, error: str | None = None) -> Response:
        visit = visit_of(request)
        at = f"{beijing.local(shown.at):%Y-%m-%d %H:%M:%S}"
        return front.show(
            request,
            "qr_phone.html",
            400 if error else 200,
            shown=shown,
            at=at,
            error=error,
            name=visit.name if visit else "",
            outcome=None,
        )

    async def answered(request: Request, shown: Shown) -> Response:
        form = await front.form_of(request)
        if form is None:
            return ask(request, shown, "本页面已过期，请核对后重新确认。")
        # Reading the form took a moment: only what holds now counts.
        visit = visit_of(request)
        if not shown.open or visit is None:
            return front.message(request, "登录没有完成", _OVER.get(shown.state, _ENDED), None, 400)
        if form.get("answer") == "confirm":
            typed = "".join(unicodedata.normalize("NFKC", form.get("number", "")).split())
            if not secrets.compare_digest(typed.encode(), shown.number.encode()):
                shown.tries -= 1
                if shown.tries > 0:
                    return ask(
                        request, shown, f"核对数字“{typed[:8]}”与电脑上显示的不一致，没有登录。请看着电脑重新输入。"
                    )
                shown.state = "cancelled"
                return over(request, shown.state)
            shown.name = visit.name
            shown.state, shown.account_id, shown.session_id = "approved", visit.account_id, visit.session_id
        else:
            shown.state = "cancelled"
        return front.show(request, "qr_phone.html", outcome=shown.state, shown=shown, name=visit.name)

    return [
        Route("/qr", make, methods=["POST"]),
        Route("/qr/{code}", phone, methods=["GET", "POST"]),
        Route("/qr/{code}/state", state),
        Route("/qr/{code}/enter", enter, methods=["POST"]),
    ]
