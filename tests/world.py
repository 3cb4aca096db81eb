"""A small world for tests: a store in a folder, a clock, one open round, and the personas with live sessions."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from core.audit.facts import FACTS
from core.filing import cells
from core.filing.cells import apply
from core.filing.filing import Filing, Saved
from core.filing.model import ROW_ID, Content, identified
from data import projections
from data.access import accounts, sessions
from data.access.visit import Visit
from data.filing import filings
from data.review import decisions
from data.store.store import SYSTEM, Fact, Store, Transaction
from tests.core import samples

#: bcrypt of "Demo2026wh", made once: hashing is slow on purpose.
PASSWORD = "Demo2026wh"
PASSWORD_HASH = "$2b$12$3kn4ZYyDnSCtTM0AKOv7a.grf/X1pal3MRAAQmQ1XzDfgB3XSFZne"
START = datetime(2026, 1, 10, 2, 0)  # 10:00 in Beijing
USCC = {"enterprise": "91420199MA0DEM013C", "other": "91420199MA0DEM0217"}
NAMES = {"enterprise": "武汉测试智能科技有限公司（虚构）", "other": "武汉另一家智能科技有限公司（虚构）"}
STAFF = {
    "district": ("gxreviewer", "district_reviewer", "GX"),
    "other_district": ("hsreviewer", "district_reviewer", "HS"),
    "city": ("officer", "city_officer", None),
    "administrator": ("keeper", "administrator", None),
}
PERSONAS = ("enterprise", "other", *STAFF)


@dataclass
class Clock:
    """Naive UTC that a test moves; each reading is a microsecond later, so that moments are distinct."""

    now: datetime = START

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now


def content_at(store: Store, filing: Filing, moment: datetime) -> Content:
    """The content of a filing at `moment` (naive UTC), folded from its facts and the moves of its enterprise."""
    facts = store.facts(f"filing:{filing.id}", until=moment)
    facts += [
        fact
        for fact in store.facts(f"enterprise:{filing.enterprise_id}", until=moment)
        if fact.kind == "enterprise.moved" and filing.id in fact.body["filings"]
    ]
    stood: Content = {}
    for fact in sorted(facts, key=lambda fact: fact.seq):
        if fact.kind == "filing.opened":
            stood = fact.body["content"]
        elif fact.kind == "filing.saved":
            stood = apply(stood, fact.body["patch"])
        elif fact.kind == "enterprise.corrected":
            stood = cells.put(stood, fact.body["path"], fact.body["after"])
        elif fact.kind == "enterprise.moved":
            stood = apply(stood, {"basic.district": fact.body["district"]})
    return stood


def cells_of(content: Content, patch: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What a tab that shows `content` sends for `patch`, path -> (was, now); of a list of rows those that come, change or go."""
    sent: dict[str, tuple[Any, Any]] = {}
    for path, now in patch.items():
        was = cells.get(content, path)
        about = cells.field_of(path)
        if about is None or about.row is None or len(path.split(".")) > 2:
            sent[path] = (was, now)
            continue
        before, after = identified(was), identified(now)
        kept = {row[ROW_ID] for row in after}
        sent |= {f"{path}.{row[ROW_ID]}": (row, None) for row in before if row[ROW_ID] not in kept}
        known = {row[ROW_ID]: row for row in before}
        for place, row in enumerate(after):
            sent[f"{path}.{row[ROW_ID]}"] = (known.get(row[ROW_ID]), {**row, cells.PLACE: place})
    return sent


def save(visit: Visit, filing: Filing, patch: Mapping[str, Any], *, deliberate: bool = False) -> Saved:
    """Save `patch` (path -> raw value, lists of rows whole) typed into a form that showed `filing`."""
    return filings.save(visit, filing.id, cells_of(filing.content, patch), deliberate=deliberate)


def project(transaction: Transaction, fact: Fact) -> None:
    """As the service does; besides, no fact of a declared kind is appended that is not of its body, whole and no more."""
    if kind := FACTS.get(fact.kind):
        kind.read(fact.body)
        if kind.body.model_config.get("extra") != "allow":
            known = {each.alias or name for name, each in kind.body.model_fields.items()}
            assert set(kind.body.upgraded(fact.body)) <= known, (fact.kind, fact.body)
    projections.project(transaction, fact)


