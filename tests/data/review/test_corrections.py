"""更正: what the bureau corrects counts from then on, leaves earlier days as they were, and is told to the filer."""

from typing import Any

import pytest

from core.base.errors import Conflict, Forbidden, Refused
from core.filing import correction
from core.filing.filing import Filing
from data.access import roles
from data.audit import log
from data.directory import classified
from data.enterprise import profile
from data.enterprise import search as enterprise_search
from data.enterprise.search import Query
from data.filing import attachments, filings
from data.review import corrections, decisions
from tests.core import samples
from tests.world import World, content_at

AI = "business.years.0.full_year.ai_revenue"
PDF = b"%PDF-1.7 x"


def correct(
    world: World, filing: Filing, path: str = AI, after: Any = "1000", persona: str = "city", **more: Any
) -> None:
    corrections.correct(
        world.visit(persona), filing.id, filing.revision, path, after, **{"reason": "与审计报告不一致"} | more
    )


def share(world: World, as_of: Any = None) -> int:
    policy = enterprise_search.basis(world.visit("city"))[1]
    return int(classified.classified(world.visit("city"), 2025, policy, as_of=as_of)["ai_revenue"][0])


def test_a_corrected_amount_counts_from_now_on_and_not_before(world: World) -> None:
    filing = world.admit("enterprise")
    before = world.clock.now
    assert enterprise_search.search(world.visit("city"), Query(tier="core")).height == 1
    correct(world, filing)
    assert share(world) == 10_000_000
    assert share(world, before) == 42_000_000
    assert enterprise_search.search(world.visit("city"), Query())["directory_tier"].to_list() == ["outside"]
    now = filings.one(world.visit("city"), filing.id)
    assert (now.state, now.revision) == ("admitted", filing.revision + 1)
    assert correction.standing(now.content, AI) == "1000"
    assert content_at(world.store, filing, before) == filing.content
    assert content_at(world.store, filing, world.clock.now) == now.content


def test_only_the_corrected_value_changes(world: World) -> None:
    filing = world.admit("enterprise")
    correct(world, filing, "technology.insured_staff", "130")
    rows = world.store.rows("SELECT * EXCLUDE (seq, at_utc) FROM admissions ORDER BY seq")
    assert {key for key in rows[0] if rows[0][key] != rows[1][key]} == {"insured_staff"}
    figures = world.store.rows("SELECT * EXCLUDE (seq, at_utc) FROM figures ORDER BY seq")
    assert figures[0] == figures[1]


def test_a_corrected_district_moves_the_enterprise(world: World) -> None:
    filing = world.admit("enterprise")
    correct(world, filing, "basic.district", "HS")
    assert enterprise_search.search(world.visit("district"), Query()).is_empty()
    assert enterprise_search.search(world.visit("other_district"), Query())["size"].to_list() == ["medium"]


@pytest.mark.parametrize("persona", ["district", "administrator", "enterprise"])
def test_who_may_not_correct_changes_nothing(world: World, persona: str) -> None:
    filing = world.admit("enterprise")
    with pytest.raises(Forbidden):
        correct(world, filing, persona=persona)
    assert share(world) == 42_000_000


def test_somebody_of_another_district_cannot_correct(world: World) -> None:
    filing = world.admit("enterprise")
    code = "district_reviewer"
    known = roles.known(world.store)[code].permissions
    roles.change(world.visit("administrator"), code, 0, permissions=known | {"enterprise.correct"})
    with pytest.raises(Forbidden):
        correct(world, filing, persona="other_district")
    correct(world, filing, persona="district")
    assert share(world) == 10_000_000


@pytest.mark.parametrize(
    ("path", "after", "words"),
    [
        (AI, "7000", "不符合审核关系"), (AI, "很多", "不是数字"), (AI, "", "不符合审核关系"), (AI, "4200", "无需更正"),
        ("technology.insured_staff", "10", "不符合审核关系"), ("basic.district", "XX", "尚未更正"), ("basic.size", "", "尚未更正"),
        ("basic.uscc", "91420199MA0DEM0217", "没有这个可以更正的项目"), ("market.demands", [], "没有这个可以更正的项目"),
        ("business.years.7.full_year.ai_revenue", "1", "没有这个可以更正的项目"), ("basic.size.x", "1", "没有这个可以更正的项目"),
    ],
)  # fmt: skip
def test_what_the_checks_forbid_is_refused_and_nothing_is_kept(world: World, path: str, after: Any, words: str) -> None:
    filing = world.admit("enterprise")
    facts = world.store.data_version
    with pytest.raises(Refused, match=words):
        correct(world, filing, path, after, file=("依据.pdf", PDF))
    assert world.store.data_version == facts
    assert share(world) == 42_000_000


