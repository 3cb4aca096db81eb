"""Sign-in by OpenID Connect: our relying party against the demonstration province as its one provider."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from gate import oidc
from tests.platforms import CALLBACK, CLAIMS, HASH, ISSUER, PEOPLE, SITE, World, query


@pytest.fixture
def world() -> World:
    return World()


def forge(world: World, *, key: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> None:
    """Let the platform's ID tokens arrive with other claims, signed with a key that its JWKS lists."""
    listed = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)

    def resign(token: dict[str, Any]) -> dict[str, Any]:
        payload = token["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "RS256", "kid": listed.kid} | (header or {})
        signed = jwt.encode(head, claims, key or listed, algorithms=["RS256", "HS256", "none"])
        return token | {"id_token": signed}

    world.between.edits |= {"jwks": lambda _: KeySet([listed]).as_dict(), "token": resign}


# The whole way


@pytest.mark.parametrize("secret", ["s3cret", None])
def test_enterprise_signs_in_and_lands_where_it_wanted_to_go(secret: str | None) -> None:
    world = World(secret=secret)
    answer = world.browser.get(world.callback("/enterprise/filing?round=2025Q4"))
    assert answer.json() == {"next": "/enterprise/filing?round=2025Q4"}
    [identity] = world.signed_in
    assert (identity.issuer, identity.uscc) == (ISSUER, PEOPLE[0].uscc)
    assert identity.enterprise_name == "武汉星河智算科技有限公司"
    assert (identity.contact_name, identity.contact_phone) == ("李明", "13800000001")
    assert identity.subject and PEOPLE[0].uscc not in identity.subject
    assert identity.id_token.count(".") == 2 and identity.id_token not in repr(identity)


def test_request_carries_pkce_state_nonce_and_prompt(world: World) -> None:
    first, second = query(world.ask()), query(world.ask())
    assert first["code_challenge_method"] == "S256" and len(first["code_challenge"]) == 43
    assert first["response_type"] == "code" and "openid" in first["scope"].split()
    assert first["redirect_uri"] == CALLBACK and first["prompt"] == "login"
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))
    assert "prompt" not in query(World(prompt=None).ask())


def test_provider_that_only_takes_the_secret_in_the_form(world: World) -> None:
    only_post = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    world.between.edits["openid-configuration"] = lambda metadata: metadata | only_post
    assert world.browser.get(world.callback()).status_code == 200
    assert world.between.authorization is None


def test_claims_may_come_from_userinfo(world: World) -> None:
    forge(world, uscc=None, name=None, contact_name=None, phone_number=None)
    assert world.browser.get(world.callback()).status_code == 200
    assert world.signed_in[0].enterprise_name == "武汉星河智算科技有限公司"
    assert "userinfo" in world.between.seen


def test_userinfo_about_somebody_else_is_refused(world: World) -> None:
    forge(world, uscc=None)
    world.between.edits["userinfo"] = lambda claims: claims | {"sub": PEOPLE[1].claims["sub"]}
    assert "与本次登录请求不对应" in world.failure(world.callback())


def test_claims_the_provider_does_not_map_stay_empty() -> None:
    world = World(claims={"uscc": "uscc"})
    world.browser.get(world.callback())
    assert (world.signed_in[0].enterprise_name, world.signed_in[0].contact_phone) == ("", "")


def test_published_documents_are_kept_and_key_rotation_is_followed(world: World, clock: SimpleNamespace) -> None:
    world.browser.get(world.callback())
    world.browser.get(world.callback())
    assert world.between.seen.count("openid-configuration") == world.between.seen.count("jwks") == 1
    forge(world)  # a new key under a new kid
    assert world.browser.get(world.callback()).status_code == 200
    assert world.between.seen.count("jwks") == 2
    clock.ours = clock.theirs = oidc.CACHE_SECONDS + 1
    world.browser.get(world.callback())
    assert world.between.seen.count("openid-configuration") == 2 and world.between.seen.count("jwks") == 3


