"""The overview: what is admitted is counted, exactly, once, by the figures and the rule of the day asked for."""

import random
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from core.base.dictionaries import DISTRICTS
from core.base.errors import Forbidden
from core.rule.classification import classify
from core.rule.policy import Policy
from core.statistics.selection import Selection
from core.statistics.totals import totals
from data.access.accounts import register_enterprise
from data.directory import classified as directory_classified
from data.enterprise import designations
from data.filing import filings
from data.review import decisions
from data.statistics import dashboards
from data.store.store import SYSTEM, Transaction
from tests.core import samples
from tests.world import NAMES, World

POLICY = Policy()
AMOUNTS = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")


def admitted(world: World, persona: str, *years: dict[str, Any], district: str = "GX") -> filings.Filing:
    """File as this enterprise and let it pass both reviews."""
    changes: dict[str, Any] = {"basic.district": district}
    if years:
        changes["business.years"] = list(years)
    filing = world.submit(persona, samples.put(samples.clean(), changes))
    for reviewer, action in (("district" if district == "GX" else "other_district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(reviewer), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)
    return filing


def full(total: str, ai: str, software: str = "", hardware: str = "", year: str = "2025") -> dict[str, Any]:
    return samples.year(year, full_year=samples.figures(total, ai, software, hardware))


def load(world: World, firms: list[dict[str, Any]], round_id: str = "2025") -> None:
    """Facts of admitted filings, as the writers would have appended them."""

    def job(transaction: Transaction) -> None:
        for number, firm in enumerate(firms):
            identity = register_enterprise(transaction, SYSTEM, f"code{number}", firm["name"])
            subject = f"filing:{identity}.{round_id}"
            changes = {"basic.enterprise_name": firm["name"], "basic.district": firm["district"]}
            content = samples.put(samples.clean(), changes | {"business.years": firm["years"]})
            body = {"enterprise_id": identity, "round_id": round_id, "content": content}
            transaction.append(SYSTEM, "filing.opened", subject, body)
            for kind in ("submitted", "passed", "admitted"):
                transaction.append(SYSTEM, f"filing.{kind}", subject, {})

    world.store.write(job)


def firm(number: int, district: str, *years: dict[str, Any]) -> dict[str, Any]:
    return {"name": f"虚构企业{number}", "district": district, "years": list(years)}


# --- what is counted -------------------------------------------------------------------------------------


def test_an_admitted_filing_appears_and_the_version_moves(world: World) -> None:
    city = world.visit("city")
    assert directory_classified.classified(city, 2025, POLICY).is_empty()
    assert directory_classified.years(city) == []
    assert directory_classified.data_as_of(city) is None
    start = dashboards.version(city)
    filing = world.submit("enterprise")
    decisions.decide(world.visit("district"), filing.id, filing.revision, "pass")
    assert directory_classified.classified(city, 2025, POLICY).is_empty()  # what is still under review is not counted
    assert dashboards.version(city) == start  # and no open dashboard is drawn anew for it
    filing = filings.one(city, filing.id)
    answer = decisions.decide(city, filing.id, filing.revision, "admit")
    assert dashboards.version(city) > start
    found = directory_classified.classified(city, 2025, POLICY).row(0, named=True)
    assert {name: found[name] for name in ("enterprise_id", "name", "district", "size", "layer", "segments")} == {
        "enterprise_id": filing.enterprise_id,
        "name": NAMES["enterprise"],
        "district": "GX",
        "size": "medium",
        "layer": "application",
        "segments": found["segments"],
    }
    assert set(found["segments"].split(",")) == {"application_software", "platforms"}
    assert [found[name] for name in AMOUNTS] == [60_000_000, 42_000_000, 30_000_000, 12_000_000]
    assert (found["directory_tier"], found["counting_basis"], found["counted_output"]) == ("core", "core", 60_000_000)
    assert (found["ip_count"], found["developers"], found["insured_staff"]) == (1, 30, 120)
    assert directory_classified.years(city) == [(2025, False)]
    assert directory_classified.data_as_of(city) == answer.at
    moved = dashboards.version(city)
    decisions.decide(city, filing.id, answer.revision, "revoke", reasons={"": "虚假填报"})
    assert dashboards.version(city) > moved
    assert directory_classified.classified(city, 2025, POLICY).is_empty()


def test_an_enterprise_is_counted_once_by_its_newest_admission(world: World) -> None:
    admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    body = {"year": 2026, "columns": ["full_year"], "opens": "2027-01-05", "closes": "2027-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026", body))
    world.clock.now = datetime(2027, 1, 6)
    world.tokens.clear()
    years = (full("9000", "6300", "6300", "0", "2026"), full("6001", "4200", "4200", "0"))
    admitted(world, "enterprise", *years, district="HS")
    city = world.visit("city")
    assert directory_classified.years(city) == [(2026, False), (2025, False)]
    # A corrected past year is corrected, and stands where it stood.
    for year, district, total in ((2026, "HS", 90_000_000), (2025, "GX", 60_010_000)):
        found = directory_classified.classified(city, year, POLICY)
        assert found.select("district", "total_revenue").rows() == [(district, total)]
    assert directory_classified.classified(city, 2024, POLICY)["directory_tier"].to_list() == ["missing"]


def test_counts_tiers_and_counted_output_are_exact_and_districts_sum_to_the_whole(world: World) -> None:
    draw = random.Random(20260110)
    codes = sorted(DISTRICTS)
    # On the lines and beside them, and awkward amounts whose share rounds.
    cases = [
        ("100", "50", "50", "0"), ("100", "50.0001", "50", "0.0001"), ("10000", "2000", "2000", "0"),
        ("10000", "2000.0001", "0", "2000.0001"), ("100", "20", "20", "0"), ("100.0001", "20.0001", "1", "0"),
        ("33.3333", "9.9999", "5", "4.9999"), ("0", "0", "0", "0"), ("100", "", "", ""), ("", "", "", ""),
        ("100", "30", "", ""), ("100000", "2000.5", "1", "0"), ("7.7777", "3.3333", "3.3333", "0"),
    ]  # fmt: skip
    for _ in range(60):
        total = draw.randint(1, 10**9)
        ai = draw.randint(0, total)
        cases.append(tuple(f"{amount / 10_000:.4f}" for amount in (total, ai, ai // 3, ai - ai // 3)))
    load(world, [firm(n, draw.choice(codes), full(*case)) for n, case in enumerate(cases)])
    city = world.visit("city")
    found = directory_classified.classified(city, 2025, POLICY)
    assert found.height == found["enterprise_id"].n_unique() == len(cases)

    def yuan(text: str) -> int | None:
        whole, _, rest = text.partition(".")
        return int(whole) * 10_000 + int(f"{rest:0<4}") if text else None

    expected = pl.DataFrame(
        [{"name": f"虚构企业{n}"} | dict(zip(AMOUNTS, map(yuan, case), strict=True)) for n, case in enumerate(cases)],
        schema_overrides=dict.fromkeys(AMOUNTS, pl.Int64),
    )
    by_hand = {row["name"]: count_by_hand(*(row[name] for name in AMOUNTS)) for row in expected.iter_rows(named=True)}
    for row in found.iter_rows(named=True):
        assert (row["directory_tier"], row["counted_output"]) == by_hand[row["name"]], row
    whole = totals(found).row(0, named=True)
    assert whole["counted_output"] == sum(counted for _, counted in by_hand.values())
    assert whole["core"] == sum(tier == "core" for tier, _ in by_hand.values())
    for by in ("district", "layer", "size"):
        parts = totals(found, by)
        assert {name: parts[name].sum() for name in whole} == whole
    assert classify(expected, POLICY)["counted_output"].sum() == whole["counted_output"]


def count_by_hand(total: int | None, ai: int | None, software: int | None, hardware: int | None) -> tuple[str, int]:
    """The statistics rule once more, in Python's own integers (DOMAIN, The statistics rule)."""
    if total is None and ai is None:
        return "missing", 0
    if total is None or ai is None or total <= 0 or ai < 0 or ai > total:
        return "undetermined", 0
    kind, percent = ("software", 50) if (software or 0) > (hardware or 0) else ("hardware", 20)
    if ai * 2 > total:
        return "core", total
    if ai > 20_000_000:
        return "core", (total * percent + 50) // 100
    if ai * 5 > total:
        return f"related_{kind}", (total * percent + 50) // 100
    return "outside", 0


# --- forecasts -------------------------------------------------------------------------------------------


def open_forecast_round(world: World) -> None:
    body = {"year": 2026, "columns": ["q1", "q2", "full_year"], "opens": "2026-07-01", "closes": "2026-07-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026-2", body))


def test_a_forecast_gives_a_provisional_class_until_actuals_replace_it(world: World) -> None:
    open_forecast_round(world)
    forecast = samples.year(
        "2026",
        q1=samples.figures("1000", "700"),
        q2=samples.figures("3000", "2100"),
        full_year=samples.figures("8000", "5600"),
    )
    load(world, [firm(0, "GX", forecast, full("6000", "1800", "1800", "0"))], "2026-2")
    city = world.visit("city")
    assert directory_classified.years(city) == [(2026, True), (2025, False)]
    provisional = directory_classified.classified(city, 2026, POLICY, provisional=True)
    assert provisional.select("directory_tier", "total_revenue").rows() == [("core", 80_000_000)]
    official = directory_classified.classified(city, 2026, POLICY)
    assert official.select("directory_tier", "counted_output").rows() == [("missing", 0)]
    past = directory_classified.classified(city, 2025, POLICY)
    assert past.select("directory_tier", "counted_output").rows() == [("related_software", 30_000_000)]
    assert directory_classified.classified(city, 2025, POLICY, provisional=True)["directory_tier"].to_list() == [
        "missing"
    ]

    before = world.clock.now
    body = {"year": 2026, "columns": ["full_year"], "opens": "2027-01-05", "closes": "2027-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026-4", body))
    load(world, [firm(0, "GX", full("7000", "700", "700", "0", "2026"))], "2026-4")
    assert directory_classified.years(city) == [(2026, False), (2025, False)]
    assert directory_classified.classified(city, 2026, POLICY)["directory_tier"].to_list() == ["outside"]
    assert directory_classified.classified(city, 2026, POLICY, provisional=True)["directory_tier"].to_list() == [
        "missing"
    ]
    # The preliminary number of then can be produced again.
    again = directory_classified.classified(city, 2026, POLICY, provisional=True, as_of=before)
    assert again["total_revenue"].to_list() == [80_000_000]
    assert directory_classified.years(city, as_of=before) == [(2026, True), (2025, False)]


# --- quarters --------------------------------------------------------------------------------------------


def test_a_single_quarter_is_the_difference_of_cumulative_columns(world: World) -> None:
    quarters = {
        "q1": samples.figures("1000", "700"), "q2": samples.figures("2500", "1500"),
        "q3": samples.figures("4000", "2600"), "full_year": samples.figures("6000", "4200"),
    }  # fmt: skip
    gap = {
        "q1": samples.figures("10", "5"),
        "q3": samples.figures("40", "20"),
        "full_year": samples.figures("50", "26"),
    }
    load(world, [firm(0, "GX", samples.year("2025", **quarters)), firm(1, "HS", samples.year("2025", **gap))])
    columns = ("period", "ai_revenue", "enterprises", "forecast")

    def shown(persona: str) -> list[tuple[Any, ...]]:
        return dashboards.quarters(world.visit(persona), Selection(2025), "single").select(columns).rows()

    wan = 10_000
    assert shown("city") == [
        ("q1", 705 * wan, 2, False),
        ("q2", 800 * wan, 1, False),  # the second firm filed no half-year: no difference to take
        ("q3", 1100 * wan, 1, False),
        ("full_year", 1606 * wan, 2, False),
    ]
    assert shown("district") == [
        ("q1", 700 * wan, 1, False),
        ("q2", 800 * wan, 1, False),
        ("q3", 1100 * wan, 1, False),
        ("full_year", 1600 * wan, 1, False),
    ]
    assert sum(row[1] for row in shown("district")) == 4200 * wan  # the quarters make the year


def test_a_quarter_reckoned_from_a_forecast_says_so(world: World) -> None:
    open_forecast_round(world)
    columns = {
        period: samples.figures(total, ai)
        for period, total, ai in (("q1", "10", "5"), ("q2", "20", "11"), ("q3", "30", "18"), ("full_year", "45", "27"))
    }
    load(world, [firm(0, "GX", samples.year("2026", **columns))], "2026-2")
    found = dashboards.quarters(world.visit("city"), Selection(2026, True), "single")
    assert found.select("period", "ai_revenue", "forecast").rows() == [
        ("q1", 50_000, False), ("q2", 60_000, False), ("q3", 70_000, False), ("full_year", 90_000, True),
    ]  # fmt: skip


def test_a_revoked_enterprise_leaves_the_quarters_too(world: World) -> None:
    columns = {"q1": samples.figures("1000", "700"), "full_year": samples.figures("6000", "4200", "4200", "0")}
    filing = admitted(world, "enterprise", samples.year("2025", **columns))
    city = world.visit("city")
    assert dashboards.quarters(city, Selection(2025), "single").height == 2
    decisions.decide(city, filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    assert dashboards.quarters(city, Selection(2025), "single").is_empty()


# --- scope -----------------------------------------------------------------------------------------------


def test_a_district_s_overview_holds_its_own_enterprises_only(world: World) -> None:
    near = admitted(world, "enterprise")
    far = admitted(world, "other", district="HS")

    def seen(persona: str) -> set[str]:
        return set(directory_classified.classified(world.visit(persona), 2025, POLICY)["enterprise_id"])

    assert seen("district") == {near.enterprise_id}
    assert seen("other_district") == {far.enterprise_id}
    assert seen("city") == seen("administrator") == {near.enterprise_id, far.enterprise_id}


@pytest.mark.parametrize("read", ["classified", "years", "data_as_of"])
def test_an_enterprise_reads_no_overview(world: World, read: str) -> None:
    arguments = (2025, POLICY) if read == "classified" else ()
    with pytest.raises(Forbidden):
        getattr(directory_classified, read)(world.visit("enterprise"), *arguments)


# --- 名单认定 --------------------------------------------------------------------------------------------


def test_a_designation_stands_beside_the_computed_class_and_overwrites_nothing(world: World) -> None:
    record = {"designation": "core", "source": "试验名单（虚构）"}
    for name in ("测试智能科技", "名单上的另一家（虚构）"):
        subject = f"designation:{name}"
        world.store.write(lambda t, s=subject: t.append(SYSTEM, "designation.recorded", s, record))
    empty = designations.beside_computed(world.visit("city"), 2025, POLICY)
    assert empty.select("designated", "enterprise_id").rows() == [
        ("名单上的另一家（虚构）", None),
        ("测试智能科技", None),
    ]
    filing = admitted(world, "enterprise", full("6000", "1800", "1800", "0"))
    found = designations.beside_computed(world.visit("city"), 2025, POLICY)
    matched, alone = sorted(found.iter_rows(named=True), key=lambda row: row["enterprise_id"] is None)
    assert (matched["designated"], matched["designation"], matched["source"]) == (
        "测试智能科技",
        "core",
        record["source"],
    )
    assert (matched["enterprise_id"], matched["name"]) == (filing.enterprise_id, NAMES["enterprise"])
    assert (matched["directory_tier"], matched["counting_basis"]) == ("related_software", "related_software")
    assert matched["counted_output"] == 30_000_000
    assert (alone["designation"], alone["name"], alone["directory_tier"]) == ("core", None, None)
    # What is counted knows nothing of the list.
    counted = directory_classified.classified(world.visit("city"), 2025, POLICY)
    assert counted.select("directory_tier", "counted_output").rows() == [("related_software", 30_000_000)]


def test_the_shipped_list_is_recorded_once_and_whole(world: World) -> None:
    designations.record_shipped(world.store)
    before = world.store.data_version
    designations.record_shipped(world.store)
    assert world.store.data_version == before
    found = designations.beside_computed(world.visit("administrator"), 2025, POLICY)
    assert found.height == found["designated"].n_unique() == 33
    assert set(found["designation"]) <= {"core", "related_software", "related_hardware"}
    assert set(found["source"]) == {designations.SOURCE}


@pytest.mark.parametrize("persona", ["enterprise", "district"])
def test_the_list_is_for_the_city(world: World, persona: str) -> None:
    with pytest.raises(Forbidden):
        designations.beside_computed(world.visit(persona), 2025, POLICY)
