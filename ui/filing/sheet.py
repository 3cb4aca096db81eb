"""What one tab knows of the filing it edits, and how what is typed reaches the store.

A tab's runs overlap: while one waits for its save, the browser's next message starts another on the same session state.
So values travel one way only. A `sweep`, the first thing of every run, reads the widgets, sends what differs from what is
known as stored, and notes exactly what was sent; under a lock, with no call of Streamlit between sending and noting, for
any such call may end the run. No callback carries a value: it may be lost, a widget's state cannot. And no value is
pushed into a widget that is drawn: a message under way still carries the old one, and would look like typing.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from html import escape
from secrets import token_hex
from threading import Lock
from typing import Any, Final

import streamlit as st

from core.base.errors import UserError
from core.filing.cells import GONE, PLACE, before, get, leaves, put, row_name, same
from core.filing.filing import Filing, Saved
from core.filing.model import STEPS, Content, field, row_id
from ui.base.text import clock

_SHEET: Final = "filing.sheet"
_TURN: Final = "filing.turn"


#: As many texts as a person can type before the browser hears of the first.
_TOLD: Final = 40
#: Sets cells, path -> (was, now), of the filing: data.filing.filings.save with its visit and filing.
Save = Callable[..., Saved]


class Sheet:
    """One tab, one filing. `known`: the content as this tab shows it; `unsaved`: path -> what was typed and is not stored."""

    def __init__(self, filing: Filing) -> None:
        self.filing_id = filing.id
        self.known: Content = filing.content
        self.newest: Content = filing.content
        self.revision = filing.revision
        self.saved_at = filing.saved_at
        self.unsaved: dict[str, Any] = {}
        #: path -> what stands there instead of what was typed.
        self.conflicts: dict[str, Any] = {}
        #: What was typed when the filing could no longer be changed.
        self.offered: dict[str, Any] = {}
        #: Values of the step shown that were changed elsewhere since it was drawn.
        self.elsewhere: list[str] = []
        #: path of a list -> (path of a row, the row with its place), every row deleted in this tab.
        self.deleted: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        #: path of a list -> its rows in their order, those deleted among them.
        self._order: dict[str, list[str]] = {}
        self.trouble: UserError | None = None
        self._today, self._standing = date.min, ""
        #: The texts last stored from this tab, path -> value: what the browser may forget.
        self._stored: dict[str, str] = {}
        #: What a press on a row's button came to, said once.
        self._said = ""
        self._open: set[str] = set()
        self._on = ""
        self._turn = 0
        self._swept = 0
        self._drawn: dict[str, tuple[str, ...]] = {}
        #: Widgets of the turn before: what was typed into them while they were replaced is typed all the same.
        self._former: dict[str, tuple[tuple[str, ...], Any]] = {}
        self._lock = Lock()

    # --- what the form shows ---

    def value(self, path: str) -> Any:
        """What a widget starts from: what was typed and is not stored, else what is known."""
        found = self.unsaved.get(path, get(self.known, path))
        return None if found is GONE else found

    def key(self, path: str, *parts: str) -> str:
        """The key of the widget of a cell; of several `parts` that together make its value, that of the last one."""
        keys = tuple(f"cell.{self._turn}.{path}{'.' if part else ''}{part}" for part in (parts or ("",)))
        self._drawn[path] = (*(key for key in self._drawn.get(path, ()) if key not in keys), *keys)
        return keys[-1]

    def here(self, path: str) -> Any:
        """What stands in the cell on the page: in its widget if it is drawn, else what it would start from."""
        keys = self._drawn.get(path, ())
        return _read(keys) if keys and all(key in st.session_state for key in keys) else self.value(path)

    @property
    def content(self) -> Content:
        """The content with what was typed and is not stored."""
        content = self.known
        for path, raw in self.unsaved.items():
            if get(content, path) is not GONE:
                content = put(content, path, raw)
        return content

    def rows(self, path: str) -> list[str]:
        """The paths of the rows of a list, in their order."""
        return [f"{path}.{identity}" for identity in _rows(self.known, path)]

    def stays_open(self, row: str, opens: bool) -> bool:
        """Whether the row stands open: once it does, it stays so while it is filled in."""
        if opens:
            self._open.add(row)
        return row in self._open

    def file_key(self, path: str) -> str:
        """The key of the uploader of a cell of files, which holds no value of its own."""
        return f"file.{self._turn}.{path}"

    def state(self) -> None:
        """What the tab's bar says (ui/base/js/saving.js reads it): how many values are not stored, and when all were."""
        if count := len(self.unsaved):
            words = f"未保存 {count} 项"
        elif self._standing.endswith("/closed"):
            words = "内容只供查看"
        else:
            words = f"已保存 {clock(self.saved_at, self._today)}" if self.saved_at else "输入后自动保存"
        said = {
            "filing": self.filing_id,
            "revision": str(self.revision),
            "state": self._standing,
            "turn": str(self._swept),
            "unsaved": str(count),
            "stored": json.dumps(self._stored, ensure_ascii=False),
            "offered": " ".join(self.offered),
            "conflicts": " ".join(self.conflicts),
        }
        attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in said.items())
        st.html(f'<span class="filing-state" {attributes}>{words}</span>')

    # --- what the runs do ---

    def sweep(self, save: Save) -> None:
        """Send what was typed and is not stored; a refusal is kept in `trouble`, and what was typed in `unsaved`."""
        with self._lock:
            self._swept += 1
            self._send(self._typed(), save)

    def see(self, filing: Filing, step: str, *, today: date, locked: bool) -> None:
        """Take note of the filing as read for this run, which draws `step`."""
        with self._lock:
            self._today, self._standing = today, filing.standing_on(today)
            if filing.revision >= self.revision:  # else read before this tab's own last save
                self.revision, self.newest = filing.revision, filing.content
                self.saved_at = filing.saved_at or self.saved_at
            if locked and self.unsaved:
                self.offered |= self.unsaved
                self.unsaved, self.conflicts, self.trouble = {}, {}, None
            if locked or self._on != step:
                self._show_newest()
                self._open = set()
            if locked:  # nothing more is taken from what was typed into the widgets that are gone
                self._former = {}
            self._on = step
            self.elsewhere = [] if locked else self._changed_elsewhere(step)

    def leave(self, page: str) -> None:
        """The tab shows `page`: coming back to a step draws it from what stands then."""
        if page != self._on:
            self._on = ""

    def refresh(self) -> None:
        """Show what stands now, in new widgets; what was typed and is not stored stays."""
        with self._lock:
            self._show_newest()
            self.elsewhere = []

    def said(self) -> str:
        """What a press on a row's button came to, once; empty where it did what it says."""
        sentence, self._said = self._said, ""
        return sentence

    # --- what buttons do ---

    def confirm(self, save: Save) -> None:
        """The person asks for a save: what stands now is a draft, not a figure in the middle of being typed. Raises UserError."""
        with self._lock:
            self._note({}, save({}, deliberate=True))

    def set(self, path: str, raw: Any, save: Save) -> None:
        """Store a cell that has no widget of its own."""
        with self._lock:
            self._send({path: (self.value(path), raw)}, save)

    def add(self, path: str, start: dict[str, Any], first: bool, save: Save) -> None:
        """A new row in the list at `path`, at its head if `first`."""
        with self._lock:
            self._send(self._typed(), save)
            row = f"{path}.r{token_hex(4)}"
            self._open.add(row)
            self._send_row(row, {**start, PLACE: 0} if first else dict(start), save)

    def delete(self, path: str, save: Save) -> None:
        """Delete the row at `path` with all that stands in it."""
        with self._lock:
            self._send(self._typed(), save)
            row = before(self.known, path)
            within = path.rpartition(".")[0]
            order = self._order.setdefault(within, [])
            for place, each in enumerate(self.rows(within)):
                if each not in order:
                    order.insert(len(order) if place else 0, each)
            if row is not None and not self.trouble and self._send_row(path, None, save):
                self.deleted.setdefault(within, []).append((path, row))

    def restore(self, path: str, save: Save) -> None:
        """Put a deleted row back where it stood."""
        with self._lock:
            within = path.rpartition(".")[0]
            entry = next((entry for entry in self.deleted.get(within, ()) if entry[0] == path), None)
            if entry is None:
                return
            order = self._order[within]
            place = len(set(order[: order.index(path)]) & set(self.rows(within)))
            if self._send_row(path, {**entry[1], PLACE: place}, save):
                self.deleted[within].remove(entry)

    def keep(self, path: str, stands: Any, save: Save) -> None:
        """Of a conflict take what was typed here, if `stands`, which the person saw, still stands there."""
        with self._lock:
            if path not in self.conflicts:
                return
            mine = self.unsaved[path]
            del self.conflicts[path]
            if get(self.newest, path) is not GONE:
                self._send({path: (stands, mine)}, save)
                return
            # The row was deleted elsewhere: it comes back as this tab knew it, with what was typed.
            row = ".".join(path.split(".")[:3])
            known = self.known if get(self.known, row) else put(self.newest, row, {})
            self._send_row(row, before(put(known, path, mine), row), save, gone=True)

    def take(self, path: str) -> None:
        """Of a conflict take what stands."""
        with self._lock:
            self.conflicts.pop(path, None)
            self.unsaved.pop(path, None)
            self._show_newest()
            self._former.pop(path, None)  # of another step it is not drawn

    def put_in(self, save: Save) -> None:
        """What was typed while the filing was locked, now that it can be changed again."""
        with self._lock:
            offered, self.offered = self.offered, {}
            self._send({path: (get(self.known, path), raw) for path, raw in offered.items()}, save)
            self._show_newest()
            self._former = {}

    # --- under the lock ---

    def _typed(self) -> dict[str, tuple[Any, Any]]:
        """path -> (what was known, what stands in its widget)."""
        typed = {}
        for path, (keys, base) in self._former.items():
            if all(key in st.session_state for key in keys) and not same(now := _read(keys), base):
                typed[path] = (base, now)
        # What is not drawn and could not be stored is tried again.
        typed |= {path: (get(self.known, path), raw) for path, raw in self.unsaved.items() if path not in typed}
        for path, keys in self._drawn.items():
            if all(key in st.session_state for key in keys):
                typed[path] = (get(self.known, path), _read(keys))
        return typed

    def _send(self, typed: Mapping[str, tuple[Any, Any]], save: Save) -> bool:
        """Whether all that was typed is stored."""
        changed = {}
        for path, (was, now) in typed.items():
            if same(was, now):
                self.unsaved.pop(path, None)
                self.conflicts.pop(path, None)
            elif path not in self.conflicts or not same(now, self.unsaved.get(path)):
                changed[path] = (was, now)
        if not changed:
            if not self.unsaved:
                self.trouble = None
            return not self.unsaved
        self.unsaved |= {path: now for path, (_, now) in changed.items()}
        try:
            answer = save(changed)
        except UserError as error:
            self.trouble = error
            return False
        self._note(changed, answer)
        return not answer.conflicts

    def _send_row(self, path: str, row: dict[str, Any] | None, save: Save, *, gone: bool = False) -> bool:
        """Whether the row stands as `row` now; `gone`: it is known here, but was deleted elsewhere."""
        was = None if gone else before(self.known, path)
        try:
            answer = save({path: (was, row)})
        except UserError as error:
            self.trouble = error
            return False
        if answer.conflicts:
            self._said = "这一条刚在别处被修改过，没有改动。请点“刷新显示”查看后再决定。"
            return False
        self.trouble = None
        self._note({path: (was, row)}, answer)
        if row is None:  # its widgets are gone with it
            self._drawn = {each: keys for each, keys in self._drawn.items() if not each.startswith(f"{path}.")}
            self.unsaved = {each: raw for each, raw in self.unsaved.items() if not each.startswith(f"{path}.")}
        return True

    def _note(self, sent: Mapping[str, tuple[Any, Any]], answer: Saved) -> None:
        self.trouble = None
        self.revision = max(self.revision, answer.revision)
        self.saved_at = answer.at or self.saved_at
        for path, (_, now) in sent.items():
            if path in answer.conflicts:
                self.conflicts[path] = answer.conflicts[path]
                continue
            self.known = put(self.known, path, now)
            if get(self.newest, path) is not GONE:
                self.newest = put(self.newest, path, now)
            self.unsaved.pop(path, None)
            self.conflicts.pop(path, None)
            if isinstance(now, str):
                self._stored.pop(path, None)
                self._stored[path] = now
        self._stored = dict(list(self._stored.items())[-_TOLD:])

    def _show_newest(self) -> None:
        """New widgets, from the newest content."""
        self._former = {path: (keys, get(self.known, path)) for path, keys in self._drawn.items()}
        self._drawn = {}
        st.session_state[_TURN] = self._turn = st.session_state.get(_TURN, 0) + 1
        self._take_newest(self.newest)

    def _take_newest(self, content: Content) -> None:
        """Know `content`; of what was typed and is not stored, what it was typed over stays known."""
        kept = {path: get(self.known, path) for path in self.unsaved}
        self.known = content
        for path, was in kept.items():
            if was is not GONE and get(self.known, path) is not GONE:
                self.known = put(self.known, path, was)

    def _changed_elsewhere(self, step: str) -> list[str]:
        """Names of what differs from what is shown; what is not drawn is simply taken."""
        mine, theirs = dict(leaves(self.known, step)), dict(leaves(self.newest, step))
        paths = [path for path in {**mine, **theirs} if not same(mine.get(path), theirs.get(path))]
        lists = [f"{step}.{name}" for name in STEPS[step].model_fields if field(STEPS[step], name).row is not None]
        moved = [path for path in lists if _rows(self.known, path) != _rows(self.newest, path)]
        self._take_newest({**self.newest, step: self.known.get(step, {})})
        return sorted({*(path for path in paths if path not in self.unsaved), *moved})


def _rows(content: Content, path: str) -> list[str]:
    found = get(content, path)
    return [row_id(row, place) for place, row in enumerate(found if isinstance(found, list) else ())]


def _read(keys: tuple[str, ...]) -> Any:
    """The value of a cell's widget; of several the choices of all."""
    if len(keys) == 1:
        return st.session_state[keys[0]]
    return [code for key in keys for code in st.session_state[key] or ()]


def sheet_of(filing: Filing) -> tuple[Sheet, Sheet | None]:
    """This tab's sheet of the filing, and that of another one that it held until now."""
    held: Sheet | None = st.session_state.get(_SHEET)
    if held is not None and held.filing_id == filing.id:
        return held, None
    made = st.session_state[_SHEET] = Sheet(filing)
    return made, held


def held() -> Sheet | None:
    """This tab's sheet, None before a step was opened."""
    return st.session_state.get(_SHEET)


def named(sheet: Sheet, path: str) -> str:
    """What the row of a path is called on this tab."""
    return row_name(sheet.content, path) or row_name(sheet.newest, path)


#: Keeps an uploaded file (name, bytes) and answers its address; a function of data, given by the page.
Attach = Callable[[str, bytes], str]
