"""Tasks as everybody above knows them: how they stand, what they wait for, and the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.tasks.blocking import block
from callboard.tasks.details import files, note, point, spent, stands, tick
from callboard.tasks.finding import get, tasks
from callboard.tasks.freeing import arrived
from callboard.tasks.holding import Holding, Scene
from callboard.tasks.models import SETTLED, State, Task, begun, is_overdue, settled
from callboard.tasks.rollup import rolled
from callboard.tasks.working import assign, claim, complete, drop, override, progress, release, reopen, start

if TYPE_CHECKING:
    from callboard.core.db import Tx

__all__ = [
    "SETTLED", "Scene", "State", "Task", "arrived", "assign", "begun", "block", "claim", "complete", "drop",
    "files", "get", "holding", "is_overdue", "note", "override", "point", "progress", "release", "reopen", "rolled",
    "settled", "spent", "stands", "start", "tasks", "tick",
]  # fmt: skip


def holding(tx: Tx, plan_id: int, key: str) -> Sequence[Holding]:
    """What keeps a task from starting, each with a sentence; nothing where it can. Refused for no such task."""
    return Scene(tx, plan_id).holding(get(tx, plan_id, key))
