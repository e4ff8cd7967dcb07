"""When a gate or a phase is reached at the pace of the last seven days, by the rows as they stand now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from callboard.board.figures.days import PACE
from callboard.board.figures.history import A_DAY
from callboard.core.db import Tx
from callboard.gates import store as gates
from callboard.gates.plan.items import gates_of
from callboard.gates.plan.types import tasks_in
from callboard.planfile.timetable import placed, timetable
from callboard.plans import service as plans
from callboard.plans import store as versions
from callboard.plans.plan import PHASES
from callboard.risks.indicators import Forecast
from callboard.tasks import store as tasks
from callboard.tasks.models import SETTLED, State


class Aim(NamedTuple):
    """What is to be reached, by which tasks; `settled_at` once it is."""

    due_at: datetime
    tasks: Collection[str]
    settled_at: datetime | None = None


def forecast(tx: Tx, plan_id: int, kind: str, key: str) -> Forecast | None:
    """Its open tasks, divided by the tasks completed a day; None without tasks, and while none was completed."""
    aim = _gate(tx, plan_id, key) if kind == "gate" else _phase(tx, plan_id, key)
    if aim is None or not aim.tasks:
        return None
    if aim.settled_at:
        return Forecast(aim.settled_at, aim.due_at)
    every, since = tasks.tasks(tx, plan_id), tx.now - PACE
    left = sum(task.key in aim.tasks and task.status not in SETTLED for task in every)
    done = sum(
        task.status == State.COMPLETED and task.completed_at is not None and task.completed_at >= since
        for task in every
    )  # fmt: skip
    if not left:
        return Forecast(tx.now, aim.due_at)
    return Forecast(tx.now + left / done * _span(tx, plan_id), aim.due_at) if done else None


def _span(tx: Tx, plan_id: int) -> timedelta:
    """Over how long the pace is taken: since the plan was applied, where that is less than seven days."""
    first = versions.version(tx, plan_id, 1)
    return max(min(PACE, tx.now - first.at if first else PACE), A_DAY)


def _gate(tx: Tx, plan_id: int, key: str) -> Aim | None:
    row = next((gate for gate in gates.listed(tx, plan_id) if gate.key == key), None)
    live = plans.live(tx, plan_id)
    part = gates_of(live).get(key)
    if row is None or part is None or row.due_at is None:
        return None
    return Aim(row.due_at, tasks_in(live, part.criteria, part.needs), row.settled_at if row.settled else None)


def _phase(tx: Tx, plan_id: int, key: str) -> Aim | None:
    live = plans.live(tx, plan_id)
    part = (live.of(PHASES) or {}).get(key)
    end = placed(timetable(live), part.to) if part else None
    own = {task.key for task in tasks.tasks(tx, plan_id) if task.phase == key}
    return Aim(end[0], own) if end else None
