"""What messages show of tasks, read from their rows into frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callboard import blocks as b
from callboard.core.timeline import BOT, Entry
from callboard.core.words import joined
from callboard.planfile.times import show_span
from callboard.planning.duties import named
from callboard.tasks import models
from callboard.tasks.dependencies import Holding, Scene
from callboard.tasks.models import State, Task
from callboard.teams.service import Directory


@dataclass(frozen=True)
class Item:
    """A criterion, a component or a point where teams meet: what it is, how it stands, and by whom."""

    text: str
    status: str
    by: str = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do there."""
        return self.status in models.SETTLED


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A task as it is now. People are mentions, or names where they have no Slack account; all text is Slack's."""

    number: int
    key: str
    title: str
    teams: tuple[str, ...]
    kind: str
    priority: str
    phase: str
    area: str
    complexity: str
    status: str
    percent: int
    people: str
    is_mine: bool
    is_free: bool
    from_at: datetime | None
    due_at: datetime | None
    estimate: str
    actual: str
    started_at: datetime | None
    completed_at: datetime | None
    completed_by: str
    why: str
    criteria: tuple[Item, ...]
    components: tuple[Item, ...]
    points: tuple[Item, ...]
    files: tuple[str, ...]
    deliverable: tuple[str, ...]
    brief: tuple[str, ...]
    note: str
    waits: tuple[Holding, ...]
    wants: tuple[str, ...]
    wanting: tuple[str, ...]
    waiting: tuple[str, ...]
    overridden: tuple[str, ...]
    blocker: int | None
    is_overdue: bool
    is_stuck: bool
    changes: int

    @property
    def value(self) -> str:
        """What its buttons carry."""
        return f"{self.number}:{self.changes}"

    @property
    def is_settled(self) -> bool:
        """Whether it is over."""
        return self.status in models.SETTLED


@dataclass(frozen=True)
class LineView:
    """One line of a task's history."""

    at: datetime
    actor: str
    verb: str
    said: str
    facts: dict[str, Any]


def view(scene: Scene, task: Task, me: str = "") -> TaskView:
    """Everything that is shown of a task to somebody."""
    directory, now = scene.directory, scene.tx.now
    known = directory.teams
    parts = [scene.tasks[key] for key in task.components if key in scene.tasks]
    return TaskView(
        number=task.number,
        key=task.key,
        title=b.escape(task.title),
        teams=tuple(b.escape(known[team].name) if team in known else team for team in task.teams),
        kind=task.kind,
        priority=task.priority,
        phase=named(scene.document, task.phase) if task.phase else "",
        area=b.escape(task.area),
        complexity=b.escape(task.complexity),
        status=str(task.status),
        percent=task.percent,
        people=joined(directory.called(one) for one in directory.named(task.assignees)) or "nobody yet",
        is_mine=me in task.assignees,
        is_free=not task.assignees,
        from_at=task.from_at,
        due_at=task.due_at,
        estimate=_estimate(task),
        actual=_actual(directory, task),
        started_at=task.started_at,
        completed_at=task.completed_at,
        completed_by=called(directory, task.completed_by),
        why=task.why,
        criteria=tuple(_item(directory, one["text"], "completed" if one["done"] else "", one) for one in task.criteria),
        components=tuple(Item(f"{one.key} {b.escape(one.title)}", str(one.status)) for one in parts),
        points=tuple(_point(directory, one) for one in task.points),
        files=tuple(map(b.escape, task.files)),
        deliverable=tuple(map(b.escape, task.deliverable)),
        brief=tuple(map(b.escape, task.brief)),
        note=b.escape(task.note),
        waits=tuple(scene.holding(task)) if not models.settled(task) and not task.started_at else (),
        wants=tuple(named(scene.document, key) for key in task.wants),
        wanting=tuple(scene.wanting(task)) if not models.settled(task) else (),
        waiting=tuple(one.key for one in scene.waiting(task.key)),
        overridden=tuple(named(scene.document, key) for key in task.overridden),
        blocker=task.blocker if task.status == State.BLOCKED else None,
        is_overdue=models.is_overdue(task, now),
        is_stuck=models.is_stuck(task, now),
        changes=task.changes,
    )


def views(scene: Scene, tasks: Iterable[Task], me: str = "") -> list[TaskView]:
    """Several tasks."""
    return [view(scene, task, me) for task in tasks]


def line(directory: Directory, entry: Entry) -> LineView:
    """One line of history, from the timeline."""
    to = [called(directory, key) for key in entry.facts.get("to", ())]
    facts = {**entry.facts, "to": to}
    return LineView(entry.at, called(directory, entry.actor), entry.verb, entry.said or "", facts)


def called(directory: Directory, key: str | None) -> str:
    """How somebody is spoken of; empty for nobody."""
    return "the plan" if key == BOT else directory.called(key) if key else ""


def _item(directory: Directory, text: str, status: str, marks: dict[str, Any]) -> Item:
    return Item(b.escape(text), status, called(directory, marks["by"]))


def _point(directory: Directory, one: dict[str, Any]) -> Item:
    team = directory.teams.get(one["team"])
    whose = f" ({b.escape(team.name)})" if team else ""
    return Item(f"{b.escape(one['name'])}{whose}", str(one["status"]), called(directory, one["by"]))


def _estimate(task: Task) -> str:
    if task.least is None or task.most is None:
        return ""
    low, high = (show_span(timedelta(seconds=one)) for one in (task.least, task.most))
    return low if low == high else f"{low} to {high}"


def _actual(directory: Directory, task: Task) -> str:
    """What it took: as somebody said, else the working time from its start to its end."""
    if task.spent is not None:
        return show_span(timedelta(seconds=task.spent))
    if task.started_at is None or task.completed_at is None or task.status != State.COMPLETED:
        return ""
    worked = directory.calendar.between(task.started_at, task.completed_at)
    return show_span(worked - worked % timedelta(minutes=1)) if worked >= timedelta(minutes=1) else "under a minute"
