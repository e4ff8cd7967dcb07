"""Runs over HTTP: read one, and say that a step has begun, is done, or failed; with a link to where that is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.gates.web import web_address
from callboard.runbooks import course, service, store
from callboard.runbooks.course import Course
from callboard.runbooks.models import Kind, Run, RunStep, State, StepState
from callboard.teams.directory import Asker
from callboard.teams.web import plain
from callboard.web.api import READS, WRITES, Api, ToRead, ToWrite, router
from callboard.web.fields import Body, InPath, Line, Text
from callboard.web.pages import Page
from callboard.web.problems import found

READ, REPORT = SCOPES = ("runs:read", "runs:report")
COMPUTED = ("reason", "expected_at", "expected_until")
MOST_DIGITS = 16
WEB_PATTERN = {"pattern": "^$|^https?://[^\\x00]*$"}
Link = Annotated[Line, AfterValidator(web_address), Field(json_schema_extra=WEB_PATTERN)]


class StepOut(BaseModel):
    """A step: how it stands, when it was planned, when it is expected. `open_items` are not ticked."""

    place: int
    key: str
    title: str
    state: StepState
    reserve: bool
    planned_at: datetime
    planned_until: datetime
    expected_at: datetime
    expected_until: datetime
    started_at: datetime | None
    ended_at: datetime | None
    open_items: list[str]
    reason: str
    link: str


class RunOut(BaseModel):
    """A run with its steps. `reserve_used` and `reserve` are in minutes."""

    number: int
    key: str
    name: str
    kind: Kind
    drill: bool
    state: State
    planned_at: datetime
    planned_until: datetime
    expected_until: datetime
    promised_at: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    blocked: list[str]
    reserve: int
    reserve_used: int
    steps: list[StepOut]


class ReportIn(Body):
    """Where it can be seen."""

    link: Link = ""


class FailureIn(ReportIn):
    """What failed, and where it can be seen."""

    reason: Text = Field(min_length=1, examples=["2 of 40 smoke tests failed"])


def view(who: Asker, of: Course) -> RunOut:
    """A run as programs read it, without Slack's markup."""
    run, ahead = of.run, of.forecast
    steps = [
        StepOut(
            **{name: getattr(step, name) for name in StepOut.model_fields if name not in COMPUTED},
            reason=plain(who.directory, step.reason) if step.reason else "",
            expected_at=ahead.spans[step.place].at, expected_until=ahead.spans[step.place].until,
        ) for step in of.steps
    ]  # fmt: skip
    own = {name: getattr(run, name) for name in RunOut.model_fields if hasattr(run, name) and name != "blocked"}
    minute = service.MINUTE
    return RunOut(
        **own | {"expected_until": run.ended_at or ahead.end}, steps=steps, reserve=ahead.reserve // minute,
        reserve_used=ahead.used // minute, blocked=[plain(who.directory, line) for line in run.blocked],
    )  # fmt: skip


def named(tx: Tx, who: Asker, ref: str) -> Run:
    """The run of an address: by its number, or the newest of a key, drills apart. Raises Refused."""
    plan_id = who.directory.plan_id
    run = store.run(tx, int(ref)) if ref.isdecimal() and len(ref) < MOST_DIGITS else None
    if run is None or run.plan_id != plan_id:
        every = [*store.closed(tx, plan_id, ref, drill=False), *store.open_runs(tx, plan_id)]
        run = max(
            (each for each in every if each.key == ref and not each.drill), key=lambda each: each.number, default=None
        )
    if run is None:
        raise Refused(f"There is no run `{m.clip(m.escape(ref), 60)}` in this plan.")
    return run


def routes(api: Api[Asker]) -> APIRouter:
    """List, look, and report on steps."""
    runs_router = router("runs")

    @runs_router.get("/runs", response_model=Page[RunOut], responses=READS)
    async def list_runs(asked: ToRead) -> Response:
        """List the runs that are not over."""

        def query(tx: Tx, who: Asker) -> BaseModel:
            rows = store.open_runs(tx, who.directory.plan_id)
            return Page[RunOut](items=[view(who, course.shown(tx, run)) for run in rows], next=None)

        return await api.read(asked, READ, query)

    @runs_router.get("/runs/{run}", response_model=RunOut, responses=READS)
    async def get_run(asked: ToRead, run: InPath) -> Response:
        """Look at a run: every step, when it is expected, how much reserve is used."""
        return await api.read(
            asked, READ, lambda tx, who: view(who, course.shown(tx, found(lambda: named(tx, who, run))))
        )

    @runs_router.post("/runs/{run}/steps/{step}/start", response_model=RunOut, responses=WRITES)
    async def start_step(asked: ToWrite, run: InPath, step: InPath) -> Response:
        """Begin a step before its hour, or once more after it failed."""
        return await _report(api, asked, run, step, service.start)

    @runs_router.post("/runs/{run}/steps/{step}/confirm", response_model=RunOut, responses=WRITES)
    async def confirm_step(asked: ToWrite, run: InPath, step: InPath, body: ReportIn | None = None) -> Response:
        """Say that a step is done."""
        link = body.link if body else ""
        return await _report(
            api, asked, run, step, lambda tx, who, of, row: service.confirm(tx, who, of, row, link=m.escape(link))
        )

    @runs_router.post("/runs/{run}/steps/{step}/fail", response_model=RunOut, responses=WRITES)
    async def fail_step(asked: ToWrite, run: InPath, step: InPath, body: FailureIn) -> Response:
        """Say that a step failed: what the plan says follows."""
        why, link = m.escape(body.reason), m.escape(body.link)
        return await _report(
            api, asked, run, step, lambda tx, who, of, row: service.fail(tx, who, of, row, why, link=link)
        )

    return runs_router


async def _report(
    api: Api[Asker], asked: ToWrite, run: str, step: str, do: Callable[[Tx, Asker, Course, RunStep], object]
) -> Response:
    """Change a step of a run; the run as it is then."""

    def change(tx: Tx, who: Asker) -> RunOut:
        row = found(lambda: _step(tx, who, run, step))
        of, own = service.of_step(tx, who, row.number)
        do(tx, who, of, own)
        return view(who, of)

    return await api.write(asked, REPORT, change)


def _step(tx: Tx, who: Asker, run: str, key: str) -> RunStep:
    own = named(tx, who, run)
    for step in store.steps(tx, own.number):
        if key in (step.key, str(step.place)):
            return step
    raise Refused(f"{m.escape(own.name)} has no step `{m.clip(m.escape(key), 60)}`.")
