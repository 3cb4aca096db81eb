"""填报期: dates that make sense, no two at once, who must file, and one enterprise after the end."""

import threading
from datetime import date, datetime
from typing import Any

import pytest

from core.base.errors import Conflict, Forbidden, Refused
from core.filing.round import Round
from data.access import accounts
from data.filing import filings, periods, rounds
from data.projections import PROJECTED
from data.review import decisions
from data.store.store import SYSTEM
from tests.data.filing import setting
from tests.world import USCC, World, save

NEXT: dict[str, Any] = {
    "year": 2026,
    "columns": ("q1",),
    "opens": date(2026, 4, 5),
    "closes": date(2026, 4, 20),
    "obliged": "all",
    "districts": (),
}
CLOSED = datetime(2026, 2, 2, 2)


def later(world: World, moment: datetime) -> None:
    world.clock.now = moment
    world.tokens.clear()


def enterprise(world: World, persona: str = "enterprise") -> str:
    world.token(persona)
    return accounts.enterprise_id(USCC[persona])


def one(world: World, identity: str) -> Round:
    return next(each for each in periods.rounds(world.store) if each.id == identity)


# --- setting rounds ----------------------------------------------------------------------------------


def test_a_round_is_set_and_opens_on_its_first_day(world: World) -> None:
    officer = world.visit("city")
    given = {**NEXT, "columns": ("full_year", "q1"), "obliged": "admitted", "districts": ("HS", "GX")}
    identity = setting.add(officer, **given)
    assert one(world, identity).columns == ("q1", "full_year")
    assert {*one(world, identity).districts} == {"HS", "GX"}
    assert one(world, identity).who.startswith("在库企业（")
    assert periods.current_round(officer).id == "2025"  # type: ignore[union-attr]
    later(world, datetime(2026, 4, 4, 16))
    assert periods.current_round(world.visit("city")).id == identity  # type: ignore[union-attr]
    (fact,) = world.store.facts(f"round:{identity}")
    assert (fact.kind, fact.account_id) == ("round.opened", "local-officer")


def test_a_second_round_of_a_year_has_another_name(world: World) -> None:
    officer = world.visit("city")
    names = [
        setting.add(officer, **{**NEXT, "opens": date(2026, month, 5), "closes": date(2026, month, 20)})
        for month in (4, 7, 10)
    ]
    assert names == ["2026", "2026-2", "2026-3"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": ()}, "至少选一列"),
        ({"columns": ("q5",)}, "至少选一列"),
        ({"obliged": "nobody"}, "没有“nobody”"),
        ({"districts": ("XX",)}, "没有“XX”"),
        ({"closes": date(2026, 4, 4)}, "早于“开始日期”2026-04-05"),
        ({"opens": date(2026, 1, 1), "closes": date(2026, 1, 4)}, "2026-01-04 已经过去"),
        ({"closes": date(2027, 6, 1)}, "超过一年"),
        ({"year": 2027}, "填报年度 2027.*不相称"),
        ({"year": 2020}, "填报年度 2020.*不相称"),
        ({"opens": date(2026, 1, 31)}, "与“2025年度填报.*重叠"),
        ({"opens": date(2026, 1, 1), "closes": date(2026, 3, 1)}, "重叠"),
    ],
    ids=str,
)
def test_a_round_that_makes_no_sense_is_refused_with_the_reason(
    world: World, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        setting.add(world.visit("city"), **{**NEXT, **change})
    assert len(periods.rounds(world.store)) == 1


def test_a_round_may_begin_the_day_after_another_ends(world: World) -> None:
    assert setting.add(world.visit("city"), **{**NEXT, "opens": date(2026, 2, 1)})


def test_of_two_that_set_overlapping_rounds_at_once_only_one_succeeds(world: World) -> None:
    officer, answers = world.visit("city"), []
    started, release = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        started.set()
        release.wait(10)

    def attempt() -> None:
        try:
            answers.append(setting.add(officer, **NEXT))
        except Refused as refusal:
            answers.append(refusal)

    threads = [
        threading.Thread(target=world.store.write, args=[hold]),
        *(threading.Thread(target=attempt) for _ in range(3)),
    ]
    threads[0].start()
    assert started.wait(10)
    for thread in threads[1:]:
        thread.start()
    while world.store._jobs.qsize() < 3:
        pass
    release.set()
    for thread in threads:
        thread.join(10)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert len(periods.rounds(world.store)) == 2


def test_the_end_is_put_off_and_a_closed_round_opens_again(world: World) -> None:
    saved = world.save("enterprise")
    later(world, CLOSED)
    setting.change(world.visit("city"), "2025", 1, closes=date(2026, 2, 15))
    found = filings.mine(world.visit("enterprise"))
    assert found is not None and found.editable_on(world.store.today)
    filings.submit(world.visit("enterprise"), saved.id, saved.revision)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"year": 2024}, "填报年度"), ({"columns": ("q1",)}, "开放的填报列"), ({"opens": date(2026, 1, 6)}, "开始日期")],
)
def test_what_filings_rest_on_stands_once_one_was_saved(world: World, change: dict[str, Any], word: str) -> None:
    officer = world.visit("city")
    setting.change(officer, "2025", 1, **change)  # before anybody filed
    setting.change(officer, "2025", 2, year=2025, columns=("full_year",), opens=date(2026, 1, 5))
    world.save("enterprise")
    with pytest.raises(Refused, match=f"已有企业.*{word}不能再改.*未保存"):
        setting.change(officer, "2025", 3, **change)
    setting.change(officer, "2025", 3, closes=date(2026, 2, 5), obliged="admitted", districts=("GX",))
    assert (one(world, "2025").closes, one(world, "2025").obliged) == (date(2026, 2, 5), "admitted")


