"""Reviews: who may decide what, on which filings, with which words, and that every decision is a fact."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from core.base.errors import Conflict, Forbidden, Refused, UserError
from core.filing.filing import Filing
from core.rule import policy
from core.rule.classification import classify
from core.rule.policy import Policy
from data.access import accounts, sessions
from data.directory import classified
from data.filing import filings
from data.review import decisions
from data.review import queue as review_queue
from data.store.store import SYSTEM
from tests.core import samples
from tests.world import START, World, save

IN_GX = {"basic.district": "GX"}
IN_HS = {"basic.district": "HS"}


def content_of(changes: dict[str, Any]) -> Any:
    return samples.put(samples.clean(), changes)


def current(world: World, filing: Filing) -> Filing:
    return filings.one(world.visit("city"), filing.id)


def decide(world: World, persona: str, filing: Filing, action: str, **more: Any) -> Filing:
    decisions.decide(world.visit(persona), filing.id, filing.revision, action, **more)
    return current(world, filing)


def at_city(world: World, persona: str = "enterprise") -> Filing:
    return decide(world, "district", world.submit(persona), "pass")


# --- scope -----------------------------------------------------------------------------------------------


def test_a_district_sees_its_own_filings_and_the_city_all(world: World) -> None:
    near = world.submit("enterprise", content_of(IN_GX))
    far = world.submit("other", content_of(IN_HS))

    def seen(persona: str) -> list[str]:
        return list(review_queue.filings(world.visit(persona), near.round.id)["id"])

    assert seen("district") == [near.id]
    assert seen("other_district") == [far.id]
    assert seen("city") == [near.id, far.id]  # waiting longest first
    for stranger in ("enterprise", "administrator"):
        with pytest.raises(Forbidden):
            seen(stranger)


def test_another_district_s_filing_can_be_neither_read_nor_decided(world: World) -> None:
    filing = world.submit("enterprise")
    stranger = world.visit("other_district")
    for act in (
        lambda: filings.one(stranger, filing.id),
        lambda: filings.timeline(stranger, filing.id),
        lambda: decisions.decide(stranger, filing.id, filing.revision, "pass"),
        lambda: decisions.decide(stranger, filing.id, filing.revision, "return", reasons={"": "材料不全"}),
    ):
        with pytest.raises(Forbidden):
            act()
    assert decisions.open_to(stranger, filing) == []
    assert current(world, filing) == filing


def test_a_filing_moves_to_the_district_it_names(world: World) -> None:
    """区属 as now filed decides who reviews: sent back and filed again in another district, it changes hands."""
    filing = decide(world, "district", world.submit("enterprise"), "return", reasons={"basic.district": "应属洪山区"})
    filing = world.submit("enterprise", content_of(IN_HS))
    with pytest.raises(Forbidden):
        decisions.decide(world.visit("district"), filing.id, filing.revision, "pass")
    assert decide(world, "other_district", filing, "pass").state == "city_review"


def test_drafts_are_the_filer_s_own_and_not_in_the_queue(world: World) -> None:
    draft = world.save("enterprise")
    for persona in ("district", "city"):
        assert review_queue.filings(world.visit(persona), draft.round.id).is_empty()
        assert decisions.open_to(world.visit(persona), draft) == []
    with pytest.raises(Refused, match="草稿"):
        decisions.decide(world.visit("district"), draft.id, draft.revision, "pass")
    world.submit("enterprise")
    assert review_queue.filings(world.visit("district"), draft.round.id).height == 1


def test_the_class_by_the_rule_stands_beside_each_filing_and_follows_it(world: World) -> None:
    rows = [samples.year("2025", full_year=samples.figures("10000", "2500", "500", "2000"))]
    filing = world.submit("enterprise", content_of({"business.years": rows}))
    world.submit("other")
    queue = review_queue.filings(world.visit("city"), filing.round.id)
    assert queue["directory_tier"].to_list() == ["core", "core"]
    assert queue["counting_basis"].to_list() == ["related_hardware", "core"]
    assert queue["counted_output"].to_list() == [20_000_000, 60_000_000]
    assert queue["total_revenue"].to_list() == [100_000_000, 60_000_000]
    filing = decide(world, "district", filing, "return", reasons={"business.years": "请按审计报告修改"})
    rows = [samples.year("2025", full_year=samples.figures("10000", "1500", "1500", "0"))]
    world.save("enterprise", content_of({"business.years": rows}))
    queue = review_queue.filings(world.visit("city"), filing.round.id, state="returned")
    assert queue["directory_tier"].to_list() == ["outside"]
    assert review_queue.filings(world.visit("city"), "2024").is_empty()


def test_the_queue_goes_by_the_policy_of_the_year_that_is_filed_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that takes effect at midnight leaves 2025 as it is, and is used in the morning for the year that runs."""
    stricter = Policy(core_share_bp=9000, core_ai_revenue=900_000_000, effective_from=date(2026, 1, 11), version="新")
    versions = (*policy.shipped(), stricter)
    monkeypatch.setattr(policy, "shipped", lambda: versions)
    filing = world.submit("enterprise")
    assert review_queue.filings(world.visit("city"), filing.round.id)["directory_tier"].to_list() == ["core"]
    world.clock.now = START.replace(day=11)
    world.tokens.clear()
    tiers = review_queue.filings(world.visit("city"), filing.round.id)["directory_tier"].to_list()
    assert tiers == ["core"]
    body = {"year": 2026, "columns": ["full_year"], "opens": "2026-01-05", "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026", body))
    ahead = [samples.year("2026", full_year=samples.figures("6000", "4200", "3000", "1200"))]
    world.submit("other", content_of({"business.years": ahead}))
    tiers = review_queue.filings(world.visit("city"), "2026")["directory_tier"].to_list()
    assert tiers == ["related_software"]


