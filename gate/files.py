"""The route that serves attachments: only to those who may see the enterprise they belong to."""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.base.errors import UserError
from data.audit import log
from data.filing import attachments
from gate.guard import visit_of


async def _file(request: Request) -> Response:
    visit = visit_of(request)
    if visit is None:
        return PlainTextResponse("请先登录", 401)
    try:
        path, kept = await anyio.to_thread.run_sync(attachments.open_for, visit, request.path_params["digest"])
    except UserError as error:
        return PlainTextResponse(str(error), 404)
    if request.method == "GET":
        log.downloaded(visit, f"attachment:{kept.id}", kept.name)
    headers = {"content-security-policy": "sandbox", "cache-control": "private, no-store"}
    return FileResponse(path, media_type=kept.kind, filename=kept.name, headers=headers)


ROUTE = Route("/files/{digest}/{name}", _file)
