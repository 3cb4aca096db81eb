"""What the product writes by itself: an enterprise learns what was decided and corrected, the bureau what was answered."""

import time
from dataclasses import fields
from typing import Any

import pytest

from core.base.errors import Conflict, UserError
from core.filing.filing import Filing
from core.messaging.letter import TEXT
from core.messaging.message import Message
from data.access import account_admin, accounts
from data.enterprise import profile, projects
from data.filing import filings
from data.messaging import messages, notifications
from data.review import comments, corrections, decisions
from data.store.store import SYSTEM
from tests.core import samples
from tests.world import NAMES, USCC, World
from ui.messaging.messages import destination

NEAR, FAR = (accounts.enterprise_id(USCC[name]) for name in ("enterprise", "other"))
AI = "business.years.0.full_year.ai_revenue"


def received(world: World, persona: str) -> list[Message]:
    """Newest first, each with its text and link."""
    visit = world.visit(persona)
    return [messages.one(visit, row.id).message for row in messages.inbox(visit)]


def titles(world: World, persona: str) -> list[str]:
    return [row.title for row in received(world, persona)]


def decide(world: World, persona: str, filing: Filing, action: str, **reasons: str) -> Filing:
    decisions.decide(
        world.visit(persona),
        filing.id,
        filing.revision,
        action,
        reasons={k.replace("__", "."): v for k, v in reasons.items()},
    )
    return filings.one(world.visit("city"), filing.id)


# --- decisions -------------------------------------------------------------------------------------------


def test_a_return_is_told_with_its_reasons_to_every_account_and_leads_to_the_page(world: World) -> None:
    filing = world.submit("enterprise")
    second = accounts.create_local(
        world.store, username="second1", name="李四", role="enterprise", enterprise_id=NEAR, password_hash="x"
    )
    decide(world, "district", filing, "return", basic__size="规模与从业人数不符", **{"": "请补充材料"})
    (letter,) = received(world, "enterprise")
    assert (letter.kind, letter.title, letter.sender) == ("review", "填报被退回，请修改后重新提交", "gxreviewer")
    assert "基础信息 · 企业规模：规模与从业人数不符" in letter.text and "总体意见：请补充材料" in letter.text
    assert destination(letter.link) == ("filing/submit.py", {"round": filing.round.id})
    assert {row["account_id"] for row in world.store.rows("SELECT account_id FROM message_recipients")} == {
        second,
        world.account("enterprise"),
    }
    for persona in ("other", "city", "other_district", "administrator"):
        assert received(world, persona) == []


def test_an_admission_and_its_revocation_are_told_and_a_pass_is_not(world: World) -> None:
    filing = decide(world, "district", world.submit("enterprise"), "pass")
    assert received(world, "enterprise") == []
    filing = decide(world, "city", filing, "admit")
    assert titles(world, "enterprise") == ["填报已通过审核，企业已入库"]
    decide(world, "city", filing, "revoke", **{"": "经核查数据不实"})
    newest = received(world, "enterprise")[0]
    assert newest.title == "入库资格已被撤销" and "经核查数据不实" in newest.text
    assert destination(newest.link) == ("filing/workbench.py", {})


def test_nothing_is_told_of_what_was_not_done(world: World) -> None:
    filing = world.submit("enterprise")
    with pytest.raises(Conflict):
        decisions.decide(world.visit("district"), filing.id, filing.revision - 1, "return", reasons={"": "请补充材料"})
    assert received(world, "enterprise") == []


def test_a_pressed_twice_decision_is_told_once(world: World) -> None:
    filing = world.submit("enterprise")
    for _ in range(2):
        decisions.decide(
            world.visit("district"), filing.id, filing.revision, "return", reasons={"": "请补充材料"}, key="once"
        )
    assert len(received(world, "enterprise")) == 1


@pytest.mark.parametrize(("action", "told"), [("pass", 0), ("return", 2)])
def test_a_decision_taken_back_takes_its_letter_back(world: World, action: str, told: int) -> None:
    filing = decide(world, "district", world.submit("enterprise"), action, **{"": "请补充材料"})
    decisions.undo(world.visit("district"), filing.id, filing.revision)
    found = received(world, "enterprise")
    assert len(found) == told
    if told:
        assert found[0].title == "“退回”决定已撤回"
        assert "此前的通知作废" in found[0].text and "已提交（待区级审核）" in found[0].text


def test_very_long_reasons_are_cut_to_what_a_message_holds(world: World) -> None:
    filing = world.submit("enterprise")
    paths = (
        "basic__size",
        "basic__district",
        "technology__segments",
        "technology__products",
        "business__years",
        "market__demands",
    )
    decide(world, "district", filing, "return", **dict.fromkeys(paths, "长" * 1000))
    (letter,) = received(world, "enterprise")
    assert len(letter.text) == TEXT and letter.text.endswith("…")


