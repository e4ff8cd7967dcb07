"""What comes due with conflicts: the time to resolve one is over, and the time until it must be seen to be gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.conflicts import models, service, store
from callboard.conflicts.models import GOING
from callboard.core.ticks import DueWork

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORK = "conflicts"


def _claim(tx: Tx, limit: int) -> Sequence[int]:
    return store.due(tx, WORK, limit)


def _handle(tx: Tx, numbers: Sequence[int]) -> None:
    for conflict in store.numbered(tx, numbers):
        if conflict.next_at is None or conflict.next_at > tx.now or conflict.state not in GOING:
            continue
        late = conflict.validate_at is not None and conflict.validate_at <= tx.now
        models.look(conflict, tx.now)
        service.run_out(tx, conflict, "validated" if late else "resolved")


def _next_at(tx: Tx) -> datetime | None:
    return store.next_at(tx, WORK)


conflicts = DueWork(WORK, _claim, _handle, _next_at)
