"""Every query about meetings, lessons, kudos and awards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.meetings.models import Award, Kudos, Lesson, Meeting

R = TypeVar("R", bound=Lesson | Kudos | Award)
ANNOUNCING, AWARDING = "meetings announced", "awards"


def meeting(tx: Tx, number: int, *, lock: bool = False) -> Meeting | None:
    return tx.session.get(Meeting, number, with_for_update=lock, populate_existing=lock)


def meetings(tx: Tx, plan_id: int, limit: int | None = None) -> Sequence[Meeting]:
    """All that were announced, or the last of them, newest first."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc(), col(Meeting.id)).limit(limit)).all()


def since(tx: Tx, plan_id: int, keys: Collection[str], at: datetime) -> Sequence[Meeting]:
    """Those of some keys that were to begin since a moment."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id, col(Meeting.at) >= at, col(Meeting.key).in_(keys))
    return tx.session.exec(wanted.order_by(col(Meeting.at))).all()


def latest(tx: Tx, plan_id: int, key: str, until: datetime) -> Meeting | None:
    """The last meeting of a key that was announced for a moment or before."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id, Meeting.key == key, Meeting.at <= until)
    return tx.session.exec(wanted.order_by(col(Meeting.at).desc()).limit(1)).first()


def remark(tx: Tx, kind: type[R], plan_id: int, number: int) -> R | None:
    """A lesson, kudos or an award of a plan, locked."""
    row = tx.session.get(kind, number, with_for_update=True, populate_existing=True)
    return row if row and row.plan_id == plan_id else None


def remarks(
    tx: Tx, kind: type[R], plan_id: int, since: datetime | None = None, limit: int | None = None, *,
    withdrawn: bool = False,
) -> Sequence[R]:  # fmt: skip
    """Lessons, kudos or awards of a plan, newest first; those that were withdrawn only when asked for."""
    wanted = select(kind).where(kind.plan_id == plan_id)
    if since is not None:
        wanted = wanted.where(col(kind.at) > since)
    if not withdrawn:
        wanted = wanted.where(col(kind.withdrawn_at).is_(None))
    return tx.session.exec(wanted.order_by(col(kind.at).desc(), col(kind.id).desc()).limit(limit)).all()
