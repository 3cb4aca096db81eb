"""Saving what is typed while an earlier save is still under way: nothing is noted as saved that was not sent."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event
from typing import Any

import pytest

from core.base.errors import Unavailable
from core.filing.filing import Saved
from ui.filing import step

AT = datetime(2026, 1, 10)


class Writer:
    """The writer as a tab sees it: refuses a stale revision, and answers when it is let go."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}
        self.revision, self.sent = 0, list[dict[str, Any]]()
        self.asked, self.go = Event(), Event()

    def save(self, revision: int, patch: Mapping[str, Any]) -> Saved:
        assert revision == self.revision, "a tab in conflict with itself"
        self.sent.append(dict(patch))
        self.asked.set()
        assert self.go.wait(10)
        self.stored |= patch
        self.revision += 1
        return Saved(self.revision, AT)


def tab(**typed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    book = step._book("e.2025")
    memory = {"turn": 1, "revision": 0, "raw": {}, "now": dict(typed), "trouble": None, "saved_at": None}
    book["steps"]["technology"] = memory
    return book, memory


def test_what_is_typed_during_a_save_is_not_noted_as_saved_and_is_sent_next() -> None:
    writer = Writer()
    book, memory = tab(ip_count="1")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(step._save_typed, book, "technology", memory, writer.save)
        assert writer.asked.wait(10)
        memory["now"] |= {"ip_count": "12", "algorithm_staff": "5"}  # the callbacks of the second run
        second = pool.submit(step._save_typed, book, "technology", memory, writer.save)
        assert writer.sent == [{"technology.ip_count": "1"}]  # the second one waits
        writer.go.set()
        first.result(10)
        second.result(10)
    assert writer.sent[1] == {"technology.ip_count": "12", "technology.algorithm_staff": "5"}
    assert writer.stored == {"technology.ip_count": "12", "technology.algorithm_staff": "5"}
    assert step._patch("technology", memory) == {}
    assert memory["raw"] == {"ip_count": "12", "algorithm_staff": "5"}


def test_rows_that_change_during_a_save_are_sent_as_they_were_and_then_as_they_are() -> None:
    """A list is one value: what is changed within it while it is on its way must not count as sent."""
    writer = Writer()
    rows = [{"name": "甲"}]
    book, memory = tab(ip_rights=rows)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(step._save_typed, book, "technology", memory, writer.save)
        assert writer.asked.wait(10)
        rows[0]["name"] = "甲乙"
        writer.go.set()
        first.result(10)
    assert memory["raw"]["ip_rights"] == [{"name": "甲"}]
    assert step._patch("technology", memory) == {"technology.ip_rights": [{"name": "甲乙"}]}


def test_a_save_that_fails_notes_nothing_and_lets_the_next_one_through() -> None:
    book, memory = tab(ip_count="1")

    def broken(*_: Any) -> Saved:
        raise Unavailable("数据未能写入磁盘")

    with pytest.raises(Unavailable):
        step._save_typed(book, "technology", memory, broken)
    assert step._patch("technology", memory) == {"technology.ip_count": "1"}
    assert not book["lock"].locked()


def test_the_other_steps_of_the_tab_stay_current() -> None:
    writer = Writer()
    writer.go.set()
    book, memory = tab(ip_count="1")
    other = book["steps"]["basic"] = {"revision": 0, "raw": {}, "now": {"industry": "I65"}, "trouble": None}
    step._save_typed(book, "technology", memory, writer.save)
    step._save_typed(book, "basic", other, writer.save)
    assert writer.sent == [{"technology.ip_count": "1"}, {"basic.industry": "I65"}]
