"""敏感性, 临界企业, 阈值附近的异常: within the scope only, by the newest data, and drafts for reviewers only."""

import json
import subprocess
import sys
import time
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from core.base.errors import Forbidden, Refused
from core.rule.classification import classify
from core.rule.policy import Policy
from core.what_if.surface import LINES
from data.filing import filings
from data.what_if import bunching, bunching_worker, thresholds
from data.what_if.thresholds import Basis
from tests.core import samples
from tests.data.directory.test_classified import firm, full, load
from tests.world import World

POLICY = Policy()
BASIS = Basis(2025, False, POLICY)


def several(world: World) -> None:
    """Three in GX and one in HS, all related: 49 %, 45 %, 21 % and 48 % of 100 万元."""
    load(
        world,
        [
            firm(n, district, full("100", ai, ai, "0"))
            for n, (district, ai) in enumerate([("GX", "49"), ("GX", "45"), ("GX", "21"), ("HS", "48")])
        ],
    )


def test_a_surface_and_a_profile_hold_what_the_scope_sees(world: World) -> None:
    several(world)
    x, y = ("core_share_bp", (4500, 4800, 5000)), ("core_ai_revenue", (0, 20_000_000))
    shown = {
        persona: thresholds.surface(world.visit(persona), BASIS, x, y)["core"].to_list()
        for persona in ("city", "district", "other_district")
    }
    assert shown == {"city": [4, 2, 4, 1, 4, 0], "district": [3, 1, 3, 1, 3, 0], "other_district": [1, 1, 1, 0, 1, 0]}
    one = Basis(2025, False, POLICY, ("district", "HS"))
    assert thresholds.surface(world.visit("city"), one, x, y)["core"].to_list() == shown["other_district"]
    assert thresholds.surface(world.visit("district"), one, x, y)["core"].to_list() == [0] * 6
    assert thresholds.profile(world.visit("district"), BASIS, "core_share_bp")["core"].max() == 3
    assert thresholds.counts(world.visit("district"), BASIS).enterprises == 3


def test_the_ledger_holds_what_the_scope_sees_and_follows_the_data(world: World) -> None:
    several(world)
    found = thresholds.ledger(world.visit("city"), BASIS).filter("nearest")
    assert found.select("name", "line", "above", "distance", "tier_after", "counted_change").rows() == [
        ("虚构企业2", "related_share_bp", True, 10_000, "outside", -500_000), ("虚构企业0", "core_share_bp", False, 10_001, "core", 500_000),
        ("虚构企业3", "core_share_bp", False, 20_001, "core", 500_000), ("虚构企业1", "core_share_bp", False, 50_001, "core", 500_000),
    ]  # fmt: skip
    assert thresholds.ledger(world.visit("other_district"), BASIS)["name"].unique().to_list() == ["虚构企业3"]
    resting = thresholds.resting(world.visit("district"), BASIS).row(0, named=True)
    assert (resting["line"], resting["band"], resting["below"], resting["above"]) == ("core_share_bp", 1, 1, 0)
    before = thresholds.version(world.visit("city"))
    load(world, [firm(9, "GX", full("100", "49.5", "49.5", "0"))])
    assert thresholds.version(world.visit("city")) != before
    assert thresholds.ledger(world.visit("city"), BASIS)["name"][0] == "虚构企业9"


def test_who_may_not_is_refused(world: World) -> None:
    line = ("core_share_bp", (5000,))
    for personas, calls in {
        ("enterprise",): [
            lambda v: thresholds.surface(v, BASIS, line, line),
            lambda v: thresholds.profile(v, BASIS, "core_share_bp"),
            thresholds.years,
            lambda v: thresholds.standing(v, BASIS),
        ],
        ("enterprise", "administrator"): [
            lambda v: thresholds.ledger(v, BASIS),
            lambda v: thresholds.resting(v, BASIS),
            lambda v: bunching.distances(v, BASIS),
            lambda v: bunching.density(v, BASIS),
            lambda v: bunching.crossed(v, "2025", POLICY),
        ],
    }.items():
        for visit, call in product(map(world.visit, personas), calls):
            with pytest.raises(Forbidden):
                call(visit)


def test_a_small_sample_is_not_tested_beside(world: World) -> None:
    several(world)
    assert bunching.density(world.visit("city"), BASIS) == {}


def test_a_large_sample_is_tested_in_a_process_of_its_own(world: World) -> None:
    """Many just over the line, few below: both tests see it."""
    shares = [50.01 + n * 0.015 for n in range(600)] + [40 + n * 0.1 for n in range(100)]
    load(world, [firm(n, "GX", full("1000", f"{share * 10:.2f}")) for n, share in enumerate(shares)])
    city = world.visit("city")
    assert bunching.density(city, BASIS) is None
    for _ in range(120):
        if (found := bunching.density(city, BASIS)) is not None:
            break
        time.sleep(0.5)
    assert found is not None and set(found) == {"core_share_bp"}
    assert found["core_share_bp"] is not None and found["core_share_bp"] < 0.05
    assert "rddensity" not in sys.modules


