"""Locks over HTTP: the locking API of git-lfs at `/lfs/{plan}/{repository}`, and what `callboard guard` asks."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from callboard.branches import service as branches
from callboard.core.db import Database, Tx
from callboard.core.errors import unknown
from callboard.locks import lfs, pushes, service
from callboard.locks.lfs import HOLD, MOVED, READ, UNKNOWN, WRONG, Denied, Reply, Verb, refusal
from callboard.locks.pushes import Push, Refusal, Touched
from callboard.teams.directory import Asker
from callboard.web import api as automation
from callboard.web import tokens
from callboard.web.api import WRITES, Api, ToWrite
from callboard.web.door import LONGEST, Door
from callboard.web.fields import Body, Line, Moment, Sayable, Word, storable
from callboard.web.limits import Callers

(CHECK,) = SCOPES = ("locks:check",)
MOST, BUSY, MANY = 1000, 503, 429
KIND = "application/vnd.git-lfs+json"
ASK = {"LFS-Authenticate": 'Basic realm="Callboard"', "WWW-Authenticate": 'Basic realm="Callboard"'}
READS = (lfs.locks, lfs.objects)
LFS = (
    ("GET", "/locks", lfs.locks, READ), ("POST", "/locks", lfs.lock, HOLD), ("POST", "/locks/verify", lfs.verify, READ),
    ("POST", "/locks/{id}/unlock", lfs.unlock, HOLD), ("POST", "/objects/batch", lfs.objects, READ),
)  # fmt: skip
"""What git-lfs calls: the verb that answers, and the scope that it needs."""
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}$")]
log = structlog.get_logger()


class TouchedIn(Body):
    """A changed file with the sections that changed, each with those around it; without `sections` all of it."""

    path: Annotated[Sayable, Field(min_length=1)] = Field(examples=["src/api/x.py"])
    kind: Literal["added", "changed", "deleted"] = "changed"
    sections: list[list[Line]] | None = None
    fresh: bool = Field(default=True, description="False where these commits were on the server before.")


class CheckIn(Body):
    """A push, or a part of one; `pushed_by` holds what git and its server call whoever pushes, the surest first."""

    repository: Word = Field(examples=["harbor"])
    branch: Line = Field(examples=["main"])
    into: Line = Field(default="", description="The branch that would change, where it is not `branch`.")
    pushed_by: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    touched: Annotated[list[TouchedIn], Field(max_length=MOST)] = Field(default_factory=list)


class CheckOut(BaseModel):
    """What was looked at, and what is refused."""

    allowed: bool
    pushed_by: str
    team: str
    files: int
    locks: int
    zones: int
    refused: list[Refusal]


class MissedIn(Body):
    """A push that passed while Callboard could not be asked."""

    repository: Word
    branch: Line
    pushed_by: Line
    old: Commit
    new: Commit
    at: Moment
    why: Line


class MissedOut(BaseModel):
    """How many were announced."""

    announced: int


class AllMissedIn(Body):
    """The pushes that passed."""

    pushes: Annotated[list[MissedIn], Field(min_length=1, max_length=200)]


def routes(api: Api[Asker]) -> APIRouter:
    """What the guard asks."""
    router = automation.router("locks")

    @router.post("/locks/checks", response_model=CheckOut, responses=WRITES)
    async def check_push(asked: ToWrite, body: CheckIn) -> Response:
        """Say whether a branch and these files may be changed, and why not. What is refused stays on the timeline."""
        return await api.write(asked, CHECK, lambda tx, asker: _check(tx, asker, body))

    @router.post("/locks/unchecked", response_model=MissedOut, responses=WRITES)
    async def tell_unchecked(asked: ToWrite, body: AllMissedIn) -> Response:
        """Tell the plan's channel of pushes that passed while Callboard could not be asked."""
        return await api.write(asked, CHECK, lambda tx, asker: _let_through(tx, asker, body))

    return router


