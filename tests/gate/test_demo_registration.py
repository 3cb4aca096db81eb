"""新用户注册 and 找回密码 at the demonstration province: what they ask, what they refuse, and what they keep."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import bcrypt
import pytest
from stdnum.cn import ric
from stdnum.cn import uscc as uscc_number

from core.base.values import organisation_digit
from data.sample import people as sample
from gate.demo import fiction, proofs
from gate.demo.book import FILE, Book, right_password
from tests import platforms
from tests.platforms import (
    BASICS,
    FUND,
    ISSUER,
    PASSWORD,
    PEOPLE,
    Chain,
    World,
    credit_code,
    errors,
    hidden,
    kept,
    person_form,
)

NEW = "Xinmima2026"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def chain() -> Chain:
    return Chain()


class Clerk:
    """A browser that fills the forms of registration."""

    def __init__(self, world: World, transaction: str = "") -> None:
        self.world, self.transaction = world, transaction

    def open(self, path: str) -> Any:
        return self.world.browser.get(f"/demo-identity/{path}", params={"transaction": self.transaction})

    def send(self, path: str, page: Any, action: str = "submit", **fields: str) -> Any:
        fields |= {"transaction": self.transaction, "action": action}
        if 'name="captcha_key"' in page.text:
            fields.setdefault("captcha_key", hidden(page.text, "captcha_key"))
        return self.world.browser.post(f"/demo-identity/{path}", data=fields)

    @staticmethod
    def captcha(page: Any) -> str:
        return re.search(r"图形验证码 <code>(\w+)</code>", page.text)[1]

    @staticmethod
    def message(page: Any) -> str:
        return re.search(r"短信验证码 <code>(\d{6})</code>", page.text)[1]

    def proved(self, path: str, fields: dict[str, str]) -> tuple[Any, str]:
        """Through captcha and message: the page, and the code it shows."""
        page = self.open(path)
        page = self.send(path, page, "send", captcha=self.captcha(page), **fields)
        return page, self.message(page)

    def person(self, **changes: str) -> Any:
        fields = person_fields() | changes
        page, code = self.proved("register/person", fields)
        return self.send("register/person", page, message=code, **fields)

    def representative(self, **changes: str) -> Any:
        page = self.open("register/legal")
        fields = {"name": "何闻笛（虚构）", "paper": "居民身份证", "id_number": fiction.id_number(500)} | changes
        return self.send("register/legal", page, captcha=self.captcha(page).upper(), **fields)

    def enterprise(self, **changes: str) -> Any:
        fields = enterprise_fields() | changes
        page, code = self.proved("register/enterprise", fields)
        return self.send("register/enterprise", page, message=code, **fields)


def person_fields() -> dict[str, str]:
    return {
        "name": "何闻笛（虚构）",
        "id_number": fiction.id_number(500),
        "valid_from": "2020-01-01",
        "valid_for": "long",
        "phone": "13900000500",
        "password": NEW,
        "again": NEW,
        "agree": "1",
        "sync": "1",
    }


def enterprise_fields() -> dict[str, str]:
    return {
        "enterprise_name": "武汉星槎智能科技有限公司（虚构）",
        "kind": "企业法人",
        "uscc": fiction.credit_code(500),
        "contact_name": "何闻笛（虚构）",
        "contact_id": fiction.id_number(500),
        "phone": "13900000500",
        "password": NEW,
        "agree": "1",
    }


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing at full cost is tested elsewhere."""
    cheap = lambda password: bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()  # noqa: E731
    monkeypatch.setattr("gate.demo.registration.hash_password", cheap)


