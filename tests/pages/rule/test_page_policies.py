"""政策版本 on the screen: drafted by one, published by another; what each press leaves in the store."""

from datetime import date, datetime

from core.rule.policy import shipped
from data.rule import policies
from tests.data.rule.test_policies import typed
from tests.pages.walk import Screen
from tests.world import World

PAGE = "rule/policies.py"


def drafted(world: World) -> Screen:
    """The officer's screen after drafting a version with a core line of 40 %."""
    screen = Screen(world, "city", PAGE)
    for name, value in (
        ("version", "2026-修订"), ("title", "统计原则 **修订**"), ("reference", "武经信〔2026〕1号"), ("effective_from", "2026-02-01"),
        ("core_share_bp", "90"), ("core_ai_revenue", "90,000"),
    ):  # fmt: skip
        screen.widget(f"@new.{name}").set_value(value)
    return screen.press("保存草案")


def states(world: World) -> list[tuple[str, str]]:
    return [(each.policy.version, each.state) for each in policies.listing(world.visit("administrator"))][1:]


def test_a_version_is_drafted_changed_published_and_counts_from_its_day(world: World) -> None:
    world.admit("enterprise")
    screen = drafted(world)
    assert states(world) == [("2026-修订", "draft")]
    assert "由另一人复核后发布" in screen.said("success")
    assert screen.widget("@new.version").value == ""
    said = screen.said().replace("\\", "")
    assert "2 项不同" in said
    assert "1 家名录身份改变" in said
    assert "核心企业 → " in said
    assert not screen.keys("#publish")  # the officer may not publish
    screen.widget("#1#core_share_bp").set_value("80")
    screen.press("保存修改")
    assert policies.listing(world.visit("city"))[-1].policy.core_share_bp == 8000
    keeper = Screen(world, "administrator", PAGE).click("#2#publish")
    assert "已发布" in keeper.said("success")
    assert states(world) == [("2026-修订", "published")]
    assert keeper.tables[0]["状态"].tolist() == ["现行", "待生效"]
    overview = "statistics/overview.py"
    assert f"政策版本 {shipped()[-1].version}" in Screen(world, "city", overview).said("caption").replace("\\", "")
    world.clock.now = datetime(2026, 2, 1, 2)
    world.tokens.clear()
    # The figures of 2025 keep the version that was in force for them.
    assert f"政策版本 {shipped()[-1].version}" in Screen(world, "city", overview).said("caption").replace("\\", "")
    assert "2026-修订" in Screen(world, "administrator", "platform/status.py").said("caption")
    assert Screen(world, "city", PAGE).tables[0]["状态"].tolist() == ["曾施行", "现行"]


def test_who_wrote_a_draft_is_not_offered_to_publish_it(world: World) -> None:
    policies.draft(world.visit("administrator"), typed())
    screen = Screen(world, "administrator", PAGE)
    assert "须由另一人发布" in screen.said("caption")
    screen.click("#1#publish")  # whatever the browser sends
    assert "另一人" in screen.said("error")
    assert states(world) == [("2026-修订", "draft")]


def test_a_draft_is_withdrawn(world: World) -> None:
    drafted(world).click("#1#withdraw")
    assert states(world) == []


def test_what_does_not_fit_says_why_and_keeps_what_was_typed(world: World) -> None:
    screen = Screen(world, "city", PAGE)
    screen.widget("@new.version").set_value("2026-修订")
    screen.widget("@new.core_share_bp").set_value("五十")
    screen.press("保存草案")
    assert "“标题”" in screen.said("error")
    assert screen.widget("@new.core_share_bp").value == "五十"
    assert states(world) == []


def test_every_parameter_of_a_version_stands_with_unit_and_clause(world: World) -> None:
    identity = policies.draft(world.visit("city"), typed(core_share_bp="45"))
    policies.publish(world.visit("administrator"), identity, 1)
    screen = Screen(world, "city", PAGE)
    rows = screen.tables[1].values.tolist()
    assert len(rows) == 11
    assert rows[0][:3] == ["核心企业占比线", "50", "%"]
    assert "AI业务收入占总营业收入比例超过50%" in rows[0][3]
    screen.set("shown", "2026-修订")
    assert screen.tables[1].values.tolist()[0][1] == "45"
    assert "武经信" in screen.tables[1].values.tolist()[0][3]  # no longer what the manual says
    assert "超过20%" in screen.tables[1].values.tolist()[2][3]
    assert screen.tables[2].values.tolist() == [["核心企业占比线", "50%", "45%"]]
    assert policies.versions(world.store)[-1].effective_from == date(2026, 2, 1)
