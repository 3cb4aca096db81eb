"""例会 on the screen: called, prepared and frozen on the list page; shown screen by screen at an address, by key or by itself."""

from datetime import date
from typing import Any

import pytest

from core.access.roles import SHIPPED
from core.meeting.meeting import SCREENS, screens
from core.rule import policy as rule_policy
from core.rule.policy import clauses
from core.what_if import scenario as what_if_scenario
from data.access import roles
from data.directory import classified
from data.meeting import meetings
from data.meeting import scenario as meeting_scenario
from data.report import reports
from data.review import corrections
from data.what_if import scenarios
from tests.core import samples
from tests.data.directory.test_classified import admitted, full
from tests.data.meeting.test_meetings import called, frozen
from tests.pages.walk import Screen
from tests.world import NAMES, World
from ui.base.text import plain

LIST, STAGE = "meeting/meetings.py", "meeting/meeting.py"


def stage(world: World, persona: str, **address: Any) -> Screen:
    """The presentation at an address."""
    screen = Screen(world, persona)
    screen.at.switch_page(STAGE)
    for name, value in address.items():
        screen.at.query_params[name] = str(value)
    screen.at.run()
    assert not screen.at.exception
    return screen


def at(screen: Screen, name: str) -> str:
    """What the address says."""
    found = screen.at.query_params.get(name, "")
    return found[0] if isinstance(found, list) else found


def all_said(screen: Screen) -> str:
    cells = [str(value) for table in screen.tables for row in table.values.tolist() for value in row]
    metrics = [f"{metric.label} {metric.value} {metric.delta}" for metric in screen.at.metric]
    return "\n".join(
        [screen.said("title", "header", "markdown", "caption", "html", "info", "success"), *cells, *metrics]
    )


# --- the list -----------------------------------------------------------------------------------------------


def test_a_meeting_is_called_changed_noted_decided_and_frozen(world: World) -> None:
    admitted(world, "enterprise")
    screen = Screen(world, "city", LIST)
    assert "还没有例会" in screen.said("info")
    screen.widget("new.day").set_value("2026-01-12")
    screen.widget("new.title").set_value("人工智能周例会")
    screen.press("召集")
    assert "已召集“人工智能周例会”" in screen.said("success").replace("\\", "")
    (meeting,) = meetings.listing(world.visit("city"))
    assert (meeting.title, meeting.day, meeting.year, meeting.district) == (
        "人工智能周例会",
        date(2026, 1, 12),
        2025,
        "",
    )

    screen.widget("#title").set_value("改过的名称")
    screen.press("保存")
    screen.widget("#text").set_value("各区周五前报齐")
    screen.widget("#who").set_value("各区经信部门")
    screen.widget("#due").set_value("2026-01-16")
    screen.press("记录")
    screen.set("#screen", "late")
    screen.widget("words@late").set_value("点名三个区")
    screen.press("保存备注")
    meeting = meetings.one(world.visit("city"), meeting.id)
    assert (meeting.title, meeting.notes) == ("改过的名称", {"late": "点名三个区"})
    (decision,) = meetings.decisions(world.visit("city"), meeting)
    assert (decision.text, decision.due, decision.done) == ("各区周五前报齐", date(2026, 1, 16), False)

    screen.press("确认冻结")
    meeting = meetings.one(world.visit("city"), meeting.id)
    assert meeting.frozen
    assert not screen.keys("freeze")
    assert not screen.keys("#words@late")
    assert "点名三个区" in screen.said("markdown")
    assert "此后变化" in screen.said("header")
    assert "冻结以来没有变化" in screen.said("success")
    screen.press("办结")
    assert meetings.decisions(world.visit("city"), meeting)[0].done
    screen.press("改为办理中")
    assert not meetings.decisions(world.visit("city"), meeting)[0].done


