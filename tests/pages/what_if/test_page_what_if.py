"""阈值测算 and 认定依据 on the screen: what is dragged or typed changes the figures and the address; what is kept is in the store."""

from datetime import datetime
from typing import Any

import pytest

from core.rule.policy import Policy, shipped
from core.what_if.scenario import scenario
from data.directory import classified
from data.rule import policies
from data.what_if import scenarios
from tests.data.directory.test_classified import firm, full, load
from tests.pages.walk import Screen
from tests.world import World

PAGE = "what_if/what_if.py"
POLICY = shipped()[-1]
FORTY = scenario(POLICY, {"core_share_bp": 4000})
FIRMS = [
    firm(0, "GX", full("1000", "600", "600")),
    firm(1, "GX", full("1000", "450", "450")),
    firm(2, "HS", full("1000", "420")),
    firm(3, "HS", full("30000", "2500", "1250", "1250")),
]


@pytest.fixture
def filled(world: World) -> World:
    load(world, FIRMS)
    return world


def opened(world: World, persona: str = "city", **address: str) -> Screen:
    screen = Screen(world, persona)
    for name, value in address.items():
        screen.at.query_params[name] = value
    screen.open(PAGE)
    assert not screen.at.exception
    return screen


def figures(screen: Screen) -> dict[str, str]:
    return {metric.label: metric.value.split(" :")[0] for metric in screen.at.metric}


def asked(screen: Screen) -> dict[str, str]:
    return {
        name: "".join(value) if isinstance(value, list) else value
        for name, value in screen.at.query_params.items()
        if name in Policy.model_fields
    }


def slider(screen: Screen, name: str) -> Any:
    return next(each for each in screen.at.slider if each.key == f"{name}.slider")


# --- dragging and typing --------------------------------------------------------------------------------


def test_nothing_is_changed_at_first(filled: World) -> None:
    screen = opened(filled)
    assert figures(screen) == {
        "核心企业（测算）": "2",
        "相关企业（测算）": "2",
        "纳入统计（测算）": "0.77",
        "身份改变（测算）": "0",
    }
    assert asked(screen) == {}
    assert screen.widget("chosen").value == "in_force"
    assert "没有企业改变" in screen.said("caption")
    assert "测算，不是统计结果" in screen.said("caption")
    assert f"政策版本 {POLICY.version}" in screen.said("caption").replace("\\", "")


def test_a_slider_changes_the_figures_the_text_beside_it_and_the_address(filled: World) -> None:
    screen = opened(filled)
    slider(screen, "core_share_bp").set_value(44.5)
    screen.run()
    assert asked(screen) == {"core_share_bp": "4450"}
    assert figures(screen)["核心企业（测算）"] == "3"
    assert screen.widget("core_share_bp.text").value == "44.5"
    slider(screen, "core_ai_revenue").set_value(3000)
    screen.run()
    assert asked(screen) == {"core_share_bp": "4450", "core_ai_revenue": "30000000"}
    assert figures(screen)["核心企业（测算）"] == "2"
    assert screen.widget("chosen").value is None
    slider(screen, "core_share_bp").set_value(50.0)
    slider(screen, "core_ai_revenue").set_value(2000)
    screen.run()
    assert asked(screen) == {}


def test_a_typed_value_changes_the_figures_the_slider_and_the_address_to_the_basis_point(filled: World) -> None:
    screen = opened(filled).set("core_share_bp.text", "４１.99％")
    assert asked(screen) == {"core_share_bp": "4199"}
    assert figures(screen)["核心企业（测算）"] == "4"
    assert slider(screen, "core_share_bp").value == 41.99
    screen.set("core_ai_revenue.text", "2,500.0001")
    assert asked(screen)["core_ai_revenue"] == "25000001"
    assert figures(screen)["核心企业（测算）"] == "3"


def test_what_cannot_be_read_is_named_and_changes_nothing(filled: World) -> None:
    screen = opened(filled).set("core_share_bp.text", "一半")
    assert "“核心企业占比线”填的是“一半”" in screen.said("error").replace("\\", "")
    assert asked(screen) == {}
    assert figures(screen)["核心企业（测算）"] == "2"
    screen.set("core_share_bp.text", "40")
    assert not screen.said("error")


