"""Pages that no medium has accepted in time: whoever knows other ways to the person is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.core.outbox import Delivery, PagesUnaccepted
from callboard.core.ticks import DueWork, hindered, soonest

if TYPE_CHECKING:
    from callboard.core.db import Tx

UNACCEPTED = "pages unaccepted"
STUCK_AFTER = timedelta(minutes=5)


def unaccepted_pages(tx: Tx, limit: int) -> Sequence[int]:
    """Ids of pages that no medium has accepted by the instant they were to fall back."""
    ids = tx.session.exec(
        select(Delivery.id)
        .where(col(Delivery.fallback_at) <= tx.now, ~hindered(UNACCEPTED, Delivery.id, tx.now))
        .order_by(col(Delivery.fallback_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [i for i in ids if i is not None]


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


def next_fall_back(tx: Tx) -> datetime | None:
    """When the next page falls back."""
    return soonest(tx, UNACCEPTED, Delivery.id, Delivery.fallback_at)


work = DueWork(UNACCEPTED, unaccepted_pages, fall_back, next_fall_back)
