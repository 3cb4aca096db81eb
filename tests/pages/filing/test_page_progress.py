"""填报进度 on the screen: the numbers of each persona, and what a reminder leaves in the store."""

from datetime import datetime

from data.filing import progress, reminders
from data.messaging import messages
from tests.data.filing.test_progress import FAR, NEAR, ROUND, this_round
from tests.pages.walk import Screen
from tests.world import NAMES, World

PAGE = "filing/progress.py"


def metrics(screen: Screen) -> dict[str, str]:
    return {metric.label: metric.value.split(" ")[0] for metric in screen.at.metric}


def history(world: World, enterprise: str) -> list[str]:
    return [row.template for row in reminders.history(world.visit("city"), this_round(world), enterprise)]


def test_numbers_and_lists(world: World) -> None:
    world.admit("enterprise"), world.account("other")
    screen = Screen(world, "city", PAGE)
    shown = metrics(screen)
    assert (shown["应报"], shown["已报（50.00%）"], shown["其中入库"], shown["未开始"]) == ("2", "1", "1", "1")
    assert NAMES["other"] in str(screen.tables[-1]) and NAMES["enterprise"] not in str(screen.tables[-1])
    assert "没有须填报的企业" in Screen(world, "other_district", PAGE).said("info")


def test_ticked_ones_are_reminded_as_written(world: World) -> None:
    world.save("enterprise"), world.account("other")
    screen = Screen(world, "city", PAGE)
    assert screen.button("催报所选 0 家").disabled
    key = "0@unfinished.stake.people"
    place = (
        progress.unfinished(progress.listing(world.visit("city"), this_round(world)))["enterprise_id"]
        .to_list()
        .index(NEAR)
    )
    screen.at.session_state[key] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    screen.run()
    screen.widget("@template").set_value("draft")
    screen.run().widget("draft.title").set_value("请尽快提交【企业名称】")
    screen.press("催报所选 1 家")
    assert "已向 1 家企业发送催报" in screen.said("success")
    assert (history(world, NEAR), history(world, FAR)) == (["draft"], [])
    assert messages.inbox(world.visit("enterprise"))[0].title == f"请尽快提交{NAMES['enterprise']}"


def test_all_of_a_list_are_reminded_and_the_late_passed_on(world: World) -> None:
    world.save("enterprise"), world.account("other")
    world.clock.now = datetime(2026, 2, 3, 2, 0)
    screen = Screen(world, "city", PAGE).set("view", "draft").press("确认全部催报")
    assert "已向 1 家企业发送催报" in screen.said("success")
    assert (history(world, NEAR), history(world, FAR)) == (["late"], [])
    screen.click("escalate.district")
    assert "1 位区级审核人员" in screen.said("success")
    assert messages.inbox(world.visit("district"))[0].title == "1 家企业逾期未报"
    assert Screen(world, "district", "messaging/messages.py").said("title") == "站内信"


def test_a_text_that_does_not_fit_is_said_and_kept(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "district", PAGE)
    screen.widget("due.title").set_value(" ")
    screen.widget("due.text").set_value("我写的内容")
    screen.press("确认全部催报")
    assert "标题" in screen.said("error")
    assert screen.widget("due.text").value == "我写的内容"
    assert history(world, NEAR) == []


def test_who_may_only_look_has_no_button(world: World) -> None:
    from data.access import account_admin, roles

    world.save("enterprise")
    keeper = world.visit("administrator")
    code = roles.add(keeper, name="观察员", permissions=frozenset({"progress.read"}), scope="all")
    account_admin.change(keeper, "local-officer", 1, {"role": code})
    screen = Screen(world, "city", PAGE)
    assert metrics(screen)["应报"] == "1"
    assert not [button for button in screen.at.button if "催报" in button.label]
    assert this_round(world).id == ROUND


def test_the_list_leads_to_its_file_as_filtered(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "city", PAGE)
    screen.set("view", "draft")
    (link,) = [link for link in screen.at.get("link_button") if link.proto.label == "导出 CSV"]
    assert link.proto.url == "/exports/progress.csv?round=2025&view=draft&order=stake"
