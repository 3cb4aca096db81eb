"""站内信 on the screen: who sees what, and what each press leaves in the store."""

import pytest

from core.messaging.letter import To
from data.access import accounts
from data.messaging import messages
from data.store.store import SYSTEM
from tests.core import samples
from tests.pages.test_page_walk import HOSTILE, as_markup
from tests.pages.walk import Screen
from tests.world import NAMES, USCC, World

PAGE = "messaging/messages.py"
NEAR = accounts.enterprise_id(USCC["enterprise"])


@pytest.fixture(autouse=True)
def filed(world: World) -> None:
    """ "enterprise" has filed in GX, "other" in HS."""
    world.save("enterprise")
    world.save("other", samples.put(samples.clean(), {"basic.district": "HS"}))


def opened(world: World, persona: str, message: str, view: str | None = None) -> Screen:
    screen = Screen(world, persona, PAGE)
    if view:
        screen.set("view", view)
    screen.at.query_params["message"] = message
    return screen.run()


def post(world: World, to: To, persona: str = "city") -> str:
    return messages.post(world.visit(persona), to, "请补充材料", "第一段\n第二段")[0]


def write(screen: Screen, title: str = "请补充材料", text: str = "内容") -> Screen:
    screen.widget("@title").set_value(title)
    screen.widget("@text").set_value(text)
    return screen.press("发送")


def test_the_menu_counts_the_unread_and_the_look_takes_one_off(world: World) -> None:
    identity = post(world, To(district=""))
    assert "未读：站内信 1" in Screen(world, "other", PAGE).said("page_link")
    screen = opened(world, "enterprise", identity)
    assert "未读" not in screen.said("page_link")
    assert "第二段" in screen.said("markdown")
    assert messages.unread(world.visit("enterprise")) == 0
    assert messages.unread(world.visit("other")) == 1


def test_another_enterprise_sees_neither_the_list_nor_the_letter(world: World) -> None:
    identity = post(world, To(enterprises=(NEAR,)), "district")
    assert "请补充材料" in str(Screen(world, "enterprise", PAGE).tables)
    for persona in ("other", "other_district", "city"):
        screen = opened(world, persona, identity)
        assert "不是发给您的" in screen.said("error")
        assert "第一段" not in screen.said()
        assert not screen.tables


def test_an_enterprise_answers_and_the_officer_reads_it(world: World) -> None:
    identity = post(world, To(enterprises=(NEAR,)), "district")
    screen = opened(world, "enterprise", identity)
    screen.widget("words").set_value("已经补充")
    screen.press("回复")
    assert "已回复" in screen.said("success")
    assert screen.widget("words").value == ""
    (answer,) = messages.inbox(world.visit("district"))
    assert answer.title == "回复：请补充材料"
    shown = opened(world, "district", answer.id)
    assert "已经补充" in shown.said("markdown")
    assert "第一段" in shown.said("markdown")


def test_an_empty_answer_is_refused_in_words(world: World) -> None:
    identity = post(world, To(enterprises=(NEAR,)), "district")
    screen = opened(world, "enterprise", identity).press("回复")
    assert "内容" in screen.said("error")
    assert messages.inbox(world.visit("district")) == []


def test_all_read(world: World) -> None:
    for _ in range(2):
        post(world, To(district=""))
    screen = Screen(world, "enterprise", PAGE).press("全部已读")
    assert messages.unread(world.visit("enterprise")) == 0
    assert "2 封" in screen.said("success")
    screen.set("only", True)
    assert "没有未读" in screen.said("info")


def test_a_link_leads_to_the_record(world: World) -> None:
    account = world.account("enterprise")
    for link in ("/basic?x=1", "https://evil.test/basic", "//evil.test/basic", "/nowhere"):
        identity = world.store.write(
            lambda t, link=link: messages.send(t, SYSTEM, to=[account], title="提醒", text="x", link=link)
        )
        screen = opened(world, "enterprise", identity)
        if link.startswith("/basic"):
            screen.press("打开相关记录")
            assert screen.titles == ["基础信息"]
        else:
            assert not [button for button in screen.at.button if button.label == "打开相关记录"]


