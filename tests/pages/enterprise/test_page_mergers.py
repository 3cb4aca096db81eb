"""企业合并, changes of a day to come and filings of earlier rounds on the screen: each press, and what the store holds afterwards."""

from datetime import date, timedelta

import pytest

from data.access.accounts import enterprise_id
from data.enterprise import mergers, moves, profile
from data.filing import filings, rounds
from data.review import decisions
from tests.data.filing import setting
from tests.pages.walk import Screen, written
from tests.world import NAMES, USCC, World

ENTERPRISE, WORKBENCH, SUBMIT, BASIC = (
    "enterprise/enterprise.py",
    "filing/workbench.py",
    "filing/submit.py",
    "filing/basic.py",
)
STEPS = (BASIC, "filing/technology.py", "filing/business.py", "filing/market.py", SUBMIT)
A, B = enterprise_id(USCC["enterprise"]), enterprise_id(USCC["other"])
TODAY = date(2026, 1, 10)
SENTENCE = f"自 2026-01-10 起并入“{NAMES['other']}”"


@pytest.fixture(autouse=True)
def both(world: World) -> None:
    for persona in USCC:
        world.account(persona)


def on(world: World, enterprise: str, persona: str = "city") -> Screen:
    screen = Screen(world, persona, ENTERPRISE)
    screen.at.query_params["id"] = enterprise
    screen.run()
    assert not screen.at.exception
    return screen


def said(screen: Screen, *kinds: str) -> str:
    return screen.said(*kinds).replace("\\", "")


def links(screen: Screen) -> list[str]:
    return [link.proto.label.replace("\\", "") for link in screen.at.get("page_link")]


def merged(world: World) -> None:
    mergers.merge(world.visit("city"), A, 0, into=B, since=TODAY, reason="吸收合并")


def fill(screen: Screen, since: str, reason: str) -> Screen:
    screen.set("merge#q", "另一家")
    assert screen.widget("#into").value == B, "the only one that fits is chosen"
    screen.set("merge#since", since).set("merge#reason", reason).set("merge#document", "武市监〔2026〕3号")
    return screen


def test_the_city_merges_and_both_pages_say_so(world: World) -> None:
    screen = fill(on(world, A), "2026-01-10", "吸收合并")
    assert "未办结的填报停止办理" in said(screen, "markdown")
    screen.click("merge#confirm")
    assert "合并已登记并生效" in said(screen, "success")
    stands = profile.merger(world.visit("city"), A)
    assert (stands.into_id, stands.effective, stands.document) == (B, TODAY, "武市监〔2026〕3号")
    assert f"自 2026-01-10 起已并入“{NAMES['other']}”" in said(screen, "warning")
    assert f"已并入：{NAMES['other']}" in links(screen)
    assert f"并入企业：{NAMES['enterprise']}（自 2026-01-10 起）" in links(on(world, B))
    screen.widget("unmerge.reason").set_value("登记有误")
    screen.press("确认撤销")
    assert "恢复填报" in said(screen, "success")
    assert profile.merger(world.visit("city"), A).into_id is None


def test_what_is_missing_is_said_and_what_was_typed_stays(world: World) -> None:
    screen = fill(on(world, A), "明天", "吸收合并")
    before = written(world)
    screen.click("merge#confirm")
    assert "不是日期" in said(screen, "error")
    assert screen.widget("merge#reason").value == "吸收合并"
    screen.set("merge#since", "2026-01-10").set("merge#reason", "").click("merge#confirm")
    assert "请写明“合并原因”" in said(screen, "error")
    screen.set("merge#q", "没有这样的企业")
    assert "没有符合条件的企业" in said(screen, "info")
    assert written(world) == before


def test_two_officers_at_once_the_second_is_told(world: World) -> None:
    one, two = (fill(on(world, A), "2026-01-10", "吸收合并") for _ in range(2))
    one.click("merge#confirm")
    facts = written(world)
    two.click("merge#confirm")
    assert said(two, "error") or "已并入" in said(two, "warning")
    assert written(world) == facts


