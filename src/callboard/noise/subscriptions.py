"""A message was folded: the one that tells it is sent, edited, or sent anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.outbox import Delivery, DeliveryFolded
from callboard.noise import budget, notices, store
from callboard.teams.directory import Person

ANEW_AFTER = timedelta(minutes=10)
OLD_AFTER = store.HOUR


def tell_folded(tx: Tx, event: DeliveryFolded) -> None:
    """What one event caused is told at once. The rest is edited into the live summary of its reader.

    An edit alerts nobody: a summary is posted anew for a new matter, for an old summary, and when it is time to remind.
    """
    delivery, reader = event.delivery, budget.reader(tx, event.delivery)
    if reader is None:
        return
    if delivery.cause:
        delivery.told_by = notices.bundle(tx, delivery, reader)
    else:
        delivery.told_by = _summary(tx, delivery, reader)
    tx.session.flush()
    outbox.show(tx, delivery.told_by)


def _summary(tx: Tx, delivery: Delivery, reader: Person) -> str:
    """The key of the summary that tells a message from now on; another one follows it in time."""
    shown, coming = store.summaries(tx, delivery)
    at = _anew_at(tx, delivery, shown)
    if coming is not None:
        coming.due_at = min(coming.due_at, at or coming.due_at)
    elif at is not None:
        key = notices.summary(tx, delivery, reader, shown, at)
        return shown.key if shown else key
    return (shown or coming).key  # type: ignore[union-attr]


def _anew_at(tx: Tx, delivery: Delivery, shown: Delivery | None) -> datetime | None:
    """When a summary is posted anew that tells one more message; None where an edit of the one shown does."""
    last = shown.posted_at if shown else None
    earliest = max(tx.now, last + ANEW_AFTER) if last else tx.now
    if store.reminds(delivery):
        a_day_later = last + store.DAY if last and store.is_daily(delivery) else None
        lately = store.reminders(tx, delivery, tx.now - store.DAY)
        return max(earliest, a_day_later or budget.next_reminder(lately))
    young = last is not None and last + OLD_AFTER > tx.now
    known = shown and any(matter.newest.subject == delivery.subject for matter in notices.told(tx, shown))
    return None if known and young else earliest
