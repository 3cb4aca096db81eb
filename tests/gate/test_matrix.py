"""The gate as a table: every page × persona × way in; each refused or allowed exactly as the permissions say.

The table is `SHIPPED` roles × `PAGES`; the ways are the functions below. A way answers with the titles that reached
the browser, or None when the connection was refused.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus

from core.access.roles import PERMISSIONS, SHIPPED
from data.access import sessions
from data.filing import attachments
from data.store.store import SYSTEM
from tests import server
from tests.server import COOKIE, Server, Tab
from tests.world import NAMES, PERSONAS, STAFF, World
from ui.base.menu import PAGES

pytestmark = pytest.mark.xdist_group("matrix")

NOBODY = "nobody"
EVERYBODY = (*PERSONAS, NOBODY)
HTML = {"accept": "text/html,application/xhtml+xml"}
PDF = b"%PDF-1.7 fictional"
#: page -> (title, permission)
NAMED = {Path(path).stem: (title, permission) for _, path, title, _, permission in PAGES}
#: who may open 证明材料 of "enterprise": itself, its district (GX), the city
READERS = {"enterprise", "district", "city"}


def permissions(persona: str) -> frozenset[str]:
    if persona == NOBODY:
        return frozenset()
    return SHIPPED[STAFF[persona][1] if persona in STAFF else "enterprise"].permissions


def allowed(persona: str, page: str) -> bool:
    return NAMED[page][1] in permissions(persona)


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    """The cookie of each persona; "address" is that of the attachment."""
    return {}


def attach(world: World, tokens: dict[str, str]) -> None:
    """One file of "enterprise", shown with its filing to the district GX."""
    tokens["address"] = attachments.add(world.visit("enterprise"), "证明.pdf", PDF)
    filing = world.save("enterprise")
    world.store.write(lambda t: t.append(SYSTEM, "filing.submitted", filing.subject, {}))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tokens: dict[str, str]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("matrix") / "library"
    tokens |= server.prepare(folder, lambda world: attach(world, tokens))
    with server.running(folder) as started:
        yield started


def by_hash(tab: Tab, page_hash: str) -> list[str]:
    """Ask for a page by its hash, as the menu of the browser does."""
    message = BackMsg()
    message.rerun_script.page_script_hash = page_hash
    return tab.ask(message).titles


# --- the ways in -----------------------------------------------------------------------------------------


def by_name(running: Server, tokens: dict[str, str], persona: str, page: str) -> list[str]:
    with running.tab(tokens.get(persona)) as tab:
        shown = tab.run(page)
        if not shown.titles:
            assert f"您的账号没有“{PERMISSIONS[NAMED[page][1]]}”的权限" in shown.text
            assert not [name for name in NAMES.values() if name in shown.text and name != NAMES.get(persona)]
        return shown.titles


def by_page_hash(running: Server, tokens: dict[str, str], persona: str, page: str) -> list[str]:
    with running.tab(tokens.get(persona)) as tab:
        tab.run("")
        return by_hash(tab, tab.hashes[page])


def by_page_hash_first_of_all(running: Server, tokens: dict[str, str], persona: str, page: str) -> list[str]:
    with running.tab(tokens["city"]) as other:
        other.run("")
    with running.tab(tokens.get(persona)) as tab:
        return by_hash(tab, other.hashes[page])


def from_another_page(running: Server, tokens: dict[str, str], persona: str, page: str) -> list[str]:
    """In a tab that has been elsewhere, as st.switch_page leads from one page to the next."""
    with running.tab(tokens.get(persona)) as tab:
        tab.run("profile")
        return tab.run(page).titles


def with_spoofed_headers(running: Server, tokens: dict[str, str], persona: str, page: str) -> list[str]:
    """One's own cookie, and headers that name everybody who may."""
    holder = next(other for other in PERSONAS if allowed(other, page))
    identity = sessions.token_id(tokens[holder])
    headers = {
        "x-library-session": identity,
        "x-forwarded-user": holder,
        "remote-user": holder,
        "authorization": f"Bearer {identity}",
    }
    with running.tab(tokens.get(persona), **headers) as tab:
        return tab.run(page).titles