@pytest.mark.parametrize("reason", ["", "  ", "。。", "长" * 1001])
def test_a_reason_is_asked_for(world: World, reason: str) -> None:
    filing = world.admit("enterprise")
    with pytest.raises(Refused, match="原因"):
        correct(world, filing, reason=reason)


def test_only_the_filing_that_stands_admitted_is_corrected(world: World) -> None:
    draft = world.submit("other")
    with pytest.raises(Refused, match="现行入库"):
        correct(world, draft)
    filing = world.admit("enterprise")
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    with pytest.raises(Refused, match="现行入库"):
        correct(world, filings.one(world.visit("city"), filing.id))
    assert corrections.standing(world.visit("city"), filing.enterprise_id) is None


def test_a_stale_page_corrects_nothing(world: World) -> None:
    filing = world.admit("enterprise")
    correct(world, filing)
    with pytest.raises(Conflict):
        correct(world, filing, after="2000")
    assert share(world) == 10_000_000


def test_the_filer_and_the_bureau_read_before_after_reason_and_document(world: World) -> None:
    filing = world.admit("enterprise")
    correct(world, filing, document=" 武审字〔2026〕1号 ", file=("审计报告.pdf", PDF))
    for persona in ("city", "district", "enterprise"):
        (row,) = corrections.of_enterprise(world.visit(persona), filing.enterprise_id)
        assert (row.before, row.after) == ("4200 万元", "1000 万元")
        assert (row.label, row.reason, row.document) == (
            "2025年 全年（预测） · AI业务收入",
            "与审计报告不一致",
            "武审字〔2026〕1号",
        )
        path, kept = attachments.open_for(world.visit(persona), row.file.partition("/")[0])
        assert (path.read_bytes(), kept.name) == (PDF, "审计报告.pdf")
    for persona in ("other", "other_district"):
        assert corrections.of_enterprise(world.visit(persona), filing.enterprise_id) == []
    assert filings.timeline(world.visit("enterprise"), filing.id)[0].kind == "enterprise.corrected"


def test_the_log_says_what_was_corrected(world: World) -> None:
    from core.audit import wording

    filing = world.admit("enterprise")
    correct(world, filing)
    keeper = world.visit("administrator")
    (operation, *_) = wording.table("operations", log.entries(keeper, log.Query("operations", "更正入库数据")))
    assert "4200 万元 → 1000 万元" in operation["内容"] and "与审计报告不一致" in operation["内容"]
    (change,) = wording.table("changes", log.entries(keeper, log.Query("changes", "更正入库数据")))
    assert (change["字段"], change["之前"], change["之后"]) == (
        "AI业务条件 · 第 1 个年度 全年（预测） AI业务收入",
        "4200 万元",
        "1000 万元",
    )


# --- 企业画像 ------------------------------------------------------------------------------------------------


def test_a_portrait_holds_years_filings_files_and_log_of_its_own_enterprise_only(world: World) -> None:
    two_years = samples.put(
        samples.clean(),
        {
            "business.years": [
                samples.year(
                    "2025",
                    q3=samples.figures("4000", "2800", "2000", "800"),
                    full_year=samples.figures("6000", "4200", "3000", "1200"),
                ),
                samples.year("2024", full_year=samples.figures("5000", "3600", "3600", "0")),
            ]
        },
    )
    attachments.add(world.visit("enterprise"), "证书.pdf", PDF)
    filing = world.admit("enterprise", two_years)
    world.admit("other")
    visit, identity = world.visit("district"), filing.enterprise_id
    lines = profile.history(visit, identity).select("year", "period", "ai_revenue").rows()
    assert lines == [(2025, "q3", 28_000_000), (2025, "full_year", 42_000_000), (2024, "full_year", 36_000_000)]
    assert [row.state for row in profile.filed(visit, identity)] == ["admitted"]
    assert [row.name for row in profile.files(visit, identity)] == ["证书.pdf"]
    kinds = [row.kind for row in profile.record(visit, identity)]
    assert kinds[0] == "filing.admitted" and {"attachment.added", "enterprise.registered"} <= set(kinds)
    assert {row.about for row in profile.record(visit, identity)} == {profile.profile(visit, identity).enterprise.name}
    for act in (profile.profile, profile.history, profile.filed, profile.files, profile.record, corrections.standing):
        with pytest.raises(Forbidden):
            act(world.visit("other_district"), identity)
        with pytest.raises(Forbidden):
            act(world.visit("enterprise"), identity)


def test_each_year_has_the_policy_of_its_time(world: World) -> None:
    found = profile.year_policies(world.visit("city"), [2024, 2025, 2026])
    assert {year: effective for year, (_, effective) in found.items()} == {2024: False, 2025: True, 2026: True}