def test_two_who_change_a_round_do_not_overwrite_one_another(world: World) -> None:
    officer = world.visit("city")
    setting.change(officer, "2025", 1, closes=date(2026, 2, 5))
    with pytest.raises(Conflict, match="没有保存"):
        setting.change(officer, "2025", 1, closes=date(2026, 2, 9))
    setting.change(officer, "2025", 2)  # nothing changed, nothing written
    assert world.store.facts("round:2025")[-1].revision == 2


def test_a_round_is_not_shortened_into_the_past_nor_over_another(world: World) -> None:
    officer = world.visit("city")
    setting.add(officer, **NEXT)
    with pytest.raises(Refused, match="已经过去"):
        setting.change(officer, "2025", 1, closes=date(2026, 1, 9))
    with pytest.raises(Refused, match="重叠"):
        setting.change(officer, "2025", 1, closes=date(2026, 4, 5))


def test_the_list_counts_what_was_saved_filed_and_admitted(world: World) -> None:
    world.save("other")
    ((only, counts),) = rounds.listing(world.visit("city"))
    assert (only.id, counts.obliged, counts.saved, counts.filed, counts.admitted) == ("2025", 1, 1, 0, 0)
    world.admit("enterprise")
    ((_, counts),) = rounds.listing(world.visit("city"))
    assert (counts.obliged, counts.saved, counts.filed, counts.admitted) == (2, 2, 1, 1)


# --- who must file -----------------------------------------------------------------------------------


def named(world: World, persona: str, identity: str) -> list[str]:
    return sorted(world.visit(persona).scope.within(rounds.must_file(world.store, identity))["enterprise_id"])


