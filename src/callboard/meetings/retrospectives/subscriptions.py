"""What retrospectives do when a task is settled or a hold is lifted: a phase may be over now."""

from __future__ import annotations

from callboard.core import ticks
from callboard.core.db import Tx
from callboard.meetings.retrospectives import plan, store
from callboard.plans import service as plans
from callboard.plans.models import HoldLifted
from callboard.plans.plan import PHASES
from callboard.tasks.models import SETTLED, TaskChanged


def on_task(tx: Tx, event: TaskChanged) -> None:
    if event.now in SETTLED and event.was not in SETTLED:
        _look(tx, event.plan_id)


def on_lifted(tx: Tx, event: HoldLifted) -> None:
    if event.free:
        _look(tx, event.plan_id)


def _look(tx: Tx, plan_id: int) -> None:
    document = plans.live(tx, plan_id)
    if any(plan.of_phase(document, key) for key in document.of(PHASES) or ()):
        ticks.keep(tx, plan_id, store.WATCH)
