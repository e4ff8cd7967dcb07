"""Every query about meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.meetings.models import Meeting

if TYPE_CHECKING:
    from callboard.core.db import Tx

ANNOUNCING = "meetings announced"


def meeting(tx: Tx, number: int, *, lock: bool = False) -> Meeting | None:
    return tx.session.get(Meeting, number, with_for_update=lock, populate_existing=lock)


def held_at(tx: Tx, plan_id: int, key: str, at: datetime) -> Meeting | None:
    """The meeting of a key at a moment, if it was announced."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id, Meeting.key == key, Meeting.at == at)
    return tx.session.exec(wanted).first()


def meetings(tx: Tx, plan_id: int) -> Sequence[Meeting]:
    """All that were announced, newest first."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc(), col(Meeting.id))).all()


def before(tx: Tx, row: Meeting) -> Meeting | None:
    """The same meeting, last time."""
    wanted = select(Meeting).where(Meeting.plan_id == row.plan_id, Meeting.key == row.key, Meeting.at < row.at)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc()).limit(1)).first()
