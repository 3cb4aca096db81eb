"""The route that hands out a log as a CSV file: made on the server for this visit, kept nowhere, noted in the log."""

import csv
import io
from collections.abc import Iterator
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from core import journal
from core.errors import DoorError, Forbidden
from core.spreadsheet import cell
from data import log
from data.store import Row
from gate.guard import visit_of


def _csv(kind: str, parts: Iterator[list[Row]]) -> Iterator[str]:
    """The file in pieces; the mark in front tells spreadsheets that it is UTF-8."""
    yield "\ufeff" + _lines([journal.headings(kind)])
    for rows in parts:
        yield _lines([cell(text) for text in line.values()] for line in journal.table(kind, rows))


def _lines(cells: "Iterator[list[str]] | list[list[str]]") -> str:
    text = io.StringIO()
    csv.writer(text).writerows(cells)
    return text.getvalue()


async def _logs(request: Request) -> Response:
    visit = visit_of(request)
    if visit is None:
        return PlainTextResponse("请先登录", 401)
    asked = request.query_params
    try:
        since, until = journal.day(asked.get("since"), "起始日期"), journal.day(asked.get("until"), "截止日期")
        sought = log.Sought(asked.get("kind", "access"), asked.get("q", ""), asked.get("account", ""), since, until)
        parts = await anyio.to_thread.run_sync(log.export, visit, sought)
    except Forbidden as error:
        log.refused(visit, "log.export", "导出日志")
        return PlainTextResponse(str(error), 403)
    except DoorError as error:
        return PlainTextResponse(str(error), 400)
    name = f"{journal.LOGS[sought.kind]}日志-{visit.store.today}.csv"
    kind = sought.kind
    used = "，".join(part for part in (sought.text, sought.account, f"{since or ''}至{until or ''}" if since or until else "") if part)
    log.downloaded(visit, "export:logs", name, filters=used)
    headers = {
        "content-disposition": f"attachment; filename=\"logs-{kind}.csv\"; filename*=UTF-8''{quote(name)}",
        "cache-control": "private, no-store",
    }
    # Starlette asks a plain iterator for its pieces in a thread: the loop serves others meanwhile.
    return StreamingResponse(_csv(kind, parts), media_type="text/csv; charset=utf-8", headers=headers)


ROUTE = Route("/exports/logs.csv", _logs, methods=["GET"])
