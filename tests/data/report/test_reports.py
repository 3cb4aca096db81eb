"""报表导出: what may be asked for by whom, that the numbers are those of the dashboards, and how files come and go."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from threading import Event

import polars as pl
import pytest

from core.base.errors import Forbidden, Refused
from core.meeting.meeting import nothing_to_compare
from core.report.compose import KINDS, REPORTS, compose
from core.report.model import FILES, Report
from core.statistics.metrics import PERCENT, YI
from core.statistics.selection import Selection
from core.statistics.totals import totals
from core.statistics.year_on_year import CHANGES
from data import jobs
from data.access import account_admin
from data.access.visit import Visit
from data.audit import log
from data.directory import classified
from data.report import reports
from data.report.earlier_exports import neighbour
from data.report.reports import Order
from data.review import corrections
from data.rule import policies
from data.statistics import dashboards
from tests.core import samples
from tests.data.directory.test_classified import admitted as admit
from tests.data.directory.test_classified import full
from tests.data.meeting.test_meetings import called, everything_shown, frozen, let_districts_call
from tests.world import World


def report(visit: Visit, asked: Order) -> Report:
    return compose(*reports.gather(visit, asked))


def order(which: str = "overview", audience: str = "inside", kind: str = "csv", **more: object) -> Order:
    return Order(which, 2025, False, audience, kind, **({"round_id": "2025"} if which == "progress" else {}) | more)  # type: ignore[arg-type]


def finished(world: World, persona: str, identity: str) -> reports.Export:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        (export,) = [each for each in reports.mine(world.visit(persona)) if each.id == identity]
        if not export.going:
            return export
        time.sleep(0.02)
    raise AssertionError("the file was not made")


@pytest.fixture
def admitted(world: World) -> World:
    """One enterprise in GX; so few that nothing may leave the bureau."""
    world.admit("enterprise")
    return world


def test_a_district_without_enterprises_has_nothing_to_export(admitted: World) -> None:
    export = finished(admitted, "other_district", reports.start(admitted.visit("other_district"), order()))
    assert "没有数据" in export.sentence


@pytest.mark.parametrize("persona", ["city", "district"])
def test_the_numbers_are_those_of_the_dashboard_within_the_scope(admitted: World, persona: str) -> None:
    visit = admitted.visit(persona)
    frame = classified.classified(visit, 2025, policies.for_year(visit, 2025))
    made = report(visit, order())
    whole = totals(frame).row(0, named=True)
    last = made.exhibits[0].frame.row(-1, named=True)
    assert {name: last[name] for name in ("enterprises", "counted_output", "ai_revenue", "total_revenue")} == {
        name: whole[name] for name in ("enterprises", "counted_output", "ai_revenue", "total_revenue")
    }
    assert made.scope == visit.scope.words
    assert made.data_as_of == classified.data_as_of(visit)
    assert made.policy_version == policies.for_year(visit, 2025).version


@pytest.mark.parametrize("which", REPORTS)
@pytest.mark.parametrize("persona", ["city", "district"])
def test_each_report_can_be_made(admitted: World, persona: str, which: str) -> None:
    more = {"meeting": called(admitted).id} if which == "meeting" else {}
    made = report(admitted.visit(persona), order(which, **more))
    assert made.exhibits and all(each.frame.height for each in made.exhibits)


def test_so_few_enterprises_do_not_leave_the_bureau(admitted: World) -> None:
    made = report(admitted.visit("city"), order(audience="outside"))
    for each in made.exhibits:
        for number in range(each.frame.height):
            assert {code for place, code in each.withheld if place == number} >= {"enterprises"} & {
                c.code for c in each.columns
            }
        assert not any(
            each.frame[column.code].drop_nulls().len() for column in each.columns if column.unit in (YI, PERCENT)
        )


@pytest.mark.parametrize(("persona", "asked", "sentence"), [
    ("district", order(audience="outside"), "请市级导出"),
    ("district", order(filters=(("district", "HS"),)), "“洪山区”不在您的数据范围（东湖高新区）"),
    ("city", order("ranking", "outside"), "只供内部使用"),
    ("city", order(kind="exe"), "没有这种"), ("city", order("secrets"), "没有这种"), ("city", order(audience="all"), "没有这种"),
    ("city", order(as_of=date(2099, 1, 1)), "晚于今天"),
    ("city", order(as_of=date(2020, 1, 1)), "没有2025年度"),
    ("city", Order("overview", 1999, False, "inside", "csv"), "没有1999年度"),
    ("city", Order("overview", 2025, True, "inside", "csv"), "没有2025年度全年（预测）"),
    ("city", Order("progress", 2025, False, "inside", "csv", round_id="none"), "没有这个填报期"),
    ("city", order("progress", as_of=date(2026, 1, 1)), "只能导出现在"),
])  # fmt: skip
def test_what_cannot_be_had_is_said(admitted: World, persona: str, asked: Order, sentence: str) -> None:
    with pytest.raises((Refused, Forbidden), match=sentence):
        reports.start(admitted.visit(persona), asked)
    assert not reports.mine(admitted.visit(persona))
    assert not [fact for fact in admitted.store.facts() if fact.kind == "report.exported"]


@pytest.mark.parametrize("persona", ["enterprise", "administrator"])
def test_who_may_not_may_not(admitted: World, persona: str) -> None:
    visit = admitted.visit(persona)
    for call in (
        lambda: reports.start(visit, order()),
        lambda: reports.mine(visit),
        lambda: reports.choices(visit),
        lambda: reports.open_for(visit, "x"),
    ):
        with pytest.raises(Forbidden):
            call()


def test_a_district_keeps_its_reports_inside(world: World) -> None:
    assert list(reports.audiences(world.visit("district"), "overview")) == ["inside"]
    assert list(reports.audiences(world.visit("city"), "overview")) == ["outside", "inside"]  # on by default
    assert list(reports.audiences(world.visit("city"), "ranking")) == ["inside"]


def test_an_earlier_day_is_as_it_was_then(admitted: World) -> None:
    first = admitted.store.today
    admitted.clock.now += timedelta(days=3)
    admitted.admit("other")
    then, now = (report(admitted.visit("city"), order(as_of=day)) for day in (first, None))
    assert [each.exhibits[0].frame["enterprises"][-1] for each in (then, now)] == [1, 2]
    assert then.data_as_of and now.data_as_of and then.data_as_of < now.data_as_of


def test_filters_and_trials_are_those_of_the_dashboards(admitted: World) -> None:
    city = admitted.visit("city")
    for which in sorted(code for code, kind in KINDS.items() if kind.filtered):
        made = report(city, order(which, filters=(("district", "GX"),)))
        assert made.scope == "全市：东湖高新区"
        assert made.exhibits[0].frame.equals(report(city, order(which)).exhibits[0].frame) or which == "quality"
        if which != "quality":  # who must file is there before anybody is admitted
            with pytest.raises(Refused, match="没有数据"):
                report(city, order(which, filters=(("district", "HS"),)))
    trial = report(city, order("what_if", trial=(("core_share_bp", "9900"),)))
    assert trial.title.endswith("（测算）") and "核心企业占比线 50% → 99%" in trial.trial
    assert trial.exhibits[1].frame["core_after"][-1] <= trial.exhibits[1].frame["core"][-1]


@pytest.mark.parametrize(("asked", "sentence"), [
    (order(audience="outside", filters=(("district", "HS"),)), "请取消筛选"),
    (order("what_if", filters=(("district", "HS"),)), "不能按这些条件"), (order(filters=(("district", "nowhere"),)), "不能按这些条件"),
    (order("what_if", "outside"), "不是统计结果"), (order("what_if", trial=(("core_share_bp", "many"),)), "不能识别"),
    (order("quality", as_of=date(2026, 1, 1)), "只能导出现在"),
])  # fmt: skip
def test_parts_and_trials_that_cannot_leave_are_said(admitted: World, asked: Order, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        reports.start(admitted.visit("city"), asked)


def test_growth_is_of_the_year_before_by_its_own_policy(world: World) -> None:
    rows = [
        samples.year("2025", full_year=samples.figures("6000", "4200", "4200", "0")),
        samples.year("2024", full_year=samples.figures("6000", "2100", "2100", "0")),
    ]
    world.admit("enterprise", samples.put(samples.clean(), {"business.years": rows}))
    made = {each.code: each for each in report(world.visit("city"), order()).exhibits}
    assert made["growth"].frame.row(1) == ("AI业务收入", 42_000_000, 21_000_000, 10_000, 42_000_000, 21_000_000, 10_000)
    city = world.visit("city")
    now = dashboards.growth(city, Selection(2025)).row(0, named=True)
    assert dict(made["moved"].frame.select("label", "enterprises").iter_rows()) == {
        word: now[code] for code, word in CHANGES.items()
    }


# --- what was exported before ----------------------------------------------------------------------------


def test_another_moment_of_the_data_within_thirty_days_is_told(admitted: World) -> None:
    city = admitted.visit("city")
    outside = order(audience="outside")
    finished(admitted, "city", reports.start(city, outside))
    then = classified.data_as_of(city)
    assert neighbour(city, outside) is None  # the same data
    admitted.clock.now += timedelta(days=3)
    admitted.admit("other")
    city = admitted.visit("city")
    found = neighbour(city, outside)
    assert found and (found.title, found.as_of, found.who) == ("产业总览", then, city.name)
    assert neighbour(city, order("regions", "outside")) == found  # its tables share the numbers
    for other in (
        order(),
        order("progress", "outside"),
        replace(outside, provisional=True),
        replace(outside, as_of=date(2026, 1, 10)),
    ):
        assert neighbour(city, other) is None
    admitted.clock.now += timedelta(days=31)
    assert neighbour(admitted.visit("city"), outside) is None


def test_progress_is_another_once_a_filing_has_moved(admitted: World) -> None:
    city, asked = admitted.visit("city"), order("progress", "outside")
    finished(admitted, "city", reports.start(city, asked))
    admitted.clock.now += timedelta(hours=1)
    assert neighbour(admitted.visit("city"), asked) is None
    admitted.submit("other")
    assert neighbour(admitted.visit("city"), asked) is not None


# --- files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_made_by_another_process_and_noted(admitted: World, kind: str) -> None:
    identity = reports.start(admitted.visit("city"), order(kind=kind))
    export = finished(admitted, "city", identity)
    assert (export.state, export.share, export.sentence) == ("done", 1.0, "")
    file, same = reports.open_for(admitted.visit("city"), identity)
    assert same is export
    assert file.read_bytes()[:4] == (b"%PDF" if kind == "pdf" else b"PK\x03\x04")
    assert export.name == f"产业总览-2025年度全年实际-内部{FILES[kind][1]}"
    (fact,) = [fact for fact in admitted.store.facts() if fact.kind == "report.exported"]
    assert (fact.account_id, fact.body["audience"], fact.body["name"]) == ("local-officer", "inside", export.name)
    assert log.count(admitted.visit("administrator"), log.Query("operations", "导出报表")) == 1


def test_a_file_is_not_handed_out_once_its_owner_sees_something_else(admitted: World) -> None:
    """Made within one scope, it must not be opened within another, narrower or wider."""
    identity = reports.start(admitted.visit("district"), order())
    finished(admitted, "district", identity)
    assert reports.open_for(admitted.visit("district"), identity)[0].exists()
    account = admitted.account("district")
    for organisation in ("HS", "GX"):
        keeper = admitted.visit("administrator")
        row = account_admin.one(keeper, account)
        account_admin.change(keeper, account, row["revision"], {"organisation_id": organisation})
        if organisation == "HS":
            with pytest.raises(Forbidden):
                reports.open_for(admitted.visit("district"), identity)
    assert reports.open_for(admitted.visit("district"), identity)[0].exists()


def test_nobody_else_has_it_and_not_for_longer_than_an_hour(admitted: World) -> None:
    identity = reports.start(admitted.visit("city"), order())
    export = finished(admitted, "city", identity)
    file, _ = reports.open_for(admitted.visit("city"), identity)
    for persona in ("district", "other_district"):
        with pytest.raises(Forbidden, match="不是您导出的"):
            reports.open_for(admitted.visit(persona), identity)
        assert not reports.mine(admitted.visit(persona))
    assert export.kept_until
    admitted.clock.now = export.kept_until
    with pytest.raises(Forbidden, match="保留的一小时"):
        reports.open_for(admitted.visit("city"), identity)
    assert file.exists()
    os.utime(file, (0, 0))
    (job,) = [each for each in jobs.JOBS if each.code == "reports"]
    assert "1 个" in job.run(admitted.store)
    assert not file.exists()
    assert not reports.mine(admitted.visit("city"))


def test_files_of_a_former_run_are_swept(world: World) -> None:
    home = world.folder / "reports"
    home.mkdir()
    old, new = home / "old.pdf", home / "new.pdf"
    for file in (old, new):
        file.write_bytes(b"x")
    os.utime(old, (0, 0))
    assert reports.sweep(world.store) == 1
    assert new.exists() and not old.exists()


def test_a_process_that_fails_is_told_with_a_number_to_quote(admitted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports.pickle, "dumps", lambda _: b"nothing that can be read")
    identity = reports.start(admitted.visit("city"), order())
    export = finished(admitted, "city", identity)
    assert export.state == "failed"
    assert "报表没有生成，数据不受影响" in export.sentence and len(export.reference) == 8
    with pytest.raises(Forbidden):
        reports.open_for(admitted.visit("city"), identity)
    assert log.count(admitted.visit("administrator"), log.Query("trouble", export.reference)) == 1


@pytest.mark.parametrize("seconds", [0.0, 0.01], ids=["before it has read anything", "while it starts"])
def test_a_process_that_takes_too_long_is_ended(
    admitted: World, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(reports, "SECONDS", seconds)
    export = finished(admitted, "city", reports.start(admitted.visit("city"), order()))
    assert "已停止" in export.sentence


def test_what_the_process_refuses_reaches_the_person(admitted: World) -> None:
    export = finished(admitted, "city", reports.start(admitted.visit("city"), order("ranking", kind="png")))
    assert "没有图表" in export.sentence


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> "Callable[[], None]":
    """Files that are not finished before this is called."""
    go = Event()
    run = reports._run
    monkeypatch.setattr(reports, "_run", lambda *given: go.wait(60) and run(*given))
    return go.set


def test_one_account_waits_for_three_files_at_most(admitted: World, held: "Callable[[], None]") -> None:
    visit = admitted.visit("city")
    known = [reports.start(visit, order()) for _ in range(reports.MOST)]
    with pytest.raises(Refused, match="正在生成"):
        reports.start(visit, order())
    reports.start(admitted.visit("district"), order())  # others are not held up by it
    held()
    assert {finished(admitted, "city", identity).state for identity in known} == {"done"}


# --- a meeting -------------------------------------------------------------------------------------------


def test_a_frozen_meeting_is_taken_away_as_it_was_frozen(world: World) -> None:
    filing = admit(world, "enterprise", full("6000", "4200", "4200", "0"))
    frozen(world, title="第一次")
    admit(world, "other", full("1000", "900", "900", "0"), district="HS")
    meeting = frozen(world, title="第二次", day="2026-01-19")
    city = world.visit("city")
    made = report(city, order("meeting", meeting=meeting.id))
    shown = everything_shown(world, meeting.id)
    found = {each.code: each for each in made.exhibits}
    assert {"headline", "spans", "change", "waterfall", "district", "layer", "movers", "late", "trial"} <= found.keys()
    assert found["headline"].frame["counted_output"].to_list() == [
        sum(row["counted_output"] for row in shown["figures"])
    ]
    assert found["waterfall"].frame.select("label", "amount", "level").rows()[:2] == [
        ("上次", 60_000_000, 60_000_000),
        ("新入库（含首报）", 10_000_000, 70_000_000),
    ]
    assert found["waterfall"].frame["amount"][1:-1].sum() == found["waterfall"].frame["amount"][-1] - 60_000_000
    assert found["district"].frame.filter(pl.col("label") == "合计")["since"].to_list() == [10_000_000]
    assert made.data_as_of == meeting.as_of
    assert "第二次" in made.period and "已冻结" in made.period and "各线含等于" in found["trial"].note
    corrections.correct(
        city, filing.id, filing.revision, "business.years.0.full_year.ai_revenue", "1800", reason="登记有误"
    )
    again = report(world.visit("city"), order("meeting", meeting=meeting.id))
    assert [each.frame.to_dicts() for each in again.exhibits] == [each.frame.to_dicts() for each in made.exhibits]


def test_a_meeting_that_is_not_comparable_is_named_in_the_file_as_on_the_screen(world: World) -> None:
    admit(world, "enterprise", full("6000", "4200", "4200", "0"))
    city = world.visit("city")
    first = frozen(world, title="第一次")
    first_file = {each.code: each for each in report(city, order("meeting", meeting=first.id)).exhibits}
    assert "还没有更早的已冻结例会" in first_file["change"].frame["label"][0]
    other = frozen(world, title="只看小微", day="2026-01-19", size="small")
    made = {each.code: each for each in report(city, order("meeting", meeting=other.id)).exhibits}
    assert made["change"].frame["label"].to_list() == [nothing_to_compare(other, first)]
    assert "第一次" in made["change"].frame["label"][0] and "口径不同" in made["change"].frame["label"][0]
    assert not {"waterfall", "movers"} & made.keys()


def test_a_meeting_stays_in_the_bureau_and_in_its_district(admitted: World) -> None:
    let_districts_call(admitted)
    own = called(admitted, "district", district="GX")
    with pytest.raises(Refused, match="只供内部使用"):
        reports.start(admitted.visit("city"), order("meeting", "outside", meeting=own.id))
    assert reports.audiences(admitted.visit("city"), "meeting").keys() == {"inside"}
    with pytest.raises(Forbidden):
        reports.start(admitted.visit("other_district"), order("meeting", meeting=own.id))
    with pytest.raises(Refused, match="没有选择例会"):
        reports.start(admitted.visit("city"), order("meeting"))
    with pytest.raises(Forbidden):
        reports.start(admitted.visit("enterprise"), order("meeting", meeting=own.id))
    assert not [fact for fact in admitted.store.facts() if fact.kind == "report.exported"]
    assert report(admitted.visit("district"), order("meeting", meeting=own.id)).scope == "东湖高新区"


def test_a_meeting_is_made_in_a_process_of_its_own(admitted: World) -> None:
    meeting = called(admitted)
    export = finished(
        admitted, "city", reports.start(admitted.visit("city"), order("meeting", kind="pptx", meeting=meeting.id))
    )
    assert export.state == "done", export.sentence
    assert "全市周例会" in export.name


def test_a_file_says_who_made_it_when_and_at_which_head_of_the_journal(world: World) -> None:
    seq, digest = world.store.head
    made = reports.made(world.visit("district"), "inside")
    assert made.startswith("gxreviewer 2026-01-10 10:00 导出")
    later_seq, later = world.store.head
    assert made.endswith(f"{later_seq}-{later[:12]}")
    assert (later_seq, later) != (seq, digest), "a visit signed in: the head has moved"
    assert "gxreviewer" not in reports.made(world.visit("district"), "outside")