def with_a_borrowed_session_id(running: Server, tokens: dict[str, str], persona: str, page: str) -> list[str]:
    """One's own cookie, and the Streamlit session id of somebody who has the page open."""
    holder = next((other for other in PERSONAS if allowed(other, page) and other != persona), "city")
    with running.tab(tokens[holder]) as owner:
        assert bool(owner.run(page).titles) == allowed(holder, page)
        with running.tab(tokens.get(persona), resume=owner.session_id) as tab:
            shown = tab.run(page)
            assert tab.session_id != owner.session_id
            others = [name for who, name in NAMES.items() if who != persona]
            if not allowed(persona, page):
                assert not [name for name in others if name in shown.text]
            return shown.titles


WAYS: tuple[Callable[[Server, dict[str, str], str, str], list[str]], ...] = (
    by_name,
    by_page_hash,
    by_page_hash_first_of_all,
    from_another_page,
    with_spoofed_headers,
    with_a_borrowed_session_id,
)


def through(way: Callable[..., list[str]], *given: object) -> list[str] | None:
    try:
        return way(*given)
    except InvalidStatus as answer:
        assert answer.response.status_code == 403
        return None


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("persona", EVERYBODY)
def test_a_page_opens_for_those_who_may_and_for_nobody_else(
    running: Server, tokens: dict[str, str], persona: str, way: Callable[..., list[str]]
) -> None:
    found = {page: through(way, running, tokens, persona, page) for page in NAMED}
    refusal = None if persona == NOBODY else []
    assert found == {page: [title] if allowed(persona, page) else refusal for page, (title, _) in NAMED.items()}


@pytest.mark.parametrize("persona", EVERYBODY)
def test_a_cold_server_decides_no_differently(tmp_path: Path, persona: str) -> None:
    """The first thing a fresh process hears is a page that this person may not open."""
    tokens = server.prepare(tmp_path / "library")
    with server.running(tmp_path / "library") as cold:
        for page in sorted(NAMED, key=lambda page: allowed(persona, page)):
            expected = [NAMED[page][0]] if allowed(persona, page) else None if persona == NOBODY else []
            assert through(by_name, cold, tokens, persona, page) == expected, page


@pytest.mark.parametrize("persona", EVERYBODY)
def test_a_direct_address_shows_the_empty_shell_or_the_sign_in(
    running: Server, tokens: dict[str, str], persona: str
) -> None:
    with running.client(tokens.get(persona)) as browser:
        for page in NAMED:
            answer = browser.get(f"/{page}", headers=HTML)
            assert answer.status_code == (303 if persona == NOBODY else 200), page
            assert not [name for name in NAMES.values() if name in answer.text]


@pytest.mark.parametrize("persona", EVERYBODY)
def test_an_attachment_opens_for_its_owner_and_those_who_oversee_it(
    running: Server, tokens: dict[str, str], persona: str
) -> None:
    with running.client(tokens.get(persona)) as browser:
        answer = browser.get(f"/files/{tokens['address']}")
        if persona in READERS:
            assert (answer.status_code, answer.content) == (200, PDF)
        else:
            assert answer.status_code == (401 if persona == NOBODY else 404)
            assert PDF not in answer.content


@pytest.mark.parametrize("persona", EVERYBODY)
def test_media_and_metrics(running: Server, tokens: dict[str, str], persona: str) -> None:
    with running.client(tokens.get(persona)) as browser:
        assert browser.get("/media/nothing.png").status_code == (401 if persona == NOBODY else 404)
        expected = 200 if "system.read" in permissions(persona) else 401 if persona == NOBODY else 403
        assert browser.get("/_stcore/metrics").status_code == expected


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_cookie_stolen_before_the_sign_out_opens_no_page(tmp_path: Path, persona: str) -> None:
    tokens = server.prepare(tmp_path / "library")
    with server.running(tmp_path / "library") as fresh:
        with fresh.client(tokens[persona]) as browser:
            assert browser.get("/auth/logout").status_code == 303
        for page in NAMED:
            assert through(by_name, fresh, tokens, persona, page) is None, page
        with fresh.client(cookie=f"{COOKIE}={tokens[persona]}") as thief:
            assert thief.get("/profile", headers=HTML).status_code == 303
            assert thief.get("/_stcore/metrics").status_code == 401
