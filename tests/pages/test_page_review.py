"""审核: the queue of each reviewer, the four decisions, and what the store holds afterwards."""

import pytest
import samples

from data import filings
from tests.pages.walk import Screen
from tests.world import NAMES, World

REVIEW = "bureau/review.py"


def state(world: World, filing: filings.Filing) -> filings.Filing:
    return filings.one(world.visit("city"), filing.id)


def elsewhere(district: str) -> dict[str, str]:
    return {"basic.district": district}


def test_the_district_passes_and_the_city_admits(world: World) -> None:
    filing = world.submit("enterprise")
    district = Screen(world, "district", REVIEW)
    assert NAMES["enterprise"] in district.said("subheader").replace("\\", "")
    assert "核心企业" in district.said("markdown")
    city = Screen(world, "city", REVIEW)
    assert "没有需要处理的填报" in city.said("success")
    district.press("通过，报市级审核")
    assert not district.at.exception
    assert state(world, filing).state == "city_review"
    assert "已完成" in district.said("success")
    city.run().press("通过，入库")
    assert not city.at.exception
    assert state(world, filing).state == "admitted"
    assert [row["enterprise_id"] for row in world.store.rows("SELECT * FROM admissions")] == [
        filing.enterprise_id
    ]
    assert "没有需要处理的填报" in city.run().said("success")


def test_returning_needs_a_reason_and_keeps_it_by_field(world: World) -> None:
    filing = world.submit("enterprise")
    screen = Screen(world, "district", REVIEW).press("退回")
    assert "请写明原因" in screen.said("error")
    assert state(world, filing).state == "submitted"
    paths = ["basic.contact_phone", "business.years"]
    screen.set(f"paths#{filing.id}", paths)
    screen.set("#basic.contact_phone", "号码无人接听，请更正").set("#business.years", "请附审计报告")
    screen.set(f"remark#{filing.id}", "  请修改后重新提交  ").press("退回")
    assert not screen.at.exception
    now = state(world, filing)
    assert now.state == "returned"
    assert now.reasons == {
        "": "请修改后重新提交", "basic.contact_phone": "号码无人接听，请更正", "business.years": "请附审计报告",
    }  # fmt: skip


def test_the_city_returns_too(world: World) -> None:
    filing = world.submit("enterprise")
    filings.decide(world.visit("district"), filing.id, filing.revision, "pass")
    screen = Screen(world, "city", REVIEW).set(f"remark#{filing.id}", "收入口径请说明").press("退回")
    assert not screen.at.exception
    assert (state(world, filing).state, state(world, filing).reasons) == ("returned", {"": "收入口径请说明"})


def test_an_admission_is_revoked_with_a_reason(world: World) -> None:
    filing = world.admit("enterprise")
    screen = Screen(world, "city", REVIEW).set("view", "全部")
    screen.press("撤销入库")
    assert state(world, filing).state == "admitted"
    assert "请写明原因" in screen.said("error")
    screen.set(f"remark#{filing.id}", "经核查材料不实").press("撤销入库")
    assert state(world, filing).state == "revoked"
    assert [row["admitted"] for row in world.store.rows("SELECT admitted FROM admissions ORDER BY seq")] == [
        True,
        False,
    ]


def test_a_district_sees_its_own_enterprises_only(world: World) -> None:
    world.submit("enterprise")
    world.submit("other", samples.put(samples.clean(), elsewhere("HS")))
    for persona, seen, hidden in (
        ("district", "enterprise", "other"),
        ("other_district", "other", "enterprise"),
    ):
        screen = Screen(world, persona, REVIEW).set("view", "全部")
        said = screen.said().replace("\\", "") + str(screen.tables) + str(screen.widget("filing").options)
        assert NAMES[seen] in said
        assert NAMES[hidden] not in said
        assert "1 份" in screen.said("caption")
    assert "2 份" in Screen(world, "city", REVIEW).set("view", "全部").said("caption")


def test_a_draft_is_nobodys_business(world: World) -> None:
    world.save("enterprise")
    for persona in ("district", "city"):
        screen = Screen(world, persona, REVIEW).set("view", "全部")
        assert "没有符合条件的填报" in screen.said("success")


def test_each_sees_only_the_decisions_that_are_his(world: World) -> None:
    filing = world.submit("enterprise")
    words = {"通过，报市级审核", "通过，入库", "退回", "撤销入库"}

    def offered(persona: str) -> set[str]:
        screen = Screen(world, persona, REVIEW).set("view", "全部")
        return words & {button.label for button in screen.at.button}

    assert (offered("district"), offered("city")) == ({"通过，报市级审核", "退回"}, set())
    filings.decide(world.visit("district"), filing.id, filing.revision, "pass")
    assert (offered("district"), offered("city")) == (set(), {"通过，入库", "退回"})
    filing = state(world, filing)
    filings.decide(world.visit("city"), filing.id, filing.revision, "admit")
    assert (offered("district"), offered("city")) == (set(), {"撤销入库"})


def test_what_was_changed_after_it_was_shown_is_not_decided_unseen(world: World) -> None:
    """Returned by another reviewer, corrected and submitted again, while this tab stood open."""
    filing = world.submit("enterprise")
    screen = Screen(world, "district", REVIEW)
    filings.decide(world.visit("district"), filing.id, filing.revision, "return", reasons={"": "请修改"})
    mine = filings.mine(world.visit("enterprise"))
    assert mine is not None
    saved = filings.save(world.visit("enterprise"), mine.id, mine.revision, {"basic.contact_name": "李四"})
    filings.submit(world.visit("enterprise"), mine.id, saved.revision)
    screen.press("通过，报市级审核")
    assert state(world, filing).state == "submitted"
    assert "刚刚有了新的变化" in screen.said("error")
    screen.press("通过，报市级审核")
    assert state(world, filing).state == "city_review"


def test_a_decision_of_another_reviewer_is_not_done_twice(world: World) -> None:
    filing = world.submit("enterprise")
    one, two = Screen(world, "district", REVIEW), Screen(world, "district", REVIEW)
    one.press("通过，报市级审核")
    revision = state(world, filing).revision
    two.press("通过，报市级审核")
    assert not two.at.exception
    assert state(world, filing).revision == revision


@pytest.mark.parametrize(("view", "shown"), [("待我审核", 1), ("全部", 2), ("入库", 1), ("退回", 0)])
def test_the_view_filters_the_queue(world: World, view: str, shown: int) -> None:
    world.admit("other")
    world.submit("enterprise")
    screen = Screen(world, "district", REVIEW).set("view", view)
    assert f"{shown} 份" in screen.said("caption")
    if shown:
        assert len(screen.widget("filing").options) == shown


def test_the_queue_waits_longest_first(world: World) -> None:
    world.submit("other")
    world.submit("enterprise")
    screen = Screen(world, "district", REVIEW)
    assert list(screen.widget("filing").options) == [NAMES["other"], NAMES["enterprise"]]
    screen.set("filing", filings.mine(world.visit("enterprise")).id)  # type: ignore[union-attr]
    assert NAMES["enterprise"] in screen.said("subheader").replace("\\", "")


def test_the_explanation_of_the_filer_stands_beside_the_finding(world: World) -> None:
    content = samples.put(samples.clean(), {"business.years.0.full_year.software_revenue": "2900"})
    content["explanations"] = {
        "parts_differ@business.years.0.full_year.ai_revenue": "差额为咨询服务收入，合同未拆分"
    }
    world.submit("enterprise", content)
    said = Screen(world, "district", REVIEW).said("markdown")
    assert "核实" in said
    assert "企业说明：差额为咨询服务收入" in said