def test_sign_out_reaches_the_platform_and_comes_back_only_to_our_host(world: World) -> None:
    address = world.browser.get("/auth/leave").json()["url"]
    assert address.startswith(f"{ISSUER}/logout?") and query(address)["id_token_hint"] == "t"
    assert world.browser.get(address).headers["location"] == f"{SITE}/x"
    for foreign in ("http://evil.test/", "//evil.test/", "javascript:alert(1)", "http://library.test@evil.test"):
        page = world.browser.get(f"{ISSUER}/logout", params={"post_logout_redirect_uri": foreign})
        assert page.status_code == 200 and "已退出登录" in page.text


def test_sign_out_when_the_platform_is_away(world: World) -> None:
    world.between.down = True
    assert world.browser.get("/auth/leave").json() == {"url": None}


# Callbacks that sign nobody in


def test_provider_away_at_the_start(world: World) -> None:
    world.between.down = True
    answer = world.browser.get("/auth/begin")
    assert answer.status_code == 400 and "暂时连接不上统一身份认证平台，登录没有开始" in answer.json()["sentence"]


@pytest.mark.parametrize(
    "edit",
    [lambda document: document | {"issuer": "http://evil.test"}, lambda _: [], lambda _: {"issuer": ISSUER}],
    ids=["another issuer", "not an object", "no endpoints"],
)
def test_discovery_document_that_cannot_be_used(world: World, edit: Callable[[Any], Any]) -> None:
    world.between.edits["openid-configuration"] = edit
    assert "登录没有开始" in world.browser.get("/auth/begin").json()["sentence"]


def test_provider_goes_away_on_the_way(world: World) -> None:
    address = world.callback()
    world.between.down = True
    assert "登录中途连接不上统一身份认证平台" in world.failure(address)


def test_consent_refused(world: World) -> None:
    back = world.send_form(world.open_form(world.ask()), cancel="1").headers["location"]
    assert query(back)["error"] == "access_denied" and "code" not in query(back)
    assert "取消了授权" in world.failure(back)


def test_other_error_from_the_provider(world: World) -> None:
    state = query(world.ask())["state"]
    assert "没有完成登录" in world.failure(f"/auth/callback?error=server_error&state={state}")


def test_callback_without_a_code(world: World) -> None:
    assert "没有完成登录" in world.failure(f"/auth/callback?state={query(world.ask())['state']}")


@pytest.mark.parametrize("state", ["", "&state=", "&state=guess"])
def test_state_missing_or_wrong(world: World, state: str) -> None:
    code = query(world.callback())["code"]
    assert "没有找到与本次返回对应的登录请求" in world.failure(f"/auth/callback?code={code}{state}")


def test_callback_in_another_browser(world: World) -> None:
    address = world.callback()
    world.browser = world.new_browser()
    assert "没有找到与本次返回对应的登录请求" in world.failure(address)


@pytest.mark.parametrize(("seconds", "lasts"), [(595, True), (605, False)])
def test_sign_in_expires_after_ten_minutes(world: World, clock: SimpleNamespace, seconds: int, lasts: bool) -> None:
    address = world.callback()
    clock.ours = seconds
    forge(world, exp=int(time.time()) + 3600)
    if lasts:
        assert world.browser.get(address).status_code == 200
    else:
        assert "超过 10 分钟" in world.failure(address)


def test_replayed_callback_even_with_the_old_cookie(world: World) -> None:
    address = world.callback()
    before = dict(world.browser.cookies)
    assert world.browser.get(address).status_code == 200
    assert "已经用过" in world.failure(address)
    world.browser = world.new_browser()
    world.browser.cookies.update(before)
    assert "已经用过" in world.failure(address)
    assert len(world.signed_in) == 1


def test_failed_callback_is_used_up_too(world: World) -> None:
    state = query(world.ask())["state"]
    world.failure(f"/auth/callback?error=access_denied&state={state}")
    assert "已经用过" in world.failure(f"/auth/callback?code=x&state={state}")


def test_code_the_platform_does_not_know(world: World) -> None:
    state = query(world.ask())["state"]
    assert "没有认可本次登录" in world.failure(f"/auth/callback?code=guess&state={state}")


