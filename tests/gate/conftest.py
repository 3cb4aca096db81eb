"""Fixtures for the tests of the gate."""

import time
from types import SimpleNamespace

import pytest

from gate import oidc
from gate.demo import shelf


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Seconds to add to both ends' clocks: `ours`, `theirs`."""
    ahead = SimpleNamespace(ours=0, theirs=0)
    monkeypatch.setattr(oidc, "now", lambda: time.time() + ahead.ours)
    monkeypatch.setattr(shelf, "now", lambda: time.time() + ahead.theirs)
    return ahead
