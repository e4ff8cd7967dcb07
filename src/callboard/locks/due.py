"""What happens to locks by itself: they expire, an offer ends, and in the morning holders are asked whether to keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.core.ticks import DueWork
from callboard.locks import line, store, telling
from callboard.locks.models import Lock, State
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORK = "locks"


def _claim(tx: Tx, limit: int) -> Sequence[int]:
    return store.due(tx, WORK, limit)


def _handle(tx: Tx, numbers: Sequence[int]) -> None:
    for plan_id in sorted({lock.plan_id for lock in store.numbered(tx, numbers)}):
        store.take_turn(tx, plan_id)
        line.settle(tx, plan_id)
    for lock in store.numbered(tx, numbers):
        if lock.state == State.HELD and lock.remind_at and lock.remind_at <= tx.now:
            _remind(tx, lock)


def _remind(tx: Tx, lock: Lock) -> None:
    directory = teams.directory(tx, lock.plan_id)
    line.remind(tx, directory, lock)
    telling.changed(tx, lock, "reminded")
    telling.direct(tx, directory, lock, lock.holder, "reminder")


def _next_at(tx: Tx) -> datetime | None:
    return store.next_at(tx, WORK)


locks = DueWork(WORK, _claim, _handle, _next_at)
