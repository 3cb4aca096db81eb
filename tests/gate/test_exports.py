"""The log as a file, from the running server: to whom, what is in it, and that a spreadsheet runs nothing of it."""

import csv
import io
import re
import time
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from core.audit import wording
from data.access import accounts
from data.filing import attachments
from data.store.store import SYSTEM
from tests import server
from tests.server import Server
from tests.world import NAMES, PERSONAS, World

pytestmark = pytest.mark.xdist_group("exports")
PDF = b"%PDF-1.4 x"


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tokens: dict[str, str]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("exports") / "library"

    def fill(world: World) -> None:
        for sign in "=+-@":
            body = {"name": f"{sign}cmd|' /C calc'!A1", "way": sign}
            world.store.write(lambda t, body=body: t.append(SYSTEM, "thing.changed", f"thing:{body['way']}", body))
            world.store.write(lambda t, s=sign: t.append(SYSTEM, "page.opened", "session:x", {"page": f"{s}1+1"}))
        world.store.write(
            lambda t: accounts.register_enterprise(t, SYSTEM, "91420199MA0DEM0999", "=HYPERLINK(1)（虚构）")
        )
        world.save("enterprise"), world.account("other")
        tokens["file"] = attachments.add(world.visit("enterprise"), "证明.pdf", PDF)

    tokens |= server.prepare(folder, fill)
    with server.running(folder) as started:
        yield started


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def log_of(running: Server, tokens: dict[str, str], **asked: str) -> list[dict[str, str]]:
    with running.client(tokens["administrator"]) as client:
        answer = client.get("/exports/logs.csv", params=asked)
    assert answer.status_code == 200, answer.text
    return table(answer.content.decode("utf-8"))


@pytest.mark.parametrize("persona", [name for name in PERSONAS if name != "administrator"])
def test_who_may_not_read_logs_gets_a_sentence_and_is_noted(
    running: Server, tokens: dict[str, str], persona: str
) -> None:
    with running.client(tokens[persona]) as client:
        answer = client.get("/exports/logs.csv?kind=access")
    assert answer.status_code == 403
    assert "没有此项权限" in answer.text
    names = {
        NAMES.get(persona) or {"district": "gxreviewer", "other_district": "hsreviewer", "city": "officer"}[persona]
    }
    refused: set[str] = set()
    for _ in range(50):  # it is noted without waiting
        refused = {row["企业"] or row["账号"] for row in log_of(running, tokens, kind="trouble", q="导出日志")}
        if names & refused:
            break
        time.sleep(0.1)
    assert names & refused


def test_nobody_gets_nothing(running: Server) -> None:
    with running.client() as client:
        answer = client.get("/exports/logs.csv?kind=access")
    assert answer.status_code == 401
    assert "序号" not in answer.text


@pytest.mark.parametrize("kind", wording.LOGS)
def test_a_file_has_chinese_headings_and_its_name(running: Server, tokens: dict[str, str], kind: str) -> None:
    with running.client(tokens["administrator"], accept="text/html") as client:  # as a browser follows the link
        answer = client.get("/exports/logs.csv", params={"kind": kind})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"{wording.LOGS[kind]}日志-" in unquote(answer.headers["content-disposition"])
    text = answer.content.decode("utf-8").removeprefix("\ufeff")
    assert next(csv.reader([text.splitlines()[0]])) == wording.headings(kind)


@pytest.mark.parametrize("kind", ["operations", "access", "changes"])
def test_no_cell_is_a_formula(running: Server, tokens: dict[str, str], kind: str) -> None:
    rows = log_of(running, tokens, kind=kind)
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    if kind != "operations":  # there the name stands behind a label
        assert len([cell for cell in cells if cell[:2] in ("'=", "'+", "'-", "'@")]) >= 4


def test_filters_narrow_the_file(running: Server, tokens: dict[str, str]) -> None:
    rows = log_of(running, tokens, kind="access", account="officer", q="登录")
    assert {(row["账号"], row["事件"]) for row in rows} == {("officer", "登录")}
    assert log_of(running, tokens, kind="access", since="2099-01-01") == []


