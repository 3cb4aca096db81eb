"""The fictional sample: what it must hold to stand for a real register, written through the same functions."""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import bcrypt
import polars as pl
import pytest
from stdnum.cn import uscc as uscc_number

from core.access.roles import SHIPPED
from core.access.scope import Scope
from core.base import beijing, dictionaries
from core.base.values import organisation_digit
from core.filing import checks
from core.filing.cells import label_of
from core.filing.checks import Context
from core.filing.model import carried_over, difference, read
from core.filing.payload import invalid_path
from core.filing.states import ACTIONS, EDITABLE
from core.rule import policy
from data.access import credentials
from data.access.accounts import enterprise_id
from data.access.visit import Visit
from data.directory import classified
from data.filing import filings, periods
from data.projections import PROJECTED, project
from data.review import queue as review_queue
from data.sample import generate, people
from data.sample.figures import THRESHOLD_CASES
from data.sample.firms import CODE_PREFIX, FICTIONAL
from data.store.store import Fact, Store
from tests.world import cells_of

pytestmark = pytest.mark.xdist_group("sample")

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, 0)
YEAR = 2026
POLICY = policy.shipped()[-1]
LEADS_TO = {
    "filing.submitted": "submitted",
    "filing.passed": "city_review",
    "filing.admitted": "admitted",
    "filing.returned": "returned",
    "filing.revoked": "revoked",
}
#: Real firms whose names must not turn up, beside those the bureau designates.
REAL = (
    "华为",
    "百度",
    "腾讯",
    "阿里",
    "字节",
    "小米",
    "讯飞",
    "商汤",
    "旷视",
    "依图",
    "云从",
    "寒武纪",
    "燧原",
    "壁仞",
    "摩尔线程",
    "沐曦",
    "天数智芯",
    "智谱",
    "月之暗面",
    "百川智能",
    "零一万物",
    "深度求索",
    "阶跃",
    "面壁",
    "斗鱼",
    "达梦",
    "斑马",
    "锐科",
    "高德",
    "精测",
    "长飞",
    "烽火",
    "华工",
    "海康",
    "大华",
    "浪潮",
    "联想",
    "中兴",
    "科大",
    "奇安信",
    "金山",
    "用友",
    "金蝶",
    "小鹏",
    "蔚来",
    "理想",
    "岚图",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("sample"), project=project, clock=lambda: NOW) as opened:
        generate.load(opened, today=TODAY)
        people.create_staff(opened)
        yield opened


@pytest.fixture(scope="module")
def facts(store: Store) -> list[Fact]:
    return store.facts()


@pytest.fixture(scope="module")
def rows(store: Store) -> list[dict[str, Any]]:
    return store.rows("SELECT * FROM filings ORDER BY opened_at")


def visit(store: Store, role: str, *, uscc: str | None = None, district: str | None = None) -> Visit:
    if uscc:
        scope = Scope("", enterprises=frozenset({enterprise_id(uscc)}))
    else:
        scope = Scope("", everything=True) if district is None else Scope("", districts=frozenset({district}))
    return Visit(
        store=store,
        account_id=f"test-{role}",
        name=role,
        role=role,
        permissions=SHIPPED[role].permissions,
        scope=scope,
        ask_again=lambda transaction, visit: None,
        enterprise_id=enterprise_id(uscc) if uscc else None,
    )


# --- who -----------------------------------------------------------------------------------------


def test_as_many_enterprises_as_published(store: Store, rows: list[dict[str, Any]]) -> None:
    assert store.rows("SELECT count(*) AS n FROM enterprises")[0]["n"] == 1326
    filed: dict[str, set[str]] = {"2024": set(), "2025": set(), "2026": set()}
    for row in rows:
        filed[row["round_id"]].add(row["enterprise_id"])
    assert (len(filed["2024"]), len(filed["2025"])) == (995, 1326)
    assert filed["2024"] < filed["2025"] == {row["id"] for row in store.rows("SELECT id FROM enterprises")}
    assert filed["2026"] < filed["2025"]


