"""The git-lfs locking API over HTTP, at `/lfs/{plan}/{repository}`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from callboard.branches.plan import REPOSITORIES
from callboard.core.db import Database
from callboard.core.errors import Refused
from callboard.locks import service, targets
from callboard.locks.messages import news
from callboard.locks.models import Lock, State
from callboard.locks.service import Taken
from callboard.locks.store import Rival
from callboard.locks.targets import Wish
from callboard.locks.web import git_tokens, lfs_rows
from callboard.locks.web.git_tokens import credentials
from callboard.locks.web.lfs_rows import Row
from callboard.plans import service as plans
from callboard.teams.service import Asker
from callboard.web import tokens
from callboard.web.problems import Problem
from callboard.web.tokens import Barred, Bearer

if TYPE_CHECKING:
    from callboard.core.db import Tx

READ, HOLD = SCOPES = ("locks:read", "locks:hold")
OK, MADE, MOVED, UNKNOWN, FORBIDDEN, GONE, TAKEN, WRONG = 200, 201, 307, 401, 403, 404, 409, 422
REASON, FORCED = "work with git", "git lfs unlock --force"
PAGE = 1000
TO_MAKE_ONE = "/lock token in Slack makes one for git."
SSH = re.compile(r"(?:ssh://)?(?:[^@/\s]+@)([^:/\s]+)(?::\d+/|[:/])(.+)")
KIND = "application/vnd.git-lfs+json"
ASK = {"LFS-Authenticate": 'Basic realm="Callboard"', "WWW-Authenticate": 'Basic realm="Callboard"'}
BUSY = 503
LONGEST_BODY = 1_000_000
log = structlog.get_logger()


@dataclass(frozen=True)
class Call:
    """What git asks: where, with which name and token, its body or query, and what its token must be for."""

    plan: str
    repository: str
    name: str
    secret: str
    body: Mapping[str, Any]
    scope: str = HOLD


@dataclass(frozen=True)
class Reply:
    """A status, and what is answered with it; a redirection has where to go in `body["location"]`."""

    status: int
    body: Mapping[str, Any]


class Denied(Exception):
    """Somebody who is known was refused something: nothing is changed, and the timeline keeps it."""

    def __init__(self, bearer: Bearer, reply: Reply) -> None:
        super().__init__(reply.body["message"])
        self.bearer = bearer
        self.reply = reply


Verb = Callable[["Tx", Asker, str, Mapping[str, Any]], Reply]


def answer(tx: Tx, verb: Verb, call: Call) -> Reply:
    """Find out who asks, in which plan, and let the verb answer. Raises Denied for what it refuses, in plain words.

    The only repository of a plan needs no name there: in Slack nobody writes one either.

    A plan or repository that is not known is forbidden and not "not found": to that, git would never ask again.
    """
    try:
        bearer, asker = git_tokens.who_asks(tx, call.plan, call.name, call.secret, call.scope)
    except Barred as barred:
        raise Denied(barred.bearer, _unknown(barred.problem)) from barred
    except Problem as problem:
        return _unknown(problem) if call.secret else Reply(UNKNOWN, {"message": f"git sent no token. {TO_MAKE_ONE}"})
    parts = plans.live(tx, asker.directory.plan_id).of(REPOSITORIES) or {}
    if parts and call.repository not in parts:
        there = ", ".join(parts)
        return Reply(FORBIDDEN, {"message": f"{call.plan} has no repository {call.repository}; there is {there}."})
    try:
        return verb(tx, asker, call.repository if len(parts) > 1 else "", call.body)
    except Refused as refused:
        raise Denied(bearer, Reply(FORBIDDEN, {"message": _plain(asker, refused.sentence)})) from refused


def keep(tx: Tx, denied: Denied, tried: str) -> None:
    """Put on the timeline what somebody was refused; that of the verb is undone."""
    tokens.refused(tx, denied.bearer, tried, denied.reply.body["message"])


def lock(tx: Tx, asker: Asker, repository: str, body: Mapping[str, Any]) -> Reply:
    """Lock one file."""
    path = body.get("path")
    if not isinstance(path, str):
        return Reply(WRONG, {"message": "Say which path to lock."})
    wish = Wish((targets.file(path, repository),), REASON)
    try:
        made = service.acquire(tx, asker, wish, source="git")
    except Taken as taken:
        rival = taken.rivals[0].lock
        shown = lfs_rows.shown(Row(rival, path, alone=False), asker.directory)
        return Reply(TAKEN, {"lock": shown, "message": _plain(asker, taken.sentence)})
    if made.state != State.HELD:
        return Reply(FORBIDDEN, {"message": _not_yet(asker, made)})
    return Reply(MADE, {"lock": lfs_rows.shown(Row(made, path, alone=True), asker.directory)})


def locks(tx: Tx, asker: Asker, repository: str, query: Mapping[str, Any]) -> Reply:
    """List the locks of a repository, or the one of a path or with an id."""
    plan_id, directory = asker.directory.plan_id, asker.directory
    if query.get("path") or query.get("id"):
        row = (
            lfs_rows.at(tx, plan_id, repository, str(query["path"]), asker.person.key)
            if query.get("path")
            else lfs_rows.numbered(tx, plan_id, repository, str(query["id"]))
        )
        asked = row if row and query.get("id") in (None, "", row.id) else None
        return Reply(OK, {"locks": [lfs_rows.shown(asked, directory)] if asked else []})
    page = lfs_rows.page(tx, plan_id, repository, str(query.get("cursor") or ""), _limit(query))
    following = {"next_cursor": page.cursor} if page.cursor else {}
    return Reply(OK, {"locks": [lfs_rows.shown(row, directory) for row in page.rows], **following})


def verify(tx: Tx, asker: Asker, repository: str, body: Mapping[str, Any]) -> Reply:
    """What a push must know: which locks are the asker's, and which are not. A push keeps their own alive."""
    plan_id, me, cursor = asker.directory.plan_id, asker.person.key, str(body.get("cursor") or "")
    if not cursor:
        service.stir(tx, plan_id, me, repository)
    page = lfs_rows.page(tx, plan_id, repository, cursor, _limit(body))
    ours = [lfs_rows.shown(row, asker.directory) for row in page.rows if lfs_rows.is_held_by(row, me)]
    theirs = [lfs_rows.shown(row, asker.directory) for row in page.rows if row.lock.holder != me]
    return Reply(OK, {"ours": ours, "theirs": theirs, **({"next_cursor": page.cursor} if page.cursor else {})})


