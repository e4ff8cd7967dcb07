"""What GitHub and GitLab tell over HTTP: `POST /hooks/github`, `POST /hooks/gitlab`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callboard.branches import hooks, pulls
from callboard.branches.hooks import Forged, Unreadable
from callboard.branches.pulls import Again, Told
from callboard.core.db import Database

LONGEST = 25_000_000
Read = Callable[[str, Mapping[str, str], bytes], Told | None]

log = structlog.get_logger()


def router(db: Database, secrets: Mapping[str, str]) -> APIRouter:
    """The routes that forges call; `secrets` has what each of them signs with."""
    routes = APIRouter(prefix="/hooks", include_in_schema=False)

    @routes.post("/github")
    async def github(request: Request) -> Response:
        """A push, or a pull request."""
        return await _received(db, hooks.github, secrets.get("github", ""), request)

    @routes.post("/gitlab")
    async def gitlab(request: Request) -> Response:
        """A push, or a merge request."""
        return await _received(db, hooks.gitlab, secrets.get("gitlab", ""), request)

    return routes


async def _received(db: Database, read: Read, secret: str, request: Request) -> Response:
    forge = read.__name__
    if not secret:
        return _said(503, f"CALLBOARD_{forge.upper()}_SECRET is not set where Callboard runs: nothing can be verified.")
    body = await _body(request)
    if body is None:
        return _said(413, f"A request has at most {LONGEST:,} bytes.")
    try:
        told = read(secret, request.headers, body)
        found = await db.write(pulls.received, told) if told else 0
    except Forged:
        log.warning("hook.forged", forge=forge)
        return _said(401, "This is not signed with the secret that Callboard knows.")
    except Unreadable as wrong:
        return _said(422, f"This is no request that {forge} is documented to send: {str(wrong)[:200]}.")
    except Again:
        log.warning("hook.again", forge=forge)
        return _said(409, "This very request was received before; it is not done again.")
    log.info("hook.received", forge=forge, repositories=found)
    return JSONResponse({"repositories": found}, 202)


async def _body(request: Request) -> bytes | None:
    """The body, read no further than it may be long."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > LONGEST:
            return None
    return bytes(found)


def _said(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status)
