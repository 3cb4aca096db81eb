"""The demonstration platforms: two OpenID providers, whom they answer and let in, and what they keep."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import bcrypt
import pytest

from gate import demo
from gate.demo import fiction
from gate.demo import province as province_module
from gate.demo.book import FILE, Book
from tests import platforms
from tests.platforms import (
    BASICS,
    CALLBACK,
    FUND,
    ISSUER,
    PASSWORD,
    PEOPLE,
    SITE,
    Chain,
    World,
    credit_code,
    errors,
    hidden,
    kept,
    person_form,
    query,
)


@pytest.fixture(params=[World, Chain], ids=["province", "funds platform"])
def either(request: pytest.FixtureRequest) -> World:
    """Our relying party before one of the platforms: what is asked of one provider is asked of both."""
    world: World = request.param()
    return world


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def chain() -> Chain:
    return Chain()


def issuer(world: World) -> str:
    return f"{SITE}{world.base}"


# --- as OpenID providers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["s3cret", None])
def test_the_chain_ends_where_it_was_wanted_with_the_claims_of_the_funds_platform(secret: str | None) -> None:
    chain = Chain(secret=secret)
    answer = chain.browser.get(chain.callback("/enterprise/filing?round=2025Q4"))
    assert answer.json() == {"next": "/enterprise/filing?round=2025Q4"}
    [identity] = chain.signed_in
    assert (identity.issuer, identity.uscc) == (FUND, PEOPLE[0].uscc)
    assert (identity.enterprise_name, identity.contact_name) == ("武汉星河智算科技有限公司", "李明")
    assert identity.contact_phone == "13800000001"
    assert PEOPLE[0].uscc not in identity.subject and identity.subject != PEOPLE[0].claims["sub"]


def test_both_publish_what_a_client_needs(either: World) -> None:
    document = either.browser.get(f"{either.base}/.well-known/openid-configuration").json()
    assert document["issuer"] == issuer(either)
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    for name in ("authorization", "token", "userinfo", "end_session"):
        assert document[f"{name}_endpoint"].startswith(f"{issuer(either)}/")
    [key] = either.browser.get(document["jwks_uri"]).json()["keys"]
    assert key["kty"] == "RSA" and "d" not in key


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://evil.test/auth/callback"},
        {"redirect_uri": "http://library.test.evil.test/auth/callback"},
        {"redirect_uri": "http://library.test@evil.test/auth/callback"},
        {"redirect_uri": "http://library.test/auth/elsewhere"},
        {"redirect_uri": "http://library.test/auth/callback?x=1"},
        {"redirect_uri": "javascript://library.test/auth/callback"},
        {"redirect_uri": ""},
        {"client_id": "stranger"},
    ],
)
def test_foreign_client_is_told_on_the_page_and_never_redirected(either: World, changes: dict[str, str]) -> None:
    answer = either.browser.get(f"{either.base}/authorize", params=either.request(**changes))
    assert answer.status_code == 400 and "location" not in answer.headers
    assert "原系统没有在本平台登记" in answer.text and "演示环境" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_request_without_pkce_or_openid_goes_back_with_an_error(
    either: World, changes: dict[str, str], error: str
) -> None:
    answer = either.browser.get(f"{either.base}/authorize", params=either.request(**changes))
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    assert query(answer.headers["location"]) == {"error": error, "state": "st", "iss": issuer(either)}


def test_parameter_given_twice(either: World) -> None:
    answer = either.browser.get(f"{either.base}/authorize?{urlencode(either.request())}&state=two")
    assert query(answer.headers["location"])["error"] == "invalid_request"


def test_code_is_exchanged_once(either: World) -> None:
    answer = either.exchange()
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    again = either.redeem()
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 50}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code_verifier": "密" * 50}, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}/"}, "invalid_grant"),
        ({"code": "guess"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_code_exchange_refused(either: World, changes: dict[str, str], error: str) -> None:
    answer = either.exchange(**changes)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_code_lasts_a_minute(either: World, clock: SimpleNamespace) -> None:
    address = either.callback()
    clock.theirs = 61
    assert "没有认可本次登录" in either.failure(address)


@pytest.mark.parametrize("auth", [None, ("library", "wrong"), ("stranger", "s3cret"), ("library", "")])
def test_token_endpoint_wants_the_client_secret(either: World, auth: tuple[str, str] | None) -> None:
    answer = either.browser.post(f"{either.base}/token", data={"grant_type": "authorization_code"}, auth=auth)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_userinfo_wants_a_token_that_lives(either: World, clock: SimpleNamespace) -> None:
    bearer = {"Authorization": f"Bearer {either.exchange().json()['access_token']}"}
    address = f"{either.base}/userinfo"
    assert either.browser.get(address, headers=bearer).json()["uscc"] == PEOPLE[0].uscc
    clock.theirs = 301
    assert either.browser.get(address, headers=bearer).status_code == 401
    assert either.browser.get(address).status_code == 401


def test_a_token_of_one_platform_is_none_of_the_other(chain: Chain) -> None:
    bearer = {"Authorization": f"Bearer {chain.exchange().json()['access_token']}"}
    assert chain.browser.get("/demo-identity/userinfo", headers=bearer).status_code == 401


# --- the province: whom it lets in ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "password"),
    [
        (PEOPLE[0].uscc, "Wrong2025ku"),
        (credit_code(9), PASSWORD),
        (PEOPLE[0].uscc, ""),
        (PEOPLE[0].uscc, PASSWORD + "x" * 80),
        (PEOPLE[0].uscc, PASSWORD + "\0"),
    ],
)
def test_wrong_password_and_unknown_code_sound_the_same(world: World, code: str, password: str) -> None:
    answer = world.send_form(world.open_form(world.ask()), uscc=code, password=password)
    assert answer.status_code == 401 and province_module.WRONG in answer.text
    assert f'value="{code}"' in answer.text and "Wrong2025ku" not in answer.text


def test_password_is_not_cut_at_72_bytes() -> None:
    long = "长" * 24
    hashed = bcrypt.hashpw(long.encode(), bcrypt.gensalt(4)).decode()
    world = World(people=[demo.LegalPerson(credit_code(3), "长密码公司", hashed, "赵", "13800000003")])
    form = world.open_form(world.ask())
    assert world.send_form(form, uscc=credit_code(3), password=long + "x").status_code == 401
    assert world.send_form(form, uscc=credit_code(3), password=long).status_code == 303


def test_right_password_after_a_wrong_one_on_the_same_page(world: World) -> None:
    form = world.open_form(world.ask("/x"))
    world.send_form(form, uscc=PEOPLE[0].uscc, password="x")
    back = world.send_form(form, uscc=f" {PEOPLE[0].uscc.lower()} ", password=PASSWORD).headers["location"]
    assert world.browser.get(back).json() == {"next": "/x"}


@pytest.mark.parametrize("code", [PEOPLE[0].uscc, credit_code(9)])
def test_five_failures_mean_waiting(world: World, clock: SimpleNamespace, code: str) -> None:
    form = world.open_form(world.ask())
    for _ in range(5):
        assert world.send_form(form, uscc=code, password="x").status_code == 401
    refused = world.send_form(form, uscc=code, password=PASSWORD)
    assert refused.status_code == 429 and "10 分钟后再试" in refused.text
    assert world.send_form(form, uscc=PEOPLE[1].uscc, password="x").status_code == 401  # others are not held up
    clock.theirs = 601
    later = world.send_form(world.open_form(world.ask()), uscc=code, password=PASSWORD)
    assert later.status_code == (303 if code == PEOPLE[0].uscc else 401)


def test_success_forgets_the_failures_before_it(world: World) -> None:
    for _ in range(3):
        form = world.open_form(world.ask())
        for _ in range(4):
            world.send_form(form, uscc=PEOPLE[0].uscc, password="x")
        assert world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 303


def test_form_belongs_to_the_browser_that_opened_it(world: World) -> None:
    form = world.open_form(world.ask())
    world.browser = world.new_browser()
    for _ in range(2):  # without our cookie, then with one of its own
        answer = world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD)
        assert answer.status_code == 400 and "登录页面已失效" in answer.text and "location" not in answer.headers
        world.open_form(world.ask())


def test_form_is_used_once_and_expires(world: World, clock: SimpleNamespace) -> None:
    form = world.open_form(world.ask())
    assert world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 303
    assert world.send_form(form, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 400
    late = world.open_form(world.ask())
    clock.theirs = 601
    assert world.send_form(late, uscc=PEOPLE[0].uscc, password=PASSWORD).status_code == 400


def test_pages_are_portals_marked_as_a_demonstration(either: World) -> None:
    answer = either.open(either.ask())
    words = {
        "/demo-identity": (
            "湖北省统一身份认证平台",
            "权威认证",
            "一号通行",
            "法人登录",
            "个人登录",
            "扫码登录",
            "账号均为虚构",
            "密码由8位以上的小写加大写字母加数字组成",
            "找回密码",
            "用户帮助",
            "新用户注册",
            "其他登录方式",
            "免注册",
            "国家政务服务平台",
            "电子营业执照",
            "数字证书",
            "代理",
            "机关事业单位电子证书",
        ),
        "/demo-fund": ("专项资金项目管理与服务平台", "用户登录", "省平台授权登录", "演示中仅支持省平台授权登录"),
    }
    for word in (*words[either.base], "演示环境："):
        assert word in answer.text
    assert 'lang="zh-CN"' in answer.text
    assert "<script" not in answer.text and not re.search(r'(src|href)="(https?:)?//', answer.text)
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for sheet in re.findall(r'rel="stylesheet" href="([^"]+)"', answer.text):
        assert either.browser.get(sheet).headers["content-type"].startswith("text/css")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and f"path={either.base}" in cookie


def test_one_click_fills_the_form_without_signing_in(world: World) -> None:
    form = world.open_form(world.ask())
    filled = world.send_form(form, fill=PEOPLE[0].uscc)
    assert f'value="{PEOPLE[0].uscc}"' in filled.text and f'value="{PASSWORD}"' in filled.text
    assert hidden(filled.text) == form


def test_what_was_typed_is_escaped(world: World) -> None:
    answer = world.send_form(world.open_form(world.ask()), uscc='"><b>x', password="x")
    assert "<B>" not in answer.text and "&gt;&lt;B&gt;X" in answer.text


@pytest.mark.parametrize("way", province_module.OTHERS)
def test_other_ways_say_that_they_are_not_played_and_lead_back(world: World, way: str) -> None:
    form = world.open_form(world.ask())
    page = world.browser.get("/demo-identity/other", params={"way": way, "transaction": form})
    assert f"演示环境没有接入“{way}”" in page.text
    back = re.search(r'class="primary" href="([^"]+)"', page.text)
    assert back and hidden(world.browser.get(back[1]).text) == form


@pytest.mark.parametrize("address", ["/demo-identity/nothing", "/demo-fund/nothing", "/demo-identity/other?way=x"])
def test_an_address_that_is_none_is_a_page_in_chinese(chain: Chain, address: str) -> None:
    answer = chain.browser.get(address)
    assert answer.status_code == 404 and "没有这个页面" in answer.text


# 个人登录


@pytest.mark.parametrize("account", [fiction.id_number(1), "13800000001", " 13800000001 "])
def test_a_person_signs_in_and_chooses_the_enterprise(world: World, account: str) -> None:
    page = person_form(world, account)
    assert "选择法人" in page.text and PEOPLE[0].enterprise_name in page.text
    assert PEOPLE[1].enterprise_name not in page.text
    back = world.browser.post("/demo-identity/choose", data={"transaction": hidden(page.text), "uscc": PEOPLE[0].uscc})
    assert world.browser.get(back.headers["location"]).json() == {"next": "/x"}
    assert world.signed_in[0].uscc == PEOPLE[0].uscc


def test_a_person_cannot_choose_an_enterprise_of_others(world: World) -> None:
    page = person_form(world, "13800000001")
    for uscc in (PEOPLE[1].uscc, "", credit_code(9)):
        answer = world.browser.post("/demo-identity/choose", data={"transaction": hidden(page.text), "uscc": uscc})
        assert answer.status_code == 400 and "location" not in answer.headers


def test_nobody_chooses_without_a_password_before(world: World) -> None:
    form = world.open_form(world.ask())
    answer = world.browser.post("/demo-identity/choose", data={"transaction": form, "uscc": PEOPLE[0].uscc})
    assert answer.status_code == 400 and "location" not in answer.headers


def test_a_person_is_held_up_after_five_failures_by_any_name(world: World) -> None:
    for account in ("13800000001", fiction.id_number(1), "13800000001", fiction.id_number(1), "13800000001"):
        answer = person_form(world, account, "x")
        assert answer.status_code == 401 and province_module.WRONG_PERSON in answer.text
    assert person_form(world, fiction.id_number(1)).status_code == 429
    assert person_form(world, "13999999999").status_code == 401


# 扫码登录


def scan(world: World) -> tuple[str, str]:
    """Open the tab; its transaction and the ticket in the QR code."""
    form = world.open_form(world.ask("/x"))
    page = world.browser.get("/demo-identity/sign-in", params={"transaction": form, "tab": "scan"}).text
    assert "打开支付宝APP搜索“鄂汇办”小程序" in page and "在「首页」打开扫一扫" in page
    return form, re.search(r"qr\.svg\?ticket=([\w-]+)", page)[1]


def scan_state(world: World, form: str) -> str:
    state: str = world.browser.get("/demo-identity/scan/state", params={"transaction": form}).json()["state"]
    return state


def test_a_telephone_confirms_the_desktop_once(world: World) -> None:
    form, ticket = scan(world)
    picture = world.browser.get("/demo-identity/scan/qr.svg", params={"ticket": ticket})
    assert picture.headers["content-type"].startswith("image/svg") and "<svg" in picture.text
    early = world.browser.post("/demo-identity/scan", data={"transaction": form})
    assert "手机上还没有确认" in early.text and scan_state(world, form) == "waiting"
    telephone = world.new_browser()
    page = telephone.get("/demo-identity/scan/confirm", params={"ticket": ticket})
    assert PEOPLE[1].enterprise_name in page.text
    confirm = {"ticket": ticket, "uscc": PEOPLE[1].uscc}
    assert "登录已确认" in telephone.post("/demo-identity/scan/confirm", data=confirm).text
    assert "二维码已失效" in telephone.post("/demo-identity/scan/confirm", data=confirm | {"uscc": PEOPLE[0].uscc}).text
    assert scan_state(world, form) == "confirmed"
    back = world.browser.post("/demo-identity/scan", data={"transaction": form})
    assert world.browser.get(back.headers["location"]).json() == {"next": "/x"}
    assert world.signed_in[0].uscc == PEOPLE[1].uscc
    assert world.browser.post("/demo-identity/scan", data={"transaction": form}).status_code == 400


def test_a_confirmation_is_for_the_desktop_that_shows_the_code(world: World) -> None:
    form, ticket = scan(world)
    world.browser.post("/demo-identity/scan/confirm", data={"ticket": ticket, "uscc": PEOPLE[0].uscc})
    world.browser = world.new_browser()
    other, _ = scan(world)
    for transaction in (form, other):
        answer = world.browser.post("/demo-identity/scan", data={"transaction": transaction})
        assert "location" not in answer.headers
    assert scan_state(world, form) == "expired"


def test_a_code_lasts_two_minutes(world: World, clock: SimpleNamespace) -> None:
    form, ticket = scan(world)
    clock.theirs = 121
    confirm = {"ticket": ticket, "uscc": PEOPLE[0].uscc}
    assert "二维码已失效" in world.browser.post("/demo-identity/scan/confirm", data=confirm).text
    assert scan_state(world, form) == "expired"
    assert "二维码已过期" in world.browser.post("/demo-identity/scan", data={"transaction": form}).text


def test_the_page_with_the_code_runs_its_one_script_only(world: World) -> None:
    form = world.open_form(world.ask())
    page = world.browser.get("/demo-identity/sign-in", params={"transaction": form, "tab": "scan"})
    assert page.text.count("<script>") == 1
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"]


# --- the funds platform -----------------------------------------------------------------------------------


def test_its_own_user_names_are_not_played(chain: Chain) -> None:
    form = hidden(chain.open(chain.ask()).text)
    answer = chain.browser.post(f"{FUND}/sign-in", data={"transaction": form, "username": "abc", "password": "x"})
    assert answer.status_code == 400 and "演示中仅支持省平台授权登录，请点“省平台授权登录”" in answer.text
    assert 'value="abc"' in answer.text and hidden(answer.text) == form


def test_an_enterprise_it_knows_is_not_asked(chain: Chain) -> None:
    answer = platforms.walk(chain.browser, chain.ask("/x"), PEOPLE[0].uscc, PASSWORD)
    assert answer.headers["location"].startswith(CALLBACK)


def test_one_it_does_not_know_completes_once_and_its_contact_goes_to_us(chain: Chain) -> None:
    page = platforms.walk(chain.browser, chain.ask("/x"), PEOPLE[2].uscc, PASSWORD)
    assert "完善基础信息" in page.text and f'value="{PEOPLE[2].uscc}" readonly' in page.text
    assert 'value="赵新"' in page.text and 'value="13800000003"' in page.text  # from the province
    assert not (chain.folder / FILE).exists()
    form = BASICS | {"transaction": hidden(page.text), "contact_name": "钱多", "contact_phone": "027-88886666"}
    forged = form | {"uscc": PEOPLE[0].uscc, "enterprise_name": "别家"}
    back = chain.browser.post(f"{FUND}/continue", data=forged)
    assert chain.browser.get(back.headers["location"]).json() == {"next": "/x"}
    assert (chain.signed_in[0].uscc, chain.signed_in[0].enterprise_name) == (PEOPLE[2].uscc, PEOPLE[2].enterprise_name)
    assert (chain.signed_in[0].contact_name, chain.signed_in[0].contact_phone) == ("钱多", "02788886666")
    assert kept(chain)["basics"][PEOPLE[2].uscc]["district"] == "GX"
    assert list(kept(chain)["basics"]) == [PEOPLE[2].uscc]
    # Sent again, and in a new process: known.
    assert chain.browser.post(f"{FUND}/continue", data=form).status_code == 400
    later = Chain(folder=chain.folder)
    assert later.browser.get(later.callback("/y", PEOPLE[2])).json() == {"next": "/y"}
    assert later.signed_in[0].contact_name == "钱多"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"registered_address": ""}, "注册地址：必填项未填，请填写"),
        ({"district": "XX"}, "区属：不在选项之内"),
        ({"founded": "2999-01-01"}, "成立时间：晚于今天"),
        ({"founded": "昨天"}, "成立时间：不是有效日期，请按 2020-01-31 的样式填写"),
        ({"contact_phone": "1"}, "联系电话：不是有效的电话号码"),
        ({"contact_email": "x"}, "邮箱：不是有效的邮箱地址"),
    ],
)
def test_incomplete_basics_keep_what_was_typed(chain: Chain, changes: dict[str, str], sentence: str) -> None:
    page = platforms.walk(chain.browser, chain.ask(), PEOPLE[2].uscc, PASSWORD)
    typed = BASICS | {"transaction": hidden(page.text)} | changes
    answer = chain.browser.post(f"{FUND}/continue", data=typed)
    assert answer.status_code == 400 and [found for found in errors(answer) if found.startswith(sentence)]
    for name in (
        "registered_address",
        "operating_address",
        "founded",
        "contact_name",
        "contact_phone",
        "contact_email",
    ):
        assert re.search(rf'<input id="{name}"[^>]*value="{typed[name]}"', answer.text), name
    assert not (chain.folder / FILE).exists()


def test_cancelling_at_the_province_leaves_the_funds_platform_to_decide(chain: Chain) -> None:
    page = platforms.walk(chain.browser, chain.ask("/x"), "", "", cancel="1")
    assert page.status_code == 400 and "取消了授权" in page.text and "省平台授权登录" in page.text
    form = hidden(page.text)
    back = chain.browser.post(f"{FUND}/sign-in", data={"transaction": form, "cancel": "1"})
    assert query(back.headers["location"])["error"] == "access_denied"
    assert "取消了授权" in chain.failure(back.headers["location"])


def test_after_cancelling_the_same_sign_in_goes_on(chain: Chain) -> None:
    form = hidden(platforms.walk(chain.browser, chain.ask("/x"), "", "", cancel="1").text)
    again = chain.browser.post(f"{FUND}/province", data={"transaction": form}).headers["location"]
    answer = chain.send_form(chain.open_form(again), uscc=PEOPLE[0].uscc, password=PASSWORD)
    while "demo-fund" in answer.headers["location"].split("?")[0]:
        answer = chain.browser.get(answer.headers["location"])
    assert chain.browser.get(answer.headers["location"]).json() == {"next": "/x"}


def test_another_browser_cannot_go_on_with_the_province_s_answer(chain: Chain) -> None:
    transaction = platforms.to_the_province(chain.browser, chain.ask())
    back = chain.send_form(transaction, uscc=PEOPLE[0].uscc, password=PASSWORD).headers["location"]
    stranger = chain.new_browser()
    answer = stranger.get(back)
    assert answer.status_code == 400 and "没有找到与本次返回对应的登录请求" in answer.text
    onward = chain.browser.get(back).headers["location"]
    assert stranger.get(onward).status_code == 400
    assert chain.browser.get(onward).status_code == 303


def test_it_stays_signed_in_until_it_is_left(chain: Chain) -> None:
    ask = {"params": chain.request()}
    assert "sign-in" in chain.browser.get("/demo-fund/authorize", **ask).headers["location"]
    chain.browser.get(chain.callback())
    for prompt in ({}, {"prompt": "none"}):
        again = chain.browser.get("/demo-fund/authorize", params=chain.request(**prompt))
        assert "code" in query(again.headers["location"])
    asked = chain.browser.get("/demo-fund/authorize", params=chain.request(prompt="login"))
    assert "/demo-fund/sign-in" in asked.headers["location"]
    leave = chain.browser.get("/auth/leave").json()["url"]
    assert leave.startswith(f"{FUND}/logout?")
    onward = chain.browser.get(leave).headers["location"]
    assert onward.startswith(f"{ISSUER}/logout?") and query(onward)["id_token_hint"].count(".") == 2
    left = chain.browser.get(onward).headers["location"]
    assert left == f"{FUND}/left" and chain.browser.get(left).headers["location"] == f"{SITE}/x"
    assert "sign-in" in chain.browser.get("/demo-fund/authorize", **ask).headers["location"]


def test_a_session_ends_by_itself(chain: Chain, clock: SimpleNamespace) -> None:
    chain.browser.get(chain.callback())
    clock.theirs = 7201
    assert "sign-in" in chain.browser.get("/demo-fund/authorize", params=chain.request()).headers["location"]


def test_leaving_leads_to_no_foreign_host(chain: Chain) -> None:
    for signed_in in (False, True):
        for foreign in ("http://evil.test/", "//evil.test/", "javascript:alert(1)", "http://library.test@evil.test"):
            if signed_in:
                chain.browser.get(chain.callback())
            page = chain.browser.get(
                f"{FUND}/logout", params={"post_logout_redirect_uri": foreign}, follow_redirects=True
            )
            assert page.status_code == 200 and "已退出登录" in page.text and page.url.host == "library.test"


def test_state_comes_back_after_leaving(chain: Chain) -> None:
    chain.browser.get(chain.callback())
    params = {"post_logout_redirect_uri": f"{SITE}/x?y=1", "state": "st"}
    onward = chain.browser.get(f"{FUND}/logout", params=params).headers["location"]
    left = chain.browser.get(onward).headers["location"]
    assert chain.browser.get(left).headers["location"] == f"{SITE}/x?y=1&state=st"


# --- what is kept -----------------------------------------------------------------------------------------


def test_the_file_is_written_whole_and_readable_to_the_owner_only(tmp_path: Path) -> None:
    book = Book(PEOPLE, tmp_path / "new")
    book.complete(credit_code(3), {"contact_name": "甲", "contact_phone": "1"})
    assert [file.name for file in (tmp_path / "new").iterdir()] == [FILE]
    assert (tmp_path / "new" / FILE).stat().st_mode & 0o777 == 0o600
    content = json.loads((tmp_path / "new" / FILE).read_text("utf-8"))
    assert content == {
        "people": {},
        "enterprises": {},
        "basics": {credit_code(3): {"contact_name": "甲", "contact_phone": "1"}},
    }


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(PEOPLE, tmp_path)
    book.complete(credit_code(3), {"contact_name": "甲", "contact_phone": "1"})
    before = (tmp_path / FILE).read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        book.complete(credit_code(2), {"contact_name": "乙", "contact_phone": "2"})
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"people": {"x": {}}, "enterprises": {}, "basics": {}}'])
def test_a_damaged_file_is_named_and_kept(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(demo.Unreadable, match=r"demo-platforms\.json 无法读取.*请恢复它，或移走后重新启动"):
        Book(PEOPLE, tmp_path)
    assert (tmp_path / FILE).read_text() == content


def test_a_preset_takes_its_name_from_the_program_and_its_password_from_the_file(tmp_path: Path) -> None:
    book = Book(PEOPLE, tmp_path)
    changed = bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode()
    book.set_password(book.enterprises[PEOPLE[0].uscc], changed)
    renamed = platforms.enterprise(1, "武汉更名科技有限公司", "李明", "13800000001", demo_password=PASSWORD)
    again = Book([renamed], tmp_path).enterprises[PEOPLE[0].uscc]
    assert (again.enterprise_name, again.password_hash, again.demo_password) == ("武汉更名科技有限公司", changed, None)


def test_hashes_are_not_printed(world: World) -> None:
    assert platforms.HASH not in repr(PEOPLE[0]) and platforms.HASH not in repr(world.book.people)
    assert PASSWORD not in repr(PEOPLE[0])
