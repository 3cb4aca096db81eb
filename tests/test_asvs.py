"""docs/asvs.md answers every section of ASVS 5.0, and names no test that is not there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: chapter -> its sections
SECTIONS = {
    1: 5,
    2: 4,
    3: 7,
    4: 4,
    5: 4,
    6: 8,
    7: 6,
    8: 4,
    9: 2,
    10: 7,
    11: 7,
    12: 3,
    13: 4,
    14: 3,
    15: 4,
    16: 5,
    17: 3,
}
_ROW = re.compile(r"^\| (V\d+\.\d+) \| (.+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def missing(text: str) -> list[str]:
    """What the document leaves out, or names though it is not there."""
    rows = _ROW.findall(text)
    wanted = [f"V{chapter}.{section}" for chapter, most in SECTIONS.items() for section in range(1, most + 1)]
    found = [f"{each}: not answered once" for each in wanted if [point for point, *_ in rows].count(each) != 1]
    for point, how, tests in rows:
        named = _TEST.findall(tests)
        if not named and not (tests == "—" and len(how) > 8):
            found.append(f"{point}: neither a test nor a reason")
        for file, name in named:
            path = ROOT / file
            defined = {
                each.name
                for each in ast.walk(ast.parse(path.read_text("utf-8")) if path.exists() else ast.Module([], []))
                if isinstance(each, ast.FunctionDef)
            }
            if name not in defined:
                found.append(f"{point}: {file}::{name} is not there")
    return found


def test_every_section_is_answered_and_each_named_test_exists() -> None:
    assert missing((ROOT / "docs/asvs.md").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("::test_a_name_is_only_a_name`", "::test_nobody_wrote_this`"), ("| V6.3 |", "| V6.9 |"), ("tests/gate/test_qr.py", "tests/gate/no.py")],
)  # fmt: skip
def test_the_rule_sees_what_is_missing(old: str, new: str) -> None:
    text = (ROOT / "docs/asvs.md").read_text("utf-8")
    assert old in text
    assert missing(text.replace(old, new))