def test_each_switch_is_in_the_address(filled: World) -> None:
    screen = opened(filled)
    for name, value, text in (
        ("threshold_inclusive", True, "true"), ("low_share_core", "not_counted", "not_counted"), ("equal_kind", "software", "software"),
        ("small_core_by_revenue", False, "false"),
    ):  # fmt: skip
        screen.set(f"{name}.switch", value)
        assert asked(screen)[name] == text
    screen.press("恢复现行参数")
    assert asked(screen) == {}


def test_small_enterprises_get_a_line_of_their_own_and_lose_it(filled: World) -> None:
    screen = opened(filled)
    screen.set("core_share_small_bp.own", True)
    assert asked(screen) == {"core_share_small_bp": "5000"}
    slider(screen, "core_share_small_bp").set_value(40.0)
    screen.run()
    assert asked(screen) == {"core_share_small_bp": "4000"}
    assert figures(screen)["核心企业（测算）"] == "2"  # none of these is small
    assert screen.widget("core_share_small_bp.text").value == "40"
    screen.set("core_share_small_bp.own", False)
    assert asked(screen) == {}


# --- the address ----------------------------------------------------------------------------------------


def test_an_address_opens_the_scenario_it_names(filled: World) -> None:
    screen = opened(filled, core_share_bp="4000", low_share_core="not_counted")
    assert figures(screen)["核心企业（测算）"] == "4"
    assert slider(screen, "core_share_bp").value == 40.0
    assert screen.widget("low_share_core.switch").value == "not_counted"


def test_an_address_that_cannot_be_read_says_so(filled: World) -> None:
    screen = opened(filled, core_share_bp="4000000", related_share_bp="x")
    assert screen.said("warning").count("不能识别") == 2
    assert figures(screen)["身份改变（测算）"] == "0"


def test_a_preset_is_a_scenario(filled: World) -> None:
    screen = opened(filled).set("chosen", "city_2023")
    assert asked(screen) == {
        "core_share_bp": "3000",
        "threshold_inclusive": "true",
        "core_share_small_bp": "4000",
        "small_core_by_revenue": "false",
    }
    assert screen.widget("chosen").value == "city_2023"
    assert "2023年的认定条件" in screen.said("caption")


# --- the answers ----------------------------------------------------------------------------------------


def test_every_heading_of_an_answer_says_that_it_is_a_trial(filled: World) -> None:
    screen = opened(filled, core_share_bp="4000")
    headings = [header.value for header in screen.at.header if header.value != "参数"]
    assert len(headings) >= 7
    assert all("测算" in heading for heading in headings)
    assert all("测算" in chart.proto.alt for chart in screen.at.get("plotly_chart"))


def test_the_range_over_the_readings_and_the_clause_that_moves_most(filled: World) -> None:
    screen = opened(filled)
    words = screen.said("markdown")
    assert "各种读法下为 0.17–1.70 亿元" in words
    assert "影响最大的是“软硬件收入相等或均未填时”，相差 0.93 亿元" in screen.said("caption")


def test_scenarios_stand_side_by_side(filled: World) -> None:
    screen = opened(filled, core_share_bp="4000")
    table = next(table for table in screen.tables if "情景" in table.columns)
    assert table["情景"].tolist() == ["当前", "现行规则", "全市2023年规则"]
    assert table["核心企业"].tolist() == [4, 2, 4]
    screen.set("beside", ["threshold_inclusive.true"])
    table = next(table for table in screen.tables if "情景" in table.columns)
    assert len(table) == 2


def test_a_mover_shows_both_derivations(filled: World) -> None:
    identity = scenarios.outcome(filled.visit("city"), scenarios.bases(filled.visit("city"))[0], FORTY).movers[
        "enterprise_id"
    ][0]
    screen = opened(filled, core_share_bp="4000", enterprise=identity)
    said = screen.said("markdown").replace("\\", "")
    assert "名录身份：相关企业（硬件）" in said
    assert "名录身份：核心企业" in said
    assert "× 40%" in said
    assert "测算" in screen.said("subheader")