def unlock(tx: Tx, asker: Asker, repository: str, body: Mapping[str, Any]) -> Reply:
    """Release one's own lock; with force, and the right to, break another's. Part of a lock cannot be released."""
    row = lfs_rows.numbered(tx, asker.directory.plan_id, repository, str(body.get("id")))
    if row is None:
        return Reply(GONE, {"message": "This lock is over already: git lfs locks lists those that are held."})
    number, own = row.lock.number, row.lock.holder == asker.person.key
    if not row.alone:
        verb = f"/lock release {number}" if own else f"/lock break {number} because ..."
        whole = ", ".join(row.lock.targets)
        said = f"{row.path} is a part of lock {number} on {whole}, and git cannot end a part: type {verb} in Slack."
        return Reply(FORBIDDEN, {"message": said})
    if own:
        service.release(tx, asker, number)
    elif body.get("force") is True:
        service.break_open(tx, asker, number, FORCED)
    else:
        said = news.taken(tx, asker, [Rival(row.lock, row.path)])
        return Reply(FORBIDDEN, {"message": _plain(asker, said)})
    return Reply(OK, {"lock": lfs_rows.shown(row, asker.directory)})


def objects(tx: Tx, asker: Asker, repository: str, _body: Mapping[str, Any]) -> Reply:
    """Where the objects are: on the repository's own server."""
    parts = plans.live(tx, asker.directory.plan_id).of(REPOSITORIES) or {}
    part = parts.get(repository or next(iter(parts), ""))
    server = home(part.clone) if part else ""
    if not server:
        said = "Callboard keeps locks, not objects, and the plan does not say where this repository is on the web."
        return Reply(WRONG, {"message": said})
    return Reply(MOVED, {"location": f"{server}/objects/batch", "message": "The objects are there."})


def home(clone: str) -> str:
    """The LFS server that git would ask for a repository cloned from there; empty where that is none of the web."""
    ssh = SSH.fullmatch(clone) if not clone.startswith("http") else None
    url = f"https://{ssh[1]}/{ssh[2]}" if ssh else clone
    if not url.startswith(("https://", "http://")):
        return ""
    return f"{url.rstrip('/').removesuffix('.git')}.git/info/lfs"


