"""Finds tasks by what people call them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused, did_you_mean
from callboard.tasks import store
from callboard.tasks.models import Task

if TYPE_CHECKING:
    from callboard.core.db import Tx


def get(tx: Tx, plan_id: int, key: str, *, lock: bool = False) -> Task:
    """The task with this id, in any case. Raises Refused with the nearest where there is none."""
    wanted = key.strip().strip("`:,")
    found = store.called(tx, plan_id, wanted)
    found = store.locked(tx, plan_id, found.key) if found and lock else found
    if found is None:
        near = did_you_mean(wanted, [task.key for task in store.every(tx, plan_id)])
        raise Refused(f"There is no task `{b.clip(wanted, 40)}`; {near} `/task list` shows all.")
    return found


def tasks(tx: Tx, plan_id: int, keys: Collection[str] | None = None) -> Sequence[Task]:
    """The tasks of a plan in the order of the file, or those of them that have one of these ids."""
    return store.every(tx, plan_id) if keys is None else store.keyed(tx, plan_id, keys)
