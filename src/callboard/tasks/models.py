"""Tasks: rows, states, verbs, pure transitions; and how far many of them are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.calendar import ONE_DAY, Calendar
from callboard.core.db import Instant
from callboard.core.timeline import BigId, Numbered

KIND = "task"
ALL = 100


class State(StrEnum):
    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    DROPPED = "dropped"


class Verb(StrEnum):
    CLAIMED = "claimed"
    GIVEN_BACK = "given back"
    ASSIGNED = "assigned"
    LEFT = "left without"
    STARTED = "started"
    PROGRESSED = "progressed"
    COMPLETED = "completed"
    REOPENED = "reopened"
    DROPPED = "dropped"
    OVERRIDDEN = "overridden"
    NOTED = "noted"
    FILES = "files named"
    TICKED = "ticked"
    UNTICKED = "unticked"
    POINT = "point"
    SPENT = "spent"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    APPLIED = "applied"
    OVERDUE = "overdue"
    STUCK = "stuck"


class Late(StrEnum):
    """Why a task needs its people, as they are told and as the timeline has it."""

    OVERDUE = "overdue"
    STUCK = "stuck"


@dataclass(frozen=True)
class TaskChanged:
    """A task is different: `was` and `now` are its states, the same where only percent, people or criteria changed."""

    plan_id: int
    key: str
    was: str
    now: str
    actor: str
    verb: Verb


@dataclass(frozen=True)
class TasksLate:
    """Tasks of a plan are overdue since now."""

    plan_id: int
    tasks: Sequence[Task]


SETTLED = (State.COMPLETED, State.DROPPED)


class Task(Numbered, table=True):
    """A piece of work of a plan. `changes` counts what makes older buttons void.

    `criteria` are {text, done, by, at}, `points` {name, team, status, by, at}; `needs`, `wants`, `components` are ids
    of the plan. `written` has the last words of the file on what people change too, the most `work` by its estimate,
    and whether that is in `days`. Estimates, `spent`: in seconds.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("plan_id", "key"),
        Index("tasks_next", "next_at"),
        Index("tasks_blocker", "blocker"),
    )

    subjects = KIND
    plan_id: int
    key: str
    position: int = 0
    gone: bool = False
    title: str
    team: str = ""
    teams: list[str] = Field(default=[], sa_type=JSON)
    kind: str = ""
    priority: str = ""
    phase: str = ""
    area: str = ""
    complexity: str = ""
    status: str = State.NOT_STARTED
    percent: int = 0
    assignees: list[str] = Field(default=[], sa_type=JSON)
    from_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    least: int | None = None
    likely: int | None = None
    most: int | None = None
    spent: int | None = None
    needs: list[str] = Field(default=[], sa_type=JSON)
    wants: list[str] = Field(default=[], sa_type=JSON)
    components: list[str] = Field(default=[], sa_type=JSON)
    criteria: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    points: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    files: list[str] = Field(default=[], sa_type=JSON)
    deliverable: list[str] = Field(default=[], sa_type=JSON)
    brief: list[str] = Field(default=[], sa_type=JSON)
    note: str = ""
    written: dict[str, Any] = Field(default={}, sa_type=JSON)
    overridden: list[str] = Field(default=[], sa_type=JSON)
    blocker: int | None = Field(default=None, sa_type=BigId)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    completed_by: str | None = None
    why: str = ""
    moved_at: datetime | None = Field(default=None, sa_type=Instant)
    stuck_at: datetime | None = Field(default=None, sa_type=Instant)
    freed_at: datetime | None = Field(default=None, sa_type=Instant)
    freed_by: str = ""
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    told_due: datetime | None = Field(default=None, sa_type=Instant)
    told_stuck: datetime | None = Field(default=None, sa_type=Instant)
    changes: int = 0

    @property
    def open_criteria(self) -> list[str]:
        return [str(criterion["text"]) for criterion in self.criteria if not criterion["done"]]

    @property
    def open_points(self) -> list[str]:
        return [str(point["name"]) for point in self.points if point["status"] not in SETTLED]

    @property
    def called(self) -> str:
        """`A-1 (Schema validated)`, in plain text."""
        return f"{self.key} ({self.title})"


def stands(task: Task) -> dict[str, Any]:
    """How a task stands, as the timeline keeps it."""
    return {
        "key": task.key, "status": str(task.status), "percent": task.percent, "people": list(task.assignees),
        "points": {point["name"]: str(point["status"]) for point in task.points},
    }  # fmt: skip


