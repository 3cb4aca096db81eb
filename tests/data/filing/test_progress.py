"""填报进度 and 催报: who is due, what hangs on whom, who is reminded, and what is passed on."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from core.base.errors import Forbidden, Refused
from core.filing.reminders import TEMPLATES, UNFINISHED, RoundProgress
from core.filing.round import Round
from core.messaging.message import Received
from data.access import account_admin, accounts
from data.enterprise import moves
from data.filing import filings, progress, reminders, rounds
from data.messaging import messages
from data.review import decisions
from tests.core import samples
from tests.world import NAMES, USCC, World

NEAR, FAR = (accounts.enterprise_id(USCC[name]) for name in ("enterprise", "other"))
ROUND = "2025"


def this_round(world: World) -> Round:
    return progress.round_of(world.visit("city"), ROUND)


def rows(world: World, persona: str = "city") -> dict[str, dict[str, Any]]:
    return {row["enterprise_id"]: row for row in progress.listing(world.visit(persona), this_round(world)).to_dicts()}


def remind(world: World, persona: str, *enterprises: str, template: str = "due", **more: Any) -> reminders.Reminded:
    given = {"title": TEMPLATES[template].title, "text": TEMPLATES[template].text} | more
    return reminders.remind(world.visit(persona), ROUND, enterprises, template=template, **given)


def received(world: World, persona: str) -> list[Received]:
    return messages.inbox(world.visit(persona))


@pytest.fixture
def both(world: World) -> World:
    """Both enterprises have signed in: both must file."""
    world.account("enterprise"), world.account("other")
    return world


def test_each_stands_where_its_filing_stands(both: World) -> None:
    assert {row["progress"] for row in rows(both).values()} == {"missing"}
    both.save("enterprise")
    assert rows(both)[NEAR]["progress"] == "draft"
    filing = both.submit("other")
    assert rows(both)[FAR]["progress"] == "submitted"
    decisions.decide(both.visit("district"), filing.id, filing.revision, "return", reasons={"": "请补充材料"})
    assert rows(both)[FAR]["progress"] == "returned"
    whole = progress.whole(progress.listing(both.visit("city"), this_round(both)))
    assert whole == RoundProgress(due=2, filed=0, passed=0, admitted=0, returned=1, draft=1, missing=0)


@pytest.mark.parametrize("by", progress.GROUPS)
def test_groups_add_up_and_show_who_has_filed(both: World, by: str) -> None:
    both.admit("enterprise")
    frame = progress.listing(both.visit("city"), this_round(both))
    table = progress.grouped(frame, by)
    segments = len(samples.clean()["technology"]["segments"])
    known = {"district": "GX", "size": "medium"}.get(by)
    expected = (
        [(known, 1, 1), ("", 1, 0)] if known else [*[(code, 1, 1) for code in table["segment"][:segments]], ("", 1, 0)]
    )
    assert table.select(by, "due", "admitted").rows() == expected


def test_a_district_sees_its_own_only_and_the_address_is_no_way_around(both: World) -> None:
    both.save("enterprise")
    assert set(rows(both, "district")) == {NEAR}  # the other has not said where it is
    assert rows(both, "other_district") == {}
    with pytest.raises(Forbidden):
        progress.listing(both.visit("enterprise"), this_round(both))
    with pytest.raises(Refused):
        progress.round_of(both.visit("city"), "1999")


def test_what_the_total_hangs_on_is_the_newest_actual_revenue(both: World) -> None:
    """Filed years ago or not: the greatest unknown is asked for first; who was never seen comes last."""
    both.admit("enterprise")
    opened = {"year": 2026, "columns": ["full_year"], "opens": "2027-01-05", "closes": "2027-01-31"}
    both.store.write(lambda t: t.append(both.visit("city").actor, "round.opened", "round:2026", opened))
    both.clock.now = datetime(2027, 1, 6)
    later = progress.round_of(both.visit("city"), "2026")
    listed = progress.unfinished(progress.listing(both.visit("city"), later))
    expected = both.store.rows("SELECT max_by(total_revenue, year) AS t FROM figures WHERE period = 'full_year'")[0][
        "t"
    ]
    assert listed.select("enterprise_id", "unreported_revenue").rows() == [(NEAR, expected), (FAR, None)]
    assert [row for (row,) in progress.unfinished(listed, "name").select("name").rows()] == sorted(NAMES.values())


def test_the_rate_ends_where_the_tiles_are_and_tells_each_day_in_beijing(both: World) -> None:
    both.clock.now = datetime(2026, 1, 10, 17, 0)  # 01:00 on the 11th in Beijing
    filing = both.submit("enterprise")
    decisions.decide(both.visit("district"), filing.id, filing.revision, "return", reasons={"": "请补充材料"})
    both.clock.now = datetime(2026, 1, 13, 2, 0)
    both.submit("other")
    table = dict(progress.rate(both.visit("city"), this_round(both)).rows())
    # The first was returned on the day it was submitted: it is 已报 no more.
    assert [table[date(2026, 1, day)] for day in (5, 10, 11, 12, 13)] == [0, 0, 0, 0, 1]
    assert max(table) == date(2026, 1, 13)


def test_a_return_taken_back_a_resubmission_and_a_revocation_turn_the_rate(both: World) -> None:
    def now() -> int:
        city = both.visit("city")
        filed = progress.rate(city, this_round(both))["filed"][-1]
        assert filed == progress.grouped(progress.listing(city, this_round(both)))["filed"][0]
        return int(filed)

    filing = both.submit("enterprise")
    assert now() == 1
    revision = decisions.decide(
        both.visit("district"), filing.id, filing.revision, "return", reasons={"": "补充"}
    ).revision
    assert now() == 0
    decisions.undo(both.visit("district"), filing.id, revision)
    assert now() == 1
    for reviewer, action in (("district", "pass"), ("city", "admit")):
        standing = filings.one(both.visit(reviewer), filing.id)
        decisions.decide(both.visit(reviewer), filing.id, standing.revision, action)
        assert now() == 1
    standing = filings.one(both.visit("city"), filing.id)
    decisions.decide(both.visit("city"), filing.id, standing.revision, "revoke", reasons={"": "虚假"})
    assert now() == 0


# --- reminding -------------------------------------------------------------------------------------------


def test_a_reminder_reaches_every_account_of_the_enterprise_in_its_own_words(both: World) -> None:
    assert remind(both, "city", NEAR, FAR) == reminders.Reminded(2, 0, ())
    (mine,) = received(both, "enterprise")
    opened = messages.one(both.visit("enterprise"), mine.id).message
    assert (mine.kind, opened.link) == ("reminder", f"/submit?round={ROUND}")
    assert "2026年1月31日" in opened.title
    assert NAMES["enterprise"] in opened.text and "还有21天" in opened.text and "【" not in opened.text
    assert NAMES["enterprise"] not in messages.one(both.visit("other"), received(both, "other")[0].id).message.text
    assert (rows(both)[NEAR]["reminders"], rows(both)[NEAR]["reminded_at"] is not None) == (1, True)
    (kept,) = reminders.history(both.visit("city"), this_round(both), NEAR)
    assert (kept.who, kept.level, kept.template) == ("officer", "enterprise", "due")


def test_who_has_filed_meanwhile_is_left_alone(both: World) -> None:
    both.submit("enterprise")
    assert remind(both, "city", NEAR, FAR) == reminders.Reminded(1, 1, ())
    assert received(both, "enterprise") == []


def test_who_has_no_account_is_named(both: World) -> None:
    account = both.account("enterprise")
    account_admin.set_active(both.visit("administrator"), account, False)
    assert remind(both, "city", NEAR) == reminders.Reminded(0, 0, (NAMES["enterprise"],))
    assert rows(both)[NEAR]["reminders"] == 0


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"title": " "}, "标题"),
        ({"title": "字" * 61}, "60"),
        ({"text": ""}, "内容"),
        ({"text": "字" * 1001}, "1,000"),
        ({"template": "x"}, "模板"),
    ],
)
def test_a_reminder_that_does_not_fit_is_not_sent(both: World, given: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=word):
        reminders.remind(
            both.visit("city"), ROUND, [NEAR], **({"template": "due", "title": "标题", "text": "内容"} | given)
        )
    assert received(both, "enterprise") == []


def test_nobody_reminds_beyond_the_scope(both: World) -> None:
    both.save("enterprise")
    with pytest.raises(Refused, match="1 家企业不在"):
        remind(both, "other_district", NEAR)
    for persona in ("enterprise", "administrator"):
        with pytest.raises(Forbidden):
            remind(both, persona, NEAR)
    assert received(both, "enterprise") == []


def test_who_moved_away_while_the_reminder_waited_is_not_reminded(both: World) -> None:
    """The scope is asked again in the writer, after whatever was done before."""
    both.save("enterprise")
    visit, moved, hold = both.visit("district"), both.visit("city"), Event()
    busy = both.store.send(lambda _: hold.wait(10))
    given = {"template": "due", "title": "标题", "text": "内容"}
    seen = moves.standing(moved, NEAR).district
    with ThreadPoolExecutor() as pool:
        first = pool.submit(moves.move, moved, NEAR, seen, district="HS", since=date(2026, 1, 1), reason="注册地迁移")
        time.sleep(0.1)
        second = pool.submit(reminders.remind, visit, ROUND, [NEAR], **given)
        time.sleep(0.1)
        hold.set()
    assert busy.result() and first.result()
    with pytest.raises(Refused, match="1 家企业不在"):
        second.result()
    assert [letter.title for letter in received(both, "enterprise")] == ["区属已调整"]


# --- passing on ------------------------------------------------------------------------------------------


def overdue(world: World) -> None:
    """The round is over, "enterprise" (of GX) was reminded, and the days of grace are gone."""
    world.save("enterprise")
    remind(world, "city", NEAR)
    world.clock.now = datetime(2026, 2, 3, 2, 0)


def test_the_late_are_passed_on_to_their_own_district_and_to_the_city(both: World) -> None:
    overdue(both)
    assert reminders.overdue(both.visit("city"), this_round(both))["enterprise_id"].to_list() == [NEAR]
    assert reminders.escalate(both.visit("city"), ROUND, "district") == 1
    (letter,) = received(both, "district")
    opened = messages.one(both.visit("district"), letter.id).message
    assert NAMES["enterprise"] in opened.text and opened.link == f"/progress?round={ROUND}"
    assert received(both, "other_district") == []
    assert reminders.escalate(both.visit("district"), ROUND, "city") == 1
    assert len(received(both, "city")) == 1
    assert rows(both)[NEAR]["reminders"] == 1  # what was passed on is no reminder to the enterprise
    levels = [row.level for row in reminders.history(both.visit("city"), this_round(both), NEAR)]
    assert levels == ["city", "district", "enterprise"]


def test_nothing_is_passed_on_before_its_time_or_unreminded(both: World) -> None:
    both.save("enterprise")
    both.clock.now = datetime(2026, 2, 3, 2, 0)
    with pytest.raises(Refused, match="没有达到上报条件"):
        reminders.escalate(both.visit("city"), ROUND, "district")
    remind(both, "city", NEAR, template="late")
    both.clock.now = datetime(2026, 2, 2, 2, 0)
    assert reminders.overdue(both.visit("city"), this_round(both)).is_empty()


def test_by_itself_it_reminds_once_before_the_end_and_once_after_and_then_passes_on(both: World) -> None:
    both.save("enterprise")
    told = []
    for day in range(20):
        both.clock.now = datetime(2026, 1, 20, 2, 0) + timedelta(days=day)
        said = reminders.remind_due(both.store)
        if "没有到期" not in said:
            told.append((both.store.today, said))
    assert [when for when, _ in told] == [date(2026, 1, 24), date(2026, 2, 1), date(2026, 2, 3)]
    assert "催报 2 家" in told[0][1] and "1 位审核人员" in told[2][1]
    assert len(received(both, "enterprise")) == 2
    assert len(received(both, "district")) == 1


@pytest.mark.parametrize(
    ("day", "reminds"),
    [
        (date(2026, 1, 23), False),
        (date(2026, 1, 24), True),
        (date(2026, 1, 31), True),
        (date(2026, 2, 9), True),
        (date(2026, 2, 10), True),
        (date(2026, 2, 11), False),
    ],
    ids=str,
)
def test_by_itself_it_begins_a_week_before_the_end_and_stops_a_week_after_the_late_are_passed_on(
    both: World, day: date, reminds: bool
) -> None:
    """The round ends on 31 January, the late are passed on 3 days later: nobody is written to for ever."""
    both.clock.now = datetime(day.year, day.month, day.day, 2, 0)
    assert ("没有到期" not in reminders.remind_due(both.store)) == reminds
    assert bool(received(both, "enterprise")) == reminds


def test_by_itself_it_leaves_alone_who_was_just_reminded_or_has_filed(both: World) -> None:
    both.clock.now = datetime(2026, 1, 25, 2, 0)
    remind(both, "city", NEAR)
    both.submit("other")
    assert "没有到期" in reminders.remind_due(both.store)


def test_those_who_must_file_are_those_of_the_round(both: World) -> None:
    both.admit("enterprise")
    assert set(rounds.must_file(both.store, this_round(both).id)["enterprise_id"]) == set(rows(both)) == {NEAR, FAR}
    assert set(UNFINISHED) & {row["progress"] for row in rows(both).values()} == {"missing"}


# --- the list as a file ----------------------------------------------------------------------------------


def test_the_file_is_the_list_as_filtered_within_the_scope_and_is_noted(both: World) -> None:
    both.save("enterprise")
    rows = progress.export(both.visit("city"), ROUND, "unfinished", "name", "未报名单.csv")
    assert set(rows["企业名称"]) == set(NAMES.values())
    assert progress.export(both.visit("city"), ROUND, "draft", "stake", "x.csv").select(
        "企业名称", "区属", "进度", "已催"
    ).rows() == [(NAMES["enterprise"], "东湖高新区", "草稿未提交", "—")]
    assert progress.export(both.visit("other_district"), ROUND, "unfinished", "stake", "x.csv").is_empty()
    both.store.write(lambda _: None)
    (first, *_) = both.store.facts("export:progress")
    assert (first.kind, first.body) == ("file.opened", {"name": "未报名单.csv", "filters": "2025，全部未报"})


@pytest.mark.parametrize(
    ("round_id", "view", "order"),
    [("2025", "admitted", "stake"), ("2025", "missing", "impact"), ("1999", "missing", "stake")],
)
def test_there_is_no_other_list(both: World, round_id: str, view: str, order: str) -> None:
    with pytest.raises(Refused):
        progress.export(both.visit("city"), round_id, view, order, "x.csv")
    for persona in ("enterprise", "administrator"):
        with pytest.raises(Forbidden):
            progress.export(both.visit(persona), ROUND, "missing", "stake", "x.csv")
    both.store.write(lambda _: None)
    assert both.store.facts("export:progress") == []
