"""Kinds of fact: each that the code appends is declared, worded and labelled; old bodies are read as those of today."""

import ast
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.audit.facts import FACTS
from core.audit.wording import FIELDS
from core.filing.states import ACTIONS
from data.projections import HANDLERS

ROOT = Path(__file__).parents[3]
KIND = re.compile(r"[a-z_]+\.[a-z_]+")
#: What the log never lists: contents and patches are told field by field, the rest points at other facts.
NEVER_SHOWN = {
    "content", "patch", "before", "after", "label", "behind", "of", "decided_at", "decided_by", "admission", "figures",
    "filings", "kept", "parameters", "deliberate",
}  # fmt: skip


def appended() -> dict[str, set[str]]:
    """file -> the kinds that it names where it appends facts."""
    found: dict[str, set[str]] = {}
    for file in [*(ROOT / "data").rglob("*.py"), *(ROOT / "gate").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name not in ("append", "_note", "Event"):
                continue
            kinds = {
                each.value
                for argument in node.args
                for each in ast.walk(argument)
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and KIND.fullmatch(each.value)
            }
            if kinds:
                found.setdefault(file.relative_to(ROOT).as_posix(), set()).update(kinds)
    return found


def test_what_the_code_appends_is_declared() -> None:
    kinds = appended()
    assert len(kinds) > 20 and "data/rule/policies.py" in kinds
    assert {file: names - FACTS.keys() for file, names in kinds.items() if names - FACTS.keys()} == {}


def test_each_projection_and_each_action_is_of_a_declared_kind() -> None:
    assert set(HANDLERS) <= FACTS.keys()
    assert {action.kind for action in ACTIONS.values()} <= FACTS.keys()


@pytest.mark.parametrize("kind", FACTS)
def test_each_is_worded_and_each_of_its_fields_labelled(kind: str) -> None:
    assert FACTS[kind].word and not FACTS[kind].word.isascii()
    fields = {each.alias or name for name, each in FACTS[kind].body.model_fields.items()}
    assert fields - FIELDS.keys() <= NEVER_SHOWN, kind


def test_an_account_of_the_first_days_lies_in_the_organisation_of_its_district() -> None:
    body = FACTS["account.created"].read({"username": "a", "name": "甲", "role": "district_reviewer", "district": "GX"})
    assert body.given == {"username": "a", "name": "甲", "role": "district_reviewer", "organisation_id": "GX"}


def test_a_body_that_is_not_of_its_kind_is_refused() -> None:
    with pytest.raises(ValidationError):
        FACTS["parameter.set"].read({"value": "many"})
    with pytest.raises(ValidationError):
        FACTS["filing.commented"].read({"path": ""})


def test_of_a_change_only_what_changed_is_given() -> None:
    changed = FACTS["role.changed"].read({"name": "新名", "permissions": ["a", "b"]})
    assert changed.joined("permissions", "organisations") == {"permissions": "a,b"}
    assert FACTS["account.changed"].read({"active": False}).given == {"active": False}