def test_every_name_is_fictional_unique_and_nobodys(store: Store) -> None:
    names = [row["name"] for row in store.rows("SELECT name FROM enterprises")]
    assert len(set(names)) == len(names)
    assert all(name.startswith("武汉") and name.endswith(FICTIONAL) for name in names)
    with Path("data/enterprise/designated_enterprises.csv").open(encoding="utf-8") as file:
        designated = [row["name"] for row in csv.DictReader(file)]
    assert len(designated) == 33
    assert [(real, name) for name in names for real in [*designated, *REAL] if real in name] == []


def test_every_code_is_valid_unique_and_of_no_real_region(store: Store) -> None:
    codes = [row["uscc"] for row in store.rows("SELECT uscc FROM enterprises")]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith(CODE_PREFIX) for code in codes)
    assert [code for code in codes if not uscc_number.is_valid(code)] == []
    assert [code for code in codes if organisation_digit(code[8:16]) != code[16]] == []


def test_contacts_follow_the_fictional_pattern(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        basic = json.loads(row["content"])["basic"]
        if "contact_email" in basic:
            assert basic["contact_email"].endswith("@example.com")
            assert basic["contact_phone"].startswith("139")
            assert len(basic["contact_phone"]) == 11


def test_all_sixteen_districts_and_the_published_share_of_the_largest(rows: list[dict[str, Any]]) -> None:
    found = Counter(row["district"] for row in rows if row["round_id"] == "2025")
    assert set(found) == set(dictionaries.district_names())
    assert found["GX"] == 738
    assert 0.65 < (found["GX"] + found["HS"]) / 1326 < 0.72


def test_layers_sizes_and_rights_are_near_the_published(store: Store) -> None:
    year = store.frame(
        "SELECT a.* FROM admissions a JOIN filings f ON f.id = a.filing_id WHERE a.admitted AND f.round_id = '2025'"
    )
    layers = {row[0]: row[1] / len(year) for row in year.group_by("layer").len().iter_rows()}
    assert layers["application"] == pytest.approx(0.786, abs=0.01)
    assert layers["technology"] == pytest.approx(0.144, abs=0.01)
    assert layers["foundation"] == pytest.approx(0.07, abs=0.01)
    sizes = {row[0]: row[1] / len(year) for row in year.group_by("size").len().iter_rows()}
    assert sizes["small"] == pytest.approx((749 + 154) / 1326, abs=0.05)
    assert sizes["medium"] == pytest.approx(351 / 1326, abs=0.05)
    assert sizes["large"] == pytest.approx(72 / 1326, abs=0.03)
    owners = year.filter(pl.col("ip_count") > 0)
    assert len(owners) / len(year) == pytest.approx(1037 / 1326, abs=0.01)
    assert 26 < owners["ip_count"].mean() < 38


# --- what happened -------------------------------------------------------------------------------


def test_facts_are_in_time_order_and_before_today(facts: list[Fact]) -> None:
    loaded = [fact for fact in facts if fact.at_utc < NOW]
    assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
    assert all(a.at_utc <= b.at_utc for a, b in pairwise(facts))
    assert beijing.day(loaded[-1].at_utc) < TODAY


def test_the_current_round_has_every_state_in_the_proportions_asked_for(rows: list[dict[str, Any]]) -> None:
    current = Counter(row["state"] for row in rows if row["round_id"] == str(YEAR))
    assert current == {"admitted": 729, "submitted": 159, "city_review": 133, "draft": 106, "returned": 66}
    for district in ("GX", "HS"):
        here = [row for row in rows if row["district"] == district and row["round_id"] == str(YEAR)]
        assert {row["state"] for row in here} == set(current)


@pytest.mark.parametrize("year", ["2024", "2025"])
def test_past_rounds_are_nearly_all_admitted(rows: list[dict[str, Any]], year: str) -> None:
    past = Counter(row["state"] for row in rows if row["round_id"] == year)
    assert set(past) == {"admitted", "revoked", "returned", "draft"}
    assert past["admitted"] > 0.97 * past.total()


def test_the_rounds_are_the_manuals(store: Store) -> None:
    current, last, before = periods.rounds(store)
    assert (current.id, current.columns, current.opens, current.closes) == (
        "2026",
        ("full_year",),
        TODAY - timedelta(days=45),
        TODAY + timedelta(days=40),
    )
    assert current.forecast
    for past in (last, before):
        assert past.columns == ("q1", "q2", "q3", "full_year")
        assert (past.opens, past.closes) == (date(past.year + 1, 1, 5), date(past.year + 1, 2, 28))
        assert not past.forecast
    assert periods.current_round(visit(store, "city_officer")) == current


def test_every_filing_went_the_way_the_doors_allow(store: Store, facts: list[Fact]) -> None:
    """State by state as `ACTIONS` says, saved only while editable and open, by the people in charge."""
    known = {r.id: r for r in periods.rounds(store)}
    roles = {row["id"]: row for row in store.rows("SELECT * FROM accounts")}
    states: dict[str, str] = {}
    districts: dict[str, str] = {}
    for fact in facts:
        if not fact.kind.startswith("filing."):
            continue
        actor, state = roles[fact.account_id], states.get(fact.subject)
        enterprise, _, round_id = fact.subject.removeprefix("filing:").partition(".")
        if fact.kind in ("filing.opened", "filing.saved", "filing.submitted"):
            assert actor["enterprise_id"] == enterprise
            assert known[round_id].open_on(beijing.day(fact.at_utc)), fact
        if fact.kind == "filing.opened":
            assert state is None
            districts[enterprise] = fact.body["content"]["basic"].get("district", districts.get(enterprise))
            states[fact.subject] = "draft"
            continue
        assert state is not None
        if fact.kind == "filing.saved":
            assert state in EDITABLE
            assert fact.body["patch"]
            assert invalid_path({path: now for path, (_, now) in cells_of({}, fact.body["patch"]).items()}) is None
            districts[enterprise] = fact.body["patch"].get("basic.district", districts[enterprise])
            continue
        target = LEADS_TO[fact.kind]
        assert any(state in each.permissions and each.to == target for each in ACTIONS.values()), fact
        if fact.kind == "filing.submitted":
            assert fact.body == {"from": state}
        if fact.kind == "filing.passed" or (fact.kind == "filing.returned" and state == "submitted"):
            assert (actor["role"], actor["organisation_id"]) == ("district_reviewer", districts[enterprise])
        if fact.kind in ("filing.admitted", "filing.revoked"):
            assert actor["role"] == "city_officer"
        if fact.kind in ("filing.returned", "filing.revoked"):
            assert fact.body["reasons"]
            assert all(text and (not path or label_of(path)) for path, text in fact.body["reasons"].items())
        states[fact.subject] = target
    assert {row["id"]: row["state"] for row in store.rows("SELECT id, state FROM filings")} == {
        subject.removeprefix("filing:"): state for subject, state in states.items()
    }


def test_a_new_round_starts_from_the_last_filing(facts: list[Fact]) -> None:
    """`filing.opened` holds what `filings.mine` would have offered, and a patch only what it changes."""
    latest: dict[str, Any] = {}
    carried = 0
    for fact in facts:
        enterprise, _, round_id = fact.subject.removeprefix("filing:").partition(".")
        if fact.kind == "filing.opened":
            content = fact.body["content"]
            expected = carried_over(latest.get(enterprise, {}), int(round_id))
            assert {**content, "basic": {}} == {**expected, "basic": {}}
            assert difference(expected, content).keys() <= {"basic.enterprise_name", "basic.uscc"}
            latest[enterprise] = content
            carried += len(content["business"]["years"]) > 1
        elif fact.kind == "filing.saved":
            after = filings.apply(latest[enterprise], fact.body["patch"])
            pairs = difference(latest[enterprise], after)
            assert {path: new for path, (_, new) in pairs.items()} == fact.body["patch"]
            assert {path: old for path, (old, _) in pairs.items()} == fact.body["before"]
            latest[enterprise] = after
    assert carried > 2000


# --- what they say ---------------------------------------------------------------------------------


def test_every_submitted_filing_passes_the_checks(store: Store, rows: list[dict[str, Any]]) -> None:
    """All of them: nothing blocking, and an explanation that says something for each 核实 finding."""
    rounds = {r.id: r for r in periods.rounds(store)}
    admitted: dict[str, Any] = {}
    codes: Counter[str] = Counter()
    explanations: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: row["round_id"]):
        if row["state"] == "draft":
            continue
        content = json.loads(row["content"])
        first = None if row["first_draft"] == row["content"] else read(json.loads(row["first_draft"]))[0]
        context = Context(rounds[row["round_id"]], TODAY, POLICY, admitted.get(row["enterprise_id"]), first)
        found = checks.run(content, context)
        given = content.get("explanations", {})
        assert checks.outstanding(found, given) == [], row["id"]
        asked = {check.key for check in found if check.severity == "explain"}
        assert set(given) == asked, row["id"]
        codes.update(check.code for check in found if check.severity == "explain")
        explanations.update(given.values())
        if row["state"] == "admitted":
            admitted[row["enterprise_id"]] = read(content)[0]
    assert {"size_differs", "parts_differ", "year_on_year", "share_crossed"} <= set(codes)
    assert codes.total() < 0.25 * len(rows)
    assert all(len(text) > 15 for text in explanations)