def test_registration_leads_from_person_to_enterprise_and_back_into_the_waiting_sign_in(chain: Chain) -> None:
    transaction = platforms.to_the_province(chain.browser, chain.ask("/business?year=2026"))
    clerk = Clerk(chain, transaction)
    done = chain.browser.get(clerk.person().headers["location"])
    assert "个人注册完成" in done.text and "继续法人注册" in done.text
    assert clerk.representative().headers["location"].startswith("/demo-identity/register/enterprise")
    done = chain.browser.get(clerk.enterprise().headers["location"])
    assert "法人注册完成" in done.text
    onward = re.search(r'class="primary" href="([^"]+)"', done.text)[1].replace("&amp;", "&")
    page = chain.browser.get(onward)
    assert hidden(page.text) == transaction and f'value="{fiction.credit_code(500)}"' in page.text
    stored = kept(chain)
    assert list(stored["people"]) == [fiction.id_number(500)] and list(stored["enterprises"]) == [
        fiction.credit_code(500)
    ]
    firm = stored["enterprises"][fiction.credit_code(500)]
    assert (firm["representative_id"], firm["kind"]) == (fiction.id_number(500), "企业法人")
    assert NEW not in (chain.folder / FILE).read_text("utf-8") and right_password(NEW, firm["password_hash"])
    # The new enterprise is not known to the funds platform, which asks; then on to the page first asked for.
    back = chain.send_form(transaction, uscc=fiction.credit_code(500), password=NEW)
    basics = chain.open(back.headers["location"])
    assert "完善基础信息" in basics.text and 'value="武汉星槎智能科技有限公司（虚构）" readonly' in basics.text
    saved = chain.browser.post(f"{FUND}/continue", data=BASICS | {"transaction": hidden(basics.text)})
    assert chain.browser.get(saved.headers["location"]).json() == {"next": "/business?year=2026"}


def test_all_that_is_missing_is_named_and_nothing_typed_is_lost(world: World) -> None:
    clerk = Clerk(world)
    page = clerk.send(
        "register/person", clerk.open("register/person"), name="何闻笛", valid_for="10", password="Abc12345"
    )
    assert page.status_code == 400
    found = errors(page)
    assert "证件号码：必填项未填，请填写" in found and "确认密码：必填项未填，请填写" in found
    assert any(sentence.startswith("请阅读并勾选同意") for sentence in found)
    assert 'value="何闻笛"' in page.text and re.search(r'value="10" checked', page.text)
    assert "Abc12345" not in page.text
    assert page.text.count("autofocus") == 1
    for name in ("id_number", "phone", "again"):
        field = re.search(rf'<input id="{name}"[^>]*>', page.text)[0]
        assert 'aria-invalid="true"' in field and f"{name}-error" in field and f'id="{name}-error"' in page.text
    assert not (world.folder / FILE).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"id_number": fiction.id_number(500)[:-1] + "9"}, "证件号码：校验位不符"),
        ({"id_number": "12345"}, "证件号码：应为 18 位"),
        ({"id_number": "4201992099010100" + "10"}, "证件号码："),
        ({"phone": "12345678901"}, "手机号码：不是有效的手机号码"),
        ({"password": "alllower1", "again": "alllower1"}, "登录密码：密码须由 8 位以上的小写字母、大写字母和数字组成"),
        ({"again": "Xinmima2027"}, "确认密码：两次输入的密码不一致"),
        ({"valid_from": "2999-01-01"}, "证件有效起始时间：晚于今天"),
        ({"valid_from": "2020-02-31"}, "证件有效起始时间：不是有效日期"),
        ({"valid_for": "99"}, "证件有效期：不在选项之内"),
        ({"agree": ""}, "请阅读并勾选同意"),
        ({"id_number": fiction.id_number(1)}, "证件号码：已注册个人账号"),
        ({"phone": "13800000001"}, "手机号码：已被另一个个人账号使用"),
    ],
)
def test_a_person_is_refused_with_a_sentence_that_names_the_field(
    world: World, changes: dict[str, str], sentence: str
) -> None:
    clerk = Clerk(world)
    page = clerk.send("register/person", clerk.open("register/person"), **person_fields() | changes)
    assert page.status_code == 400 and any(found.startswith(sentence) for found in errors(page)), errors(page)
    assert not (world.folder / FILE).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"uscc": fiction.credit_code(500)[:-1] + "A"}, "统一社会信用代码：校验位不符"),
        ({"uscc": PEOPLE[0].uscc}, "统一社会信用代码：已注册法人账号"),
        ({"kind": ""}, "法人类型：必填项未填，请选择"),
        ({"contact_id": "1"}, "联系人身份证号：应为 18 位"),
        ({"password": "short"}, "法人账号登录密码：密码须由 8 位以上"),
        ({"enterprise_name": " "}, "企业/机构名称：必填项未填"),
    ],
)
def test_an_enterprise_is_refused_with_a_sentence_that_names_the_field(
    world: World, changes: dict[str, str], sentence: str
) -> None:
    clerk = Clerk(world)
    clerk.person()
    clerk.representative()
    page = clerk.send("register/enterprise", clerk.open("register/enterprise"), **enterprise_fields() | changes)
    assert page.status_code == 400 and any(found.startswith(sentence) for found in errors(page)), errors(page)
    assert kept(world)["enterprises"] == {}


