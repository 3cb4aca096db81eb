"""政策版本: drafted by one, published by another, counting from its day on and never before."""

from datetime import date, datetime
from typing import Any

import pytest

from core.audit import wording
from core.audit.entry import LogEntry
from core.base.errors import Conflict, Forbidden, Refused
from core.rule import policy as rule_policy
from core.rule.policy import CHOICES, Policy, clauses, shipped, written
from core.rule.policy_draft import PolicyDraft
from data.access import accounts, sessions
from data.access.visit import Visit
from data.directory import classified
from data.filing import filings
from data.projections import PROJECTED
from data.review import queue as review_queue
from data.rule import policies, policy_effect
from tests.world import PASSWORD_HASH, World

DAY = date(2026, 2, 1)


def typed(**changes: Any) -> PolicyDraft:
    """The form as it comes prefilled with the policy in force, with these changes."""
    policy = shipped()[-1]
    values = {name: written(name, getattr(policy, name))[0] for name in clauses()}
    values |= {name: getattr(policy, name) for name in CHOICES}
    texts = {
        "version": "2026-修订",
        "title": "统计原则修订",
        "reference": "武经信〔2026〕1号",
        "effective_from": str(DAY),
    }
    given = texts | values | changes
    return PolicyDraft(**{name: given.pop(name) for name in texts}, parameters=given)


def published(world: World, **changes: Any) -> Policy:
    identity = policies.draft(world.visit("city"), typed(**changes))
    policies.publish(world.visit("administrator"), identity, 1)
    return policies.versions(world.store)[-1]


def on(world: World, day: date) -> Visit:
    world.clock.now = datetime(day.year, day.month, day.day, 2)
    world.tokens.clear()
    return world.visit("city")


# --- from its day on ---------------------------------------------------------------------------------


def test_a_published_version_is_in_force_from_its_day_and_not_before(world: World) -> None:
    policy = published(world, core_share_bp="40%", core_ai_revenue="1,500.5")
    assert (policy.core_share_bp, policy.core_ai_revenue) == (4000, 15_005_000)
    assert policies.in_force(on(world, date(2026, 1, 31))) == shipped()[-1]
    assert policies.in_force(on(world, DAY)) == policy
    world.clock.now = datetime(2026, 1, 31, 16)  # midnight in Beijing
    assert policies.in_force(world.visit("city")) == policy
    # Everybody is judged by it.
    assert policies.in_force(world.visit("enterprise")) == policy


def test_a_later_version_leaves_a_closed_year_and_counts_for_the_one_that_runs(world: World) -> None:
    """The sample enterprise has 4,200 of 6,000 in 2025: core at the line of 50 %, and so it stays when 90 % comes into force."""
    filing = world.admit("enterprise")
    policy = published(world, core_share_bp="90", core_ai_revenue="90000")

    def tiers(visit: Visit) -> tuple[str, str]:
        counted = classified.classified(visit, 2025, policies.for_year(visit, 2025))
        return counted["directory_tier"][0], review_queue.head(visit, filing).directory_tier

    before = tiers(on(world, date(2026, 1, 31)))
    assert before == ("core", "core")
    assert filings.context_for(world.visit("city"), filing).policy == shipped()[-1]
    assert tiers(on(world, DAY)) == before, "official figures and the review of a filing for 2025 go by its own version"
    assert policies.for_year(world.visit("city"), 2025) == shipped()[-1]
    assert policies.for_year(world.visit("city"), 2026) == policy
    assert filings.context_for(world.visit("city"), filing).policy == policy


def test_the_figures_of_past_years_stay_as_they_were(world: World) -> None:
    world.admit("enterprise")
    first = classified.classified(world.visit("city"), 2025, policies.for_year(world.visit("city"), 2025))
    published(world, core_share_bp="90", core_ai_revenue="90000", effective_from="2027-01-01")
    visit = on(world, date(2027, 6, 1))
    assert policies.in_force(visit).version == "2026-修订"
    assert policies.for_year(visit, 2025) == policies.for_year(visit, 2026) == shipped()[-1]  # over before it came
    assert policies.for_year(visit, 2027).version == "2026-修订"
    assert classified.classified(visit, 2025, policies.for_year(visit, 2025)).equals(first)
    assert policies.for_year(visit, 2019) == shipped()[0]  # older than the first version


def test_a_number_published_once_can_be_produced_again(world: World) -> None:
    world.admit("enterprise")
    moment, then = world.clock.now, policies.in_force(world.visit("city"))
    number = classified.classified(world.visit("city"), 2025, then, as_of=moment)
    published(world, core_share_bp="90", core_ai_revenue="90000")
    visit = on(world, date(2026, 3, 1))
    again = rule_policy.in_force(policies.versions(world.store), date(2026, 1, 10))
    assert classified.classified(visit, 2025, again, as_of=moment).equals(number)


