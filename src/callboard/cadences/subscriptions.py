"""What cadences hear from below: the plan and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.cadences import service, store
from callboard.core import watches
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_plan(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """The plan is different: others may be asked, at other times."""
    watches.keep(tx, event.plan_id, store.CADENCES)


def on_task_changed(tx: Tx, event: TaskChanged) -> None:
    """Something was heard of a task."""
    service.heard(tx, event.plan_id, event.key)