def test_a_merger_of_a_day_to_come_waits_on_the_page_and_is_withdrawn_there(world: World) -> None:
    screen = fill(on(world, A), "2026-01-20", "吸收合并").click("merge#confirm")
    assert "到生效之日自动办理" in said(screen, "success")
    assert "待生效" in said(screen, "markdown")
    assert profile.planned(world.visit("city"), A)["merge"].effective == date(2026, 1, 20)
    assert "merge#confirm" not in "".join(screen.keys())
    screen.widget("merge#drop.reason").set_value("文件已撤销")
    screen.press("确认撤回")
    assert profile.planned(world.visit("city"), A) == {}
    assert "待生效的企业合并已撤回" in said(screen, "success")


def test_a_move_of_a_day_to_come_waits_on_the_page_and_is_withdrawn_there(world: World) -> None:
    world.admit("enterprise")
    screen = on(world, A)
    screen.widget("#district").set_value("HS")
    screen.widget(f"move#{A}#since").set_value("2026-01-20")
    screen.widget(f"move#{A}#reason").set_value("迁址证明")
    screen.press("调整区属")
    assert "将自 2026-01-20 起调整为洪山区" in said(screen, "success")
    assert "区属调整：自 2026-01-20 起，调整为“洪山区”" in said(screen, "markdown").replace("*", "")
    assert moves.standing(world.visit("city"), A).district == "GX"
    assert "待生效" in said(on(world, A, "district"), "markdown"), "the district reads it too"
    screen.widget("move#drop.reason").set_value("文件已撤销")
    screen.press("确认撤回")
    assert profile.planned(world.visit("city"), A) == {}


@pytest.mark.parametrize("persona", ["district", "administrator"])
def test_others_read_of_it_and_change_nothing(world: World, persona: str) -> None:
    world.admit("enterprise")
    merged(world)
    screen = on(world, A, persona)
    assert "已并入" in said(screen, "warning")
    assert not [widget.key for widget in screen.widgets() if "merge" in str(widget.key) or "move#" in str(widget.key)]
    assert any(label.startswith("已并入") for label in links(screen)) == (persona == "administrator"), (
        "no way to what one may not open"
    )


@pytest.mark.parametrize("page", [WORKBENCH, *STEPS])
def test_who_went_into_another_reads_why_nothing_is_asked(world: World, page: str) -> None:
    world.save("enterprise")
    merged(world)
    screen = Screen(world, "enterprise", page)
    assert not screen.at.exception
    assert SENTENCE in said(screen, "warning")
    assert SENTENCE not in said(Screen(world, "other", page), "warning")
    if page == BASIC:
        assert screen.widget(".contact_name").disabled
        assert screen.widget(".contact_name").value == "张三"


def test_the_reviewer_reads_why_nothing_can_be_decided(world: World) -> None:
    filing = world.submit("enterprise")
    merged(world)
    screen = Screen(world, "district", "review/review.py")
    screen.at.query_params["filing"] = filing.id
    screen.run()
    assert SENTENCE in said(screen, "warning")
    assert not [button.label for button in screen.at.button if button.label in ("通过", "区级通过", "退回")]


def test_the_register_names_the_other_side(world: World) -> None:
    world.admit("enterprise")
    merged(world)
    shown = Screen(world, "city", "enterprise/enterprises.py").tables[0]
    assert f"已并入{NAMES['other']}" in shown["入库"].to_list()


# --- earlier rounds ------------------------------------------------------------------------------------


def sent_back(world: World) -> filings.Filing:
    filing = world.submit("enterprise")
    world.clock.now += timedelta(days=40)
    setting.add(
        world.visit("city"),
        year=2026,
        columns=("q1",),
        opens=date(2026, 2, 10),
        closes=date(2026, 3, 10),
        obliged="all",
        districts=(),
    )
    decisions.decide(
        world.visit("district"), filing.id, filing.revision, "return", reasons={"basic.contact_name": "联系人有误"}
    )
    return filings.one(world.visit("city"), filing.id)


def earlier(world: World, page: str, named: str = "2025") -> Screen:
    world.visit("enterprise")  # the clock was moved: another session
    screen = Screen(world, "enterprise", page)
    screen.at.query_params["round"] = named
    screen.run()
    assert not screen.at.exception
    return screen


