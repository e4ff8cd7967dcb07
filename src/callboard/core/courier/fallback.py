"""Pages that no medium has accepted in time: whoever knows other ways to the person is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.core.outbox import Delivery, PagesUnaccepted
from callboard.core.ticks import rows_due

if TYPE_CHECKING:
    from callboard.core.db import Tx

STUCK_AFTER = timedelta(minutes=5)


def fall_back(tx: Tx, ids: Sequence[int]) -> None:
    """Tell whoever knows other ways to the person; each page falls back once.

    A page that no medium has refused yet is only waiting for its turn: it gets some minutes more.
    """
    pages = tx.session.exec(
        select(Delivery).where(col(Delivery.id).in_(ids), col(Delivery.fallback_at).is_not(None))
    ).all()
    unaccepted = []
    for page in pages:
        refused = page.error or page.delayed_until or page.doubtful_since
        if refused or page.due_at + STUCK_AFTER <= tx.now:
            unaccepted.append(page)
            page.fallback_at = None
        else:
            page.fallback_at = page.due_at + STUCK_AFTER
        tx.session.add(page)
    tx.session.flush()
    if unaccepted:
        tx.publish(PagesUnaccepted(unaccepted))


work = rows_due("pages unaccepted", fall_back, Delivery.id, Delivery.fallback_at)