def _begin(store: Store) -> None:
    body = {"year": 2025, "columns": ["full_year"], "opens": "2026-01-05", "closes": "2026-01-31"}
    store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2025", body))
    for username, role, district in STAFF.values():
        accounts.create_local(
            store, username=username, name=username, role=role, organisation_id=district, password_hash=PASSWORD_HASH
        )


@cache
def _blank() -> tuple[Path, datetime]:
    """A library as every test begins with it, and its moment: made once and copied, as its tables take longer than most tests."""
    root = tempfile.TemporaryDirectory(prefix="library-")
    atexit.register(root.cleanup)
    folder, clock = Path(root.name) / "library", Clock()
    with Store(folder, project=project, clock=clock) as store:
        _begin(store)
    return folder, clock.now


@dataclass
class World:
    folder: Path
    clock: Clock = field(default_factory=Clock)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.clock.now == START and not self.folder.exists():
            blank, self.clock.now = _blank()
            shutil.copytree(blank, self.folder)
        self.store = Store(self.folder, project=project, clock=self.clock)
        if self.store.data_version == 0:
            _begin(self.store)

    def account(self, persona: str) -> str:
        if persona in USCC:
            return accounts.enterprise_account(
                self.store, issuer="https://id.test", uscc=USCC[persona], enterprise_name=NAMES[persona], contact="张三"
            )
        return f"local-{STAFF[persona][0]}"

    def token(self, persona: str) -> str:
        """The cookie of this persona's session, opened at first use."""
        if persona not in self.tokens:
            self.tokens[persona] = sessions.start(
                self.store, self.account(persona), way="test", address=None, agent=None
            )
        return self.tokens[persona]

    def visit(self, persona: str) -> Visit:
        visit = sessions.visit_of(self.store, sessions.token_id(self.token(persona)))
        if visit is None:  # the clock was moved past the session's end: another one
            uscc = USCC.get(persona)
            account = accounts.platform_account_id("https://id.test", uscc) if uscc else self.account(persona)
            self.tokens[persona] = sessions.start(self.store, account, way="test", address=None, agent=None)
            visit = sessions.visit_of(self.store, sessions.token_id(self.tokens[persona]))
        assert visit is not None
        return visit

    def save(self, persona: str, content: Content | None = None) -> filings.Filing:
        """Save a complete, clean filing (or `content`) for this enterprise."""
        visit = self.visit(persona)
        filing = filings.mine(visit)
        assert filing is not None
        content = content or samples.clean()
        patch: dict[str, Any] = {
            f"{step}.{name}": raw for step, given in content.items() for name, raw in given.items()
        }
        save(visit, filing, patch, deliberate=True)
        self._explain(visit, filing.id, content.get("explanations", {}))
        return filings.one(visit, filing.id)

    def _explain(self, visit: Visit, filing_id: str, said: Mapping[str, str]) -> None:
        """Explanations given for a check and a cell ("code@path"), said of the values that stand there."""
        if not said:
            return
        found = filings.check(visit, filings.one(visit, filing_id))
        sent = {f"explanations.{each.key}": (None, said[each.place]) for each in found if each.place in said}
        filings.save(visit, filing_id, sent)

    def submit(self, persona: str, content: Content | None = None) -> filings.Filing:
        filing = self.save(persona, content)
        filings.submit(self.visit(persona), filing.id, filing.revision)
        return filings.one(self.visit(persona), filing.id)

    def admit(self, persona: str, content: Content | None = None) -> filings.Filing:
        filing = self.submit(persona, content)
        for reviewer, action in (("district", "pass"), ("city", "admit")):
            decisions.decide(self.visit(reviewer), filing.id, filing.revision, action)
            filing = filings.one(self.visit("city"), filing.id)
        return filing

    def close(self) -> None:
        self.store.close()


WorldMaker = Callable[[], World]
