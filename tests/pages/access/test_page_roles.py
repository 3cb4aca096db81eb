"""角色管理, 机构管理 and 企业归属 on the screen; what each press leaves in the store."""

import pytest

from core.access.permissions import PERMISSIONS
from core.access.roles import BASE, SHIPPED
from core.base.errors import Refused
from data.access import account_admin, accounts, organisations, roles
from tests.pages.walk import Screen
from tests.world import NAMES, USCC, World

ROLES, ORGANISATIONS, PLACEMENTS = "access/roles.py", "access/organisations.py", "enterprise/placements.py"
NEAR = accounts.enterprise_id(USCC["enterprise"])


def role_named(world: World, name: str) -> str:
    return next(code for code, role in roles.known(world.store).items() if role.name == name)


def test_a_role_is_added_changed_and_removed(world: World) -> None:
    screen = Screen(world, "administrator", ROLES)
    screen.set("role", "new")
    screen.widget("new.name").set_value("统计员")
    screen.widget("new.scope").set_value("all")
    screen.widget("new.overview.read").check()
    screen.press("新增角色")
    assert "统计员" in screen.said("success")
    code = role_named(world, "统计员")
    assert roles.known(world.store)[code].permissions == {"overview.read"} | BASE
    assert screen.widget("new.name").value == ""
    screen.set("role", code)
    screen.widget("#designation.read").check()
    screen.widget("#factor").set_value(True)
    screen.press("保存修改")
    role = roles.known(world.store)[code]
    assert (role.permissions, role.second_factor) == ({"overview.read", "designation.read"} | BASE, True)
    screen.click("#remove")
    assert "已删除" in screen.said("success")
    assert roles.known(world.store) == dict(SHIPPED)


def test_a_permission_taken_away_closes_the_page_at_the_next_click(world: World) -> None:
    reviewer = Screen(world, "district", "statistics/overview.py")
    assert reviewer.titles == ["产业总览"]
    screen = Screen(world, "administrator", ROLES).set("role", "district_reviewer")
    screen.widget("#overview.read").uncheck()
    screen.press("保存修改")
    reviewer.run()
    assert "没有“查看产业总览、区域、产业链”的权限" in reviewer.said("error")


def test_nobody_changes_his_own_role(world: World) -> None:
    screen = Screen(world, "administrator", ROLES).set("role", "administrator")
    assert "只能查看" in screen.said("markdown") and PERMISSIONS["role.manage"] in screen.said("markdown").replace(
        "\\", ""
    )
    assert not [button for button in screen.at.button if button.label in ("保存修改", "确认删除")]
    with pytest.raises(Refused, match="不能修改自己所属的角色"):
        roles.change(world.visit("administrator"), "administrator", 0, name="别名")
    assert "role.manage" in roles.known(world.store)["administrator"].permissions


def test_the_enterprise_s_role_is_shown_and_has_no_button(world: World) -> None:
    screen = Screen(world, "administrator", ROLES).set("role", "enterprise")
    assert "填写并提交本企业填报" in screen.said("markdown")
    assert not [button for button in screen.at.button if button.label in ("保存修改", "确认删除")]


def test_a_park_is_added_moved_and_removed(world: World) -> None:
    keeper = world.visit("administrator")
    screen = Screen(world, "administrator", ORGANISATIONS)
    assert "还没有园区" in screen.said("info")
    screen.widget("new.name").set_value("光谷软件园")
    screen.widget("new.parent").set_value("GX")
    screen.press("新增")
    park = next(each for each, name in organisations.names(keeper).items() if name.endswith("光谷软件园"))
    screen.set("park", park)
    screen.widget("#name").set_value("光谷软件园二期")
    screen.widget("#parent").set_value("HS")
    screen.click("#save")
    assert organisations.names(keeper)[park] == "洪山区 / 光谷软件园二期"
    organisations.add(keeper, "片区", park)
    screen.click("#remove")
    assert "1 个下级机构" in screen.said("error")
    assert park in organisations.names(keeper)


def test_an_account_is_put_into_a_park(world: World) -> None:
    keeper = world.visit("administrator")
    park = organisations.add(keeper, "光谷软件园", "GX")
    screen = Screen(world, "administrator", "access/accounts.py")
    screen.at.query_params["account"] = "local-gxreviewer"
    screen.run()
    screen.widget("#organisation").set_value(park)
    screen.press("保存修改")
    assert account_admin.one(keeper, "local-gxreviewer")["organisation_id"] == park
    assert world.visit("district").scope.words == "东湖高新区 / 光谷软件园"
    assert "光谷软件园" in Screen(world, "district", "access/profile.py").said("markdown")


def test_enterprises_are_placed(world: World) -> None:
    world.admit("enterprise")
    keeper = world.visit("administrator")
    park = organisations.add(keeper, "光谷软件园", "GX")
    elsewhere = organisations.add(keeper, "洪山园", "HS")
    screen = Screen(world, "administrator", PLACEMENTS)
    assert NAMES["enterprise"] in str(screen.tables[0])
    assert "还没有勾选企业" in screen.said("caption")
    screen.at.session_state["0@1.list"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    screen.run()
    screen.widget("park").set_value(elsewhere)
    screen.press("保存")
    assert "区属不是洪山区" in screen.said("error")
    screen.widget("park").set_value(park)
    screen.widget("officer").set_value("local-officer")
    screen.press("保存")
    assert "1 家企业" in screen.said("success")
    assert world.store.rows("SELECT * FROM placements") == [
        {"enterprise_id": NEAR, "organisation_id": park, "officer_id": "local-officer"}
    ]
