"""The Chinese frontend: every English snippet is still there, is replaced safely, and is served correctly."""

import gzip
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_gzip_middleware import SelectiveGZipMiddleware
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from ui.base import locale
from ui.base.locale import STRINGS, TITLE, ChineseAssets, translate

STATIC = Path(streamlit.__file__).parent / "static"
SOURCES = {path.name: path.read_bytes() for path in (STATIC / "index.html", *STATIC.glob("static/js/*.js"))}
TRANSLATED = {name: translate(body) for name, body in SOURCES.items()}
CHANGED = sorted(name for name, body in SOURCES.items() if TRANSLATED[name] != body)
INDEX_JS = next(name for name in CHANGED if name.startswith("index.") and name.endswith(".js"))
UNTOUCHED_JS = next(name for name in SOURCES if name.startswith("react-dom."))


def test_every_string_is_in_the_installed_frontend() -> None:
    missing = [old for old in STRINGS if not any(old.encode() in body for body in SOURCES.values())]
    assert not missing, "moved or gone in this Streamlit version:\n" + "\n".join(missing)


def test_none_of_the_strings_is_left() -> None:
    left = [old for old in STRINGS if any(old.encode() in body for body in TRANSLATED.values())]
    assert not left
    assert all(translate(body) == body for body in TRANSLATED.values())


def test_plotly_words_are_texts_of_its_bundle() -> None:
    plotly = next(body for name, body in SOURCES.items() if name.startswith("PlotlyChart.")).decode()
    assert [word for word in locale._PLOTLY_WORDS if f"`{word}`" not in plotly] == []


def test_files_without_a_string_are_returned_as_they_are() -> None:
    assert translate(SOURCES[UNTOUCHED_JS]) is SOURCES[UNTOUCHED_JS]
    assert translate(b"") == b""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("name", [name for name in CHANGED if name.endswith(".js")])
