"""新用户注册 and 找回密码 at the province: 个人注册, then 法人注册, with the manual's screens and labels."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gate.demo import fiction, forms
from gate.demo.book import Book, LegalPerson, Person, hash_password
from gate.demo.forms import Form
from gate.demo.pages import Pages
from gate.demo.proofs import Proofs, drawn
from gate.demo.provider import OpenIdProvider, texts

AGREE: Final = "请阅读并勾选同意《湖北政务服务注册协议》和《湖北政务服务隐私政策》"


class Registration:
    """Three forms; what is under way waits in the browser's session, and a waiting sign-in is carried along."""

    def __init__(self, book: Book, pages: Pages, provider: OpenIdProvider) -> None:
        self.book, self.pages, self.provider = book, pages, provider
        self.demo_password = next((e.demo_password for e in book.shown() if e.demo_password), "") or ""
        both = ["GET", "POST"]
        self.routes = [
            Route("/register/person", self.person, methods=both),
            Route("/register/legal", self.representative, methods=both),
            Route("/register/enterprise", self.enterprise, methods=both),
            Route("/register/done", self.done),
            Route("/password", self.password, methods=both),
            Route("/captcha.svg", self.captcha),
        ]

    async def captcha(self, request: Request) -> Response:
        text = Proofs(request.session).pictures.get(request.query_params.get("key", ""))
        headers = {"Cache-Control": "no-store"}
        return Response(drawn(text) if text else "", 200 if text else 404, headers, "image/svg+xml")

    # 个人注册

    async def person(self, request: Request) -> Response:
        posted, form = await self.sent(request, forms.PersonForm)
        if posted is None or self.filled(posted, form, fiction.person(self.book)):
            return self.draw(request, form, "person", posted)
        if form.values.get("id_number") in self.book.people:
            form.wrong("id_number", "已注册个人账号，请直接登录；忘记密码请用“找回密码”")
        if "phone" not in form.errors and self.book.person(form.values["phone"]):
            form.wrong("phone", "已被另一个个人账号使用，请换一个手机号码")
        if not self.proved(request, posted, form, "person"):
            return self.draw(request, form, "person", posted)
        password_hash = await anyio.to_thread.run_sync(hash_password, posted["password"])
        values = form.values
        if values["id_number"] in self.book.people:  # a second click overtook this one
            return self.go(request, posted, "register/done")
        self.book.register_person(
            Person(
                values["id_number"],
                values["name"],
                values["phone"],
                password_hash,
                str(values["valid_from"]),
                forms.TERMS[values["valid_for"]],
            )
        )
        Proofs(request.session).spend("person")
        request.session.update(person=values["id_number"], registered={"kind": "person", "name": values["name"]})
        return self.go(request, posted, "register/done")

    # 法人注册

    async def representative(self, request: Request) -> Response:
        posted, form = await self.sent(request, forms.RepresentativeForm)
        if posted is None or self.filled(posted, form, fiction.representative(self.book, request.session)):
            return self.draw(request, form, "representative", posted)
        if posted.get("action") == "refresh":
            form.errors, form.cursor = {}, "captcha"
            return self.draw(request, form, "representative", posted)
        known = self.book.people.get(form.values.get("id_number") or "")
        if known is None:
            form.wrong("id_number", "尚未注册个人实名账号，请先由法定代表人完成“个人注册”")
        elif known.name != form.values["name"]:
            form.wrong("name", "与该证件号码的个人实名账号不一致，请核对姓名和证件号码")
        if not Proofs(request.session).seen(posted.get("captcha_key", ""), posted.get("captcha", "")):
            form.wrong("captcha", "不正确或已失效，请按新图片重新输入")
        if form.errors:
            return self.draw(request, form, "representative", posted)
        request.session["representative"] = form.values["id_number"]
        return self.go(request, posted, "register/enterprise")

    async def enterprise(self, request: Request) -> Response:
        posted, form = await self.sent(request, forms.EnterpriseForm)
        representative_id = request.session.get("representative")
        if representative_id is None:
            return self.go(request, posted or request.query_params, "register/legal")
        if posted is None or self.filled(posted, form, fiction.enterprise(self.book, representative_id)):
            return self.draw(request, form, "enterprise", posted)
        if form.values.get("uscc") in self.book.enterprises:
            form.wrong("uscc", "已注册法人账号，请直接登录；忘记密码请用“找回密码”")
        if not self.proved(request, posted, form, "enterprise"):
            return self.draw(request, form, "enterprise", posted)
        password_hash = await anyio.to_thread.run_sync(hash_password, posted["password"])
        values = form.values
        if values["uscc"] in self.book.enterprises:  # a second click overtook this one
            return self.go(request, posted, "register/done")
        self.book.register_enterprise(
            LegalPerson(
                uscc=values["uscc"],
                enterprise_name=values["enterprise_name"],
                password_hash=password_hash,
                contact_name=values["contact_name"],
                contact_phone=values["phone"],
                kind=values["kind"],
                contact_id=values["contact_id"],
                representative_id=representative_id,
            )
        )
        Proofs(request.session).spend("enterprise")
        request.session.pop("representative", None)
        registered = {"kind": "enterprise", "name": values["enterprise_name"], "account": values["uscc"]}
        request.session["registered"] = registered
        return self.go(request, posted, "register/done")

    async def done(self, request: Request) -> Response:
        registered = request.session.get("registered")
        if registered is None:
            return self.go(request, request.query_params, "register/person")
        return self.pages.show(
            request, "done.html", registered=registered, transaction=self.waiting(request, request.query_params)
        )

    # 找回密码

    async def password(self, request: Request) -> Response:
        posted, form = await self.sent(request, forms.RecoveryForm)
        if posted is None:
            return self.draw(request, form, "recovery", posted)
        account = "".join((form.values.get("account") or "").split()).upper()
        holder: LegalPerson | Person | None = self.book.enterprises.get(account) or self.book.people.get(account)
        phone = holder.phone if isinstance(holder, Person) else holder.contact_phone if holder else None
        if "account" not in form.errors and "phone" not in form.errors and phone != form.values["phone"]:
            form.wrong("phone", "与该账号登记的手机号码不一致，或账号没有注册，请核对账号和手机号码")
        if not self.proved(request, posted, form, "recovery") or holder is None:
            return self.draw(request, form, "recovery", posted)
        password_hash = await anyio.to_thread.run_sync(hash_password, posted["password"])
        self.book.set_password(holder, password_hash)
        Proofs(request.session).spend("recovery")
        transaction = self.waiting(request, posted)
        tab = "person" if isinstance(holder, Person) else "legal"
        back = (
            (f"{request.scope['root_path']}/sign-in?transaction={transaction}&tab={tab}", "返回登录")
            if transaction
            else None
        )
        return self.pages.message(request, "密码已重新设置", "请用新密码登录。", back=back)

    # What they share

    async def sent(self, request: Request, model: Any) -> tuple[dict[str, str] | None, Form]:
        """The posted form as read; None and an empty one when the page is only opened."""
        if request.method != "POST":
            return None, Form(model)
        posted = await texts(request)
        form = forms.read(model, posted)
        form.typed |= {name: posted.get(name, "") for name in ("agree", "sync")}
        return posted, form

    def filled(self, posted: dict[str, str], form: Form, example: Mapping[str, str]) -> bool:
        """填入演示资料, if that is what was clicked."""
        if posted.get("action") != "demo":
            return False
        form.errors, form.cursor = {}, "captcha"
        form.typed |= {
            **example,
            "password": self.demo_password,
            "again": self.demo_password,
            "agree": "1",
            "sync": "1",
        }
        return True

    def proved(self, request: Request, posted: Mapping[str, str], form: Form, purpose: str) -> bool:
        """Whether all is right and 注册 was clicked; otherwise the form says what is next."""
        proofs, phone = Proofs(request.session), form.values.get("phone") or ""
        action = posted.get("action")
        if action in ("refresh", "renew", "send"):
            wrong_phone = form.errors.get("phone")
            form.errors, form.cursor = {}, "captcha"
            if action == "renew":
                proofs.spend(purpose)
            elif action == "send" and wrong_phone:
                form.errors["phone"] = wrong_phone
            elif action == "send" and proofs.seen(posted.get("captcha_key", ""), posted.get("captcha", "")):
                proofs.send(purpose, phone)
                form.cursor = "message"
            elif action == "send":
                form.wrong("captcha", "不正确或已失效，请按新图片重新输入")
            return False
        if "phone" not in form.errors and (sentence := proofs.objection(purpose, phone, posted.get("message", ""))):
            form.wrong("message", sentence)
        if purpose != "recovery" and not posted.get("agree"):
            form.errors["agree"] = AGREE
        return not form.errors

    def draw(self, request: Request, form: Form, purpose: str, posted: dict[str, str] | None) -> Response:
        proofs = Proofs(request.session)
        message = proofs.sent(purpose, form.values.get("phone") or "")
        key, text = ("", "") if message else proofs.picture()
        shown = self.demo_password if self.demo_password and form.typed.get("password") == self.demo_password else ""
        return self.pages.show(
            request,
            f"{purpose}.html",
            400 if form.errors else 200,
            form=form,
            message=message,
            captcha_key=key,
            captcha_text=text,
            shown=shown,
            transaction=self.waiting(request, posted or request.query_params),
        )

    def waiting(self, request: Request, params: Mapping[str, str]) -> str:
        """The transaction of the sign-in that waits for this registration, "" if none does."""
        transaction = params.get("transaction", "")
        return transaction if self.provider.waiting(request, transaction) else ""

    def go(self, request: Request, params: Mapping[str, str], place: str) -> Response:
        transaction = params.get("transaction", "")
        query = f"?{urlencode({'transaction': transaction})}" if transaction else ""
        return RedirectResponse(f"{request.scope['root_path']}/{place}{query}", 303)