def test_the_door_finds_the_same(store: Store, rows: list[dict[str, Any]]) -> None:
    everyone = visit(store, "city_officer")
    submitted = [row for row in rows if row["state"] != "draft"]
    explained = [row for row in submitted if "explanations" in json.loads(row["content"])]
    for row in random.Random(1).sample(submitted, 25) + random.Random(2).sample(explained, 25):
        filing = filings.one(everyone, row["id"])
        assert checks.outstanding(filings.check(everyone, filing), filing.content.get("explanations", {})) == []


def test_drafts_are_part_filled(store: Store, rows: list[dict[str, Any]]) -> None:
    drafts = [row for row in rows if row["state"] == "draft" and row["round_id"] == str(YEAR)]
    for row in drafts:
        filing = filings.one(visit(store, "city_officer"), row["id"])
        findings = filings.check(visit(store, "city_officer"), filing)
        assert checks.outstanding(findings, {}), row["id"]
        assert filing.revision > 1
    assert 0 < sum(row["total_revenue"] is not None for row in drafts) < len(drafts)


def test_most_firms_give_the_quarters_too(rows: list[dict[str, Any]]) -> None:
    finished = [row for row in rows if row["round_id"] == str(YEAR) and row["state"] != "draft"]
    years = [json.loads(row["content"])["business"]["years"] for row in finished]
    assert all([row["year"] for row in given] == ["2026", "2025", "2024"] for given in years)
    assert sum("q3" in given[0] for given in years) / len(years) == pytest.approx(0.7, abs=0.05)


