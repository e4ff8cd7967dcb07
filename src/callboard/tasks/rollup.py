"""How far phases, areas or teams are, by their tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from callboard.tasks.models import ALL, State, Task, is_overdue, is_stuck


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
    found = list(tasks)
    counted = [task for task in found if task.status != State.DROPPED]
    total = max(len(counted), planned)
    done = sum(ALL if task.status == State.COMPLETED else task.percent for task in counted)
    return Rolled(
        name=name, total=total, completed=_count(found, State.COMPLETED), in_progress=_count(found, State.IN_PROGRESS),
        blocked=_count(found, State.BLOCKED), dropped=_count(found, State.DROPPED),
        overdue=sum(is_overdue(task, now) for task in found), stuck=sum(is_stuck(task, now) for task in found),
        percent=done // total if total else 0,
    )  # fmt: skip


def _count(tasks: Iterable[Task], state: State) -> int:
    return sum(task.status == state for task in tasks)