def test_a_decision_is_struck_before_the_freezing(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    meetings.decide(world.visit("city"), meeting.id, "写错的决议", "甲某", None)
    Screen(world, "city", LIST).press("删去")
    assert meetings.decisions(world.visit("city"), meeting) == []


@pytest.mark.parametrize(
    ("day", "title", "said"), [("", "名称", "日期"), ("昨天", "名称", "不是日期"), ("2026-01-12", "", "名称")]
)
def test_a_meeting_that_cannot_be_called_says_why_and_keeps_what_was_typed(
    world: World, day: str, title: str, said: str
) -> None:
    admitted(world, "enterprise")
    screen = Screen(world, "city", LIST)
    screen.widget("new.day").set_value(day)
    screen.widget("new.title").set_value(title)
    screen.press("召集")
    assert said in screen.said("error")
    assert screen.widget("new.title").value == title
    assert meetings.listing(world.visit("city")) == []


def test_another_meeting_is_chosen_to_compare_with(world: World) -> None:
    admitted(world, "enterprise")
    first, _ = frozen(world, title="第一次"), frozen(world, title="第二次")
    third = called(world, title="第三次", day="2026-02-02")
    screen = Screen(world, "city", LIST)
    assert "第二次" in screen.said("caption")
    screen.widget("#compared").set_value(first.id)
    screen.press("保存")
    assert "第一次" in screen.said("caption")
    assert meetings.one(world.visit("city"), third.id).compared == first.id


def test_a_district_reads_the_city_s_meetings_and_changes_none(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    meetings.decide(world.visit("city"), meeting.id, "一项决议", "甲某", None)
    for persona in ("district", "administrator"):
        screen = Screen(world, persona, LIST)
        assert "一项决议" in screen.said("markdown")
        assert [button.label for button in screen.at.button if button.key] == []


def test_another_district_s_meeting_is_not_to_be_seen(world: World) -> None:
    admitted(world, "enterprise")
    roles.change(
        world.visit("administrator"),
        "district_reviewer",
        0,
        permissions=SHIPPED["district_reviewer"].permissions | {"meeting.manage"},
    )
    own = called(world, "district", district="GX", title="高新区内部例会")
    other = Screen(world, "other_district", LIST)
    assert "高新区内部例会" not in all_said(other)
    shown = stage(world, "other_district", id=own.id)
    assert "没有这次例会，或不在您的管辖范围内" in shown.said("info")
    assert "高新区内部例会" not in all_said(shown)
    assert "高新区内部例会" in all_said(stage(world, "district", id=own.id)).replace("\\", "")


# --- the presentation -----------------------------------------------------------------------------------------


def test_every_screen_opens_and_says_by_what_its_numbers_are(world: World) -> None:
    admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    frozen(world, title="上一次")
    admitted(world, "other", full("1000", "900", "900", "0"), district="HS")
    meeting = frozen(world, title="本次", day="2026-01-19")
    expected = {
        "title": "本次",
        "headline": "按各种读法，纳入统计为",
        "change": "+0.10 亿元",
        "waterfall": "+10,000,000",
        "districts": "洪山区",
        "chain": "应用层",
        "movers": "新入库",
        "late": "应报",
        "demands": "未立项",
        "what_if": "各线含等于 否 → 是",
        "decisions": "还没有决议",
        "since": "各部分之和 +0 元",
    }
    assert list(expected) == screens(frozen=True) == list(SCREENS)
    for number, (code, words) in enumerate(expected.items(), 1):
        screen = stage(world, "city", id=meeting.id, screen=number)
        said = all_said(screen).replace("\\", "")
        assert words in said, code
        assert screen.titles == ["本次" if code == "title" else SCREENS[code]]
        for each in (
            "2025年度全年实际",
            "单位：亿元",
            "数据截至 2026-01-10",
            "（已冻结）",
            "政策 2025-12-30",
            f"{number} / 12",
        ):
            assert each in said, (code, each)


def test_screens_without_data_say_so_in_one_line(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    for code in ("change", "waterfall", "movers"):
        assert "还没有更早的已冻结例会可以比较" in all_said(
            stage(world, "city", id=meeting.id, screen=screens(frozen=False).index(code) + 1)
        )
    for code in ("late", "demands"):
        assert "权限" in all_said(
            stage(world, "administrator", id=meeting.id, screen=screens(frozen=False).index(code) + 1)
        )


def test_late_filers_stand_by_district_with_the_heaviest_named(world: World) -> None:
    admitted(world, "enterprise")
    world.save("other", samples.put(samples.clean(), {"basic.district": "GX"}))
    for persona, said in (("city", True), ("other_district", False)):
        screen = stage(world, persona, id=called(world).id, screen=8)
        rows = [tuple(row) for table in screen.tables for row in table.values.tolist()]
        assert rows == ([("东湖高新区", 2, 1, 1, plain(NAMES["other"]))] if said else [])


def test_movers_say_from_what_to_what_and_why(world: World) -> None:
    filing = admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    frozen(world)
    correct = {"reason": "登记有误"}
    corrections.correct(
        world.visit("city"), filing.id, filing.revision, "business.years.0.full_year.ai_revenue", "1800", **correct
    )
    screen = stage(world, "city", id=called(world).id, screen=7)
    (row,) = [tuple(row) for table in screen.tables for row in table.values.tolist()]
    assert row == (plain(NAMES["enterprise"]), "东湖高新区", "核心", "相关（软件）", "数据更正", "-0.30")


@pytest.mark.parametrize(
    ("key", "start", "reached"),
    [
        ("after", 3, "4"), ("before", 3, "2"), ("first", 3, "1"), ("last", 3, "11"), ("key.Space", 3, "4"), ("key.PageDown", 3, "4"),
        ("key.PageUp", 3, "2"), ("before", 1, "1"), ("after", 11, "11"),
    ],
)  # fmt: skip
def test_the_keys_change_the_screen_in_the_address(world: World, key: str, start: int, reached: str) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    screen = stage(world, "city", id=meeting.id, screen=start)
    screen.at.button(key=key).click()
    screen.run()
    assert (at(screen, "screen"), at(screen, "id")) == (reached, meeting.id)
    assert f"{reached} / 11" in screen.said("caption").replace("\\", "")


@pytest.mark.parametrize("asked", ["0", "99", "x", "-1", "9" * 40])
def test_an_address_that_names_no_screen_shows_one_all_the_same(world: World, asked: str) -> None:
    admitted(world, "enterprise")
    assert stage(world, "city", id=called(world).id, screen=asked).titles[0] in ("全市周例会", "决议")


def test_the_pace_belongs_to_the_address(world: World) -> None:
    admitted(world, "enterprise")
    screen = stage(world, "city", id=called(world).id)
    screen.set("every", "20")
    assert (at(screen, "play"), at(screen, "loop")) == ("20", "")
    screen.set("loop", True)
    assert (at(screen, "play"), at(screen, "loop")) == ("20", "1")


def test_the_presentation_stands_without_the_menu_and_escape_leads_back(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world)
    screen = stage(world, "city", id=meeting.id, screen=2)

    def framed() -> bool:
        return any("/auth/logout" in html.value for html in screen.at.html)

    assert not framed() and not screen.at.sidebar.children
    screen.at.button(key="back").click()
    screen.run()
    assert screen.titles == ["例会"]
    assert framed()


def test_the_frozen_address_shows_the_same_numbers_after_more_is_admitted(world: World) -> None:
    admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    meeting = frozen(world)
    address = {"id": meeting.id, "screen": 2}
    before = [metric.value for metric in stage(world, "city", **address).at.metric]
    admitted(world, "other", full("1000", "900", "900", "0"), district="HS")
    assert [metric.value for metric in stage(world, "city", **address).at.metric] == before
    assert (
        len(classified.classified(world.visit("city"), 2025, meetings.moment(world.visit("city"), meeting).policy)) == 2
    )
    assert "+10,000,000 元" in all_said(stage(world, "city", id=meeting.id, screen=12)).replace("\\", "")


def test_hostile_words_of_a_meeting_are_shown_as_text(world: World) -> None:
    admitted(world, "enterprise")
    meeting = called(world, title="![x](http://evil.test) **b** <b>")
    meetings.decide(world.visit("city"), meeting.id, "**b** $x$", ":red[x]", None)
    for screen in (Screen(world, "city", LIST), *(stage(world, "city", id=meeting.id, screen=n) for n in (1, 11))):
        said = all_said(screen)
        assert "![x" not in said.replace("\\![x", "").replace("\\!\\[x", "")
        assert "**b**" not in said


# --- 本周测算, and the meeting as a file --------------------------------------------------------------------


def test_a_scenario_is_chosen_on_the_list_and_shown_with_what_it_changes(world: World) -> None:
    admitted(world, "enterprise", full("6000", "2700", "2700", "0"))
    meeting = called(world)
    screen = Screen(world, "city", LIST)
    screen.widget("#scenario").set_value("city_2023")
    screen.press("保存测算")
    meeting = meetings.one(world.visit("city"), meeting.id)
    assert meeting.scenario == "全市2023年规则"
    assert screen.widget("#scenario").value == "city_2023"
    shown = stage(world, "city", id=meeting.id, screen=10)
    said = all_said(shown).replace("\\", "")
    for words in ("全市2023年规则", "小微企业核心占比线", "→ 40%", "测算，不是正式统计"):
        assert words in said, words
    assert ("纳入统计（亿元）", "0.30", "0.60", "+0.30") in [
        tuple(row) for table in shown.tables for row in table.values.tolist()
    ]
    (link,) = [each.proto for each in shown.at.get("page_link") if "测算" in each.proto.label]
    assert "core_share_small_bp=4000" in link.query_string and "year=2025" in link.query_string


def test_what_was_chosen_stays_in_the_list_when_it_is_gone(world: World) -> None:
    admitted(world, "enterprise")
    meeting, city = called(world), world.visit("city")
    policy = meetings.moment(city, meeting).policy
    saved = scenarios.save(city, "四成", "", policy, what_if_scenario.scenario(policy, {"core_share_bp": 4000}))
    meeting_scenario.choose(city, meeting.id, meeting.revision, saved)
    scenarios.remove(city, saved, 1)
    screen = Screen(world, "city", LIST)
    assert screen.widget("#scenario").value is None
    screen.press("保存测算")
    assert meetings.one(world.visit("city"), meeting.id).scenario == "四成"


def test_the_headline_lists_the_unclear_clauses(world: World) -> None:
    admitted(world, "enterprise")
    said = all_said(stage(world, "city", id=called(world).id, screen=2)).replace("\\", "")
    assert "3 条原文未写明，共 12 种读法" in said
    for name in rule_policy.READINGS:
        assert clauses()[name].label in said


def test_the_list_leads_to_the_file_of_the_meeting(world: World) -> None:
    admitted(world, "enterprise")
    first, second = called(world, title="第一次"), called(world, title="第二次", day="2026-01-19")
    (link,) = [each.proto for each in Screen(world, "city", LIST).at.get("page_link") if each.proto.label == "导出"]
    assert f"meeting={second.id}" in link.query_string and "report=meeting" in link.query_string
    screen = Screen(world, "city")
    screen.at.switch_page("report/reports.py")
    screen.at.query_params["report"], screen.at.query_params["meeting"] = "meeting", first.id
    screen.run()
    assert screen.at.selectbox(key="meeting").value == first.id
    assert screen.widget("audience.meeting").value == "inside"
    screen.set("format", "xlsx").click("start")
    (export,) = reports.mine(world.visit("city"))
    assert (export.order.which, export.order.meeting, export.order.audience) == ("meeting", first.id, "inside")
