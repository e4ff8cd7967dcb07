"""What is too long for the automation API is refused before it is read."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.web.problems import Problem

API = "/api/"
MOST = 1_000_000


class Limited:
    """Passes on whatever says that its body has at most a million bytes, or is not for the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the place of the application where nobody should read on."""
        problem = _too_long(scope) if scope["type"] == "http" and scope["path"].startswith(API) else None
        await (problem.answer() if problem else self._app)(scope, receive, send)


def _too_long(scope: Scope) -> Problem | None:
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers:
        return Problem(HTTPStatus.LENGTH_REQUIRED, "no-length", "Send the body in one piece, with its Content-Length.")
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > MOST:
        return Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long", f"A body has at most {MOST:,} bytes: send less at once."
        )
    return None
