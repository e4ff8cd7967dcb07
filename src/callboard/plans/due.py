"""What comes due in a plan: phases begin, and what waits for that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.core.ticks import DueWork, hindered, soonest
from callboard.plans import holds
from callboard.plans.models import Hold

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORK = "holds"


def _claim(tx: Tx, limit: int) -> Sequence[int]:
    """Holds by phases that begin now; one that is held itself does not begin."""
    waiting = select(Hold.id).where(holds.unhindered(), ~hindered(WORK, Hold.id, tx.now), col(Hold.due_at) <= tx.now)
    claimed = waiting.order_by(col(Hold.due_at)).limit(limit).with_for_update(skip_locked=True)
    return [i for i in tx.session.exec(claimed) if i is not None]


def _begin(tx: Tx, ids: Sequence[int]) -> None:
    for hold in tx.session.exec(select(Hold).where(col(Hold.id).in_(ids), col(Hold.lifted_at).is_(None))).all():
        holds.lift(tx, hold.plan_id, target=hold.target, by=hold.by, reason=f"{hold.by} has begun")


def _next_at(tx: Tx) -> datetime | None:
    return soonest(tx, WORK, Hold.id, Hold.due_at, holds.unhindered())


phases_begin = DueWork(WORK, _claim, _begin, _next_at)
