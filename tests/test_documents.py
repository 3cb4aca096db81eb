"""What the documents name is there."""

import re
from pathlib import Path

import pytest

from data.store.version import VERSION

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: A file or folder of the project in backticks; what is made at run time or stands for a name is passed over.
NAMED = re.compile(r"`((?:core|data|gate|ui|exports|pages|tests|docs|\.streamlit)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_path_a_document_names_exists(document: Path) -> None:
    named = [path for path in NAMED.findall(document.read_text("utf-8")) if not path.startswith("data/var")]
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_link_to_a_file_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([\w./-]+\.md)\)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_check_sees_a_path_that_is_gone() -> None:
    assert NAMED.findall("see `core/none.py` and `core/rule/`") == ["core/none.py", "core/rule/"]


def test_the_newest_entry_of_the_changelog_is_this_version_and_each_has_its_day() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+（\d{4}-\d\d-\d\d）", heading) for heading in headings)
    assert headings[0].startswith(f"{VERSION}（")
