"""阈值测算: what a trial gives within the scope, and what is kept of it: parameters, never a figure."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from core.audit import wording
from core.audit.entry import LogEntry
from core.base.errors import Conflict, Forbidden, Refused
from core.enterprise.query import Query
from core.rule.classification import classify
from core.rule.policy import Policy, shipped
from core.rule.policy_draft import PolicyDraft, as_typed
from core.what_if import scenario as what_if_scenario
from data.audit import log
from data.directory import classified
from data.enterprise import search as enterprise_search
from data.filing.periods import current_round
from data.review import queue as review_queue
from data.rule import policies
from data.what_if import scenarios
from data.what_if.scenarios import Basis
from tests.data.directory.test_classified import firm, full, load
from tests.world import World

POLICY = shipped()[-1]
FORTY = what_if_scenario.scenario(POLICY, {"core_share_bp": 4000})
FIRMS = [
    firm(0, "GX", full("1000", "600", "600")),
    firm(1, "GX", full("1000", "450", "450")),
    firm(2, "HS", full("1000", "420")),
    firm(3, "HS", full("30000", "2500", "1250", "1250")),
    firm(4, "HS", full("1000", "200")),
]


def basis(world: World, persona: str = "city") -> Basis:
    (found,) = scenarios.bases(world.visit(persona))
    return found


@pytest.fixture
def filled(world: World) -> World:
    load(world, FIRMS)
    return world


# --- what a trial gives -----------------------------------------------------------------------------


def test_before_the_first_admission_there_is_nothing_to_try(world: World) -> None:
    assert scenarios.bases(world.visit("city")) == []


def test_a_trial_counts_anew_beside_the_policy(filled: World) -> None:
    found = scenarios.outcome(filled.visit("city"), basis(filled), FORTY)
    assert {
        name: getattr(found.whole, name)
        for name in ("enterprises", "core", "core_after", "related", "related_after", "moved")
    } == {"enterprises": 5, "core": 2, "core_after": 4, "related": 2, "related_after": 0, "moved": 2}
    assert found.whole.counted_output == (1000 + 500 + 200 + 6000) * 10_000
    assert found.whole.counted_output_after == (1000 + 1000 + 1000 + 6000) * 10_000
    assert found.movers["name"].to_list() == ["虚构企业2", "虚构企业1"]
    assert found.groups["district"].select("district", "difference").rows() == [("HS", 8_000_000), ("GX", 5_000_000)]
    # By the readings: 企业3 lies below the related line and has equal parts; 企业4 lies on it.
    assert what_if_scenario.spans(found.band)["counted_output"] == (30_000_000, (3000 + 15_000 + 500) * 10_000)
    assert found.movers.columns[:2] == ["enterprise_id", "name"]


def test_what_is_in_force_stays_whatever_is_tried(filled: World) -> None:
    visit = filled.visit("city")
    before = classified.classified(visit, 2025, POLICY).clone()
    facts = filled.store.data_version
    scenarios.outcome(visit, basis(filled), FORTY)
    scenarios.save(visit, "占比四成", "", POLICY, FORTY)
    assert classified.classified(visit, 2025, policies.for_year(visit, 2025)).equals(before)
    assert filled.store.data_version == facts + 1
    assert policies.in_force(visit) == POLICY


@pytest.mark.parametrize(
    ("persona", "names"),
    [("district", {"虚构企业1"}), ("other_district", {"虚构企业2"}), ("administrator", {"虚构企业1", "虚构企业2"})],
)
def test_a_district_tries_on_its_own_enterprises(filled: World, persona: str, names: set[str]) -> None:
    visit = filled.visit(persona)
    found = scenarios.outcome(visit, basis(filled, persona), FORTY)
    assert set(found.movers["name"]) == names
    assert set(scenarios.export(visit, basis(filled, persona), FORTY, "x.csv")["企业名称"]) == names
    assert found.whole.enterprises == {"district": 2, "other_district": 3, "administrator": 5}[persona]
    assert found.whole.counted_output == classified.classified(visit, 2025, POLICY)["counted_output"].sum()


def test_a_later_admission_changes_the_answer(filled: World) -> None:
    visit, of = filled.visit("city"), basis(filled)
    assert scenarios.outcome(visit, of, FORTY) is scenarios.outcome(visit, of, FORTY)
    load(filled, [firm(5, "GX", full("1000", "470"))])
    assert scenarios.outcome(visit, of, FORTY).whole.moved == 3


def test_every_preset_gives_what_the_rule_gives(filled: World) -> None:
    visit, of = filled.visit("city"), basis(filled)
    frame = classified.classified(visit, 2025, POLICY)
    for preset in what_if_scenario.presets(POLICY).values():
        trial = what_if_scenario.scenario(POLICY, preset.changes)
        expected = classify(frame.drop(what_if_scenario.OUTPUTS), trial)["counted_output"].sum()
        assert scenarios.outcome(visit, of, trial).whole.counted_output_after == expected


def test_an_export_says_in_every_line_that_it_is_a_trial(filled: World) -> None:
    rows = scenarios.export(filled.visit("city"), basis(filled), FORTY, "测算.csv")
    assert rows["性质"].to_list() == ["测算，2025年，不是统计结果"] * 2
    assert rows["差额（万元）"].to_list() == ["800", "500"]
    filled.store.write(lambda _: None)
    noted = log.entries(filled.visit("administrator"), log.Query("access", "测算.csv"))
    assert "核心企业占比线 50% → 40%" in json.dumps([entry.body for entry in noted], ensure_ascii=False)


# --- saved ------------------------------------------------------------------------------------------


def test_a_scenario_is_kept_with_name_author_note_and_day_and_no_figure(filled: World) -> None:
    identity = scenarios.save(filled.visit("district"), "  占比  四成 ", "区里的想法", POLICY, FORTY)
    (row,) = scenarios.saved(filled.visit("city"))
    assert (row.id, row.name, row.note, row.author, row.day) == (
        identity,
        "占比 四成",
        "区里的想法",
        "gxreviewer",
        date(2026, 1, 10),
    )
    assert (dict(row.changes), row.version, row.own) == ({"core_share_bp": 4000}, POLICY.version, True)
    (fact,) = filled.store.facts(f"scenario:{identity}")
    assert fact.body == {"name": "占比 四成", "note": "区里的想法", "version": POLICY.version, "core_share_bp": 4000}
    line = wording.table("operations", [LogEntry(fact.seq, fact.at_utc, fact.kind, fact.subject, fact.body)])[0]
    assert line["事件"] == "保存测算"
    assert "核心企业占比线：40%" in line["内容"]


def test_renamed_removed_and_brought_back(filled: World) -> None:
    visit = filled.visit("city")
    identity = scenarios.save(visit, "占比四成", "", POLICY, FORTY)
    scenarios.change(visit, identity, 1, "四成", "改了")
    assert [(each.name, each.note) for each in scenarios.saved(visit)] == [("四成", "改了")]
    scenarios.remove(visit, identity, 2)
    assert scenarios.saved(visit) == []
    assert [each.active for each in scenarios.saved(visit, removed=identity)] == [False]
    with pytest.raises(Refused, match="已被删除"):
        scenarios.change(visit, identity, 3, "四成", "")
    scenarios.restore(visit, identity, 3)
    assert [each.name for each in scenarios.saved(visit)] == ["四成"]
    with pytest.raises(Refused, match="没有被删除"):
        scenarios.restore(visit, identity, 4)


def test_a_name_is_given_once(filled: World) -> None:
    visit = filled.visit("city")
    first = scenarios.save(visit, "四成", "", POLICY, FORTY)
    with pytest.raises(Refused, match="已有名为“四成”"):
        scenarios.save(filled.visit("district"), "四成", "", POLICY, FORTY)
    scenarios.remove(visit, first, 1)
    scenarios.save(visit, "四成", "", POLICY, FORTY)
    with pytest.raises(Refused, match="已有名为“四成”"):
        scenarios.restore(visit, first, 2)


def test_of_two_of_one_name_in_one_batch_one_is_kept(filled: World) -> None:
    visit = filled.visit("city")
    jobs: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(filled.store), "write", lambda _, job, **__: jobs.append(job))
        for _ in range(2):
            scenarios.save(visit, "四成", "", POLICY, FORTY)

    def both(transaction: Any) -> None:
        jobs[0](transaction)
        with pytest.raises(Refused):
            jobs[1](transaction)

    filled.store.write(both)
    assert len(scenarios.saved(visit)) == 1


@pytest.mark.parametrize(
    ("name", "note", "words"),
    [("", "", "1 至 40 个字"), ("名" * 41, "", "现为 41 个字"), ("四成", "字" * 201, "201 字")],
)
def test_what_does_not_fit_is_refused(filled: World, name: str, note: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        scenarios.save(filled.visit("city"), name, note, POLICY, FORTY)
    assert scenarios.saved(filled.visit("city")) == []


def test_a_scenario_like_the_policy_is_none(filled: World) -> None:
    with pytest.raises(Refused, match="与现行规则相同"):
        scenarios.save(filled.visit("city"), "四成", "", POLICY, POLICY)


def test_another_s_scenario_is_changed_by_the_city_only_and_a_stale_page_by_nobody(filled: World) -> None:
    identity = scenarios.save(filled.visit("district"), "四成", "", POLICY, FORTY)
    other = filled.visit("other_district")
    assert [each.own for each in scenarios.saved(other)] == [False]
    for act in (lambda: scenarios.change(other, identity, 1, "我的", ""), lambda: scenarios.remove(other, identity, 1)):
        with pytest.raises(Refused, match="由别人保存"):
            act()
    scenarios.change(filled.visit("city"), identity, 1, "四成", "市里改")
    for act in (
        lambda: scenarios.change(filled.visit("district"), identity, 1, "旧页", ""),
        lambda: scenarios.remove(filled.visit("district"), identity, 1),
    ):
        with pytest.raises(Conflict):
            act()
    assert [each.note for each in scenarios.saved(other)] == ["市里改"]


@pytest.mark.parametrize(
    "act",
    [
        scenarios.bases,
        lambda visit: scenarios.outcome(visit, Basis(2025, False, POLICY), FORTY),
        lambda visit: scenarios.export(visit, Basis(2025, False, POLICY), FORTY, "x"),
        scenarios.saved,
        lambda visit: scenarios.save(visit, "四成", "", POLICY, FORTY),
        lambda visit: scenarios.change(visit, "x", 1, "四成", ""),
        lambda visit: scenarios.remove(visit, "x", 1),
        lambda visit: scenarios.restore(visit, "x", 1),
        scenarios.version,
    ],
)
def test_an_enterprise_is_refused_at_every_door(filled: World, act: Any) -> None:
    visit = filled.visit("enterprise")
    facts = filled.store.data_version
    with pytest.raises(Forbidden):
        act(visit)
    assert filled.store.data_version == facts


# --- proposed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", list(what_if_scenario.presets(POLICY)))
def test_a_scenario_becomes_a_draft_and_figures_stay_until_it_is_published(filled: World, preset: str) -> None:
    visit = filled.visit("city")
    trial = what_if_scenario.scenario(POLICY, what_if_scenario.presets(POLICY)[preset].changes)
    before = classified.classified(visit, 2025, policies.for_year(visit, 2025)).clone()
    identity = policies.draft(
        visit,
        PolicyDraft(
            version="2026-修订",
            title="统计原则修订",
            reference="测算的说明",
            effective_from="2026-02-01",
            parameters=as_typed(trial),
        ),
    )
    drafted = next(each.policy for each in policies.listing(visit) if each.id == identity)
    assert what_if_scenario.changes(drafted, trial) == {}
    assert classified.classified(visit, 2025, policies.for_year(visit, 2025)).equals(before)


def test_a_published_rule_by_size_counts_everywhere(filled: World) -> None:
    """From its day on it counts for the year that runs; the dashboards, the register and the queue of 2025 rest on 2025's own."""
    visit = filled.visit("city")
    trial = what_if_scenario.scenario(POLICY, what_if_scenario.presets(POLICY)["city_2023"].changes)
    identity = policies.draft(
        visit,
        PolicyDraft(
            version="按规模",
            title="按规模分线",
            reference="某号文件",
            effective_from="2026-01-11",
            parameters=as_typed(trial),
        ),
    )
    policies.publish(filled.visit("administrator"), identity, 1)
    filled.clock.now = filled.clock.now.replace(day=12)
    visit = filled.visit("city")
    policy = policies.for_year(visit, 2025)
    assert policies.for_year(visit, 2026).by_size and not policy.by_size
    counted = classified.classified(visit, 2025, policy).select("enterprise_id", "directory_tier").sort("enterprise_id")
    listed = (
        enterprise_search.search(visit, Query()).filter(pl.col("admitted")).select("enterprise_id", "directory_tier")
    )
    assert listed.sort("enterprise_id").equals(counted)
    this_round = current_round(visit)
    assert this_round is not None
    queued = review_queue.filings(visit, this_round.id).select("enterprise_id", "directory_tier").sort("enterprise_id")
    assert queued.equals(counted)
    assert Policy().by_size is False
