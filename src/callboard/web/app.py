"""The web application: Slack's requests, health, metrics, what capabilities add, and the API's description."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from pydantic.json_schema import models_json_schema
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.web import problems
from callboard.web.health import Counts, Health, Metrics
from callboard.web.problems import Problem, ProblemDetails

log = structlog.get_logger()
ABOUT = """\
What programs may do with a plan. `callboard token create` makes a token: it acts for one person of one plan, within its
scopes, and may only do what that person may do in Slack. Send an `Idempotency-Key` with every change: the same request
sent again within a day is done once. A refusal says why, in `detail` of a problem (RFC 9457).
"""
NAMED = re.compile(r"callboard__([a-z]+?)s?__[a-z]+__([A-Za-z]+)")
"""What FastAPI calls models that share a name."""
API = "/api/"
MOST = 1_000_000
KINDS = {404: "not-found", 405: "no-such-method"}


def document(web: FastAPI) -> None:
    """Make the application describe itself, and answer with problems."""
    make = web.openapi

    def described() -> dict[str, Any]:
        if web.openapi_schema is None:
            description = make()
            description["info"] |= {"description": ABOUT, "version": "1"}
            _, shown = models_json_schema(
                [(ProblemDetails, "serialization")], ref_template="#/components/schemas/{model}"
            )
            defined = shown["$defs"]
            description["components"]["schemas"] |= {"Problem": defined.pop("ProblemDetails"), **defined}
            web.openapi_schema = json.loads(NAMED.sub(_named, json.dumps(description)))
        return web.openapi_schema

    web.openapi = described  # type: ignore[method-assign]
    for kind in (HTTPException, RequestValidationError, Problem, Exception):
        web.add_exception_handler(kind, _answered)


def _named(found: re.Match[str]) -> str:
    return f"{found[1].capitalize()}{found[2]}"


async def _answered(request: Request, error: Exception) -> Response:
    """What was raised, as a problem; outside the API as FastAPI puts it."""
    of_api = request.url.path.startswith(API)
    match error:
        case Problem():
            return error.answer()
        case HTTPException() if of_api:
            kind, sentence = KINDS.get(error.status_code, "invalid"), f"{error.detail}: {API}docs shows what there is."
            return Problem(error.status_code, kind, sentence, error.headers).answer()
        case HTTPException():
            return await http_exception_handler(request, error)
        case RequestValidationError():
            return (
                problems.of_validation(error) if of_api else await request_validation_exception_handler(request, error)
            )
        case _:
            log.error("api.failed", exc_info=error)
            return Problem(
                500, "fault", "Something went wrong on my side; nothing was changed. Please report it."
            ).answer()


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
    web.add_middleware(Limited)
    document(web)
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
        metrics.measured(counts, health.tick_age())
        return Response(metrics.text(), media_type=PROMETHEUS)

    return measured
