"""Tasks over HTTP, by the same verbs as in Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.tasks import service
from callboard.tasks.models import State, Task
from callboard.teams.directory import Asker
from callboard.teams.web import plain
from callboard.web import pages
from callboard.web.api import READS, WRITES, Api, ToRead, ToWrite, router
from callboard.web.fields import WHOLE, Body, InPath, Text, Word, check_filters
from callboard.web.pages import Cursor, Limit, Page
from callboard.web.problems import found

READ, CLAIM, START, PROGRESS, TICK, COMPLETE = SCOPES = (
    "tasks:read", "tasks:claim", "tasks:start", "tasks:progress", "tasks:tick", "tasks:complete",
)  # fmt: skip
Change = Callable[[Tx, Asker], Task]


class CriterionOut(BaseModel):
    """A criterion of a task."""

    text: str
    done: bool
    by: str | None = None


class TaskOut(BaseModel):
    """A task as it is now. People and teams are ids of the plan; lists leave `waits_for` null."""

    key: str
    title: str
    team: str
    kind: str
    priority: str
    phase: str
    area: str
    status: State
    percent: int
    assignees: list[str]
    due_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    completed_by: str | None
    needs: list[str]
    criteria: list[CriterionOut]
    blocker: int | None
    changes: int = Field(description="How often it was changed.")
    waits_for: list[str] | None = Field(None, description="What keeps it from starting, a sentence each.")


class SaidIn(Body):
    """What to add."""

    said: Text = ""


class ProgressIn(Body):
    """How far a task is; 100 completes it."""

    percent: Annotated[int, Field(ge=0, le=100), WHOLE]
    said: Text = ""


class TickIn(Body):
    """A criterion, by its number from 1, its words, or `all`."""

    criterion: Word = Field(examples=["1"])


def view(task: Task) -> TaskOut:
    """A task as programs read it."""
    shown = TaskOut.model_validate(task, from_attributes=True)
    return shown if task.status == State.BLOCKED else shown.model_copy(update={"blocker": None})


def routes(api: Api[Asker]) -> APIRouter:
    """List, look, claim, start, progress, tick, complete."""
    made = router("tasks")
    _reading(made, api)

    async def change(asked: ToWrite, scope: str, key: str, verb: Change) -> Response:
        def run(tx: Tx, who: Asker) -> TaskOut:
            found(lambda: service.get(tx, who.directory.plan_id, key))
            return view(verb(tx, who))

        return await api.write(asked, scope, run)

    @made.post("/tasks/{key}/claim", response_model=TaskOut, responses=WRITES)
    async def claim_task(asked: ToWrite, key: InPath) -> Response:
        """Claim a task that nobody has."""
        return await change(asked, CLAIM, key, lambda tx, who: service.claim(tx, who, key))

    @made.post("/tasks/{key}/start", response_model=TaskOut, responses=WRITES)
    async def start_task(asked: ToWrite, key: InPath) -> Response:
        """Start a task; refused while it waits for something."""
        return await change(asked, START, key, lambda tx, who: service.start(tx, who, key))

    @made.post("/tasks/{key}/progress", response_model=TaskOut, responses=WRITES)
    async def update_progress(asked: ToWrite, key: InPath, body: ProgressIn) -> Response:
        """Update how far a task is."""
        said = m.escape(body.said)
        return await change(asked, PROGRESS, key, lambda tx, who: service.progress(tx, who, key, body.percent, said))

    @made.post("/tasks/{key}/ticks", response_model=TaskOut, responses=WRITES)
    async def tick_task(asked: ToWrite, key: InPath, body: TickIn) -> Response:
        """Tick a criterion."""
        which = m.escape(body.criterion)
        return await change(asked, TICK, key, lambda tx, who: service.tick(tx, who, key, which))

    @made.post("/tasks/{key}/complete", response_model=TaskOut, responses=WRITES)
    async def complete_task(asked: ToWrite, key: InPath, body: SaidIn | None = None) -> Response:
        """Complete a task; refused while a criterion is not ticked."""
        said = m.escape(body.said if body else "")
        return await change(asked, COMPLETE, key, lambda tx, who: service.complete(tx, who, key, said))

    return made


def _reading(made: APIRouter, api: Api[Asker]) -> None:
    @made.get("/tasks", response_model=Page[TaskOut], responses=READS)
    async def list_tasks(
        asked: ToRead, limit: Limit = 50, cursor: Cursor = "", status: Annotated[State | None, Query()] = None,
        team: Annotated[Word | None, Query()] = None, assignee: Annotated[Word | None, Query()] = None,
    ) -> Response:  # fmt: skip
        """List the tasks of the plan in the order of its file."""

        def wanted(task: Task) -> bool:
            return status in (None, task.status) and team in (None, *task.teams) and assignee in (None, *task.assignees)

        def query(tx: Tx, who: Asker) -> BaseModel:
            tasks = [task for task in service.tasks(tx, who.directory.plan_id) if wanted(task)]
            if not tasks:
                check_filters({"team": (team, who.directory.teams), "assignee": (assignee, who.directory.people)})
            page = pages.cut(tasks, lambda task: (task.position, task.number), cursor, limit, 2)
            return Page[TaskOut](items=list(map(view, page.items)), next=page.next)

        return await api.read(asked, READ, query)

    @made.get("/tasks/{key}", response_model=TaskOut, responses=READS)
    async def get_task(asked: ToRead, key: InPath) -> Response:
        """Look at a task, and what it waits for."""

        def query(tx: Tx, who: Asker) -> BaseModel:
            task = service.get(tx, who.directory.plan_id, key)
            free = service.settled(task) or task.started_at
            held = () if free else service.holding(tx, task.plan_id, key)
            sentences = [plain(who.directory, reason.sentence) for reason in held]
            return view(task).model_copy(update={"waits_for": sentences})

        return await api.read(asked, READ, query)