def test_several_at_once_tell_each_enterprise_with_one_look_for_the_accounts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {}
    for persona in ("enterprise", "other"):
        filing = world.submit(persona)
        chosen[filing.id] = filings.one(world.visit("city"), decide(world, "district", filing, "pass").id).revision
    looked, look = [], messages.accounts_of_each
    monkeypatch.setattr(messages, "accounts_of_each", lambda *given: looked.append(given[1]) or look(*given))
    came = decisions.decide_several(world.visit("city"), chosen)
    assert sorted(came.done) == sorted(NAMES.values()), came
    assert len(looked) == 1
    for persona in NAMES:
        assert titles(world, persona) == ["填报已通过审核，企业已入库"]


def test_fifty_letters_cost_little(world: World) -> None:
    """Within the job that decides on them; far below what fifty facts with their commit take."""

    def fill(t: Any) -> None:
        for number in range(50):
            body = {"username": f"u{number}", "name": "李", "role": "enterprise", "enterprise_id": f"e{number}"}
            t.append(SYSTEM, "account.created", f"account:a{number}", body)

    world.store.write(fill)

    def job(t: Any) -> float:
        started = time.perf_counter()
        reach = messages.accounts_of_each(t, [f"e{number}" for number in range(50)])
        for number in range(50):
            row = {"enterprise_id": f"e{number}"}
            notifications.decided(
                t, SYSTEM, "filing.admitted", row, round_name="本期", reasons={}, to=reach[f"e{number}"]
            )
        return time.perf_counter() - started

    assert world.store.write(job) < 0.5
    assert world.store.rows("SELECT count(*) AS n FROM message_recipients")[0]["n"] == 50


# --- comments --------------------------------------------------------------------------------------------


def test_a_reviewer_s_comment_reaches_the_enterprise_and_its_answer_who_asked(world: World) -> None:
    filing = world.submit("enterprise")
    comments.add(world.visit("district"), filing.id, "business.years", "收入口径请说明")
    comments.add(world.visit("city"), filing.id, "", "请附审计报告")
    first, second = received(world, "enterprise")[::-1]
    assert "收入口径请说明" in first.text and "请附审计报告" in second.text
    assert destination(first.link) == ("filing/submit.py", {"round": filing.round.id})
    comments.add(world.visit("enterprise"), filing.id, "business.years", "含咨询服务收入")
    (answer,) = received(world, "district")
    assert NAMES["enterprise"] in answer.title and "含咨询服务收入" in answer.text
    assert destination(answer.link) == ("review/review.py", {"filing": filing.id})
    assert received(world, "city") == []
    comments.add(
        world.visit("enterprise"), filing.id, "basic.size", "规模已更正"
    )  # nobody asked of this field: all who spoke
    assert (len(received(world, "district")), len(received(world, "city"))) == (2, 1)
    assert received(world, "other_district") == received(world, "other") == []


def test_without_a_question_an_answer_reaches_who_decided_and_else_nobody(world: World) -> None:
    filing = world.submit("enterprise")
    comments.add(world.visit("enterprise"), filing.id, "", "补充说明")
    assert [received(world, persona) for persona in ("district", "city")] == [[], []]
    decide(world, "district", filing, "pass")
    comments.add(world.visit("enterprise"), filing.id, "", "再补充说明")
    assert [len(received(world, persona)) for persona in ("district", "city")] == [1, 0]


def test_who_asked_and_has_left_the_district_is_not_told(world: World) -> None:
    filing = world.submit("enterprise")
    comments.add(world.visit("district"), filing.id, "", "请附审计报告")
    keeper = world.visit("administrator")
    row = account_admin.one(keeper, "local-gxreviewer")
    account_admin.change(keeper, row["id"], row["revision"], {"organisation_id": "HS"})
    comments.add(world.visit("enterprise"), filing.id, "", "审计报告已附")
    assert received(world, "district") == []


# --- corrections -----------------------------------------------------------------------------------------


def test_a_correction_is_told_with_before_after_reason_and_document(world: World) -> None:
    filing = world.admit("enterprise")
    corrections.correct(
        world.visit("city"),
        filing.id,
        filing.revision,
        AI,
        "1000",
        reason="与审计报告不一致",
        document="武经信〔2026〕1号",
        file=("审计.pdf", b"%PDF-1.7 x"),
    )
    letter = received(world, "enterprise")[0]
    assert "AI业务收入" in letter.title
    for part in ("由 4200 万元", "改为 1000 万元", "与审计报告不一致", "武经信〔2026〕1号", "审计.pdf"):
        assert part in letter.text, part
    assert received(world, "other") == []


