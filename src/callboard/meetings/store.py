"""Every query about meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func
from sqlmodel import col, select

from callboard.core.ticks import hindered
from callboard.meetings.models import Meeting

if TYPE_CHECKING:
    from callboard.core.db import Tx

ANNOUNCING, MEETINGS = "meetings announced", "meetings"


def meeting(tx: Tx, number: int, *, lock: bool = False) -> Meeting | None:
    """One meeting."""
    wanted = select(Meeting).where(Meeting.id == number)
    locked = wanted.with_for_update().execution_options(populate_existing=True)
    return tx.session.exec(locked if lock else wanted).first()


def held_at(tx: Tx, plan_id: int, key: str, at: datetime) -> Meeting | None:
    """The meeting of a key at a moment."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id, Meeting.key == key, Meeting.at == at)
    return tx.session.exec(wanted).first()


def meetings(tx: Tx, plan_id: int) -> Sequence[Meeting]:
    """All that were announced, the newest first."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc(), col(Meeting.id))).all()


def before(tx: Tx, one: Meeting) -> Meeting | None:
    """The same meeting, the last time."""
    wanted = select(Meeting).where(Meeting.plan_id == one.plan_id, Meeting.key == one.key, Meeting.at < one.at)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc()).limit(1)).first()


def due(tx: Tx, limit: int) -> Sequence[int]:
    """Meetings that are over now, held until the end of the transaction."""
    wanted = select(Meeting.id).where(col(Meeting.next_at) <= tx.now, ~hindered(MEETINGS, Meeting.id, tx.now))
    claimed = wanted.order_by(col(Meeting.next_at)).limit(limit).with_for_update(skip_locked=True)
    return [number for number in tx.session.exec(claimed) if number is not None]


def next_due(tx: Tx) -> datetime | None:
    """When the next one is over."""
    return tx.session.exec(select(func.min(Meeting.next_at)).where(~hindered(MEETINGS, Meeting.id, tx.now))).one()