READING = (locks, objects)


def router(db: Database) -> APIRouter:
    """The routes that git-lfs calls."""
    routes = APIRouter(prefix="/lfs", include_in_schema=False)
    where = "/{plan}/{repository}"

    @routes.get(f"{where}/locks")
    async def get_locks(plan: str, repository: str, request: Request) -> Response:
        """List."""
        return await _answered(db, locks, plan, repository, request, dict(request.query_params), scope=READ)

    @routes.post(f"{where}/locks")
    async def post_lock(plan: str, repository: str, request: Request) -> Response:
        """Lock."""
        return await _answered(db, lock, plan, repository, request)

    @routes.post(f"{where}/locks/verify")
    async def post_verify(plan: str, repository: str, request: Request) -> Response:
        """Say before a push what is whose."""
        return await _answered(db, verify, plan, repository, request, scope=READ)

    @routes.post(f"{where}/locks/{{identifier}}/unlock")
    async def post_unlock(plan: str, repository: str, identifier: str, request: Request) -> Response:
        """Unlock."""
        return await _answered(db, unlock, plan, repository, request, {"id": identifier})

    @routes.post(f"{where}/objects/batch")
    async def post_objects(plan: str, repository: str, request: Request) -> Response:
        """Send on to where the objects are."""
        return await _answered(db, objects, plan, repository, request, {}, scope=READ)

    @routes.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def elsewhere(rest: str) -> Response:
        """Refuse what is no address of ours without "not found", after which git would never verify again."""
        said = f"/lfs/{rest} is no address of Callboard's: set lfs.url to .../lfs/PLAN/REPOSITORY."
        return _response(Reply(FORBIDDEN, {"message": said}))

    return routes


def _unknown(problem: Problem) -> Reply:
    more = f" {TO_MAKE_ONE}" if problem.status == UNKNOWN else ""
    return Reply(problem.status, {"message": f"{problem.detail}{more}"})


def _not_yet(asker: Asker, made: Lock) -> str:
    names = " and ".join(asker.directory.teams[team].name for team in made.missing)
    what = ", ".join(made.targets)
    return f"{what} is joint: {names} is asked in Slack, and you hold lock {made.number} once they agree."


def _limit(asked: Mapping[str, Any]) -> int:
    text = str(asked.get("limit") or "")
    return min(int(text), PAGE) if text.isdigit() and int(text[:9]) > 0 else PAGE


def _plain(asker: Asker, sentence: str) -> str:
    return news.in_git(asker.directory, sentence, asker.person.zone)


async def _answered(
    db: Database, verb: Verb, plan: str, repository: str, request: Request, more: Mapping[str, Any] | None = None,
    *, scope: str = HOLD,
) -> Response:  # fmt: skip
    try:
        body = {**(await _body(request) if request.method == "POST" else {}), **(more or {})}
    except ValueError:
        return _response(Reply(WRONG, {"message": "That is no JSON that git-lfs would send."}))
    call = Call(plan, repository, *credentials(request), body, scope)
    try:
        reply = await _run(db, verb, call, f"{request.method} {request.url.path}"[:200])
    except Exception:
        log.exception("lfs.failed", verb=verb.__name__, plan=plan, repository=repository)
        reply = Reply(BUSY, {"message": "Callboard cannot answer just now: try again in a moment."})
    log.info("lfs.answered", verb=verb.__name__, plan=plan, repository=repository, status=reply.status)
    return _response(reply)


async def _run(db: Database, verb: Verb, call: Call, what: str) -> Reply:
    run = db.read if verb in READING else db.write
    try:
        return await run(answer, verb, call)
    except Denied as denied:
        await db.write(keep, denied, what)
        return denied.reply


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    found = json.loads(raw or b"{}") if len(raw) <= LONGEST_BODY else None
    if not isinstance(found, dict):
        raise ValueError(KIND)  # noqa: TRY004 - told as what cannot be read
    return found


def _response(reply: Reply) -> Response:
    headers = dict(ASK) if reply.status == UNKNOWN else {}
    if reply.status == MOVED:
        headers["Location"] = str(reply.body["location"])
    return Response(json.dumps(reply.body), reply.status, headers, media_type=KIND)
