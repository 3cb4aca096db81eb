"""Fixtures of the page tests: the gate is bound to the test's world."""

from collections.abc import Iterator

import pytest

import gate
from tests.world import World


@pytest.fixture(autouse=True)
def bound(world: World) -> Iterator[None]:
    gate.bind(world.store)
    yield
    gate.bind(None)