def test_code_of_another_sign_in_fails_on_pkce(world: World) -> None:
    mine, other = query(world.callback()), query(world.callback(person=PEOPLE[1]))
    mixed = urlencode(mine | {"code": other["code"]})
    assert "没有认可本次登录" in world.failure(f"/auth/callback?{mixed}")


def test_wrong_client_secret() -> None:
    world = World(client_secret="other")
    assert "没有认可本次登录" in world.failure(world.callback())


def test_answer_from_another_issuer(world: World) -> None:
    address = world.callback()
    assert "不是由约定的统一身份认证平台签发" in world.failure(
        f"/auth/callback?{urlencode(query(address) | {'iss': 'http://evil.test'})}"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nonce": "other"}, "与本次登录请求不对应"),
        ({"nonce": None}, "与本次登录请求不对应"),
        ({"iss": "http://evil.test"}, "不是由约定的统一身份认证平台签发"),
        ({"iss": None}, "不是由约定的统一身份认证平台签发"),
        ({"aud": "another"}, "不是签发给本系统的"),
        ({"aud": "another", "azp": "library"}, "不是签发给本系统的"),
        ({"aud": None}, "不是签发给本系统的"),
        ({"aud": ["library", "another"], "azp": "another"}, "不是签发给本系统的"),
        ({"exp": 1}, "不在有效期内"),
        ({"exp": None}, "不在有效期内"),
        ({"iat": 9_999_999_999}, "不在有效期内"),
        ({"sub": None}, "内容不完整或不正确"),
        ({"sub": ""}, "内容不完整或不正确"),
        ({"at_hash": "AAAA"}, "内容不完整或不正确"),
    ],
)
def test_id_token_that_does_not_fit(world: World, changes: dict[str, Any], sentence: str) -> None:
    forge(world, **changes)
    assert sentence in world.failure(world.callback())


@pytest.mark.parametrize(("late", "accepted"), [(50, True), (70, False)])
def test_clocks_may_differ_by_a_minute(world: World, late: int, accepted: bool) -> None:
    forge(world, exp=int(time.time()) - late)
    if accepted:
        assert world.browser.get(world.callback()).status_code == 200
    else:
        assert "不在有效期内" in world.failure(world.callback())


@pytest.mark.parametrize("attack", ["other key", "unknown kid", "none", "hmac", "garbage", "absent"])
def test_signature_that_does_not_hold(world: World, attack: str) -> None:
    if attack == "other key":
        forge(world, key=RSAKey.generate_key(2048))
    elif attack == "unknown kid":
        forge(world, header={"kid": "nobody"})
    elif attack == "none":
        forge(world, header={"alg": "none"})
    elif attack == "hmac":
        forge(world, key=OctKey.import_key("s3cret-s3cret-s3cret-s3cret-s3cret"), header={"alg": "HS256"})
    elif attack == "garbage":
        world.between.edits["token"] = lambda token: token | {"id_token": "a.b.c"}
    else:
        world.between.edits["token"] = lambda token: token | {"id_token": None}
    assert "签名没有通过验证" in world.failure(world.callback())
    assert world.between.seen.count("jwks") == (2 if attack == "unknown kid" else 1)


@pytest.mark.parametrize(
    ("theirs", "sentence"),
    [
        ("uscc", "没有提供统一社会信用代码"),
        ("name", "没有提供企业名称"),
        ("contact_name", "没有提供联系人姓名"),
        ("phone_number", "没有提供联系人电话"),
    ],
)
@pytest.mark.parametrize("value", [None, " "])
def test_claim_missing(world: World, theirs: str, sentence: str, value: str | None) -> None:
    forge(world, **{theirs: value})
    world.between.edits["userinfo"] = lambda claims: {k: v for k, v in claims.items() if k != theirs}
    assert sentence in world.failure(world.callback())


def test_credit_code_that_is_none(world: World) -> None:
    forge(world, uscc="420100000000001")
    assert "格式不正确" in world.failure(world.callback())