def _check(tx: Tx, asker: Asker, body: CheckIn) -> CheckOut:
    directory = asker.directory
    _refuse_unknown(tx, directory.plan_id, body.repository)
    touched = [
        Touched(file.path, file.kind, None if file.sections is None else set(map(tuple, file.sections)), file.fresh)
        for file in body.touched
    ]
    push = Push(body.repository, body.branch, body.pushed_by, touched, body.into or body.branch)
    found = pushes.judge(tx, directory.plan_id, push)
    service.keep(tx, directory.plan_id, push, found)
    person = directory.people.get(found.person)
    return CheckOut(
        allowed=not found.refused, pushed_by=person.name if person else "somebody whom the plan does not name",
        team=found.team, files=len(touched), locks=found.locks, zones=found.zones, refused=found.refused,
    )  # fmt: skip


def _let_through(tx: Tx, asker: Asker, body: AllMissedIn) -> MissedOut:
    for push in body.pushes:
        _refuse_unknown(tx, asker.directory.plan_id, push.repository)
    service.let_through(tx, asker, [push.model_dump(mode="json") for push in body.pushes])
    return MissedOut(announced=len(body.pushes))


def _refuse_unknown(tx: Tx, plan_id: int, repository: str) -> None:
    """Refuse a repository that is not in the plan: a guard with a wrong name would guard nothing."""
    parts = branches.repositories(tx, plan_id)
    if parts and repository not in parts:
        raise unknown(f"The plan has no repository `{repository}`", repository, parts)


def door(callers: Callers) -> Door:
    """Only whoever sends a token that was issued is let in. What is unknown is forbidden, as in `lfs.answer`."""

    async def look(request: Request) -> Response | None:
        _, secret = credentials(request)
        refused = await callers.unknown(request, secret) if secret else None
        if secret and not refused:
            return None
        answer = _response(lfs.unknown(refused))
        answer.headers.update(refused.headers if refused and refused.status == MANY else {})
        return answer

    return Door("/lfs/", look, lambda status, sentence: _response(refusal(sentence, status)), LONGEST)


def router(db: Database) -> APIRouter:
    """What git-lfs calls."""
    routes = APIRouter(prefix="/lfs", include_in_schema=False)
    for method, path, verb, scope in LFS:
        routes.add_route(f"/lfs/{{plan}}/{{repository}}{path}", partial(_answer, db, verb, scope), [method])

    @routes.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def elsewhere(rest: str) -> Response:
        """Refuse any other address, but not with "not found": after that, git would never verify again."""
        return _response(refusal(f"/lfs/{rest} is no address of Callboard's: set lfs.url to .../lfs/PLAN/REPOSITORY."))

    return routes


async def _answer(db: Database, verb: Verb, scope: str, request: Request) -> Response:
    plan, repository, name = request.path_params["plan"], request.path_params["repository"], verb.__name__
    try:
        body = _read(await request.body()) if request.method == "POST" else request.query_params
    except (ValueError, RecursionError):
        return _response(refusal("git-lfs sends no such JSON.", WRONG))
    asked = verb, scope, plan, repository, *credentials(request), {**body, **request.path_params}
    try:
        reply = await _run(db, f"{request.method} {request.scope['path']}"[:200], *asked)
    except Exception:
        log.exception("lfs.failed", verb=name, plan=plan, repository=repository)
        reply = refusal("Callboard can't answer just now. Try again in a moment.", BUSY)
    log.info("lfs.answered", verb=name, plan=plan, repository=repository, status=reply.status)
    return _response(reply)


async def _run(db: Database, what: str, verb: Verb, *asked: Any) -> Reply:
    try:
        return await (db.read if verb in READS else db.write)(lfs.answer, verb, *asked)
    except Denied as denied:
        await db.write(tokens.refused, denied.bearer, what, denied.reply.body["message"])
        return denied.reply


def _read(raw: bytes) -> dict[str, Any]:
    body = json.loads(raw or b"{}")
    if not isinstance(body, dict):
        raise ValueError(KIND)  # noqa: TRY004 - told as what cannot be read
    for value in body.values():
        storable(str(value))
    return body


def credentials(request: Request) -> tuple[str, str]:
    """The name and the password that git sends; empty where it sends none."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (name, secret) if kind.lower() == "basic" else ("", "")


def _response(reply: Reply) -> Response:
    headers = dict(ASK) if reply.status == UNKNOWN else {}
    if reply.status == MOVED:
        headers["Location"] = str(reply.body["location"])
    return Response(json.dumps(reply.body), reply.status, headers, media_type=KIND)