def test_who_must_file_all_those_known_or_those_in_the_library_and_of_which_districts(world: World) -> None:
    officer, both = world.visit("city"), sorted([enterprise(world), enterprise(world, "other")])
    assert named(world, "city", "2025") == both
    filing = world.admit("enterprise")  # its district is GX from now on
    setting.change(officer, "2025", 1, districts=("GX",))
    assert named(world, "city", "2025") == [filing.enterprise_id]
    assert named(world, "district", "2025") == [filing.enterprise_id]
    assert named(world, "other_district", "2025") == []
    setting.change(officer, "2025", 2, districts=(), obliged="admitted")
    assert named(world, "city", "2025") == []  # nobody was in the library when this round opened
    identity = setting.add(officer, **{**NEXT, "obliged": "admitted"})
    assert named(world, "city", identity) == [filing.enterprise_id]
    decisions.decide(officer, filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    assert named(world, "city", identity) == []


def test_who_registers_after_a_round_did_not_have_to_file_in_it(world: World) -> None:
    later(world, CLOSED)
    enterprise(world)
    assert named(world, "city", "2025") == []


def test_rounds_of_before_ask_everybody(world: World) -> None:
    assert (one(world, "2025").obliged, one(world, "2025").districts) == ("all", ())


# --- one enterprise after the end ----------------------------------------------------------------------


def test_one_enterprise_files_after_the_end_and_no_other(world: World) -> None:
    world.save("other")
    later(world, CLOSED)
    first = enterprise(world)  # it has not saved anything yet
    rounds.unlock(world.visit("city"), first, date(2026, 2, 5), "企业来函说明")
    filing = world.submit("enterprise")
    assert filing.state == "submitted"
    other = filings.mine(world.visit("other"))
    assert other is not None and not other.editable_on(world.store.today)
    with pytest.raises(Refused, match="截止"):
        save(world.visit("other"), other, {"basic.contact_name": "李四"})


def test_the_last_day_of_an_unlock_is_open_and_the_next_is_not(world: World) -> None:
    saved = world.save("enterprise")
    later(world, CLOSED)
    rounds.unlock(world.visit("city"), saved.enterprise_id, date(2026, 2, 5), "企业来函说明")
    later(world, datetime(2026, 2, 5, 15, 59))
    now = filings.mine(world.visit("enterprise"))
    assert now is not None and now.closes == date(2026, 2, 5)
    saved_again = save(world.visit("enterprise"), now, {"basic.contact_name": "李四"})
    later(world, datetime(2026, 2, 5, 16))
    for act in (
        lambda: save(world.visit("enterprise"), now, {"basic.contact_name": "王五"}),
        lambda: filings.submit(world.visit("enterprise"), now.id, saved_again.revision),
    ):
        with pytest.raises(Refused, match="已于 2026-02-05 截止"):
            act()


def test_what_is_being_typed_while_the_time_is_prolonged_is_saved(world: World) -> None:
    saved = world.save("enterprise")
    rounds.unlock(world.visit("city"), saved.enterprise_id, date(2026, 2, 5), "企业来函说明")
    save(world.visit("enterprise"), saved, {"basic.contact_name": "李四"})
    assert filings.one(world.visit("city"), saved.id).content["basic"]["contact_name"] == "李四"


def test_a_returned_filing_can_be_mended_after_the_end_once_unlocked(world: World) -> None:
    filing = world.submit("enterprise")
    later(world, CLOSED)
    with pytest.raises(Refused, match=r"已提交.*退回"):
        rounds.unlock(world.visit("city"), filing.enterprise_id, date(2026, 2, 5), "企业来函说明")
    decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons={"": "请修改"})
    rounds.unlock(world.visit("city"), filing.enterprise_id, date(2026, 2, 5), "企业来函说明")
    (row,) = rounds.unlocked(world.visit("city"))
    assert (row.enterprise_id, row.until, row.reason, row.who) == (
        filing.enterprise_id,
        date(2026, 2, 5),
        "企业来函说明",
        "officer",
    )
    now = filings.one(world.visit("enterprise"), filing.id)
    filings.submit(world.visit("enterprise"), now.id, now.revision)


def test_an_unlock_is_taken_back(world: World) -> None:
    saved = world.save("enterprise")
    later(world, CLOSED)
    officer = world.visit("city")
    rounds.unlock(officer, saved.enterprise_id, date(2026, 2, 5), "企业来函说明")
    rounds.relock(officer, saved.enterprise_id)
    assert rounds.unlocked(officer) == []
    now = filings.one(world.visit("enterprise"), saved.id)
    assert not now.editable_on(world.store.today)
    with pytest.raises(Refused, match="没有被解锁"):
        rounds.relock(officer, saved.enterprise_id)


@pytest.mark.parametrize(
    ("until", "reason", "words"),
    [
        (date(2026, 1, 31), "企业来函说明", "须晚于本期截止日 2026-01-31"),
        (date(2026, 2, 1), "企业来函说明", "不早于今天"),
        (date(2028, 1, 1), "企业来函说明", "一年以后"),
        (date(2026, 2, 5), "  同 ", "原因"),
        (date(2026, 2, 5), "长" * 201, "原因"),
    ],
)
def test_an_unlock_of_no_use_is_refused(world: World, until: date, reason: str, words: str) -> None:
    saved = world.save("enterprise")
    later(world, CLOSED)
    with pytest.raises(Refused, match=words):
        rounds.unlock(world.visit("city"), saved.enterprise_id, until, reason)
    assert rounds.unlocked(world.visit("city")) == []