def test_every_sentence_says_what_to_do() -> None:
    for sentence in [*oidc.REFUSED_CLAIM.values(), *oidc.MISSING_CLAIM.values()]:
        assert re.search(r"。.*(请|再)", sentence) or "请" in sentence.split("，", 1)[1]


# Several tabs


def test_several_tabs_finish_in_any_order(world: World) -> None:
    addresses = {path: world.callback(path) for path in ("/a", "/b", "/c")}
    for path in ("/b", "/c", "/a"):
        assert world.browser.get(addresses[path]).json() == {"next": path}


def test_the_sixth_tab_drops_the_first(world: World) -> None:
    addresses = [world.callback(f"/{number}") for number in range(6)]
    assert "没有找到与本次返回对应的登录请求" in world.failure(addresses[0])
    assert [world.browser.get(address).status_code for address in addresses[1:]] == [200] * 5


def test_finished_sign_ins_leave_room_for_a_waiting_one(world: World) -> None:
    waiting = world.callback("/waiting")
    for _ in range(6):
        world.browser.get(world.callback())
    assert world.browser.get(waiting).json() == {"next": "/waiting"}


def test_pending_sign_ins_fit_a_cookie(world: World) -> None:
    for _ in range(7):
        address = world.callback("/" + "x" * (oidc.NEXT_LENGTH - 1))
        assert all(len(f"{name}={value}") < 4096 for name, value in world.browser.cookies.items())
    assert world.browser.get(address).status_code == 200


# The address to return to

hostile = st.one_of(
    st.text(),
    st.builds("".join, st.lists(st.sampled_from(["/", "\\", "//", ":", "@", "evil.test", "\t", "\n", " ", "?", "."]))),
)


@given(hostile)
@example("//evil.test")
@example("/\\evil.test")
@example("/\t/evil.test")
@example("https://evil.test/")
@example("javascript:alert(1)")
@example("/x\r\nSet-Cookie: a=b")
@example("/\u2028x")
@example("/\ud800")
def test_safe_next_never_leaves_the_site(path: str) -> None:
    safe = oidc.safe_next(path)
    assert safe in (path, "/") and safe.startswith("/") and safe[1:2] not in ("/", "\\")
    assert safe.isprintable() and "\\" not in safe and len(safe) <= oidc.NEXT_LENGTH
    target = httpx2.URL("http://library.test/auth/callback").join(safe.replace(" ", "%20"))
    assert (target.scheme, target.host) == ("http", "library.test")
    assert oidc.safe_next(safe) == safe


@given(st.from_regex(r"/([a-z0-9_-]+(/[a-z0-9_-]+)*)?(\?[a-z]+=[a-z0-9%/:=&]*)?", fullmatch=True))
def test_safe_next_keeps_our_own_paths(path: str) -> None:
    assert oidc.safe_next(path) == path or len(path) > oidc.NEXT_LENGTH


@pytest.mark.parametrize("path", [None, "", "x", "http://library.test/x"])
def test_safe_next_without_a_path(path: str | None) -> None:
    assert oidc.safe_next(path) == "/"


def test_begin_cleans_the_next_path_itself(world: World) -> None:
    assert world.browser.get(world.callback("//evil.test")).json() == {"next": "/"}


# What a provider may be


def test_issuer_from_the_request_never_goes_over_the_network() -> None:
    world = World(transport=None)
    answer = world.browser.get("/auth/begin", headers={"Host": "evil.test"})
    assert answer.status_code == 400 and "还没有配置统一身份认证平台" in answer.json()["sentence"]
    assert world.browser.get("/auth/leave").json() == {"url": None}


@pytest.mark.parametrize("claims", [{"enterprise_name": "name"}, CLAIMS | {"role": "role"}])
def test_claims_name_the_credit_code_and_nothing_unknown(claims: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="uscc"):
        oidc.Provider("https://idp.test", "library", None, claims)


def test_secret_is_not_printed(world: World) -> None:
    assert "s3cret" not in repr(world.provider) and HASH not in repr(PEOPLE[0])
