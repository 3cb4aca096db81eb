"""通知公告 and 公告管理 on the screen; what each press leaves in the store."""

from dataclasses import replace
from typing import Any

import pytest

from core.messaging.notice import NoticeDraft
from data.messaging import notices
from tests.core import samples
from tests.pages.test_page_walk import HOSTILE, as_markup
from tests.pages.walk import Screen
from tests.world import World

READ, MANAGE = "messaging/notices.py", "messaging/notices_manage.py"
GIVEN = NoticeDraft("填报通知", "第一段\n第二段", pinned=False, roles=(), districts=(), until="")


@pytest.fixture(autouse=True)
def filed(world: World) -> None:
    """ "enterprise" has filed in GX, "other" in HS."""
    world.save("enterprise")
    world.save("other", samples.put(samples.clean(), {"basic.district": "HS"}))


def published(world: World, **more: Any) -> str:
    identity = notices.draft(world.visit("city"), replace(GIVEN, **more))
    notices.publish(world.visit("city"), identity, 1)
    return identity


def opened(world: World, persona: str, page: str, notice: str) -> Screen:
    screen = Screen(world, persona, page)
    screen.at.query_params["notice"] = notice
    return screen.run()


def test_a_notice_counts_as_unread_until_it_is_opened(world: World) -> None:
    identity = published(world)
    assert "未读：公告 1" in Screen(world, "enterprise", READ).said("page_link")
    screen = opened(world, "enterprise", READ, identity)
    assert "第二段" in screen.said("markdown")
    assert "未读" not in screen.said("page_link")
    assert notices.unread(world.visit("enterprise")) == 0
    assert notices.unread(world.visit("other")) == 1


def test_a_notice_for_one_district_is_shown_in_it_only(world: World) -> None:
    identity = published(world, districts=["GX"], pinned=True)
    for persona in ("enterprise", "district", "city"):
        assert "【置顶】填报通知" in str(Screen(world, persona, READ).tables), persona
    for persona in ("other", "other_district"):
        screen = opened(world, persona, READ, identity)
        assert "目前没有公告" in screen.said("info")
        assert "填报通知" not in screen.said() + str(screen.tables)


def test_drafted_published_read_changed_withdrawn(world: World) -> None:
    screen = Screen(world, "city", MANAGE)
    assert "还没有公告" in screen.said("info")
    screen.widget("new.title").set_value("新通知")
    screen.widget("new.text").set_value("内容")
    screen.widget("new.districts").set_value(["GX"])
    screen.widget("new.roles").set_value(["enterprise"])
    screen.widget("new.until").set_value("2026-01-31")
    screen.widget("new.pinned").set_value(True)
    screen.press("存为草稿")
    row = notices.listing(world.visit("city"))[0].notice
    assert (row.title, row.state, row.pinned, row.roles, row.districts, str(row.until)) == (
        "新通知",
        "draft",
        True,
        ("enterprise",),
        ("GX",),
        "2026-01-31",
    )
    assert screen.widget("new.title").value == ""
    screen.click("publish")
    assert notices.unread(world.visit("enterprise")) == 1
    notices.one(world.visit("enterprise"), row.id)
    assert "已读 1，阅读率 100.00%" in screen.run().said("markdown")
    screen.widget(f"{row.id}#text").set_value("改正")
    screen.press("保存修改")
    assert notices.one(world.visit("enterprise"), row.id).notice.text == "改正"
    screen.click("withdraw")
    assert notices.mine(world.visit("enterprise")) == []
    assert "已撤回" in str(screen.tables)
    screen.click("publish")
    assert notices.mine(world.visit("enterprise"))


def test_what_does_not_fit_is_said_and_what_was_typed_stays(world: World) -> None:
    screen = Screen(world, "administrator", MANAGE)
    screen.widget("new.title").set_value("新通知")
    screen.widget("new.text").set_value("内容")
    for until in ("明天", "2020-01-01"):
        screen.widget("new.until").set_value(until)
        screen.press("存为草稿")
        assert "展示至" in screen.said("error")
        assert screen.widget("new.text").value == "内容"
    assert notices.count(world.visit("city")) == 0


def test_a_change_by_another_is_not_overwritten_and_the_input_stays(world: World) -> None:
    identity = published(world)
    screen = opened(world, "city", MANAGE, identity)
    notices.change(world.visit("administrator"), identity, 2, replace(GIVEN, text="别人的"))
    screen.widget(f"{identity}#text").set_value("我的")
    screen.press("保存修改")
    assert "刚刚被别人修改过" in screen.said("error")
    assert screen.widget(f"{identity}#text").value == "我的"
    assert notices.standing(world.visit("city"), identity).notice.text == "别人的"
    # Who comes back later starts from what stands now.
    screen.open(READ)
    screen.open(MANAGE)
    screen.at.query_params["notice"] = identity
    screen.run()
    assert screen.widget(f"{identity}#text").value == "别人的"
    screen.widget(f"{identity}#text").set_value("我的")
    screen.press("保存修改")
    assert notices.standing(world.visit("city"), identity).notice.text == "我的"


def test_hostile_notices_are_shown_as_text(world: World) -> None:
    identity = published(world, title=HOSTILE[:90], text=f"{HOSTILE}\n    {HOSTILE}")
    for persona, page in (("enterprise", READ), ("city", MANAGE)):
        screen = opened(world, persona, page, identity)
        assert "evil" in screen.said()
        assert not as_markup(screen)
