"""Due work: rows whose time has come are claimed in batches and handled; what keeps failing is parked.

A watch over a plan's calendar wakes when the next thing comes, and knows until when it has looked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

import sqlalchemy
import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    bindparam,
    exists,
    or_,
)
from sqlmodel import Field, SQLModel, col, select

from callboard.core import traces
from callboard.core.db import Database, Instant, Tx
from callboard.core.engine import is_out_of_order
from callboard.core.glance import NOW, Glance, glance
from callboard.core.rows import upsert
from callboard.core.timeline import BigId
from callboard.core.write_queue import Patience

log = structlog.get_logger()

BATCH = 200
PARK_AFTER = 5
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class DueWork:
    """One kind of thing that comes due.

    `claim(tx, limit)` locks due rows (skipping those another replica holds and those `hindered`) and returns their ids,
    `handle(tx, ids)` does what is due. `waiting` selects one instant, or none while nothing waits: `after` it something
    is due. It may ask for `NOW`.
    """

    name: str
    claim: Callable[[Tx, int], Sequence[int]]
    handle: Callable[[Tx, Sequence[int]], None]
    waiting: Select[Any]
    after: timedelta = timedelta(0)

    def next_at(self, tx: Tx) -> datetime | None:
        at: datetime | None = tx.connection.execute(self.waiting, {"now": tx.now}).scalar()
        return None if at is None else at + self.after


Look = Sequence[datetime | None]
"""The next instant of each kind of due work, then of what others do; None where nothing waits."""


class Trouble(SQLModel, table=True):
    """A due row that failed: when it is tried again, or that it is parked (`retry_at` is None) until somebody looks."""

    __tablename__ = "troubles"

    work: str = Field(primary_key=True)
    row_id: int = Field(primary_key=True, sa_type=BigInteger)
    failures: int = 0
    retry_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str = ""


def hindered(work: str, row_id: Any) -> ColumnElement[bool]:
    """True for a row that failed and may not be tried `NOW`."""
    held_back = or_(col(Trouble.retry_at).is_(None), col(Trouble.retry_at) > NOW)
    return exists().where(col(Trouble.work) == work, col(Trouble.row_id) == row_id, held_back)


def rows_due(
    name: str, handle: Callable[[Tx, Sequence[int]], None], row_id: Any, at: Any, *which: ColumnElement[bool],
    locked: bool = True,
) -> DueWork:  # fmt: skip
    """Rows that are due by `at` and match `which`. Unless rows are `locked`, `handle` has to take turns."""
    conditions = (*which, ~hindered(name, row_id))
    due = _due(at, conditions, row_id)
    claiming = due.with_for_update(skip_locked=True) if locked else due

    def claim(tx: Tx, limit: int) -> Sequence[int]:
        return list(tx.connection.execute(claiming, {"now": tx.now, "most": limit}).scalars())

    return DueWork(name, claim, handle, _waiting(at, conditions))


def _due(at: Any, conditions: Sequence[ColumnElement[bool]], *columns: Any) -> Select[Any]:
    return sqlalchemy.select(*columns).where(col(at) <= NOW, *conditions).order_by(at).limit(bindparam("most"))


def _waiting(at: Any, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return select(at).where(col(at).is_not(None), *conditions).order_by(at).limit(1)


def once_due(name: str, handle: Callable[[Tx], None], waiting: Select[Any], after: timedelta = timedelta(0)) -> DueWork:
    """One thing to do at a time, `after` the instant that `waiting` selects."""

    def claim(tx: Tx, _: int) -> Sequence[int]:
        at = work.next_at(tx)
        return [1] if at is not None and at <= tx.now else []

    work = DueWork(name, claim, lambda tx, _: handle(tx), waiting, after)
    return work


class Watch(SQLModel, table=True):
    """One kind of thing in one plan. All of it up to `seen_until` is on record; at `wake_at` somebody looks again."""

    __tablename__ = "watches"
    __table_args__ = (
        sqlalchemy.UniqueConstraint("plan_id", "name"),
        sqlalchemy.Index("watches_wake", "name", "wake_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    name: str
    seen_until: datetime = Field(sa_type=Instant)
    wake_at: datetime | None = Field(default=None, sa_type=Instant)


WATCHES: Table = Watch.__table__  # type: ignore[attr-defined]
_WATCH = WATCHES.c
ATTENDED = (
    sqlalchemy.select(_WATCH.plan_id, _WATCH.seen_until)
    .where(_WATCH.id == bindparam("number"), _WATCH.wake_at <= NOW)
    .with_for_update()
)
SEEN = (
    sqlalchemy.update(WATCHES)
    .where(_WATCH.id == bindparam("number"))
    .values(seen_until=NOW, wake_at=bindparam("then", type_=Instant()))
)


@cache
def _waking(on_postgres: bool) -> Any:  # noqa: FBT001
    new = upsert(WATCHES, on_postgres=on_postgres)
    return new.on_conflict_do_update(index_elements=("plan_id", "name"), set_={"wake_at": new.excluded.wake_at})


def keep(tx: Tx, plan_id: int, name: str) -> None:
    """Watch a plan from now on; what came before is not done."""
    row = {"plan_id": plan_id, "name": name, "seen_until": tx.now - MOMENT, "wake_at": tx.now}
    tx.connection.execute(_waking(tx.on_postgres), row)


def again(name: str) -> Callable[[Tx, Any], None]:
    """What happens when a plan changes: whoever keeps an eye on it looks again. Subscribes to events with `plan_id`."""
    return lambda tx, event: keep(tx, event.plan_id, name)


def watch(name: str, attend: Callable[[Tx, int, datetime], datetime | None]) -> DueWork:
    """`attend(tx, plan_id, since)` does what came in a plan since an instant, and returns when the next thing comes."""
    conditions = (col(Watch.name) == name, ~hindered(name, Watch.id))
    claiming = _due(Watch.wake_at, conditions, Watch.id, *ATTENDED.selected_columns).with_for_update(skip_locked=True)

    def claim(tx: Tx, limit: int) -> Sequence[int]:
        rows = tx.connection.execute(claiming, {"now": tx.now, "most": limit}).all()
        tx.local[claim] = {row.id: row for row in rows}
        return [row.id for row in rows]

    def handle(tx: Tx, numbers: Sequence[int]) -> None:
        """Those that were claimed are locked, and as they were then; whatever is tried by itself is read now."""
        claimed = tx.local.get(claim, {})
        for number in numbers:
            found = {"number": number, "now": tx.now}
            row = claimed.get(number) or tx.connection.execute(ATTENDED, found).first()
            if row is not None:
                then = attend(tx, row.plan_id, row.seen_until)
                tx.connection.execute(SEEN, {**found, "then": then})

    return DueWork(name, claim, handle, _waiting(Watch.wake_at, conditions))


def parked(tx: Tx) -> Sequence[Trouble]:
    return tx.session.exec(select(Trouble).where(col(Trouble.retry_at).is_(None))).all()


class Ticker:
    """Asks each kind of due work for what is due. A metronome calls `tick` several times a second."""

    def __init__(self, db: Database, works: Sequence[DueWork]) -> None:
        self._ticked: float | None = None
        self._db = db
        self._works = works

    @cached_property
    def _own(self) -> Glance:
        return self.looking()

    def looking(self, *errands: Select[Any]) -> Glance:
        """Asks for the next instant of each kind of due work, and of what others do."""
        return glance(*(work.waiting for work in self._works), *errands)

    async def tick(self) -> int:
        """Handle everything that is due now; return how many rows that was."""
        return await self.handle(await self.look()) if self._works else 0

    async def look(self) -> Look:
        """Look without the right to write: most ticks find nothing."""
        return await self._db.read(self.instants, self._own)

    async def handle(self, look: Look) -> int:
        """Handle what a look found to be due; return how many rows that was."""
        done = 0
        for work, at in zip(self._works, look, strict=False):
            if at is None or at > self._db.clock.now():
                continue
            try:
                with traces.begun(), self._db.spans.span(f"due {work.name}", first=True):
                    done += await self._run(work)
            except Exception:
                log.exception("tick.failed", work=work.name)
        self._ticked = time.monotonic()
        return done

    def age(self) -> float | None:
        """Real seconds since the last tick that went through; None before the first one."""
        return None if self._ticked is None else time.monotonic() - self._ticked

    def instants(self, tx: Tx, looking: Glance) -> Look:
        """When each kind of due work is due next, then what others asked for."""
        instants = looking.instants(tx)
        for place, work in enumerate(self._works):
            if work.after and (at := instants[place]) is not None:
                instants[place] = at + work.after
        return instants

    async def _run(self, work: DueWork) -> int:
        done = 0
        while True:
            claimed: Sequence[int] = ()

            def batch(tx: Tx) -> int:
                nonlocal claimed
                claimed = work.claim(tx, BATCH)
                if claimed:
                    work.handle(tx, claimed)
                return len(claimed)

            try:
                handled = await self._db.write_behind(Patience.DUE, batch)
            except Exception:
                if not claimed:
                    raise
                log.exception("tick.batch_failed", work=work.name, rows=len(claimed))
                handled = await self._one_by_one(work, claimed)
            done += handled
            if handled < BATCH:
                return done

    async def _one_by_one(self, work: DueWork, ids: Sequence[int]) -> int:
        for row_id in ids:
            try:
                await self._db.write_behind(Patience.DUE, work.handle, [row_id])
            except Exception as error:
                if is_out_of_order(error):
                    raise  # no fault of the row: it is due at the next tick as well
                log.exception("tick.row_failed", work=work.name, row=row_id)
                await self._db.write_behind(
                    Patience.DUE, _trouble, work.name, row_id, f"{type(error).__name__}: {error}"
                )
        return len(ids)


def _trouble(tx: Tx, work: str, row_id: int, error: str) -> None:
    trouble = tx.get(Trouble, (work, row_id)) or Trouble(work=work, row_id=row_id)
    trouble.failures += 1
    trouble.error = error[:2000]
    trouble.retry_at = tx.now + timedelta(seconds=2**trouble.failures) if trouble.failures < PARK_AFTER else None
    tx.session.add(trouble)
    if trouble.retry_at is None:
        log.error("tick.parked", work=work, row=row_id, error=error)
