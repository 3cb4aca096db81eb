"""The scripts of the browser side, as files: whole, in the index page, and nowhere written into Python."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ui.base.locale import STRINGS
from ui.base.scripts import SCRIPTS

ROOT = Path(__file__).parents[3]
FILES = sorted(file for folder in ("ui", "gate") for file in (ROOT / folder).rglob("*.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_script_is_sound(file: Path) -> None:
    node = shutil.which("node")
    if node is None and not os.environ.get("LIBRARY_REQUIRE_BROWSER"):
        pytest.skip("node is not installed")
    answer = subprocess.run([node or "node", "--check", str(file)], check=False, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def test_every_script_stands_in_the_index_page() -> None:
    ours = [file for file in FILES if file.is_relative_to(ROOT / "ui")]
    assert ours and all(file.read_text("utf-8") in SCRIPTS for file in ours)
    assert sum(SCRIPTS in text for text in STRINGS.values()) == 1
    assert "</script" not in SCRIPTS


def test_no_script_is_written_into_python() -> None:
    written = re.compile(r"addEventListener\(|document\.querySelector|setInterval\(")
    found = [
        file
        for folder in ("core", "data", "gate", "ui", "pages")
        for file in (ROOT / folder).rglob("*.py")
        if written.search(file.read_text("utf-8"))
    ]
    assert found == []
