"""The page that shows the API, at `/api/docs`: everything it needs comes from here."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.web.headers import PAGE_POLICY

PAGE = Path(__file__).parent / "page"
HEADERS = {"Content-Security-Policy": PAGE_POLICY}
FILES = {
    "/api/docs": ("docs.html", "text/html"), "/api/docs.css": ("docs.css", "text/css"),
    "/api/docs.js": ("docs.js", "text/javascript"), "/api/docs.svg": ("docs.svg", "image/svg+xml"),
}  # fmt: skip


async def _shown(request: Request) -> Response:
    name, kind = FILES[request.scope["path"]]
    return Response((PAGE / name).read_bytes(), headers=HEADERS, media_type=kind)


ROUTES = [Route(path, _shown) for path in FILES]