def test_of_two_versions_of_one_day_the_later_published_holds(world: World) -> None:
    first = policies.draft(world.visit("city"), typed(version="先起草"))
    published(world, version="后起草", core_share_bp="45")
    policies.publish(world.visit("administrator"), first, 1)
    assert policies.in_force(on(world, DAY)).version == "先起草"
    world.store.rebuild(PROJECTED)
    assert policies.in_force(world.visit("city")).version == "先起草"


# --- two people ----------------------------------------------------------------------------------------


def second_administrator(world: World) -> Visit:
    accounts.create_local(
        world.store, username="second", name="second", role="administrator", password_hash=PASSWORD_HASH
    )
    token = sessions.start(world.store, "local-second", way="test", address=None, agent=None)
    visit = sessions.visit_of(world.store, sessions.token_id(token))
    assert visit is not None
    return visit


def test_who_drafted_does_not_publish_another_does(world: World) -> None:
    keeper = world.visit("administrator")
    identity = policies.draft(keeper, typed())
    with pytest.raises(Refused, match="另一人"):
        policies.publish(keeper, identity, 1)
    assert policies.versions(world.store) == shipped()
    policies.publish(second_administrator(world), identity, 1)
    assert policies.versions(world.store)[-1].version == "2026-修订"
    assert [fact.kind for fact in world.store.facts(f"policy:{identity}")] == ["policy.drafted", "policy.published"]


def test_who_changed_a_draft_has_written_it_too(world: World) -> None:
    identity = policies.draft(world.visit("city"), typed())
    keeper = world.visit("administrator")
    policies.change(keeper, identity, 1, typed(core_share_bp="45"))
    with pytest.raises(Refused, match="另一人"):
        policies.publish(keeper, identity, 2)
    policies.publish(second_administrator(world), identity, 2)
    shown = policies.listing(keeper)[-1]
    assert (shown.state, shown.authors, shown.own, shown.publisher) == (
        "published",
        ("officer", "keeper"),
        True,
        "second",
    )


def test_what_is_published_is_what_was_looked_at(world: World) -> None:
    identity = policies.draft(world.visit("city"), typed())
    policies.change(world.visit("city"), identity, 1, typed(core_share_bp="45"))
    with pytest.raises(Conflict, match="最新内容"):
        policies.publish(world.visit("administrator"), identity, 1)
    with pytest.raises(Conflict):
        policies.change(world.visit("city"), identity, 1, typed(core_share_bp="46"))


def test_a_draft_judges_nobody_and_can_be_given_up(world: World) -> None:
    identity = policies.draft(world.visit("city"), typed())
    assert policies.versions(world.store) == shipped()
    policies.withdraw(world.visit("city"), identity, 1)
    assert [each.id for each in policies.listing(world.visit("city"))] == [""]
    for act in (policies.withdraw, policies.publish):
        with pytest.raises(Refused, match="已经发布或撤回"):
            act(world.visit("administrator"), identity, 2)
    assert policies.draft(world.visit("city"), typed())  # its name is free again


