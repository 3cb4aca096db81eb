"""A tab's sheet: nothing is noted as stored that was not sent, whatever runs overlap and whoever else saves."""

import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from core.base.errors import Unavailable
from core.filing.cells import get, same
from core.filing.filing import Filing, Saved
from data.filing import filings
from tests.world import World, save
from ui.filing import sheet as sheets
from ui.filing.sheet import Sheet

STEP = "technology"
CELLS = [
    f"{STEP}.{name}" for name in ("ip_count", "algorithm_staff", "software_staff", "insured_staff", "insured_masters")
]


def mine(world: World) -> Filing:
    found = filings.mine(world.visit("enterprise"))
    assert found is not None
    return found


class Tab:
    """A browser's tab: what stands in its widgets, its sheet, and its runs."""

    def __init__(self, world: World, widgets: dict[str, Any]) -> None:
        self.world, self.visit, self.widgets = world, world.visit("enterprise"), widgets
        self.sheet = Sheet(mine(world))
        self.delay = 0.0
        #: path -> the last value of this tab that the writer acknowledged, or that it was drawn with.
        self.acknowledged: dict[str, str] = {}
        self.run()
        self.drawn()

    def save(self, cells: Mapping[str, tuple[Any, Any]], *, deliberate: bool = False) -> Saved:
        time.sleep(self.delay)
        answer = filings.save(self.visit, self.sheet.filing_id, cells, deliberate=deliberate)
        self.acknowledged |= {path: now for path, (_, now) in cells.items() if path not in answer.conflicts}
        return answer

    def drawn(self) -> None:
        """New widgets show what stands: a person sees it, and has typed nothing yet."""
        self.acknowledged |= {path: self.shown(path) for path in CELLS if path not in self.sheet.unsaved}

    def type(self, path: str, value: str) -> None:
        self.widgets[self.sheet.key(path)] = value

    def run(self) -> None:
        """As a step's page does: sweep, read the filing, draw its widgets."""
        self.sheet.sweep(self.save)
        filing = mine(self.world)
        self.sheet.see(
            filing, STEP, today=self.world.store.today, locked=not filing.editable_on(self.world.store.today)
        )
        for path in CELLS:
            value = self.sheet.value(path)
            self.widgets.setdefault(self.sheet.key(path), "" if value is None else str(value))

    def shown(self, path: str) -> str:
        return str(self.widgets[self.sheet.key(path)])


