"""What meetings hear from below: the plan, and the tasks that came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core import outbox, watches
from callboard.meetings import store
from callboard.meetings.models import KIND
from callboard.plans.events import PlanApplied, PlanEdited
from callboard.tasks.events import TaskChanged

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_plan(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """The plan is different: its meetings may be at another time."""
    watches.keep(tx, event.plan_id, store.ANNOUNCING)


def on_task_changed(tx: Tx, event: TaskChanged) -> None:
    """An action is further on: the card shows it."""
    found = [one.number for one in store.meetings(tx, event.plan_id) if event.key in one.actions]
    outbox.touch(tx, KIND, found)
