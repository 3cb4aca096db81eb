"""榜单, 人才与知识产权, 数据质量 and 插补: of the year asked for, within the scope, as of any day, once per version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.base.errors import Forbidden, Unavailable
from core.statistics.selection import Selection
from data.access.accounts import enterprise_id, register_enterprise
from data.access.visit import Visit
from data.directory import classified
from data.filing import filings
from data.projections import PROJECTED, project
from data.review import corrections, decisions
from data.rule import policies
from data.statistics import imputation, quality, ranking, talent
from data.store.store import SYSTEM, Store, Transaction
from tests.core import samples
from tests.world import NAMES, USCC, World

NEAR = enterprise_id(USCC["enterprise"])
ASKED = Selection(2025)
MILLION = 1_000_000


def full(year: int, total: str, ai: str, software: str = "", hardware: str = "") -> dict[str, Any]:
    return samples.year(str(year), full_year=samples.figures(total, ai, software or ai, hardware))


def load(world: World, firms: dict[str, dict[str, Any]], round_id: str = "2025", until: str = "admitted") -> None:
    """Filings of firms (name -> changes of the clean content) as facts, up to the state `until`."""

    def job(transaction: Transaction) -> None:
        for name, changes in firms.items():
            identity = (
                register_enterprise(transaction, SYSTEM, f"code-{name}", name) if not known(name) else known(name)
            )
            subject = f"filing:{identity}.{round_id}"
            content = samples.put(samples.clean(), {"basic.enterprise_name": name, **changes})
            explanations = changes.get("explanations")
            body = {"enterprise_id": identity, "round_id": round_id, "content": content}
            transaction.append(SYSTEM, "filing.opened", subject, body)
            if explanations:
                transaction.append(
                    SYSTEM,
                    "filing.saved",
                    subject,
                    {"patch": {f"explanations.{key}": said for key, said in explanations.items()}, "before": {}},
                )
            for kind in ("submitted", "passed", "admitted"):
                if until != "draft":
                    transaction.append(SYSTEM, f"filing.{kind}", subject, {})
                if kind == until:
                    break

    def known(name: str) -> str | None:
        found = world.store.rows("SELECT id FROM enterprises WHERE uscc = $1", [f"code-{name}"])
        return found[0]["id"] if found else None

    world.store.write(job)


def identity(world: World, name: str) -> str:
    return str(world.store.rows("SELECT id FROM enterprises WHERE uscc = $1", [f"code-{name}"])[0]["id"])


def open_round(world: World, year: int, opens: str, closes: str, *columns: str) -> None:
    body = {"year": year, "columns": list(columns or ("full_year",)), "opens": opens, "closes": closes}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", f"round:{year}", body))


# --- what an admission keeps, and how stores from before get it --------------------------------------------


def test_an_admission_keeps_heads_and_rights_and_a_correction_leaves_the_past_as_it_was(world: World) -> None:
    filing = world.admit("enterprise")
    before = world.clock.now
    corrections.correct(
        world.visit("city"), filing.id, filing.revision, "technology.software_staff", "55", reason="登记有误"
    )
    row = talent.of_year(world.store, 2025).row(0, named=True)
    assert {
        name: row[name]
        for name in (
            "developers",
            "software_staff",
            "researchers",
            "insured_doctors",
            "insured_masters",
            "insured_bachelors",
        )
    } == {
        "developers": 30,
        "software_staff": 55,
        "researchers": 85,
        "insured_doctors": 5,
        "insured_masters": 35,
        "insured_bachelors": 60,
    }
    assert [row[f"ip_{kind}"] for kind in ("count", "invention", "utility", "software", "layout")] == [1, 0, 0, 1, 0]
    assert (row["honours"], row["standards"], row["industry"], row["total_assets"]) == (1, 0, "I12", 80 * MILLION)
    assert talent.of_year(world.store, 2025, before)["software_staff"].to_list() == [40]


def test_a_store_from_before_is_filled_from_its_facts_at_the_next_start(world: World) -> None:
    filing = world.admit("enterprise")
    corrections.correct(
        world.visit("city"), filing.id, filing.revision, "technology.software_staff", "55", reason="登记有误"
    )

    def admissions(store: Store) -> list[dict[str, Any]]:
        return store.rows("SELECT * FROM admissions ORDER BY seq")

    kept = admissions(world.store)
    assert len(kept) == 2
    cursor = world.store._connection.cursor()
    cursor.execute("UPDATE admissions SET software_staff = NULL, ip_software = NULL, industry = NULL")
    cursor.execute("DELETE FROM schema_versions WHERE version LIKE '0017%'")
    world.close()
    with Store(world.folder, project=project, clock=world.clock) as store:
        assert admissions(store) == kept
        assert store.rows("SELECT count(*) AS n FROM schema_versions WHERE version LIKE '0017%'") == [{"n": 1}]
        whole = {table: sorted(map(repr, store.rows(f"SELECT * FROM {table}"))) for table in PROJECTED}
        store.rebuild(PROJECTED)
        assert whole == {table: sorted(map(repr, store.rows(f"SELECT * FROM {table}"))) for table in PROJECTED}


def test_a_filling_that_fails_is_taken_up_again(world: World) -> None:
    world.admit("enterprise")
    cursor = world.store._connection.cursor()
    cursor.execute("UPDATE admissions SET software_staff = NULL")
    cursor.execute("DELETE FROM schema_versions WHERE version LIKE '0017%'")
    world.close()

    def broken(transaction: Transaction, fact: Any) -> None:
        raise OSError("disk")

    with pytest.raises(Unavailable):
        Store(world.folder, project=broken, clock=world.clock)
    with Store(world.folder, project=project, clock=world.clock) as store:
        assert store.rows("SELECT software_staff FROM admissions") == [{"software_staff": 40}]


# --- 人才与知识产权 ----------------------------------------------------------------------------------------


def test_heads_are_of_the_year_s_own_round_and_of_no_other(world: World) -> None:
    load(world, {"甲": {}, "乙": {"basic.district": "HS"}})
    open_round(world, 2026, "2027-01-05", "2027-01-31")
    load(
        world,
        {
            "甲": {
                "technology.algorithm_staff": "31",
                "business.years": [full(2026, "7000", "4900"), full(2025, "6000", "4200")],
            }
        },
        "2026",
    )
    city = world.visit("city")
    now, then = talent.sums(city, Selection(2026)).row(0, named=True), talent.sums(city, ASKED).row(0, named=True)
    assert (now["enterprises"], now["reported"], now["developers"]) == (
        2,
        1,
        31,
    )  # 乙 has not filed for 2026: nothing is carried over
    assert (then["enterprises"], then["reported"], then["developers"]) == (2, 2, 60)
    filing = filings.one(city, f"{identity(world, '甲')}.2026")
    decisions.decide(city, filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    assert talent.sums(city, Selection(2026)).row(0, named=True)["reported"] == 0


def test_filters_and_scope_keep_the_rest_out_of_the_sums(world: World) -> None:
    load(world, {"甲": {}, "乙": {"basic.district": "HS", "technology.insured_staff": "200"}})
    staff: Callable[[Visit, Selection], int] = lambda visit, asked: talent.sums(visit, asked)["insured_staff"].item()  # noqa: E731
    city, district = world.visit("city"), world.visit("district")
    assert (staff(city, ASKED), staff(city, Selection(2025, district="HS")), staff(district, ASKED)) == (320, 200, 120)
    assert staff(district, Selection(2025, district="HS")) == 0
    assert talent.sums(city, Selection(2025, district="HS"), "district")["district"].to_list() == ["HS", "GX"]
    assert talent.sums(city, ASKED, "directory_tier").select("directory_tier", "enterprises").rows() == [("core", 2)]
    rows, many = talent.plotted(district, ASKED, "researchers", most=10)
    assert (rows["name"].to_list(), many) == (["甲"], 1)


# --- 榜单 -----------------------------------------------------------------------------------------------


def test_the_list_compares_with_the_year_before_and_stays_within_the_scope(world: World) -> None:
    firms = {
        name: {"basic.district": district, "business.years": [full(2025, now, now), full(2024, then, then)]}
        for name, district, now, then in (
            ("甲", "GX", "900", "100"),
            ("乙", "HS", "800", "700"),
            ("丙", "GX", "300", "400"),
        )
    }
    load(world, firms)
    rows = ranking.listing(world.visit("city"), ASKED, "ai_revenue")
    assert rows.select("name", "rank", "rank_before", "growth").rows() == [
        ("甲", 1, 3, 80_000),
        ("乙", 2, 1, 1_429),
        ("丙", 3, 2, -2_500),
    ]
    mine = ranking.listing(world.visit("district"), ASKED, "ai_revenue")
    assert mine.select("name", "rank", "rank_before").rows() == [("甲", 1, 2), ("丙", 2, 1)]
    found, curve = ranking.concentration(world.visit("city"), ASKED, "ai_revenue")
    assert (found.count, found.whole, found.top10) == (3, 20_000_000, 20_000_000)
    assert curve.rows() == [(0, 0), (1, 9_000_000), (2, 17_000_000), (3, 20_000_000)]
    only = ranking.listing(world.visit("city"), Selection(2025, district="HS"), "counted_output")
    assert only["name"].to_list() == ["乙"]


# --- 插补 -----------------------------------------------------------------------------------------------


def history(world: World) -> None:
    """甲 filed 2025 and 2024, 乙 2024 only (core, 8 million of AI), 丙 has only begun, 丁 was revoked."""
    load(world, {"甲": {"business.years": [full(2025, "6000", "4200"), full(2024, "5000", "3500")]}})
    open_round(world, 2024, "2025-01-05", "2025-02-28")
    load(
        world,
        {name: {"basic.district": "HS", "business.years": [full(2024, "1000", "800")]} for name in ("乙", "丁")},
        "2024",
    )
    load(world, {"丙": {"basic.district": "HS"}}, until="draft")
    filing = filings.one(world.visit("city"), f"{identity(world, '丁')}.2024")
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})


def test_the_range_counts_who_is_missing_and_never_moves_the_observed_number(world: World) -> None:
    history(world)
    span = imputation.span(world.visit("city"), ASKED)
    assert (span.missing, span.unknown) == (2, 1)  # 乙 and 丙; who was revoked is not waited for
    assert (span.core.observed, span.core.carried, span.core.high) == (1, 2, 2)
    observed = classified.classified(world.visit("city"), 2025, policies.for_year(world.visit("city"), 2025))[
        "counted_output"
    ].sum()
    assert (span.counted_output.observed, span.counted_output.carried) == (observed, observed + 10 * MILLION)
    assert span.ai_revenue.carried == 50 * MILLION
    assert imputation.missing(world.visit("city"), ASKED)["name"].sort().to_list() == ["丙", "乙"]


def test_the_range_keeps_to_scope_filters_and_moment(world: World) -> None:
    history(world)
    assert imputation.span(world.visit("district"), ASKED).missing == 0
    assert imputation.span(world.visit("other_district"), ASKED).missing == 2
    assert imputation.span(world.visit("city"), Selection(2025, district="GX")).missing == 0
    before = world.clock.now
    load(world, {"乙": {"basic.district": "HS", "business.years": [full(2025, "900", "700")]}})
    assert imputation.span(world.visit("city"), ASKED).missing == 1
    then = imputation.span(world.visit("city"), ASKED, as_of=before)
    assert (then.missing, then.core.observed, then.core.high) == (2, 1, 2)


def test_a_forecast_is_ranged_by_the_last_actual_year(world: World) -> None:
    load(world, {name: {"business.years": [full(2025, "6000", "4200")]} for name in ("甲", "乙")})
    open_round(world, 2026, "2026-01-08", "2026-01-31")
    load(world, {"甲": {"business.years": [full(2026, "7000", "4900"), full(2025, "6000", "4200")]}}, "2026")
    span = imputation.span(world.visit("city"), Selection(2026, True))
    assert (span.missing, span.unknown, span.core.observed, span.core.carried) == (1, 0, 1, 2)
    assert span.ai_revenue.carried == 91 * MILLION


# --- 数据质量 --------------------------------------------------------------------------------------------


def test_each_doubt_leads_to_the_enterprises_behind_it(world: World) -> None:
    load(
        world,
        {
            "甲": {"business.years": [full(2025, "6000", "4200", "3000", "1000")]},
            "乙": {"basic.size": "large", "basic.district": "HS"},
            "丙": {"basic.total_assets": ""},
        },
    )
    city = world.visit("city")
    found = {row["code"]: row["found"] for row in quality.counts(city, ASKED).to_dicts() if row["found"]}
    assert found == {"parts_differ": 1, "size_differs": 1, "assets_missing": 1}
    assert quality.concerned(city, ASKED, "parts_differ")["name"].to_list() == ["甲"]
    assert quality.concerned(world.visit("district"), ASKED, "size_differs").is_empty()
    assert quality.concerned(city, Selection(2025, district="HS"), "size_differs")["name"].to_list() == ["乙"]
    assert quality.ages(city, ASKED).rows() == [(2025, 3)]


def test_an_explanation_in_the_filing_counts_as_one(world: World) -> None:
    changes = {"basic.size": "large"}
    content = samples.put(samples.clean(), changes)
    content["explanations"] = {"size_differs@basic.size": "按从业人员期末总数含劳务派遣划分"}
    world.admit("enterprise", content)
    row = quality.counts(world.visit("city"), ASKED).filter(code="size_differs").row(0, named=True)
    assert (row["found"], row["explained"]) == (1, 1)


def test_corrections_are_counted_and_told(world: World) -> None:
    filing = world.admit("enterprise")
    assert quality.corrections(world.visit("city"), ASKED).is_empty()
    corrections.correct(
        world.visit("city"), filing.id, filing.revision, "basic.total_assets", "9000", reason="登记有误"
    )
    told = quality.corrections(world.visit("city"), ASKED).row(0, named=True)
    assert (told["name"], told["label"], told["reason"], told["who"]) == (
        NAMES["enterprise"],
        "基础信息 · 资产总额",
        "登记有误",
        "officer",
    )
    assert quality.concerned(world.visit("city"), ASKED, "corrected")["enterprise_id"].to_list() == [NEAR]
    assert quality.corrections(world.visit("other_district"), ASKED).is_empty()


def test_coverage_is_of_the_year_s_round_within_scope_and_filters(world: World) -> None:
    history(world)
    this_round, due = quality.coverage(world.visit("city"), ASKED)
    assert this_round is not None and this_round.id == "2025"
    assert sorted(due["progress"].to_list()) == ["admitted", "draft", "missing", "missing"]
    assert quality.coverage(world.visit("district"), ASKED)[1]["name"].to_list() == ["甲"]
    assert quality.coverage(world.visit("city"), Selection(2025, district="GX"))[1]["name"].to_list() == ["甲"]
    assert quality.coverage(world.visit("city"), Selection(2019))[0] is None


# --- who may, and how often -------------------------------------------------------------------------------


READS: dict[str, Callable[[Visit], Any]] = {
    "talent.sums": lambda visit: talent.sums(visit, ASKED),
    "talent.plotted": lambda visit: talent.plotted(visit, ASKED, "researchers", most=5),
    "ranking.listing": lambda visit: ranking.listing(visit, ASKED, "growth"),
    "ranking.concentration": lambda visit: ranking.concentration(visit, ASKED, "ip_count"),
    "imputation.span": lambda visit: imputation.span(visit, ASKED),
    "imputation.missing": lambda visit: imputation.missing(visit, ASKED),
    "quality.counts": lambda visit: quality.counts(visit, ASKED),
    "quality.ages": lambda visit: quality.ages(visit, ASKED),
    "quality.concerned": lambda visit: quality.concerned(visit, ASKED, "stale"),
    "quality.corrections": lambda visit: quality.corrections(visit, ASKED),
    "quality.coverage": lambda visit: quality.coverage(visit, ASKED),
}


@pytest.mark.parametrize("read", READS)
def test_an_enterprise_reads_none_of_it_and_an_empty_library_is_no_error(world: World, read: str) -> None:
    READS[read](world.visit("city"))
    with pytest.raises(Forbidden):
        READS[read](world.visit("enterprise"))


@pytest.mark.parametrize("read", ["talent.sums", "ranking.concentration"])
def test_a_read_is_computed_once_until_an_admission(world: World, read: str) -> None:
    load(world, {"甲": {}})
    world.save("enterprise")
    first = READS[read](world.visit("city"))
    world.clock.now = datetime(2026, 1, 10, 3)
    assert READS[read](world.visit("administrator")) is first
    world.save("enterprise")  # a draft moves nothing
    assert READS[read](world.visit("city")) is first
    load(world, {"乙": {}})
    assert READS[read](world.visit("city")) is not first
