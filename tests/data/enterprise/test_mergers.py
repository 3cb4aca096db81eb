"""企业合并: from its day on the one that went into another neither files nor counts; what was stays, and it can be taken back."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.base.errors import Conflict, Forbidden, Refused
from core.enterprise.query import Query, table
from core.rule.policy import Policy
from core.statistics.selection import Selection
from data import jobs
from data.access.accounts import enterprise_id
from data.directory import classified
from data.enterprise import mergers, moves, planned, profile
from data.enterprise import search as enterprise_search
from data.filing import attachments, filings, progress, reminders, rounds
from data.messaging import messages
from data.projections import PROJECTED
from data.review import corrections, decisions
from data.review import queue as review_queue
from data.statistics import imputation
from tests.data.filing import setting
from tests.world import NAMES, USCC, World, save

TODAY = date(2026, 1, 10)
A, B = enterprise_id(USCC["enterprise"]), enterprise_id(USCC["other"])
SENTENCE = f"自 2026-01-10 起并入“{NAMES['other']}”"


@pytest.fixture(autouse=True)
def both(world: World) -> None:
    for persona in USCC:
        world.account(persona)


def seq(world: World) -> int:
    return int(profile.merger(world.visit("city"), A).seq)


def merge(world: World, *, persona: str = "city", **changes: Any) -> bool:
    given: dict[str, Any] = {"into": B, "since": TODAY, "reason": "吸收合并", "document": "武市监〔2026〕3号"} | changes
    seen = given.pop("seen", None)
    return mergers.merge(world.visit(persona), given.pop("one", A), seq(world) if seen is None else seen, **given)


def counted(world: World, **options: Any) -> list[str]:
    """Who stands in the year that runs: 2025 is closed, and a merger of 2026 takes nothing out of it."""
    return list(classified.classified(world.visit("city"), 2026, Policy(), **options)["enterprise_id"])


def due(world: World, round_id: str = "2025") -> list[str]:
    visit = world.visit("city")
    return sorted(progress.listing(visit, progress.round_of(visit, round_id))["enterprise_id"])


def titles(world: World, persona: str) -> list[str]:
    return [row.title for row in messages.inbox(world.visit(persona))]


def rebuilt(world: World) -> bool:
    def snapshot() -> dict[str, list[str]]:
        return {name: sorted(map(repr, world.store.rows(f"SELECT * FROM {name}"))) for name in PROJECTED}

    kept = snapshot()
    world.store.rebuild(PROJECTED)
    return snapshot() == kept


def test_who_went_into_another_counts_no_more_and_did_before(world: World) -> None:
    filing = world.admit("enterprise")
    before = world.clock.now
    figures = classified.newest_figures(world.store)
    assert merge(world)
    assert counted(world) == []
    assert counted(world, as_of=before) == [A]
    assert list(classified.classified(world.visit("city"), 2025, Policy())["enterprise_id"]) == [A]
    assert classified.newest_figures(world.store).equals(figures), "past figures stay"
    row = enterprise_search.one(world.visit("city"), A)
    assert (row.admitted, row.merged_into) == (False, NAMES["other"])
    shown = table(enterprise_search.search(world.visit("city"), Query(admitted="no")), ("name", "admitted")).rows()
    assert (NAMES["enterprise"], f"已并入{NAMES['other']}") in shown
    assert filings.one(world.visit("city"), filing.id).state == "admitted", "what was filed stays"
    assert corrections.standing(world.visit("city"), A) is None
    assert rebuilt(world)


def test_it_need_not_file_and_is_not_reminded(world: World) -> None:
    assert due(world) == sorted([A, B])
    merge(world)
    assert due(world) == [B]
    with pytest.raises(Refused, match="无须填报"):
        reminders.remind(world.visit("city"), "2025", [A], template="due", title="请填报", text="请填报")
    world.clock.now += timedelta(days=19)
    reminders.remind_due(world.store)
    assert world.store.rows("SELECT DISTINCT enterprise_id FROM reminders") == [{"enterprise_id": B}]


def test_a_round_that_was_over_before_still_asks_for_it(world: World) -> None:
    world.clock.now += timedelta(days=40)
    setting.add(
        world.visit("city"),
        year=2026,
        columns=("q1",),
        opens=date(2026, 2, 10),
        closes=date(2026, 3, 10),
        obliged="all",
        districts=(),
    )
    merge(world, since=date(2026, 2, 15))
    assert (due(world), due(world, "2026")) == (sorted([A, B]), [B])


def test_its_filings_stand_still_and_say_why(world: World) -> None:
    filing = world.save("enterprise")
    merge(world)
    visit = world.visit("enterprise")
    now = filings.mine(visit)
    assert now is not None
    assert SENTENCE in now.merged
    assert not now.editable_on(TODAY)
    assert now.content == filing.content, "what was filed stays readable"
    with pytest.raises(Refused, match=SENTENCE):
        save(visit, filing, {"basic.contact_name": "王五"})
    with pytest.raises(Refused, match=SENTENCE):
        filings.submit(visit, filing.id, filing.revision)
    with pytest.raises(Refused, match=SENTENCE):
        attachments.add(visit, "证书.pdf", b"%PDF-1.7 ...")
    with pytest.raises(Refused, match=SENTENCE):
        rounds.unlock(world.visit("city"), A, date(2026, 2, 20), "企业来函说明")
    assert filings.mine(world.visit("other")).merged == ""  # type: ignore[union-attr]


def test_who_has_saved_nothing_cannot_begin(world: World) -> None:
    merge(world)
    visit = world.visit("enterprise")
    with pytest.raises(Refused, match=SENTENCE):
        filings.save(visit, f"{A}.2025", {"basic.contact_name": (None, "王五")})
    assert world.store.rows("SELECT id FROM filings") == []


def test_nobody_decides_on_it_any_more(world: World) -> None:
    filing = world.submit("enterprise")
    decisions.decide(world.visit("district"), filing.id, filing.revision, "pass")
    passed = filings.one(world.visit("city"), filing.id)
    merge(world)
    city = world.visit("city")
    assert review_queue.filings(city, "2025").is_empty()
    assert decisions.open_to(city, filings.one(city, filing.id)) == []
    assert review_queue.head(city, passed).id == filing.id, "it can still be opened"
    for action in ("admit", "return"):
        with pytest.raises(Refused, match=SENTENCE):
            decisions.decide(city, filing.id, passed.revision, action, reasons={"": "内容有误"})
    assert SENTENCE in next(iter(decisions.decide_several(city, {filing.id: passed.revision}).left.values()))
    with pytest.raises(Refused, match=SENTENCE):
        decisions.undo(world.visit("district"), filing.id, passed.revision)
    with pytest.raises(Refused, match="区属未调整"):
        moves.move(city, A, None, district="HS", since=TODAY, reason="迁址")
    assert counted(world) == []


def test_both_sides_are_told(world: World) -> None:
    merge(world)
    assert titles(world, "enterprise") == titles(world, "other") == ["企业合并已生效"]
    mergers.unmerge(world.visit("city"), A, seq(world), "登记有误")
    assert titles(world, "enterprise")[0] == titles(world, "other")[0] == "企业合并已撤销"


def test_both_pages_name_the_other_side(world: World) -> None:
    world.admit("enterprise")
    merge(world)
    city = world.visit("city")
    mine = profile.merger(city, A)
    assert (mine.into_id, mine.into_name, mine.reason, mine.readable) == (B, NAMES["other"], "吸收合并", True)
    assert [(each.enterprise_id, each.effective) for each in profile.merger(city, B).absorbed] == [(A, TODAY)]
    assert profile.merger(world.visit("district"), A).readable is False, "the other side lies in no scope of theirs"
    with pytest.raises(Forbidden):
        profile.merger(world.visit("other_district"), A)


def test_taken_back_it_files_and_counts_again_and_the_time_between_stays(world: World) -> None:
    world.admit("enterprise")
    merge(world)
    between = world.clock.now
    mergers.unmerge(world.visit("city"), A, seq(world), "登记有误")
    assert counted(world) == [A]
    assert counted(world, as_of=between) == []
    assert due(world) == sorted([A, B])
    assert filings.mine(world.visit("enterprise")).merged == ""  # type: ignore[union-attr]
    assert enterprise_search.one(world.visit("city"), A).merged_into is None
    assert merge(world), "and may be merged again"
    assert rebuilt(world)


def test_of_two_officers_the_second_is_told(world: World) -> None:
    seen = seq(world)
    merge(world)
    with pytest.raises((Conflict, Refused)):
        merge(world, seen=seen)
    stale = seq(world)
    mergers.unmerge(world.visit("city"), A, stale, "登记有误")
    for attempt in (
        lambda: mergers.unmerge(world.visit("city"), A, stale, "登记有误"),
        lambda: merge(world, seen=stale),
    ):
        with pytest.raises(Conflict, match="刚刚被别人改过"):
            attempt()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"into": A}, "不能并入其自身"), ({"into": "nobody"}, "请选择“并入企业”"), ({"since": None}, "请填写“生效日期”"),
        ({"since": date(2026, 1, 4)}, "早于本填报期的开始日期 2026-01-05"), ({"since": date(2027, 6, 1)}, "在一年以后"),
        ({"reason": " 。"}, "请写明“合并原因”"), ({"reason": "长" * 501}, "超过 500 字"), ({"document": "长" * 201}, "超过 200 字"),
    ],
)  # fmt: skip
def test_a_merger_names_another_enterprise_a_day_and_a_reason(
    world: World, changes: dict[str, Any], sentence: str
) -> None:
    world.admit("enterprise")
    with pytest.raises(Refused, match=sentence):
        merge(world, **changes)
    assert counted(world) == [A]


def test_nobody_goes_into_who_has_gone_elsewhere(world: World) -> None:
    merge(world)
    with pytest.raises(Refused, match=f"已并入“{NAMES['other']}”"):
        mergers.merge(world.visit("city"), B, 0, into=A, since=TODAY, reason="吸收合并")
    assert mergers.others(world.visit("city"), B, "武汉") == {}


@pytest.mark.parametrize("persona", ["district", "administrator", "enterprise"])
def test_only_the_city_merges(world: World, persona: str) -> None:
    world.admit("enterprise")
    for attempt in (
        lambda: merge(world, persona=persona, seen=0),
        lambda: mergers.unmerge(world.visit(persona), A, 0, "登记有误"),
        lambda: mergers.others(world.visit(persona), A, "武汉"),
        lambda: planned.withdraw(world.visit(persona), A, "merge", 0, "登记有误"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert counted(world) == [A]


# --- on a day to come ----------------------------------------------------------------------------------


def run_day(world: World) -> str:
    job = next(each for each in jobs.JOBS if each.code == "changes")
    return job.run(world.store)


def test_a_merger_of_a_day_to_come_is_done_on_it_once(world: World) -> None:
    filing = world.admit("enterprise")
    assert not merge(world, since=TODAY + timedelta(days=3))
    assert counted(world) == [A]
    assert filings.one(world.visit("city"), filing.id).merged == ""
    assert titles(world, "enterprise")[0] == titles(world, "other")[0] == "企业合并将生效"
    waits = profile.planned(world.visit("city"), A)["merge"]
    assert (waits.target_name, waits.effective) == (NAMES["other"], TODAY + timedelta(days=3))
    assert run_day(world) == "没有到期生效的调整。"
    world.clock.now += timedelta(days=4)
    assert run_day(world) == "生效 1 项，未能生效而撤回 0 项。"
    assert run_day(world) == "没有到期生效的调整。"
    assert counted(world) == []
    assert profile.planned(world.visit("city"), A) == {}
    assert profile.merger(world.visit("city"), A).effective == TODAY + timedelta(days=3)
    assert rebuilt(world)


def test_it_can_be_withdrawn_before(world: World) -> None:
    merge(world, since=TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="已有 2026-01-13 生效的企业合并"):
        merge(world)
    waits = profile.planned(world.visit("city"), A)["merge"]
    planned.withdraw(world.visit("city"), A, "merge", waits.seq, "文件已撤销")
    with pytest.raises(Conflict):
        planned.withdraw(world.visit("city"), A, "merge", waits.seq, "文件已撤销")
    assert titles(world, "other")[0] == "企业合并已撤回"
    world.clock.now += timedelta(days=4)
    assert run_day(world) == "没有到期生效的调整。"
    assert profile.merger(world.visit("city"), A).into_id is None


def test_what_cannot_be_done_on_its_day_is_withdrawn_and_its_officer_told(world: World) -> None:
    merge(world, since=TODAY + timedelta(days=3))
    mergers.merge(world.visit("city"), B, 0, into=A, since=TODAY, reason="吸收合并")
    world.clock.now += timedelta(days=4)
    assert run_day(world) == "生效 0 项，未能生效而撤回 1 项。"
    newest = messages.inbox(world.visit("city"))[0]
    assert newest.title == "企业合并已撤回"
    assert "已并入" in messages.one(world.visit("city"), newest.id).message.text
    assert profile.merger(world.visit("city"), A).into_id is None


def test_who_was_missing_and_has_merged_is_not_missed_at_once(world: World) -> None:
    """What has been read before the merger is not shown after it."""
    world.admit("other")

    def missing() -> int:
        return imputation.span(world.visit("city"), Selection(2025)).missing

    before = missing()
    assert missing() == before > 0
    merge(world)
    assert missing() == before - 1
