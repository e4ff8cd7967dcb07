"""The automation API: who asks by which token, once and within its limit; refusals on the timeline; OpenAPI."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callboard.core.db import Database, Tx
from callboard.core.errors import Refused
from callboard.web import docs, idempotency, problems, tokens
from callboard.web.door import LONGEST, Door, Doors
from callboard.web.fields import check_query
from callboard.web.headers import Headed, other_methods
from callboard.web.idempotency import Reply
from callboard.web.limits import Callers, Limits
from callboard.web.problems import Problem, ProblemDetails
from callboard.web.tokens import Barred, Bearer, Company

A = TypeVar("A")
F = TypeVar("F")
V = TypeVar("V")

PREFIX = "/api/v1/plans/{plan}"
JSON, SCHEMAS = "application/json", "#/components/schemas/"
ABOUT = """\
What programs may do with a plan. `callboard token create` makes a token: it acts for one person of one plan, within its
scopes, and may only do what that person may do in Slack. Send an `Idempotency-Key` with every change: the same request
sent again within a day is done once. A refusal says why, in `detail` of a problem (RFC 9457).
"""
NAMED = re.compile(r"callboard__(?P<capability>[a-z]+?)s?__[a-z]+__(?P<name>[A-Za-z]+)|Page_(?P<page>[A-Za-z]+)Out_")
"""What FastAPI calls models that share a name, and pages of them."""

_bearer = HTTPBearer(auto_error=False, description="A token that `callboard token create` has printed.")
PlanKey = Annotated[str, Path(description="The key of the plan.", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", pattern=r"^[!-~]{1,200}$",
        description="Made by the client for each request; the same request sent again is done once.",
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A request before anybody has looked whose it is; `what` is its method and address."""

    plan: str
    digest: str
    what: str
    key: str | None = None
    fingerprint: str = ""


async def _reading(request: Request, plan: PlanKey, credentials: Credentials) -> Asked:
    if credentials is None:
        raise no_token()
    check_query(request)
    return Asked(plan, tokens.digest(credentials.credentials), f"{request.method} {request.scope['path']}"[:200])


async def _writing(asked: ToRead, request: Request, idempotency_key: Key = None) -> Asked:
    if idempotency_key is None:
        return asked
    content = b"%b %b\n%b" % (asked.what.encode(), request.scope["query_string"], await request.body())
    return Asked(asked.plan, asked.digest, asked.what, idempotency_key, hashlib.sha256(content).hexdigest())


ToRead = Annotated[Asked, Depends(_reading)]
ToWrite = Annotated[Asked, Depends(_writing)]


@dataclass(frozen=True)
class Api(Generic[A]):
    """Runs verbs for whoever a token stands for; `A` is who asks, as the capabilities know them."""

    db: Database
    company: Company[A]
    limits: Limits

    async def read(self, asked: Asked, scope: str, query: Callable[[Tx, A], BaseModel]) -> Response:
        """Answer with what `query` finds; what it refuses is missing."""
        return await self._answered(asked, self.db.read(self._look, asked, scope, query))

    async def write(
        self, asked: Asked, scope: str, verb: Callable[[Tx, A], BaseModel | None], *, status: int = HTTPStatus.OK,
        keep: Callable[[Tx, A, str], None] | None = None,
    ) -> Response:  # fmt: skip
        """Run a verb once and answer with what it returns. `keep` puts on the timeline what it refused, and why."""
        return await self._answered(asked, self.db.write(self._do, asked, scope, verb, status, keep))

    async def write_examined(
        self, asked: Asked, scope: str, find: Callable[[Tx, A], F], examine: Callable[[F], Awaitable[V]],
        verb: Callable[[Tx, A, V | None], BaseModel], *, status: int = HTTPStatus.OK,
    ) -> Response:  # fmt: skip
        """Run a verb with a verdict on what `find` reads, made outside of all transactions; None where it refuses."""

        async def asking() -> Reply:
            try:
                found = await self.db.read(self._found, asked, scope, find)
            except (Refused, _Denied, Problem):
                verdict = None
            else:
                verdict = await examine(found)
            return await self.db.write(self._do, asked, scope, lambda tx, who: verb(tx, who, verdict), status, None)

        return await self._answered(asked, asking())

    def _found(self, tx: Tx, asked: Asked, scope: str, find: Callable[[Tx, A], F]) -> F:
        return find(tx, self._who(tx, asked, scope)[1])

    async def _answered(self, asked: Asked, asking: Any) -> Response:
        try:
            self.limits.take(asked.digest)
            reply: Reply = await asking
        except Problem as problem:
            asking.close()
            return problem.answer()
        except _Denied as denied:
            await self.db.write(self._record, denied)
            return denied.problem.answer()
        if reply.status == HTTPStatus.NO_CONTENT:
            return Response(status_code=reply.status)
        again = {"Idempotency-Replayed": "true"} if reply.again else None
        return Response(reply.body, reply.status, again, JSON)

    def _look(self, tx: Tx, asked: Asked, scope: str, query: Callable[[Tx, A], BaseModel]) -> Reply:
        bearer, asker = self._who(tx, asked, scope)
        try:
            return Reply(HTTPStatus.OK, query(tx, asker).model_dump_json())
        except (Refused, problems.Missing) as missing:
            raise problems.Missing(self.company.plain(tx, bearer.plan_id, str(missing))) from missing

    def _do(
        self, tx: Tx, asked: Asked, scope: str, verb: Callable[[Tx, A], BaseModel | None], status: int, keep: Any
    ) -> Reply:
        bearer, asker = self._who(tx, asked, scope)
        done = idempotency.begin(tx, bearer.token_id, asked.key, asked.fingerprint) if asked.key else None
        if done:
            return done
        try:
            body = verb(tx, asker)
        except problems.Missing as missing:
            raise problems.Missing(self.company.plain(tx, bearer.plan_id, missing.detail)) from missing
        except Refused as refused:
            problem = Problem(HTTPStatus.CONFLICT, "refused", self.company.plain(tx, bearer.plan_id, refused.sentence))
            raise _Denied(problem, bearer, asked, refused.sentence, keep) from refused
        reply = Reply(HTTPStatus.NO_CONTENT, "") if body is None else Reply(status, body.model_dump_json())
        if asked.key:
            idempotency.keep(tx, bearer.token_id, asked.key, reply)
        return reply

    def _who(self, tx: Tx, asked: Asked, scope: str) -> tuple[Bearer, A]:
        try:
            bearer = tokens.bearer(tx, asked.digest, asked.plan, scope)
        except Barred as barred:
            raise _Denied(barred.problem, barred.bearer, asked, barred.problem.detail) from barred
        try:
            return bearer, self.company.asker(tx, bearer.plan_id, bearer.person)
        except Refused as gone:
            raise _Denied(Problem(HTTPStatus.FORBIDDEN, "gone", gone.sentence), bearer, asked, gone.sentence) from gone

    def _record(self, tx: Tx, denied: _Denied) -> None:
        """Keep what was refused in a new transaction: that of the verb is undone."""
        by = denied.bearer
        if denied.keep:
            denied.keep(tx, self.company.asker(tx, by.plan_id, by.person), denied.sentence)
        else:
            tokens.refused(tx, by, denied.asked.what, denied.problem.detail)


