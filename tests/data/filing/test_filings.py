"""Filings: what is typed is kept, nothing is overwritten unseen, nothing wrong is submitted."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base.dictionaries import SEGMENTS
from core.base.errors import Conflict, Forbidden, Refused
from core.filing import checks
from core.filing.cells import same
from core.filing.filing import Filing
from core.filing.model import Content, read
from data.access import accounts, sessions
from data.filing import filings, periods
from data.review import decisions
from data.store.store import SYSTEM
from tests import world as saving
from tests.core import samples
from tests.world import NAMES, USCC, World, content_at


def mine(world: World, persona: str = "enterprise") -> Filing:
    found = filings.mine(world.visit(persona))
    assert found is not None
    return found


def save(world: World, patch: dict[str, Any], persona: str = "enterprise", **more: Any) -> Filing:
    """Save `patch` on the newest revision; the filing afterwards."""
    now = mine(world, persona)
    saving.save(world.visit(persona), now, patch, **more)
    return mine(world, persona)


def facts_of(world: World, filing: Filing) -> list[str]:
    return [fact.kind for fact in world.store.facts(filing.subject)]


def open_round(world: World, identity: str, year: int, opens: str, closes: str) -> None:
    body = {"year": year, "columns": ["full_year"], "opens": opens, "closes": closes}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", f"round:{identity}", body))


def travel(world: World, moment: datetime) -> None:
    """Move the clock; sessions of the old day have ended, new ones are opened at need."""
    world.clock.now = moment
    world.tokens.clear()


YEARS = "business.years"


def figures(ai: str, total: str = "6000", year: str = "2025") -> list[dict[str, Any]]:
    return [samples.year(year, full_year=samples.figures(total, ai, ai, "0"))]


# --- the first filing ------------------------------------------------------------------------------------


def test_the_first_filing_is_prefilled_with_the_identity_and_the_round_s_year(world: World) -> None:
    found = mine(world)
    assert (found.state, found.revision, found.saved_at) == ("draft", 0, None)
    assert found.content["basic"] == {"enterprise_name": NAMES["enterprise"], "uscc": USCC["enterprise"]}
    assert found.content["business"]["years"] == [{"id": "y2025", "year": "2025"}]
    assert facts_of(world, found) == []  # looking at it is not yet filing
    with pytest.raises(Forbidden):
        filings.one(world.visit("enterprise"), found.id)


def test_without_a_round_there_is_nothing_to_file(world: World) -> None:
    travel(world, datetime(2026, 1, 2))  # the round opens on the 5th
    assert periods.current_round(world.visit("enterprise")) is None
    assert filings.mine(world.visit("enterprise")) is None


def test_the_first_save_opens_the_filing_and_keeps_what_was_prefilled(world: World) -> None:
    found = save(world, {"basic.contact_name": "李四"})
    assert facts_of(world, found) == ["filing.opened", "filing.saved"]
    assert found.revision == 2
    assert found.content["basic"] == {
        "enterprise_name": NAMES["enterprise"],
        "uscc": USCC["enterprise"],
        "contact_name": "李四",
    }
    assert found.content["business"]["years"] == [{"id": "y2025", "year": "2025"}]
    assert filings.one(world.visit("enterprise"), found.id) == found


def test_identity_is_what_the_sign_in_says_whatever_the_browser_sends(world: World) -> None:
    forged = {"basic.uscc": USCC["other"], "basic.enterprise_name": "冒名公司", "basic.contact_name": "李四"}
    found = save(world, forged)
    for _ in range(2):
        assert found.content["basic"]["uscc"] == USCC["enterprise"]
        assert found.content["basic"]["enterprise_name"] == NAMES["enterprise"]
        found = save(world, forged)
    bodies = [str(fact.body) for fact in world.store.facts(found.subject)]
    assert not any(USCC["other"] in body or "冒名公司" in body for body in bodies)


def test_a_renamed_enterprise_files_under_its_new_name_from_the_next_save(world: World) -> None:
    save(world, {"basic.contact_name": "李四"})
    accounts.enterprise_account(
        world.store, issuer="https://id.test", uscc=USCC["enterprise"], enterprise_name="新名（虚构）", contact="张三"
    )
    found = save(world, {"basic.contact_name": "王五"})
    assert found.content["basic"]["enterprise_name"] == "新名（虚构）"


# --- two who save ----------------------------------------------------------------------------------------


def test_a_cell_changed_elsewhere_is_a_conflict_that_says_what_stands_and_changes_nothing(world: World) -> None:
    first = save(world, {"basic.contact_name": "李四"})
    second = save(world, {"basic.contact_name": "王五"})
    before = len(world.store.facts())
    answer = saving.save(world.visit("enterprise"), first, {"basic.contact_name": "赵六"})
    assert answer.conflicts == {"basic.contact_name": "王五"}
    assert answer.revision == second.revision
    assert mine(world) == second
    assert len(world.store.facts()) == before


def test_a_conflict_holds_up_no_other_cell_and_is_answered_from_what_stands(world: World) -> None:
    first = save(world, {"basic.contact_name": "李四"})
    save(world, {"basic.contact_phone": "13900139000", "basic.contact_name": "王五"})
    visit = world.visit("enterprise")
    answer = saving.save(visit, first, {"basic.contact_name": "赵六", "basic.operating_address": "同上"})
    assert list(answer.conflicts) == ["basic.contact_name"]
    assert mine(world).content["basic"]["operating_address"] == "同上"
    filings.save(visit, first.id, {path: (stands, "赵六") for path, stands in answer.conflicts.items()})
    basic = mine(world).content["basic"]
    assert (basic["contact_name"], basic["contact_phone"]) == ("赵六", "13900139000")


@pytest.mark.parametrize("started", [False, True])
def test_of_tabs_saving_one_cell_at_once_one_wins_and_the_others_are_told(world: World, started: bool) -> None:
    if started:
        save(world, {"basic.contact_email": "a@example.com"})
    now, visit = mine(world), world.visit("enterprise")

    def tab(name: str) -> str:
        lost = saving.save(visit, now, {"basic.contact_name": name}).conflicts
        return f"lost to {lost['basic.contact_name']}" if lost else name

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(tab, [f"第{n}页" for n in range(8)]))
    kept = mine(world).content["basic"]["contact_name"]
    assert answers.count(kept) == 1
    assert answers.count(f"lost to {kept}") == 7


def test_of_tabs_saving_different_cells_at_once_all_stand(world: World) -> None:
    now, visit = mine(world), world.visit("enterprise")
    names = ["registered_address", "operating_address", "contact_name", "contact_phone", "founded", "total_assets"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda name: saving.save(visit, now, {f"basic.{name}": name}), names))
    assert not any(answer.conflicts for answer in answers)
    assert {name: mine(world).content["basic"][name] for name in names} == {name: name for name in names}


def test_a_save_sent_again_is_saved_once(world: World) -> None:
    now, visit = mine(world), world.visit("enterprise")
    first = saving.save(visit, now, {"basic.contact_name": "李四"})
    again = saving.save(visit, now, {"basic.contact_name": "李四"})
    assert first == again
    assert facts_of(world, now) == ["filing.opened", "filing.saved"]


# --- rows --------------------------------------------------------------------------------------------------

RIGHTS = "technology.ip_rights"


def rights(world: World) -> list[tuple[str, str | None]]:
    """(identity, name) of the rows as they stand."""
    return [(row["id"], row.get("name")) for row in mine(world).content["technology"].get("ip_rights") or ()]


def put(world: World, **sent: tuple[Any, Any]) -> dict[str, Any]:
    """Cells of 知识产权, "row" or "row__name" -> (was, now); the conflicts."""
    cells = {f"{RIGHTS}.{name.replace('__', '.')}": pair for name, pair in sent.items()}
    return dict(filings.save(world.visit("enterprise"), mine(world).id, cells).conflicts)


def three(world: World) -> None:
    for name in ("a", "b", "c"):
        put(world, **{name: (None, {"name": name.upper()})})


def test_rows_keep_their_identity_whatever_is_deleted_around_them(world: World) -> None:
    three(world)
    put(world, a=({"name": "A"}, None))
    assert put(world, c__name=("C", "丙")) == {}
    assert rights(world) == [("b", "B"), ("c", "丙")]


def test_two_who_add_rows_at_once_both_have_theirs(world: World) -> None:
    three(world)
    assert put(world, x=(None, {})) == put(world, y=(None, {})) == {}
    assert [identity for identity, _ in rights(world)] == ["a", "b", "c", "x", "y"]


def test_a_row_put_back_stands_where_it_was_with_all_it_held(world: World) -> None:
    three(world)
    put(world, b=({"name": "B"}, None))
    fact = world.store.facts(mine(world).subject)[-1]
    assert fact.body["before"] == {f"{RIGHTS}.b": {"id": "b", "name": "B", "at": 1}}
    assert fact.body["rows"] == {f"{RIGHTS}.b": "第 2 条"}
    put(world, b=(None, fact.body["before"][f"{RIGHTS}.b"]))
    assert rights(world) == [("a", "A"), ("b", "B"), ("c", "C")]


def test_a_row_is_not_deleted_over_what_another_wrote_into_it(world: World) -> None:
    three(world)
    put(world, b__name=("B", "乙"))
    assert put(world, b=({"name": "B"}, None)) == {f"{RIGHTS}.b": {"id": "b", "name": "乙"}}
    assert ("b", "乙") in rights(world)


def test_nobody_writes_into_a_row_that_is_gone(world: World) -> None:
    three(world)
    put(world, b=({"name": "B"}, None))
    lost = put(world, b__name=("B", "乙"), b__number=(None, "1"))
    assert lost == {f"{RIGHTS}.b.name": None, f"{RIGHTS}.b.number": None}
    assert rights(world) == [("a", "A"), ("c", "C")]


def test_rows_filed_before_rows_had_identities_are_known_by_their_position(world: World) -> None:
    found = save(world, {"basic.contact_name": "李四"})
    body = {"patch": {RIGHTS: [{"name": "A"}, {"name": "B"}, {"name": "C"}]}, "before": {}}
    world.store.write(lambda t: t.append(SYSTEM, "filing.saved", found.subject, body))
    assert put(world, **{"0": ({"name": "A"}, None)}) == {}
    assert put(world, **{"2__name": ("C", "丙")}) == {}
    assert rights(world) == [("1", "B"), ("2", "丙")]
    world.store.verify()


# --- submitting ------------------------------------------------------------------------------------------


def test_a_second_click_gets_the_same_answer_and_submits_once(world: World) -> None:
    saved, visit = world.save("enterprise"), world.visit("enterprise")
    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(lambda _: filings.submit(visit, saved.id, saved.revision, key="click"), range(4)))
    assert len(answers) == 1
    assert facts_of(world, saved).count("filing.submitted") == 1
    found = mine(world)
    assert found.state == "submitted"
    assert found.submitted_at == answers.pop().at


def test_submitting_again_from_elsewhere_says_it_is_submitted_already(world: World) -> None:
    found = world.submit("enterprise")
    with pytest.raises(Refused, match=r"已于 01-10 10:00:00 提交.*无需重复提交"):
        filings.submit(world.visit("enterprise"), found.id, found.revision, key="another")
    assert facts_of(world, found).count("filing.submitted") == 1


def test_submitting_what_was_saved_since_the_review_of_it_is_a_conflict(world: World) -> None:
    saved = world.save("enterprise")
    newer = save(world, {"basic.contact_name": "李四"})
    with pytest.raises(Conflict, match="尚未提交") as caught:
        filings.submit(world.visit("enterprise"), saved.id, saved.revision)
    assert caught.value.current == newer
    assert mine(world).state == "draft"


def test_nothing_can_be_saved_after_submitting(world: World) -> None:
    found = world.submit("enterprise")
    with pytest.raises(Refused, match=r"已提交.*不能修改.*未保存"):
        saving.save(world.visit("enterprise"), found, {"basic.contact_name": "李四"})
    assert mine(world) == found


def test_what_was_never_saved_cannot_be_submitted(world: World) -> None:
    with pytest.raises(Forbidden):
        filings.submit(world.visit("enterprise"), mine(world).id, 0)


def test_the_last_day_of_the_round_is_open_and_the_next_is_not(world: World) -> None:
    saved = world.save("enterprise")
    travel(world, datetime(2026, 1, 31, 15, 59))  # 23:59 of the last day in Beijing
    saved = save(world, {"basic.contact_name": "李四"})
    assert saved.editable_on(world.store.today)
    travel(world, datetime(2026, 1, 31, 16, 0))  # midnight
    assert not mine(world).editable_on(world.store.today)
    for act in (
        lambda: saving.save(world.visit("enterprise"), saved, {"basic.contact_name": "王五"}),
        lambda: filings.submit(world.visit("enterprise"), saved.id, saved.revision),
    ):
        with pytest.raises(Refused, match=r"已于 2026-01-31 截止.*未保存"):
            act()
    assert mine(world) == saved


def test_a_closed_round_cannot_be_opened_by_a_first_save(world: World) -> None:
    travel(world, datetime(2026, 2, 10))
    now = mine(world)
    with pytest.raises(Refused, match="截止"):
        saving.save(world.visit("enterprise"), now, {"basic.contact_name": "李四"})
    assert facts_of(world, now) == []


# --- another's filing ------------------------------------------------------------------------------------


def test_another_enterprise_s_filing_can_be_neither_read_nor_written(world: World) -> None:
    theirs = world.save("enterprise")
    intruder = world.visit("other")
    before = len(world.store.facts())
    for act in (
        lambda: filings.one(intruder, theirs.id),
        lambda: filings.timeline(intruder, theirs.id),
        lambda: saving.save(intruder, theirs, {"basic.contact_name": "入侵"}),
        lambda: filings.submit(intruder, theirs.id, theirs.revision),
        lambda: decisions.decide(intruder, theirs.id, theirs.revision, "pass"),
    ):
        with pytest.raises(Forbidden):
            act()
    assert mine(world) == theirs
    assert len(world.store.facts()) == before


@pytest.mark.parametrize("identity", ["nothing", "", ".", "e000000000000.2025", "{mine}.2099", "{enterprise}"])
def test_a_filing_that_is_not_there_is_refused_without_saying_more(world: World, identity: str) -> None:
    identity = identity.format(mine=accounts.enterprise_id(USCC["enterprise"]), enterprise="e")
    for act in (
        lambda: filings.one(world.visit("enterprise"), identity),
        lambda: filings.save(world.visit("enterprise"), identity, {"basic.contact_name": (None, "甲")}),
        lambda: filings.submit(world.visit("enterprise"), identity, 1),
        lambda: decisions.decide(world.visit("city"), identity, 1, "admit"),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize("persona", ["district", "city", "administrator"])
def test_the_bureau_does_not_fill_in_filings(world: World, persona: str) -> None:
    saved = world.save("enterprise")
    for act in (
        lambda: filings.mine(world.visit(persona)),
        lambda: saving.save(world.visit(persona), saved, {"basic.contact_name": "代填"}),
        lambda: filings.submit(world.visit(persona), saved.id, saved.revision),
    ):
        with pytest.raises(Forbidden, match="没有此项权限"):
            act()


def test_the_administrator_sees_no_filing(world: World) -> None:
    submitted = world.submit("enterprise")
    with pytest.raises(Forbidden):
        filings.one(world.visit("administrator"), submitted.id)


# --- what no form sends ----------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    value: Any = "底"
    for level in range(depth):
        value = [value] if level % 2 else {"name": value}
    return value


@pytest.mark.parametrize(
    "patch",
    [
        {"basic.nickname": "甲"},
        {"basic": "甲"},
        {"": "甲"},
        {".": "甲"},
        {"secrets.password": "甲"},
        {"basic.contact_name.0": "甲"},
        {"basic.model_fields": "甲"},
        {"basic.contact_name": {"text": "甲"}},
        {"basic.contact_name": ["甲"]},
        {"basic.contact_name": 5},
        {"basic.contact_name": 0.5},
        {"basic.contact_name": b"x"},
        {"basic.contact_name": "甲\x00乙"},
        {"basic.contact_name": "\ud83d"},
        {"basic.contact_name": "长" * 500_000},
        {"technology.segments": "platforms"},
        {"technology.segments": [{"platforms": True}]},
        {"technology.segments": ["\x00"]},
        {"technology.products": "甲"},
        {"technology.products": None},
        {"technology.products": {"name": "甲"}},
        {"technology.products": ["甲", "乙"]},
        {"technology.products": [["甲"]]},
        {"technology.products": [{"name": {"deep": "甲"}}]},
        {"technology.products": [{"price": "甲"}]},
        {"technology.products": [{"name": "甲\x00"}]},
        {"technology.products": [{"name": "甲"}]},
        {"technology.products.a": {"title": "甲"}},
        {"technology.products.a": {"name": ["甲"]}},
        {"technology.products.a": {"name": "甲", "at": -1}},
        {"technology.products.a": {"name": "甲", "at": True}},
        {"technology.products.a": "甲"},
        {"technology.products.A": {"name": "甲"}},
        {"technology.products.../a": {"name": "甲"}},
        {"technology.products.a.title": "甲"},
        {"technology.products.a.name.first": "甲"},
        {"technology.products.a.name": ["甲"]},
        {"technology.has_products.a": "是"},
        {"basic.contact_name.0": "甲"},
        {"business.years.a.q1": {"ai_revenue": "1"}},
        {"business.years.a.q5.ai_revenue": "1"},
        {"business.years.a.q1.profit": "1"},
        {"business.years.a.q1.ai_revenue": ["1"]},
        {"business.years.a": {"q1": {"ai_revenue": ["1"]}}},
        {"market.demands": [nested(60)]},
        {"market.demands": nested(61)},
        {"business.years": ["2025"]},
        {"business.years": [{"year": 2025}]},
        {"business.years": [{"year": "2025", "q5": {}}]},
        {"business.years": [{"year": "2025", "q1": "100"}]},
        {"business.years": [{"year": "2025", "q1": {"profit": "1"}}]},
        {"business.years": [{"year": "2025", "q1": {"ai_revenue": ["1"]}}]},
        {"explanations": "甲"},
        {"explanations.": "甲"},
        {"explanations.size_differs@basic.size": ["甲"]},
        {"explanations.size_differs@basic.size": "甲\x00"},
        {"explanations.size_differs@basic.size": "长" * 2001},
        {"explanations.\x00": "甲"},
        {"explanations." + "长" * 300: "甲"},
        {"basic.contact_name": "好的", "basic.nickname": "不好的"},
    ],
    ids=lambda patch: f"{next(iter(patch))[:40]!a}",
)
def test_what_no_form_sends_is_refused_whole(world: World, patch: dict[str, Any]) -> None:
    saved = world.save("enterprise")
    with pytest.raises(Refused, match="未保存"):
        filings.save(world.visit("enterprise"), saved.id, {path: (None, raw) for path, raw in patch.items()})
    assert mine(world) == saved
    assert facts_of(world, saved) == ["filing.opened", "filing.saved"]


def test_a_filing_does_not_grow_without_bound_by_many_small_saves(world: World) -> None:
    save(world, {"basic.operating_address": "长" * 150_000})
    save(world, {"basic.registered_address": "长" * 150_000})
    with pytest.raises(Refused, match="过长"):
        save(world, {"basic.contact_name": "长" * 150_000})
    assert mine(world).content["basic"].get("contact_name") is None


# --- what is wrong is kept, and stops the submission -----------------------------------------------------


@pytest.mark.parametrize(
    ("path", "typed", "label", "quoted"),
    [
        ("technology.insured_staff", "一百二十", "缴纳社保总人数", "一百二十"),
        ("technology.insured_staff", "-3", "缴纳社保总人数", "-3"),
        ("technology.ip_count", "1.5", "自主知识产权数量", "1.5"),
        ("technology.insured_staff", "1e18", "缴纳社保总人数", "1e18"),
        ("basic.total_assets", "1e18", "资产总额", "1e18"),
        ("basic.total_assets", "-8000", "资产总额", "-8000"),
        ("basic.contact_name", "张三😀", "企业联系人姓名", "张三😀"),
        ("basic.contact_name", "长" * 5_000, "企业联系人姓名", "长" * 40 + "……"),
        ("basic.contact_phone", "不告诉你", "联系人电话", "不告诉你"),
        ("basic.founded", "去年", "成立时间", "去年"),
        ("basic.district", "火星", "区属", "火星"),
        ("basic.size", "巨型", "企业规模", "巨型"),
        ("technology.has_products", "也许", "拥有第三方评测通过或市场认可的AI产品/服务", "也许"),
        ("technology.segments", ["platforms", "moon"], "AI产业链环节", "platforms、moon"),
        ("business.years.0.full_year.total_revenue", "六千", "2025年 全年（预测） 总收入", "六千"),
        ("business.years.0.full_year.ai_revenue", "1e18", "2025年 全年（预测） AI业务收入", "1e18"),
        ("business.years.0.full_year.software_revenue", "-1", "2025年 全年（预测） 软件收入", "-1"),
        ("business.years.0.year", "二〇二五", "二〇二五年 年份", "二〇二五"),
        ("technology.ip_rights.0.granted", "2024-02-30", "知识产权第 1 条 授权/登记日期", "2024-02-30"),
    ],
)
def test_a_wrong_value_is_kept_as_typed_and_stops_the_submission_by_name(
    world: World, path: str, typed: Any, label: str, quoted: str
) -> None:
    saved = world.save("enterprise", samples.put(samples.clean(), {path: typed}))
    assert samples.get(saved.content, path) == typed
    with pytest.raises(Refused) as caught:
        filings.submit(world.visit("enterprise"), saved.id, saved.revision)
    blocking = [f.message for f in filings.check(world.visit("enterprise"), saved) if f.severity == "blocking"]
    assert any(f"“{label}”填的是“{quoted}”" in message for message in blocking), blocking
    assert any(message in str(caught.value) for message in blocking)
    assert "已填内容均已保留" in str(caught.value)
    assert mine(world) == saved
    assert read(saved.content)[1], "the value cannot be read"


def test_an_empty_required_field_stops_the_submission_by_name(world: World) -> None:
    saved = world.save("enterprise", samples.put(samples.clean(), {"basic.contact_email": ""}))
    with pytest.raises(Refused, match="“联系人邮箱”必填项未填"):
        filings.submit(world.visit("enterprise"), saved.id, saved.revision)


def test_after_mending_the_filing_can_be_submitted(world: World) -> None:
    saved = world.save("enterprise", samples.put(samples.clean(), {"basic.contact_phone": "不告诉你"}))
    with pytest.raises(Refused):
        filings.submit(world.visit("enterprise"), saved.id, saved.revision)
    saved = save(world, {"basic.contact_phone": "13800138000"})
    filings.submit(world.visit("enterprise"), saved.id, saved.revision)
    assert mine(world).state == "submitted"


@pytest.mark.parametrize("empty", ["", "  ", "核实无误", "已核实，数据无误。", "确认", "核实无误核实无误", "12345678"])
def test_an_explanation_that_says_nothing_is_refused_and_a_real_one_accepted(world: World, empty: str) -> None:
    world.save("enterprise", samples.put(samples.clean(), {"basic.size": "large"}))
    (asked,) = filings.check(world.visit("enterprise"), mine(world))
    assert asked.code == "size_differs"
    saved = save(world, {f"explanations.{asked.key}": empty})
    with pytest.raises(Refused, match=r"还有 1 处须处理.*企业规模"):
        filings.submit(world.visit("enterprise"), saved.id, saved.revision)
    saved = save(world, {f"explanations.{asked.key}": "集团合并口径，母公司在深圳，划型从集团认定。"})
    filings.submit(world.visit("enterprise"), saved.id, saved.revision)
    assert mine(world).state == "submitted"


REASON = "年末新签两份平台服务合同，软件与硬件之外另有培训收入。"


def test_an_explanation_speaks_of_the_values_it_was_given_for_and_is_asked_for_again(world: World) -> None:
    def asked() -> set[str]:
        outstanding = checks.outstanding(filings.check(visit, mine(world)), mine(world).content.get("explanations", {}))
        return {found.place for found in outstanding}

    def file(*amounts: str) -> None:
        save(world, {YEARS: [samples.year("2025", full_year=samples.figures(*amounts))]})

    visit = world.visit("enterprise")
    world.save("enterprise")
    file("9000", "6000", "5000", "0")
    (found,) = filings.check(visit, mine(world))
    assert asked() == {"parts_differ@business.years.0.full_year.ai_revenue"} == {found.place}
    save(world, {f"explanations.{found.key}": REASON})
    assert not asked()
    file("90000", "88000", "5000", "0")
    assert found.place in asked()
    file("9000", "6000", "5000", "0")
    assert not asked()  # what was said of these values still stands


def test_a_notice_does_not_stop_a_submission(world: World) -> None:
    saved = world.save("enterprise", samples.put(samples.clean(), {"market.demands": []}))
    assert [f.severity for f in filings.check(world.visit("enterprise"), saved)] == ["notice"]
    filings.submit(world.visit("enterprise"), saved.id, saved.revision)


# --- the first draft -------------------------------------------------------------------------------------


def test_the_first_draft_with_figures_is_kept_whatever_is_saved_later(world: World) -> None:
    assert save(world, {"basic.contact_name": "李四"}, deliberate=True).first_draft == {}
    assert save(world, {YEARS: figures("24")}).first_draft == {}  # in the middle of typing 2400
    first = save(world, {YEARS: figures("2400")}, deliberate=True)
    assert first.first_draft == first.content
    later = save(world, {YEARS: figures("4200")})
    assert later.first_draft == first.content
    assert samples.get(later.content, "business.years.0.full_year.ai_revenue") == "4200"


def test_a_share_moved_over_a_line_since_the_first_draft_must_be_explained(world: World) -> None:
    world.save("enterprise", samples.put(samples.clean(), {YEARS: figures("2400")}))  # 40 %
    saved = save(world, {YEARS: figures("4200")})  # 70 %
    found = [f for f in filings.check(world.visit("enterprise"), saved) if f.code == "share_crossed"]
    assert len(found) == 1
    assert "40.00%" in found[0].message
    with pytest.raises(Refused, match="50%"):
        filings.submit(world.visit("enterprise"), saved.id, saved.revision)
    saved = save(world, {f"explanations.{found[0].key}": "年末审计报告将两份合同重新归为AI平台服务。"})
    filings.submit(world.visit("enterprise"), saved.id, saved.revision)


# --- the next round --------------------------------------------------------------------------------------


def test_a_new_round_starts_from_the_last_filing_with_a_row_for_its_year(world: World) -> None:
    world.save("enterprise", samples.put(samples.clean(), {"basic.size": "large"}))
    (asked,) = filings.check(world.visit("enterprise"), mine(world))
    explained = save(world, {f"explanations.{asked.key}": "集团合并口径，母公司在深圳。"})
    filings.submit(world.visit("enterprise"), explained.id, explained.revision)
    open_round(world, "2026", 2026, "2027-01-05", "2027-01-31")
    assert mine(world).id == explained.id  # not open yet
    travel(world, datetime(2027, 1, 6))
    new = mine(world)
    assert (new.round.id, new.state, new.revision, new.first_draft) == ("2026", "draft", 0, {})
    assert new.content["business"]["years"] == [
        {"id": "y2026", "year": "2026"},
        *explained.content["business"]["years"],
    ]
    assert {step: new.content[step] for step in ("basic", "technology", "market")} == {
        step: explained.content[step] for step in ("basic", "technology", "market")
    }
    assert "explanations" in explained.content
    assert "explanations" not in new.content
    saved = save(world, {"basic.contact_name": "李四"})
    assert saved.content["business"]["years"][0] == {"id": "y2026", "year": "2026"}
    assert saved.first_draft == {}  # this year's figures are still to come
    assert filings.one(world.visit("enterprise"), explained.id).content == explained.content


def test_a_year_already_there_is_not_added_twice(world: World) -> None:
    saved = world.save("enterprise")
    open_round(world, "2025-late", 2025, "2026-03-01", "2026-03-31")
    travel(world, datetime(2026, 3, 2))
    assert mine(world).content["business"]["years"] == saved.content["business"]["years"]


@pytest.mark.parametrize("admitted", [True, False])
def test_figures_are_compared_with_the_previous_filing_that_was_admitted(world: World, admitted: bool) -> None:
    (world.admit if admitted else world.submit)("enterprise")
    open_round(world, "2026", 2026, "2027-01-05", "2027-01-31")
    travel(world, datetime(2027, 1, 6))
    saved = save(world, {YEARS: figures("42000000", "60000000", "2026")})  # yuan typed as 万元
    slips = [f.message for f in filings.check(world.visit("enterprise"), saved) if f.code == "unit_slip"]
    assert len(slips) == (2 if admitted else 0)
    assert not admitted or "上年同期 6,000 万元" in slips[0]


# --- the record ------------------------------------------------------------------------------------------


def test_the_timeline_tells_what_happened_newest_first_with_saves_folded(world: World) -> None:
    save(world, {"basic.contact_name": "李四"})
    save(world, {"basic.contact_name": "王五"})
    found = world.submit("enterprise")
    decisions.decide(world.visit("district"), found.id, found.revision, "return", reasons={"basic.size": "规模有误"})
    save(world, {"basic.contact_name": "赵六"})
    told = filings.timeline(world.visit("enterprise"), found.id)
    assert [(row.kind, row.who) for row in told] == [
        ("filing.saved", "张三"),
        ("filing.returned", "gxreviewer"),
        ("filing.submitted", "张三"),
        ("filing.saved", "张三"),
        ("filing.opened", "张三"),
    ]
    assert told[1].reasons == {"basic.size": "规模有误"}
    assert [row.at for row in told] == sorted((row.at for row in told), reverse=True)


def test_every_save_says_who_when_and_from_which_session(world: World) -> None:
    before = world.clock.now
    found = save(world, {"basic.contact_name": "李四"})
    fact = world.store.facts(found.subject)[-1]
    assert fact.account_id == world.account("enterprise")
    assert fact.session_id == sessions.token_id(world.token("enterprise"))
    assert before < fact.at_utc <= world.clock.now
    changed = fact.body["patch"], fact.body["before"]  # what has changed, no more
    assert changed == ({"basic.contact_name": "李四"}, {"basic.contact_name": None})


@contextmanager
def fresh_world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "library")
        try:
            yield world
        finally:
            world.close()


TYPED = st.one_of(
    st.none(),
    st.booleans(),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12),
    st.sampled_from(["", " ", "是", "否", "１２３", "1e18", "-1", "GX", "2020-01-31", "😀", "'; DROP TABLE facts; --"]),
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["name", "evidence"]), TYPED, max_size=2), max_size=3)
COLUMN = st.dictionaries(st.sampled_from(["total_revenue", "ai_revenue"]), TYPED, max_size=2)
YEAR_ROWS = st.lists(st.fixed_dictionaries({"year": TYPED}, optional={"q1": COLUMN, "full_year": COLUMN}), max_size=3)
PATCHES = st.dictionaries(
    st.sampled_from(
        ["basic.contact_name", "basic.district", "basic.uscc", "technology.insured_staff", "technology.has_products"]
    ),
    TYPED,
    max_size=4,
).flatmap(
    lambda plain: st.fixed_dictionaries(
        {},
        optional={
            "technology.products": ROWS,
            "technology.segments": st.lists(st.sampled_from(sorted(SEGMENTS)), max_size=3),
            "business.years": YEAR_ROWS,
            "explanations.size_differs@basic.size": st.text(st.sampled_from("集团口径无误"), max_size=8),
        },
    ).map(lambda rows: plain | rows)
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(patches=st.lists(PATCHES, min_size=1, max_size=8))
def test_any_sequence_of_saves_folds_to_the_current_content(patches: list[dict[str, Any]]) -> None:
    with fresh_world() as world:
        seen: list[tuple[datetime, Content]] = []
        for patch in [{"basic.contact_name": "起"}, *patches]:
            found = save(world, patch)
            kept = {path: value for path, value in patch.items() if path != "basic.uscc"}
            for path, value in kept.items():
                step, _, name = path.partition(".")
                now = found.content.get(step, {}).get(name)
                if isinstance(value, list) and name not in ("segments", "attachments"):
                    assert len(now or []) == len(value) and all(map(same, now or [], value))
                else:
                    assert same(now, value)
            assert found.content["basic"]["uscc"] == USCC["enterprise"]
            seen.append((world.clock.now, found.content))
            world.clock.now += timedelta(minutes=1)
        for moment, content in seen:
            assert content_at(world.store, found, moment) == content
        assert content_at(world.store, found, seen[0][0] - timedelta(hours=1)) == {}
        assert content_at(world.store, found, world.clock.now) == mine(world).content
        world.store.verify()


def test_saves_of_different_fields_from_the_same_revision_both_stand(world: World) -> None:
    first = save(world, {"basic.contact_name": "李四"})
    save(world, {"basic.contact_phone": "13900139000"})
    saving.save(world.visit("enterprise"), first, {"basic.operating_address": "同上"})
    basic = mine(world).content["basic"]
    assert (basic["contact_phone"], basic["operating_address"]) == ("13900139000", "同上")


def test_what_was_typed_before_a_submission_elsewhere_is_taken_once_it_comes_back(world: World) -> None:
    filing = world.submit("enterprise")
    with pytest.raises(Refused, match="不能修改"):
        saving.save(world.visit("enterprise"), filing, {"basic.operating_address": "另一处"})
    decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons={"": "请补充说明"})
    assert not saving.save(world.visit("enterprise"), filing, {"basic.operating_address": "另一处"}).conflicts
    assert mine(world).content["basic"]["operating_address"] == "另一处"


def test_a_forecast_is_not_carried_over_as_if_it_were_actual(world: World) -> None:
    body = {"year": 2026, "columns": ["full_year"], "opens": "2026-01-06", "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026", body))
    content = samples.clean()
    content["business"]["years"].insert(
        0, {"year": "2026", "q1": {"total_revenue": "9"}, "full_year": {"total_revenue": "100", "ai_revenue": "90"}}
    )
    world.save("enterprise", content)
    body = {"year": 2027, "columns": ["full_year"], "opens": "2026-01-08", "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2027", body))
    years = {row["year"]: row for row in mine(world).content["business"]["years"]}
    assert years["2026"] == {"id": "0", "year": "2026", "q1": {"total_revenue": "9"}}
    assert years["2025"]["full_year"]["total_revenue"] == "6000"
