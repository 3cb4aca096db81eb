"""The four filing steps as an enterprise fills them: every widget, and what the store holds afterwards."""

from datetime import datetime
from typing import Any

import pytest

from core.filing.model import STEPS, Content, fields
from data.filing import filings
from data.review import decisions
from tests.core import samples
from tests.pages.walk import Screen, written
from tests.world import NAMES, USCC, World, save

BASIC, TECHNOLOGY = "filing/basic.py", "filing/technology.py"
BUSINESS, MARKET = "filing/business.py", "filing/market.py"
PAGES = (BASIC, TECHNOLOGY, BUSINESS, MARKET)


def stored(world: World, persona: str = "enterprise") -> filings.Filing:
    filing = filings.mine(world.visit(persona))
    assert filing is not None
    return filing


def content(world: World) -> Content:
    return stored(world).content


GOOD = {
    "founded": "2020年1月31日",
    "contact_phone": "027-87654321",
    "contact_email": "a@b.cn",
    "total_assets": "８，０００",
}
TYPED = [
    (BASIC, "basic", about.name, value)
    for about, value in (
        (about, GOOD.get(about.name, f"甲 {about.name}"))
        for about in fields(STEPS["basic"])
        if not about.identity and not about.choices
    )
] + [
    (TECHNOLOGY, "technology", about.name, "12")
    for about in fields(STEPS["technology"])
    if about.row is None and not about.choices and about.widget != "yes_no"
]


@pytest.mark.parametrize(("page", "step", "name", "value"), TYPED)
def test_what_is_typed_is_saved_as_typed(world: World, page: str, step: str, name: str, value: str) -> None:
    screen = Screen(world, "enterprise", page)
    screen.set(f".{name}", value)
    assert not screen.at.exception
    assert content(world)[step][name] == value
    assert "已保存" in screen.said("html")
    again = Screen(world, "enterprise", page)
    assert again.widget(f".{name}").value == value


@pytest.mark.parametrize(
    ("page", "name", "value", "sentence"),
    [
        (BASIC, "founded", "2020-13-45", "不是有效日期"),
        (BASIC, "contact_phone", "12345", "不是有效的电话号码"),
        (BASIC, "contact_email", "zhang.san", "不是有效的邮箱地址"),
        (BASIC, "total_assets", "八千", "不是数字"),
        (BASIC, "total_assets", "-1", "不能为负数"),
        (BASIC, "total_assets", "1亿元", "单位须为万元"),
        (BASIC, "registered_address", "长" * 201, "最多 200 个字"),
        (TECHNOLOGY, "insured_staff", "3.5", "须为整数"),
        (TECHNOLOGY, "ip_count", "很多", "不是数字"),
    ],
)
def test_a_wrong_value_is_kept_and_the_sentence_stands_under_it(
    world: World, page: str, name: str, value: str, sentence: str
) -> None:
    screen = Screen(world, "enterprise", page)
    assert sentence not in screen.said("markdown")
    screen.set(f".{name}", value)
    assert sentence in screen.said("markdown")
    assert screen.widget(f".{name}").value == value
    step = page.split("/")[1].removesuffix(".py")
    assert content(world)[step][name] == value
    right = "1" if name in ("total_assets", "insured_staff", "ip_count") else ""
    screen.set(f".{name}", right)
    assert sentence not in screen.said("markdown")
    assert content(world)[step][name] == right


def test_the_first_visit_finds_name_and_code_filled_in_and_fixed(world: World) -> None:
    screen = Screen(world, "enterprise", BASIC)
    name, code = screen.widget(".enterprise_name"), screen.widget(".uscc")
    assert (name.value, name.disabled) == (NAMES["enterprise"], True)
    assert (code.value, code.disabled) == (USCC["enterprise"], True)


@pytest.mark.parametrize(("name", "code"), [("district", "HS"), ("industry", "I12")])
def test_a_choice_is_saved_as_its_code(world: World, name: str, code: str) -> None:
    screen = Screen(world, "enterprise", BASIC).set(f".{name}", code)
    assert content(world)["basic"][name] == code
    assert stored(world).district == ("HS" if name == "district" else None)
    assert not screen.at.exception


