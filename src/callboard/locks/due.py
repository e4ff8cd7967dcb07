"""What happens to locks by itself: they expire, an offer ends, and in the morning holders are asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.core.ticks import rows_due
from callboard.locks import notices, queue, store
from callboard.locks.models import Lock, News, State, Verb
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _handle(tx: Tx, numbers: Sequence[int]) -> None:
    """Two processes that find the same locks take turns; the later one finds them done."""
    for plan_id in sorted({lock.plan_id for lock in store.numbered(tx, numbers)}):
        store.take_turn(tx, plan_id)
        queue.settle(tx, plan_id)
    for lock in store.numbered(tx, numbers):
        if lock.state == State.HELD and lock.remind_at and lock.remind_at <= tx.now:
            directory = teams.directory(tx, lock.plan_id)
            queue.set_reminder(tx, directory, lock)
            notices.changed(tx, lock, Verb.REMINDED)
            notices.tell(tx, directory, lock, lock.holder, News.REMINDER)


locks = rows_due("locks", _handle, Lock.id, Lock.next_at, locked=False)
