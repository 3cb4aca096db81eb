"""职位管理 on the screen; what each press leaves in the store."""

from data.access import account_admin, positions
from tests.pages.walk import Screen
from tests.world import World

PAGE = "access/positions.py"


def names(world: World) -> list[str]:
    return [row.name for row in positions.listing(world.visit("administrator"))]


def test_added_renamed_removed(world: World) -> None:
    screen = Screen(world, "administrator", PAGE)
    assert "还没有职位" in screen.said("info")
    screen.widget("new.name").set_value("科长")
    screen.press("新增")
    assert names(world) == ["科长"]
    assert screen.widget("new.name").value == ""
    screen.widget("1#name").set_value("处长")
    screen.click("1#save")
    assert names(world) == ["处长"]
    screen.click("2#remove")
    assert names(world) == []
    assert "已删除" in screen.said("success")


def test_one_in_use_stays_and_says_why(world: World) -> None:
    visit = world.visit("administrator")
    identity = positions.add(visit, "科长")
    screen = Screen(world, "administrator", "access/accounts.py")
    screen.at.query_params["account"] = "local-officer"
    screen.run()
    screen.widget("#position").set_value(identity)
    screen.press("保存修改")
    assert account_admin.one(visit, "local-officer")["position_id"] == identity
    screen = Screen(world, "administrator", PAGE).click("1#remove")
    assert "1 个账号在用" in screen.said("error")
    assert names(world) == ["科长"]


def test_a_name_taken_keeps_what_was_typed(world: World) -> None:
    positions.add(world.visit("administrator"), "科长")
    screen = Screen(world, "administrator", PAGE)
    screen.widget("new.name").set_value("科长")
    screen.widget("new.note").set_value("说明文字")
    screen.press("新增")
    assert "科长" in screen.said("error")
    assert screen.widget("new.note").value == "说明文字"
    assert names(world) == ["科长"]