def test_the_officer_unlocks_it_on_the_page(world: World) -> None:
    old = sent_back(world)
    screen = Screen(world, "city", "filing/rounds.py").set("unlock.q", "测试")
    screen.widget("unlock.enterprise").set_value(old.id)
    screen.widget("unlock.until").set_value("2026-03-01")
    screen.widget("unlock.reason").set_value("同意补正上期填报")
    screen.press("解锁")
    assert [row.filing_id for row in rounds.unlocked(world.visit("city"))] == [old.id]
    assert "2025年度填报" in said(screen, "markdown")
    screen.click(f"{old.id}#relock")
    assert rounds.unlocked(world.visit("city")) == []


def test_the_workbench_names_it_and_says_whether_it_can_be_mended(world: World) -> None:
    sent_back(world)
    for persona in USCC:
        world.visit(persona)  # the clock was moved: another session
    screen = Screen(world, "enterprise", WORKBENCH)
    assert "已被退回，但已于 2026-01-31 截止" in said(screen, "info")
    assert "查看2025期填报" in links(screen)
    rounds.unlock(world.visit("city"), A, date(2026, 3, 1), "同意补正", round_id="2025")
    screen.run()
    assert "已被退回，可填至 2026-03-01" in said(screen, "warning")
    assert "修改2025期填报" in links(screen)
    assert "往期填报" not in said(Screen(world, "other", WORKBENCH))


def test_it_is_mended_and_submitted_under_its_own_address(world: World) -> None:
    old = sent_back(world)
    rounds.unlock(world.visit("city"), A, date(2026, 3, 1), "同意补正", round_id="2025")
    screen = earlier(world, BASIC)
    assert "这是往期填报“2025年度填报" in said(screen, "info")
    assert "联系人有误" in said(screen, "markdown")
    screen.set(".contact_name", "王五")
    assert filings.one(world.visit("enterprise"), old.id).content["basic"]["contact_name"] == "王五"
    assert world.store.rows("SELECT id FROM filings") == [{"id": old.id}]
    earlier(world, SUBMIT).set("agreed", True).press("提交")
    assert filings.one(world.visit("enterprise"), old.id).state == "submitted"


def test_going_from_one_round_to_the_other_in_the_same_tab_carries_nothing_over(world: World) -> None:
    """What stands in the form of one round is never saved into the other, also when typed just before leaving."""
    old = sent_back(world)
    rounds.unlock(world.visit("city"), A, date(2026, 3, 1), "同意补正", round_id="2025")
    screen = earlier(world, BASIC).set(".contact_name", "往期的人")
    screen.widget(".contact_name").set_value("往期的另一人")  # typed, and at once away
    del screen.at.query_params["round"]
    screen.run()
    assert "2026年度填报" in said(screen, "caption")
    assert filings.one(world.visit("enterprise"), old.id).content["basic"]["contact_name"] == "往期的另一人"
    screen.set(".contact_phone", "13900139000")
    new = filings.mine(world.visit("enterprise"))
    assert new is not None
    assert new.content["basic"]["contact_phone"] == "13900139000"
    assert filings.one(world.visit("enterprise"), old.id).content["basic"]["contact_phone"] == "13800138000"
    screen.at.query_params["round"] = "2025"
    screen.run()
    assert screen.widget(".contact_phone").value == "13800138000"
    assert filings.one(world.visit("enterprise"), old.id).content["basic"]["contact_phone"] == "13800138000"


def test_an_address_of_the_round_that_runs_is_no_earlier_one(world: World) -> None:
    screen = earlier(world, SUBMIT)
    assert "2025年度填报" in said(screen, "caption")
    assert "往期" not in said(screen)


@pytest.mark.parametrize("page", STEPS)
def test_an_address_of_a_round_that_is_not_ones_own_says_so(world: World, page: str) -> None:
    world.visit("enterprise")
    before = written(world)
    screen = earlier(world, page, "1999")
    assert "没有这一期的填报" in said(screen, "error")
    assert not screen.at.get("text_input")
    assert written(world) == before


def test_reviewers_see_it_in_the_queue_of_the_round_that_runs(world: World) -> None:
    old = sent_back(world)
    rounds.unlock(world.visit("city"), A, date(2026, 3, 1), "同意补正", round_id="2025")
    filings.submit(world.visit("enterprise"), old.id, filings.one(world.visit("enterprise"), old.id).revision)
    screen = Screen(world, "district", "review/review.py")
    assert NAMES["enterprise"] in said(screen, "header")
    assert "2025年度填报" in said(screen, "caption")
