"""Every query about meetings, lessons, kudos and awards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from callboard.core.db import Tx
from callboard.meetings.models import Meeting, Remark

R = TypeVar("R", bound=Remark)
ANNOUNCING, AWARDING = "meetings announced", "awards"
LATEST = (
    select(Meeting)
    .where(
        col(Meeting.plan_id) == bindparam("plan"), col(Meeting.key) == bindparam("named"),
        col(Meeting.at) <= bindparam("until"),
    )
    .order_by(col(Meeting.at).desc()).limit(1)
)  # fmt: skip


def meeting(tx: Tx, number: int, *, lock: bool = False) -> Meeting | None:
    return tx.get(Meeting, number, lock=lock)


def meetings(tx: Tx, plan_id: int, limit: int | None = None) -> Sequence[Meeting]:
    """All that were announced, or the last of them, newest first."""
    return tx.session.exec(_announced(limit), params={"plan": plan_id}).all()


@cache
def _announced(limit: int | None) -> SelectOfScalar[Meeting]:
    wanted = select(Meeting).where(col(Meeting.plan_id) == bindparam("plan"))
    return wanted.order_by(col(Meeting.at).desc(), col(Meeting.id)).limit(limit)


def since(tx: Tx, plan_id: int, keys: Collection[str], at: datetime) -> Sequence[Meeting]:
    """Those of some keys that were to begin since a moment."""
    wanted = select(Meeting).where(Meeting.plan_id == plan_id, col(Meeting.at) >= at, col(Meeting.key).in_(keys))
    return tx.session.exec(wanted.order_by(col(Meeting.at))).all()


def latest(tx: Tx, plan_id: int, key: str, until: datetime) -> Meeting | None:
    """The last meeting of a key that was announced for a moment or before."""
    return tx.session.exec(LATEST, params={"plan": plan_id, "named": key, "until": until}).first()


def series(tx: Tx, plan_id: int, key: str, until: datetime, count: int) -> Sequence[Meeting]:
    """So many of a key that were announced for a moment or before, the newest first."""
    return tx.session.exec(LATEST.limit(count), params={"plan": plan_id, "named": key, "until": until}).all()


def remark(tx: Tx, kind: type[R], plan_id: int, number: int) -> R | None:
    """A lesson, kudos or an award of a plan, locked."""
    row = tx.get(kind, number, lock=True)
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