def test_a_published_version_is_not_changed(world: World) -> None:
    identity = policies.draft(world.visit("city"), typed())
    policies.publish(world.visit("administrator"), identity, 1)
    for act in (
        lambda: policies.change(world.visit("city"), identity, 2, typed(core_share_bp="45")),
        lambda: policies.withdraw(world.visit("administrator"), identity, 2),
    ):
        with pytest.raises(Refused, match="已经发布"):
            act()


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"effective_from": "2026-01-10"}, "明天或以后"),
        ({"effective_from": ""}, "“生效日期”须填写"),
        ({"effective_from": "明天"}, "不是日期"),
        ({"version": ""}, "“版本号”须为 1 至 30"),
        ({"version": "2025-12-30"}, "已有版本号为“2025-12-30”"),
        ({"title": "x" * 61}, "“标题”"),
        ({"reference": "无"}, "“文件依据”须为 4"),
        ({"core_share_bp": "五十"}, "“核心企业占比线”填的是“五十”"),
        ({"core_share_bp": "100.01"}, "0 到 100"),
        ({"core_share_bp": "-1"}, "0 到 100"),
        ({"core_share_bp": "33.333"}, "2 位小数"),
        ({"core_ai_revenue": "2000.00001"}, "4 位小数"),
        ({"core_ai_revenue": "-1"}, "不能为负"),
        ({"core_ai_revenue": "2亿"}, "万元"),
        ({"threshold_inclusive": "也许"}, "“各线含等于”"),
        ({"low_share_core": "half"}, "须从所列"),
        ({"equal_kind": "both"}, "须从所列"),
        ({"core_share_small_bp": "10"}, "高于“小微企业核心占比线”"),
        ({"related_share_bp": "60"}, "高于“核心企业占比线”"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_the_field_and_its_value(
    world: World, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        policies.draft(world.visit("city"), typed(**changes))
    assert len(policies.listing(world.visit("city"))) == 1


def test_percentages_are_read_exactly(world: World) -> None:
    policy = published(
        world, core_share_bp="５０．０１％", related_share_bp="19.99", related_hardware_weight_bp=" 0.29 "
    )
    assert (policy.core_share_bp, policy.related_share_bp, policy.related_hardware_weight_bp) == (5001, 1999, 29)


def test_a_version_name_is_given_once_drafts_among_them(world: World) -> None:
    policies.draft(world.visit("city"), typed())
    second = policies.draft(world.visit("city"), typed(version="另一版"))
    with pytest.raises(Refused, match="已有版本号"):
        policies.draft(world.visit("city"), typed(version=" 2026-修订 "))
    with pytest.raises(Refused, match="已有版本号"):
        policies.change(world.visit("city"), second, 1, typed())


def test_a_draft_whose_day_has_come_is_not_published_into_the_past(world: World) -> None:
    identity = policies.draft(world.visit("city"), typed())
    on(world, DAY)
    with pytest.raises(Refused, match=f"{DAY} 须在明天或以后"):
        policies.publish(world.visit("administrator"), identity, 1)
    policies.change(world.visit("city"), identity, 1, typed(effective_from="2026-02-02"))
    policies.publish(world.visit("administrator"), identity, 2)


@pytest.mark.parametrize("persona", ["enterprise", "district"])
def test_only_those_who_may(world: World, persona: str) -> None:
    visit = world.visit(persona)
    for deed in (
        lambda: policies.listing(visit),
        lambda: policies.draft(visit, typed()),
        lambda: policies.change(visit, "x", 1, typed()),
        lambda: policies.withdraw(visit, "x", 1),
        lambda: policies.publish(visit, "x", 1),
        lambda: policy_effect.effect(visit, shipped()[-1]),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_the_city_officer_drafts_and_does_not_publish(world: World) -> None:
    identity = policies.draft(world.visit("administrator"), typed())
    with pytest.raises(Forbidden):
        policies.publish(world.visit("city"), identity, 1)


# --- what it changes ------------------------------------------------------------------------------------


def test_the_effect_says_how_many_change_their_class_and_what_is_counted(world: World) -> None:
    visit = world.visit("city")
    assert policy_effect.effect(visit, shipped()[-1]) is None
    world.admit("enterprise")
    assert policy_effect.effect(visit, shipped()[-1]).moves == ()  # type: ignore[union-attr]
    policy = shipped()[-1].scenario(core_share_bp=9000, core_ai_revenue=900_000_000)
    found = policy_effect.effect(visit, policy)
    assert found is not None
    assert (found.year, found.enterprises) == (2025, 1)
    ((old, _, count),) = found.moves
    assert (old, count) == ("core", 1)
    assert found.counted_before == 2 * found.counted_after > 0


def test_a_draft_is_compared_with_the_version_it_takes_the_place_of() -> None:
    first, second = (
        Policy(version=name, effective_from=date(year, 1, 1)) for name, year in (("甲", 2025), ("乙", 2027))
    )
    between = Policy(version="丙", effective_from=date(2026, 1, 1), core_share_bp=4500)
    assert rule_policy.before([first, second], between) == first
    assert rule_policy.before([first, second, between], second) == first
    assert rule_policy.before([first, second], first) is None
    assert rule_policy.difference(first, between) == [("核心企业占比线", "50%", "45%")]
    assert rule_policy.difference(first, second) == []


def test_the_log_says_what_a_draft_sets_in_words() -> None:
    entry = LogEntry(
        seq=1,
        at_utc=datetime(2026, 1, 10),
        kind="policy.changed",
        subject="policy:x",
        body={},
        before={"core_share_bp": 5000},
        after={"core_share_bp": 4000, "core_ai_revenue": 20_000_000},
    )
    lines = wording.table("changes", [entry])
    assert [(line["事件"], line["字段"], line["之前"], line["之后"]) for line in lines] == [
        ("修改政策草案", "核心企业占比线", "50%", "40%"),
        ("修改政策草案", "核心企业AI收入线", "—", "2,000 万元"),
    ]
