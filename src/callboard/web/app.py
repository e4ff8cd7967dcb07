"""The web application: Slack's requests, health, metrics, and what capabilities add."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.web import api, docs, problems
from callboard.web.door import LONGEST, Door, Doors
from callboard.web.headers import Headed
from callboard.web.health import Health, Metrics
from callboard.web.problems import Problem

HEALTH = ("/healthz", "/readyz", "/metrics")
SLACK = "/slack/events"

Serve = Callable[[Request], Awaitable[Response]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Slack(Protocol):
    """Slack's requests: whether one may be Slack's, by its headers, and the answer to it."""

    async def look(self, request: Request) -> Response | None: ...

    async def serve(self, request: Request) -> Response: ...


def build(
    slack: Slack, health: Health, metrics: Metrics, *, routers: Iterable[APIRouter] = (), doors: Iterable[Door] = (),
    lifespan: Lifespan | None = None,
) -> FastAPI:  # fmt: skip
    """Make the application. `slack` answers `POST /slack/events`; `lifespan` starts and stops the rest of the house.

    `doors` are those of the routers. Whatever has no door takes no body.
    """
    web = FastAPI(
        title="Callboard", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None, redirect_slashes=False,
        lifespan=lifespan,
    )  # fmt: skip
    # Plain routes, without FastAPI's reading of parameters: the first has to be fast.
    web.router.routes[:0] = [
        Route(SLACK, slack.serve, methods=["POST"]),
        Route("/healthz", _alive),
        Route("/readyz", _ready(health)),
        Route("/metrics", _measured(health, metrics)),
        *docs.ROUTES,
    ]
    further = Further(web, routers)
    of_slack = Door(SLACK, slack.look, longest=LONGEST, always=True)
    web.add_middleware(Doors, doors=(of_slack, *(Door(path, always=True) for path in HEALTH), *doors))
    web.add_middleware(Headed, routes=web.routes)
    web.add_middleware(Later, further=further)
    for kind in (HTTPException, RequestValidationError, Problem):
        web.add_exception_handler(kind, problems.answered)
    api.describe(web, further.add)
    return web


class Further:
    """The routes of capabilities, which take a while to make."""

    def __init__(self, web: FastAPI, routers: Iterable[APIRouter]) -> None:
        self._web = web
        self._routers = iter(routers)
        self._lock = threading.Lock()
        self.missing = True

    def add(self) -> None:
        """Make them, if that was not done yet."""
        with self._lock:
            for router in self._routers:
                self._web.include_router(router)
            self.missing = False


class Later:
    """Makes further routes when somebody first asks for what may have one: most processes never need them."""

    def __init__(self, app: ASGIApp, further: Further) -> None:
        self._app = app
        self._further = further

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer once every route is there that may be meant."""
        if self._further.missing and scope["type"] == "http" and scope["path"] not in (SLACK, *HEALTH):
            await asyncio.to_thread(self._further.add)
        await self._app(scope, receive, send)


async def _alive(_: Request) -> Response:
    return PlainTextResponse("alive\n")


def _ready(health: Health) -> Serve:
    async def ready(_: Request) -> Response:
        trouble = await health.trouble()
        return JSONResponse({"ready": not trouble, "why": trouble}, 503 if trouble else 200)

    return ready


def _measured(health: Health, metrics: Metrics) -> Serve:
    async def measured(_: Request) -> Response:
        metrics.measured(await health.counts(), health.tick_age())
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return measured