def test_translated_bundle_parses(name: str, tmp_path: Path) -> None:
    module = tmp_path / "bundle.mjs"
    module.write_bytes(TRANSLATED[name])
    checked = subprocess.run(["node", "--check", module], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def raw(client: TestClient, path: str, method: str = "GET", **headers: str) -> tuple[httpx2.Response, bytes]:
    """The response and its body exactly as sent, without the client's own headers or decoding."""
    asked = {"accept-encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
    with client.stream(method, path, headers=asked, follow_redirects=False) as response:
        return response, b"".join(response.iter_raw())


def streamlit_app(*, chinese: bool) -> TestClient:
    """Streamlit's own static files behind its own gzip middleware."""
    files = create_streamlit_static_handler(directory=str(STATIC), base_url=None)
    ours = [Middleware(ChineseAssets)] if chinese else []
    middleware = [*ours, Middleware(SelectiveGZipMiddleware)]
    return TestClient(Starlette(routes=[Mount("/", app=files)], middleware=middleware))


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with streamlit_app(chinese=True) as client:
        yield client


@pytest.fixture(scope="module")
def english() -> Iterator[TestClient]:
    with streamlit_app(chinese=False) as client:
        yield client


def test_bundles_are_translated_and_others_untouched(client: TestClient, english: TestClient) -> None:
    for name in SOURCES.keys() - {"index.html"}:
        response, body = raw(client, f"/static/js/{name}")
        assert body == TRANSLATED[name], name
        assert response.headers["content-length"] == str(len(body))
        if name not in CHANGED:
            assert response.headers == raw(english, f"/static/js/{name}")[0].headers


@pytest.mark.parametrize("path", ["/", "/index.html", "/some-page", "/nested/page"])
def test_index_page_is_chinese(client: TestClient, path: str) -> None:
    response, body = raw(client, path, accept="text/html")
    assert body == TRANSLATED["index.html"]
    assert f"<title>{TITLE}</title>" in body.decode() and '<html lang="zh-CN">' in body.decode()
    assert "without a browser" not in body.decode()
    assert response.headers["content-length"] == str(len(body))
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", [f"/static/js/{INDEX_JS}", "/", "/some-page"])
def test_gzip(client: TestClient, path: str) -> None:
    _, plain = raw(client, path, accept="text/html")
    response, packed = raw(client, path, accept="text/html", accept_encoding="br, gzip;q=0.8")
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-length"] == str(len(packed))
    assert "accept-encoding" in response.headers["vary"].lower()
    assert gzip.decompress(packed) == plain
    response, refused = raw(client, path, accept="text/html", accept_encoding="br, gzip;q=0")
    assert "content-encoding" not in response.headers and refused == plain


@pytest.mark.parametrize("path", [f"/static/js/{INDEX_JS}", "/", "/some-page"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_revalidation(client: TestClient, english: TestClient, path: str, encoding: str) -> None:
    asked = {"accept": "text/html", "accept_encoding": encoding}
    first, _ = raw(client, path, **asked)
    again, body = raw(client, path, if_none_match=f'"other", {first.headers["etag"]}', **asked)
    assert (again.status_code, body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert "content-length" not in again.headers and "content-encoding" not in again.headers
    # A copy that was cached in English must not be confirmed, neither by its tag nor by its date.
    original, _ = raw(english, path, **asked)
    stale = {"if_none_match": original.headers["etag"], "if_modified_since": original.headers["last-modified"]}
    assert raw(client, path, **stale, **asked)[0].status_code == 200
    assert raw(client, path, if_modified_since=stale["if_modified_since"], **asked)[0].status_code == 200


def test_translated_bundles_are_not_immutable(client: TestClient) -> None:
    headers = raw(client, f"/static/js/{INDEX_JS}")[0].headers
    assert headers["cache-control"] == "public, max-age=3600"
    assert "last-modified" not in headers and "accept-ranges" not in headers


@pytest.mark.parametrize("path", [f"/static/js/{INDEX_JS}", f"/static/js/{UNTOUCHED_JS}", "/", "/some-page"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_matches_get(client: TestClient, path: str, encoding: str) -> None:
    asked = {"accept": "text/html", "accept_encoding": encoding}
    head, body = raw(client, path, "HEAD", **asked)
    assert (head.status_code, body) == (200, b"")
    assert head.headers == raw(client, path, **asked)[0].headers


def test_ranges(client: TestClient) -> None:
    whole, body = raw(client, f"/static/js/{INDEX_JS}", range="bytes=0-9")
    assert (whole.status_code, body) == (200, TRANSLATED[INDEX_JS])
    part, body = raw(client, f"/static/js/{UNTOUCHED_JS}", range="bytes=0-9")
    assert (part.status_code, body) == (206, SOURCES[UNTOUCHED_JS][:10])


@pytest.mark.parametrize(
    "path", [f"/static/js/{UNTOUCHED_JS}", "/favicon.png", "/manifest.json", "/static/js/no-such-file.js", "/page/"]
)
def test_other_responses_of_streamlit_are_untouched(client: TestClient, english: TestClient, path: str) -> None:
    for accept_encoding in ("identity", "gzip"):
        ours, our_body = raw(client, path, accept_encoding=accept_encoding)
        theirs, their_body = raw(english, path, accept_encoding=accept_encoding)
        assert (ours.status_code, ours.headers, our_body) == (theirs.status_code, theirs.headers, their_body)
    tag = theirs.headers.get("etag", "")
    ours, theirs = (raw(app, path, if_none_match=tag)[0] for app in (client, english))
    assert (ours.status_code, ours.headers) == (theirs.status_code, theirs.headers)


class SmallApp:
    """A bundle whose version can change, and routes of an application's own; counts what it is asked."""

    def __init__(self) -> None:
        self.etag = '"1"'
        self.asked: Counter[str] = Counter()
        routes = [
            Route("/static/js/a.js", self.bundle),
            Route("/static/js/page.js", self.page),
            Route("/report", self.page),
            Route("/api", self.api, methods=["GET", "POST"]),
        ]
        inner = Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=1)])
        self.client = TestClient(ChineseAssets(inner))

    async def bundle(self, request: Request) -> Response:
        self.asked[request.method] += 1
        body = f"const version = {self.etag}, text = `No results`"
        return Response(body, headers={"etag": self.etag}, media_type="text/javascript")

    async def page(self, request: Request) -> Response:
        return HTMLResponse('<html lang="en"><p>`No results`</p></html>')

    async def api(self, request: Request) -> Response:
        self.asked["api"] += 1
        return PlainTextResponse("`No results`")


def test_a_bundle_is_translated_once_per_version() -> None:
    app = SmallApp()
    for _ in range(3):
        assert app.client.get("/static/js/a.js").text == 'const version = "1", text = `没有匹配项`'
    assert app.asked["GET"] == 1
    app.etag = '"2"'
    assert app.client.get("/static/js/a.js").text == 'const version = "2", text = `没有匹配项`'
    assert app.asked["GET"] == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_routes_of_the_application_are_untouched(method: str) -> None:
    app = SmallApp()
    response, body = raw(app.client, "/api", method, accept="text/html", accept_encoding="gzip")
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == b"`No results`"
    assert app.asked["api"] == 1


@pytest.mark.parametrize("path", ["/report", "/static/js/page.js"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_other_pages_are_untouched(path: str, encoding: str) -> None:
    response, body = raw(SmallApp().client, path, accept="text/html", accept_encoding=encoding)
    assert response.headers["content-length"] == str(len(body))
    plain = gzip.decompress(body) if encoding == "gzip" else body
    assert plain == b'<html lang="en"><p>`No results`</p></html>'
