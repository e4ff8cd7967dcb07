"""The web application: Slack's requests, health, metrics, and the routes that capabilities add."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from callboard.web import limits, openapi
from callboard.web.health import Counts, Health, Metrics

Serve = Callable[[Request], Awaitable[Response]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


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
    web.add_middleware(limits.Limited)
    openapi.document(web)
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
        counts = await health.counts() or Counts()
        metrics.measured(counts.outbox, health.tick_age(), counts.given_up)
        return Response(metrics.text(), media_type=PROMETHEUS)

    return measured
