"""认定依据: the class of any day, by the figures and the policy of then, to whom may see the enterprise."""

from datetime import date, datetime

import pytest

from core.base.errors import Forbidden, Refused
from core.enterprise import derivation
from core.rule.policy import shipped
from data.enterprise import derivations
from data.filing import filings
from data.review import decisions
from data.rule import policies
from tests.core import samples
from tests.data.directory.test_classified import admitted, full
from tests.data.rule.test_policies import typed
from tests.world import World

TODAY = date(2026, 1, 10)


@pytest.fixture
def identity(world: World) -> str:
    return admitted(world, "enterprise", full("1000", "600", "600"), full("800", "300", year="2024")).enterprise_id


def test_a_card_says_numbers_clauses_readings_and_policy(world: World, identity: str) -> None:
    card = derivations.card(world.visit("city"), identity, 2025, TODAY)
    assert card.derivation.result.directory_tier == "core"
    assert "2025年度全年实际" in card.basis
    assert shipped()[-1].version in card.basis
    assert dict(card.amounts) == {
        "总收入": "10,000,000 元",
        "AI业务收入": "6,000,000 元",
        "软件收入": "6,000,000 元",
        "硬件收入": "未填",
    }
    assert [reading for _, reading, _ in card.readings] == [
        "“超过”不含等于",
        "按相关企业比例计入",
        "按硬件（计入比例较低）",
    ]
    document = derivation.document(card)
    assert [test["sentence"] for test in document["tests"]] == [test.sentence for test in card.derivation.tests]
    assert document["conclusion"] == card.derivation.conclusion
    assert document["amounts_yuan"]["ai_revenue"] == 6_000_000
    assert document["policy"]["parameters"]["核心企业占比线"] == "50%"
    assert document["enterprise"]["size"] == "medium"


def test_any_day_is_answered_by_what_stood_then(world: World, identity: str) -> None:
    """A policy of a later day leaves a year that is over as it was, and what becomes of a filing the days before."""
    policy = policies.draft(
        world.visit("city"), typed(core_share_bp="90", core_ai_revenue="90000", effective_from="2026-01-12")
    )
    policies.publish(world.visit("administrator"), policy, 1)
    world.clock.now = datetime(2026, 1, 13, 2)
    card = derivations.card(world.visit("city"), identity, 2025, TODAY)
    assert (card.derivation.result.directory_tier, card.derivation.policy) == ("core", shipped()[-1])
    later = derivations.card(world.visit("city"), identity, 2025, date(2026, 1, 13))
    assert (later.derivation.result.directory_tier, later.derivation.policy) == ("core", shipped()[-1])
    filing = filings.one(world.visit("city"), f"{identity}.2025")
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    assert derivations.card(world.visit("city"), identity, 2025, TODAY).derivation.result.directory_tier == "core"
    with pytest.raises((Refused, Forbidden)):
        derivations.card(world.visit("city"), identity, 2025, date(2026, 1, 13))


def test_the_years_are_those_with_full_year_figures_then(world: World, identity: str) -> None:
    assert derivations.years(world.visit("city"), identity, TODAY) == [(2025, False), (2024, False)]
    empty = derivations.card(world.visit("city"), identity, 2020, TODAY)
    assert "无法认定" in empty.derivation.conclusion
    assert "未填" in dict(empty.amounts).values()


@pytest.mark.parametrize(
    ("day", "words"), [(date(2026, 1, 11), "今天"), (date(1990, 1, 1), "今天"), (date(2026, 1, 9), "还没有入库")]
)
def test_a_day_to_come_or_before_the_admission_is_refused(world: World, identity: str, day: date, words: str) -> None:
    with pytest.raises(Refused, match=words):
        derivations.card(world.visit("city"), identity, 2025, day)


@pytest.mark.parametrize("persona", ["district", "city", "administrator"])
def test_whoever_oversees_it_may_read_it(world: World, identity: str, persona: str) -> None:
    assert derivations.card(world.visit(persona), identity, 2025, TODAY).subject.enterprise_id == identity


@pytest.mark.parametrize("persona", ["other_district", "other"])
def test_nobody_else_may(world: World, identity: str, persona: str) -> None:
    for read in (
        lambda: derivations.card(world.visit(persona), identity, 2025, TODAY),
        lambda: derivations.years(world.visit(persona), identity, TODAY),
    ):
        with pytest.raises(Forbidden):
            read()


def test_an_enterprise_sees_its_own_card_once_its_round_is_over(world: World, identity: str) -> None:
    with pytest.raises(Forbidden, match="还没有结束"):
        derivations.card(world.visit("enterprise"), identity, 2025, TODAY)
    assert derivations.years(world.visit("enterprise"), identity, TODAY) == [(2024, False)]
    world.clock.now = datetime(2026, 2, 2, 2)
    today = date(2026, 2, 2)
    assert derivations.card(world.visit("enterprise"), identity, 2025, today).derivation.result.directory_tier == "core"
    other = world.visit("other")
    with pytest.raises(Forbidden):
        derivations.card(other, identity, 2025, today)


def test_an_enterprise_never_admitted_has_no_card(world: World) -> None:
    filing = world.submit("enterprise", samples.clean())
    for persona in ("city", "enterprise"):
        with pytest.raises(Forbidden):
            derivations.card(world.visit(persona), filing.enterprise_id, 2024, TODAY)
