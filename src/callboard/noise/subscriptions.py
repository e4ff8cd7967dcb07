"""A message was folded: the one that tells it is sent, edited, or sent anew."""

from __future__ import annotations

from datetime import timedelta

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.outbox import Delivery, DeliveryFolded
from callboard.noise import budget, notices, store

ANEW_AFTER = timedelta(minutes=10)
OLD_AFTER = budget.HOUR


def tell_folded(tx: Tx, event: DeliveryFolded) -> None:
    """What one event caused is told at once. The rest is edited into the live summary of its reader.

    Only a new matter, or an old summary, has it posted anew: an edit alerts nobody.
    """
    delivery, reader = event.delivery, budget.reader(tx, event.delivery)
    if reader is None:
        return
    if delivery.cause:
        delivery.told_by = notices.bundle(tx, delivery, reader)
    else:
        live = store.newest(tx, delivery.plan_id, delivery.address)
        anew = live is None or _ends(tx, live, delivery)
        delivery.told_by = notices.summary(tx, delivery, reader, live, ANEW_AFTER) if anew else live.key  # type: ignore[union-attr]
    tx.session.flush()
    outbox.show(tx, delivery.told_by)


def _ends(tx: Tx, live: Delivery, delivery: Delivery) -> bool:
    """Whether a summary that was posted does no longer for one more message."""
    if live.posted_at is None:
        return live.state == "parked"
    known = any(matter.newest.subject == delivery.subject for matter in notices.told(tx, live))
    return not known or live.posted_at + OLD_AFTER <= tx.now