# --- projects --------------------------------------------------------------------------------------------


@pytest.fixture
def two(world: World) -> World:
    """One in GX that wants computing power, one in HS that makes chips; the city proposes them to one another."""
    world.submit("enterprise")
    far = {"basic.district": "HS", "technology.segments": ["chips"], "market.demands": []}
    world.submit("other", samples.put(samples.clean(), far))
    city = world.visit("city")
    projects.open_project(city, demand(world))
    assert projects.propose(city, demand(world), FAR) == []
    return world


def demand(world: World) -> str:
    return str(projects.demands(world.visit("city"))["id"][0])


def test_a_proposal_is_told_to_both_sides_without_a_contact(two: World) -> None:
    (wants,), (makes,) = received(two, "enterprise"), received(two, "other")
    assert NAMES["other"] in wants.text and "训练算力" in wants.text and "产业链环节对口" in wants.text
    assert NAMES["enterprise"] in makes.text
    assert "138" not in wants.text + makes.text and "139" not in wants.text + makes.text
    assert [destination(each.link) for each in (wants, makes)] == [("enterprise/matches.py", {})] * 2


def test_a_side_without_an_account_is_named_to_who_proposes(world: World) -> None:
    world.submit("enterprise")
    far = {"basic.district": "HS", "technology.segments": ["chips"], "market.demands": []}
    world.submit("other", samples.put(samples.clean(), far))
    account_admin.set_active(world.visit("administrator"), world.account("other"), False)
    projects.open_project(world.visit("city"), demand(world))
    assert projects.propose(world.visit("city"), demand(world), FAR) == [NAMES["other"]]
    assert len(received(world, "enterprise")) == 1


def test_an_answer_is_told_to_who_proposed_and_both_sides_once_both_agree(two: World) -> None:
    match = f"{demand(two)}.{FAR}"
    projects.answer(two.visit("other"), match, False)
    (no,) = received(two, "city")
    assert no.title == f"{NAMES['other']}不同意对接" and no.kind == "match"
    assert destination(no.link) == ("enterprise/projects.py", {"demand": demand(two)})
    projects.answer(two.visit("other"), match, False)  # the same once more is no news
    assert len(received(two, "city")) == 1
    projects.answer(two.visit("other"), match, True)
    assert len(received(two, "enterprise")) == 1
    assert projects.answer(two.visit("enterprise"), match, True)
    assert "双方均已同意" in titles(two, "city")[0]
    for persona in ("enterprise", "other"):
        newest = received(two, persona)[0]
        assert (newest.title, newest.sender) == ("双方已同意对接", "系统")
    assert received(two, "district") == received(two, "administrator") == []


def test_an_answer_reaches_another_who_manages_when_who_proposed_has_gone(two: World) -> None:
    keeper = two.visit("administrator")
    successor = account_admin.create(
        keeper, username="successor", name="继任", role="city_officer", organisation_id=None, password_hash="x"
    )
    account_admin.set_active(keeper, "local-officer", False)
    projects.answer(two.visit("other"), f"{demand_of(two)}.{FAR}", True)
    rows = two.store.rows(
        "SELECT t.account_id FROM message_recipients t JOIN messages m ON m.id = t.message_id WHERE m.title LIKE '%同意对接'"
    )
    assert [row["account_id"] for row in rows] == [successor]


def demand_of(world: World) -> str:
    return str(world.store.rows("SELECT id FROM projects")[0]["id"])


# --- on the page of the enterprise -----------------------------------------------------------------------


def test_the_letters_of_an_enterprise_are_listed_within_the_scope_without_their_text(world: World) -> None:
    filing = world.submit("enterprise")
    assert profile.letters(world.visit("district"), NEAR) == ()
    comments.add(world.visit("district"), filing.id, "", "请附审计报告")
    comments.add(world.visit("enterprise"), filing.id, "", "已附")
    own, asked = profile.letters(world.visit("city"), NEAR)
    assert (asked.own, asked.who, asked.recipients, asked.read, asked.kind) == (False, "gxreviewer", 1, 0, "review")
    assert (own.own, own.recipients, own.read) == (True, 1, 0)
    received(world, "enterprise"), received(world, "district")
    assert [row.read for row in profile.letters(world.visit("city"), NEAR)] == [1, 1]
    assert "text" not in {each.name for each in fields(own)}
    assert [fact.kind for fact in profile.record(world.visit("city"), NEAR)][:2] == ["filing.commented"] * 2
    for persona in ("other_district", "enterprise"):
        with pytest.raises(UserError):
            profile.letters(world.visit(persona), NEAR)
