"""Work that came due, kept failing and was given up: coordinators hear of it, since nobody else looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from callboard.core.ticks import NOW, hindered, once_due
from callboard.planning import notices, store
from callboard.planning.models import TroubleNotice
from callboard.planning.store import TROUBLES, UNTOLD
from callboard.plans import service as plans

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _tell(tx: Tx) -> None:
    for trouble in store.untold(tx):
        tx.session.add(TroubleNotice(work=trouble.work, row_id=trouble.row_id, at=tx.now))
        for plan in plans.every(tx):
            notices.tell_trouble(tx, plan.id or 0, trouble)
    tx.session.flush()


troubles = once_due(TROUBLES, _tell, select(NOW).where(UNTOLD.exists(), ~hindered(TROUBLES, 1)))