def settled(task: Task) -> bool:
    return task.status in SETTLED


def completed_since(task: Task, since: datetime, applied_at: datetime) -> bool:
    """Whether it was completed after a moment; what the first version of the plan brought completed is no news."""
    at = task.completed_at
    brought = at == applied_at and task.written.get("status") == State.COMPLETED
    return task.status == State.COMPLETED and at is not None and at > since and not brought


def begun(task: Task) -> bool:
    return task.started_at is not None and not settled(task)


def start(task: Task, now: datetime) -> None:
    task.status, task.started_at = State.IN_PROGRESS, task.started_at or now


def complete(task: Task, person: str, now: datetime) -> None:
    task.status, task.percent = State.COMPLETED, ALL
    task.started_at, task.completed_at, task.completed_by = task.started_at or now, now, person


def drop(task: Task, person: str, now: datetime, why: str) -> None:
    task.status, task.completed_at, task.completed_by, task.why = State.DROPPED, now, person, why


def reopen(task: Task) -> None:
    """Take back that it was settled; at 100% it begins at 0% again."""
    unblock(task)
    task.percent = 0 if task.percent == ALL else task.percent
    task.completed_at, task.completed_by, task.why = None, None, ""


def block(task: Task, blocker: int | None) -> None:
    task.status, task.blocker = State.BLOCKED, blocker


def unblock(task: Task) -> None:
    """Back to how it was before the blocker."""
    task.status = State.IN_PROGRESS if task.started_at else State.NOT_STARTED


def marked(items: Sequence[Mapping[str, Any]], index: int, **marks: Any) -> list[dict[str, Any]]:
    """A list of criteria or points with one of them marked; a new list, so that the row sees it."""
    return [{**item, **(marks if place == index else {})} for place, item in enumerate(items)]


def _stuck_at(task: Task, calendar: Calendar) -> datetime | None:
    """When it counts as stuck without an update: after its estimate, or a day, of work."""
    if task.status != State.IN_PROGRESS or task.moved_at is None:
        return None
    return calendar.after(task.moved_at, _longest(task, calendar))


def _longest(task: Task, calendar: Calendar) -> timedelta:
    """The working time that it may take at most. Of a task from before a plan file said it, whole days are days."""
    if (work := task.written.get("work")) is not None:
        return timedelta(seconds=work)
    span = timedelta(seconds=task.most) if task.most else ONE_DAY
    return span if span % ONE_DAY else calendar.in_days(span)


def is_overdue(task: Task, now: datetime) -> bool:
    return not settled(task) and task.due_at is not None and task.due_at <= now


def is_stuck(task: Task, now: datetime) -> bool:
    return task.status == State.IN_PROGRESS and task.stuck_at is not None and task.stuck_at <= now


def look(task: Task, calendar: Calendar) -> None:
    """Set when to tell people next that it is overdue or stuck."""
    task.stuck_at = _stuck_at(task, calendar)
    due = task.due_at if not settled(task) and task.told_due != task.due_at else None
    stuck = task.stuck_at if task.told_stuck != task.moved_at else None
    task.next_at = None if task.gone else min(filter(None, (due, stuck)), default=None)


@dataclass(frozen=True)
class Rolled:
    """Some tasks at a glance. `total` leaves out what was dropped; `planned` counts also what is not written yet."""

    name: str
    total: int
    completed: int
    in_progress: int
    blocked: int
    dropped: int
    overdue: int
    stuck: int
    percent: int


def rolled(name: str, tasks: Iterable[Task], now: datetime, planned: int = 0) -> Rolled:
    """Sum some tasks up; each counts as much as any other, one in progress by its percent."""
    several = list(tasks)
    states = Counter(task.status for task in several)
    total = max(len(several) - states[State.DROPPED], planned)
    counted = (task for task in several if task.status != State.DROPPED)
    done = sum(ALL if task.status == State.COMPLETED else task.percent for task in counted)
    return Rolled(
        name=name, total=total, completed=states[State.COMPLETED], in_progress=states[State.IN_PROGRESS],
        blocked=states[State.BLOCKED], dropped=states[State.DROPPED],
        overdue=sum(is_overdue(task, now) for task in several), stuck=sum(is_stuck(task, now) for task in several),
        percent=done // total if total else 0,
    )  # fmt: skip
