"""认定依据 outside the app: a page to print and the same text for programs; to whom may see the enterprise, nobody else."""

from datetime import date
from pathlib import Path
from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from core.access.permissions import Permission
from core.base import values
from core.base.errors import Forbidden, Refused, UserError
from core.base.terms import PRODUCT
from core.enterprise import derivation
from core.enterprise.derivation import Card
from data.access.visit import Visit
from data.audit import log
from data.enterprise import derivations
from gate.guard import visit_of

_templates = Jinja2Templates(Path(__file__).parent / "templates")
_HEADERS: Final = {"cache-control": "private, no-store"}


def _asked(visit: Visit, request: Request) -> Card:
    """The card that the address asks for: id, year (the newest there is), as_of (today). Raises UserError."""
    asked = request.query_params
    identity = asked.get("id", "")
    day: date = values.day(asked.get("as_of"), "日期") or visit.store.today
    if "year" in asked:
        if not (asked["year"].isascii() and asked["year"].isdecimal() and len(asked["year"]) == 4):
            raise Refused(f"年度“{asked['year'][:20]}”不是四位年份，请写如 2025。")
        return derivations.card(visit, identity, int(asked["year"]), day)
    known = derivations.years(visit, identity, day)
    if not known:
        raise Refused(f"截至 {day} 没有可以显示的全年数，没有认定依据。请改日期。")
    return derivations.card(visit, identity, next((year for year, forecast in known if not forecast), known[0][0]), day)


async def _print(request: Request) -> Response:
    visit = visit_of(request)
    if visit is None:
        return PlainTextResponse("请先登录", 401)
    try:
        card = await anyio.to_thread.run_sync(_asked, visit, request)
    except Forbidden as error:
        log.refused(visit, Permission.ENTERPRISE_READ, "打印认定依据")
        return PlainTextResponse(str(error), 403, _HEADERS)
    except UserError as error:
        return PlainTextResponse(str(error), 400, _HEADERS)
    log.downloaded(visit, f"enterprise:{card.subject.enterprise_id}", f"认定依据 {card.year}")
    said = {
        "product": PRODUCT,
        "card": card,
        "verdict": derivation.verdict,
        "today": visit.store.today,
        "who": visit.name,
    }
    return _templates.TemplateResponse(request, "derivation.html", said, headers=_HEADERS)


async def _api(request: Request) -> Response:
    visit = visit_of(request)
    if visit is None:
        return JSONResponse({"error": "请先登录"}, 401, _HEADERS)
    try:
        card = await anyio.to_thread.run_sync(_asked, visit, request)
    except Forbidden as error:
        log.refused(visit, Permission.ENTERPRISE_READ, "接口：认定依据")
        return JSONResponse({"error": str(error)}, 403, _HEADERS)
    except UserError as error:
        return JSONResponse({"error": str(error)}, 400, _HEADERS)
    log.downloaded(visit, f"enterprise:{card.subject.enterprise_id}", f"认定依据 {card.year}（接口）")
    return JSONResponse(derivation.document(card), headers=_HEADERS)


ROUTES = (Route("/print/derivation", _print, methods=["GET"]), Route("/api/derivation", _api, methods=["GET"]))
