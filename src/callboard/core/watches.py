"""Watches over a plan's calendar: each wakes when the next thing comes, and knows until when it has looked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, UniqueConstraint, and_
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from callboard.core.db import Instant
from callboard.core.ticks import DueWork, rows_due
from callboard.core.timeline import BigId

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOMENT = timedelta(microseconds=1)
Attend = Callable[["Tx", int, datetime], datetime | None]
"""Does what came in a plan since an instant, and returns when the next thing comes."""


class Watch(SQLModel, table=True):
    """One kind of thing in one plan. All of it up to `seen_until` is on record; at `wake_at` somebody looks again."""

    __tablename__ = "watches"
    __table_args__ = (UniqueConstraint("plan_id", "name"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    name: str
    seen_until: datetime = Field(sa_type=Instant)
    wake_at: datetime | None = Field(default=None, sa_type=Instant, index=True)


WATCHES = Watch.__table__  # type: ignore[attr-defined]


def keep(tx: Tx, plan_id: int, name: str) -> None:
    """Watch a plan from now on; what came before is not done."""
    tx.flush()
    tx.insert_new(WATCHES, plan_id=plan_id, name=name, seen_until=tx.now - MOMENT, wake_at=tx.now)
    row = tx.session.exec(_locked(and_(col(Watch.plan_id) == plan_id, col(Watch.name) == name))).one()
    row.wake_at = tx.now
    tx.session.add(row)
    tx.session.flush()


def again(name: str) -> Callable[[Tx, Any], None]:
    """What happens when a plan changes: whoever keeps an eye on it looks again. Subscribes to events with `plan_id`."""
    return lambda tx, event: keep(tx, event.plan_id, name)


def work(name: str, attend: Attend) -> DueWork:
    """What comes due with everything of one name."""

    def handle(tx: Tx, numbers: Sequence[int]) -> None:
        for number in numbers:
            row = tx.session.exec(_locked(col(Watch.id) == number)).first()
            if row is None or row.wake_at is None or row.wake_at > tx.now:
                continue
            row.wake_at = attend(tx, row.plan_id, row.seen_until)
            row.seen_until = tx.now
            tx.session.add(row)
            tx.session.flush()

    return rows_due(name, handle, Watch.id, Watch.wake_at, col(Watch.name) == name)


def _locked(which: ColumnElement[bool]) -> SelectOfScalar[Watch]:
    return select(Watch).where(which).with_for_update().execution_options(populate_existing=True)
