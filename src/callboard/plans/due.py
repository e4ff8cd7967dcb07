"""What comes due in a plan: phases begin, and what waits for that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.core.ticks import rows_due
from callboard.plans import holds
from callboard.plans.models import Hold

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _begin(tx: Tx, ids: Sequence[int]) -> None:
    """Lift the holds by phases that begin now; one that is held itself does not begin."""
    for hold in tx.session.exec(select(Hold).where(col(Hold.id).in_(ids), col(Hold.lifted_at).is_(None))).all():
        holds.lift(tx, hold.plan_id, target=hold.target, by=hold.by, reason=f"{hold.by} has begun")


phases_begin = rows_due("holds", _begin, Hold.id, Hold.due_at, holds.unhindered())
