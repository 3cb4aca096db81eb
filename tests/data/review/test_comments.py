"""沟通记录: both sides are heard by field, nobody else is, and nobody's work is disturbed by it."""

from typing import Any

import pytest

from core.base.errors import Forbidden, Refused
from data.filing import filings
from data.review import comments, decisions
from tests.world import START, World


def test_both_sides_read_what_was_said_about_which_field_by_whom_and_when(world: World) -> None:
    filing = world.submit("enterprise")
    comments.add(world.visit("district"), filing.id, "business.years", " 收入口径请说明 ")
    comments.add(world.visit("enterprise"), filing.id, "business.years", "含咨询服务收入")
    comments.add(world.visit("city"), filing.id, "", "请附审计报告")
    for persona in ("enterprise", "district", "city"):
        said = comments.listing(world.visit(persona), filing.id)
        assert [(each.path, each.text, each.who, each.bureau) for each in said] == [
            ("business.years", "收入口径请说明", "gxreviewer", True), ("business.years", "含咨询服务收入", "张三", False),
            ("", "请附审计报告", "officer", True),
        ]  # fmt: skip
        assert all(each.at_utc > START for each in said)
    told = filings.timeline(world.visit("enterprise"), filing.id)
    assert [step.kind for step in told][:3] == ["filing.commented"] * 3
    assert told[0].reasons == {"": "请附审计报告"}


def test_a_comment_changes_neither_the_filing_nor_its_revision(world: World) -> None:
    filing = world.submit("enterprise")
    comments.add(world.visit("enterprise"), filing.id, "", "补充说明已附")
    assert filings.one(world.visit("city"), filing.id) == filing
    decisions.decide(world.visit("district"), filing.id, filing.revision, "pass")
    comments.add(world.visit("district"), filing.id, "", "已核对原件")
    assert filings.one(world.visit("city"), filing.id).state == "city_review"


@pytest.mark.parametrize("persona", ["other", "other_district", "administrator"])
def test_outsiders_neither_read_nor_speak(world: World, persona: str) -> None:
    filing = world.submit("enterprise")
    for act in (
        lambda: comments.listing(world.visit(persona), filing.id),
        lambda: comments.add(world.visit(persona), filing.id, "", "越权留言试验"),
    ):
        with pytest.raises(Forbidden):
            act()
    assert comments.listing(world.visit("city"), filing.id) == []


def test_a_draft_is_the_filer_s_own(world: World) -> None:
    draft = world.save("enterprise")
    for persona in ("district", "enterprise"):
        with pytest.raises(Forbidden, match="尚未提交"):
            comments.add(world.visit(persona), draft.id, "", "请尽快提交")
    for persona in ("enterprise", "district"):
        with pytest.raises(Forbidden):
            comments.add(world.visit(persona), "nothing.2025", "", "没有这份填报")


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("basic.nickname", "有误", "没有“basic.nickname”"),
        ("nowhere", "有误", "没有“nowhere”"),
        ("", " 。！ ", "请写明意见内容"),
        ("basic.size", "长" * 1001, "“基础信息 · 企业规模”的意见超过 1000 字"),
    ],
)
def test_a_comment_names_a_field_says_something_and_has_a_bound(
    world: World, path: str, text: Any, sentence: str
) -> None:
    filing = world.submit("enterprise")
    with pytest.raises(Refused, match=sentence):
        comments.add(world.visit("district"), filing.id, path, text)
    assert comments.listing(world.visit("city"), filing.id) == []


def test_a_retried_press_is_said_once(world: World) -> None:
    filing = world.submit("enterprise")
    for _ in range(2):
        comments.add(world.visit("district"), filing.id, "", "请附审计报告", key="once")
    assert len(comments.listing(world.visit("city"), filing.id)) == 1


def test_there_is_a_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments, "MOST", 1)
    filing = world.submit("enterprise")
    comments.add(world.visit("district"), filing.id, "", "请附审计报告")
    with pytest.raises(Refused, match="已有 1 条意见"):
        comments.add(world.visit("enterprise"), filing.id, "", "已附")