def test_the_size_is_a_radio(world: World) -> None:
    screen = Screen(world, "enterprise", BASIC)
    assert screen.widget(".size").value is None
    assert list(screen.widget(".size").options) == ["小微企业", "中型企业", "大型企业"]
    for code in ("small", "large"):
        screen.set(".size", code)
        assert content(world)["basic"]["size"] == code


def test_segments_are_ticked_in_three_layers(world: World) -> None:
    screen = Screen(world, "enterprise", TECHNOLOGY)
    screen.set(".segments.application", ["application_software"])
    assert content(world)["technology"]["segments"] == ["application_software"]
    screen.set(".segments.foundation", ["chips", "sensors"])
    assert content(world)["technology"]["segments"] == ["chips", "sensors", "application_software"]
    screen.set(".segments.application", [])
    screen.set(".segments.foundation", ["sensors"])
    assert content(world)["technology"]["segments"] == ["sensors"]
    assert Screen(world, "enterprise", TECHNOLOGY).widget(".segments.foundation").value == ["sensors"]


ROWS = [
    # step, list, the yes/no that opens it, a text field, its choice field and a code
    ("technology", "products", "has_products", "name", "evidence_kind", "market"),
    ("technology", "ip_rights", None, "number", "kind", "software"),
    ("technology", "honours", "has_honours", "name", "kind", "award"),
    ("technology", "standards", "has_standards", "name", "level", "national"),
    ("market", "demands", None, "title", "kind", "compute"),
]


@pytest.mark.parametrize(("step", "rows", "opened_by", "text", "choice", "code"), ROWS)
def test_rows_are_added_filled_and_deleted(
    world: World, step: str, rows: str, opened_by: str | None, text: str, choice: str, code: str
) -> None:
    def kept() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = content(world)[step].get(rows) or []
        return found

    screen = Screen(world, "enterprise", f"filing/{step}.py")
    if opened_by:
        assert not screen.keys(f".{rows}#add")
        screen.set(f".{opened_by}", "是")
        assert content(world)[step][opened_by] == "是"
    assert "暂无" in screen.said("caption")
    screen.click(f".{rows}#add")
    first = kept()[-1]["id"]
    screen.set(f".{rows}.{first}.{text}", "第一").set(f".{rows}.{first}.{choice}", code)
    assert [(row[text], row[choice]) for row in kept()] == [("第一", code)]
    second = screen.click(f".{rows}#add") and kept()[-1]["id"]
    screen.set(f".{rows}.{second}.{text}", "第二")
    third = screen.click(f".{rows}#add") and kept()[-1]["id"]
    screen.set(f".{rows}.{third}.{text}", "第三")
    assert [row[text] for row in kept()] == ["第一", "第二", "第三"]
    screen.click(f".{rows}.{second}#delete")
    assert [row[text] for row in kept()] == ["第一", "第三"]
    assert next(row[choice] for row in kept()) == code
    # The row that moved up is still the one that is edited.
    screen.set(f".{rows}.{third}.{text}", "第三改")
    assert [row[text] for row in kept()] == ["第一", "第三改"]
    again = Screen(world, "enterprise", f"filing/{step}.py")
    assert [again.widget(f".{rows}.{row}.{text}").value for row in (first, third)] == ["第一", "第三改"]
    screen.click(f".{rows}.{first}#delete").click(f".{rows}.{third}#delete")
    assert kept() == []
    # Every deletion can be undone, not only the last.
    for row in (first, third, second):
        screen.click(f".{rows}.{row}#restore")
    assert [row[text] for row in kept()] == ["第一", "第二", "第三改"]
    assert next(row[choice] for row in kept()) == code
    assert not screen.at.exception


