"""The web application: Slack's requests, health and metrics; and where what capabilities add is made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.core import traces
from callboard.core.traces import Spans
from callboard.web.door import LONGEST, Door, Doors, plainly
from callboard.web.headers import Headed, other_methods
from callboard.web.health import Health, Metrics

HEALTH = ("/healthz", "/readyz", "/metrics")
SLACK = "/slack/events"

Serve = Callable[[Request], Awaitable[Response]]
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


class Slack(Protocol):
    """Slack's requests: whether one may be Slack's, by its headers, and the answer to it."""

    async def look(self, request: Request) -> Response | None: ...

    async def serve(self, request: Request) -> Response: ...


class Web:
    """Two applications: one for Slack and whoever looks after this process, one for everything else.

    The other takes a while to import and make, and is made when somebody first asks for it: most processes need none.
    """

    def __init__(self, first: Starlette, other: Callable[[], ASGIApp], spans: Spans) -> None:
        self.first = first
        self._spans = spans
        self._make = other
        self._made: ASGIApp | None = None
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http" or scope["path"].rstrip("/") in (SLACK, *HEALTH):
            await self.first(scope, receive, send)
        else:
            await self._traced(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer under an id of its own. Only the beginning of an address is told: the rest may be a secret."""
        with traces.begun(), self._spans.span(f"{scope['method']} /{_first(scope)}"[:40], first=True):
            await (self._made or await self._other())(scope, receive, send)

    async def _other(self) -> ASGIApp:
        async with self._lock:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
            return self._made


def _first(scope: Scope) -> str:
    """The first part of an address; `OPTIONS *` has an address without a slash."""
    return str(scope["path"]).removeprefix("/").partition("/")[0]


def build(slack: Slack, health: Health, metrics: Metrics, lifespan: Lifespan | None = None) -> Starlette:
    """Make the first application. `slack` answers `POST /slack/events`; `lifespan` starts and stops the rest."""
    routes = [
        Route(SLACK, slack.serve, methods=["POST"]), Route("/healthz", _alive), Route("/readyz", _ready(health)),
        Route("/metrics", _measured(health, metrics)),
    ]  # fmt: skip
    doors = (Door(SLACK, slack.look, longest=LONGEST, always=True), *(Door(path, always=True) for path in HEALTH))
    met = [Middleware(Headed, routes=routes), Middleware(Doors, doors=doors)]

    async def refused(request: Request, _: Exception) -> Response:
        return plainly(HTTPStatus.METHOD_NOT_ALLOWED, other_methods(routes, request.scope))

    handlers = {HTTPStatus.METHOD_NOT_ALLOWED: refused}
    return Starlette(routes=routes, middleware=met, exception_handlers=handlers, lifespan=lifespan)


async def _alive(_: Request) -> Response:
    return PlainTextResponse("alive\n")


def _ready(health: Health) -> Serve:
    async def ready(_: Request) -> Response:
        found = await health.readiness()
        more = {"warning": found.warning, "workspaces": found.workspaces}
        said = {"ready": not found.trouble, "why": found.trouble, **{name: each for name, each in more.items() if each}}
        return JSONResponse(said, 503 if found.trouble else 200)

    return ready


def _measured(health: Health, metrics: Metrics) -> Serve:
    async def measured(_: Request) -> Response:
        metrics.measured(await health.counts(), health.tick_age())
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return measured
