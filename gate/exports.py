"""The routes that hand out lists as CSV files: made on the server for this visit, kept nowhere, noted in the log."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from core.access.permissions import Permission
from core.audit import wording
from core.audit.entry import LogEntry
from core.base import beijing, values
from core.base.errors import Forbidden, Refused, UserError
from core.base.spreadsheet import cell
from core.enterprise import query as enterprise_query
from core.report.model import FILES
from core.what_if import scenario as what_if_scenario
from data.access.visit import Visit
from data.audit import log
from data.enterprise import search as enterprise_search
from data.filing import progress
from data.report import reports
from data.what_if import scenarios, thresholds
from exports import table
from gate.guard import visit_of


def _csv(kind: str, parts: Iterator[list[LogEntry]]) -> Iterator[str]:
    """The file in pieces; the mark in front tells spreadsheets that it is UTF-8."""
    yield "\ufeff" + _lines([wording.headings(kind)])
    for entries in parts:
        yield _lines([cell(text) for text in line.values()] for line in wording.table(kind, entries))


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
        since, until = values.day(asked.get("since"), "起始日期"), values.day(asked.get("until"), "截止日期")
        query = log.Query(asked.get("kind", "access"), asked.get("q", ""), asked.get("account", ""), since, until)
        parts = await anyio.to_thread.run_sync(log.export, visit, query)
    except Forbidden as error:
        log.refused(visit, Permission.LOG_EXPORT, "导出日志")
        return PlainTextResponse(str(error), 403)
    except UserError as error:
        return PlainTextResponse(str(error), 400)
    name = f"{wording.LOGS[query.kind]}日志-{visit.store.today}.csv"
    kind = query.kind
    used = "，".join(
        part for part in (query.text, query.account, f"{since or ''}至{until or ''}" if since or until else "") if part
    )
    log.downloaded(visit, "export:logs", name, filters=used)
    # Starlette asks a plain iterator for its pieces in a thread: the loop serves others meanwhile.
    return StreamingResponse(
        _csv(kind, parts), media_type="text/csv; charset=utf-8", headers=_named(f"logs-{kind}.csv", name)
    )


def _named(plain: str, name: str) -> dict[str, str]:
    """Headers of a file to keep under `name`; `plain` for browsers that read ASCII only."""
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "cache-control": "private, no-store",
    }


def _enterprises(visit: Visit, asked: Mapping[str, str], name: str) -> Any:
    columns = tuple(column for column in asked.get("columns", "").split(",") if column in enterprise_query.COLUMNS)
    return enterprise_search.export(
        visit, enterprise_query.from_address(asked), columns or tuple(enterprise_query.COLUMNS), name
    )


def _progress(visit: Visit, asked: Mapping[str, str], name: str) -> Any:
    return progress.export(
        visit, asked.get("round", ""), asked.get("view", "unfinished"), asked.get("order", "stake"), name
    )


def _what_if(visit: Visit, asked: Mapping[str, str], name: str) -> Any:
    """Who would move in a scenario; every line says 测算."""
    year, bases = asked.get("year", ""), scenarios.bases(visit)
    basis = next((each for each in bases if year == scenarios.named(each)), bases[0] if bases else None)
    if basis is None:
        raise Refused("还没有入库企业的全年数，无法测算。")
    trial, problems = what_if_scenario.read(basis.policy, asked)
    if problems:
        raise Refused("；".join(problems))
    return scenarios.export(visit, basis, trial, name)


#: path -> what the file is called, the permission it asks for, how it is made for a visit from the address.
_LISTS: Final[dict[str, tuple[str, Permission, Callable[[Visit, Mapping[str, str], str], Any]]]] = {
    "enterprises": ("企业信息", Permission.ENTERPRISE_READ, _enterprises),
    "progress": ("未报名单", Permission.PROGRESS_READ, _progress),
    "edges": ("临界企业", Permission.EDGE_READ, thresholds.export),
    "what-if": ("测算", Permission.WHAT_IF_USE, _what_if),
}


async def _list(request: Request) -> Response:
    visit, path = visit_of(request), request.path_params["path"]
    if visit is None:
        return PlainTextResponse("请先登录", 401)
    if path not in _LISTS:
        return PlainTextResponse("没有这个文件", 404)
    word, permission, made = _LISTS[path]
    name = f"{word}-{visit.store.today}.csv"
    try:
        rows = await anyio.to_thread.run_sync(made, visit, dict(request.query_params), name)
    except Forbidden as error:
        log.refused(visit, permission, f"导出{word}")
        return PlainTextResponse(str(error), 403)
    except UserError as error:
        return PlainTextResponse(str(error), 400)
    by = f"{visit.name} {beijing.minute(visit.store.clock())}"
    return Response(table.csv(rows, made=by), media_type="text/csv; charset=utf-8", headers=_named(f"{path}.csv", name))


async def _report(request: Request) -> Response:
    visit = visit_of(request)
    if visit is None:
        return PlainTextResponse("请先登录", 401)
    identity = request.path_params["identity"]
    try:
        file, export = await anyio.to_thread.run_sync(reports.open_for, visit, identity)
    except Forbidden as error:
        log.refused(visit, Permission.REPORT_EXPORT, "下载报表")
        return PlainTextResponse(str(error), 403)
    if request.method == "GET":
        log.downloaded(visit, f"report:{identity}", export.name)
    ending, kind = FILES[export.order.kind][1:]
    return FileResponse(file, media_type=kind, headers=_named(f"report{ending}", export.name))


ROUTES = (
    Route("/exports/logs.csv", _logs, methods=["GET"]),
    Route("/exports/{path}.csv", _list, methods=["GET"]),
    Route("/exports/reports/{identity}", _report, methods=["GET"]),
)