def test_a_district_sees_its_own_and_may_not_propose(filled: World) -> None:
    screen = opened(filled, "district", core_share_bp="4000")
    assert figures(screen)["身份改变（测算）"] == "1"
    assert "提出" not in screen.said("button")
    names = [name for table in screen.tables if "企业名称" in table.columns for name in table["企业名称"]]
    assert names == ["虚构企业1"]


def test_a_district_without_enterprises_sees_an_empty_answer(world: World) -> None:
    load(world, FIRMS[:2])
    screen = opened(world, "other_district", core_share_bp="4000")
    assert figures(screen)["身份改变（测算）"] == "0"
    assert "还没有入库企业，各数为零" in screen.said("info")
    assert not screen.at.get("plotly_chart")


def test_before_the_first_admission_it_says_what_to_do(world: World) -> None:
    screen = opened(world)
    assert "还没有入库企业" in screen.said("info")


def test_the_list_of_movers_goes_back_to_its_first_page_when_it_grows_shorter(world: World) -> None:
    load(world, [firm(at, "GX", full("1000", "420" if at < 5 else "450")) for at in range(60)])
    screen = opened(world, core_share_bp="4000")
    pagination = next(each for each in screen.at.get("pagination"))
    assert pagination is not None
    listed = next(table for table in screen.tables if "企业名称" in table.columns)
    assert len(listed) == 50
    screen.at.session_state["page"] = 2
    assert len(next(table for table in screen.run().tables if "企业名称" in table.columns)) == 10
    screen.set("core_share_bp.text", "44")
    screen.set("core_share_bp.text", "60")
    assert not screen.at.exception
    assert "没有企业改变" in screen.said("caption")


# --- kept ------------------------------------------------------------------------------------------------


def test_a_scenario_is_saved_opened_renamed_deleted_and_brought_back(filled: World) -> None:
    screen = opened(filled, core_share_bp="4000")
    screen.widget("keep.name").set_value("占比**四成**")
    screen.widget("keep.note").set_value("讨论用")
    screen.press("保存")
    (kept,) = scenarios.saved(filled.visit("city"))
    assert (kept.name, kept.note, dict(kept.changes)) == ("占比**四成**", "讨论用", {"core_share_bp": 4000})
    assert "已保存" in screen.said("success")
    assert screen.widget("chosen").value == kept.id
    other = opened(filled).set("chosen", kept.id)  # opened anew: the store has it
    assert asked(other) == {"core_share_bp": "4000"}
    assert "讨论用" in other.said("caption")
    other.widget("#1#name").set_value("四成")
    other.press("保存修改")
    assert [each.name for each in scenarios.saved(filled.visit("city"))] == ["四成"]
    other.click("#2#remove")
    assert scenarios.saved(filled.visit("city")) == []
    assert kept.id not in other.widget("chosen").options
    other.click("restore")
    assert [each.name for each in scenarios.saved(filled.visit("city"))] == ["四成"]
    assert "已恢复" in other.said("success")


def test_a_name_missing_is_said_and_what_was_typed_stays(filled: World) -> None:
    screen = opened(filled, core_share_bp="4000")
    screen.widget("keep.note").set_value("没有名称")
    screen.press("保存")
    assert "“名称”" in screen.said("error")
    assert screen.widget("keep.note").value == "没有名称"
    assert scenarios.saved(filled.visit("city")) == []


def test_another_s_scenario_can_be_opened_but_not_changed(filled: World) -> None:
    identity = scenarios.save(filled.visit("other_district"), "别区的", "", POLICY, FORTY)
    screen = opened(filled, "district").set("chosen", identity)
    assert asked(screen) == {"core_share_bp": "4000"}
    assert not screen.keys("remove")


# --- proposed -------------------------------------------------------------------------------------------