def test_revenue_grows_by_about_thirty_percent_a_year(store: Store) -> None:
    city = visit(store, "city_officer")
    years = [classified.classified(city, year, POLICY, provisional=year == YEAR) for year in (2024, 2025, 2026)]
    alike = years[2].filter(pl.col("total_revenue").is_not_null())
    totals = [year.join(alike, on="enterprise_id", how="semi")["ai_revenue"].sum() for year in years]
    assert all(1.15 < later / earlier < 1.55 for earlier, later in pairwise(totals))


# --- what the dashboards make of it ----------------------------------------------------------------


def test_admitted_figures_can_be_read_and_the_classes_are_mixed(store: Store) -> None:
    city = visit(store, "city_officer")
    assert classified.years(city) == [(2026, True), (2025, False), (2024, False)]
    for year, provisional in classified.years(city):
        frame = classified.classified(city, year, POLICY, provisional=provisional)
        assert len(frame) > 1280
        filled = frame.filter(pl.col("total_revenue").is_not_null())
        tiers = {row[0]: row[1] / len(filled) for row in filled.group_by("directory_tier").len().iter_rows()}
        assert set(tiers) == {"core", "related_software", "related_hardware", "outside"}
        assert min(tiers.values()) > 0.05
        bases = set(filled["rule_branch"])
        assert {"core_by_share", "core_by_revenue", "core_by_revenue_low_share", "related", "outside"} == bases
    assert set(classified.newest_figures(store)["year"]) >= {2024, 2025, 2026}
    district = classified.classified(visit(store, "district_reviewer", district="HS"), 2025, POLICY)
    assert 0 < len(district) < 200
    assert len(review_queue.filings(visit(store, "district_reviewer", district="HS"), "2026", state="submitted")) > 5


