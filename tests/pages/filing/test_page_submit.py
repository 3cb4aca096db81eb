"""核对提交 and the workbench: explanations, when submitting is possible, and what stands there afterwards."""

from datetime import date
from typing import Any

import pytest

from data.filing import filings
from data.review import decisions
from tests.core import samples
from tests.data.filing import setting
from tests.pages.walk import Screen
from tests.world import World, save

SUBMIT, WORKBENCH = "filing/submit.py", "filing/workbench.py"
#: One 核实 finding: the parts do not add up to the AI revenue.
DIFFER = {"business.years.0.full_year.software_revenue": "2900"}
REASON = "差额一百万元为技术咨询服务收入，合同未拆分"


def stored(world: World) -> filings.Filing:
    filing = filings.mine(world.visit("enterprise"))
    assert filing is not None
    return filing


def differing(world: World) -> filings.Filing:
    return world.save("enterprise", samples.put(samples.clean(), DIFFER))


def box(screen: Screen) -> Any:
    """The one box for an explanation."""
    (found,) = (each for each in screen.at.text_area if "#explain#" in str(each.key))
    return found


def explain(screen: Screen, text: str) -> Screen:
    """Type into the one box for an explanation."""
    box(screen).set_value(text)
    return screen.run()


def test_a_clean_filing_is_submitted_once_it_is_ticked(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "enterprise", SUBMIT)
    assert "全部审核关系通过" in screen.said("success")
    assert screen.button("提交").disabled
    screen.set("agreed", True)
    assert not screen.button("提交").disabled
    assert stored(world).state == "draft"
    screen.press("提交")
    assert not screen.at.exception
    assert stored(world).state == "submitted"
    assert "无需重复提交" in screen.said("success")
    assert not [button for button in screen.at.button if button.label == "提交"]
    assert not screen.at.checkbox


def test_ticking_is_not_enough_while_something_blocks(world: World) -> None:
    world.save("enterprise", samples.put(samples.clean(), {"basic.contact_phone": "12"}))
    screen = Screen(world, "enterprise", SUBMIT).set("agreed", True)
    assert "强制 1 处" in screen.said("caption")
    assert "还有 1 处须处理后才能提交" in screen.said("warning")
    assert screen.button("提交").disabled
    assert any("去修改" in link.label for link in screen.at.get("page_link"))
    # Mended in another tab, it is possible at the next run.
    filing = stored(world)
    save(world.visit("enterprise"), filing, {"basic.contact_phone": "13800138000"})
    assert not screen.run().button("提交").disabled


def test_nothing_saved_yet_cannot_be_submitted(world: World) -> None:
    screen = Screen(world, "enterprise", SUBMIT).set("agreed", True)
    assert screen.button("提交").disabled
    assert stored(world).revision == 0


def test_a_finding_to_explain_stops_until_it_is_explained(world: World) -> None:
    differing(world)
    screen = Screen(world, "enterprise", SUBMIT).set("agreed", True)
    assert "核实 1 处" in screen.said("caption")
    assert screen.button("提交").disabled
    explain(screen, "核实无误")
    assert "说明过于简单" in screen.said("warning")
    assert screen.button("提交").disabled
    assert list(stored(world).content["explanations"].values()) == ["核实无误"]
    explain(screen, REASON)
    assert "说明过于简单" not in screen.said("warning")
    assert list(stored(world).content["explanations"].values()) == [REASON]
    assert not screen.button("提交").disabled
    screen.press("提交")
    assert stored(world).state == "submitted"
    assert (box(screen).value, box(screen).disabled) == (REASON, True)


def test_an_explanation_saved_elsewhere_is_not_overwritten(world: World) -> None:
    differing(world)
    one, two = Screen(world, "enterprise", SUBMIT), Screen(world, "enterprise", SUBMIT)
    explain(one, REASON)
    # The other tab has typed nothing: it follows.
    two.run()
    assert box(two).value == REASON
    other = "差额为模型训练服务收入，见审计报告附注"
    explain(two, other)
    for _ in range(2):
        one.run()
        assert list(stored(world).content["explanations"].values()) == [other]
    assert box(one).value == other


