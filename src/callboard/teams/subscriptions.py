"""Messages that Slack did not take: pages go out by other ways, and coordinators hear of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.outbox import DeliveriesParked, Delivery, Medium, PagesUnaccepted, Priority
from callboard.teams import notices, service

if TYPE_CHECKING:
    from callboard.core.db import Tx

OWN = "teams."
"""Kinds that coordinators read: that these can't be sent is not told to them again."""


def on_pages_unaccepted(tx: Tx, event: PagesUnaccepted) -> None:
    """Slack has not taken these pages in time: they go out by the person's other ways."""
    _fall_back(tx, event.deliveries)


def on_parked(tx: Tx, event: DeliveriesParked) -> None:
    """Pages go out by other ways; coordinators hear of the rest, once a day for each address."""
    pages = [each for each in event.deliveries if each.priority == Priority.PAGE and each.recipient]
    _fall_back(tx, pages)
    for parked in event.deliveries:
        if parked not in pages and not parked.kind.startswith(OWN):
            notices.tell_parked(tx, parked)


def _fall_back(tx: Tx, pages: Iterable[Delivery]) -> None:
    for page in pages:
        directory = service.directory(tx, page.plan_id)
        person = directory.people.get(page.recipient or "")
        reach = directory.fall_back(person) if person and page.medium == Medium.SLACK else None
        if reach:
            outbox.enqueue(tx, [outbox.sent_again(page, reach, f"{page.key}:fallback")])
        elif not page.kind.startswith(OWN):
            notices.tell_unreached(tx, page)