def test_the_register_as_it_stood_a_year_ago(store: Store) -> None:
    city = visit(store, "city_officer")
    then = classified.classified(city, 2024, POLICY, as_of=datetime(2025, 6, 30))
    assert len(then) == 995 - 7 - 8 - 4
    assert then["total_revenue"].null_count() == 0


def test_enterprises_stand_at_each_line_and_are_classified_as_the_rule_says(store: Store) -> None:
    city = visit(store, "city_officer")
    frame = classified.classified(city, YEAR - 1, POLICY).drop_nulls("total_revenue")
    at = {
        "core_share_bp": lambda r: r["ai_revenue"] - r["total_revenue"] // 2,
        "core_ai_revenue": lambda r: r["ai_revenue"] - POLICY.core_ai_revenue,
        "related_share_bp": lambda r: r["ai_revenue"] - r["total_revenue"] // 5,
    }
    below = {
        "core_share_bp": {"related_software", "related_hardware"},
        "core_ai_revenue": {"related_software", "related_hardware"},
        "related_share_bp": {"outside"},
    }
    above = {
        "core_share_bp": ({"core"}, "core_by_share"),
        "core_ai_revenue": ({"core"}, "core_by_revenue"),
        "related_share_bp": (below["core_share_bp"], "related"),
    }
    found: Counter[tuple[str, int]] = Counter()
    for row in frame.iter_rows(named=True):
        for line, distance in at.items():
            offset = distance(row)
            odd = row["ai_revenue"] % 100 in (0, 1, 99)
            if abs(offset) <= 1 and odd and row["total_revenue"] in (20_000_000, 60_000_000, 30_000_000):
                tiers, branch = above[line]
                assert row["directory_tier"] in (tiers if offset > 0 else below[line]), row
                assert (row["rule_branch"] == branch) == (offset > 0)
                found[line, offset] += 1
    assert found == Counter(THRESHOLD_CASES)
    assert sum(found.values()) >= 12


# --- people ----------------------------------------------------------------------------------------


def test_the_first_filer_has_last_years_admission_and_an_unopened_filing(store: Store) -> None:
    filer = people.FILERS[0]
    person = visit(store, "enterprise", uscc=filer.uscc)
    mine = filings.mine(person)
    assert mine is not None
    assert (mine.state, mine.revision, mine.round.year) == ("draft", 0, YEAR)
    basic = mine.content["basic"]
    assert (basic["enterprise_name"], basic["district"], filer.district) == (filer.enterprise_name, "GX", "GX")
    assert (basic["contact_name"], basic["contact_phone"]) == (filer.contact_name, filer.contact_phone)
    assert mine.content["business"]["years"][0] == {"id": f"y{YEAR}", "year": str(YEAR)}
    past = store.rows("SELECT state FROM filings WHERE enterprise_id = $1", [person.enterprise_id])
    assert [row["state"] for row in past] == ["admitted", "admitted"]


def test_the_second_filer_has_reasons_by_field_to_work_on_and_can_resubmit(store: Store) -> None:
    filer = people.FILERS[1]
    person = visit(store, "enterprise", uscc=filer.uscc)
    mine = filings.mine(person)
    assert mine is not None
    assert (mine.state, mine.district, filer.district) == ("returned", "HS", "HS")
    assert set(mine.reasons) == {"technology.products", "business.years"}
    assert mine.content["technology"]["products"]
    assert mine.editable_on(TODAY)
    assert checks.outstanding(filings.check(person, mine), {}) == []
    timeline = filings.timeline(person, mine.id)
    assert timeline[0].kind == "filing.returned"
    assert {step.who for step in timeline} == {filer.contact_name, "洪山区审核员"}