def test_an_enterprise_is_found_by_name_or_credit_code(world: World) -> None:
    first = enterprise(world)
    world.save("other")
    officer = world.visit("city")
    assert [row.enterprise_id for row in rounds.enterprises(officer, "测试智能")] == [first]
    assert [row.state for row in rounds.enterprises(officer, USCC["other"].lower())] == ["draft"]
    assert len(rounds.enterprises(officer, "有限公司")) == 2
    assert rounds.enterprises(officer, "  ") == rounds.enterprises(officer, "没有的") == []


@pytest.mark.parametrize("persona", ["enterprise", "district"])
def test_only_those_who_may(world: World, persona: str) -> None:
    visit, identity = world.visit(persona), enterprise(world)
    for deed in (
        lambda: rounds.listing(visit),
        lambda: setting.add(visit, **NEXT),
        lambda: setting.change(visit, "2025", 1),
        lambda: rounds.enterprises(visit, "武汉"),
        lambda: rounds.unlocked(visit),
        lambda: rounds.relock(visit, identity),
        lambda: rounds.unlock(visit, identity, date(2026, 2, 5), "企业来函说明"),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_before_the_first_round_nobody_is_unlocked(world: World) -> None:
    visit = world.visit("administrator")
    world.clock.now = datetime(2025, 6, 1)
    assert rounds.enterprises(visit, "武汉") == rounds.unlocked(visit) == []
    with pytest.raises(Refused):
        rounds.unlock(visit, enterprise(world), date(2026, 2, 5), "企业来函说明")


def test_rounds_and_unlocks_are_rebuilt_from_the_facts(world: World) -> None:
    officer, first = world.visit("city"), enterprise(world)
    setting.change(officer, "2025", 1, obliged="admitted", districts=("GX",))
    rounds.unlock(officer, first, date(2026, 2, 5), "企业来函说明")
    world.save("enterprise")
    rounds.unlock(officer, first, date(2026, 2, 6), "再次说明")
    tables = ("rounds", "filing_unlocks", "filings")
    before = [world.store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
    world.store.rebuild(PROJECTED)
    assert [world.store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables] == before


def test_a_fact_of_before_has_no_word_of_who_must_file(world: World) -> None:
    body = {"year": 2024, "columns": ["full_year"], "opens": "2025-01-05", "closes": "2025-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2024", body))
    assert one(world, "2024") == Round("2024", 2024, ("full_year",), date(2025, 1, 5), date(2025, 1, 31), "all", ())


def test_the_forms_legal_head_is_kept_and_changed_alone(world: World) -> None:
    visit = world.visit("city")
    head = {
        "form_number": "演示 1 表",
        "authority": "演示机关",
        "approval": "演示〔2026〕1 号",
        "valid_until": date(2026, 12, 31),
    }
    before = next(each for each in periods.rounds(visit.store) if each.id == "2025")
    assert before.legal_head == ()  # a round set before the head was asked for stays readable
    setting.change(visit, "2025", 1, **head)
    after = next(each for each in periods.rounds(visit.store) if each.id == "2025")
    assert after.legal_head == (
        ("表号", "演示 1 表"),
        ("制定机关", "演示机关"),
        ("批准或备案文号", "演示〔2026〕1 号"),
        ("有效期至", "2026-12-31"),
    )
    assert (after.opens, after.closes, after.obliged) == (before.opens, before.closes, before.obliged)
    world.store.rebuild({"rounds"})
    assert next(each for each in periods.rounds(visit.store) if each.id == "2025") == after


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"valid_until": date(2026, 1, 30)}, "“有效期至”2026-01-30 早于“截止日期”2026-01-31"),
        ({"approval": "号" * 101}, "“批准或备案文号”超过 100 字"),
    ],
)
def test_a_legal_head_that_cannot_stand_is_refused(world: World, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        setting.change(world.visit("city"), "2025", 1, **given)
    assert periods.rounds(world.store)[0].legal_head == ()
