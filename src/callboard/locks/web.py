"""The git-lfs locking API over HTTP, at `/lfs/{plan}/{repository}`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from callboard.core.db import Database
from callboard.locks import lfs
from callboard.locks.access import HOLD, READ, SCOPES
from callboard.locks.lfs import Call, Denied, Reply, Verb

__all__ = ["SCOPES", "router"]

KIND = "application/vnd.git-lfs+json"
ASK = {"LFS-Authenticate": 'Basic realm="Callboard"', "WWW-Authenticate": 'Basic realm="Callboard"'}
BUSY = 503
LONGEST_BODY = 1_000_000
READING = (lfs.locks, lfs.objects)

log = structlog.get_logger()


def router(db: Database) -> APIRouter:
    """The routes that git-lfs calls."""
    routes = APIRouter(prefix="/lfs", include_in_schema=False)
    where = "/{plan}/{repository}"

    @routes.get(f"{where}/locks")
    async def locks(plan: str, repository: str, request: Request) -> Response:
        """List."""
        return await _answered(db, lfs.locks, plan, repository, request, dict(request.query_params), scope=READ)

    @routes.post(f"{where}/locks")
    async def lock(plan: str, repository: str, request: Request) -> Response:
        """Lock."""
        return await _answered(db, lfs.lock, plan, repository, request)

    @routes.post(f"{where}/locks/verify")
    async def verify(plan: str, repository: str, request: Request) -> Response:
        """Say before a push what is whose."""
        return await _answered(db, lfs.verify, plan, repository, request, scope=READ)

    @routes.post(f"{where}/locks/{{identifier}}/unlock")
    async def unlock(plan: str, repository: str, identifier: str, request: Request) -> Response:
        """Unlock."""
        return await _answered(db, lfs.unlock, plan, repository, request, {"id": identifier})

    @routes.post(f"{where}/objects/batch")
    async def objects(plan: str, repository: str, request: Request) -> Response:
        """Send on to where the objects are."""
        return await _answered(db, lfs.objects, plan, repository, request, {}, scope=READ)

    @routes.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def elsewhere(rest: str) -> Response:
        """Refuse what is no address of ours without "not found", after which git would never verify again."""
        said = f"/lfs/{rest} is no address of Callboard's: set lfs.url to .../lfs/PLAN/REPOSITORY."
        return _response(Reply(lfs.FORBIDDEN, {"message": said}))

    return routes


async def _answered(
    db: Database, verb: Verb, plan: str, repository: str, request: Request, more: Mapping[str, Any] | None = None,
    *, scope: str = HOLD,
) -> Response:  # fmt: skip
    try:
        body = {**(await _body(request) if request.method == "POST" else {}), **(more or {})}
    except ValueError:
        return _response(Reply(lfs.WRONG, {"message": "That is no JSON that git-lfs would send."}))
    call = Call(plan, repository, *_credentials(request), body, scope)
    try:
        reply = await _asked(db, verb, call, f"{request.method} {request.url.path}"[:200])
    except Exception:
        log.exception("lfs.failed", verb=verb.__name__, plan=plan, repository=repository)
        reply = Reply(BUSY, {"message": "Callboard cannot answer just now: try again in a moment."})
    log.info("lfs.answered", verb=verb.__name__, plan=plan, repository=repository, status=reply.status)
    return _response(reply)


async def _asked(db: Database, verb: Verb, call: Call, what: str) -> Reply:
    run = db.read if verb in READING else db.write
    try:
        return await run(lfs.answer, verb, call)
    except Denied as denied:
        await db.write(lfs.keep, denied, what)
        return denied.reply


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    found = json.loads(raw or b"{}") if len(raw) <= LONGEST_BODY else None
    if not isinstance(found, dict):
        raise ValueError(KIND)  # noqa: TRY004 - told as what cannot be read
    return found


def _credentials(request: Request) -> tuple[str, str]:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, secret) if kind.lower() == "basic" else ("", "")


def _response(reply: Reply) -> Response:
    headers = dict(ASK) if reply.status == lfs.UNKNOWN else {}
    if reply.status == lfs.MOVED:
        headers["Location"] = str(reply.body["location"])
    return Response(json.dumps(reply.body), reply.status, headers, media_type=KIND)
