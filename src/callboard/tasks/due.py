"""What comes due with tasks: one that is overdue or stuck is told, once, to those who have it and who lead its team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.core import timeline
from callboard.core.ticks import rows_due
from callboard.tasks import models, notices, store
from callboard.tasks.models import Task
from callboard.teams import service as teams
from callboard.teams.directory import working_from
from callboard.teams.service import Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

OVERDUE, STUCK = "overdue", "stuck"


def _tell(tx: Tx, numbers: Sequence[int]) -> None:
    late: dict[int, list[tuple[Task, str]]] = {}
    for task in store.numbered(tx, numbers):
        why = _why(tx, task)
        models.look(task)
        tx.session.add(task)
        if why:
            timeline.record(tx, task.plan_id, task.subject, why, task=task.key)
            late.setdefault(task.plan_id, []).append((task, why))
    tx.session.flush()
    for plan_id, found in late.items():
        _tell_people(tx, teams.directory(tx, plan_id), found)


def _why(tx: Tx, task: Task) -> str:
    """Which of both it is; it is noted as told."""
    why = ""
    if models.is_stuck(task, tx.now) and task.told_stuck != task.moved_at:
        task.told_stuck, why = task.moved_at, STUCK
    if models.is_overdue(task, tx.now) and task.told_due != task.due_at:
        task.told_due, why = task.due_at, OVERDUE
    return why


def _tell_people(tx: Tx, directory: Directory, found: Sequence[tuple[Task, str]]) -> None:
    theirs: dict[str, list[Task]] = {}
    for task, _ in found:
        for person in _concerned(tx, directory, task):
            theirs.setdefault(person.key, []).append(task)
    why = {task.key: reason for task, reason in found}
    for key, tasks in theirs.items():
        person = directory.people[key]
        notices.late(tx, directory, person, tasks, why, working_from(directory, person, tx.now))


def _concerned(tx: Tx, directory: Directory, task: Task) -> list[Person]:
    """Who has it and who leads its team; for whoever is away, who stands in."""
    people = [*directory.named(task.assignees), *directory.leads_of(task.team)]
    there = [directory.standing_in(person, tx.now) or person for person in people]
    return list({person.key: person for person in there}.values())


late = rows_due("tasks", _tell, Task.id, Task.next_at)
