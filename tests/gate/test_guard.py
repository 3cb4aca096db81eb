"""The guard around the running server: cold and warm, by HTTP and by raw websocket, for every page and role."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from core.access.roles import PERMISSIONS, SHIPPED
from data.access import sessions
from tests import server
from tests.server import COOKIE, Server
from tests.world import NAMES, PERSONAS, STAFF, World
from ui.base.menu import PAGES

pytestmark = pytest.mark.xdist_group("guard")

#: page name -> (title, permission)
NAMED = {Path(path).stem: (title, permission) for _, path, title, _, permission in PAGES}
EVERY_NAME = (
    "",
    "router",
    "home",
    "pages/router",
    *NAMED,
    *(path for _, path, *_ in PAGES),
    *(f"pages/{path.removesuffix('.py')}" for _, path, *_ in PAGES),
    *(path.removesuffix(".py") for _, path, *_ in PAGES),
)
ENDED = "登录已失效"
HTML = {"accept": "text/html,application/xhtml+xml"}
SPARE = ("leaving", "stolen", "kept", "a", "b", "wandering")


def role(persona: str) -> str:
    return STAFF[persona][1] if persona in STAFF else "enterprise"


def own_name(persona: str) -> str:
    return STAFF[persona][0] if persona in STAFF else NAMES[persona]


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    """The cookie of each persona, and spare sessions of the first enterprise (of the second: "b")."""
    return {}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tokens: dict[str, str]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("guard") / "library"

    def fill(world: World) -> None:
        for name in SPARE:
            account = world.account("other" if name == "b" else "enterprise")
            tokens[name] = sessions.start(world.store, account, way="test", address=None, agent=None)

    tokens |= server.prepare(folder, fill)
    with server.running(folder) as started:
        yield started


def refused(running: Server, token: str | None = None, **headers: str) -> bool:
    """Whether the websocket is turned away before it opens."""
    try:
        running.tab(token, **headers).close()
    except InvalidStatus as answer:
        assert answer.response.status_code == 403
        return True
    return False


def test_a_cold_server_runs_no_page_for_anybody_by_raw_websocket(tmp_path: Path) -> None:
    tokens = server.prepare(tmp_path / "library")
    with server.running(tmp_path / "library") as fresh:
        for warm in (False, True):
            if warm:
                with fresh.tab(tokens["enterprise"]) as tab:
                    assert tab.run("basic").titles == ["基础信息"]
            for name in EVERY_NAME:
                try:
                    tab = fresh.tab()
                except InvalidStatus as answer:
                    assert answer.response.status_code == 403
                    assert not answer.response.body
                else:  # pragma: no cover - only when the guard is broken
                    pytest.fail(f"the stream is open to anybody; {name!r} sends {tab.run(name).text[:500]}")
        assert "Traceback" not in fresh.log.read_text("utf-8")


@pytest.mark.parametrize("path", ["/", *(f"/{name}" for name in NAMED), "/router", "/home", "/nothing/here"])
def test_a_page_asked_for_without_a_session_leads_to_the_sign_in_and_back(running: Server, path: str) -> None:
    with running.client() as browser:
        answer = browser.get(f"{path}?year=2025&view=全部", headers=HTML)
        assert answer.status_code == 303
        to = urlsplit(answer.headers["location"])
        assert to.path == "/auth/login"
        assert urlsplit(parse_qs(to.query)["next"][0]).path == path
        assert "year=2025" in parse_qs(to.query)["next"][0]
        assert browser.get(path).status_code == 401
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            assert browser.request(method, path, headers=HTML).status_code == 401, method


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/media/0123456789abcdef.csv"),
        ("HEAD", "/media/0123456789abcdef.csv"),
        ("PUT", "/_stcore/upload_file/some-session/some-file"),
        ("DELETE", "/_stcore/upload_file/some-session/some-file"),
        ("GET", "/_stcore/metrics"),
        ("GET", "/_stcore/stream"),
        ("POST", "/_stcore/agent/interact"),
        ("GET", "/component/anything/index.html"),
        ("GET", "/_stcore/bidi-components/x/index.js"),
        ("GET", "/app/static/x"),
        ("GET", "//media/0123456789abcdef.csv"),
        ("GET", "/auth"),
        ("GET", "/healthz/"),
        ("GET", "/_STCORE/metrics"),
    ],
)
def test_paths_with_data_are_refused_without_a_session(running: Server, method: str, path: str) -> None:
    with running.client() as browser:
        answer = browser.request(method, running.url + path, content=b"x" if method == "PUT" else None)
        assert answer.status_code == 401
        assert answer.text in ("请先登录", "")


@pytest.mark.parametrize("path", ["/static/../media/x", "/static/%2e%2e/media/x", "/auth/%2e%2e/basic"])
def test_an_open_prefix_opens_nothing_behind_it(running: Server, path: str) -> None:
    with running.client() as browser:
        answer = browser.get(running.url + path)
        assert answer.status_code in (400, 401, 404)


@pytest.mark.parametrize("path", ["/bureau/review", "/app/static/x", "/overview/x", "//bureau/review", "/a/b/c?x=1"])
def test_a_deeper_address_that_is_no_route_leads_home(running: Server, tokens: dict[str, str], path: str) -> None:
    with running.client(tokens["city"]) as browser:
        for method in ("GET", "HEAD"):
            answer = browser.request(method, running.url + path, headers=HTML)
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), method
        assert browser.get(running.url + path, headers={"accept": "*/*"}).status_code != 303
        assert browser.post(running.url + path, headers=HTML).status_code != 303


@pytest.mark.parametrize("path", ["/", "/overview", "/overview/", "/nothing", "/_stcore/health"])
def test_our_own_addresses_are_not_led_away(running: Server, tokens: dict[str, str], path: str) -> None:
    with running.client(tokens["city"]) as browser:
        answer = browser.get(path, headers=HTML)
        assert answer.status_code == 200 or urlsplit(answer.headers["location"]).path == path.rstrip("/")


@pytest.mark.parametrize("path", ["/media/x", "/files/x/y", "/component/x/y", "/_stcore/nothing"])
def test_files_that_are_not_there_keep_their_status(running: Server, tokens: dict[str, str], path: str) -> None:
    with running.client(tokens["city"]) as browser:
        status = browser.get(path, headers={"accept": "*/*"}).status_code
        assert status in (200, 404)
        assert browser.get(path, headers=HTML).status_code == status
    with running.client() as browser:
        assert browser.get(path).status_code == 401


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(("method", "path", "to"), [
    ("GET", "/auth/local", "/auth/login?tab=local"), ("HEAD", "/auth/local", "/auth/login?tab=local"),
    ("GET", "/auth/begin", "/auth/login"), ("GET", "/auth/nothing", "/auth/login"), ("GET", "/auth/a/b", "/auth/login"),
    ("GET", "/auth/", "/auth/login"), ("POST", "/auth/login", "/auth/login"), ("PUT", "/auth/local", "/auth/login?tab=local"),
    ("DELETE", "/auth/x", "/auth/login"),
])  # fmt: skip
def test_a_stray_address_under_auth_leads_to_the_sign_in(
    running: Server, tokens: dict[str, str], method: str, path: str, to: str, signed_in: bool
) -> None:
    with running.client(tokens["city"] if signed_in else None) as browser:
        answer = browser.request(method, path, headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, to)
        assert answer.text == ""


def test_what_must_be_open_is_open(running: Server) -> None:
    with running.client() as browser:
        for path in ("/healthz", "/_stcore/health", "/_stcore/host-config", "/auth/login", "/favicon.png"):
            assert browser.get(path).status_code in (200, 404), path
        assert browser.get("/healthz").json() == {"status": "ok"}
        assert browser.get("/auth/login").status_code == 200


def test_metrics_are_for_the_administrator(running: Server, tokens: dict[str, str]) -> None:
    for persona in PERSONAS:
        with running.client(tokens[persona]) as browser:
            status = browser.get("/_stcore/metrics").status_code
            assert status != 401
            assert (status != 403) == ("system.read" in SHIPPED[role(persona)].permissions), persona


@pytest.mark.parametrize("header", ["x-library-session", "X-Library-Session", "X-LIBRARY-SESSION"])
def test_our_header_from_a_client_signs_nobody_in(running: Server, tokens: dict[str, str], header: str) -> None:
    stolen = {header: sessions.token_id(tokens["city"])}
    assert refused(running, **stolen)
    with running.client() as browser:
        assert browser.get("/basic", headers=stolen | HTML).status_code == 303
        assert browser.get("/media/x", headers=stolen).status_code == 401


def test_our_header_from_a_client_makes_nobody_another(running: Server, tokens: dict[str, str]) -> None:
    for header in ("x-library-session", "X-Library-Session"):
        with running.tab(tokens["enterprise"], **{header: sessions.token_id(tokens["other"])}) as tab:
            shown = tab.run("workbench")
            assert shown.titles == ["工作台"]
            assert "武汉测试智能科技" in shown.text
            assert "武汉另一家" not in shown.text
        with running.tab(tokens["enterprise"], **{header: sessions.token_id(tokens["city"])}) as tab:
            shown = tab.run("review")
            assert shown.titles == []
            assert f"您的账号没有“{PERMISSIONS['filing.read']}”的权限" in shown.text


def test_a_cookie_from_before_the_sign_out_opens_nothing(running: Server, tokens: dict[str, str]) -> None:
    with running.client(tokens["stolen"]) as browser:
        assert browser.get("/basic", headers=HTML).status_code == 200
        answer = browser.get("/auth/logout")
        assert answer.status_code == 303
        assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert refused(running, tokens["stolen"])
    with running.client(tokens["stolen"]) as thief:
        assert thief.get("/basic", headers=HTML).status_code == 303
        assert thief.get("/media/x").status_code == 401
        assert thief.get("/_stcore/metrics").status_code == 401
    with running.tab(tokens["kept"]) as tab:
        assert tab.run("basic").titles == ["基础信息"]  # another session of the same person goes on


def test_an_open_tab_of_an_ended_session_says_only_to_sign_in_again(running: Server, tokens: dict[str, str]) -> None:
    with running.tab(tokens["leaving"]) as tab:
        assert tab.run("basic").titles == ["基础信息"]
        with running.client(tokens["leaving"]) as browser:
            assert browser.get("/auth/logout").status_code == 303
        for name in ("basic", "", "technology", "review"):
            shown = tab.run(name)
            assert not shown.titles
            assert ENDED in shown.text or not shown.text  # soon after, the tab is closed (test_open_tabs)
            assert "武汉" not in shown.text.replace("武汉市人工智能企业培育库", "")


def test_a_websocket_session_is_not_handed_to_another_person(running: Server, tokens: dict[str, str]) -> None:
    with running.tab(tokens["a"]) as tab:
        assert "武汉测试智能科技" in tab.run("basic").text
        first = tab.session_id
        assert first
        # While it is still connected, another takes its id.
        with running.tab(tokens["b"], resume=first) as thief:
            shown = thief.run("basic")
            assert thief.session_id != first
            assert "武汉另一家" in shown.text
            assert "武汉测试智能科技" not in shown.text
        assert tab.run("basic").titles == ["基础信息"]
    time.sleep(0.3)
    with running.tab(tokens["b"], resume=first) as thief:
        shown = thief.run("basic")
        assert thief.session_id != first
        assert "武汉另一家" in shown.text
        assert "武汉测试智能科技" not in shown.text
    with running.tab(tokens["a"], resume=first) as back:
        back.run("basic")
        assert back.session_id == first  # its owner may take it up again


def test_a_resumed_websocket_of_another_session_of_the_same_person_is_new(
    running: Server, tokens: dict[str, str]
) -> None:
    with running.tab(tokens["a"]) as tab:
        tab.run("basic")
        first = tab.session_id
    with running.tab(tokens["wandering"], resume=first) as again:
        assert again.run("basic").titles == ["基础信息"]
        assert again.session_id != first


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "x",
        "武汉".encode().decode("latin-1"),
        "\xff\xfe",
        '"\\377\\000"',
        "a" * 6_000,
        "a=b; library_session",
        "null",
        "../../etc",
        "' OR 1=1 --",
        "0" * 64,
    ],
)
def test_a_nonsense_cookie_is_nobody(running: Server, cookie: str) -> None:
    header = {"cookie": f"{COOKIE}={cookie}".encode("latin-1")}
    with running.client() as browser:
        assert browser.get("/basic", headers=header).status_code == 401
        assert browser.get("/basic", headers=header | {"accept": "text/html"}).status_code == 303
        assert browser.get("/healthz").status_code == 200
    assert refused(running, cookie=header["cookie"].decode("latin-1"))


def test_a_cookie_beyond_all_bounds_leaves_the_server_standing(running: Server) -> None:
    with running.client(cookie=f"{COOKIE}={'a' * 200_000}") as browser:
        try:
            assert browser.get("/basic").status_code in (400, 401, 431)
        except Exception as hung_up:  # the server may also just close the connection
            assert re.search("disconnect|reset|broken", str(hung_up).lower())
    with running.client() as browser:
        assert browser.get("/healthz").status_code == 200


def test_the_session_table_s_own_name_for_a_session_is_no_cookie(running: Server, tokens: dict[str, str]) -> None:
    """Who reads a log or a backup sees the hash of a token; it must not sign anybody in."""
    assert refused(running, sessions.token_id(tokens["city"]))


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_answer_carries_the_security_headers(running: Server, tokens: dict[str, str], signed_in: bool) -> None:
    with running.client(tokens["enterprise"] if signed_in else None) as browser:
        for path in ("/", "/healthz", "/auth/login", "/media/x", "/_stcore/health", "/basic", "/_stcore/metrics"):
            for accept in ("text/html", "*/*"):
                headers = browser.get(path, headers={"accept": accept}).headers
                assert "nosniff" in headers["x-content-type-options"], path
                assert "SAMEORIGIN" in headers["x-frame-options"], path
                assert "same-origin" in headers["referrer-policy"], path
                assert headers["cross-origin-opener-policy"] == "same-origin", path
                assert "camera=()" in headers["permissions-policy"], path
                assert "strict-transport-security" not in headers, path  # reached in the clear here


@pytest.mark.parametrize(
    "path", ["/api/x", "/api", "/print/x", "/exports/x", "/files/x", "/openapi.json", "/metrics", "/docs"]
)
def test_an_address_of_programs_that_is_none_of_ours_is_not_found(
    running: Server, tokens: dict[str, str], path: str
) -> None:
    with running.client(tokens["administrator"]) as browser:
        for accept in ("text/html", "*/*"):
            assert browser.get(path, headers={"accept": accept}).status_code == 404, accept


def test_a_websocket_from_a_foreign_page_is_refused(running: Server, tokens: dict[str, str]) -> None:
    assert refused(running, tokens["enterprise"], origin="http://evil.test")
    assert not refused(running, tokens["enterprise"], origin=running.url)


@pytest.mark.parametrize("persona", PERSONAS)
def test_each_persona_opens_exactly_its_pages(running: Server, tokens: dict[str, str], persona: str) -> None:
    allowed = [title for title, permission in NAMED.values() if permission in SHIPPED[role(persona)].permissions]
    assert allowed
    with running.tab(tokens[persona]) as tab:
        for name, (title, permission) in NAMED.items():
            shown = tab.run(name)
            # The show of a meeting stands alone, without the menu that names the visitor.
            assert (name == "meeting" and shown.titles) or own_name(persona) in shown.text or "张三" in shown.text
            if permission in SHIPPED[role(persona)].permissions:
                assert shown.titles == [title], name
            else:
                # Who may not is told so, and gets nothing of the page.
                assert shown.titles == [], name
                assert f"您的账号没有“{PERMISSIONS[permission]}”的权限" in shown.text, name
                assert all(other not in shown.text for other in NAMES.values() if other != own_name(persona)), name
    with running.client(tokens[persona]) as browser:
        assert browser.get("/", headers=HTML).status_code == 200


@pytest.mark.parametrize("persona", PERSONAS)
def test_no_folder_or_file_name_reaches_a_page_around_the_menu(
    running: Server, tokens: dict[str, str], persona: str
) -> None:
    allowed = {title for title, permission in NAMED.values() if permission in SHIPPED[role(persona)].permissions}
    with running.tab(tokens[persona]) as tab:
        for name in set(EVERY_NAME) - set(NAMED):
            assert set(tab.run(name).titles) <= allowed, name


def test_nothing_went_wrong_in_all_this(running: Server) -> None:
    log = running.log.read_text("utf-8")
    assert "Traceback" not in log
    assert "page error" not in log