def test_choosing_no_hides_the_rows_and_keeps_them(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "enterprise", TECHNOLOGY).set(".has_products", "否")
    assert content(world)["technology"]["has_products"] == "否"
    assert not screen.keys(".products#add")
    assert len(content(world)["technology"]["products"]) == 1
    screen.set(".has_products", "是")
    assert screen.widget(".products.0.name").value == "测试大模型"


def test_years_are_added_and_deleted(world: World) -> None:
    def years() -> list[str]:
        return [row["year"] for row in content(world)["business"]["years"]]

    screen = Screen(world, "enterprise", BUSINESS)
    assert screen.widget(".years.y2025.year").value == "2025"
    assert "本期必填" in screen.said("markdown")
    new = screen.click(".years#add") and content(world)["business"]["years"][0]["id"]
    screen.set(f".years.{new}.year", "2024").set(f".years.{new}.q1.total_revenue", "1,234.5")
    assert years() == ["2024", "2025"]  # a new year stands first
    assert content(world)["business"]["years"][0]["q1"]["total_revenue"] == "1,234.5"
    screen.click(".years.y2025#delete")
    assert years() == ["2024"]
    screen.click(".years.y2025#restore")
    assert years() == ["2024", "2025"]
    assert not screen.at.exception


@pytest.mark.parametrize(
    ("total", "ai", "share"),
    [
        ("6000", "4200", "70.00"), ("3", "1", "33.33"), ("10000", "4999.9999", "50.00"),
        ("1万元", "0.5", "50.00"),
        ("0", "0", "—"), ("", "5", "—"), ("6000", "很多", "—"), ("100", "250", "250.00"),
    ],
)  # fmt: skip
def test_the_share_is_computed_from_what_is_typed(world: World, total: str, ai: str, share: str) -> None:
    screen = Screen(world, "enterprise", BUSINESS)
    screen.set(".years.y2025.full_year.total_revenue", total).set(".years.y2025.full_year.ai_revenue", ai)
    shown = [box for box in screen.at.text_input if "full_year.share" in box.key]
    assert [(box.value, box.disabled) for box in shown] == [(share, True)]
    figures = content(world)["business"]["years"][0]["full_year"]
    assert (figures.get("total_revenue") or "", figures.get("ai_revenue") or "") == (total, ai)
    assert "share" not in figures
    assert ("不是数字" in screen.said("markdown")) == (ai == "很多")


def test_the_button_says_what_is_still_missing(world: World) -> None:
    world.save("enterprise", samples.put(samples.clean(), {"basic.contact_phone": "12", "basic.contact_name": ""}))
    screen = Screen(world, "enterprise", BASIC).press("保存企业信息")
    assert "还有 2 项未填或有误：企业联系人姓名、联系人电话" in screen.said("warning").replace("\\", "")
    screen.set(".contact_phone", "13800138000").set(".contact_name", "李四").press("保存企业信息")
    assert "基础信息已保存，本步骤填写完整" in screen.said("success")


def test_all_fields_at_once_are_one_revision(world: World) -> None:
    screen = Screen(world, "enterprise", BASIC)
    screen.widget(".contact_name").set_value("李四")
    screen.widget(".contact_phone").set_value("13800138001")
    screen.widget(".district").set_value("HS")
    screen.run()
    filing = stored(world)
    assert filing.revision == 2  # opened, saved
    assert (filing.content["basic"]["contact_name"], filing.content["basic"]["district"]) == ("李四", "HS")


def test_nobody_elses_filing_is_touched(world: World) -> None:
    world.save("other")
    before = stored(world, "other")
    Screen(world, "enterprise", BASIC).set(".contact_name", "李四")
    assert stored(world, "other") == before


# --- conflicts --------------------------------------------------------------------------------------------


def conflicting(world: World) -> Screen:
    """This tab has typed 本页; elsewhere 别处 was saved after the tab was drawn."""
    world.save("enterprise")
    screen = Screen(world, "enterprise", BASIC)
    filing = stored(world)
    elsewhere = {"basic.contact_name": "别处", "basic.operating_address": "别处地址"}
    save(world.visit("enterprise"), filing, elsewhere)
    screen.set(".contact_name", "本页")
    return screen


