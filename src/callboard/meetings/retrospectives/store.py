"""Every query about retrospectives, whom they ask, and what people answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BindParameter, bindparam
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.meetings.retrospectives.models import Line, Retrospective, Seat
from callboard.plans.models import Hold, PlanVersion

WATCH = "retrospectives"

_OF_ONE: BindParameter[int] = bindparam("retrospective")
OF_PLAN = (
    select(Retrospective)
    .where(col(Retrospective.plan_id) == bindparam("plan"))
    .order_by(col(Retrospective.at).desc(), col(Retrospective.id).desc())
)
SEATS = select(Seat).where(col(Seat.retrospective_id) == _OF_ONE).order_by(col(Seat.id))
LINES = select(Line).where(col(Line.retrospective_id) == _OF_ONE).order_by(col(Line.id))
FIRST_APPLIED = select(PlanVersion.at).where(col(PlanVersion.plan_id) == bindparam("plan"), PlanVersion.number == 1)


def retrospective(tx: Tx, number: int, *, lock: bool = False) -> Retrospective | None:
    return tx.get(Retrospective, number, lock=lock)


def retrospectives(tx: Tx, plan_id: int) -> Sequence[Retrospective]:
    """All of a plan, newest first: one for each phase at most."""
    return tx.session.exec(OF_PLAN, params={"plan": plan_id}).all()


def seat(tx: Tx, number: int) -> Seat | None:
    return tx.get(Seat, number)


def seats(tx: Tx, retrospective: int) -> Sequence[Seat]:
    return tx.session.exec(SEATS, params={"retrospective": retrospective}).all()


def line(tx: Tx, number: int, *, lock: bool = False) -> Line | None:
    return tx.get(Line, number, lock=lock)


def lines(tx: Tx, retrospective: int) -> Sequence[Line]:
    return tx.session.exec(LINES, params={"retrospective": retrospective}).all()


def of_task(tx: Tx, plan_id: int, task: str) -> Sequence[int]:
    """The retrospectives in which a line became this task."""
    wanted = select(Line.retrospective_id).where(Line.plan_id == plan_id, Line.task == task)
    return tx.session.exec(wanted).all()


def first_applied(tx: Tx, plan_id: int) -> datetime | None:
    """When the plan was applied for the first time."""
    return tx.session.exec(FIRST_APPLIED, params={"plan": plan_id}).first()


def was_held(tx: Tx, plan_id: int, phase: str, at: datetime) -> bool:
    """Whether a phase was on hold at an instant, by what was lifted later."""
    wanted = select(Hold.id).where(
        Hold.plan_id == plan_id, Hold.target == phase, Hold.placed_at <= at, col(Hold.lifted_at) > at
    )
    return tx.session.exec(wanted.limit(1)).first() is not None
