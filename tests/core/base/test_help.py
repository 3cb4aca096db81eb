"""The manual inside the product: every page of a filer has its words, and no words are of a page that is none."""

from pathlib import Path

from core.access.roles import ENTERPRISE, SHIPPED
from core.base import help
from ui.base.menu import PAGES


def test_every_page_of_a_filer_has_help() -> None:
    mine = {Path(path).stem for _, path, _, _, permission in PAGES if permission in SHIPPED[ENTERPRISE].permissions}
    assert help.pages().keys() == mine


def test_each_is_said_in_a_few_lines() -> None:
    assert all(10 < len(each.text) < 600 for each in help.pages().values())
