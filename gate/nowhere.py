"""Addresses of programs that are none of ours: 404, where Streamlit would answer its empty shell with 200."""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_PATHS: Final = (
    *(f"/{name}{rest}" for name in ("api", "print", "exports", "files") for rest in ("", "/{rest:path}")),
    *("/docs", "/redoc", "/openapi.json", "/swagger.json", "/graphql", "/metrics"),
)
#: Only reading: to another method on an address of ours the answer is that it is not allowed there (405).
_METHODS: Final = ["GET", "HEAD"]


async def _nowhere(_: Request) -> Response:
    return PlainTextResponse("没有这个地址", 404, {"cache-control": "no-store"})


#: To stand after the routes that are there.
ROUTES: Final = tuple(Route(path, _nowhere, methods=_METHODS) for path in _PATHS)
