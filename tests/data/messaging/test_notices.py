"""通知公告: nobody sees a draft, everybody it is for sees what is published, the read rate counts them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.audit import wording
from core.base.errors import Conflict, Forbidden, Refused
from core.messaging.notice import NoticeDraft
from data.audit import log
from data.filing import filings
from data.messaging import notices
from data.projections import PROJECTED
from data.review import decisions
from tests.core import samples
from tests.world import PERSONAS, World

GIVEN = NoticeDraft("关于年度填报的通知", "第一段\n第二段", pinned=False, roles=(), districts=(), until="")
DAY = date(2026, 1, 10)


@pytest.fixture
def filed(world: World) -> World:
    """ "enterprise" has filed in GX, "other" was admitted in HS."""
    world.save("enterprise")
    filing = world.submit("other", samples.put(samples.clean(), {"basic.district": "HS"}))
    for persona, action in (("other_district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(persona), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)
    return world


def draft(world: World, *, key: str | None = None, **more: Any) -> str:
    return notices.draft(world.visit("city"), replace(GIVEN, **more), key=key)


def published(world: World, **more: Any) -> str:
    identity = draft(world, **more)
    notices.publish(world.visit("administrator"), identity, 1)
    return identity


def seers(world: World) -> set[str]:
    return {persona for persona in PERSONAS if notices.mine(world.visit(persona))}


def test_a_draft_is_seen_by_nobody_what_is_published_by_all_what_is_withdrawn_by_nobody(filed: World) -> None:
    identity = draft(filed)
    assert seers(filed) == set()
    with pytest.raises(Forbidden):
        notices.one(filed.visit("enterprise"), identity)
    notices.publish(filed.visit("city"), identity, 1)
    assert seers(filed) == set(PERSONAS)
    assert notices.one(filed.visit("enterprise"), identity).notice.text == GIVEN.text
    notices.withdraw(filed.visit("administrator"), identity, 2)
    assert seers(filed) == set()
    assert notices.unread(filed.visit("other")) == 0
    with pytest.raises(Forbidden):
        notices.one(filed.visit("enterprise"), identity)
    notices.publish(filed.visit("city"), identity, 3)
    assert seers(filed) == set(PERSONAS)
    kinds = [fact.kind for fact in filed.store.facts(f"notice:{identity}")]
    assert kinds == ["notice.drafted", "notice.published", "notice.withdrawn", "notice.published"]


@pytest.mark.parametrize(
    ("roles", "districts", "expected"),
    [
        ([], [], set(PERSONAS)),
        (["enterprise"], [], {"enterprise", "other"}),
        (["enterprise"], ["GX"], {"enterprise"}),
        (["enterprise"], ["HS"], {"other"}),
        (["enterprise"], ["HY"], set()),
        (["district_reviewer", "administrator"], [], {"district", "other_district", "administrator"}),
        ([], ["GX"], {"enterprise", "district", "city", "administrator"}),
        ([], ["GX", "HS"], set(PERSONAS)),
        (["district_reviewer"], ["HS"], {"other_district"}),
    ],
)
def test_a_notice_is_for_its_roles_and_districts_and_the_rate_counts_the_same_people(
    filed: World, roles: list[str], districts: list[str], expected: set[str]
) -> None:
    filed.token("other")
    identity = published(filed, roles=roles, districts=districts)
    assert seers(filed) == expected
    row = notices.standing(filed.visit("city"), identity)
    assert (row.reach.audience, row.reach.read) == (len(expected), 0)
    for persona in PERSONAS:
        if persona in expected:
            assert notices.unread(filed.visit(persona)) == 1
            assert notices.one(filed.visit(persona), identity).newly
            assert not notices.one(filed.visit(persona), identity).newly
        else:
            with pytest.raises(Forbidden):
                notices.one(filed.visit(persona), identity)
        assert notices.unread(filed.visit(persona)) == 0
    row = notices.standing(filed.visit("city"), identity)
    assert (row.reach.audience, row.reach.read) == (len(expected), len(expected))
    assert (
        sum(there.audience for _, there in row.by_district)
        == sum(there.read for _, there in row.by_district)
        == len(expected)
    )
    (listed,) = notices.listing(filed.visit("city"))
    assert (listed.reach.audience, listed.reach.read) == (row.reach.audience, row.reach.read)


def test_the_read_rate_by_district(filed: World) -> None:
    identity = published(filed)
    notices.one(filed.visit("enterprise"), identity)
    notices.one(filed.visit("city"), identity)
    row = notices.standing(filed.visit("city"), identity)
    assert (row.reach.audience, row.reach.read) == (6, 2)
    assert {place: (there.audience, there.read) for place, there in row.by_district} == {
        "GX": (2, 1),
        "HS": (2, 0),
        None: (2, 1),
    }


def test_an_enterprise_that_has_filed_nothing_sees_what_is_for_every_district(world: World) -> None:
    published(world, districts=["GX"])
    assert notices.mine(world.visit("enterprise")) == []
    identity = published(world)
    assert [row.notice.id for row in notices.mine(world.visit("enterprise"))] == [identity]


def test_pinned_first_then_the_newest_and_none_after_its_last_day(filed: World) -> None:
    first, second = published(filed, title="一"), published(filed, title="二", until=str(DAY))
    published(filed, title="三", pinned=True)
    titles = [row.notice.title for row in notices.mine(filed.visit("enterprise"))]
    assert titles == ["三", "二", "一"]
    notices.change(filed.visit("city"), first, 2, replace(GIVEN, title="一", pinned=True))
    filed.clock.now += timedelta(days=1)
    assert [row.notice.title for row in notices.mine(filed.visit("enterprise"))] == ["三", "一"]
    assert notices.unread(filed.visit("enterprise")) == 2
    # It may be changed with its past day, and gets no past day anew.
    notices.change(filed.visit("city"), second, 2, replace(GIVEN, title="二改", until=str(DAY)))
    with pytest.raises(Refused, match="展示至"):
        notices.change(filed.visit("city"), second, 3, replace(GIVEN, until=str(DAY - timedelta(days=1))))
    notices.withdraw(filed.visit("city"), second, 3)
    with pytest.raises(Refused, match="展示至"):
        notices.publish(filed.visit("city"), second, 4)


def test_a_change_of_what_is_published_is_seen_at_once_and_the_old_text_stays_in_the_facts(filed: World) -> None:
    identity = published(filed)
    notices.one(filed.visit("enterprise"), identity)
    notices.change(filed.visit("city"), identity, 2, replace(GIVEN, text="改正后的内容"))
    row = notices.one(filed.visit("enterprise"), identity)
    assert (row.notice.text, row.newly, row.notice.revision) == ("改正后的内容", False, 3)
    facts = filed.store.facts(f"notice:{identity}")
    assert facts[0].body["text"] == GIVEN.text
    assert facts[2].body == {"text": "改正后的内容"}
    notices.change(filed.visit("city"), identity, 3, replace(GIVEN, text="改正后的内容"))
    assert len(filed.store.facts(f"notice:{identity}")) == 3  # nothing changed, nothing written


def test_two_who_manage_it_do_not_overwrite_one_another(filed: World) -> None:
    identity = draft(filed)
    notices.change(filed.visit("city"), identity, 1, replace(GIVEN, title="改"))
    for deed in (
        lambda: notices.change(filed.visit("administrator"), identity, 1, GIVEN),
        lambda: notices.publish(filed.visit("administrator"), identity, 1),
        lambda: notices.withdraw(filed.visit("administrator"), identity, 1),
    ):
        with pytest.raises(Conflict):
            deed()
    with pytest.raises(Refused, match="草稿"):
        notices.withdraw(filed.visit("administrator"), identity, 2)
    notices.publish(filed.visit("administrator"), identity, 2)
    with pytest.raises(Refused, match="已发布"):
        notices.publish(filed.visit("administrator"), identity, 3)


@pytest.mark.parametrize(
    "more",
    [
        {"title": ""},
        {"title": "长" * 101},
        {"text": " "},
        {"text": "长" * 5001},
        {"roles": ["wizard"]},
        {"districts": ["XX"]},
        {"until": str(DAY - timedelta(days=1))},
    ],
)
def test_what_does_not_fit_is_refused(filed: World, more: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        draft(filed, **more)
    assert notices.count(filed.visit("city")) == 0


@pytest.mark.parametrize("persona", ["enterprise", "district"])
def test_only_those_who_may_manage_do(filed: World, persona: str) -> None:
    identity, visit = draft(filed), filed.visit(persona)
    for deed in (
        lambda: notices.listing(visit),
        lambda: notices.count(visit),
        lambda: notices.standing(visit, identity),
        lambda: notices.draft(visit, GIVEN),
        lambda: notices.change(visit, identity, 1, GIVEN),
        lambda: notices.publish(visit, identity, 1),
        lambda: notices.withdraw(visit, identity, 1),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_a_second_press_drafts_nothing(filed: World) -> None:
    assert draft(filed, key="k") == draft(filed, key="k")
    assert notices.count(filed.visit("city")) == 1


def test_notices_are_rebuilt_from_the_facts(filed: World) -> None:
    identity = published(filed, roles=["enterprise"], districts=["GX"], until=str(DAY), pinned=True)
    notices.one(filed.visit("enterprise"), identity)
    before = notices.standing(filed.visit("city"), identity)
    filed.store.rebuild(PROJECTED)
    assert notices.standing(filed.visit("city"), identity) == before


def test_the_log_tells_in_words_what_became_of_a_notice(filed: World) -> None:
    identity = published(filed, roles=["enterprise"], districts=["GX"])
    notices.withdraw(filed.visit("city"), identity, 2)
    rows = log.entries(filed.visit("administrator"), log.Query("operations", text="公告"))
    lines = wording.table("operations", rows)
    assert [line["事件"] for line in lines] == ["撤回公告", "发布公告", "起草公告"]
    assert lines[0]["内容"] == "状态：已撤回"
    for words in ("标题：关于年度填报的通知", "面向角色：企业填报人", "区属范围：东湖高新区", "置顶：否"):
        assert words in lines[2]["内容"]