def test_each_reviewer_is_told_what_waits_for_them(world: World) -> None:
    waiting = {
        p: review_queue.waiting_state(world.visit(p)) for p in ("district", "city", "administrator", "enterprise")
    }
    assert waiting == {"district": "submitted", "city": "city_review", "administrator": None, "enterprise": None}


# --- two levels ------------------------------------------------------------------------------------------


def test_from_submission_through_both_reviews_to_admission(world: World) -> None:
    filing = world.submit("enterprise")
    assert decisions.open_to(world.visit("district"), filing) == ["pass", "return"]
    assert decisions.open_to(world.visit("city"), filing) == []
    filing = decide(world, "district", filing, "pass")
    assert filing.state == "city_review"
    assert decisions.open_to(world.visit("district"), filing) == []
    assert decisions.open_to(world.visit("city"), filing) == ["admit", "return"]
    filing = decide(world, "city", filing, "admit")
    assert filing.state == "admitted"
    assert decisions.open_to(world.visit("city"), filing) == ["revoke"]
    own = filings.mine(world.visit("enterprise"))
    assert own is not None
    assert own.state == "admitted"


@pytest.mark.parametrize(
    ("stage", "persona", "action"),
    [
        ("submitted", "district", "admit"),
        ("submitted", "city", "pass"),
        ("submitted", "city", "admit"),
        ("submitted", "city", "return"),
        ("submitted", "city", "revoke"),
        ("submitted", "district", "revoke"),
        ("city_review", "district", "pass"),
        ("city_review", "district", "admit"),
        ("city_review", "district", "return"),
        ("city_review", "city", "pass"),
        ("city_review", "city", "revoke"),
        ("submitted", "administrator", "pass"),
        ("submitted", "enterprise", "pass"),
        ("city_review", "enterprise", "admit"),
        ("submitted", "district", "approve"),
    ],
)
def test_nobody_takes_a_decision_that_is_not_theirs_at_this_stage(
    world: World, stage: str, persona: str, action: str
) -> None:
    filing = world.submit("enterprise") if stage == "submitted" else at_city(world)
    before = len(world.store.facts(filing.subject))
    with pytest.raises((Forbidden, Refused)):
        decisions.decide(world.visit(persona), filing.id, filing.revision, action, reasons={"": "越权试验"})
    assert current(world, filing) == filing
    assert len(world.store.facts(filing.subject)) == before


@pytest.mark.parametrize("action", ["pass", "admit", "return", "revoke"])
def test_a_draft_and_a_returned_filing_wait_for_nobody(world: World, action: str) -> None:
    filing = decide(world, "district", world.submit("enterprise"), "return", reasons={"": "请补充材料"})
    for persona in ("district", "city"):
        with pytest.raises((Forbidden, Refused)):
            decisions.decide(world.visit(persona), filing.id, filing.revision, action, reasons={"": "理由充分"})
    assert current(world, filing).state == "returned"


