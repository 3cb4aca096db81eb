"""填报人员 on the screen of an enterprise; what each press leaves in the store."""

import pytest

from data.access import credentials, filers, sessions
from gate import passwords
from tests.pages.walk import Screen
from tests.world import PASSWORD_HASH, USCC, World


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_ROUNDS", 4)


#: The enterprise's organisation code, which its filers' names begin with.
CODE = USCC["enterprise"][8:17].lower()


def screen(world: World, session: str | None = None) -> Screen:
    shown = Screen(world, "enterprise" if session is None else None, session=session)
    return shown.open("access/filers.py")


def add(world: World) -> str:
    return filers.add(world.visit("enterprise"), username="lisi", name="李四", password_hash=PASSWORD_HASH)


def standing(world: World) -> dict[str, tuple[bool, bool]]:
    return {row.username: (row.active, row.principal) for row in filers.listing(world.visit("enterprise"))}


def test_a_new_filer_signs_in_with_the_password_shown(world: World) -> None:
    shown = screen(world)
    assert shown.titles == ["填报人员"]
    shown.widget("new.name").set_value("李四")
    shown.widget("new.username").set_value("LiSi")
    shown.press("新增")
    known = credentials.local_credentials(world.store, f"{CODE}.lisi")
    assert known is not None
    assert passwords.matches(f"{CODE}.lisi", shown.at.code[0].value, known["password_hash"])
    assert "李四" in shown.said("markdown")


def test_a_name_taken_keeps_what_was_typed(world: World) -> None:
    shown = screen(world)
    shown.widget("new.name").set_value("李四")
    shown.widget("new.username").set_value("不合")
    shown.press("新增")
    assert "不合" in shown.said("error")
    assert shown.widget("new.name").value == "李四"
    assert list(standing(world)) == ["91420199ma0dem013c"]


def test_stop_start_and_reset(world: World) -> None:
    account = add(world)
    shown = screen(world).press("确认停用")
    assert standing(world)[f"{CODE}.lisi"] == (False, False)
    shown.press("启用")
    assert standing(world)[f"{CODE}.lisi"] == (True, False)
    shown.press("确认重置")
    known = credentials.of_account(world.store, account)
    assert known is not None
    assert passwords.matches(f"{CODE}.lisi", shown.at.code[0].value, known["password_hash"])


def test_handing_over(world: World) -> None:
    add(world)
    screen(world).press("确认移交")
    assert standing(world)[f"{CODE}.lisi"] == (True, True)


def test_a_plain_filer_sees_who_is_there_and_no_buttons(world: World) -> None:
    token = sessions.start(world.store, add(world), way="test", address=None, agent=None)
    shown = screen(world, sessions.token_id(token))
    assert "您可以填报，但不能增减人员" in shown.said("info")
    assert not [button for button in shown.at.button if "problem#" not in str(button.key)]
    assert not shown.at.text_input
