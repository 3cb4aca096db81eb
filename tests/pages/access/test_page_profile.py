"""个人中心, by what the store holds afterwards: password, second factor, sessions; and what the page says."""

import re
from datetime import UTC
from typing import Any

import bcrypt
import pyotp
import pytest

from core.base.terms import ROLES
from data.access import credentials, sessions
from data.store.store import Actor
from gate import passwords, second_factor
from tests.environment import settings_of
from tests.pages.walk import Screen, role
from tests.world import PASSWORD, PERSONAS, STAFF, World

PAGE = "access/profile.py"
OFFICER = "local-officer"
NEW = "Lake7Tower"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture(autouse=True)
def cheap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_ROUNDS", 4)
    monkeypatch.setattr(passwords, "_nobody", lambda: quick)
    quick = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    world.store.write(lambda t: t.put("credentials", {**(t.get("credentials", OFFICER) or {}), "password_hash": quick}))


def kept(world: World) -> dict[str, Any]:
    return world.store.rows("SELECT * FROM credentials WHERE account_id = $1", [OFFICER])[0]


def elsewhere(world: World, account: str = OFFICER, agent: str = CHROME) -> str:
    return sessions.token_id(sessions.start(world.store, account, way="用户名登录", address="10.0.0.7", agent=agent))


def alive(world: World, identity: str) -> bool:
    return sessions.visit_of(world.store, identity) is not None


def own(world: World, persona: str = "city") -> str:
    return sessions.token_id(world.token(persona))


def code_now(world: World, secret: str) -> str:
    return pyotp.TOTP(secret).at(world.clock.now.replace(tzinfo=UTC))


def enrolled(world: World) -> str:
    secret = second_factor.new_secret()
    credentials.enrol_second_factor(world.store, OFFICER, secret, 0, actor=Actor(OFFICER))
    return secret


def fill(screen: Screen, ending: str, typed: str) -> Screen:
    """Type into a form: nothing is sent before it is."""
    screen.widget(ending).set_value(typed)
    return screen


def change(screen: Screen, current: str, new: str, again: str | None = None) -> Screen:
    for ending, typed in ((".current", current), (".new", new), (".again", new if again is None else again)):
        fill(screen, ending, typed)
    return screen.press("修改密码")


@pytest.mark.parametrize("persona", PERSONAS)
def test_everybody_reads_who_one_is_and_where_one_is_signed_in(world: World, persona: str) -> None:
    screen = Screen(world, persona, PAGE)
    assert not screen.at.exception
    said = screen.said()
    assert ROLES[role(persona)] in said
    assert "此设备" in said
    labels = [button.label for button in screen.at.button]
    assert ("修改密码" in labels) == ("绑定动态验证码" in labels) == (persona in STAFF)
    if persona not in STAFF:
        assert "统一身份认证平台" in said
    assert not {"下线", "下线其他全部设备"} & set(labels)


# --- password ----------------------------------------------------------------------------------------------


def test_a_changed_password_is_kept_and_ends_every_other_session_at_once(world: World) -> None:
    other, foreign = elsewhere(world), elsewhere(world, "local-keeper")
    screen = change(Screen(world, "city", PAGE), PASSWORD, NEW)
    assert not screen.at.exception
    assert "密码已修改。已下线其他 1 个登录。" in screen.said("success").replace("\\", "")
    assert bcrypt.checkpw(NEW.encode(), kept(world)["password_hash"].encode())
    assert not alive(world, other)
    assert alive(world, own(world))
    assert alive(world, foreign)
    assert [screen.widget(ending).value for ending in (".current", ".new", ".again")] == [""] * 3
    facts = [fact for fact in world.store.facts(f"account:{OFFICER}") if fact.kind == "password.changed"]
    assert [(fact.account_id, fact.session_id) for fact in facts] == [(OFFICER, own(world))]
    assert NEW not in str(world.store.facts())


@pytest.mark.parametrize(
    ("current", "new", "again", "sentence"),
    [
        ("Wrong2026wh", NEW, NEW, "当前密码不正确"),
        (PASSWORD, NEW, NEW + "x", "两次输入的新密码不一致"),
        (PASSWORD, "short1A", "short1A", "8 位以上"),
        (PASSWORD, "Password1", "Password1", "过于常见"),
        (PASSWORD, PASSWORD, PASSWORD, "之前 5 次用过"),
    ],
)
def test_a_change_that_fails_says_why_keeps_what_was_typed_and_changes_nothing(
    world: World, current: str, new: str, again: str, sentence: str
) -> None:
    other, before = elsewhere(world), kept(world)
    screen = change(Screen(world, "city", PAGE), current, new, again)
    assert sentence in screen.said("error").replace("\\", "")
    assert [screen.widget(ending).value for ending in (".current", ".new", ".again")] == [current, new, again]
    assert kept(world) == before
    assert alive(world, other)


