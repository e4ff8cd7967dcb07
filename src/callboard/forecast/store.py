"""Every SELECT of forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import literal_column
from sqlmodel import col, select

from callboard.core import leases
from callboard.core.db import Tx
from callboard.core.retention import Sweep
from callboard.forecast.models import OVER, Course, Forecast
from callboard.plans import store as plans

LATEST = 20
"""So many plans that are over tell what is usual."""


def course(tx: Tx, plan_id: int) -> Course | None:
    """The course of a plan; None before its first apply."""
    return tx.session.exec(select(Course).where(Course.plan_id == plan_id)).first()


def numbered(tx: Tx, number: int) -> Course | None:
    return tx.get(Course, number, fresh=True)


def before(tx: Tx, plan_id: int) -> Sequence[Course]:
    """The courses of the plans of the same workspace that ended last."""
    return tx.session.exec(select(Course).where(col(Course.plan_id).in_(plans.ended(tx, plan_id, LATEST)))).all()


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
    """One forecast of each case that is over, of this plan and those of its workspace that ended last."""
    some = [plan_id, *plans.ended(tx, plan_id, LATEST)]
    wanted = select(Forecast).where(col(Forecast.plan_id).in_(some), col(Forecast.counted_at).is_not(None))
    return tx.session.exec(wanted.order_by(col(Forecast.id))).all()


def due(tx: Tx) -> Sequence[int]:
    """The courses whose time has come and that no process has."""
    return leases.due(tx, Course)


def claim(tx: Tx, number: int, until: datetime) -> bool:
    """Keep other processes from computing it until then; whether it was free."""
    return leases.claim(tx, Course, number, until)


WAITING = leases.waiting(Course)
"""When one may be computed next: not while another process has it."""
_ROW = Forecast.__table__.c  # type: ignore[attr-defined]
SWEEPS = (Sweep(_ROW.over_at, (literal_column(OVER),)),)
"""Nobody asks again for what was not the one of its case that counts."""
