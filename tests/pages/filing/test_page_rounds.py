"""填报期 on the screen; what each press leaves in the store."""

from datetime import date, datetime

from data.access import accounts
from data.filing import periods, rounds
from tests.pages.walk import Screen
from tests.world import USCC, World

PAGE = "filing/rounds.py"


def closing(world: World) -> dict[str, date]:
    return {each.id: each.closes for each in periods.rounds(world.store)}


def test_a_round_is_set_and_its_end_put_off(world: World) -> None:
    screen = Screen(world, "city", PAGE)
    screen.widget("@new.year").set_value("2026")
    screen.widget("@new.opens").set_value("2026-04-05")
    screen.widget("@new.closes").set_value("2026年4月20日")
    screen.press("新设")
    assert "已新设 2026 年度" in screen.said("success")
    assert closing(world) == {"2025": date(2026, 1, 31), "2026": date(2026, 4, 20)}
    assert screen.widget("@new.year").value == ""
    screen.widget("2025#1#closes").set_value("2026-02-10")
    next(button for button in screen.at.button if button.label == "保存" and "2025#1#" in str(button.form_id)).click()
    screen.run()
    assert closing(world)["2025"] == date(2026, 2, 10)


def test_what_does_not_fit_says_why_and_keeps_what_was_typed(world: World) -> None:
    screen = Screen(world, "city", PAGE)
    screen.press("新设")
    assert "“填报年度”“”不是年份" in screen.said("error")
    screen.widget("@new.year").set_value("2025")
    screen.widget("@new.opens").set_value("明天")
    screen.press("新设")
    assert "不是日期" in screen.said("error")
    screen.widget("@new.opens").set_value("2026-01-20")
    screen.widget("@new.closes").set_value("2026-02-20")
    screen.press("新设")
    assert "重叠" in screen.said("error")
    assert screen.widget("@new.closes").value == "2026-02-20"
    assert len(closing(world)) == 1


def test_what_filings_rest_on_cannot_be_typed_over(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "city", PAGE)
    assert [screen.widget(f"2025#1#{name}").disabled for name in ("year", "opens", "columns", "closes", "obliged")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert "已填的数据属于原来的年度和列" in screen.said("caption")


def test_one_enterprise_is_found_unlocked_and_locked_again(world: World) -> None:
    world.token("enterprise")
    identity = accounts.enterprise_id(USCC["enterprise"])
    world.clock.now = datetime(2026, 2, 2, 2)
    world.tokens.clear()
    screen = Screen(world, "city", PAGE)
    screen.set("unlock.q", "没有的")
    assert "没有符合条件的企业" in screen.said("info")
    world.token("other")
    screen.set("unlock.q", "有限公司")
    assert screen.widget("#unlock.enterprise").value is None  # of several none is taken by itself
    screen.press("解锁")
    assert "请先选择企业" in screen.said("error")
    screen.set("unlock.q", "测试智能")
    assert screen.widget("#unlock.enterprise").value == f"{identity}.2025"
    screen.press("解锁")
    assert "“可填至”须填写" in screen.said("error")
    screen.widget("@unlock.until").set_value("2026-02-10")
    screen.widget("@unlock.reason").set_value("企业来函 [x](http://evil.test)")
    screen.press("解锁")
    assert "可填至 2026-02-10" in screen.said("success").replace("\\", "")
    ((row),) = rounds.unlocked(world.visit("city"))
    assert (row.enterprise_id, row.until) == (identity, date(2026, 2, 10))
    assert "[x](" not in screen.said("markdown")
    enterprise = Screen(world, "enterprise", "filing/workbench.py")
    assert "2026-02-10" in enterprise.said("caption")
    assert not Screen(world, "enterprise", "filing/basic.py").widget(".contact_name").disabled
    screen.click("#relock")
    assert rounds.unlocked(world.visit("city")) == []
