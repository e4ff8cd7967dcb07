"""What checkpoints hear from below: the plan, tasks, climbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.checkpoints import service, store
from callboard.checkpoints.models import INQUIRY, KIND
from callboard.core import outbox, watches
from callboard.escalation.events import StepsDue
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_plan(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """The plan is different: its checkpoints may be at another time."""
    watches.keep(tx, event.plan_id, store.CHECKPOINTS)


def on_task_changed(tx: Tx, event: TaskChanged) -> None:
    """What was off track may hold now."""
    service.recheck(tx, event.plan_id, event.key)


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb moved: the cards show it."""
    if event.kind == INQUIRY:
        found = [store.inquiry(tx, step.climb.subject_id) for step in event.steps]
        outbox.touch(tx, KIND, {one.checkpoint_id for one in found if one is not None})
