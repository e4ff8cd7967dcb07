"""Every query about retrospectives, whom they ask, and what people answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.meetings.retrospectives.models import Line, Retrospective, Seat
from callboard.plans.models import Hold, PlanVersion

WATCH = "retrospectives"


def retrospective(tx: Tx, number: int, *, lock: bool = False) -> Retrospective | None:
    return tx.session.get(Retrospective, number, with_for_update=lock, populate_existing=lock)


def retrospectives(tx: Tx, plan_id: int) -> Sequence[Retrospective]:
    """All of a plan, newest first: one for each phase at most."""
    wanted = select(Retrospective).where(Retrospective.plan_id == plan_id)
    return tx.session.exec(wanted.order_by(col(Retrospective.at).desc(), col(Retrospective.id).desc())).all()


def seat(tx: Tx, number: int) -> Seat | None:
    return tx.session.get(Seat, number)


def seats(tx: Tx, retrospective: int) -> Sequence[Seat]:
    return tx.session.exec(select(Seat).where(Seat.retrospective_id == retrospective).order_by(col(Seat.id))).all()


def line(tx: Tx, number: int, *, lock: bool = False) -> Line | None:
    return tx.session.get(Line, number, with_for_update=lock, populate_existing=lock)


def lines(tx: Tx, retrospective: int) -> Sequence[Line]:
    return tx.session.exec(select(Line).where(Line.retrospective_id == retrospective).order_by(col(Line.id))).all()


def of_task(tx: Tx, plan_id: int, task: str) -> Sequence[int]:
    """The retrospectives in which a line became this task."""
    wanted = select(Line.retrospective_id).where(Line.plan_id == plan_id, Line.task == task)
    return tx.session.exec(wanted).all()


def first_applied(tx: Tx, plan_id: int) -> datetime | None:
    """When the plan was applied for the first time."""
    wanted = select(PlanVersion.at).where(PlanVersion.plan_id == plan_id, PlanVersion.number == 1)
    return tx.session.exec(wanted).first()


def was_held(tx: Tx, plan_id: int, phase: str, at: datetime) -> bool:
    """Whether a phase was on hold at an instant, by what was lifted later."""
    wanted = select(Hold.id).where(
        Hold.plan_id == plan_id, Hold.target == phase, Hold.placed_at <= at, col(Hold.lifted_at) > at
    )
    return tx.session.exec(wanted.limit(1)).first() is not None
