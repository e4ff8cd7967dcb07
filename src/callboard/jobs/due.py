"""What comes due with jobs: a lease that nobody has kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.core.ticks import DueWork
from callboard.jobs import service, store

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORK = "jobs"


def _claim(tx: Tx, limit: int) -> Sequence[int]:
    return store.lapsed(tx, WORK, limit)


def _next_at(tx: Tx) -> datetime | None:
    return store.next_lapse(tx, WORK)


leases = DueWork(WORK, _claim, service.lapse, _next_at)
