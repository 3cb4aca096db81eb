"""区属调整: from then on the new district reviews and counts the enterprise; what was stays to be read as it was."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.base.errors import Conflict, Forbidden, Refused
from core.filing.filing import Filing
from core.rule.policy import Policy
from data import jobs
from data.access import organisations, placements
from data.directory import classified
from data.enterprise import moves, planned, profile
from data.filing import filings
from data.messaging import messages
from data.projections import PROJECTED
from data.review import decisions
from data.review import queue as review_queue
from data.store.store import SYSTEM
from tests.core import samples
from tests.world import World, content_at

TODAY = date(2026, 1, 10)


def move(
    world: World,
    filing: Filing,
    district: str = "HS",
    *,
    seen: str | None = "GX",
    persona: str = "city",
    **changes: Any,
) -> None:
    given = {"district": district, "since": TODAY, "reason": "武经信〔2026〕1号"} | changes
    moves.move(world.visit(persona), filing.enterprise_id, seen, **given)


def counted(world: World, persona: str, **options: Any) -> list[str]:
    """Where it stands in the year that runs: 2025 is closed, and a move of 2026 changes nothing of it."""
    return list(classified.classified(world.visit(persona), 2026, Policy(), **options)["district"])


def rebuilt(world: World) -> bool:
    def snapshot() -> dict[str, list[str]]:
        return {table: sorted(map(repr, world.store.rows(f"SELECT * FROM {table}"))) for table in PROJECTED}

    kept = snapshot()
    world.store.rebuild(PROJECTED)
    return snapshot() == kept


def test_an_open_filing_goes_on_in_the_new_district(world: World) -> None:
    filing = world.submit("enterprise")
    move(world, filing, seen=None)
    assert review_queue.filings(world.visit("district"), "2025").is_empty()
    with pytest.raises(Forbidden):
        decisions.decide(world.visit("district"), filing.id, filing.revision, "pass")
    now = filings.one(world.visit("other_district"), filing.id)
    assert (now.district, now.content["basic"]["district"], now.revision) == ("HS", "HS", filing.revision)
    decisions.decide(world.visit("other_district"), filing.id, filing.revision, "pass")
    now = filings.one(world.visit("city"), filing.id)
    decisions.decide(world.visit("city"), filing.id, now.revision, "admit")
    assert counted(world, "other_district") == ["HS"]
    assert counted(world, "district") == []
    told = [step for step in filings.timeline(world.visit("enterprise"), filing.id) if step.kind == "enterprise.moved"]
    assert told[0].reasons == {"": "自 2026-01-10 起，区属调整为洪山区。依据：武经信〔2026〕1号"}
    assert rebuilt(world)


def test_an_admitted_enterprise_counts_in_the_new_district_and_did_in_the_old_before(world: World) -> None:
    filing = world.admit("enterprise")
    park = organisations.add(world.visit("administrator"), "园区", "GX")
    placements.place(world.visit("administrator"), [filing.enterprise_id], organisation_id=park, officer_id=None)
    before = world.clock.now
    whole = classified.classified(world.visit("city"), 2025, Policy())
    move(world, filing, since=TODAY - timedelta(days=5))
    assert counted(world, "city") == ["HS"]
    assert (counted(world, "district"), counted(world, "other_district")) == ([], ["HS"])
    assert classified.classified(world.visit("city"), 2025, Policy()).equals(whole)
    assert counted(world, "city", as_of=before) == ["GX"]
    assert world.store.rows("SELECT organisation_id FROM placements") == [{"organisation_id": None}]
    stands = moves.standing(world.visit("city"), filing.enterprise_id)
    assert (stands.district, stands.effective) == ("HS", TODAY - timedelta(days=5))
    now = filings.one(world.visit("city"), filing.id)
    with pytest.raises(Conflict, match="入库记录"):
        decisions.undo(world.visit("city"), filing.id, now.revision)
    decisions.decide(world.visit("city"), filing.id, now.revision, "revoke", reasons={"": "虚假填报"})
    assert counted(world, "city") == []
    now = filings.one(world.visit("city"), filing.id)
    decisions.undo(world.visit("city"), filing.id, now.revision)
    assert counted(world, "city") == ["HS"]
    assert rebuilt(world)


def test_the_next_filing_starts_in_the_new_district_and_may_name_another(world: World) -> None:
    filing = world.admit("enterprise")
    move(world, filing)
    body = {"year": 2025, "columns": ["full_year"], "opens": "2026-01-08", "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2025b", body))
    new = filings.mine(world.visit("enterprise"))
    assert new is not None
    assert new.content["basic"]["district"] == "HS"
    again = world.submit("enterprise", samples.put(samples.clean(), {"basic.district": "GX"}))
    assert again.district == "GX", "what is filed after the move speaks for itself"


@pytest.mark.parametrize("persona", ["district", "administrator", "enterprise"])
def test_only_the_city_moves_an_enterprise(world: World, persona: str) -> None:
    filing = world.admit("enterprise")
    with pytest.raises(Forbidden):
        move(world, filing, persona=persona)
    with pytest.raises(Forbidden):
        moves.standing(world.visit(persona), filing.enterprise_id)
    assert counted(world, "city") == ["GX"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"district": "XX"}, "请选择调整后的区属"), ({"district": ""}, "请选择调整后的区属"), ({"since": None}, "请填写“生效日期”"),
        ({"since": TODAY + timedelta(days=400)}, "在一年以后"), ({"reason": " 。"}, "请写明“调整依据”"),
        ({"reason": "长" * 501}, "超过 500 字"), ({"district": "GX"}, "无需调整"),
    ],
)  # fmt: skip
def test_a_move_names_a_district_a_day_and_a_document(world: World, changes: dict[str, Any], sentence: str) -> None:
    filing = world.admit("enterprise")
    with pytest.raises(Refused, match=sentence):
        move(world, filing, **changes)
    assert counted(world, "city") == ["GX"]


def test_of_two_officers_the_second_is_told(world: World) -> None:
    filing = world.admit("enterprise")
    move(world, filing)
    with pytest.raises(Conflict, match="刚刚已变为洪山区"):
        move(world, filing, "JA")
    with pytest.raises(Forbidden):
        moves.move(world.visit("city"), "nobody", None, district="HS", since=TODAY, reason="迁址证明")


# --- on a day to come ----------------------------------------------------------------------------------


def run_day(world: World) -> str:
    job = next(each for each in jobs.JOBS if each.code == "changes")
    return job.run(world.store)


def test_a_move_of_a_day_to_come_is_done_on_it_once(world: World) -> None:
    filing = world.admit("enterprise")
    day = TODAY + timedelta(days=3)
    move(world, filing, since=day)
    assert counted(world, "city") == ["GX"]
    assert messages.inbox(world.visit("enterprise"))[0].title == "区属调整将生效"
    waits = profile.planned(world.visit("district"), filing.enterprise_id)["move"]
    assert (waits.target_name, waits.effective, waits.who) == ("洪山区", day, "officer")
    assert run_day(world) == "没有到期生效的调整。"
    before = world.clock.now
    world.clock.now += timedelta(days=3)
    assert run_day(world) == "生效 1 项，未能生效而撤回 0 项。"
    assert run_day(world) == "没有到期生效的调整。"
    assert (counted(world, "city"), counted(world, "city", as_of=before)) == (["HS"], ["GX"])
    assert counted(world, "district", as_of=before) == ["GX"], "and the old district still sees the time before"
    assert counted(world, "other_district", as_of=before) == []
    assert moves.standing(world.visit("city"), filing.enterprise_id).effective == day
    assert messages.inbox(world.visit("enterprise"))[0].title == "区属已调整"
    assert rebuilt(world)


def test_an_open_filing_as_of_a_day_names_the_district_of_then(world: World) -> None:
    filing = world.submit("enterprise")
    move(world, filing, seen=None, since=TODAY + timedelta(days=1))
    before = world.clock.now
    world.clock.now += timedelta(days=1)
    run_day(world)
    city = world.visit("city")
    assert content_at(world.store, filing, before)["basic"]["district"] == "GX"
    assert content_at(world.store, filing, world.clock.now)["basic"]["district"] == "HS"
    assert content_at(world.store, filing, world.clock.now) == filings.one(city, filing.id).content
    assert review_queue.filings(world.visit("other_district"), "2025")["id"].to_list() == [filing.id]


def test_a_move_kept_for_its_day_can_be_withdrawn_before(world: World) -> None:
    filing = world.admit("enterprise")
    move(world, filing, since=TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="已有 2026-01-13 生效的区属调整（洪山区）"):
        move(world, filing, "JA")
    waits = profile.planned(world.visit("city"), filing.enterprise_id)["move"]
    with pytest.raises(Conflict, match="撤回没有执行"):
        planned.withdraw(world.visit("city"), filing.enterprise_id, "move", waits.seq - 1, "文件已撤销")
    with pytest.raises(Refused, match="撤回原因"):
        planned.withdraw(world.visit("city"), filing.enterprise_id, "move", waits.seq, " ")
    planned.withdraw(world.visit("city"), filing.enterprise_id, "move", waits.seq, "文件已撤销")
    assert profile.planned(world.visit("city"), filing.enterprise_id) == {}
    world.clock.now += timedelta(days=4)
    assert run_day(world) == "没有到期生效的调整。"
    assert counted(world, "city") == ["GX"]
    assert rebuilt(world)


def test_a_move_already_made_otherwise_is_withdrawn_on_its_day(world: World) -> None:
    filing = world.admit("enterprise")
    move(world, filing, since=TODAY + timedelta(days=3))
    world.store.write(
        lambda t: t.put("enterprises", {**(t.get("enterprises", filing.enterprise_id) or {}), "district": "HS"})
    )
    world.clock.now += timedelta(days=4)
    assert run_day(world) == "生效 0 项，未能生效而撤回 1 项。"
    assert messages.inbox(world.visit("city"))[0].title == "区属调整已撤回"
