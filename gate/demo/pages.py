"""The pages of a demonstration platform: its templates, its style, and the headers they go out with."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

TEMPLATES: Final = Path(__file__).parent / "templates"
_POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class Pages:
    """`folder`: the platform's own templates and style, beside those both share."""

    def __init__(self, folder: str) -> None:
        self.templates = Jinja2Templates([TEMPLATES / folder, TEMPLATES])
        self.templates.env.trim_blocks = self.templates.env.lstrip_blocks = True
        sheets = {"/style.css": TEMPLATES / folder / "style.css", "/form.css": TEMPLATES / "form.css"}
        self.routes = [Route(path, _sheet(file)) for path, file in sheets.items()]

    def show(self, request: Request, template: str, status: int = 200, *, script: str = "", **context: Any) -> Response:
        """`script`: the one inline script that this page may run, allowed by its hash."""
        policy = _POLICY
        if script:
            digest = b64encode(sha256(script.encode()).digest()).decode()
            policy += f"; script-src 'sha256-{digest}'; connect-src 'self'"
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy,
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
        context |= {"base": request.scope["root_path"], "script": script}
        context.setdefault("transaction", "")
        return self.templates.TemplateResponse(request, template, context, status, headers)

    def message(
        self, request: Request, title: str, sentence: str, status: int = 200, *, back: tuple[str, str] | None = None
    ) -> Response:
        """One sentence; `back`: where to go from here, address and words."""
        return self.show(
            request, "message.html", status, title=title, sentence=sentence, back=back or ("/", "返回培育库")
        )


def _sheet(file: Path) -> Any:
    async def sheet(_: Request) -> Response:
        return FileResponse(file, headers={"Cache-Control": "max-age=300"})

    return sheet
