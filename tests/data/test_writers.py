"""Every function of data that writes for a visit, found in the source: without its permission, or out of its scope,
it is refused and nothing is appended. One that is added is tested by being there."""

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core.access.permissions import Permission
from core.access.roles import BASE, CITYWIDE, FILERS
from core.base.errors import Forbidden, Refused
from core.filing.filing import Filing
from core.filing.round import RoundDraft
from core.meeting.meeting import MeetingDraft
from core.messaging.letter import To
from core.messaging.notice import NoticeDraft
from core.rule.policy import Policy
from core.what_if.scenario import scenario
from data.access import account_admin, roles
from data.access.visit import Visit
from data.enterprise import mergers, moves, planned
from data.filing import attachments, filings, rounds
from data.messaging import messages, notices
from data.report.reports import Order
from data.review import comments, corrections, decisions
from data.store.store import SYSTEM
from tests.data.rule.test_policies import typed
from tests.world import World, save

ROOT = Path(__file__).parents[2]
#: Arguments that must be of a kind for the permission to be asked at all; "x" does for all others.
GIVEN: dict[str, dict[str, Any]] = {
    "data.review.decisions.decide": {"action": "pass"},
    "data.filing.attachments.keep": {"content": b"%PDF-1.4 x", "name": "a.pdf"},
}
#: Needs no permission: whoever is signed in ends sessions of their own.
OF_ONE_S_OWN = {"data.access.sessions.end_mine"}