def test_a_save_elsewhere_is_not_overwritten_and_both_are_shown(world: World) -> None:
    screen = conflicting(world)
    assert content(world)["basic"]["contact_name"] == "别处"
    assert "已被保存过" in screen.said("warning")
    assert "企业联系人姓名" in screen.said("markdown")
    assert "已保存的：别处" in screen.said("caption")
    assert "本页输入的：本页" in screen.said("caption")
    assert screen.widget(".contact_name").value == "本页"
    revision = stored(world).revision
    screen.run()  # it stays so until one is chosen
    assert stored(world).revision == revision
    assert "已被保存过" in screen.said("warning")


def test_keeping_mine_saves_mine_and_nothing_else(world: World) -> None:
    screen = conflicting(world).click("conflict#mine")
    assert not screen.at.exception
    basic = content(world)["basic"]
    assert (basic["contact_name"], basic["operating_address"]) == ("本页", "别处地址")
    assert not screen.at.warning
    assert screen.widget(".contact_name").value == "本页"
    assert "1 项已在别处修改" in screen.said("info")
    screen.press("刷新显示")
    assert screen.widget(".operating_address").value == "别处地址"
    assert "别处修改" not in screen.said("info")
    screen.set(".contact_name", "再改")
    assert content(world)["basic"]["contact_name"] == "再改"


def test_taking_theirs_leaves_the_store_alone(world: World) -> None:
    screen = conflicting(world)
    revision = stored(world).revision
    screen.click("conflict#theirs")
    assert stored(world).revision == revision
    assert not screen.at.warning
    assert screen.widget(".contact_name").value == "别处"
    screen.set(".contact_name", "再改")
    assert content(world)["basic"]["contact_name"] == "再改"


def test_a_save_elsewhere_is_said_and_shown_when_asked_for_or_on_coming_back(world: World) -> None:
    """No value is pushed into a widget that is drawn: a message under way would put the old one back."""
    world.save("enterprise")
    screen = Screen(world, "enterprise", BASIC)
    save(world.visit("enterprise"), stored(world), {"basic.contact_name": "别处"})
    screen.run()
    assert screen.widget(".contact_name").value == "张三"
    assert "1 项已在别处修改" in screen.said("info")
    screen.press("刷新显示")
    assert screen.widget(".contact_name").value == "别处"
    save(world.visit("enterprise"), stored(world), {"basic.contact_name": "又在别处"})
    screen.open(TECHNOLOGY).open(BASIC)
    assert screen.widget(".contact_name").value == "又在别处"
    assert not screen.at.warning


def test_what_is_typed_over_a_value_changed_elsewhere_is_a_conflict_like_any(world: World) -> None:
    screen = conflicting(world)
    screen.set(".operating_address", "本页地址")
    assert content(world)["basic"]["operating_address"] == "别处地址"
    screen.click("operating_address#conflict#mine").click("contact_name#conflict#theirs")
    basic = content(world)["basic"]
    assert (basic["contact_name"], basic["operating_address"]) == ("别处", "本页地址")
    assert (screen.widget(".contact_name").value, screen.widget(".operating_address").value) == ("别处", "本页地址")
    assert not screen.at.warning


def test_a_conflict_holds_up_no_other_cell(world: World) -> None:
    screen = conflicting(world)
    screen.set(".contact_phone", "13800138009")
    assert content(world)["basic"]["contact_phone"] == "13800138009"
    assert "已被保存过" in screen.said("warning")


def test_a_conflict_in_rows_is_one_too(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "enterprise", MARKET)
    filing = stored(world)
    save(world.visit("enterprise"), filing, {"market.demands": []})
    screen.set(".demands.0.title", "本页")
    assert content(world)["market"]["demands"] == []
    assert not screen.at.exception
    screen.click("conflict#mine")
    assert [row["title"] for row in content(world)["market"]["demands"]] == ["本页"]


