"""The route that takes what a page could no longer send: whose it is, where it comes from, what it may overwrite."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.server import Server, prepare, running
from tests.world import PERSONAS, World

NAME = "basic.contact_name"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str], str, Path]]:
    """(server, cookies, the filing of "enterprise", the folder)."""
    folder = tmp_path_factory.mktemp("cells") / "library"
    ids: list[str] = []

    def fill(world: World) -> None:
        ids.append(world.save("enterprise").id)

    tokens = prepare(folder, fill)
    with running(folder) as server:
        yield server, tokens, ids[0], folder


def post(server: Server, token: str | None, body: Any, **headers: str) -> httpx2.Response:
    with server.client(token, **headers) as client:
        return client.post("/filing/cells", json=body)


def sent(filing: str, now: str, *was: str, path: str = NAME) -> dict[str, Any]:
    return {"filing": filing, "cells": {path: {"was": list(was), "now": now}}}


def test_a_cell_is_set_when_the_stored_value_is_one_it_has_held(
    place: tuple[Server, dict[str, str], str, Path],
) -> None:
    server, tokens, filing, _ = place
    token = tokens["enterprise"]
    assert post(server, token, sent(filing, "李", "张三")).json() == {"stored": [NAME], "conflicts": []}
    # Typed on from 李, of which the page has not heard yet.
    assert post(server, token, sent(filing, "李四", "张三", "李")).json() == {"stored": [NAME], "conflicts": []}
    assert post(server, token, sent(filing, "李四", "张三", "李")).json()["stored"] == [NAME]  # sent twice
    assert post(server, token, sent(filing, "王五", "张三", "李")).json() == {"stored": [], "conflicts": [NAME]}


@pytest.mark.parametrize("persona", [persona for persona in sorted(PERSONAS) if persona != "enterprise"])
def test_nobody_else_sets_a_cell_of_this_filing(place: tuple[Server, dict[str, str], str, Path], persona: str) -> None:
    server, tokens, filing, _ = place
    answer = post(server, tokens[persona], sent(filing, "入侵", "张三", "李", "李四"))
    assert answer.status_code == 403
    assert "未保存" in answer.json()["error"] or "权限" in answer.json()["error"]


def test_who_is_not_signed_in_is_refused(place: tuple[Server, dict[str, str], str, Path]) -> None:
    server, _, filing, _ = place
    assert post(server, None, sent(filing, "入侵", "张三")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)
def test_another_site_cannot_send_in_a_person_s_name(
    place: tuple[Server, dict[str, str], str, Path], headers: dict[str, str]
) -> None:
    server, tokens, filing, _ = place
    assert post(server, tokens["enterprise"], sent(filing, "入侵", "李四"), **headers).status_code == 403
    with server.client(tokens["enterprise"]) as client:  # what a plain form can send
        answer = client.post("/filing/cells", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"filing": "x"}, 400),
        ({"filing": "x", "cells": {NAME: {"was": [], "now": "1"}}}, 400),
        ({"filing": "x", "cells": {NAME: {"was": ["1"], "now": 1}}}, 400),
        ({"filing": "x", "cells": {NAME: {"was": ["1"], "now": "1"}}}, 403),
        ({"filing": "{filing}", "cells": {"basic.nickname": {"was": [""], "now": "1"}}}, 409),
        ({"filing": "{filing}", "cells": {"nonsense": {"was": [""], "now": "1"}}}, 409),
        ({"filing": "{filing}", "cells": {NAME: {"was": [""], "now": "长" * 700_000}}}, 413),
    ],
)
def test_what_no_page_sends_is_refused(place: tuple[Server, dict[str, str], str, Path], body: Any, status: int) -> None:
    server, tokens, filing, _ = place
    if isinstance(body, dict) and body.get("filing") == "{filing}":
        body = {**body, "filing": filing}
    answer = post(server, tokens["enterprise"], body)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_an_open_page_learns_how_its_filing_stands_and_nothing_of_another(
    place: tuple[Server, dict[str, str], str, Path],
) -> None:
    server, tokens, filing, _ = place

    def ask(token: str | None, named: str) -> httpx2.Response:
        with server.client(token) as client:
            return client.get("/filing/state", params={"filing": named})

    before = ask(tokens["enterprise"], filing).json()
    assert before["state"] == "draft/open"
    post(server, tokens["enterprise"], sent(filing, "13900139001", "", path="basic.operating_address"))
    assert ask(tokens["enterprise"], filing).json()["revision"] >= before["revision"]
    assert ask(None, filing).status_code == 401
    for persona in sorted(PERSONAS):
        if persona != "enterprise":
            assert (ask(tokens[persona], filing).status_code, ask(tokens[persona], filing).json()) == (404, {})
    assert ask(tokens["enterprise"], "nothing").status_code == 404