def writers() -> dict[str, Callable[..., Any]]:
    """Public functions that take a visit and call its `write`, or that of the store."""
    found = {}
    for file in sorted((ROOT / "data").rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if module.startswith(("data.store", "data.sample")):
            continue
        for node in ast.parse(file.read_text("utf-8")).body:
            visited = isinstance(node, ast.FunctionDef) and any(each.arg == "visit" for each in node.args.args)
            if visited and not node.name.startswith("_") and re.search(r"(store|visit)\.write\(", ast.unparse(node)):  # type: ignore[attr-defined]
                found[f"{module}.{node.name}"] = getattr(import_module(module), node.name)  # type: ignore[attr-defined]
    return found


WRITERS = writers()


def test_the_writers_are_found() -> None:
    assert len(WRITERS) > 60
    assert {"data.filing.filings.save", "data.meeting.meetings.freeze", *GIVEN, *OF_ONE_S_OWN} <= WRITERS.keys()


@pytest.mark.parametrize("name", sorted(WRITERS.keys() - OF_ONE_S_OWN))
def test_who_has_no_permission_writes_nothing(world: World, name: str) -> None:
    """The whole city in sight: nothing but the permission can refuse."""
    write = WRITERS[name]
    wanted = [
        each.name
        for each in inspect.signature(write).parameters.values()
        if each.default is inspect.Parameter.empty and each.name != "visit"
    ]
    visit = replace(world.visit("city"), permissions=frozenset())
    before = len(world.store.facts())
    with pytest.raises(Forbidden, match="没有此项权限"):
        write(visit, **dict.fromkeys(wanted, "x") | GIVEN.get(name, {}))
    assert len(world.store.facts()) == before


DAY = date(2026, 1, 10)
#: Writers to a filing or an enterprise, asked of one that lies out of the scope.
SCOPED: dict[str, Callable[[Visit, Filing], Any]] = {
    "data.filing.filings.save": lambda v, f: save(v, f, {"basic.contact_name": "入侵"}),
    "data.filing.filings.submit": lambda v, f: filings.submit(v, f.id, f.revision),
    "data.filing.rounds.unlock": lambda v, f: rounds.unlock(v, f.enterprise_id, DAY, "企业来函说明情况"),
    "data.filing.rounds.relock": lambda v, f: rounds.relock(v, f.enterprise_id),
    "data.review.decisions.decide": lambda v, f: decisions.decide(v, f.id, f.revision, "pass"),
    "data.review.decisions.undo": lambda v, f: decisions.undo(v, f.id, f.revision),
    "data.review.comments.add": lambda v, f: comments.add(v, f.id, "basic.district", "请核对"),
    "data.review.corrections.correct": lambda v, f: corrections.correct(
        v, f.id, f.revision, "basic.contact_name", "入侵", reason="登记有误"
    ),
    "data.filing.attachments.keep": lambda v, f: attachments.keep(v, f.enterprise_id, "a.pdf", b"%PDF-1.4 x"),
    "data.enterprise.moves.move": lambda v, f: moves.move(
        v, f.enterprise_id, "GX", district="HS", since=DAY, reason="迁址证明"
    ),
    "data.enterprise.mergers.merge": lambda v, f: mergers.merge(
        v, f.enterprise_id, 0, into=f.enterprise_id, since=DAY, reason="吸收合并"
    ),
    "data.enterprise.mergers.unmerge": lambda v, f: mergers.unmerge(v, f.enterprise_id, 0, "登记有误"),
    "data.enterprise.planned.withdraw": lambda v, f: planned.withdraw(v, f.enterprise_id, "move", 0, "登记有误"),
}
#: What takes an enterprise or a filing and is looked at elsewhere: why.
ELSEWHERE = {"data.enterprise.projects.propose": "the demand stands first; tests/data/enterprise/test_projects.py"}


def test_every_writer_to_a_filing_or_an_enterprise_is_asked_from_outside_its_scope() -> None:
    about = {
        name
        for name, write in WRITERS.items()
        if {"filing_id", "enterprise_id"} & inspect.signature(write).parameters.keys()
    }
    assert about == SCOPED.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("persona", ["other_district", "other"])
@pytest.mark.parametrize("name", SCOPED)
def test_what_lies_out_of_the_scope_is_not_written(world: World, name: str, persona: str) -> None:
    """Every permission is there: nothing but the scope can refuse."""
    filing = world.admit("enterprise") if "correct" in name or "undo" in name else world.submit("enterprise")
    visit = replace(world.visit(persona), permissions=frozenset(Permission))
    before = len(world.store.facts())
    with pytest.raises((Forbidden, Refused), match=r"管辖范围|贵企业|数据范围"):
        SCOPED[name](visit, filing)
    assert len(world.store.facts()) == before


# --- taken away between the visit and the write ---------------------------------------------------------

STAFF_MAY = frozenset(Permission) - FILERS
#: Writers of an enterprise's own people; a role of staff cannot have their permissions.
OF_ENTERPRISES = {
    "data.access.filers.add", "data.access.filers.hand_over", "data.access.filers.reset", "data.access.filers.set_active",
    "data.filing.filings.save", "data.filing.filings.submit", "data.enterprise.projects.answer",
    "data.messaging.problems.report",
}  # fmt: skip
MEETING = MeetingDraft("2026-01-12", "全市周例会", "", 2025, provisional=False)
NOTICE = NoticeDraft("关于年度填报的通知", "正文", pinned=False, roles=(), districts=(), until="")
#: What a writer must be given to come as far as the writing; "x" does for all others.
REACHING: dict[str, Callable[[World], dict[str, Any]]] = {
    "data.access.account_admin.create": lambda w: {"username": "newone", "name": "王五", "role": "city_officer", "organisation_id": None},
    "data.access.filers.add": lambda w: {"username": "newone", "name": "王五"},
    "data.enterprise.projects.close": lambda w: {"outcome": "done", "reason": "双方已签约"},
    "data.enterprise.search.save_view": lambda w: {"chosen": {"q": "x"}},
    "data.filing.reminders.escalate": lambda w: {"round_id": "2025", "level": "city"},
    "data.filing.reminders.remind": lambda w: {"round_id": "2025", "enterprises": [w.visit("enterprise").enterprise_id], "template": "due", "title": "请填报", "text": "请于截止前填报"},
    "data.filing.rounds.add": lambda w: {"draft": RoundDraft(2026, ("q1",), date(2026, 4, 1), date(2026, 4, 20))},
    "data.meeting.meetings.call": lambda w: {"given": MEETING},
    "data.meeting.meetings.change": lambda w: {"given": MEETING},
    "data.meeting.meetings.decide": lambda w: {"text": "按期报送", "who": "产业处", "due": DAY},
    "data.meeting.meetings.note": lambda w: {"screen": "title"},
    "data.messaging.messages.one": lambda w: {"message_id": letter(w)},
    "data.messaging.messages.post": lambda w: {"to": To(district=""), "title": "提醒", "text": "请核对"},
    "data.messaging.notices.change": lambda w: {"given": NOTICE},
    "data.messaging.notices.draft": lambda w: {"given": NOTICE},
    "data.messaging.notices.one": lambda w: {"notice_id": posted(w)},
    "data.report.reports.start": lambda w: {"order": Order("progress", 2025, False, "inside", "csv", round_id="2025")},
    "data.review.decisions.decide_several": lambda w: {"chosen": (f := w.submit("enterprise")) and {f.id: f.revision}},
    "data.rule.parameters.put": lambda w: {"code": "reminder_days_before", "typed": "30"},
    "data.rule.policies.change": lambda w: {"given": typed()},
    "data.rule.policies.draft": lambda w: {"given": typed()},
    "data.what_if.scenarios.save": lambda w: {"name": "试", "note": "", "policy": Policy(), "trial": scenario(Policy(), {"core_share_bp": 6000})},
}  # fmt: skip


def letter(world: World) -> str:
    """A message to the officer, not yet read."""
    return str(world.store.write(lambda t: messages.send(t, SYSTEM, to=["local-officer"], title="提醒", text="x")))


def posted(world: World) -> str:
    keeper = world.visit("administrator")
    identity = notices.draft(keeper, NOTICE)
    notices.publish(keeper, identity, 1)
    return str(identity)


def called(world: World, name: str, visit: Visit) -> Callable[[], Any]:
    """The writer with what brings it as far as the writing, all of it prepared before anything is taken away."""
    write = WRITERS[name]
    if name in SCOPED:
        filing = world.admit("enterprise") if "correct" in name or "undo" in name else world.submit("enterprise")
        return lambda: SCOPED[name](visit, filing)
    wanted = [
        each.name
        for each in inspect.signature(write).parameters.values()
        if each.default is inspect.Parameter.empty and each.name != "visit"
    ]
    given = dict.fromkeys(wanted, "x") | GIVEN.get(name, {}) | (REACHING[name](world) if name in REACHING else {})
    return lambda: write(visit, **given)


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_permission_taken_away_meanwhile_counts_no_more(world: World, name: str) -> None:
    """The page was opened with it; the role is edited, or the account stopped, before the press comes to the writer."""
    keeper = world.visit("administrator")
    if name in OF_ENTERPRISES:
        visit = world.visit("enterprise")
        press = called(world, name, visit)
        account_admin.set_active(keeper, visit.account_id, False)
    else:
        code = roles.add(keeper, name="全权", permissions=STAFF_MAY, scope="all")
        account_admin.change(keeper, "local-officer", 1, {"role": code})
        visit = world.visit("city")
        press = called(world, name, visit)
        roles.change(keeper, code, 1, permissions=BASE)
    before = len(world.store.facts())
    with pytest.raises(Forbidden, match=r"刚刚有变化|账号已停用"):
        press()
    assert len(world.store.facts()) == before


#: What a role of one district may do.
LOCAL = STAFF_MAY - CITYWIDE
#: Writers that only the whole city's may use ask for that before they write.
WIDE = {"data.enterprise.moves.move", "data.enterprise.mergers.merge", "data.enterprise.mergers.unmerge", "data.enterprise.planned.withdraw"}  # fmt: skip


@pytest.mark.parametrize("how", ["moved to another district", "role of another scope"])
@pytest.mark.parametrize("name", sorted(SCOPED.keys() - OF_ENTERPRISES - WIDE))
def test_a_scope_taken_away_meanwhile_counts_no_more(world: World, name: str, how: str) -> None:
    keeper = world.visit("administrator")
    code = roles.add(keeper, name="全区", permissions=LOCAL, scope="organisation_below")
    account_admin.change(keeper, "local-gxreviewer", 1, {"role": code})
    visit = world.visit("district")
    press = called(world, name, visit)
    if how == "moved to another district":
        account_admin.change(keeper, "local-gxreviewer", 2, {"organisation_id": "HS"})
    else:
        roles.change(keeper, code, 1, scope="own")
    before = len(world.store.facts())
    with pytest.raises(Forbidden, match=r"刚刚有变化|没有此项权限"):
        press()
    assert len(world.store.facts()) == before