@pytest.fixture
def widgets(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Streamlit's session state, one for all tabs: no two turns of a test share a widget's key."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(sheets, "st", SimpleNamespace(session_state=state, html=lambda _: None))
    yield state


def test_what_is_typed_during_a_save_is_not_noted_as_stored_and_is_sent_next(
    world: World, widgets: dict[str, Any]
) -> None:
    tab, asked, go = Tab(world, widgets), Event(), Event()
    sent: list[dict[str, tuple[Any, Any]]] = []

    def slow(cells: Mapping[str, tuple[Any, Any]], *, deliberate: bool = False) -> Saved:
        sent.append(dict(cells))
        asked.set()
        assert go.wait(10)
        return tab.save(cells)

    tab.type(CELLS[0], "1")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(tab.sheet.sweep, slow)
        assert asked.wait(10)
        tab.type(CELLS[0], "12")
        tab.type(CELLS[1], "5")
        second = pool.submit(tab.sheet.sweep, slow)
        time.sleep(0.05)
        assert len(sent) == 1  # the second one waits
        go.set()
        first.result(10)
        second.result(10)
    assert sent[1] == {CELLS[0]: ("1", "12"), CELLS[1]: (None, "5")}
    content = mine(world).content
    assert (get(content, CELLS[0]), get(content, CELLS[1])) == ("12", "5")
    assert not tab.sheet.unsaved


def test_what_the_writer_refuses_stays_and_is_sent_again(world: World, widgets: dict[str, Any]) -> None:
    tab = Tab(world, widgets)

    def refuse(cells: Mapping[str, tuple[Any, Any]], *, deliberate: bool = False) -> Saved:
        raise Unavailable("暂时无法保存")

    tab.type(CELLS[0], "7")
    tab.sheet.sweep(refuse)
    assert tab.sheet.unsaved == {CELLS[0]: "7"}
    assert tab.sheet.trouble is not None
    widgets.clear()  # the person went to another page: the widget is gone
    tab.sheet.sweep(tab.save)
    assert not tab.sheet.unsaved and tab.sheet.trouble is None
    assert get(mine(world).content, CELLS[0]) == "7"


def test_a_filing_as_read_before_an_own_save_is_no_news(world: World, widgets: dict[str, Any]) -> None:
    tab = Tab(world, widgets)
    old = mine(world)
    tab.type(CELLS[0], "3")
    tab.sheet.sweep(tab.save)
    tab.sheet.see(old, STEP, today=world.store.today, locked=False)
    assert tab.sheet.elsewhere == []
    assert tab.sheet.value(CELLS[0]) == "3"


def test_what_is_typed_into_a_widget_that_is_being_replaced_is_typed_all_the_same(
    world: World, widgets: dict[str, Any]
) -> None:
    tab = Tab(world, widgets)
    former = tab.sheet.key(CELLS[0])
    save(tab.visit, mine(world), {CELLS[1]: "99"})
    tab.run()
    assert tab.sheet.elsewhere == [CELLS[1]]
    tab.sheet.refresh()
    widgets[former] = "4"  # was under way
    tab.run()
    assert get(mine(world).content, CELLS[0]) == "4"
    assert tab.shown(CELLS[1]) == "99"


def differences(tab: Tab) -> list[str]:
    """Cells that look stored on this tab and never were; and those that are not now, though nobody is said to have changed them."""
    content = mine(tab.world).content
    shown = {path: tab.shown(path) for path in CELLS if path not in tab.sheet.unsaved}
    lost = [path for path, value in shown.items() if not same(tab.acknowledged[path], value)]
    elsewhere = tab.sheet.elsewhere
    return lost + [
        path for path, value in shown.items() if path not in elsewhere and not same(get(content, path), value)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_shown_as_stored_is_stored(world: World, widgets: dict[str, Any], seed: int) -> None:
    """Two tabs in the same cells, runs that overlap, saves that take long, refusals, refreshes, conflicts answered."""
    chance = random.Random(seed)
    tabs = [Tab(world, widgets), Tab(world, widgets)]
    for _ in range(40):
        tab = chance.choice(tabs)
        runs = []
        with ThreadPoolExecutor(3) as pool:
            for number in range(chance.randint(1, 3)):
                for path in chance.sample(CELLS[:3], chance.randint(0, 2)):
                    tab.type(path, chance.choice(["", "1", "12", str(chance.randint(0, 999))]))
                tab.delay = chance.choice([0, 0.005, 0.02])
                runs.append(pool.submit(tab.sheet.sweep, tab.save))
                time.sleep(chance.choice([0, 0.003]))  # time for it to have read what stands, not to have stored it
                if number and chance.random() < 0.3:
                    other = chance.choice(tabs)
                    runs.append(pool.submit(other.sheet.sweep, other.save))
        for run in runs:
            run.result()
        tab.run()
        assert differences(tab) == []
        if tab.sheet.conflicts and chance.random() < 0.6:
            path = chance.choice(list(tab.sheet.conflicts))
            if chance.random() < 0.5:
                tab.sheet.keep(path, tab.sheet.conflicts[path], tab.save)
            else:
                tab.sheet.take(path)
            tab.run()
            tab.drawn()
        elif tab.sheet.elsewhere and chance.random() < 0.5:
            tab.sheet.refresh()
            tab.run()
            tab.drawn()
        assert differences(tab) == []
    for tab in tabs:
        tab.run()
        assert differences(tab) == []
    world.store.verify()


RIGHT = "technology.ip_rights.a"


def test_a_row_that_was_changed_elsewhere_is_not_deleted_and_that_is_said(
    world: World, widgets: dict[str, Any]
) -> None:
    visit = world.visit("enterprise")
    filings.save(visit, mine(world).id, {RIGHT: (None, {"name": "甲"})})
    tab = Tab(world, widgets)
    filings.save(visit, mine(world).id, {f"{RIGHT}.name": ("甲", "乙")})
    tab.sheet.delete(RIGHT, tab.save)
    tab.sheet.sweep(tab.save)  # the run that the press begins
    assert get(mine(world).content, f"{RIGHT}.name") == "乙"
    assert "没有改动" in tab.sheet.said()
    assert tab.sheet.said() == ""  # once
    tab.run()
    tab.sheet.refresh()
    tab.sheet.delete(RIGHT, tab.save)
    assert get(mine(world).content, RIGHT) is None


def test_a_conflict_can_be_answered_from_another_step(world: World, widgets: dict[str, Any]) -> None:
    tab = Tab(world, widgets)
    save(tab.visit, mine(world), {CELLS[0]: "9"})
    tab.type(CELLS[0], "1")
    tab.sheet.sweep(tab.save)
    assert tab.sheet.conflicts == {CELLS[0]: "9"}
    widgets.clear()
    for step in ("basic", "market"):
        tab.sheet.leave(step)
        tab.sheet.see(mine(world), step, today=world.store.today, locked=False)
    tab.sheet.take(CELLS[0])
    assert (tab.sheet.conflicts, tab.sheet.unsaved) == ({}, {})
    assert tab.sheet.value(CELLS[0]) == "9"


def test_the_browser_is_told_the_texts_last_stored_and_no_more(world: World, widgets: dict[str, Any]) -> None:
    tab = Tab(world, widgets)
    for number in range(60):
        tab.type(CELLS[number % len(CELLS)], str(number))
        tab.sheet.sweep(tab.save)
    assert tab.sheet._stored == {path: str(55 + place) for place, path in enumerate(CELLS)}
    assert len(tab.sheet._stored) <= sheets._TOLD
