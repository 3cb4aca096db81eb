"""The routes beside an open filing page: one takes what was typed when the page itself can no longer send it (at leaving,
after a lost connection), one says how the filing stands.

The browser sends JSON {"filing": id, "cells": {path: {"was": [values it has held], "now": value}}} (ui/base/js/saving.js).
Which of the earlier values is the stored one decides whether the cell is set; the writer asks and compares again.
"""

from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.access.permissions import Permission
from core.base.errors import Forbidden, UserError
from core.filing.cells import get, same
from data.access.visit import Visit
from data.filing import filings
from gate.guard import visit_of


class Typed(BaseModel):
    was: list[str] = Field(min_length=1, max_length=1_000)
    now: str


class Sent(BaseModel):
    filing: str
    cells: dict[str, Typed] = Field(max_length=2_000)


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    from_here = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    return from_here and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _save(visit: Visit, sent: Sent) -> dict[str, Any]:
    visit.check(Permission.FILING_EDIT)
    filing = filings.mine(visit, sent.filing.partition(".")[2] or None)
    content = filing.content if filing is not None and filing.id == sent.filing else {}
    cells: dict[str, tuple[Any, Any]] = {}
    for path, typed in sent.cells.items():
        stored = get(content, path)
        cells[path] = (next((was for was in typed.was if same(stored, was)), typed.was[0]), typed.now)
    saved = filings.save(visit, sent.filing, cells)
    return {"stored": [path for path in cells if path not in saved.conflicts], "conflicts": list(saved.conflicts)}


async def _cells(request: Request) -> Response:
    visit = visit_of(request)
    if visit is None:
        return JSONResponse({"error": "请先登录"}, 401)
    if not _same_origin(request) or not request.headers.get("content-type", "").startswith("application/json"):
        return JSONResponse({"error": "只接受本站页面发来的内容"}, 403)
    try:
        sent = Sent.model_validate_json(await request.body())
    except ValidationError:
        return JSONResponse({"error": "提交的内容无法读取，未保存"}, 400)
    try:
        return JSONResponse(await anyio.to_thread.run_sync(_save, visit, sent), headers={"cache-control": "no-store"})
    except UserError as error:
        return JSONResponse(
            {"error": str(error)}, 403 if isinstance(error, Forbidden) else 409, {"cache-control": "no-store"}
        )


async def _state(request: Request) -> Response:
    """What an open page asks every few seconds, to say so when the filing was submitted, returned or locked elsewhere."""
    visit = visit_of(request)
    if visit is None:
        return JSONResponse({}, 401)
    try:
        revision, state = await anyio.to_thread.run_sync(
            filings.standing, visit, request.query_params.get("filing", "")
        )
    except UserError:
        return JSONResponse({}, 404)
    return JSONResponse({"revision": revision, "state": state}, headers={"cache-control": "no-store"})


ROUTES = [Route("/filing/cells", _cells, methods=["POST"]), Route("/filing/state", _state)]
