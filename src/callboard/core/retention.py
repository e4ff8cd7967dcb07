"""What is not kept for ever: each capability says which of its rows go and when, and one sweeper takes them away.

Once a day it takes a few rows from each table, and goes on every second until nothing is left: no page waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, Select, Table, bindparam, delete, func, select, tuple_

from callboard.core.db import Instant, Tx
from callboard.core.registry import Key
from callboard.core.ticks import WATCHES, DueWork, watch

NAME = "retention"
"""The watch of the sweeper; it belongs to no plan."""
BATCH = 200
EVERY, PAUSE = timedelta(days=1), timedelta(seconds=1)
BEFORE = bindparam("before", type_=Instant())
RETENTION: Key[timedelta | None] = Key("how long whoever runs Callboard keeps what is over; None for ever", None)


@dataclass(frozen=True)
class Sweep:
    """Rows go so long after `at`; where `kept` is None, as whoever runs Callboard has it.

    `only` those go that nothing needs: it may ask for `BEFORE`. The row with the highest number always stays, so that
    no database gives its number to another one.
    """

    at: Column[datetime]
    only: Sequence[ColumnElement[bool]] = ()
    kept: timedelta | None = None

    @property
    def table(self) -> Table:
        return self.at.table

    @cached_property
    def over(self) -> Select[Any]:
        """The keys of the oldest rows whose time is over, those that nobody writes to."""
        keys = list(self.table.primary_key)
        rows: Select[Any] = select(*keys).where(self.at < BEFORE, *self.only).order_by(self.at).limit(BATCH)
        if isinstance(keys[0].type, Integer) and len(keys) == 1:
            rows = rows.where(keys[0] < select(func.max(keys[0])).scalar_subquery())
        return rows.with_for_update(skip_locked=True, of=self.table)

    def run(self, tx: Tx) -> int:
        """Delete the oldest rows whose time is over; how many that was."""
        kept = self.kept or tx.of(RETENTION)
        if kept is None:
            return 0
        found = tx.connection.execute(self.over, {"before": tx.now - kept}).all()
        if found:
            keys = list(self.table.primary_key)
            which = keys[0].in_([row[0] for row in found]) if len(keys) == 1 else tuple_(*keys).in_(found)
            tx.connection.execute(delete(self.table).where(which))
        return len(found)


def begin(tx: Tx) -> None:
    """Have the sweeper come, unless it does already."""
    tx.insert_new(WATCHES, plan_id=0, name=NAME, seen_until=tx.now, wake_at=tx.now)


def sweeper(sweeps: Iterable[Sweep]) -> DueWork:
    """What takes away all that."""
    every = tuple(sweeps)

    def attend(tx: Tx, _plan: int, _since: datetime) -> datetime:
        full = [sweep for sweep in every if sweep.run(tx) == BATCH]
        return tx.now + (PAUSE if full else EVERY)

    return watch(NAME, attend)
