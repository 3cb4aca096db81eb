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
from core.base.errors import Forbidden, Refused
from core.filing.filing import Filing
from data.access.visit import Visit
from data.enterprise import mergers, moves, planned
from data.filing import attachments, filings, rounds
from data.review import comments, corrections, decisions
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
