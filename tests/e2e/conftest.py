"""One running product with the whole sample for all journeys, and a browser on it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import browser as b
from tests.server import Server, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("e2e") / "library") as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with b.chromium() as browser:
        yield browser