@dataclass(eq=False)
class _Denied(Exception):
    """A refusal to somebody known, for the timeline once everything else is undone."""

    problem: Problem
    bearer: Bearer
    asked: Asked
    sentence: str
    keep: Any = None


def door(callers: Callers) -> Door:
    """Only whoever sends a token that was issued is let in."""

    async def look(request: Request) -> Response | None:
        kind, secret = get_authorization_scheme_param(request.headers.get("authorization"))
        refused = await callers.unknown(request, secret) if secret and kind.lower() == "bearer" else no_token()
        return refused.answer() if refused else None

    return Door("/api/v1/", look, problems.say, LONGEST)


def no_token() -> Problem:
    return tokens.unauthorized("no-token", "Send a token: `Authorization: Bearer callboard_...`.")


def router(tag: str) -> APIRouter:
    return APIRouter(prefix=PREFIX, tags=[tag], generate_unique_id_function=_named)


def _named(route: APIRoute) -> str:
    """How generated clients call it."""
    return route.name


def _over(*statuses: int) -> dict[int | str, dict[str, Any]]:
    shown = {problems.KIND: {"schema": {"$ref": SCHEMAS + "Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": shown} for status in statuses}


READS = _over(400, 401, 403, 404, 422, 429)
WRITES = _over(400, 401, 403, 404, 409, 413, 415, 422, 429)


def build(routers: Iterable[APIRouter], doors: Iterable[Door]) -> FastAPI:
    """Make the application that has the routes of capabilities; whatever has no door takes no body."""
    web = FastAPI(
        title="Callboard", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None, redirect_slashes=False
    )
    web.router.routes[:0] = docs.ROUTES
    for each in routers:
        web.include_router(each)
    web.add_middleware(Doors, doors=(*doors, Door("/", says=problems.say)))
    web.add_middleware(Headed, routes=web.routes)
    for kind in (HTTPException, RequestValidationError, Problem):
        web.add_exception_handler(kind, answered)
    _describe(web)
    return web


async def answered(request: Request, error: Exception) -> Response:
    """What was raised, as a problem."""
    match error:
        case Problem():
            return error.answer()
        case HTTPException():
            other = partial(other_methods, request.app.routes, request.scope)
            return problems.of_exception(error, other).answer()
        case RequestValidationError():
            return problems.of_validation(error, request.headers.get("content-type", ""))
    raise error


def _describe(web: FastAPI) -> None:
    """Make the application describe the API as OpenAPI has it."""
    make = web.openapi

    def described() -> dict[str, Any]:
        if web.openapi_schema is None:
            description = make()
            description["info"] |= {"description": ABOUT, "version": "1"}
            schema = ProblemDetails.model_json_schema(mode="serialization", ref_template=SCHEMAS + "{model}")
            description["components"]["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
            web.openapi_schema = _titled(json.loads(NAMED.sub(_own_name, json.dumps(description))))
        return web.openapi_schema

    web.openapi = described  # type: ignore[method-assign]


def _own_name(found: re.Match[str]) -> str:
    return f"{found['page']}Page" if found["page"] else f"{found['capability'].capitalize()}{found['name']}"


def _titled(description: dict[str, Any]) -> dict[str, Any]:
    """Title each schema by its own name and nothing else: generated clients name classes by titles."""
    _untitle([description["paths"], description["components"]])
    for name, schema in description["components"]["schemas"].items():
        schema["title"] = name
    return description


def _untitle(part: Any) -> None:
    if isinstance(part, dict) and isinstance(part.get("title"), str):
        del part["title"]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _untitle(inner)