# --- locked -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("why", ["submitted", "admitted", "closed"])
def test_a_locked_filing_can_be_read_and_not_changed(world: World, page: str, why: str) -> None:
    if why == "closed":
        world.save("enterprise")
        world.clock.now = datetime(2026, 2, 1, 1)
        world.tokens.clear()
    else:
        getattr(world, {"submitted": "submit", "admitted": "admit"}[why])("enterprise")
    world.token("enterprise")
    version = written(world)
    screen = Screen(world, "enterprise", page)
    assert not screen.at.exception
    assert all(
        widget.disabled
        for widget in screen.widgets()
        if "problem#" not in str(widget.key) and widget.key != "filing-renew"
    )
    assert ("已截止" if why == "closed" else "内容只供查看") in screen.said("info")
    assert written(world) == version


def test_what_is_typed_into_a_filing_submitted_elsewhere_is_not_saved_nor_shown_as_if(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "enterprise", BASIC)
    filing = stored(world)
    filings.submit(world.visit("enterprise"), filing.id, filing.revision)
    screen.set(".contact_name", "迟到")
    assert content(world)["basic"]["contact_name"] == "张三"
    assert "内容只供查看" in screen.said("info")
    assert (screen.widget(".contact_name").value, screen.widget(".contact_name").disabled) == ("张三", True)
    # What was typed is kept, and offered once the filing can be changed again.
    assert "迟到" in screen.said("markdown")
    now = stored(world)
    decisions.decide(world.visit("district"), now.id, now.revision, "return", reasons={"": "请补充"})
    screen.run()
    screen.press("填入并保存")
    assert content(world)["basic"]["contact_name"] == screen.widget(".contact_name").value == "迟到"
    assert "没有保存" not in screen.said("warning")


def test_an_open_tab_shows_that_the_filing_was_submitted_elsewhere(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "enterprise", BASIC)
    filing = stored(world)
    answer = save(world.visit("enterprise"), filing, {"basic.contact_name": "别处"})
    filings.submit(world.visit("enterprise"), filing.id, answer.revision)
    screen.run()
    assert screen.widget(".contact_name").value == "别处"
    assert screen.widget(".contact_name").disabled


# --- stored values that no form would send ----------------------------------------------------------------


def test_a_stored_code_that_is_no_option_any_more_stays_until_another_is_chosen(world: World) -> None:
    odd = samples.put(
        samples.clean(),
        {
            "basic.district": "XX",
            "basic.size": "*huge*",
            "technology.segments": ["platforms", "old_segment", "chips"],
            "technology.has_honours": "也许",
            "technology.products.0.evidence_kind": "old",
        },
    )
    world.save("enterprise", odd)
    version, before = written(world), stored(world).content
    basic, technology = Screen(world, "enterprise", BASIC), Screen(world, "enterprise", TECHNOLOGY)
    for screen in (basic, technology):
        screen.run()
        assert not screen.at.exception
    assert written(world) == version
    assert stored(world).content == before
    assert "不在选项之内" in basic.said("markdown")
    basic.set(".district", "HS")
    technology.open(TECHNOLOGY)
    technology.set(".segments.application", [])
    assert content(world)["basic"]["district"] == "HS"
    assert content(world)["technology"]["segments"] == ["chips", "platforms"]


def test_a_save_of_another_field_elsewhere_is_no_conflict(world: World) -> None:
    screen = Screen(world, "enterprise", BASIC)
    screen.set(".contact_name", "甲")
    filing = stored(world)
    save(world.visit("enterprise"), filing, {"technology.ip_count": "7"})
    screen.set(".operating_address", "同上")
    assert not screen.at.warning
    assert content(world)["basic"]["operating_address"] == "同上"
    assert content(world)["technology"]["ip_count"] == "7"


def test_what_was_typed_is_kept_when_the_next_message_already_shows_another_page(world: World) -> None:
    screen = Screen(world, "enterprise", BASIC)
    box = screen.widget(".registered_address")
    box.set_value("刚输入的地址")
    screen.at.switch_page(TECHNOLOGY)
    screen.run()
    assert content(world)["basic"]["registered_address"] == "刚输入的地址"