def test_a_scenario_is_proposed_as_a_draft_and_figures_in_force_stay(filled: World) -> None:
    visit = filled.visit("city")
    before = classified.classified(visit, 2025, policies.for_year(visit, 2025)).clone()
    scenarios.save(visit, "占比四成", "按六月专题会议纪要", POLICY, FORTY)
    screen = opened(filled, core_share_bp="4000")
    assert screen.widget("#reference").value == "按六月专题会议纪要"
    screen.widget("#version").set_value("2026-修订")
    screen.widget("#effective_from").set_value("2026-02-01")
    screen.widget("#title").set_value("统计原则修订")
    screen.press("提出")
    assert "已提出草案" in screen.said("success")
    drafted = policies.listing(filled.visit("city"))[-1]
    assert (drafted.state, drafted.policy.core_share_bp, drafted.policy.reference) == (
        "draft",
        4000,
        "按六月专题会议纪要",
    )
    visit = filled.visit("city")
    assert policies.in_force(visit) == POLICY
    assert classified.classified(visit, 2025, policies.for_year(visit, 2025)).equals(before)
    assert "政策版本与草案" in screen.said("page_link")


def test_a_proposal_that_does_not_fit_says_why(filled: World) -> None:
    screen = opened(filled, core_share_bp="4000")
    screen.press("提出")
    assert "“版本号”" in screen.said("error")
    assert [each.state for each in policies.listing(filled.visit("city"))] == ["shipped"]


# --- 认定依据 ---------------------------------------------------------------------------------------------


def derivation(world: World, persona: str = "city", **address: str) -> Screen:
    screen = Screen(world, persona)
    for name, value in address.items():
        screen.at.query_params[name] = value
    screen.open("enterprise/derivation.py")
    assert not screen.at.exception
    return screen


def identity_of(world: World, name: str) -> str:
    rows = classified.classified(world.visit("city"), 2025, POLICY)
    return str(dict(zip(rows["name"], rows["enterprise_id"], strict=True))[name])


def test_the_card_of_an_enterprise_with_numbers_readings_and_where_to_print_it(filled: World) -> None:
    identity = identity_of(filled, "虚构企业3")
    screen = derivation(filled, id=identity)
    said = screen.said("markdown", "caption", "header").replace("\\", "")
    assert "虚构企业3" in said
    assert "AI业务收入 25,000,000 元 ＞ 20,000,000 元" in said
    assert "截至 2026-01-10" in said
    values = [str(value) for table in screen.tables for value in table.values.flatten()]
    assert any("按相关企业比例计入" in value for value in values)
    links = [link.proto.url for link in screen.at.get("link_button")]
    assert links == [f"/{path}/derivation?id={identity}&year=2025&as_of=2026-01-10" for path in ("print", "api")]


def test_a_day_is_typed_and_one_that_cannot_be_is_said(filled: World) -> None:
    identity = identity_of(filled, "虚构企业3")
    screen = derivation(filled, id=identity, as_of="2026-01-10")
    assert "截至 2026" in screen.said("caption").replace("\\", "")
    screen.set("as_of", "2026-01-09")
    assert "还没有入库" in screen.said("error")
    screen.set("as_of", "前天")
    assert "不是日期" in screen.said("error")


def test_another_district_s_enterprise_is_refused(filled: World) -> None:
    screen = derivation(filled, "district", id=identity_of(filled, "虚构企业3"))
    assert "不在您的管辖范围内" in screen.said("error")
    assert "虚构企业3" not in screen.said()


def test_it_is_looked_for_by_name(filled: World) -> None:
    screen = derivation(filled).set("portrait.q", "虚构企业2")
    screen.click(f"found#{identity_of(filled, '虚构企业2')}")
    assert "虚构企业2" in screen.said("header")


def test_an_enterprise_is_led_to_its_own_card_once_its_round_is_over(world: World) -> None:
    filing = world.admit("enterprise")
    open_round = Screen(world, "enterprise", "filing/workbench.py")
    assert not open_round.at.get("link_button")
    world.clock.now = datetime(2026, 2, 2, 2)
    world.tokens.clear()
    world.visit("enterprise")
    (link,) = Screen(world, "enterprise", "filing/workbench.py").at.get("link_button")
    assert link.proto.url == f"/print/derivation?id={filing.enterprise_id}&year=2025&as_of=2026-02-02"
