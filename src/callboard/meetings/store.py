"""Every query about meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.meetings.models import Meeting

ANNOUNCING = "meetings announced"


def meeting(tx: Tx, number: int, *, lock: bool = False) -> Meeting | None:
    return tx.session.get(Meeting, number, with_for_update=lock, populate_existing=lock)


def meetings(tx: Tx, plan_id: int, limit: int | None = None) -> Sequence[Meeting]:
    """All that were announced, or the last of them, newest first."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc(), col(Meeting.id)).limit(limit)).all()


def latest(tx: Tx, plan_id: int, key: str, until: datetime) -> Meeting | None:
    """The last meeting of a key that was announced for a moment or before."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id, Meeting.key == key, Meeting.at <= until)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc()).limit(1)).first()