def test_the_process_answers_null_where_there_is_no_test() -> None:
    done = subprocess.run(
        [sys.executable, "-I", bunching_worker.__file__],
        input=json.dumps({"core_share_bp": [1.0, 2.0]}).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"core_share_bp": None}


# --- drafts ------------------------------------------------------------------------------------------


def crossing(world: World, persona: str, district: str, first: str = "2900", now: str = "3100") -> filings.Filing:
    """First saved below half, submitted above, an hour after the figures were changed."""
    draft = samples.put(
        samples.clean(), {"basic.district": district, "business.years": [full("6000", first, first, "0")]}
    )
    filing = world.save(persona, draft)
    changed: dict[str, Any] = samples.put(draft, {"business.years": [full("6000", now, now, "0")]})
    changed["explanations"] = {
        "share_crossed@business.years.0.full_year.ai_revenue": "审计报告调整了两份合同的收入分类"
    }
    filing = world.save(persona, changed)
    world.clock.now += timedelta(hours=1)
    world.tokens.clear()
    filings.submit(world.visit(persona), filing.id, filing.revision)
    return filings.one(world.visit(persona), filing.id)


def test_a_draft_that_crossed_a_line_is_shown_to_its_reviewers_only(world: World) -> None:
    near = crossing(world, "enterprise", "GX")
    world.submit("other", samples.put(samples.clean(), {"basic.district": "HS"}))
    (found,) = bunching.crossed(world.visit("city"), "2025", POLICY)
    assert (found.draft.id, found.draft.first_ai, found.draft.ai_revenue) == (near.id, 29_000_000, 31_000_000)
    assert found.lines == {"core_share_bp": True}
    assert timedelta(hours=1) <= found.draft.submitted_at - found.draft.changed_at < timedelta(hours=1, seconds=1)
    assert [each.draft.id for each in bunching.crossed(world.visit("district"), "2025", POLICY)] == [near.id]
    assert bunching.crossed(world.visit("other_district"), "2025", POLICY) == []
    for persona in ("enterprise", "administrator"):
        with pytest.raises(Forbidden):
            bunching.crossed(world.visit(persona), "2025", POLICY)


def test_a_draft_that_stayed_on_its_side_is_not_shown(world: World) -> None:
    crossing(world, "enterprise", "GX", "3200", "3300")
    assert bunching.crossed(world.visit("city"), "2025", POLICY) == []


def test_one_that_is_not_submitted_is_not_shown(world: World) -> None:
    world.save("enterprise", samples.put(samples.clean(), {"business.years": [full("6000", "2900", "2900", "0")]}))
    world.save("enterprise", samples.put(samples.clean(), {"business.years": [full("6000", "3100", "3100", "0")]}))
    assert bunching.crossed(world.visit("city"), "2025", POLICY) == []


def test_every_line_is_measured_by_the_rule_itself(world: World) -> None:
    several(world)
    found = bunching.distances(world.visit("city"), BASIS)
    classes = classify(
        thresholds.enterprises(world.visit("city"), BASIS).select(
            "total_revenue", "ai_revenue", "software_revenue", "hardware_revenue"
        ),
        POLICY,
    )
    assert set(found) == set(LINES)
    assert (found["core_share_bp"]["step"] >= 0).sum() == (classes["rule_branch"] == "core_by_share").sum()


# --- the list as a file --------------------------------------------------------------------------------


def test_the_list_is_exported_as_it_was_asked_for_and_noted(world: World) -> None:
    several(world)
    found = thresholds.export(
        world.visit("city"), {"year": "2025", "line": "core_share_bp", "band": "2", "order": "change"}, "临界企业.csv"
    )
    assert found["企业名称"].to_list() == ["虚构企业0", "虚构企业3"]
    assert found["距线（元）"].to_list() == [10_001, 20_001]
    assert found["全市纳入统计变化（万元）"].to_list() == [50, 50]
    world.store.write(lambda _: None)
    (noted,) = world.store.rows("SELECT subject, body FROM facts WHERE kind = 'file.opened'")
    assert noted["subject"] == "export:edges" and "core_share_bp" in noted["body"]
    assert thresholds.export(world.visit("other_district"), {"year": "2025"}, "x")["企业名称"].to_list() == [
        "虚构企业3"
    ]
    with pytest.raises(Refused, match="1999"):
        thresholds.export(world.visit("city"), {"year": "1999"}, "x")
    with pytest.raises(Forbidden):
        thresholds.export(world.visit("administrator"), {"year": "2025"}, "x")
