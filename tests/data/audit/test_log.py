"""The four logs: what each holds, who may read, search and filter, what stood before and after; nothing is deleted."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.audit import wording
from core.audit.entry import LogEntry
from core.base.errors import Forbidden, Refused
from data.access import account_admin, roles, sessions
from data.audit import log
from data.filing import filings
from data.review import decisions
from data.store.store import SYSTEM, Row
from tests.world import NAMES, PERSONAS, World, save


def read(world: World, kind: str, size: int = 50, **asked: Any) -> list[LogEntry]:
    world.store.write(lambda _: None)  # behind all that is on its way
    return log.entries(world.visit("administrator"), log.Query(kind, **asked), size=size)


def kinds(world: World, log_kind: str, **asked: Any) -> list[str]:
    return [row.kind for row in read(world, log_kind, **asked)]


def lines(world: World, kind: str, **asked: Any) -> list[dict[str, str]]:
    return wording.table(kind, read(world, kind, **asked))


@pytest.mark.parametrize("persona", [name for name in PERSONAS if name != "administrator"])
def test_only_who_may_reads_counts_or_exports(world: World, persona: str) -> None:
    visit = world.visit(persona)
    for ask in (log.count, log.entries, log.export):
        with pytest.raises(Forbidden):
            ask(visit, "access")


def test_each_fact_lies_in_its_log(world: World) -> None:
    world.submit("enterprise")
    visit = world.visit("enterprise")
    log.opened(visit, "工作台")
    log.downloaded(visit, "attachment:x.y", "证明.pdf")
    log.refused(visit, "log.read", "日志管理")
    log.failed(visit, reference="AB12", kind="ValueError", sentence="页面出现问题", page="工作台")
    world.store.write(lambda t: t.append(SYSTEM, "sign_in.failed", "sign_in:nobody", {"address": "10.0.0.1"}))
    sessions.end(world.store, visit.session_id or "", reason="退出登录", actor=visit.actor)
    access = {"session.opened", "session.ended", "page.opened", "file.opened", "sign_in.failed"}
    trouble = {"access.refused", "error.shown", "sign_in.failed"}
    assert set(kinds(world, "access", size=500)) == access
    assert set(kinds(world, "trouble", size=500)) == trouble
    every = {fact.kind for fact in world.store.facts()}
    assert set(kinds(world, "operations", size=500)) == every - access - trouble
    assert "filing.submitted" in every
    with pytest.raises(Refused):
        log.entries(world.visit("administrator"), log.Query("everything"))


def test_newest_first_page_by_page_without_gap(world: World) -> None:
    visit = world.visit("enterprise")
    for number in range(25):
        log.opened(visit, f"页 {number}")
    world.store.write(lambda _: None)
    administrator, found = world.visit("administrator"), []
    for page in (1, 2, 3):
        query = log.Query("access", text="页 ")
        rows = log.entries(administrator, query, page=page, size=10)
        assert log.count(administrator, query) == 25
        found += [row.body["page"] for row in rows]
    assert found == [f"页 {number}" for number in reversed(range(25))]


def test_search_finds_body_subject_names_and_the_words_of_events_and_nothing_else(world: World) -> None:
    filing = world.save("enterprise")
    world.save("other")
    save(world.visit("enterprise"), filing, {"basic.contact_name": '王"五\\%'})
    newest = filings.one(world.visit("enterprise"), filing.id).revision
    assert [row["revision"] for row in facts_of(world, read(world, "operations", text='王"五\\%'))] == [newest]
    assert {row.subject for row in read(world, "operations", text=filing.subject)} == {filing.subject}
    assert {row.about for row in read(world, "operations", text=NAMES["other"], size=9)} >= {NAMES["other"]}
    assert set(kinds(world, "operations", text="新建账号")) == {"account.created"}
    assert read(world, "operations", text="' OR 1=1 --") == []
    assert read(world, "operations", text="%") == read(world, "operations", text='王"五\\%')  # no wildcards


def facts_of(world: World, entries: list[LogEntry]) -> list[Row]:
    return [world.store.rows("SELECT * FROM facts WHERE seq = $1", [entry.seq])[0] for entry in entries]


def test_by_account_and_by_days_of_beijing(world: World) -> None:
    world.token("enterprise")
    world.token("city")
    assert {row.account for row in read(world, "access", account="OFFICER")} == {"officer"}
    world.clock.now = datetime(2026, 1, 12, 15, 59)  # 23:59 in Beijing
    log.opened(world.visit("city"), "前一天")
    world.store.write(lambda _: None)
    world.clock.now += timedelta(minutes=2)
    log.opened(world.visit("city"), "后一天")
    asked = {"text": "一天", "account": "officer"}
    on = [read(world, "access", since=date(2026, 1, day), until=date(2026, 1, day), **asked) for day in (12, 13)]
    assert [[row.body["page"] for row in rows] for rows in on] == [["前一天"], ["后一天"]]
    world.store.write(lambda t: t.append(SYSTEM, "sign_in.failed", "sign_in:nobody", {"address": None}))
    assert kinds(world, "trouble", account="nobody") == ["sign_in.failed"]


def test_a_refusal_is_noted_once_per_session_and_page(world: World) -> None:
    visit = world.visit("enterprise")
    for page in ("日志管理", "日志管理", "审核", "日志管理"):
        log.refused(visit, "log.read", page)
    assert [row.body["page"] for row in read(world, "trouble")] == ["审核", "日志管理"]


# --- before and after ----------------------------------------------------------------------------------------


def test_a_save_shows_field_before_and_after_in_words(world: World) -> None:
    filing = world.save("enterprise")
    save(world.visit("enterprise"), filing, {"basic.size": "large"})
    now = filings.one(world.visit("enterprise"), filing.id)
    save(world.visit("enterprise"), now, {"basic.contact_name": "李四", "basic.size": "small"})
    found = {line["字段"]: (line["之前"], line["之后"]) for line in lines(world, "changes", size=1)}
    assert found["基础信息 · 企业联系人姓名"] == ("张三", "李四")
    assert found["基础信息 · 企业规模"] == ("大型企业", "小微企业")


def test_a_save_of_an_earlier_version_takes_its_before_from_the_facts_before_it(world: World) -> None:
    filing = world.save("enterprise")
    actor = world.visit("enterprise").actor
    for name in ("甲", "乙"):
        patch = {"patch": {"basic.contact_name": name}}
        world.store.write(lambda t, patch=patch: t.append(actor, "filing.saved", filing.subject, patch))
    found = [(line["之前"], line["之后"]) for line in lines(world, "changes", size=2)]
    assert found == [("甲", "乙"), ("张三", "甲")]


def test_decisions_show_the_state_and_the_reason(world: World) -> None:
    filing = world.submit("enterprise")
    reasons = {"basic.contact_phone": "电话不通"}
    decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons=reasons)
    found = [(line["字段"], line["之前"], line["之后"]) for line in lines(world, "changes", size=2)]
    assert found == [
        ("状态", "已提交（待区级审核）", "退回"),
        ("原因（基础信息 · 联系人电话）", "—", "电话不通"),
        ("状态", "草稿", "已提交（待区级审核）"),
    ]


def test_an_account_changed_shows_what_stood_before_with_one_query_more(world: World) -> None:
    accounts_changed = ("gxreviewer", "hsreviewer", "officer")
    for username in accounts_changed:
        for district in ("HS", "GX"):
            body = {"district": district, "active": True}
            world.store.write(
                lambda t, u=username, b=body: t.append(SYSTEM, "account.changed", f"account:local-{u}", b)
            )
    administrator, asked = world.visit("administrator"), []
    rows_of = world.store.rows
    world.store.rows = lambda sql, parameters=(): (asked.append(sql), rows_of(sql, parameters))[1]  # type: ignore[method-assign,func-returns-value]
    try:
        found = log.entries(administrator, log.Query("changes"), size=6)
    finally:
        del world.store.rows  # type: ignore[method-assign]
    assert len([sql for sql in asked if "facts" in sql]) == 3  # which, their names, what stood before
    last = wording.table("changes", found)[0]
    assert (last["对象"], last["字段"]) == ("账号 officer", "区属")
    assert (last["之前"], last["之后"]) == ("洪山区", "东湖高新区")


def test_only_the_rows_that_differ_are_shown_of_a_list_of_rows() -> None:
    old = [{"level": "national", "name": "甲"}, {"level": "group", "name": "乙"}]
    new = [old[0], {"level": "group", "name": "丙"}, {"level": "group", "name": "丁"}]
    found = wording._changed("technology.standards", old, new, {})
    assert [(label[-5:], before[-1], after[-1]) for label, before, after in found] == [
        ("第 2 条", "乙", "丙"),
        ("第 3 条", "—", "丁"),
    ]


def test_facts_of_any_shape_are_shown(world: World) -> None:
    bodies = [
        {"patch": {"basic.district": {"x": 1}, "gone.field": [1]}, "before": {"basic.district": [[2]]}},
        {"role": ["x"]},
    ]
    actor = world.visit("enterprise").actor
    for body in bodies:
        world.store.write(lambda t, body=body: t.append(actor, "thing.changed", "thing:1", body))
    for kind in wording.LOGS:
        lines(world, kind, size=50)
    assert any(line["事件"] == "thing.changed" for line in lines(world, "operations"))


def test_long_values_are_cut_on_the_page_and_whole_in_the_export(world: World) -> None:
    filing = world.save("enterprise")
    text = "长" * 300
    save(world.visit("enterprise"), filing, {"basic.operating_address": text})
    (row,) = read(world, "changes", size=1)
    assert len(wording.table("changes", [row], limit=wording.SHORT)[0]["之后"]) < 70
    (rows,) = log.export(world.visit("administrator"), log.Query("changes", text=text))
    assert wording.table("changes", rows)[0]["之后"] == text


def test_the_export_holds_what_the_pages_hold(world: World) -> None:
    world.admit("enterprise")
    administrator = world.visit("administrator")
    for kind in wording.LOGS:
        query = log.Query(kind)
        rows = log.entries(administrator, query, size=10_000)
        assert [row for part in log.export(administrator, query) for row in part] == rows
        assert len(rows) == log.count(administrator, query)


def test_headings_are_those_of_the_lines(world: World) -> None:
    world.submit("enterprise")
    log.refused(world.visit("enterprise"), "log.read", "x")
    for kind in wording.LOGS:
        for line in lines(world, kind):
            assert list(line) == wording.headings(kind)


def test_times_are_beijings(world: World) -> None:
    world.clock.now = datetime(2026, 1, 31, 16, 0)
    log.opened(world.visit("city"), "跨日")
    assert lines(world, "access", text="跨日")[0]["时间（北京）"].startswith("2026-02-01 00:00:0")


def test_no_door_deletes_a_fact() -> None:
    sources = (Path(__file__).parents[3] / "data").rglob("*.py")
    assert not [file.name for file in sources if "DELETE FROM facts" in file.read_text("utf-8")]


def test_failures_carry_no_secret(world: World) -> None:
    log.failed(world.visit("city"), reference="R1", kind="E", sentence="说明", page="审核")
    world.store.write(lambda _: None)
    (new,) = [fact for fact in world.store.facts() if fact.kind == "error.shown"]
    assert new.body.keys() == {"reference", "kind", "sentence", "page"}


# --- whose deeds -----------------------------------------------------------------------------------------


def test_who_sees_only_his_office_reads_only_of_its_people(world: World) -> None:
    """本机构及以下: deeds of the district's own accounts and of its enterprises, nobody else's; the export alike."""
    world.admit("enterprise")
    world.save("other")
    keeper = world.visit("administrator")
    allowed = frozenset({"log.read", "log.export"})
    code = roles.add(keeper, name="区级日志员", permissions=allowed, scope="organisation_below")
    account_admin.change(keeper, "local-hsreviewer", 1, {"role": code, "organisation_id": "GX"})
    reader = world.visit("other_district")
    everything = log.Query("operations")
    rows = log.entries(reader, everything, size=200)
    own = [world.account("enterprise"), "local-gxreviewer"]
    known = world.store.rows(
        "SELECT coalesce(username, id) AS account FROM accounts WHERE list_contains($1, id)", [own]
    )
    assert {row.account for row in rows} == {row["account"] for row in known}
    assert log.count(reader, everything) == len(rows) < log.count(keeper, everything)
    assert [row for part in log.export(reader, everything) for row in part] == rows


def test_reading_is_not_exporting(world: World) -> None:
    keeper = world.visit("administrator")
    code = roles.add(keeper, name="日志员", permissions=frozenset({"log.read"}), scope="all")
    account_admin.change(keeper, "local-officer", 1, {"role": code})
    reader = world.visit("city")
    assert log.count(reader, log.Query("operations"))
    with pytest.raises(Forbidden):
        log.export(reader, log.Query("operations"))
