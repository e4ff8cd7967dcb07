"""What every answer has in its headers; and HEAD, OPTIONS and a slash too many, the same at every address."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.core.words import joined

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE_POLICY = f"{POLICY}; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
"""For a page of ours: everything it needs comes from here."""
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""What an answer has unless it says otherwise itself."""
LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
SOON = {"Retry-After": "5"}
"""What an answer has that asks to come again, and does not say when."""


class Headed:
    """Puts the headers on whatever the application answers. `routes` is where it looks up what an address takes."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, asked = scope["method"], {**scope, "path": scope["path"].rstrip("/") or "/"}
        if method == "HEAD":
            asked["method"] = "GET"

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in (ALWAYS | (SOON if message["status"] in LATER else {})).items():
                    headers.setdefault(name, value)
                if message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
                    headers["Allow"] = ", ".join(self._taken(asked))
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        if method == "OPTIONS" and (taken := self._taken(asked)):
            await Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": ", ".join(taken)})(asked, receive, sent)
        else:
            await self._app(asked, receive, sent)

    def _taken(self, scope: Scope) -> list[str]:
        """The methods that an address takes; none where there is nothing."""
        found = _methods(self._routes, scope)
        return [*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"] if found else []


def other_methods(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """What to send instead of a method that an address does not take."""
    return f"This address takes {joined(_methods(routes, scope), word='or')}, not {scope['method'][:20]}."


def _methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    return [method for method in METHODS if any(_takes(route, scope, method) for route in routes)]


def _takes(route: BaseRoute, scope: Scope, method: str) -> bool:
    return route.matches({**scope, "method": method})[0] is Match.FULL