def test_staff_sign_in_with_the_one_password(store: Store) -> None:
    assert bcrypt.checkpw(people.PASSWORD.encode(), people.PASSWORD_HASH.encode())
    people.create_staff(store)  # a second start changes nothing
    for member in people.STAFF:
        found = credentials.local_credentials(store, member.username)
        assert found is not None
        assert found["account_id"] == member.account_id
    roles = {row["id"]: row for row in store.rows("SELECT * FROM accounts")}
    assert [(roles[m.account_id]["role"], roles[m.account_id]["organisation_id"]) for m in people.STAFF] == [
        ("district_reviewer", "GX"), ("district_reviewer", "HS"),
        ("city_officer", None), ("administrator", None),
    ]  # fmt: skip
    reviewed = {row["organisation_id"] for row in roles.values() if row["role"] == "district_reviewer"}
    assert reviewed == set(dictionaries.district_names())
    assert all(row["demonstration"] for row in roles.values())


# --- the same again ----------------------------------------------------------------------------------


def test_the_same_seed_and_day_give_the_same_facts(facts: list[Fact]) -> None:
    again = generate.events(TODAY, 20251230)
    loaded = [fact for fact in facts if fact.at_utc < NOW]
    # What a frozen meeting keeps is read when it is loaded.
    assert [(e.at, e.actor.account_id, e.kind, e.subject, e.body) for e in again] == [
        (f.at_utc, f.account_id, f.kind, f.subject, {name: value for name, value in f.body.items() if name != "kept"})
        for f in loaded
    ]


def test_a_frozen_meeting_keeps_who_was_late_and_what_was_asked_for(facts: list[Fact]) -> None:
    kept = [fact.body["kept"] for fact in facts if fact.kind == "meeting.frozen"]
    assert len(kept) == 2
    for each in kept:
        assert each["round"]
        assert {"missing", "draft"} & set(each["late"]["progress"])
        assert len(each["demands"]["kind"]) > 10
    assert kept[0]["round"] != kept[1]["round"]


def test_another_seed_gives_others_but_the_same_two_filers() -> None:
    def names(seed: int) -> set[str]:
        return {e.body["name"] for e in generate.events(TODAY, seed) if e.kind == "enterprise.registered"}

    one, other = names(1), names(2)
    assert len(one & other) < 300
    assert {filer.enterprise_name for filer in people.FILERS} <= one & other


@pytest.mark.parametrize(
    "today", [date(2026, 1, 5), date(2026, 7, 1), date(2027, 2, 15), date(2027, 6, 30), date(2028, 2, 29)]
)
def test_on_any_day_the_round_is_open_and_everything_lies_in_the_past(today: date) -> None:
    happened = generate.events(today, 20251230)
    rounds = {r.id: r for r in generate.rounds(today)}
    assert [r.year for r in rounds.values()] == [generate.anchor_year(today) + n for n in (-2, -1, 0)]
    assert rounds[str(generate.anchor_year(today))].open_on(today)
    assert all(a.at <= b.at for a, b in pairwise(happened))
    assert beijing.day(happened[-1].at) < today
    for event in happened:
        if event.kind in ("filing.opened", "filing.saved", "filing.submitted"):
            day = beijing.day(event.at)
            this_round = rounds[event.subject.rpartition(".")[2]]
            assert this_round.open_on(day)
            for row in event.body.get("patch", {}).get("business.years", ()):
                ends = {"q1": (3, 31), "q2": (6, 30), "q3": (9, 30)}
                over = {period for period, end in ends.items() if date(int(row["year"]), *end) < day}
                assert ends.keys() & row.keys() <= over


def test_it_is_loaded_into_an_empty_store_only(store: Store) -> None:
    with pytest.raises(ValueError, match="without facts"):
        generate.load(store, today=TODAY)


def test_verify_and_rebuild_give_what_stands(store: Store, facts: list[Fact]) -> None:
    def snapshot() -> dict[str, list[Any]]:
        return {table: sorted(map(repr, store.rows(f"SELECT * FROM {table}"))) for table in PROJECTED}

    before = snapshot()
    assert store.verify() == len(facts)
    store.rebuild(PROJECTED)
    assert snapshot() == before
