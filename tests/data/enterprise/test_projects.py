"""项目库: demands become projects, two enterprises are brought together, and contacts wait until both agree."""

import pytest

from core.base.errors import Conflict, Forbidden, Refused
from data.access import accounts
from data.enterprise import projects
from tests.core import samples
from tests.world import NAMES, USCC, World

OTHER = accounts.enterprise_id(USCC["other"])
PHONE = "13900139000"


@pytest.fixture
def two(world: World) -> World:
    """One in GX that wants computing power, one in HS that makes chips."""
    world.submit("enterprise")
    world.submit(
        "other",
        samples.put(
            samples.clean(),
            {
                "basic.district": "HS",
                "technology.segments": ["chips"],
                "market.demands": [],
                "basic.contact_phone": PHONE,
            },
        ),
    )
    return world


def demand(world: World) -> str:
    return str(projects.demands(world.visit("city"))["id"][0])


def proposed(world: World) -> str:
    projects.open_project(world.visit("city"), demand(world))
    projects.propose(world.visit("city"), demand(world), OTHER)
    return f"{demand(world)}.{OTHER}"


def test_demands_of_what_was_sent_in_are_listed_within_the_scope(two: World) -> None:
    (row,) = projects.demands(two.visit("city")).to_dicts()
    assert (row["name"], row["kind"], row["title"], row["state"]) == (NAMES["enterprise"], "compute", "训练算力", "")
    assert projects.demands(two.visit("district")).height == 1
    assert projects.demands(two.visit("other_district")).is_empty()
    for text, count in (("算力", 1), ("微调", 1), ("测试", 1), ("没有", 0)):
        assert projects.demands(two.visit("city"), text=text).height == count
    assert projects.demands(two.visit("city"), kind="data").is_empty()
    for persona in ("enterprise", "administrator"):
        with pytest.raises(Forbidden):
            projects.demands(two.visit(persona))


def test_a_draft_s_demands_are_the_filer_s_own(world: World) -> None:
    world.save("enterprise")
    assert projects.demands(world.visit("city")).is_empty()


def test_candidates_have_reasons_and_stay_within_the_scope(two: World) -> None:
    (row,) = projects.candidates(two.visit("city"), demand(two)).to_dicts()
    assert (row["enterprise_id"], row["reasons"].partition("；")[0]) == (OTHER, "产业链环节对口：智能芯片及IP")
    assert projects.candidates(two.visit("district"), demand(two)).is_empty()
    with pytest.raises(Forbidden):
        projects.candidates(two.visit("other_district"), demand(two))


def test_contacts_are_shown_when_both_agree_and_not_before(two: World) -> None:
    match = proposed(two)
    sides = {"enterprise": "demand", "other": "supply"}
    for persona, side in sides.items():
        (offer,) = projects.offers(two.visit(persona))
        assert (offer.side, offer.mine, offer.theirs, offer.contact) == (side, None, None, None)
    assert projects.answer(two.visit("enterprise"), match, True) is False
    (offer,) = projects.offers(two.visit("other"))
    assert (offer.theirs, offer.contact) == (True, None)
    assert PHONE not in str(projects.offers(two.visit("enterprise")))
    assert projects.answer(two.visit("other"), match, False) is False
    assert projects.offers(two.visit("enterprise"))[0].contact is None
    assert projects.answer(two.visit("other"), match, True) is True
    assert PHONE in projects.offers(two.visit("enterprise"))[0].contact
    assert "13800138000" in projects.offers(two.visit("other"))[0].contact
    assert projects.own(two.visit("enterprise"))[0].state == "matched"
    with pytest.raises(Refused, match="双方都已同意"):
        projects.answer(two.visit("other"), match, False)


def test_nobody_else_answers_or_proposes(two: World) -> None:
    match = proposed(two)
    for persona in ("city", "district"):
        with pytest.raises(Forbidden):
            projects.answer(two.visit(persona), match, True)
    with pytest.raises(Forbidden):
        projects.propose(two.visit("district"), demand(two), OTHER)
    with pytest.raises(Forbidden):
        projects.answer(two.visit("enterprise"), "x.y", True)
    with pytest.raises(Refused, match="无需重复"):
        projects.propose(two.visit("city"), demand(two), OTHER)
    with pytest.raises(Refused, match="匹配名单"):
        projects.propose(two.visit("city"), demand(two), accounts.enterprise_id(USCC["enterprise"]))


def test_a_project_is_opened_once_and_ends_with_words(two: World) -> None:
    identity, city = demand(two), two.visit("city")
    with pytest.raises(Refused, match="没有立项"):
        projects.close(city, identity, 0, "closed", "已解决")
    match = proposed(two)
    with pytest.raises(Conflict):
        projects.open_project(city, identity)
    with pytest.raises(Refused, match="写明结果"):
        projects.close(city, identity, 1, "closed", " ")
    with pytest.raises(Refused, match="双方同意"):
        projects.close(city, identity, 1, "done", "已签约")
    projects.answer(two.visit("enterprise"), match, True)
    projects.answer(two.visit("other"), match, True)
    with pytest.raises(Conflict):
        projects.close(city, identity, 1, "closed", "过时的页面")
    projects.close(city, identity, 2, "done", "已签约")
    assert (projects.one(city, identity).state, projects.one(city, identity).reason) == ("done", "已签约")
    with pytest.raises(Refused, match="已经结束"):
        projects.answer(two.visit("other"), match, False)
