"""认定依据 as print and for programs, and the export of a trial, from the running server: to whom, and the same text in both."""

from collections.abc import Iterator
from html import unescape

import pytest

from core.rule.policy import shipped
from data.enterprise import derivations
from data.filing import filings
from tests import server
from tests.core import samples
from tests.data.directory.test_classified import full
from tests.server import Server
from tests.world import PERSONAS, World

pytestmark = pytest.mark.xdist_group("derivation")
#: Who may see "enterprise", which lies in GX; itself, its round being open, may not yet.
MAY = {"district", "city", "administrator"}
PATHS = ("/print/derivation", "/api/derivation")


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tokens: dict[str, str]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("derivation") / "library"

    def fill(world: World) -> None:
        tokens["year"] = str(world.store.today.year)
        content = samples.put(samples.clean(), {"business.years": [full("1000", "450", "450", year=tokens["year"])]})
        filing = world.admit("enterprise", content)
        tokens["id"] = filing.enterprise_id
        tokens["filing"] = filing.id
        tokens["sentences"] = "\n".join(
            test.sentence
            for test in derivations.card(
                world.visit("city"), filing.enterprise_id, world.store.today.year, world.store.today
            ).derivation.tests
        )
        assert filings.one(world.visit("city"), filing.id).state == "admitted"

    tokens |= server.prepare(folder, fill)
    with server.running(folder) as started:
        yield started


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("persona", PERSONAS)
def test_who_may_see_the_enterprise_gets_its_card_and_nobody_else(
    running: Server, tokens: dict[str, str], persona: str, path: str
) -> None:
    with running.client(tokens[persona], accept="text/html") as client:
        answer = client.get(f"{path}?id={tokens['id']}&year={tokens['year']}")
    if persona in MAY:
        assert answer.status_code == 200, answer.text
        for sentence in tokens["sentences"].splitlines():
            assert sentence in unescape(answer.content.decode("utf-8"))
        assert answer.headers["cache-control"] == "private, no-store"
    else:
        assert answer.status_code in (400, 403) if persona == "enterprise" else answer.status_code == 403
        assert "450" not in answer.text
        assert "元" not in answer.text


@pytest.mark.parametrize("path", [*PATHS, "/exports/what-if.csv"])
def test_nobody_gets_nothing(running: Server, tokens: dict[str, str], path: str) -> None:
    with running.client() as client:
        answer = client.get(f"{path}?id={tokens['id']}")
    assert answer.status_code == 401
    assert "元" not in answer.text


def test_the_answer_for_programs_has_every_part(running: Server, tokens: dict[str, str]) -> None:
    with running.client(tokens["city"]) as client:
        answer = client.get(f"/api/derivation?id={tokens['id']}").json()
    assert answer["year"] == int(tokens["year"])
    assert answer["amounts_yuan"]["ai_revenue"] == 4_500_000
    assert [test["verdict"] for test in answer["tests"]] == ["满足", "不满足", "不满足", "满足", "说明"]
    assert answer["result"]["directory_tier"] == "related_software"
    assert answer["result"]["counted_output"] == 5_000_000
    assert answer["policy"]["version"] == shipped()[-1].version
    assert len(answer["readings"]) == 3
    assert "预判" in answer["basis"]
    assert all(test["clause"] for test in answer["tests"])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("year=ten", "四位年份"),
        ("year=2025&as_of=gestern", "不是日期"),
        ("year=2025&as_of=2999-01-01", "今天"),
        ("as_of=1999-01-01", "今天"),
    ],
)
def test_what_cannot_be_answered_is_said(
    running: Server, tokens: dict[str, str], path: str, asked: str, words: str
) -> None:
    with running.client(tokens["city"]) as client:
        answer = client.get(f"{path}?id={tokens['id']}&{asked}")
    assert answer.status_code == 400
    assert words in (answer.json()["error"] if path.startswith("/api") else answer.text)


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_enterprise_is_refused(running: Server, tokens: dict[str, str], path: str) -> None:
    with running.client(tokens["city"]) as client:
        assert client.get(f"{path}?id=nothing&year={tokens['year']}").status_code == 403
        assert client.get(path).status_code == 403
        assert client.post(f"{path}?id={tokens['id']}").status_code == 405


def test_what_was_printed_and_who_was_refused_is_in_the_log(running: Server, tokens: dict[str, str]) -> None:
    with running.client(tokens["district"]) as client:
        client.get(f"/print/derivation?id={tokens['id']}&year={tokens['year']}")
    with running.client(tokens["other_district"]) as client:
        client.get(f"/print/derivation?id={tokens['id']}&year={tokens['year']}")
    with running.client(tokens["administrator"]) as client:
        access = client.get("/exports/logs.csv?kind=access&q=认定依据").content.decode("utf-8")
        trouble = client.get("/exports/logs.csv?kind=trouble&q=打印认定依据").content.decode("utf-8")
    assert "gxreviewer" in access
    assert "hsreviewer" in trouble


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_export_of_a_trial_says_so_in_every_line_and_keeps_to_the_scope(
    running: Server, tokens: dict[str, str], persona: str
) -> None:
    with running.client(tokens[persona]) as client:
        answer = client.get("/exports/what-if.csv?core_share_bp=4000")
    text = answer.content.decode("utf-8")
    if persona in ("enterprise", "other"):
        assert answer.status_code == 403
    else:
        assert answer.status_code == 200
        lines = text.removeprefix("\ufeff").strip().splitlines()
        assert len(lines) == (1 if persona == "other_district" else 2)
        assert all(line.startswith(f"测算，{tokens['year']}年预判，不是统计结果") for line in lines[1:])


def test_an_export_of_what_cannot_be_read_says_so(running: Server, tokens: dict[str, str]) -> None:
    with running.client(tokens["city"]) as client:
        answer = client.get("/exports/what-if.csv?core_share_bp=many")
    assert answer.status_code == 400
    assert "不能识别" in answer.text
