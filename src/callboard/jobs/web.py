"""Task types and jobs over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Row
from starlette.responses import Response

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.jobs import service, store
from callboard.jobs.examiner import EXAMINER
from callboard.jobs.models import State, TaskType
from callboard.jobs.service import NoJob
from callboard.teams.directory import Asker
from callboard.web import pages
from callboard.web.api import READS, WRITES, Api, Asked, ToRead, ToWrite, router
from callboard.web.fields import WHOLE, Body, Number, Plain, Text, Word, check_filters
from callboard.web.pages import Cursor, Limit, Page
from callboard.web.problems import Missing

READ, REGISTER, CREATE, WORK = SCOPES = ("jobs:read", "jobs:register", "jobs:create", "jobs:work")

NAME = r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*$"
LONGEST_LEASE = 86_400
Name = Annotated[str, StringConstraints(pattern=NAME, max_length=100)]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$", max_length=40)]
InPath = Annotated[str, Path(pattern=NAME, max_length=100, examples=["Release.Import.Run"])]


class TypeIn(Body):
    """A type: the JSON Schema of its parameters, and how many seconds a claim holds without a heartbeat."""

    version: Version = Field(examples=["1.0.0"])
    params: Plain = Field(examples=[{"type": "object", "properties": {"file": {"type": "string"}}}])
    lease: Annotated[int, Field(ge=1, le=LONGEST_LEASE), WHOLE] = 300


class TypeOut(BaseModel):
    """A type; `registered_by` is null for those of the plan file."""

    name: str
    version: str
    params: dict[str, Any]
    lease: float
    registered_by: str | None
    registered_at: datetime | None


class JobIn(Body):
    """A job to be done; those of a higher priority are claimed first."""

    type: Name = Field(examples=["Release.Import.Run"])
    params: Plain = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=-1000, le=1000), WHOLE] = 0


class ClaimIn(Body):
    """Which worker claims jobs of which types; of any without `types`."""

    worker: Word = Field(examples=["import-worker-01"])
    types: Annotated[list[Name], Field(max_length=20)] = Field(default_factory=list)


class HeldIn(Body):
    """`attempt` of the claim."""

    attempt: Annotated[int, Field(ge=1, le=2**31 - 1), WHOLE]


class ResultIn(HeldIn):
    """The result of a job."""

    result: Plain = Field(default_factory=dict)


class FailureIn(HeldIn):
    """What went wrong; `again` puts the job back into the queue."""

    error: Text
    again: bool = False


class JobOut(BaseModel):
    """A job as it is now."""

    id: int
    type: str
    version: str
    params: dict[str, Any]
    priority: int
    state: State
    attempt: int = Field(description="How often it was claimed. Send it with every request about this claim.")
    worker: str
    made_by: str
    made_at: datetime
    claimed_at: datetime | None
    leased_until: datetime | None
    ended_at: datetime | None
    result: dict[str, Any] | None
    error: str


def view(row: Row[Any]) -> JobOut:
    """A job as programs read it, from a row that needs no checking."""
    return JobOut.model_construct(**row._asdict() | {"priority": -row.priority, "state": State(row.state)})


def routes(api: Api[Asker]) -> APIRouter:
    """Types: list, look, register. Jobs: list, look, create, claim, keep, complete, fail."""
    jobs = router("jobs")
    _types(jobs, api)
    _reading(jobs, api)
    _working(jobs, api)

    @jobs.post("/jobs", status_code=201, response_model=JobOut, responses=WRITES)
    async def create_job(asked: ToWrite, body: JobIn) -> Response:
        """Put a job into the queue."""
        return await api.write_examined(
            asked, CREATE,
            lambda tx, who: service.wanted(tx, who, body.type).params,
            lambda schema: EXAMINER.params(body.type, schema, body.params),
            lambda tx, who, verdict: view(service.create(tx, who, body.type, body.params, verdict, body.priority)),
            status=201,
        )  # fmt: skip

    return jobs


def _working(jobs: APIRouter, api: Api[Asker]) -> None:
    nothing: dict[int | str, dict[str, Any]] = {204: {"description": "No job waits."}}

    @jobs.post("/jobs/claims", response_model=JobOut, responses=WRITES | nothing)
    async def claim_job(asked: ToWrite, body: ClaimIn) -> Response:
        """Claim the next job. Workers who ask at once get different jobs."""

        def run(tx: Tx, who: Asker) -> JobOut | None:
            row = service.claim(tx, who, body.worker, body.types)
            return view(row) if row else None

        return await api.write(asked, WORK, run)

    @jobs.post("/jobs/{number}/heartbeat", response_model=JobOut, responses=WRITES)
    async def keep_job(asked: ToWrite, number: Number, body: HeldIn) -> Response:
        """Renew the lease: the worker is still at it."""
        return await held(asked, lambda tx, who: service.keep(tx, who, number, body.attempt))

    @jobs.post("/jobs/{number}/complete", response_model=JobOut, responses=WRITES)
    async def complete_job(asked: ToWrite, number: Number, body: ResultIn) -> Response:
        """Complete a job, with its result."""
        return await held(asked, lambda tx, who: service.complete(tx, who, number, body.attempt, body.result))

    @jobs.post("/jobs/{number}/fail", response_model=JobOut, responses=WRITES)
    async def fail_job(asked: ToWrite, number: Number, body: FailureIn) -> Response:
        """Fail a job, or put it back into the queue."""
        error = m.escape(body.error)
        return await held(asked, lambda tx, who: service.fail(tx, who, number, body.attempt, error, again=body.again))

    async def held(asked: Asked, verb: Callable[[Tx, Asker], Row[Any]]) -> Response:
        def run(tx: Tx, who: Asker) -> JobOut:
            try:
                return view(verb(tx, who))
            except NoJob as gone:
                raise Missing(gone.sentence) from gone

        return await api.write(asked, WORK, run)


def _reading(jobs: APIRouter, api: Api[Asker]) -> None:
    @jobs.get("/jobs", response_model=Page[JobOut], responses=READS)
    async def list_jobs(
        asked: ToRead, limit: Limit = 50, cursor: Cursor = "", state: Annotated[State | None, Query()] = None,
        type: Annotated[str | None, Query(pattern=NAME, max_length=100)] = None,  # noqa: A002 - as it is called in the address
    ) -> Response:  # fmt: skip
        """List jobs, oldest first."""

        def query(tx: Tx, who: Asker) -> BaseModel:
            rows = store.page(tx, who.directory.plan_id, pages.after(cursor)[0], limit + 1, state=state, kind=type)
            if not rows and type:
                check_filters({"type": (type, service.kinds(tx, who.directory.plan_id))})
            page = pages.of(list(rows), lambda row: (row.id,), limit)
            return Page[JobOut](items=list(map(view, page.items)), next=page.next)

        return await api.read(asked, READ, query)

    @jobs.get("/jobs/{number}", response_model=JobOut, responses=READS)
    async def get_job(asked: ToRead, number: Number) -> Response:
        """Look at a job."""
        return await api.read(asked, READ, lambda tx, who: view(service.known(tx, who, number)))


def _types(jobs: APIRouter, api: Api[Asker]) -> None:
    @jobs.get("/task-types", response_model=Page[TypeOut], responses=READS)
    async def list_types(asked: ToRead, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """List the types of jobs, by name."""

        def query(tx: Tx, who: Asker) -> BaseModel:
            kinds = service.kinds(tx, who.directory.plan_id)
            page = pages.cut(list(enumerate(sorted(kinds))), lambda numbered: (numbered[0],), cursor, limit)
            return Page[TypeOut](items=[_type(kinds[name]) for _, name in page.items], next=page.next)

        return await api.read(asked, READ, query)

    @jobs.get("/task-types/{name}", response_model=TypeOut, responses=READS)
    async def get_type(asked: ToRead, name: InPath) -> Response:
        """Look at a type."""
        return await api.read(asked, READ, lambda tx, who: _type(service.kind(tx, who.directory.plan_id, name)))

    @jobs.put("/task-types/{name}", response_model=TypeOut, responses=WRITES)
    async def register_type(asked: ToWrite, name: InPath, body: TypeIn) -> Response:
        """Register a type, or a new version of it."""
        return await api.write_examined(
            asked, REGISTER,
            lambda tx, who: service.refuse_to_register(tx, who, name),
            lambda _: EXAMINER.schema(name, body.params),
            lambda tx, who, verdict: _type(service.register(tx, who, name, body.version, verdict, body.lease)),
        )  # fmt: skip


def _type(kind: TaskType) -> TypeOut:
    return TypeOut(
        name=kind.name, version=kind.version, params=kind.params, lease=kind.lease, registered_by=kind.by or None,
        registered_at=kind.at if kind.by else None,
    )  # fmt: skip
