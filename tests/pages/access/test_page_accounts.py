"""账号管理 on the screen of an administrator; what each press leaves in the store."""

import pytest

from data.access import account_admin, credentials, sessions
from gate import passwords
from tests.pages.walk import Screen
from tests.world import World

OFFICER = "local-officer"


@pytest.fixture
def screen(world: World, monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setattr(passwords, "_ROUNDS", 4)
    world.visit("city")
    screen = Screen(world, "administrator", "access/accounts.py")
    assert screen.titles == ["账号管理"]
    return screen


def chosen(screen: Screen, account: str = OFFICER) -> Screen:
    screen.at.query_params["account"] = account
    return screen.run()


def session(world: World) -> object:
    return sessions.visit_of(world.store, sessions.token_id(world.tokens["city"]))


def test_the_list_shows_all_and_finds_by_name(screen: Screen) -> None:
    assert screen.tables[0]["用户名"].to_list() == ["gxreviewer", "hsreviewer", "keeper", "officer"]
    screen.set("q", "reviewer")
    assert screen.tables[0]["用户名"].to_list() == ["gxreviewer", "hsreviewer"]
    screen.set("q", "没有这个人")
    assert screen.tables == []
    assert "没有符合条件的账号" in screen.said("info")


def test_a_new_account_is_in_the_store_and_its_password_is_shown_once(world: World, screen: Screen) -> None:
    screen.widget("new.username").set_value("Wang.Wu")
    screen.widget("new.name").set_value("王五")
    screen.widget("new.role").set_value("city_officer")
    screen.press("新建")
    secret = screen.at.code[0].value
    known = credentials.local_credentials(world.store, "wang.wu")
    assert known is not None
    assert known["must_change"]
    assert passwords.matches("wang.wu", secret, known["password_hash"])
    assert passwords.weakness(secret) is None
    assert screen.widget("new.username").value == ""
    screen.run()
    assert not screen.at.code
    assert "王五" in screen.said("header")


def test_a_new_account_that_does_not_fit_keeps_what_was_typed(world: World, screen: Screen) -> None:
    before = account_admin.count(world.visit("administrator"))
    screen.widget("new.username").set_value("officer")
    screen.widget("new.name").set_value("王五")
    screen.widget("new.role").set_value("district_reviewer")
    screen.press("新建")
    assert "机构" in screen.said("error")
    assert (screen.widget("new.username").value, screen.widget("new.name").value) == ("officer", "王五")
    assert account_admin.count(world.visit("administrator")) == before


def test_stop_and_start(world: World, screen: Screen) -> None:
    chosen(screen).press("确认停用")
    assert "1 个登录会话已结束" in screen.said("success")
    assert session(world) is None
    assert not account_admin.one(world.visit("administrator"), OFFICER)["active"]
    screen.press("启用账号")
    assert account_admin.one(world.visit("administrator"), OFFICER)["active"]


def test_sign_out(world: World, screen: Screen) -> None:
    chosen(screen).press("强制下线")
    assert session(world) is None
    assert account_admin.one(world.visit("administrator"), OFFICER)["active"]


def test_reset_shows_a_password_that_works(world: World, screen: Screen) -> None:
    chosen(screen).press("确认重置")
    known = credentials.local_credentials(world.store, "officer")
    assert known is not None
    assert passwords.matches("officer", screen.at.code[0].value, known["password_hash"])
    assert session(world) is None


def test_unlock(world: World, screen: Screen) -> None:
    for _ in range(5):
        credentials.record_failure(world.store, "officer", None)
    chosen(screen).press("解锁")
    assert not credentials.locked(world.store, "officer")
    assert "解锁" not in screen.said("button")


def test_a_lost_authenticator_is_removed(world: World, screen: Screen) -> None:
    visit = world.visit("city")
    credentials.enrol_second_factor(world.store, OFFICER, "JBSWY3DPEHPK3PXP", 1, actor=visit.actor)
    chosen(screen).press("确认解除")
    assert not account_admin.one(world.visit("administrator"), OFFICER)["second_factor"]


def test_name_and_role_are_changed(world: World, screen: Screen) -> None:
    chosen(screen)
    key = f"{OFFICER}#1#"
    screen.widget(f"{key}name").set_value("李主任")
    screen.widget(f"{key}role").set_value("administrator")
    screen.press("保存修改")
    row = account_admin.one(world.visit("administrator"), OFFICER)
    assert (row["name"], row["role"], row["revision"]) == ("李主任", "administrator", 2)


def test_one_s_own_account_cannot_be_stopped_here(screen: Screen) -> None:
    chosen(screen, "local-keeper")
    assert all(button.disabled for button in screen.at.button if button.label in ("强制下线",))
    assert "个人中心" in screen.said("caption")


def test_an_account_that_is_not_there_is_said_so(screen: Screen) -> None:
    assert "没有这个账号" in chosen(screen, "local-nobody").said("error")
