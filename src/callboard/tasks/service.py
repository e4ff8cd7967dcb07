"""Tasks as everybody above knows them: how they stand, what they wait for, and the verbs of work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.core.sections import did_you_mean
from callboard.tasks import store
from callboard.tasks.events import GateAsked, TaskChanged
from callboard.tasks.holding import Holding, Scene
from callboard.tasks.models import SETTLED, State, Task, is_overdue, is_stuck, settled

if TYPE_CHECKING:
    from callboard.core.db import Tx

__all__ = [
    "SETTLED", "GateAsked", "Holding", "Scene", "State", "Task", "TaskChanged", "get", "holding", "is_overdue",
    "is_stuck", "settled", "tasks",
]  # fmt: skip


def get(tx: Tx, plan_id: int, key: str, *, lock: bool = False) -> Task:
    """The task with this id, in any case. Raises Refused with the nearest where there is none."""
    wanted = key.strip().strip("`:,")
    found = store.locked(tx, plan_id, wanted) if lock else None
    if found is None:
        every = store.every(tx, plan_id)
        found = next((task for task in every if task.key.lower() == wanted.lower()), None)
        if found is None:
            near = did_you_mean(wanted, [task.key for task in every])
            raise Refused(f"There is no task `{b.clip(wanted, 40)}`; {near}")
        found = store.locked(tx, plan_id, found.key) if lock else found
    return found or get(tx, plan_id, key)


def tasks(tx: Tx, plan_id: int, keys: Collection[str] | None = None) -> Sequence[Task]:
    """The tasks of a plan in the order of the file, or those of them that have one of these ids."""
    every = store.every(tx, plan_id)
    return every if keys is None else [task for task in every if task.key in keys]


def holding(tx: Tx, plan_id: int, key: str) -> Sequence[Holding]:
    """What keeps a task from starting, each with a sentence; nothing where it can. Refused for no such task."""
    return Scene(tx, plan_id).holding(get(tx, plan_id, key))