def test_guessing_the_current_password_locks_the_account(world: World) -> None:
    screen = Screen(world, "city", PAGE)
    for _ in range(credentials.FAILURES_BEFORE_LOCK):
        change(screen, "Wrong2026wh", NEW)
    assert credentials.locked(world.store, "officer")
    assert "已锁定 30 分钟" in change(screen, PASSWORD, NEW).said("error")
    assert kept(world)["earlier"] == "[]"


# --- second factor -----------------------------------------------------------------------------------------


def test_an_authenticator_is_enrolled_by_its_code(world: World) -> None:
    screen = Screen(world, "city", PAGE).press("绑定动态验证码")
    assert len(screen.at.get("image")) == 1
    secret = re.findall(r"`([A-Z2-7 ]+)`", screen.said("markdown"))[0].replace(" ", "")
    for word, code in (("Wrong2026wh", code_now(world, secret)), ("", code_now(world, secret)), (PASSWORD, "000000")):
        fill(screen, ".word", word)
        fill(screen, ".code", code).press("绑定")
        assert "尚未绑定" in screen.said("error")
        assert screen.widget(".code").value == code
        assert kept(world)["totp_secret"] is None
    fill(screen, ".code", code_now(world, secret)).press("绑定")
    assert "已绑定" in screen.said("success")
    assert second_factor.opened(kept(world)["totp_secret"]) == secret
    assert world.store.facts(f"account:{OFFICER}")[-1].kind == "second_factor.enrolled"
    assert secret not in screen.said()


def test_removing_it_needs_its_code(world: World) -> None:
    secret = enrolled(world)
    screen = Screen(world, "city", PAGE)
    fill(screen, ".code", "000000").press("解除绑定")
    assert "尚未解除绑定" in screen.said("error")
    assert kept(world)["totp_secret"] == secret
    fill(screen, ".code", code_now(world, secret)).press("解除绑定")
    assert "已解除绑定" in screen.said("success")
    assert kept(world)["totp_secret"] is None
    assert world.store.facts(f"account:{OFFICER}")[-1].kind == "second_factor.removed"


def test_a_role_that_must_have_it_cannot_remove_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = enrolled(world)
    configured = settings_of({"LIBRARY_SECOND_FACTOR": "city_officer"})
    monkeypatch.setattr(second_factor, "current", lambda: configured)
    screen = Screen(world, "city", PAGE)
    assert "解除绑定" not in [button.label for button in screen.at.button]
    assert "必须使用动态验证码" in screen.said("markdown")
    with pytest.raises(second_factor.Refused, match="不能解除绑定"):
        second_factor.remove_mine(world.visit("city"), code_now(world, secret))
    assert kept(world)["totp_secret"] == secret


# --- sessions ----------------------------------------------------------------------------------------------


def test_one_session_is_ended_and_the_others_live(world: World) -> None:
    first, second = elsewhere(world), elsewhere(world)
    screen = Screen(world, "city", PAGE)
    said = screen.said("markdown").replace("\\", "")
    assert "Chrome（Windows）" in said
    assert "10.0.0.7" in said
    assert said.count("此设备") == 1
    screen.click(f".end.{first}")
    assert "已下线" in screen.said("success")
    assert (alive(world, first), alive(world, second), alive(world, own(world))) == (False, True, True)
    assert world.store.facts(f"session:{first}")[-1].body["reason"] == "本人下线"


def test_all_others_are_ended_together(world: World) -> None:
    others, foreign = [elsewhere(world), elsewhere(world)], elsewhere(world, "local-keeper")
    screen = Screen(world, "city", PAGE).press("下线其他全部设备")
    assert "已下线其他 2 个设备" in screen.said("success").replace("\\", "")
    assert not any(alive(world, identity) for identity in others)
    assert alive(world, foreign)
    assert alive(world, own(world))
    assert "下线其他全部设备" not in [button.label for button in screen.at.button]


def test_nobody_sees_the_sessions_of_another(world: World) -> None:
    foreign = elsewhere(world, "local-keeper")
    assert not [key for key in Screen(world, "city", PAGE).keys("") if foreign in key]


def test_what_a_browser_says_of_itself_is_never_markup(world: World) -> None:
    elsewhere(world, agent="**Chrome** <script>alert(1)</script> Windows")
    assert "<script>" not in Screen(world, "city", PAGE).said("markdown")