@pytest.mark.parametrize("asked", ["kind=everything", "kind=access&since=gestern"])
def test_what_cannot_be_understood_is_said(running: Server, tokens: dict[str, str], asked: str) -> None:
    with running.client(tokens["administrator"]) as client:
        answer = client.get(f"/exports/logs.csv?{asked}")
    assert answer.status_code == 400
    assert "日" in answer.text
    assert "Traceback" not in answer.text


def test_nothing_can_be_deleted_or_put(running: Server, tokens: dict[str, str]) -> None:
    with running.client(tokens["administrator"]) as client:
        for method in ("DELETE", "PUT", "POST", "PATCH"):
            assert client.request(method, "/exports/logs.csv").status_code == 405


def test_files_handed_out_are_noted(running: Server, tokens: dict[str, str]) -> None:
    with running.client(tokens["enterprise"]) as client:
        assert client.get(f"/files/{tokens['file']}").content == PDF
    log_of(running, tokens, kind="operations", q="证明")
    rows = log_of(running, tokens, kind="access", q="下载文件")
    assert ("证明.pdf", NAMES["enterprise"]) in {(row["页面或文件"], row["企业"]) for row in rows}
    own = [row for row in rows if row["账号"] == "keeper" and row["说明"] == "证明"]
    assert own and own[0]["页面或文件"].startswith("操作日志-")


# --- the list of who has not filed -----------------------------------------------------------------------


def late_of(running: Server, token: str, **asked: str) -> list[dict[str, str]]:
    with running.client(token) as client:
        answer = client.get("/exports/progress.csv", params={"round": "today", **asked})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "未报名单-" in unquote(answer.headers["content-disposition"])
    return table(answer.content.decode("utf-8"))


def test_the_list_is_as_filtered_no_formula_and_noted(running: Server, tokens: dict[str, str]) -> None:
    rows = late_of(running, tokens["city"], order="name")
    assert {row["企业名称"] for row in rows} == {*NAMES.values(), "'=HYPERLINK(1)（虚构）"}
    assert [row["企业名称"] for row in late_of(running, tokens["city"], view="draft")] == [NAMES["enterprise"]]
    log_of(running, tokens, kind="operations", q="证明")
    noted = [row for row in log_of(running, tokens, kind="access", q="未报名单") if row["账号"] == "officer"]
    assert noted and noted[0]["事件"] == "下载文件"


def test_every_line_of_a_list_says_who_made_it_and_when(running: Server, tokens: dict[str, str]) -> None:
    made = {row["导出人和时间"] for row in late_of(running, tokens["city"])}
    assert len(made) == 1
    assert re.fullmatch(r"officer \d{4}-\d\d-\d\d \d\d:\d\d", made.pop())


def test_a_list_of_a_district_out_of_scope_is_refused_not_empty(running: Server, tokens: dict[str, str]) -> None:
    for path in ("enterprises.csv?district=HS", "edges.csv?district=HS&year=2025"):
        with running.client(tokens["district"]) as client:
            answer = client.get(f"/exports/{path}")
        assert answer.status_code == 403
        assert "“洪山区”不在您的数据范围（东湖高新区）" in answer.text


def test_a_district_gets_its_own_late_ones_only(running: Server, tokens: dict[str, str]) -> None:
    assert [row["企业名称"] for row in late_of(running, tokens["district"])] == [NAMES["enterprise"]]
    assert late_of(running, tokens["other_district"]) == []


@pytest.mark.parametrize(("persona", "asked", "status"), [
    ("enterprise", "round=today", 403), ("administrator", "round=today", 403), ("city", "round=1999", 400), ("city", "round=today&view=all", 400), (None, "round=today", 401),
])  # fmt: skip
def test_the_list_of_the_late_is_not_for_everybody(
    running: Server, tokens: dict[str, str], persona: str | None, asked: str, status: int
) -> None:
    with running.client(tokens[persona] if persona else None) as client:
        answer = client.get(f"/exports/progress.csv?{asked}")
    assert answer.status_code == status
    assert not [name for name in NAMES.values() if name in answer.text]
