"""办理记录: unlocking, moves, mergers and corrections are told to whoever may see the filing, and to nobody else."""

from datetime import date, timedelta

import pytest

from core.audit.wording import EVENTS, table
from core.base.errors import Forbidden
from core.filing.filing import Filing
from data.access.accounts import enterprise_id
from data.enterprise import mergers, moves, planned, profile
from data.filing import filings, history, rounds
from data.review import corrections
from tests.world import NAMES, USCC, World

A, B = enterprise_id(USCC["enterprise"]), enterprise_id(USCC["other"])
TODAY = date(2026, 1, 10)


@pytest.fixture
def filing(world: World) -> Filing:
    """One that everything happened to."""
    world.account("other")
    saved = world.save("enterprise")
    rounds.unlock(world.visit("city"), A, date(2026, 2, 20), "企业来函说明")
    rounds.relock(world.visit("city"), A)
    filing = world.admit("enterprise")
    city = world.visit("city")
    corrections.correct(
        city, filing.id, filing.revision, "basic.total_assets", "9000", reason="登记有误", document="审计报告"
    )
    moves.move(city, A, "GX", district="HS", since=TODAY + timedelta(days=9), reason="迁址")
    planned.withdraw(city, A, "move", profile.planned(city, A)["move"].seq, "企业撤回迁址")
    moves.move(city, A, "GX", district="HS", since=TODAY, reason="武经信〔2026〕1号")
    mergers.merge(city, A, 0, into=B, since=TODAY, reason="吸收合并", document="武市监〔2026〕3号")
    mergers.unmerge(city, A, profile.merger(city, A).seq, "登记有误")
    return saved


WORDS = {
    "filing.unlocked": "可填至 2026-02-20。原因：企业来函说明",
    "filing.relocked": None,
    "enterprise.corrected": "原因：登记有误；依据：审计报告",
    "enterprise.planned": "将自 2026-01-19 起，区属调整为“洪山区”。原因：迁址",
    "enterprise.plan_withdrawn": "区属调整不再生效。原因：企业撤回迁址",
    "enterprise.moved": "自 2026-01-10 起，区属调整为洪山区。依据：武经信〔2026〕1号",
    "enterprise.merged": f"自 2026-01-10 起，并入“{NAMES['other']}”。原因：吸收合并；依据：武市监〔2026〕3号",
    "enterprise.unmerged": f"不再并入“{NAMES['other']}”。原因：登记有误",
}


@pytest.mark.parametrize("persona", ["enterprise", "other_district", "city"])  # it has moved
def test_everything_is_told_in_order_with_its_reason(world: World, filing: Filing, persona: str) -> None:
    told = filings.timeline(world.visit(persona), filing.id)
    moments = [step.at for step in told]
    assert moments == sorted(moments, reverse=True)
    kinds = [step.kind for step in told if step.kind in WORDS]
    assert kinds == list(WORDS)[::-1]
    for step in told:
        assert step.kind in EVENTS
        if said := WORDS.get(step.kind):
            assert said in step.reasons[""]
            assert step.who == "officer"
    assert "→" in next(step for step in told if step.kind == "enterprise.corrected").reasons[""]


@pytest.mark.parametrize("persona", ["other", "other_district"])
def test_nobody_else_is_told(world: World, persona: str) -> None:
    filing = world.admit("enterprise")
    with pytest.raises(Forbidden):
        filings.timeline(world.visit(persona), filing.id)
    assert history.steps(world.store, filing.id, A), "there is something to tell"


def test_after_a_move_what_is_open_is_told_to_the_new_district(world: World) -> None:
    filing = world.submit("enterprise")
    moves.move(world.visit("city"), A, None, district="HS", since=TODAY, reason="迁址证明")
    assert filings.timeline(world.visit("other_district"), filing.id)[0].kind == "enterprise.moved"
    with pytest.raises(Forbidden):
        filings.timeline(world.visit("district"), filing.id)


def test_the_log_says_the_same_in_words(world: World, filing: Filing) -> None:
    lines = table("operations", profile.record(world.visit("city"), A))
    said = {line["事件"]: line["内容"] for line in lines}
    assert f"并入企业：{NAMES['other']}；生效日期：2026-01-10；原因：吸收合并" in said["企业合并"]
    assert "调整事项：区属调整；调整为：洪山区；生效日期：2026-01-19" in said["登记待生效的调整"]
    assert "原状态" not in said["企业合并"] + said["登记待生效的调整"], "a day is no state"
