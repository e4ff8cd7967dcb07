"""The API's description, `/api/openapi.json`, and its errors: under `/api/` every error is a problem."""

from __future__ import annotations

import json
import re
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callboard.web import problems
from callboard.web.limits import API
from callboard.web.problems import Problem, ProblemDetails

log = structlog.get_logger()

ABOUT = """\
What programs may do with a plan. `callboard token create` makes a token: it acts for one person of one plan, within its
scopes, and may only do what that person may do in Slack. Send an `Idempotency-Key` with every change: the same request
sent again within a day is done once. A refusal says why, in `detail` of a problem (RFC 9457).
"""
NAMED = re.compile(r"callboard__([a-z]+?)s?__[a-z]+__([A-Za-z]+)")
"""What FastAPI calls models that share a name."""
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
    web.add_exception_handler(HTTPException, _of_http)
    web.add_exception_handler(RequestValidationError, _of_validation)
    web.add_exception_handler(Problem, _of_problem)
    web.add_exception_handler(Exception, _of_fault)


def _named(found: re.Match[str]) -> str:
    return f"{found[1].capitalize()}{found[2]}"


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
    if not request.url.path.startswith(API):
        return await http_exception_handler(request, error)
    kind = KINDS.get(error.status_code, "invalid")
    return Problem(error.status_code, kind, f"{error.detail}: {API}docs shows what there is.", error.headers).answer()


async def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for nothing else
    if not request.url.path.startswith(API):
        return await request_validation_exception_handler(request, error)
    return problems.of_validation(error)


async def _of_problem(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 - it is registered for nothing else
    return problem.answer()


async def _of_fault(_request: Request, error: Exception) -> Response:
    log.error("api.failed", exc_info=error)
    return Problem(500, "fault", "Something went wrong on my side; nothing was changed. Please report it.").answer()
