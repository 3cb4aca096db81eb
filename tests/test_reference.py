"""The generated reference is current, and README and code speak of the same settings."""

import re
from pathlib import Path

import pytest

from docs.generate import FOLDER, pages, settings

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_reference_is_current(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == pages()[name], "run `make reference`"


def test_nothing_else_stands_among_it() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(pages())


def test_each_setting_says_what_it_is() -> None:
    assert [name for name, about in settings() if not about] == []


@pytest.mark.parametrize(
    "file", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda file: file.name
)
def test_what_documents_call_a_setting_is_one(file: Path) -> None:
    named = set(re.findall(r"LIBRARY_[A-Z0-9]+(?:_[A-Z0-9]+)*", file.read_text("utf-8")))
    assert named <= {name for name, _ in settings()}


def test_no_variable_is_read_beside_the_settings() -> None:
    files = [
        file for folder in ("core", "data", "gate", "ui", "exports", "pages") for file in (ROOT / folder).rglob("*.py")
    ]
    read = {
        name
        for file in [*files, ROOT / "app.py"]
        for name in re.findall(r"LIBRARY_[A-Z0-9]+(?:_[A-Z0-9]+)*", file.read_text("utf-8"))
    }
    assert read - {"LIBRARY_OIDC"} <= {name for name, _ in settings()}