def test_the_representative_must_be_a_registered_person(world: World) -> None:
    clerk = Clerk(world)
    assert any("请先由法定代表人完成“个人注册”" in found for found in errors(clerk.representative()))
    clerk.person()
    assert any("与该证件号码的个人实名账号不一致" in found for found in errors(clerk.representative(name="别人")))
    assert clerk.open("register/enterprise").headers["location"].startswith("/demo-identity/register/legal")


def test_a_captcha_is_used_once_and_refreshed(world: World) -> None:
    clerk, path = Clerk(world), "register/person"
    first = clerk.open(path)
    key, text = hidden(first.text, "captcha_key"), clerk.captcha(first)
    picture = world.browser.get("/demo-identity/captcha.svg", params={"key": key})
    assert picture.headers["content-type"].startswith("image/svg")
    assert re.findall(r">(\w)</text>", picture.text) == list(text)
    assert world.new_browser().get("/demo-identity/captcha.svg", params={"key": key}).status_code == 404
    other = clerk.send(path, first, "refresh", phone="13900000500", name="何闻笛")
    assert hidden(other.text, "captcha_key") != key and 'value="何闻笛"' in other.text and not errors(other)
    wrong = clerk.send(path, first, "send", phone="13900000500", captcha="????")
    assert errors(wrong) == ["图形验证码：不正确或已失效，请按新图片重新输入"]
    used = clerk.send(path, first, "send", phone="13900000500", captcha=text)
    assert errors(used) == ["图形验证码：不正确或已失效，请按新图片重新输入"]


def test_a_message_wants_a_telephone_and_holds_for_that_one_only(world: World) -> None:
    clerk, path = Clerk(world), "register/person"
    page = clerk.open(path)
    bad = clerk.send(path, page, "send", phone="1", captcha=clerk.captcha(page))
    assert [sentence.split("：")[0] for sentence in errors(bad)] == ["手机号码"]
    page, code = clerk.proved(path, person_fields())
    other = clerk.send(path, page, message=code, **person_fields() | {"phone": "13900000501"})
    assert errors(other) == ["短信验证码：尚未获取或已超过 5 分钟，请输入图形验证码后点“获取验证码”"]


def test_a_message_lasts_five_minutes_and_five_tries(world: World, clock: SimpleNamespace) -> None:
    clerk, path = Clerk(world), "register/person"
    page, code = clerk.proved(path, person_fields())
    wrong = "000000" if code != "000000" else "111111"
    for left in range(proofs.TRIES - 1, 0, -1):
        page = clerk.send(path, page, message=wrong, **person_fields())
        assert errors(page) == [f"短信验证码：不正确，请按短信重新输入，还可再试 {left} 次"]
    assert "已作废，请重新获取" in errors(clerk.send(path, page, message=wrong, **person_fields()))[0]
    assert "尚未获取" in errors(clerk.send(path, page, message=code, **person_fields()))[0]
    page, code = clerk.proved(path, person_fields())
    clock.theirs = 301
    assert "尚未获取或已超过 5 分钟" in errors(clerk.send(path, page, message=code, **person_fields()))[0]


def test_a_message_is_used_once(world: World) -> None:
    clerk = Clerk(world)
    fields = {"account": PEOPLE[1].uscc, "phone": "13800000002", "password": NEW, "again": NEW}
    page, code = clerk.proved("password", fields)
    assert "密码已重新设置" in clerk.send("password", page, message=code, **fields).text
    before = kept(world)
    again = clerk.send("password", page, message=code, **fields | {"password": f"{NEW}x", "again": f"{NEW}x"})
    assert "尚未获取" in errors(again)[0] and kept(world) == before


