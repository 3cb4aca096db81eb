"""A browser that is too old is told so, by a script it can read; browsers with two engines take the newer one."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from gate import old_browser
from gate.guard import Guard
from ui.base.locale import STRINGS

ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / "gate" / "templates" / "old_browser.js").read_text("utf-8")
HEADS = [file for file in (ROOT / "gate").rglob("*.html") if "<head>" in file.read_text("utf-8")]
RENDERER = '<meta name="renderer" content="webkit">'
ADDRESS = '<script src="/auth/old-browser.js"></script>'
#: What Internet Explorer stops at.
NEWER = re.compile(r"=>|`|\?\.|\?\?|\.\.\.|\b(?:const|let|class|for \w+ of)\b")


@pytest.mark.parametrize("file", HEADS, ids=lambda file: file.name)
def test_every_page_asks_for_the_newer_engine(file: Path) -> None:
    assert RENDERER in file.read_text("utf-8")


def test_the_login_page_and_streamlits_run_the_script_before_anything_else() -> None:
    index = STRINGS["<title>Streamlit</title>"]
    assert RENDERER in index and ADDRESS in index
    login = (ROOT / "gate" / "templates" / "base.html").read_text("utf-8")
    assert login.index("<script") == login.index(ADDRESS) < login.index("<style")


def test_the_script_has_no_word_that_an_old_engine_does_not_know() -> None:
    code = re.sub(r"^ *//.*$", "", SCRIPT, flags=re.M)
    assert NEWER.findall(code) == []
    assert not re.search(r",\s*[)\]}]", code)  # Internet Explorer takes no trailing comma


def test_it_is_served_to_who_has_not_signed_in() -> None:
    site = TestClient(Guard(Starlette(routes=[Mount("/auth", routes=[old_browser.ROUTE])])))
    answer = site.get("/auth/old-browser.js")
    assert answer.text == SCRIPT and answer.headers["content-type"].startswith("text/javascript")
