"""The generated reference is current, and README and code speak of the same settings."""

import re

import pytest

from docs.generate import FOLDER, ROOT, pages, settings


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_reference_is_current(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == pages()[name], "run `make reference`"


def test_nothing_else_stands_among_it() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(pages())


def test_each_setting_is_in_the_readme_and_each_of_the_readme_in_the_code() -> None:
    named = set(re.findall(r"LIBRARY_[A-Z0-9]+(?:_[A-Z0-9]+)*", (ROOT / "README.md").read_text("utf-8")))
    assert named == set(settings())