def test_one_click_fills_somebody_fictional_who_is_not_registered(world: World) -> None:
    clerk = Clerk(world)
    seen = set()
    for _ in range(2):
        page = clerk.send("register/person", clerk.open("register/person"), "demo")
        typed = {name: hidden(page.text, name) for name in ("name", "id_number", "phone", "valid_from")}
        assert "（虚构）" in typed["name"] and typed["id_number"].startswith("42019919000101")
        fields = typed | {"valid_for": "long", "password": PASSWORD, "again": PASSWORD, "agree": "1"}
        page = clerk.send("register/person", page, "send", captcha=clerk.captcha(page), **fields)
        # The demonstration's own password, public anyhow, is the one that is drawn again.
        assert re.search(rf'id="password"[^>]*value="{PASSWORD}"', page.text)
        assert clerk.send("register/person", page, message=clerk.message(page), **fields).status_code == 303
        seen.add(typed["id_number"])
    assert set(kept(world)["people"]) == seen and len(seen) == 2


def test_fictional_numbers_are_valid_and_nobodys() -> None:
    for order in (1, 57, 101, 999):
        number, code = fiction.id_number(order), fiction.credit_code(order)
        assert ric.calc_check_digit(number) == number[-1] and number[:6] == "420199"
        assert uscc_number.is_valid(code) and organisation_digit(code[8:16]) == code[16]
    ours = [*sample.FILERS, sample.NEWCOMER]
    assert len({filer.uscc for filer in ours}) == len({filer.contact_id for filer in ours}) == 3
    for filer in ours:
        assert uscc_number.is_valid(filer.uscc) and organisation_digit(filer.uscc[8:16]) == filer.uscc[16]
        assert ric.calc_check_digit(filer.contact_id) == filer.contact_id[-1]


def test_a_person_without_enterprise_is_sent_to_register_one(world: World) -> None:
    Clerk(world).person()
    page = person_form(world, "13900000500", NEW)
    assert "请先完成法人注册" in page.text and "/demo-identity/register/legal?transaction=" in page.text


def test_the_representative_signs_in_as_a_person_for_the_new_enterprise(world: World) -> None:
    clerk = Clerk(world)
    clerk.person()
    clerk.representative()
    clerk.enterprise(contact_id=fiction.id_number(501), contact_name="另一人")
    page = person_form(world, fiction.id_number(500), NEW)
    assert "法定代表人" in page.text
    data = {"transaction": hidden(page.text), "uscc": fiction.credit_code(500)}
    assert (
        world.browser.get(world.browser.post("/demo-identity/choose", data=data).headers["location"]).status_code == 200
    )
    assert world.signed_in[0].enterprise_name == "武汉星槎智能科技有限公司（虚构）"


# 找回密码


@pytest.mark.parametrize("account", [PEOPLE[0].uscc, fiction.id_number(1)])
def test_a_forgotten_password_is_set_anew_by_message(world: World, account: str) -> None:
    clerk = Clerk(world)
    fields = {"account": account.lower(), "phone": "13800000001", "password": NEW, "again": NEW}
    page, code = clerk.proved("password", fields)
    assert "密码已重新设置" in clerk.send("password", page, message=code, **fields).text
    if account == PEOPLE[0].uscc:
        form = world.open_form(world.ask())
        assert PASSWORD not in world.open(f"{ISSUER}/sign-in?transaction={form}").text  # no longer shown
        assert world.send_form(form, uscc=account, password=PASSWORD).status_code == 401
        assert world.send_form(form, uscc=account, password=NEW).status_code == 303
    else:
        assert person_form(world, account).status_code == 401
        assert "选择法人" in person_form(world, account, NEW).text
    # Another process reads the same.
    again = Book(PEOPLE, world.folder)
    holder = again.enterprises.get(account) or again.people[account]
    assert right_password(NEW, holder.password_hash)


@pytest.mark.parametrize(("account", "phone"), [(PEOPLE[0].uscc, "13800000002"), (credit_code(9), "13800000001")])
def test_a_password_is_not_set_for_another_telephone(world: World, account: str, phone: str) -> None:
    clerk = Clerk(world)
    page = clerk.open("password")
    fields = {"account": account, "phone": phone, "password": NEW, "again": NEW}
    sent = clerk.send("password", page, "send", captcha=clerk.captcha(page), **fields)
    assert errors(sent) == ["手机号码：与该账号登记的手机号码不一致，或账号没有注册，请核对账号和手机号码"]
    assert "短信验证码 <code>" not in sent.text
    assert clerk.send("password", sent, message="000000", **fields).status_code == 400
    assert not (world.folder / FILE).exists()
