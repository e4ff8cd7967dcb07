"""What every change of a task entails: its row, the timeline, those who wait for it, and the event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.core import timeline
from callboard.tasks import freeing, models
from callboard.tasks.events import TaskChanged
from callboard.tasks.models import Task

if TYPE_CHECKING:
    from callboard.core.db import Tx


def changed(
    tx: Tx, task: Task, actor: str, verb: str, was: str, *, said: str | None = None, **facts: Any
) -> Task:  # fmt: skip
    """Keep what became of a task that was in the state `was`, and tell those who wait for it."""
    task.changes += 1
    task.moved_at = tx.now
    models.look(task)
    tx.session.add(task)
    tx.session.flush()
    timeline.record(
        tx, task.plan_id, task.subject, verb, actor=actor, said=said or None, change=task.changes, task=task.key,
        status=str(task.status), **facts,
    )  # fmt: skip
    if (was in models.SETTLED) != models.settled(task):
        (freeing.settled if models.settled(task) else freeing.reopened)(tx, task, actor)
    tx.publish(TaskChanged(task.plan_id, task.key, str(was), str(task.status), actor, verb))
    return task
