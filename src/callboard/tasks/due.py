"""Overdue and stuck tasks: those who have them, and who lead their teams, are told once for each."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.ticks import rows_due
from callboard.tasks import models, notices, store
from callboard.tasks.models import Late, Task, TasksLate
from callboard.teams import service as teams
from callboard.teams.service import Directory


def _tell(tx: Tx, numbers: Sequence[int]) -> None:
    late: dict[int, list[tuple[Task, Late]]] = {}
    for task in store.numbered(tx, numbers):
        why = _why(tx, task)
        models.look(task, teams.directory(tx, task.plan_id).calendar)
        tx.session.add(task)
        if why:
            timeline.record(tx, task.plan_id, task.subject, why, task=task.key)
            late.setdefault(task.plan_id, []).append((task, why))
    tx.session.flush()
    for plan_id, tasks in late.items():
        _tell_people(tx, teams.directory(tx, plan_id), tasks)
        if overdue := [task for task, why in tasks if why == Late.OVERDUE]:
            tx.publish(TasksLate(plan_id, overdue))


def _why(tx: Tx, task: Task) -> Late | None:
    """Overdue before stuck; either is marked as told."""
    why = None
    if models.is_stuck(task, tx.now) and task.told_stuck != task.moved_at:
        task.told_stuck, why = task.moved_at, Late.STUCK
    if models.is_overdue(task, tx.now) and task.told_due != task.due_at:
        task.told_due, why = task.due_at, Late.OVERDUE
    return why


def _tell_people(tx: Tx, directory: Directory, late: Sequence[tuple[Task, Late]]) -> None:
    theirs: dict[str, list[Task]] = {}
    for task, _ in late:
        people = [*directory.named(task.assignees), *directory.leads_of(task.team), *directory.owners_of(task.area)]
        for key in dict.fromkeys((directory.standing_in(person, tx.now) or person).key for person in people):
            theirs.setdefault(key, []).append(task)
    why = {task.key: reason for task, reason in late}
    for key, tasks in theirs.items():
        notices.late(tx, directory, directory.people[key], tasks, why)


late = rows_due("tasks", _tell, Task.id, Task.next_at)
