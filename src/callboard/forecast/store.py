"""Every SELECT of forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, update
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.forecast.models import Course, Forecast


def course(tx: Tx, plan_id: int) -> Course | None:
    """The course of a plan; None before its first apply."""
    return tx.session.exec(select(Course).where(Course.plan_id == plan_id)).first()


def numbered(tx: Tx, number: int) -> Course | None:
    return tx.session.get(Course, number, populate_existing=True)


def newest(tx: Tx, plan_id: int) -> Sequence[Forecast]:
    """The forecasts that were made last, in the order in which they are due; none where there was none yet."""
    known = course(tx, plan_id)
    if known is None or known.at is None:
        return ()
    wanted = select(Forecast).where(Forecast.plan_id == plan_id, Forecast.at == known.at)
    return tx.session.exec(wanted.order_by(col(Forecast.id))).all()


def of(tx: Tx, plan_id: int, kind: str, key: str) -> Forecast | None:
    """The newest forecast of a gate or phase."""
    return next((row for row in newest(tx, plan_id) if (row.kind, row.key) == (kind, key)), None)


def open_of(tx: Tx, plan_id: int, key: str) -> Sequence[Forecast]:
    """The forecasts of a gate of which nobody knew when it would be over."""
    wanted = select(Forecast).where(Forecast.plan_id == plan_id, Forecast.key == key, col(Forecast.over_at).is_(None))
    return tx.session.exec(wanted.order_by(col(Forecast.id))).all()


def counted(tx: Tx, plan_id: int) -> Sequence[Forecast]:
    """One forecast of each case that is over."""
    wanted = select(Forecast).where(Forecast.plan_id == plan_id, col(Forecast.counted_at).is_not(None))
    return tx.session.exec(wanted.order_by(col(Forecast.id))).all()


def due(tx: Tx) -> Sequence[int]:
    wanted = select(Course.id).where(*_is_due(tx)).order_by(col(Course.next_at)).limit(20)
    return [number for number in tx.session.exec(wanted) if number is not None]


def claim(tx: Tx, number: int, until: datetime) -> bool:
    """Keep other processes from computing it until then; whether it was free."""
    claiming = update(Course).where(col(Course.id) == number, *_is_due(tx))
    claimed = tx.connection.execute(claiming.values(leased_until=until, fence=col(Course.fence) + 1))
    return bool(claimed.rowcount)


def next_at(tx: Tx) -> datetime | None:
    """When one may be computed next: not while another process has it."""
    leased = case((col(Course.leased_until) > col(Course.next_at), col(Course.leased_until)))
    found: datetime | None = tx.session.exec(select(func.min(func.coalesce(leased, Course.next_at)))).one()
    return found


def _is_due(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    free = or_(col(Course.leased_until).is_(None), col(Course.leased_until) <= tx.now)
    return col(Course.next_at) <= tx.now, free