def test_a_reviewer_writes_to_an_enterprise_of_the_district_and_sees_its_receipt(world: World) -> None:
    screen = Screen(world, "district", PAGE).set("view", "写信")
    assert list(screen.widget("@to").options) == [NAMES["enterprise"]]
    screen.set("@to", [NEAR])
    assert "1 个账号" in screen.said("caption")
    write(screen)
    assert "已发送给 1 个账号" in screen.said("success")
    (sent,) = messages.sent(world.visit("district"))
    shown = opened(world, "district", sent.id, "已发送")
    assert "已读 0，未读 1" in shown.said("markdown")
    messages.one(world.visit("enterprise"), sent.id)
    assert "已读 1，未读 0" in shown.run().said("markdown")


def test_what_is_chosen_stays_through_another_search(world: World) -> None:
    screen = Screen(world, "city", PAGE).set("view", "写信").set("@to", [NEAR])
    screen.set("@query", "另一家")
    assert screen.widget("@to").value == [NEAR]
    screen.set("@query", "没有这样的企业")
    assert list(screen.widget("@to").options) == [NAMES["enterprise"]]  # found before, not chosen: gone
    write(screen)
    assert len(messages.inbox(world.visit("enterprise"))) == 1
    assert messages.inbox(world.visit("other")) == []


def test_a_whole_district_and_a_role_with_a_copy(world: World) -> None:
    screen = Screen(world, "city", PAGE).set("view", "写信").set("@way", "district").set("@district", "HS")
    screen.widget("@copy").set_value(True)
    write(screen)
    assert [row.handed_over for row in messages.sent(world.visit("city"))] == [1]
    assert messages.unread(world.visit("other")) == 1
    assert messages.unread(world.visit("enterprise")) == 0
    screen.set("@way", "role").set("@role", "district_reviewer")
    write(screen)
    assert (messages.unread(world.visit("district")), messages.unread(world.visit("other_district"))) == (1, 1)
    assert (world.folder / "outgoing").exists()


def test_what_did_not_go_out_is_handed_over_again(world: World) -> None:
    (world.folder / "outgoing").write_text("a file where the folder should be")
    messages.post(world.visit("city"), To(district="HS"), "标题", "内容", copy=True)
    screen = Screen(world, "city", PAGE).set("view", "已发送")
    assert "失败 1" in str(screen.tables)
    assert "仍有 1 份未成功" in screen.press("重试外发").said("error")
    (world.folder / "outgoing").unlink()
    assert "外发成功 1 份" in screen.press("重试外发").said("success")
    assert "已交付 1" in str(screen.tables)


def test_without_a_recipient_what_was_typed_stays(world: World) -> None:
    screen = write(Screen(world, "city", PAGE).set("view", "写信").set("@way", "role"))
    assert "收件人" in screen.said("error")
    assert screen.widget("@text").value == "内容"
    assert messages.count_sent(world.visit("city")) == 0


def test_an_enterprise_has_neither_the_sent_nor_the_form(world: World) -> None:
    screen = Screen(world, "enterprise", PAGE)
    assert not screen.keys("view")
    screen.at.query_params["view"] = "写信"
    assert "还没有收到站内信" in screen.run().said("info")


def test_hostile_letters_are_shown_as_text(world: World) -> None:
    identity = messages.post(
        world.visit("district"), To(enterprises=(NEAR,)), HOSTILE[:90], f"{HOSTILE}\n\n    {HOSTILE}"
    )[0]
    answer = messages.reply(world.visit("enterprise"), identity, HOSTILE)
    for screen in (
        opened(world, "enterprise", identity), opened(world, "district", answer), opened(world, "district", identity, "已发送"),
    ):  # fmt: skip
        assert "evil" in screen.said()
        assert not as_markup(screen)
