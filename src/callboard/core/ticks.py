"""Due work: rows whose instant has come are claimed in batches and handled; what keeps failing is parked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import BigInteger, ColumnElement, and_, exists, or_
from sqlmodel import Field, SQLModel, col, select

from callboard.core.db import Instant
from callboard.core.turns import Patience

if TYPE_CHECKING:
    from callboard.core.db import Database, Tx

log = structlog.get_logger()

BATCH = 200
PARK_AFTER = 5


@dataclass(frozen=True)
class DueWork:
    """One kind of thing that comes due.

    `claim(tx, limit)` locks due rows (skipping those another replica holds and those `hindered`) and returns their ids,
    `handle(tx, ids)` does what is due, `next_at(tx)` says when the next row will be due, None when none waits.
    """

    name: str
    claim: Callable[[Tx, int], Sequence[int]]
    handle: Callable[[Tx, Sequence[int]], None]
    next_at: Callable[[Tx], datetime | None]


class Trouble(SQLModel, table=True):
    """A due row that failed: when it is tried again, or that it is parked (`retry_at` is None) until somebody looks."""

    __tablename__ = "troubles"

    work: str = Field(primary_key=True)
    row_id: int = Field(primary_key=True, sa_type=BigInteger)
    failures: int = 0
    retry_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str = ""


def hindered(work: str, row_id: Any, now: datetime) -> ColumnElement[bool]:
    """True for a row that failed and is not to be tried at `now`."""
    return exists().where(
        and_(
            col(Trouble.work) == work,
            col(Trouble.row_id) == row_id,
            or_(col(Trouble.retry_at).is_(None), col(Trouble.retry_at) > now),
        )
    )


def soonest(tx: Tx, work: str, row_id: Any, at: Any, *which: ColumnElement[bool]) -> datetime | None:
    """The first instant in the column `at` of rows that are not hindered; `which` are further conditions."""
    wanted = select(at).where(col(at).is_not(None), *which, ~hindered(work, row_id, tx.now))
    return tx.session.exec(wanted.order_by(col(at)).limit(1)).first()


def parked(tx: Tx) -> Sequence[Trouble]:
    """The rows that were given up."""
    return tx.session.exec(select(Trouble).where(col(Trouble.retry_at).is_(None))).all()


class Ticker:
    """Asks each kind of due work for what is due. A metronome calls `tick` several times a second."""

    def __init__(self, db: Database, works: Sequence[DueWork]) -> None:
        self._ticked: float | None = None
        self._db = db
        self._works = works

    async def tick(self) -> int:
        """Handle everything that is due now; return how many rows that was."""
        done = 0
        for work in await self._db.read(self._due):
            try:
                done += await self._run(work)
            except Exception:
                log.exception("tick.failed", work=work.name)
        self._ticked = time.monotonic()
        return done

    def age(self) -> float | None:
        """Real seconds since the last tick that went through; None before the first one."""
        return None if self._ticked is None else time.monotonic() - self._ticked

    async def next_at(self) -> datetime | None:
        """The earliest instant at which something comes due."""
        return await self._db.read(lambda tx: min(filter(None, (w.next_at(tx) for w in self._works)), default=None))

    def _due(self, tx: Tx) -> list[DueWork]:
        """Look without the right to write: most ticks find nothing, and disturb nobody."""
        return [work for work in self._works if (at := work.next_at(tx)) is not None and at <= tx.now]

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
                log.exception("tick.row_failed", work=work.name, row=row_id)
                await self._db.write_behind(
                    Patience.DUE, _trouble, work.name, row_id, f"{type(error).__name__}: {error}"
                )
        return len(ids)


def _trouble(tx: Tx, work: str, row_id: int, error: str) -> None:
    trouble = tx.session.get(Trouble, (work, row_id)) or Trouble(work=work, row_id=row_id)
    trouble.failures += 1
    trouble.error = error[:2000]
    trouble.retry_at = tx.now + timedelta(seconds=2**trouble.failures) if trouble.failures < PARK_AFTER else None
    tx.session.add(trouble)
    if trouble.retry_at is None:
        log.error("tick.parked", work=work, row=row_id, error=error)