# --- sending back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reasons", [None, {}, {"": ""}, {"": "  \n"}, {"": "。。。！"}, {"basic.size": " "}])
@pytest.mark.parametrize("action", ["return", "revoke"])
def test_sending_back_and_revoking_need_a_reason(world: World, action: str, reasons: Any) -> None:
    persona = "district" if action == "return" else "city"
    filing = world.submit("enterprise") if action == "return" else world.admit("enterprise")
    with pytest.raises(Refused, match="请写明原因"):
        decisions.decide(world.visit(persona), filing.id, filing.revision, action, reasons=reasons)
    assert current(world, filing) == filing


@pytest.mark.parametrize(
    ("reasons", "sentence"),
    [
        ({"basic.nickname": "有误"}, "没有“basic.nickname”这个填报项"),
        ({"nowhere": "有误"}, "没有“nowhere”这个填报项"),
        ({"explanations.x": "有误"}, "没有“explanations.x”这个填报项"),
        ({"basic.size": "长" * 1001}, "“基础信息 · 企业规模”的原因超过 1000 字"),
        ({"": "长" * 1001}, "“总体意见”的原因超过 1000 字"),
    ],
)
def test_reasons_name_fields_of_the_filing_and_have_a_bound(
    world: World, reasons: dict[str, str], sentence: str
) -> None:
    filing = world.submit("enterprise")
    with pytest.raises(Refused, match=sentence):
        decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons=reasons)
    assert current(world, filing) == filing


def test_the_enterprise_reads_the_reason_of_each_field(world: World) -> None:
    reasons = {"": "总体尚可", "basic.size": " 规模与人数不符 ", "business.years": "请附审计报告", "basic.uscc": "  "}
    submitted = world.submit("enterprise")
    filing = decide(world, "district", submitted, "return", reasons=reasons)
    own = filings.mine(world.visit("enterprise"))
    assert own is not None
    assert own.reasons == {"": "总体尚可", "basic.size": "规模与人数不符", "business.years": "请附审计报告"}
    assert own.state == filing.state == "returned"
    assert own.content == submitted.content  # nothing filed is lost


@pytest.mark.parametrize("level", ["district", "city"])
def test_what_was_sent_back_is_mended_and_starts_again_at_the_district(world: World, level: str) -> None:
    filing = world.submit("enterprise") if level == "district" else at_city(world)
    filing = decide(world, level, filing, "return", reasons={"basic.contact_phone": "电话打不通"})
    assert filing.state == "returned"
    again = world.submit("enterprise", content_of({"basic.contact_phone": "13900139000"}))
    assert (again.state, again.reasons) == ("submitted", {})
    assert again.submitted_at is not None
    assert filing.submitted_at is not None
    assert again.submitted_at > filing.submitted_at
    assert again.content["basic"]["contact_phone"] == "13900139000"
    with pytest.raises((Forbidden, Refused)):
        decisions.decide(world.visit("city"), again.id, again.revision, "admit")
    kinds = [fact.kind for fact in world.store.facts(filing.subject)]
    assert kinds.count("filing.submitted") == 2
    assert decide(world, "city", decide(world, "district", again, "pass"), "admit").state == "admitted"


# --- two reviewers ---------------------------------------------------------------------------------------


@pytest.fixture
def colleague(world: World) -> Any:
    """A second reviewer of the same district."""
    account = accounts.create_local(
        world.store,
        username="gxsecond",
        name="另一位",
        role="district_reviewer",
        organisation_id="GX",
        password_hash="x",
    )
    token = sessions.start(world.store, account, way="test", address=None, agent=None)
    return lambda: sessions.visit_of(world.store, sessions.token_id(token))


def test_of_two_reviewers_at_once_one_wins_and_the_other_is_told(world: World, colleague: Any) -> None:
    filing = world.submit("enterprise")
    attempts = [(world.visit("district"), "pass"), (colleague(), "return")] * 4

    def attempt(given: tuple[Any, str]) -> Any:
        visit, action = given
        try:
            return decisions.decide(visit, filing.id, filing.revision, action, reasons={"": "请补充材料"})
        except UserError as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, attempts))
    lost = [answer for answer in answers if isinstance(answer, Conflict)]
    assert len(lost) == 7
    now = current(world, filing)
    assert now.state in ("city_review", "returned")
    assert all(error.current == now for error in lost)
    assert "未执行" in str(lost[0])
    assert len(world.store.facts(filing.subject)) == filing.revision + 1


