"""Every query about freezes and exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.freezes.models import Freeze, FreezeException

if TYPE_CHECKING:
    from callboard.core.db import Tx


def freezes(tx: Tx, plan_id: int) -> Sequence[Freeze]:
    """The freezes of a plan."""
    asked = select(Freeze).where(Freeze.plan_id == plan_id, ~col(Freeze.gone)).order_by(col(Freeze.from_at))
    return tx.session.exec(asked).all()


def every_freeze(tx: Tx, plan_id: int) -> Sequence[Freeze]:
    """The same with those that have left the plan."""
    return tx.session.exec(select(Freeze).where(Freeze.plan_id == plan_id)).all()


def freeze(tx: Tx, freeze_id: int) -> Freeze | None:
    """One freeze."""
    return tx.session.get(Freeze, freeze_id)


def exceptions(tx: Tx, plan_id: int, freeze_id: int | None = None) -> Sequence[FreezeException]:
    """The exceptions that were asked for, of one freeze or of all of a plan, oldest first."""
    asked = select(FreezeException).where(FreezeException.plan_id == plan_id).order_by(col(FreezeException.id))
    return tx.session.exec(asked if freeze_id is None else asked.where(FreezeException.freeze_id == freeze_id)).all()


def exception(tx: Tx, number: int, *, lock: bool = False) -> FreezeException | None:
    """One exception."""
    asked = select(FreezeException).where(FreezeException.id == number)
    locked = asked.with_for_update().execution_options(populate_existing=True)
    return tx.session.exec(locked if lock else asked).first()
