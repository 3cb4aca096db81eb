"""The script by which a browser too old for the product says so; every page of ours runs it before anything else."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

_SCRIPT = Path(__file__).parent / "templates" / "old_browser.js"


async def _script(_: Request) -> Response:
    return FileResponse(_SCRIPT, media_type="text/javascript", headers={"cache-control": "max-age=3600"})


ROUTE = Route("/old-browser.js", _script)