def test_a_colleague_s_click_is_not_answered_with_the_first_one_s_result(world: World, colleague: Any) -> None:
    """The page's key names filing and revision, so both carry the same one; the second must learn that it lost."""
    filing = world.submit("enterprise")
    key = f"return:{filing.id}:{filing.revision}"
    first = {"reasons": {"": "请补充材料"}, "key": key}
    saved = decisions.decide(world.visit("district"), filing.id, filing.revision, "return", **first)
    again = decisions.decide(world.visit("district"), filing.id, filing.revision, "return", **first)
    assert saved == again
    with pytest.raises(Conflict):
        decisions.decide(colleague(), filing.id, filing.revision, "return", reasons={"": "人数不符"}, key=key)
    assert current(world, filing).reasons == {"": "请补充材料"}


def test_a_decision_on_a_version_no_longer_standing_is_a_conflict(world: World) -> None:
    filing = world.submit("enterprise")
    decide(world, "district", filing, "return", reasons={"": "请补充材料"})
    again = world.submit("enterprise", content_of({"basic.contact_phone": "13900139000"}))
    with pytest.raises(Conflict) as caught:
        decisions.decide(world.visit("district"), filing.id, filing.revision, "pass")
    assert caught.value.current == again
    assert current(world, filing).state == "submitted"


# --- revoking --------------------------------------------------------------------------------------------


