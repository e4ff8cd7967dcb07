"""Every query about freezes and exceptions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.freezes.models import Freeze, FreezeException


def freezes(tx: Tx, plan_id: int) -> list[Freeze]:
    """The freezes of a plan, in the order in which they begin."""
    return [freeze for freeze in every_freeze(tx, plan_id) if not freeze.gone]


def every_freeze(tx: Tx, plan_id: int) -> Sequence[Freeze]:
    """The same with those that have left the plan; what was lifted is history."""
    standing = or_(~col(Freeze.live), ~col(Freeze.gone))
    of_plan = select(Freeze).where(Freeze.plan_id == plan_id, standing)
    return tx.session.exec(of_plan.order_by(col(Freeze.from_at))).all()


def freeze(tx: Tx, freeze_id: int) -> Freeze | None:
    return tx.get(Freeze, freeze_id)


def exceptions(tx: Tx, freeze: Freeze) -> Sequence[FreezeException]:
    """The exceptions from a freeze that were asked for, oldest first."""
    asked = select(FreezeException).where(FreezeException.freeze_id == freeze.id)
    return tx.session.exec(asked.order_by(col(FreezeException.id))).all()


def exception(tx: Tx, number: int, *, lock: bool = False) -> FreezeException | None:
    return tx.get(FreezeException, number, lock=lock)


def known_exception(tx: Tx, number: int) -> FreezeException:
    """One that there must be."""
    return tx.get_one(FreezeException, number)