def test_an_explanation_typed_over_one_saved_elsewhere_is_not_saved_silently(world: World) -> None:
    differing(world)
    one, two = Screen(world, "enterprise", SUBMIT), Screen(world, "enterprise", SUBMIT)
    explain(one, REASON)
    explain(two, "另一个窗口里写下的另一段说明")
    assert list(stored(world).content["explanations"].values()) == [REASON]
    said = two.said("warning").replace("\\", "")
    assert f"这条说明在另一个窗口已保存为“{REASON}”" in said
    assert "另一个窗口里写下的另一段说明" in said
    assert box(two.run()).value == REASON


def test_what_was_saved_after_the_check_is_not_submitted_unseen(world: World) -> None:
    filing = world.save("enterprise")
    screen = Screen(world, "enterprise", SUBMIT).set("agreed", True)
    save(world.visit("enterprise"), filing, {"basic.contact_name": "李四"})
    screen.press("提交")
    assert stored(world).state == "draft"
    assert "核对之后又被保存过" in screen.said("error")
    screen.press("提交")
    assert stored(world).state == "submitted"


def test_submitting_twice_from_two_tabs_submits_once(world: World) -> None:
    world.save("enterprise")
    one, two = (Screen(world, "enterprise", SUBMIT).set("agreed", True) for _ in range(2))
    one.press("提交")
    revision = stored(world).revision
    two.press("提交")
    assert not two.at.exception
    assert stored(world).revision == revision
    assert "无需重复提交" in two.said("success")


def test_the_workbench_says_what_is_due_and_how_far_it_is(world: World) -> None:
    screen = Screen(world, "enterprise", WORKBENCH)
    metrics = {metric.label: metric.value for metric in screen.at.metric}
    assert metrics == {"本期状态": "尚未填写", "距截止": "21 天", "最近保存": "—"}
    world.save("enterprise")
    screen.run()
    assert screen.at.metric[0].value == "草稿"
    assert [bar.value for bar in screen.at.get("progress")] == [100, 100, 100]
    world.submit("other")
    assert "正在审核" in Screen(world, "other", WORKBENCH).said("info")


@pytest.mark.parametrize("action", ["return", "revoke"])
def test_the_workbench_shows_what_the_reviewer_wrote(world: World, action: str) -> None:
    filing = world.admit("enterprise") if action == "revoke" else world.submit("enterprise")
    reviewer = world.visit("city" if action == "revoke" else "district")
    reasons = {"": "请补充", "basic.contact_phone": "号码*打不通*"}
    decisions.decide(reviewer, filing.id, filing.revision, action, reasons=reasons)
    screen = Screen(world, "enterprise", WORKBENCH)
    if action == "return":
        assert "请按下列意见修改后重新提交" in screen.said("warning")
        assert "**总体意见**：请补充" in screen.said("markdown")
        assert "联系人电话**：号码\\*打不通\\*" in screen.said("markdown")
        edit = Screen(world, "enterprise", "filing/basic.py").set(".contact_phone", "13900139000")
        assert not edit.at.exception
        again = Screen(world, "enterprise", SUBMIT).set("agreed", True).press("提交")
        assert not again.at.exception
        assert stored(world).state == "submitted"
        assert "请补充" not in Screen(world, "enterprise", WORKBENCH).said()
    else:
        assert "撤销" in screen.said("error")
    assert not screen.at.exception


@pytest.mark.parametrize(
    "page", ["filing/basic.py", "filing/technology.py", "filing/business.py", "filing/market.py", SUBMIT]
)
def test_every_step_shows_the_forms_legal_head(world: World, page: str) -> None:
    setting.change(
        world.visit("city"), "2025", 1, form_number="演示 1 表", authority="演示机关", valid_until=date(2026, 12, 31)
    )
    said = Screen(world, "enterprise", page).said("caption")
    assert "表号：演示 1 表　制定机关：演示机关　有效期至：2026" in said.replace("\\", "")