def test_a_revoked_enterprise_leaves_the_register_with_its_reason(world: World) -> None:
    filing = world.admit("enterprise")
    kept = world.admit("other")
    city = world.visit("city")
    assert classified.classified(city, 2025, Policy()).height == 2
    with pytest.raises(Forbidden):
        decisions.decide(world.visit("district"), filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    filing = decide(world, "city", filing, "revoke", reasons={"": "虚假填报，取消入库资格"})
    assert filing.state == "revoked"
    assert list(classified.classified(city, 2025, Policy())["enterprise_id"]) == [kept.enterprise_id]
    told = filings.timeline(world.visit("enterprise"), filing.id)[0]
    assert (told.kind, told.reasons) == ("filing.revoked", {"": "虚假填报，取消入库资格"})
    assert decisions.open_to(city, filing) == []
    with pytest.raises(Refused, match="撤销入库"):
        save(world.visit("enterprise"), filing, {"basic.contact_name": "李四"})


# --- the record ------------------------------------------------------------------------------------------


def test_every_decision_is_a_fact_with_who_when_and_session(world: World) -> None:
    filing = world.submit("enterprise")
    steps = [
        ("district", "return", "filing.returned"), ("district", "pass", "filing.passed"),
        ("city", "admit", "filing.admitted"), ("city", "revoke", "filing.revoked"),
    ]  # fmt: skip
    for persona, action, kind in steps:
        reasons = {"": "理由充分"} if action in ("return", "revoke") else {}
        before = world.clock.now
        answer = decisions.decide(world.visit(persona), filing.id, filing.revision, action, reasons=reasons)
        fact = world.store.facts(filing.subject)[-1]
        assert (fact.kind, fact.revision, fact.at_utc) == (kind, answer.revision, answer.at)
        assert fact.account_id == world.account(persona)
        assert fact.session_id == sessions.token_id(world.token(persona))
        assert before < fact.at_utc <= world.clock.now
        assert fact.body == {"reasons": reasons}
        row = world.store.rows("SELECT decided_by, decided_at FROM filings WHERE id = $1", [filing.id])
        assert row == [{"decided_by": world.account(persona), "decided_at": fact.at_utc}]
        filing = world.submit("enterprise") if action == "return" else current(world, filing)
    world.store.verify()


def test_the_class_shown_to_reviewers_is_the_one_the_rule_gives(world: World) -> None:
    """The queue computes nothing of its own: same figures, same class, for whatever figures are filed."""
    cases = [
        ("6000", "3000", "3000", "0"), ("6000", "1201", "1", "1200"),
        ("10000", "2000.0001", "0", "0"), ("5", "1", "1", "0"),
    ]  # fmt: skip
    for total, ai, software, hardware in cases:
        rows = [samples.year("2025", full_year=samples.figures(total, ai, software, hardware))]
        saved = world.save("enterprise", content_of({"business.years": rows}))
        # As if submitted: what the checks would say of these figures is not the matter here.
        world.store.write(lambda t, s=saved: t.append(SYSTEM, "filing.submitted", s.subject, {"from": s.state}))
        shown = review_queue.filings(world.visit("city"), saved.round.id)
        amounts = shown.select("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
        expected = classify(amounts, policy.in_force(policy.shipped(), world.store.today))
        assert shown["total_revenue"].to_list() == [int(total) * 10_000]
        assert shown.select(expected.columns).equals(expected)
        filing = filings.one(world.visit("district"), saved.id)
        decide(world, "district", filing, "return", reasons={"": "请修改数据"})


# --- the order of the queue ------------------------------------------------------------------------------


def test_by_impact_what_weighs_most_comes_first_and_every_reviewer_is_told_the_same(world: World) -> None:
    small = world.submit("enterprise")
    rows = [samples.year("2025", full_year=samples.figures("60000", "31000", "31000", "0"))]
    large = world.submit("other", content_of({"business.years": rows}))
    city, district = (
        review_queue.filings(world.visit(persona), "2025", order="impact") for persona in ("city", "district")
    )
    assert city["id"].to_list() == [large.id, small.id]
    assert city.equals(district)
    assert review_queue.filings(world.visit("city"), "2025")["id"].to_list() == [small.id, large.id]
    first, second = city.to_dicts()
    assert "AI占比 51.7%，紧邻核心线 50%" in first["impact_reason"]
    assert (first["flagged"], second["flagged"]) == (True, False)


def test_the_figures_admitted_a_year_ago_are_compared_with(world: World) -> None:
    rows = [
        samples.year("2024", full_year=samples.figures("1000", "100", "100", "0")),
        *samples.clean()["business"]["years"],
    ]
    content = content_of({"business.years": rows})
    content["explanations"] = {
        f"year_on_year@business.years.1.full_year.{name}": "新签三年期算力服务合同"
        for name in ("total_revenue", "ai_revenue")
    }
    content["explanations"]["per_head@business.years.1.full_year.total_revenue"] = " \u3000 "  # blank explains nothing
    world.admit("enterprise", content)
    row = review_queue.filings(world.visit("city"), "2025").row(0, named=True)
    assert (row["last_total"], row["last_tier"], row["explained"]) == (10_000_000, "outside", 2)
    for words in ("身份由未达相关线变为核心企业", "收入为上年同期的 6.0 倍", "核实事项有说明 2 处"):
        assert words in row["impact_reason"]


# --- beside the one before -------------------------------------------------------------------------------


def open_round(world: World, identity: str, opens: str) -> None:
    body = {"year": 2025, "columns": ["full_year"], "opens": opens, "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", f"round:{identity}", body))


def test_the_filing_before_is_the_newest_admitted_else_the_newest_submitted(world: World) -> None:
    first = world.admit("enterprise")
    assert review_queue.previous(world.visit("district"), first) is None
    open_round(world, "2025b", "2026-01-06")
    second = world.submit("enterprise", content_of({"basic.contact_name": "李四"}))
    assert second.round.id == "2025b"
    open_round(world, "2025c", "2026-01-07")
    third = world.submit("enterprise", content_of({"basic.contact_name": "王五"}))

    def before(filing: Filing) -> tuple[str, str] | None:
        found = review_queue.previous(world.visit("district"), filing)
        return found and (found[0].id, found[1]["basic"]["contact_name"])

    assert before(second) == before(third) == ("2025", "张三")
    decide(world, "city", decide(world, "district", second, "pass"), "admit")
    assert before(third) == ("2025b", "李四")
    decide(world, "city", current(world, second), "revoke", reasons={"": "虚假填报"})
    decide(world, "city", current(world, first), "revoke", reasons={"": "虚假填报"})
    assert before(third) == ("2025b", "李四"), "none admitted: the newest that was submitted"
    assert review_queue.previous(world.visit("other_district"), third) is None
    with pytest.raises(Forbidden):
        review_queue.previous(world.visit("enterprise"), third)
