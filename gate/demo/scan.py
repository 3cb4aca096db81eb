"""扫码登录: a QR code on the desktop, a page on the telephone that confirms, both for two minutes and once."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gate.demo.pages import TEMPLATES
from gate.demo.provider import issuer_of, texts
from gate.demo.shelf import Shelf

if TYPE_CHECKING:
    from gate.demo.province import Province

SECONDS: Final = 120
#: Sees that the telephone has confirmed; without scripts the button of the page does.
SCRIPT: Final = (TEMPLATES / "province" / "scan.js").read_text("utf-8")


@dataclass
class Shown:
    """A QR code on a desktop; `uscc`: as whom the telephone has confirmed."""

    uscc: str = ""


class Scan:
    """The desktop holds the ticket in its session; the telephone has it from the QR code."""

    def __init__(self, province: Province) -> None:
        self.province = province
        self.shown: Shelf[Shown] = Shelf(SECONDS)
        self.routes = [
            Route("/scan", self.finish, methods=["POST"]),
            Route("/scan/state", self.state),
            Route("/scan/qr.svg", self.picture),
            Route("/scan/confirm", self.confirm, methods=["GET", "POST"]),
        ]

    # On the desktop

    def show(self, request: Request, transaction: str, error: str | None = None) -> Response:
        tickets: dict[str, str] = request.session.setdefault("tickets", {})
        if not (error and self.shown.get(tickets.get(transaction, ""))):
            self.shown.pop(tickets.get(transaction, ""))
            tickets[transaction] = self.shown.put(Shown())
        return self.province.pages.show(
            request,
            "scan.html",
            transaction=transaction,
            tab="scan",
            error=error,
            script=SCRIPT,
            ticket=tickets[transaction],
        )

    def found(self, request: Request, transaction: str) -> Shown | None:
        return self.shown.get(request.session.get("tickets", {}).get(transaction, ""))

    async def picture(self, request: Request) -> Response:
        ticket = request.query_params.get("ticket", "")
        if self.shown.get(ticket) is None:
            return Response(status_code=404)
        out = BytesIO()
        segno.make(f"{issuer_of(request)}/scan/confirm?ticket={ticket}", error="m").save(
            out, kind="svg", scale=5, border=2
        )
        return Response(out.getvalue(), headers={"Cache-Control": "no-store"}, media_type="image/svg+xml")

    async def state(self, request: Request) -> Response:
        shown = self.found(request, request.query_params.get("transaction", ""))
        state = "expired" if shown is None else "confirmed" if shown.uscc else "waiting"
        return JSONResponse({"state": state}, headers={"Cache-Control": "no-store"})

    async def finish(self, request: Request) -> Response:
        transaction = (await texts(request)).get("transaction", "")
        if self.province.provider.waiting(request, transaction) is None:
            return self.province.expired(request)
        shown = self.found(request, transaction)
        if shown is None:
            return self.show(request, transaction, "二维码已过期，请用手机扫描新的二维码。")
        if not shown.uscc:
            return self.show(request, transaction, "手机上还没有确认，请扫码并在手机上点“确认登录”。")
        self.shown.pop(request.session["tickets"].pop(transaction))
        return self.province.enter(request, transaction, self.province.book.enterprises[shown.uscc])

    # On the telephone

    async def confirm(self, request: Request) -> Response:
        posted = await texts(request) if request.method == "POST" else {}
        ticket = posted.get("ticket") or request.query_params.get("ticket", "")
        shown, pages = self.shown.get(ticket), self.province.pages
        if shown is None or shown.uscc:
            sentence = "二维码 2 分钟内有效，只能用一次。请在电脑上刷新二维码后重新扫描。"
            return pages.message(request, "二维码已失效", sentence, 400)
        chosen = next((p for p in self.province.book.shown() if p.uscc == posted.get("uscc")), None)
        if chosen is None:
            return pages.show(request, "phone.html", ticket=ticket, people=self.province.book.shown())
        shown.uscc = chosen.uscc
        sentence = f"已确认以“{chosen.enterprise_name}”登录，请回到电脑上继续。本页可以关闭。"
        return pages.message(request, "登录已确认", sentence)
