"""专项资金项目管理与服务平台（演示）: an OpenID provider towards 培育库, a relying party towards the province.

It asks an enterprise it does not know to complete 基础信息, once, and stays signed in until it is left.
"""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gate import oidc
from gate.demo import fiction, forms, shelf
from gate.demo.book import Book, subject
from gate.demo.forms import Form
from gate.demo.pages import Pages
from gate.demo.provider import SIGN_IN_SECONDS, OpenIdProvider, issuer_of, objection, returning, texts
from gate.demo.shelf import Remember, Shelf

SESSION_SECONDS: Final = 7200
PLAIN: Final = "演示中仅支持省平台授权登录，请点“省平台授权登录”。"
CLAIMS: Final = {
    "uscc": "uscc",
    "enterprise_name": "name",
    "contact_name": "contact_name",
    "contact_phone": "phone_number",
}


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in here, and the province's word for it."""

    claims: dict[str, str]
    id_token: str = field(repr=False)
    at: float


class Fund:
    """The platform as an application to mount, with one client, between it and the province."""

    def __init__(
        self,
        book: Book,
        *,
        client_id: str,
        client_secret: str | None,
        redirect_path: str,
        province: httpx2.AsyncBaseTransport,
        province_path: str,
        province_client: tuple[str, str],
    ) -> None:
        self.book = book
        self.pages = Pages("fund")
        self.provider = OpenIdProvider(client_id=client_id, client_secret=client_secret, redirect_path=redirect_path)
        self.province = oidc.Provider(
            issuer="",
            client_id=province_client[0],
            client_secret=province_client[1],
            claims=CLAIMS,
            transport=province,
            demonstration_path=province_path,
        )
        self.app = Starlette(
            routes=[
                *self.provider.routes,
                *self.pages.routes,
                Route("/authorize", self.authorize),
                Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
                Route("/province", self.begin, methods=["POST"]),
                Route("/callback", self.callback),
                Route("/continue", self.proceed, methods=["GET", "POST"]),
                Route("/logout", self.logout, methods=["GET", "POST"]),
                Route("/left", self.left),
                Route("/{rest:path}", self.astray, methods=["GET", "POST"]),
            ],
            middleware=[Middleware(Remember, cookie="demo_fund")],
        )

    # 用户登录

    async def authorize(self, request: Request) -> Response:
        """Ask for a sign-in; who is signed in already passes, unless the client wants it asked again."""
        asking = self.provider.asked(request)
        if asking is None:
            sentence = "原系统没有在本平台登记，或返回地址与登记的不一致。请联系原系统的管理员。"
            return self.pages.message(request, "无法登录", sentence, 400)
        if error := objection(request):
            return self.provider.answer(request, asking, error=error)
        prompt = request.query_params.get("prompt", "").split()
        signed_in: SignedIn | None = request.session.get("signed_in")
        if signed_in and shelf.now() - signed_in.at < SESSION_SECONDS and prompt in ([], ["none"]):
            return self.provider.grant(request, asking, signed_in.claims)
        if "none" in prompt:
            return self.provider.answer(request, asking, error="login_required")
        transaction = self.provider.wait(request, asking)
        return RedirectResponse(f"{request.scope['root_path']}/sign-in?transaction={transaction}", 303)

    async def sign_in(self, request: Request) -> Response:
        """用户登录; its user names are not played."""
        form = await texts(request) if request.method == "POST" else dict(request.query_params)
        transaction = form.get("transaction", "")
        asking = self.provider.waiting(request, transaction)
        if asking is None:
            return self.expired(request)
        if request.method != "POST":
            return self.page(request, transaction)
        if "cancel" in form:
            self.provider.take(request, transaction)
            return self.provider.answer(request, asking, error="access_denied")
        return self.page(request, transaction, 400, username=form.get("username", "")[:100], plain=PLAIN)

    async def begin(self, request: Request) -> Response:
        """省平台授权登录."""
        transaction = (await texts(request)).get("transaction", "")
        if self.provider.waiting(request, transaction) is None:
            return self.expired(request)
        try:
            answer = await oidc.begin(
                request, self.province, callback_url=f"{issuer_of(request)}/callback", next_path=f"/{transaction}"
            )
        except oidc.SignInFailed as failed:
            return self.page(request, transaction, 502, error=f"{failed}（编号 {failed.reference}）")
        # A refusal names only its state: so the way back to this page is known, too.
        begun: Shelf[str] = request.session.setdefault("begun", Shelf(SIGN_IN_SECONDS, room=20))
        begun.put(transaction, parse_qs(urlsplit(answer.headers["location"]).query)["state"][0])
        return answer

    async def callback(self, request: Request) -> Response:
        """The province's answer: who it is, or the sign-in page again with what went wrong."""
        try:
            identity, path = await oidc.complete(request, self.province, callback_url=f"{issuer_of(request)}/callback")
        except oidc.SignInFailed as failed:
            begun: Shelf[str] = request.session.get("begun") or Shelf(0)
            transaction = begun.get(request.query_params.get("state", "")) or ""
            sentence = f"{failed}（编号 {failed.reference}）"
            if self.provider.waiting(request, transaction) is None:
                return self.pages.message(request, "登录没有完成", sentence, 400)
            return self.page(request, transaction, 400, error=sentence)
        transaction = path.removeprefix("/")
        arrived: Shelf[oidc.Identity] = request.session.setdefault("arrived", Shelf(SIGN_IN_SECONDS, room=20))
        arrived.put(identity, transaction)
        return RedirectResponse(f"{request.scope['root_path']}/continue?transaction={transaction}", 303)

    # 完善基础信息

    async def proceed(self, request: Request) -> Response:
        """On to 培育库; an enterprise not known here completes its 基础信息 first."""
        posted = await texts(request) if request.method == "POST" else None
        transaction = (posted or request.query_params).get("transaction", "")
        arrived: Shelf[oidc.Identity] | None = request.session.get("arrived")
        identity = arrived.get(transaction) if arrived else None
        if identity is None or self.provider.waiting(request, transaction) is None:
            return self.expired(request)
        if identity.uscc in self.book.basics:
            return self.enter(request, transaction, identity)
        fixed = {"enterprise_name": identity.enterprise_name, "uscc": identity.uscc}
        if posted is None:
            known = {"contact_name": identity.contact_name, "contact_phone": identity.contact_phone}
            return self.basics(request, transaction, Form(forms.BasicsForm, fixed | known))
        form = forms.read(forms.BasicsForm, posted | fixed)
        if posted.get("action") == "demo":
            form.typed |= {name: value for name, value in fiction.BASICS.items() if not form.typed[name].strip()}
            form.errors, form.cursor = {}, "save"
            return self.basics(request, transaction, form)
        if form.errors:
            return self.basics(request, transaction, form)
        self.book.complete(identity.uscc, {name: str(value) for name, value in form.values.items()})
        return self.enter(request, transaction, identity)

    def basics(self, request: Request, transaction: str, form: Form) -> Response:
        return self.pages.show(
            request, "basics.html", 400 if form.errors else 200, transaction=transaction, form=form, shown=""
        )

    def enter(self, request: Request, transaction: str, identity: oidc.Identity) -> Response:
        """Answer 培育库 for this enterprise, once; its contact is the one known here."""
        asking = self.provider.take(request, transaction)
        if asking is None:
            return self.expired(request)
        known = self.book.basics[identity.uscc]
        claims = {
            "sub": subject("demo-fund", identity.uscc),
            "uscc": identity.uscc,
            "name": identity.enterprise_name,
            "contact_name": known["contact_name"],
            "phone_number": known["contact_phone"],
        }
        request.session["signed_in"] = SignedIn(claims, identity.id_token, shelf.now())
        return self.provider.grant(request, asking, claims)

    # Leaving

    async def logout(self, request: Request) -> Response:
        """End the session here, then at the province, then back, if that is to the host we are on."""
        signed_in: SignedIn | None = request.session.get("signed_in")
        request.session.clear()
        request.session["leaving"] = await returning(request)
        if signed_in:
            onward = await oidc.end_session_url(
                request, self.province, id_token=signed_in.id_token, return_url=f"{issuer_of(request)}/left"
            )
            if onward:
                return RedirectResponse(onward, 303)
        return await self.left(request)

    async def left(self, request: Request) -> Response:
        if back := request.session.pop("leaving", ""):
            return RedirectResponse(back, 303)
        return self.pages.message(request, "已退出登录", "您已退出专项资金项目管理与服务平台，可以关闭本页。")

    # What they share

    def page(self, request: Request, transaction: str, status: int = 200, **context: Any) -> Response:
        return self.pages.show(request, "sign_in.html", status, transaction=transaction, **context)

    def expired(self, request: Request) -> Response:
        sentence = "本页停留过久、已经用过，或浏览器没有保存 Cookie。请回到培育库重新点击登录。"
        return self.pages.message(request, "登录页面已失效", sentence, 400)

    async def astray(self, request: Request) -> Response:
        sentence = "地址可能抄漏了，或页面已经用过。请回到培育库重新点击登录。"
        return self.pages.message(request, "没有这个页面", sentence, 404)
