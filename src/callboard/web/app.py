"""The web application: Slack's requests, health, metrics, and what capabilities add."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.web import api, problems
from callboard.web.health import Health, Metrics
from callboard.web.problems import API, Problem

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


Serve = Callable[[Request], Awaitable[Response]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build(
    slack: Serve, health: Health, metrics: Metrics, *, routers: Iterable[APIRouter] = (),
    lifespan: Lifespan | None = None,
) -> FastAPI:  # fmt: skip
    """Make the application. `slack` answers `POST /slack/events`; `lifespan` starts and stops the rest of the house."""
    web = FastAPI(
        title="Callboard", openapi_url="/api/openapi.json", docs_url="/api/docs", redoc_url=None, lifespan=lifespan
    )
    # Plain routes, without FastAPI's reading of parameters: the first has to be fast.
    web.router.routes[:0] = [
        Route("/slack/events", slack, methods=["POST"]),
        Route("/healthz", _alive),
        Route("/readyz", _ready(health)),
        Route("/metrics", _measured(health, metrics)),
    ]
    for router in routers:
        web.include_router(router)
    web.add_middleware(Limited)
    for kind in (HTTPException, RequestValidationError, Problem, Exception):
        web.add_exception_handler(kind, problems.answered)
    api.describe(web)
    return web


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
