"""Every SELECT of rehearsals."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.glance import NOW
from callboard.preflight.rehearsal.models import Rehearsal, State

AT_ONCE = 4


def locked(tx: Tx, plan_id: int) -> Rehearsal | None:
    """The rehearsal of a plan, held until the end of the transaction."""
    return tx.session.exec(select(Rehearsal).where(Rehearsal.plan_id == plan_id).with_for_update()).first()


def rehearsal(tx: Tx, number: int) -> Rehearsal | None:
    return tx.get(Rehearsal, number)


def held(tx: Tx, number: int) -> Rehearsal | None:
    """One rehearsal, held until the end of the transaction."""
    return tx.get(Rehearsal, number, lock=True)


def waiting(tx: Tx) -> Sequence[int]:
    """Those that nobody reads just now."""
    wanted = select(Rehearsal.id).where(*_FREE).order_by(col(Rehearsal.id)).limit(AT_ONCE)
    return [number for number in tx.session.execute(wanted, {"now": tx.now}).scalars() if number is not None]


_UNREAD = or_(col(Rehearsal.leased_until).is_(None), col(Rehearsal.leased_until) <= NOW)
_FREE = (col(Rehearsal.state) == State.WAITING, _UNREAD)
WAITING = select_columns(NOW).where(exists().where(*_FREE))
"""At once, while nobody reads one that waits."""
