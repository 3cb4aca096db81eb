"""湖北省统一身份认证平台（演示）: an OpenID provider for fictional legal persons, with the manual's screens.

Nobody stays signed in, so every authorization asks for the password again.
"""

import unicodedata
from typing import Final

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gate.demo.book import Book, LegalPerson, Person, right_password
from gate.demo.pages import Pages
from gate.demo.provider import OpenIdProvider, objection, returning, texts
from gate.demo.registration import Registration
from gate.demo.scan import Scan
from gate.demo.shelf import FAILURE_LIMIT, Failures, Remember, Shelf

CHOICE_SECONDS: Final = 300
TABS: Final = {"legal": "法人登录", "person": "个人登录", "scan": "扫码登录"}
OTHERS: Final = ("国家政务服务平台", "电子营业执照", "数字证书", "代理", "机关事业单位电子证书")
TEXTS: Final = {"help": "用户帮助", "agreement": "湖北政务服务注册协议", "privacy": "湖北政务服务隐私政策"}
WRONG: Final = "统一社会信用代码或密码不正确，请核对后重新输入。"
WRONG_PERSON: Final = "身份证号、手机号或密码不正确，请核对后重新输入。"


class Province:
    """The platform as an application to mount, with one client."""

    def __init__(self, book: Book, *, client_id: str, client_secret: str | None, redirect_path: str) -> None:
        self.book = book
        self.pages = Pages("province")
        self.pages.templates.env.globals |= {"tabs": TABS, "others": OTHERS}
        self.provider = OpenIdProvider(client_id=client_id, client_secret=client_secret, redirect_path=redirect_path)
        self.failures = Failures()
        self.scan = Scan(self)
        self.app = Starlette(
            routes=[
                *self.provider.routes,
                *self.pages.routes,
                *self.scan.routes,
                *Registration(book, self.pages, self.provider).routes,
                Route("/authorize", self.authorize),
                Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
                Route("/person", self.person, methods=["POST"]),
                Route("/choose", self.choose, methods=["POST"]),
                Route("/logout", self.logout, methods=["GET", "POST"]),
                Route("/other", self.other),
                *[Route(f"/{name}", self.text) for name in TEXTS],
                Route("/{rest:path}", self.astray, methods=["GET", "POST"]),
            ],
            middleware=[Middleware(Remember, cookie="demo_identity")],
        )

    async def authorize(self, request: Request) -> Response:
        """Show the sign-in page, or say to the client, if it is ours, what is wrong with its request."""
        asking = self.provider.asked(request)
        if asking is None:
            sentence = "原系统没有在本平台登记，或返回地址与登记的不一致。请联系原系统的管理员。"
            return self.pages.message(request, "无法登录", sentence, 400)
        if error := objection(request) or ("login_required" if request.query_params.get("prompt") == "none" else None):
            return self.provider.answer(request, asking, error=error)
        transaction = self.provider.wait(request, asking)
        return RedirectResponse(f"{request.scope['root_path']}/sign-in?transaction={transaction}", 303)

    async def sign_in(self, request: Request) -> Response:
        """法人登录 when posted; else the tab that the address names."""
        if request.method != "POST":
            transaction = request.query_params.get("transaction", "")
            if self.provider.waiting(request, transaction) is None:
                return self.expired(request)
            tab = request.query_params.get("tab", "legal")
            if tab == "scan":
                return self.scan.show(request, transaction)
            return self.form(request, transaction, tab if tab in TABS else "legal")
        form = await texts(request)
        transaction = form.get("transaction", "")
        if (asking := self.provider.waiting(request, transaction)) is None:
            return self.expired(request)
        if "cancel" in form:
            self.provider.take(request, transaction)
            return self.provider.answer(request, asking, error="access_denied")
        if shown := self.book.enterprises.get(form.get("fill", "")):
            return self.form(request, transaction, account=shown.uscc, password=shown.demo_password or "")
        uscc = clean(form.get("uscc", "")).upper()[:18]
        if minutes := self.failures.waiting(uscc):
            return self.form(request, transaction, status=429, account=uscc, error=paused("该代码", minutes))
        enterprise = self.book.enterprises.get(uscc)
        if not await self.recognised(uscc, enterprise, form.get("password", "")) or enterprise is None:
            return self.form(request, transaction, status=401, account=uscc, error=WRONG)
        return self.enter(request, transaction, enterprise)

    async def person(self, request: Request) -> Response:
        """个人登录: the person is known; for which enterprise comes next."""
        form = await texts(request)
        transaction = form.get("transaction", "")
        if self.provider.waiting(request, transaction) is None:
            return self.expired(request)
        if shown := self.book.people.get(form.get("fill", "")):
            password = next((e.demo_password for e in self.book.shown() if e.contact_id == shown.id_number), "") or ""
            return self.form(request, transaction, "person", account=shown.id_number, password=password)
        account = clean(form.get("account", "")).upper()[:18]
        person = self.book.person(account)
        name = person.id_number if person else account  # one count, by whichever name it is tried
        if minutes := self.failures.waiting(name):
            return self.form(request, transaction, "person", 429, account=account, error=paused("该账号", minutes))
        if not await self.recognised(name, person, form.get("password", "")) or person is None:
            return self.form(request, transaction, "person", 401, account=account, error=WRONG_PERSON)
        chosen: Shelf[str] = request.session.setdefault("choosing", Shelf(CHOICE_SECONDS, room=20))
        chosen.put(person.id_number, transaction)
        return self.pages.show(
            request, "choose.html", person=person, enterprises=self.book.enterprises_of(person), transaction=transaction
        )

    async def choose(self, request: Request) -> Response:
        form = await texts(request)
        transaction = form.get("transaction", "")
        choosing: Shelf[str] | None = request.session.get("choosing")
        person = self.book.people.get((choosing and choosing.get(transaction)) or "")
        enterprise = self.book.enterprises.get(form.get("uscc", ""))
        if person is None or enterprise is None or enterprise not in self.book.enterprises_of(person):
            return self.expired(request)
        return self.enter(request, transaction, enterprise)

    async def logout(self, request: Request) -> Response:
        """End the session (there is none to end) and go back, if that is to the host we are on."""
        if back := await returning(request):
            return RedirectResponse(back, 303)
        return self.pages.message(request, "已退出登录", "您已退出统一身份认证平台，可以关闭本页。")

    async def other(self, request: Request) -> Response:
        way = request.query_params.get("way", "")
        if way not in OTHERS:
            return await self.astray(request)
        sentence = f"演示环境没有接入“{way}”。请返回登录页，用法人登录、个人登录或扫码登录。"
        return self.pages.message(request, f"{way}登录", sentence, back=self.way_back(request))

    async def text(self, request: Request) -> Response:
        name = request.url.path.rsplit("/", 1)[-1]
        return self.pages.show(request, f"{name}.html", title=TEXTS[name], back=self.way_back(request))

    async def astray(self, request: Request) -> Response:
        sentence = "地址可能抄漏了，或页面已经用过。请回到原系统重新点击登录。"
        return self.pages.message(request, "没有这个页面", sentence, 404)

    # What they share

    def form(
        self,
        request: Request,
        transaction: str,
        tab: str = "legal",
        status: int = 200,
        *,
        account: str = "",
        password: str = "",
        error: str | None = None,
    ) -> Response:
        registered = request.session.get("registered", {})
        fresh = registered.get("account", "") if tab == "legal" else ""
        return self.pages.show(
            request,
            "sign_in.html",
            status,
            transaction=transaction,
            tab=tab,
            account=account or fresh,
            password=password,
            error=error,
            people=self.book.shown(),
        )

    def enter(self, request: Request, transaction: str, enterprise: LegalPerson) -> Response:
        """Answer the client for this enterprise, once."""
        asking = self.provider.take(request, transaction)
        return self.provider.grant(request, asking, enterprise.claims) if asking else self.expired(request)

    def expired(self, request: Request) -> Response:
        sentence = "本页停留过久、已经用过，或浏览器没有保存 Cookie。请回到原系统重新点击登录。"
        return self.pages.message(request, "登录页面已失效", sentence, 400)

    def way_back(self, request: Request) -> tuple[str, str] | None:
        transaction = request.query_params.get("transaction", "")
        if self.provider.waiting(request, transaction) is None:
            return None
        return f"{request.scope['root_path']}/sign-in?transaction={transaction}", "返回登录页"

    async def recognised(self, name: str, holder: LegalPerson | Person | None, password: str) -> bool:
        """Whether the password is the holder's; a try counts as failed until it has succeeded."""
        self.failures.count(name)
        password_hash = holder.password_hash if holder else self.book.spare_hash
        right = await anyio.to_thread.run_sync(right_password, password, password_hash)
        if holder is not None and right:
            self.failures.forget(name)
        return holder is not None and right


def clean(text: str) -> str:
    """As typed, without full-width forms and blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def paused(what: str, minutes: int) -> str:
    return f"{what}连续输错 {FAILURE_LIMIT} 次，已暂停登录。请 {minutes} 分钟后再试。"
